package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func (p *program) migrate() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "migrate",
		Short: "Bring the database's schema up to date",
		Long: `Bring the database's schema up to date. SQLite databases are brought up to date
whenever they are opened; on PostgreSQL it happens only here, or with
--migrate. Schemas only go forward: make a backup first.`,
		Example: `  wapas migrate --db postgres://wapas@localhost/wapas`,
		Args:    args(),
		RunE: func(c *cobra.Command, _ []string) error {
			p.flags["migrate"] = "true"
			cfg, err := p.load()
			if err != nil {
				return err
			}
			h, err := p.open(c.Context(), cfg, false)
			if err != nil {
				return err
			}
			if err := h.close(); err != nil {
				return err
			}
			if asJSON {
				return p.json(struct {
					DB string `json:"db"`
				}{masked(cfg.value["db"])})
			}
			_, err = fmt.Fprintf(p.out, "%s is up to date\n", masked(cfg.value["db"]))
			return err
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return p.with(c, "db")
}
