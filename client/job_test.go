package client_test

import (
	"testing"

	"wapas/client"
)

// A job is filled by pages, checked, started by its total, and its report read.
func TestJob(t *testing.T) {
	h, c := open(t)
	ctx := t.Context()
	id := pay(t, c, 49900)
	j, err := c.CreateJob(ctx, client.NewJob{What: "refund", Note: "The concert is off", Budget: 15000}, "job")
	if err != nil {
		t.Fatal(err)
	}
	rows := []client.NewJobRow{{Payment: id, Amount: 10000, Reference: "R-1", Notes: map[string]string{"seat": "12"}}, {Payment: id, Amount: 10000}, {Payment: "nobody"}}
	if j, err = c.AddJobRows(ctx, j.ID, 1, rows, ""); err != nil || j.Rows != 3 {
		t.Fatalf("filled it is %+v (%v)", j, err)
	}
	if _, err = c.AddJobRows(ctx, j.ID, 1, rows, ""); client.CodeOf(err) != "wrong_state" {
		t.Errorf("the same page once more: %v", err)
	}
	if _, err = c.PreviewJob(ctx, j.ID); err != nil {
		t.Fatal(err)
	}
	h.Advance(t, 0)
	if j, err = c.Job(ctx, j.ID); err != nil || j.State != "checked" || j.Left != 20000 || j.Preview.ToSource != 20000 || j.Bad != 1 || j.Twins != 1 {
		t.Fatalf("checked it is %+v (%v)", j, err)
	}
	if _, err = c.StartJob(ctx, j.ID, j.Left, "start"); err != nil {
		t.Fatal(err)
	}
	if j, err = c.PauseJob(ctx, j.ID); err != nil || j.State != "paused" {
		t.Errorf("paused it is %+v (%v)", j, err)
	}
	if j, err = c.ResumeJob(ctx, j.ID, nil, ""); err != nil || j.State != "running" {
		t.Errorf("resumed it is %+v (%v)", j, err)
	}
	h.Advance(t, 0)
	if j, err = c.Job(ctx, j.ID); err != nil || j.State != "paused" || j.Done != 1 || j.Moved != 10000 {
		t.Errorf("at its budget it is %+v (%v)", j, err)
	}
	if _, err := c.AgreeJob(ctx, j.ID, ""); client.CodeOf(err) != "wrong_state" {
		t.Errorf("nobody asked: %v", err)
	}
	if j, err = c.CancelJob(ctx, j.ID); err != nil || j.State != "cancelled" || j.Left != 10000 {
		t.Errorf("cancelled it is %+v (%v)", j, err)
	}
	var states []string
	for r, err := range c.JobRows(ctx, j.ID, false) {
		if err != nil {
			t.Fatal(err)
		}
		states = append(states, r.State)
	}
	if len(states) != 3 || states[0] != "done" || states[1] != "ready" || states[2] != "bad" {
		t.Errorf("the rows are %v", states)
	}
	for r, err := range c.JobRows(ctx, j.ID, true) {
		if err != nil || r.No != 3 || r.Refusal.Rule != "unknown_id" {
			t.Errorf("refused is %+v (%v)", r, err)
		}
	}
	for x, err := range c.Jobs(ctx) {
		if err != nil || x.ID != j.ID {
			t.Errorf("there is %+v (%v)", x, err)
		}
	}
}
