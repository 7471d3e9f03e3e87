package console

import "wapas/desk"

// The settings of a book and of its merchant's people.
func settingsPages() []page {
	return []page{
		{at: "GET /settings/keys", right: desk.RightSettings, show: showKeys},
		{at: "POST /settings/keys", right: desk.RightSettings, show: issueKey},
		{at: "POST /settings/keys/rotate", right: desk.RightSettings, show: rotateKey},
		{at: "POST /settings/keys/revoke", right: desk.RightSettings, show: revokeKey},
		{at: "GET /settings/terms", right: desk.RightSee, show: showTerms},
		{at: "GET /settings/terms/change", right: desk.RightSettings, show: showTermsForm},
		{at: "POST /settings/terms/change", right: desk.RightSettings, show: changeTerms},
		{at: "GET /settings/programme", right: desk.RightSee, show: showProgramme},
		{at: "POST /settings/programme", right: desk.RightSettings, show: setProgramme},
		{at: "GET /settings/people", right: desk.RightSettings, show: showPeople},
		{at: "POST /settings/people", right: desk.RightSettings, show: addPerson},
		{at: "GET /settings/people/{id}", right: desk.RightSettings, show: showPerson},
		{at: "POST /settings/people/{id}", right: desk.RightSettings, show: editPerson},
		{at: "POST /settings/people/{id}/disable", right: desk.RightSettings, show: disablePerson},
		{at: "POST /settings/people/{id}/enable", right: desk.RightSettings, show: enablePerson},
		{at: "POST /settings/people/{id}/password", right: desk.RightSettings, show: resetPassword},
		{at: "POST /settings/people/{id}/sign-out", right: desk.RightSettings, show: signOut},
		{at: "GET /settings/me", right: desk.RightSee, show: showMe},
		{at: "POST /settings/me", right: desk.RightSee, show: changeOwnPassword},
		{at: "POST /settings/me/sign-out", right: desk.RightSee, show: signOutEverywhere},
		{at: "GET /settings/audit", right: desk.RightActs, show: showAudit},
	}
}
