package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

func (p *program) migrate() *cobra.Command {
	var asJSON bool
	var distribute string
	c := &cobra.Command{
		Use:   "migrate",
		Short: "Bring the database's schema up to date",
		Long: `Bring the database's schema up to date. SQLite databases are brought up to date
whenever they are opened; on PostgreSQL it happens only here, or with
--migrate. Schemas only go forward: make a backup first.

--distribute citus also spreads the tables over the nodes of a Citus cluster:
all that belongs to a book by its book, the rest as a copy on every node. What
is spread already stays as it is, so it is run again after an upgrade that adds
tables. Stop the servers while tables with rows in them are spread.`,
		Example: `  wapas migrate --db postgres://wapas@localhost/wapas
  wapas migrate --db postgres://wapas@coordinator/wapas --distribute citus`,
		Args: args(),
		RunE: func(c *cobra.Command, _ []string) error {
			if distribute != "" && distribute != "citus" {
				return usagef("--distribute knows citus, not %q", distribute)
			}
			p.flags["migrate"] = "true"
			cfg, err := p.load()
			if err != nil {
				return err
			}
			h, err := p.open(c.Context(), cfg, false)
			if err != nil {
				return err
			}
			var said struct {
				DB            string   `json:"db"`
				Distributed   []string `json:"distributed,omitempty"`
				Undistributed []string `json:"undistributed,omitempty"`
			}
			said.DB = masked(cfg.value["db"])
			if distribute != "" {
				said.Distributed, err = h.store.Distribute(c.Context())
			} else {
				said.Undistributed, err = h.store.Undistributed(c.Context())
			}
			if err := errors.Join(err, h.close()); err != nil {
				return err
			}
			if asJSON {
				return p.json(said)
			}
			fmt.Fprintf(p.out, "%s is up to date\n", said.DB)
			switch {
			case len(said.Distributed) > 0:
				fmt.Fprintf(p.out, "distributed: %s\n", strings.Join(said.Distributed, ", "))
			case distribute != "":
				fmt.Fprintln(p.out, "every table was distributed already")
			case len(said.Undistributed) > 0:
				fmt.Fprintf(p.out, "not distributed yet, unlike the other tables: %s. Run \"wapas migrate --distribute citus\"\n", strings.Join(said.Undistributed, ", "))
			}
			return nil
		},
	}
	c.Flags().StringVar(&distribute, "distribute", "", "spread the tables over a cluster's nodes: citus")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return p.with(c, "db")
}
