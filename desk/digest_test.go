package desk

import "testing"

// A request means the same after its type has changed, and two requests that
// differ anywhere never mean the same.
func TestDigest(t *testing.T) {
	type to struct{ Name, Note string }
	type before struct {
		ID     string
		Amount int64
		To     []to
		Speed  *string
	}
	type after struct {
		Amount int64
		Room   string // new
		ID     string
		Speed  *string
		To     []to
		Twice  bool // new
	}
	fast := "fast"
	old := Digest(before{"pay_1", 100, []to{{"a", ""}, {"b", "n"}}, &fast})
	if now := Digest(after{Amount: 100, ID: "pay_1", To: []to{{"a", ""}, {"b", "n"}}, Speed: &fast}); now != old {
		t.Errorf("%s, and %s after fields were added and moved", old, now)
	}
	// What was kept must be found again by later programs.
	if pinned := "eb861ee373445bb136313c4eb6dd0b5f92807952aaae9f4bb91fc7afa38c6f4a"; old != pinned {
		t.Errorf("the digest is %s, and was %s", old, pinned)
	}
	seen := map[string]any{}
	for _, v := range []any{
		nil, "", "a", 0, 1, -1, true, false, []string{}, []string{""}, []string{"a", "b"}, []string{"ab"}, []string{"a\"1:b"},
		map[string]string{}, map[string]string{"a": "b"}, map[string]string{"b": "a"}, map[string]any{"a": ID("b"), "c": nil},
		before{}, before{ID: "a"}, before{ID: "a", Amount: 1}, before{Amount: 1}, before{To: []to{{}}}, before{To: []to{{}, {}}}, before{To: []to{{Name: "a"}}}, before{To: []to{{Note: "a"}}},
		before{Speed: &fast}, before{Speed: new(string)}, []any{ID("1")}, []any{Mode("1")}, []any{[]any{}},
	} {
		d := Digest(v)
		if other, twice := seen[d]; twice && !(v == nil) {
			t.Errorf("%#v and %#v mean the same", v, other)
		}
		seen[d] = v
	}
	if Digest("a", "b") == Digest("ab") || Digest("a", "b") == Digest("b", "a") {
		t.Error("several values are told apart by where one ends")
	}
}
