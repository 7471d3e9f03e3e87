package client

import (
	"context"
	"iter"
	"net/url"
	"time"
)

// A Job is a long list of refunds or credits that is done as a whole.
type Job struct {
	ID         string    `json:"id"`
	What       string    `json:"what"`  // refund, credit
	State      string    `json:"state"` // draft, checking, checked, asked, running, paused, done, cancelled, failed
	Note       string    `json:"note"`
	By         string    `json:"by"`
	StartedBy  string    `json:"started_by"`
	AgreedBy   string    `json:"agreed_by"`
	Speed      string    `json:"speed"`
	ReverseAll bool      `json:"reverse_all"`
	Budget     int64     `json:"budget"`
	Rows       int64     `json:"rows"`
	Waiting    int64     `json:"waiting"`
	Bad        int64     `json:"bad"`
	Ready      int64     `json:"ready"`
	Done       int64     `json:"done"`
	Refused    int64     `json:"refused"`
	Twins      int64     `json:"twins"`
	Left       int64     `json:"left"`
	Moved      int64     `json:"moved"`
	Quoted     int64     `json:"quoted"`
	Preview    Preview   `json:"preview"`
	Reason     string    `json:"reason"`
	CreatedAt  time.Time `json:"created_at"`
	CheckedAt  time.Time `json:"checked_at"`
	StartedAt  time.Time `json:"started_at"`
	EndedAt    time.Time `json:"ended_at"`
}

// A Preview is what a job would do.
type Preview struct {
	ToSource int64 `json:"to_source"`
	ToWallet int64 `json:"to_wallet"`
	ToCredit int64 `json:"to_credit"`
	Fees     int64 `json:"fees"`
	Merchant int64 `json:"merchant"`
}

// A NewJob asks for an empty job.
type NewJob struct {
	What       string `json:"what"`
	Note       string `json:"note,omitempty"`
	Speed      string `json:"speed,omitempty"`
	ReverseAll bool   `json:"reverse_all,omitempty"`
	Budget     int64  `json:"budget,omitempty"`
}

// A NewJobRow is one thing that a job asks for. Of a refund say the Payment, by
// whatever names it; without an amount it is all that is left.
type NewJobRow struct {
	Payment   string            `json:"payment,omitempty"`
	Partner   string            `json:"partner_user_id,omitempty"`
	Contact   string            `json:"contact,omitempty"`
	Email     string            `json:"email,omitempty"`
	Purpose   string            `json:"purpose,omitempty"`
	Order     string            `json:"order,omitempty"`
	Amount    int64             `json:"amount,omitempty"`
	Reference string            `json:"reference,omitempty"`
	Notes     map[string]string `json:"notes,omitempty"`
}

// A JobRow is one thing that a job asks for, and what became of it.
type JobRow struct {
	No        int64  `json:"no"`
	Payment   string `json:"payment"`
	Partner   string `json:"partner_user_id"`
	State     string `json:"state"` // waiting, bad, ready, done, refused
	PaymentID string `json:"payment_id"`
	To        string `json:"to"`
	Asked     int64  `json:"asked"`
	Amount    int64  `json:"amount"`
	Reference string `json:"reference"`
	Twin      int64  `json:"twin"`
	MadeID    string `json:"made_id"`
	Refusal   struct {
		Code   string `json:"code"`
		Rule   string `json:"rule"`
		Field  string `json:"field"`
		Detail string `json:"detail"`
	} `json:"refusal"`
	EndedAt time.Time `json:"ended_at"`
}

// CreateJob makes an empty job, once for a key.
func (c *Client) CreateJob(ctx context.Context, in NewJob, key string) (j Job, err error) {
	err = c.post(ctx, "/jobs", key, in, &j)
	return j, err
}

// AddJobRows adds up to 1,000 rows, of which the first is to have the number
// first. A page that was added before is refused as wrong_state, and Job.Rows
// says where to go on.
func (c *Client) AddJobRows(ctx context.Context, id string, first int64, rows []NewJobRow, key string) (j Job, err error) {
	err = c.post(ctx, jobPath(id)+"/rows", key, map[string]any{"first": first, "rows": rows}, &j)
	return j, err
}

// PreviewJob has all rows of a job checked. It is over when Job says that its
// state is checked.
func (c *Client) PreviewJob(ctx context.Context, id string) (Job, error) {
	return c.jobDo(ctx, id, "preview", "", nil)
}

// StartJob starts a job that was checked. Total is what Left says.
func (c *Client) StartJob(ctx context.Context, id string, total int64, key string) (Job, error) {
	return c.jobDo(ctx, id, "start", key, map[string]any{"total": total})
}

// AgreeJob agrees to a start that another credential asked for.
func (c *Client) AgreeJob(ctx context.Context, id, key string) (Job, error) {
	return c.jobDo(ctx, id, "agree", key, nil)
}

// PauseJob stops a job before its next row; ResumeJob has it go on.
func (c *Client) PauseJob(ctx context.Context, id string) (Job, error) {
	return c.jobDo(ctx, id, "pause", "", nil)
}

// ResumeJob has a job go on. Budget, if it is not nil, is another one; zero is none.
func (c *Client) ResumeJob(ctx context.Context, id string, budget *int64, key string) (Job, error) {
	in := map[string]any{}
	if budget != nil {
		in["budget"] = *budget
	}
	return c.jobDo(ctx, id, "resume", key, in)
}

// CancelJob ends a job: what was done stays done.
func (c *Client) CancelJob(ctx context.Context, id string) (Job, error) {
	return c.jobDo(ctx, id, "cancel", "", nil)
}

// Job reads a job.
func (c *Client) Job(ctx context.Context, id string) (j Job, err error) {
	err = c.Get(ctx, jobPath(id), nil, &j)
	return j, err
}

// Jobs walks the jobs, newest first.
func (c *Client) Jobs(ctx context.Context) iter.Seq2[Job, error] {
	return All[Job](ctx, c, "/jobs", nil)
}

// JobRows walks the rows of a job in their order: its report. Refused says to
// walk only those that are bad or refused.
func (c *Client) JobRows(ctx context.Context, id string, refused bool) iter.Seq2[JobRow, error] {
	query := url.Values{"limit": {"1000"}}
	if refused {
		query.Set("refused", "true")
	}
	return All[JobRow](ctx, c, jobPath(id)+"/rows", query)
}

func jobPath(id string) string { return "/jobs/" + url.PathEscape(id) }

func (c *Client) jobDo(ctx context.Context, id, what, key string, in any) (j Job, err error) {
	err = c.post(ctx, jobPath(id)+"/"+what, key, in, &j)
	return j, err
}
