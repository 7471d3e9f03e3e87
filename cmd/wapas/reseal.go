package main

import (
	"context"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"wapas/desk"
)

func (p *program) keyReseal() *cobra.Command {
	var check, asJSON bool
	c := &cobra.Command{
		Use:   "reseal",
		Short: "Seal every secret under the new master key",
		Long: `Seal every secret that the database keeps under the first master key, so that
the older ones can be thrown away. To change the master key:

1. Make a new one: head -c 32 /dev/urandom | base64
2. Put it before the old one, with a comma (WAPAS_KEY=NEW,OLD) or a line end
   (in the key file) between them, and restart every server. They seal with the
   new key from now on, and open with both.
3. wapas key reseal, with the same keys, while the servers run. It can be
   broken off and run again.
4. wapas key reseal --check says whether anything is left. If not, take the old
   key away and restart the servers.

A backup opens with the keys of its day: keep the old key as long as the last
backup from before. Links to refunds that customers were sent, granted tokens
and addresses of payment pages are not kept, so they cannot be sealed anew: they
end when the old key is taken away.`,
		Example: `  wapas key reseal --check
  wapas key reseal`,
		Args: args(),
		RunE: p.sealed(func(ctx context.Context, h *house, _ []string) error {
			ring, ok := h.desk.Sealer.(*desk.Keyring)
			if !ok {
				return errNoKey
			}
			all, err := h.desk.Reseal(ctx, ring, check)
			if err != nil {
				return fmt.Errorf("%w\nWhat was sealed anew before this stays so; with the missing key, run it again", err)
			}
			var left int64
			type line struct {
				What     string `json:"what"`
				Secrets  int64  `json:"secrets"`
				Stale    int64  `json:"under_older_keys"`
				Resealed int64  `json:"resealed"`
			}
			lines := []line{}
			for _, s := range all {
				l := line{What: s.What, Secrets: s.Secrets}
				if check {
					l.Stale = s.Stale
				} else {
					l.Resealed = s.Stale
				}
				left += l.Stale
				lines = append(lines, l)
			}
			if asJSON {
				if err := p.json(lines); err != nil {
					return err
				}
			} else {
				w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
				fmt.Fprintln(w, "SECRETS OF\tALL\tUNDER OLDER KEYS\tSEALED ANEW")
				for _, l := range lines {
					fmt.Fprintf(w, "%s\t%d\t%d\t%d\n", l.What, l.Secrets, l.Stale, l.Resealed)
				}
				if err := w.Flush(); err != nil {
					return err
				}
			}
			if left > 0 {
				return fmt.Errorf("%d secrets are under older keys: wapas key reseal seals them anew", left)
			}
			return nil
		}),
	}
	c.Flags().BoolVar(&check, "check", false, "only count, and fail if anything is under an older key")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return p.with(c, "db", "key-file")
}
