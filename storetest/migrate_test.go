package storetest_test

import (
	"sync"
	"testing"

	"wapas/sqlstore"
	"wapas/storetest"
)

// Servers that start at once on an empty database all bring it up to date: each
// step is done by one of them.
func TestMigrateAtOnce(t *testing.T) {
	onEach(t, func(t *testing.T, e storetest.Engine) {
		address := e.New(t)
		var all sync.WaitGroup
		for range 3 {
			st := got(sqlstore.Open(t.Context(), address, sqlstore.Options{}))(t)
			t.Cleanup(func() { st.Close() })
			all.Go(func() {
				if err := st.Migrate(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	})
}
