package console

import (
	"strings"

	"wapas/desk"
	"wapas/dialect"
	"wapas/ledger"
)

// A connectPage says how programs call this book: where, with what, and a line to
// paste for each room.
type connectPage struct {
	Doors []doorway
}

// A doorway is a room as a client sees it.
type doorway struct {
	Room, Base string
	Keys       []keyLine
	Line       string // with places for what only its holder knows
	Whole      bool   // nothing is missing in the line
	Missing    string // what has to be there first
	Issues     bool   // a line that works makes a new token
}

// origin is the server's address, as whoever asks knows it.
func (q *visit) origin() string {
	if q.room.cfg.Host != "" {
		return strings.TrimSuffix(q.room.cfg.Host, "/")
	}
	scheme := "http"
	if q.TLS != nil || q.room.cfg.Secure {
		scheme = "https"
	}
	return scheme + "://" + q.Host
}

// doorways are the rooms, each with the first of its credentials.
func (q *visit) doorways() ([]doorway, error) {
	all, err := q.keyRooms()
	if err != nil {
		return nil, err
	}
	agents, err := desk.List[desk.Agent](q.Context(), q.desk(), desk.Query{Book: q.book.ID, Oldest: true, Count: 1})
	if err != nil {
		return nil, err
	}
	var doors []doorway
	for _, r := range all {
		d := doorway{Room: r.Room, Base: q.origin() + r.Kinds[0].Base}
		kind, t := r.Kinds[0], dialect.Trial{Base: q.origin(), Secret: "$SECRET"}
		if len(agents) > 0 {
			t.Agent = agents[0]
		}
		for _, k := range r.Keys {
			if k.State == "active" && k.kind.Kind == kind.Kind {
				d.Keys = append(d.Keys, k)
			}
		}
		bearer := len(kind.Parts("", "")) == 1
		d.Issues = bearer
		switch {
		case len(d.Keys) == 0 && !bearer:
			d.Missing = "There is no key for it yet."
		case r.Room == "eko" && len(agents) == 0:
			d.Missing = "It answers about agents, and there is none yet: wapas agent open makes one."
		}
		if len(d.Keys) > 0 {
			t.Name = d.Keys[0].Name
		}
		if d.Missing == "" && kind.Try != nil {
			d.Line = kind.Try(t)
		}
		doors = append(doors, d)
	}
	return doors, nil
}

func showConnect(q *visit) error {
	doors, err := q.doorways()
	if err != nil {
		return err
	}
	return q.show("connect", "Connect", connectPage{doors})
}

// showLine shows a line that works as it is: with the secret of the room's key,
// or, where that is kept nowhere, with a new token. It is written down.
func showLine(q *visit) error {
	room := q.value("room")
	doors, err := q.doorways()
	if err != nil {
		return err
	}
	for i := range doors {
		d := &doors[i]
		if d.Room != room || d.Missing != "" {
			continue
		}
		kind, secret, about := q.kinds(room)[0], "", desk.ID("")
		if d.Issues {
			before, err := q.desk().Claim(q.Context(), q.book.ID, q.once(room))
			if err != nil {
				return err
			}
			if before {
				return q.done("/sandbox/connect", "That line was shown once. Ask for another one.")
			}
			name, token := kind.Mint(q.book.Mode, "")
			if _, err := q.desk().Issue(q.Context(), desk.IssueRequest{Room: room, Book: q.book.ID, Name: name, Secret: []byte(token)}); err != nil {
				return err
			}
			secret = token
		} else {
			open, err := q.desk().Reveal(d.Keys[0].Credential)
			if err != nil {
				return err
			}
			secret, about = string(open), desk.ID(d.Keys[0].Name)
			if err := q.desk().Witness(q.Context(), q.book.ID, about); err != nil {
				return err
			}
		}
		d.Line, d.Whole = strings.ReplaceAll(d.Line, "$SECRET", secret), true
		return q.show("connect", "Connect", connectPage{doors})
	}
	return ledger.Refuse(ledger.NotFound, whyPage, "there is nothing to try in %s", roomOf(room))
}
