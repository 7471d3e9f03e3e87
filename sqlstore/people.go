package sqlstore

import (
	"context"
	"fmt"
	"slices"

	"wapas/desk"
	"wapas/ledger"
)

const (
	personCols  = "id merchant_id email name role password epoch created_at disabled_at last_seen"
	sessionCols = "id person_id epoch address created_at seen_at expires_at"
)

func personFields(p *desk.Person) []any {
	return []any{s(&p.ID), s(&p.Merchant), s(&p.Email), s(&p.Name), s(&p.Role), s(&p.Password), n(&p.Epoch), n(&p.CreatedAt), n(&p.DisabledAt), n(&p.LastSeen)}
}

func sessionFields(r *desk.Session) []any {
	return []any{s(&r.ID), s(&r.Person), n(&r.Epoch), s(&r.From), n(&r.CreatedAt), n(&r.SeenAt), n(&r.ExpiresAt)}
}

// AddPerson keeps a new person: Duplicate if somebody has the e-mail.
func (st *Store) AddPerson(ctx context.Context, p desk.Person) error {
	err := st.db.exec(ctx, []stmt{{
		sql:  "INSERT INTO people (" + listed(personCols) + ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
		args: values([]desk.Person{p}, personFields)[0],
	}})
	if err != nil && st.taken(err) {
		return &ledger.Error{Code: ledger.Duplicate, Err: err}
	}
	return err
}

// ChangePerson makes one change to a person's row while nobody else can change
// anybody of the merchant: all their rows are locked, in one order.
func (st *Store) ChangePerson(ctx context.Context, id desk.ID, do func(p *desk.Person, all []desk.Person) error) (desk.Person, error) {
	w, err := st.db.writer(ctx)
	if err != nil {
		return desk.Person{}, err
	}
	var all []desk.Person
	read := people("merchant_id = (SELECT merchant_id FROM people WHERE id = $1) ORDER BY id"+st.lock, &all, string(id))
	if err = w.run(ctx, []stmt{{sql: begin}, read}); err == nil && len(all) == 0 {
		err = ledger.Refuse(ledger.NotFound, desk.WhyUnknownPerson, "there is no person %s", id)
	}
	var p desk.Person
	if err == nil {
		p = all[slices.IndexFunc(all, func(p desk.Person) bool { return p.ID == id })]
		err = do(&p, all)
	}
	if err == nil {
		err = w.run(ctx, []stmt{{
			sql:  "UPDATE people SET name = $2, role = $3, password = $4, epoch = $5, disabled_at = $6 WHERE id = $1",
			args: []any{string(id), p.Name, string(p.Role), string(p.Password), p.Epoch, int64(p.DisabledAt)},
		}, {sql: commit}})
	}
	w.close(err == nil)
	return p, err
}

// people reads those that a condition names.
func people(where string, into *[]desk.Person, args ...any) stmt {
	return stmt{
		sql:  "SELECT " + listed(personCols) + " FROM people WHERE " + where,
		args: args,
		each: func(scan func(...any) error) error {
			var p desk.Person
			err := scan(personFields(&p)...)
			*into = append(*into, p)
			return err
		},
	}
}

func (st *Store) person(ctx context.Context, where, arg string) (*desk.Person, error) {
	var found []desk.Person
	if err := st.db.query(ctx, people(where, &found, arg)); err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

// Person finds a person by id; nil if there is none.
func (st *Store) Person(ctx context.Context, id desk.ID) (*desk.Person, error) {
	return st.person(ctx, "id = $1", string(id))
}

// PersonNamed finds a person by e-mail; nil if there is none.
func (st *Store) PersonNamed(ctx context.Context, email string) (*desk.Person, error) {
	return st.person(ctx, "email = $1", email)
}

// People lists those of a merchant, the oldest first.
func (st *Store) People(ctx context.Context, merchant desk.ID) ([]desk.Person, error) {
	var all []desk.Person
	err := st.db.query(ctx, people("merchant_id = $1 ORDER BY created_at, id", &all, string(merchant)))
	return all, err
}

// StartSession keeps a session.
func (st *Store) StartSession(ctx context.Context, r desk.Session) error {
	return st.db.exec(ctx, []stmt{{
		sql:  "INSERT INTO sessions (" + listed(sessionCols) + ") VALUES ($1, $2, $3, $4, $5, $6, $7)",
		args: values([]desk.Session{r}, sessionFields)[0],
	}})
}

// SeeSession keeps that a session was used. It does not wait for the disk.
func (st *Store) SeeSession(ctx context.Context, r desk.Session) error {
	return st.post(ctx,
		stmt{
			sql:  "UPDATE sessions SET seen_at = $2, expires_at = $3 WHERE id = $1",
			args: []any{r.ID, int64(r.SeenAt), int64(r.ExpiresAt)},
		},
		stmt{
			sql:  "UPDATE people SET last_seen = $2 WHERE id = $1 AND last_seen < $2",
			args: []any{string(r.Person), int64(r.SeenAt)},
		})
}

// EndSession ends a session, if there is one.
func (st *Store) EndSession(ctx context.Context, id string) error {
	return st.db.exec(ctx, []stmt{{sql: "DELETE FROM sessions WHERE id = $1", args: []any{id}}})
}

// SessionOf finds a session and whose it is; nil if there is none.
func (st *Store) SessionOf(ctx context.Context, id string) (*desk.Session, *desk.Person, error) {
	var found *desk.Session
	err := st.db.query(ctx, stmt{
		sql:  "SELECT " + listed(sessionCols) + " FROM sessions WHERE id = $1",
		args: []any{id},
		each: func(scan func(...any) error) error {
			found = new(desk.Session)
			return scan(sessionFields(found)...)
		},
	})
	if err != nil || found == nil {
		return nil, nil, err
	}
	p, err := st.Person(ctx, found.Person)
	if err == nil && p == nil {
		err = fmt.Errorf("session of %s, whom nobody knows", found.Person)
	}
	return found, p, err
}

// CountTry counts a try. Each is a transaction of its own, so that no two ever
// wait for each other's names.
func (st *Store) CountTry(ctx context.Context, name string, now, until ledger.Time) (tries int64, err error) {
	err = st.db.exec(ctx, []stmt{{
		sql: `INSERT INTO sign_ins (name, tries, until) VALUES ($1, 1, $2) ON CONFLICT (name) DO UPDATE SET
			tries = CASE WHEN sign_ins.until <= $3 THEN 1 ELSE sign_ins.tries + 1 END,
			until = CASE WHEN sign_ins.until <= $3 THEN excluded.until ELSE sign_ins.until END RETURNING tries`,
		args: []any{name, int64(until), int64(now)},
		each: func(scan func(...any) error) error { return scan(&tries) },
	}})
	return tries, err
}

// ForgiveTry takes a try back.
func (st *Store) ForgiveTry(ctx context.Context, name string) error {
	return st.db.exec(ctx, []stmt{{sql: "UPDATE sign_ins SET tries = tries - 1 WHERE name = $1 AND tries > 0", args: []any{name}}})
}

// Sweep deletes what has ended.
func (st *Store) Sweep(ctx context.Context, now ledger.Time) error {
	return st.post(ctx,
		stmt{sql: "DELETE FROM sessions WHERE expires_at <= $1", args: []any{int64(now)}},
		stmt{sql: "DELETE FROM sign_ins WHERE until <= $1", args: []any{int64(now)}})
}
