package server

import (
	"context"
	"encoding/json"
	"net/http"
	"sync/atomic"
	"time"

	"wapas/desk"
)

// A Version says what is running.
type Version struct {
	Version  string `json:"version"`
	Revision string `json:"revision"`
	Built    string `json:"built"`
	Go       string `json:"go"`
}

// A check is what /readyz says of one thing it needs.
type check struct {
	Name string `json:"name"`
	OK   bool   `json:"ok"`
	Why  string `json:"why,omitempty"`
}

// alive says that the process answers at all. It asks nobody else: a process
// is not helped by a restart when its database is away.
func alive() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, map[string]string{"status": "ok"})
	})
}

// ready says whether requests should be sent here: 200, or 503 with what is
// wrong. A server that was told to stop is the first to say no.
func ready(store desk.Store, draining *atomic.Bool, also func() error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 3*time.Second)
		defer cancel()
		checks := []check{{Name: "running", OK: !draining.Load()}}
		if !checks[0].OK {
			checks[0].Why = "told to stop: the requests under way are being finished"
		}
		db := check{Name: "database", OK: true}
		err := store.Check(ctx)
		if err == nil {
			err = store.Writable(ctx)
		}
		if err != nil {
			db.OK, db.Why = false, err.Error()
		}
		checks = append(checks, db)
		if also != nil {
			c := check{Name: "start", OK: true}
			if err := also(); err != nil {
				c.OK, c.Why = false, err.Error()
			}
			checks = append(checks, c)
		}
		status, word := http.StatusOK, "ready"
		for _, c := range checks {
			if !c.OK {
				status, word = http.StatusServiceUnavailable, "not ready"
			}
		}
		writeJSON(w, status, struct {
			Status string  `json:"status"`
			Checks []check `json:"checks"`
		}{word, checks})
	})
}

func version(v Version) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, http.StatusOK, v) })
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	enc.Encode(v) // the caller has gone if this fails
}
