package storetest_test

import (
	"context"
	"sync"
	"testing"

	"wapas/desk"
	"wapas/ledger"
	"wapas/sqlstore"
	"wapas/storetest"
)

// A meeting is a store whose readers of people wait until all who are to come
// have read.
type meeting struct {
	desk.Store
	all *sync.WaitGroup
}

func (m meeting) People(ctx context.Context, merchant desk.ID) ([]desk.Person, error) {
	people, err := m.Store.People(ctx, merchant)
	m.all.Done()
	m.all.Wait()
	return people, err
}

// Two admins take each other's role away at once, each on a server of their own,
// and each while the other is still there: one of them is left.
func TestAdminsDemoteEachOther(t *testing.T) {
	onEach(t, func(t *testing.T, e storetest.Engine) {
		w := newTown(t, e)
		merchants := got(w.Store.Merchants(w.ctx))(t)
		var admins [2]desk.Person
		for i, email := range []string{"a@example.in", "b@example.in"} {
			admins[i] = got(w.AddPerson(w.ctx, desk.PersonRequest{Merchant: merchants[0].ID, Email: email, Role: desk.Admin, Password: "a horse and a battery"}))(t)
		}
		var all, done sync.WaitGroup
		all.Add(len(admins))
		var errs [2]error
		for i, other := range []desk.Person{admins[1], admins[0]} {
			d := &desk.Desk{Store: meeting{open(t, w.address, sqlstore.Options{Now: w.Now}), &all}, Now: w.Now, Log: w.Log}
			done.Go(func() {
				role := desk.Viewer
				_, errs[i] = d.EditPerson(w.ctx, other.ID, desk.PersonChange{Role: &role})
			})
		}
		done.Wait()
		left, refused := 0, 0
		for _, p := range got(w.People(w.ctx, merchants[0].ID))(t) {
			if p.May(desk.RightSettings) {
				left++
			}
		}
		for _, err := range errs {
			if e, ok := err.(*ledger.Error); ok && e.Why == desk.WhyLastAdmin {
				refused++
			}
		}
		if left != 1 || refused != 1 {
			t.Errorf("%d admins are left; they heard %v", left, errs)
		}
	})
}
