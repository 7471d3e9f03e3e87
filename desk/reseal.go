package desk

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// A Sealing counts secrets of one sort that are kept sealed.
type Sealing struct {
	What    string // credentials, endpoints, consents, messages
	Secrets int64
	Stale   int64 // of them, those found under another key than the ring's first
}

// Reseal seals every secret that is kept under the ring's first master key, so
// that the others can be thrown away. Servers may run meanwhile if their rings
// have the new key too; it can be broken off and made again. With look it only
// counts.
//
// What was sealed and is kept nowhere ends with its key: the links that
// customers follow, the tokens that were granted, the addresses of payment
// pages. So does the salt of a code that can no longer be shown.
//
// It fails with ErrWrongKey at a secret that none of the ring's keys opens;
// those before it stay sealed anew.
func (d *Desk) Reseal(ctx context.Context, ring *Keyring, look bool) ([]Sealing, error) {
	r := &resealer{desk: d, ring: ring, look: look}
	creds, err := r.credentials(ctx)
	if err != nil {
		return nil, err
	}
	books, err := d.Store.Books(ctx, BookQuery{})
	if err != nil {
		return nil, err
	}
	endpoints, consents, messages := Sealing{What: "endpoints"}, Sealing{What: "consents"}, Sealing{What: "messages"}
	for _, b := range books {
		if err := errors.Join(
			reseal(ctx, r, Query{Book: b.ID}, &endpoints, (*Endpoint).sealed),
			reseal(ctx, r, Query{Book: b.ID, Where: map[string]string{"state": consentOpen}}, &consents, (*Consent).sealed),
			reseal(ctx, r, Query{Book: b.ID, Where: map[string]string{"state": "waiting"}}, &messages, (*Message).sealed),
		); err != nil {
			return nil, err
		}
	}
	return []Sealing{creds, endpoints, consents, messages}, nil
}

// sealed calls do with each secret that the endpoint keeps.
func (e *Endpoint) sealed(do func(secret *string) error) error {
	past := strings.Fields(e.Past)
	for i, p := range past {
		last, secret, _ := strings.Cut(p, ":")
		if err := do(&secret); err != nil {
			return err
		}
		past[i] = last + ":" + secret
	}
	e.Past = strings.Join(past, " ")
	if e.Secret == "" {
		return nil
	}
	return do(&e.Secret)
}

// sealed is the salt, as long as the code can be shown.
func (r *Consent) sealed(do func(secret *string) error) error {
	if r.State != consentOpen {
		return nil
	}
	return do(&r.Salt)
}

// sealed is the text, until it is sent.
func (r *Message) sealed(do func(secret *string) error) error {
	if r.State != "waiting" {
		return nil
	}
	return do(&r.Text)
}

// A resealer goes through what is sealed.
type resealer struct {
	desk *Desk
	ring *Keyring
	look bool
}

// credentials lie outside the books. One that is ended meanwhile stays ended:
// only the secret is written.
func (r *resealer) credentials(ctx context.Context) (Sealing, error) {
	count := Sealing{What: "credentials"}
	merchants, err := r.desk.Store.Merchants(ctx)
	if err != nil {
		return count, err
	}
	for _, m := range merchants {
		creds, err := r.desk.Store.Credentials(ctx, m.ID)
		if err != nil {
			return count, err
		}
		for _, c := range creds {
			if len(c.Secret) == 0 { // a bearer token's is not kept
				continue
			}
			count.Secrets++
			if !r.ring.stale(c.Secret) {
				continue
			}
			count.Stale++
			if r.look {
				continue
			}
			fresh, err := r.ring.anew(c.Secret)
			if err != nil {
				return count, fmt.Errorf("seal the secret of %s anew: %w", c.Name, err)
			}
			if err := errors.Join(r.desk.Witness(ctx, c.Book, ID(c.Name)), r.desk.Store.ResealCredential(ctx, c.Room, c.Name, fresh)); err != nil {
				return count, err
			}
		}
	}
	return count, nil
}

// resealAtOnce are the rows of one change.
const resealAtOnce = 100

// reseal goes through the rows that a query names. What is stale is read again
// in the change that seals it anew, for somebody may have changed it meanwhile.
func reseal[R Row](ctx context.Context, r *resealer, q Query, count *Sealing, sealed func(row *R, do func(secret *string) error) error) error {
	for q.Oldest, q.Count = true, resealAtOnce; ; {
		page, err := List[R](ctx, r.desk, q)
		if err != nil || len(page) == 0 {
			return err
		}
		q.After = string(page[len(page)-1].RowID())
		var stale []Ref
		for _, row := range page {
			before := count.Stale
			err := sealed(&row, func(secret *string) error {
				count.Secrets++
				text, err := base64.StdEncoding.DecodeString(*secret)
				if r.ring.stale(text) {
					count.Stale++
				}
				return err
			})
			if err != nil {
				return fmt.Errorf("look at the secrets of %s: %w", row.RowID(), err)
			}
			if count.Stale > before {
				stale = append(stale, ref[R](row.RowID()))
			}
		}
		if r.look || len(stale) == 0 {
			continue
		}
		err = r.desk.change(Alone(ctx), q.Book, stale, func(c *change) error {
			for _, of := range stale {
				row, err := need[R](c, of.ID, "")
				if err != nil {
					return err
				}
				if err := sealed(&row, r.anew); err != nil {
					return fmt.Errorf("seal the secrets of %s anew: %w", of.ID, err)
				}
				c.Put(row)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
}

// anew seals a secret that is kept as a text under the first key.
func (r *resealer) anew(secret *string) error {
	sealed, err := base64.StdEncoding.DecodeString(*secret)
	if err != nil {
		return err
	}
	if r.ring.stale(sealed) {
		sealed, err = r.ring.anew(sealed)
		*secret = base64.StdEncoding.EncodeToString(sealed)
	}
	return err
}
