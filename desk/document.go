package desk

import "context"

// KeepDocument records that a file was sent about a linked account, or about a
// stakeholder of it if one is named. Its id, owner and time are given here. A file of a
// type that is there already takes its place, under its id, so that nobody has
// more documents than there are types. It refuses NotFound for the account, then
// for the stakeholder of it.
func (d *Desk) KeepDocument(ctx context.Context, book BookID, account, stakeholder ID, doc Document) (Document, error) {
	owner := documentOwner(account, stakeholder)
	reads := []Ref{ref[Linked](account), refUnder[Document](owner)}
	if stakeholder != "" {
		reads = append(reads, ref[Stakeholder](stakeholder))
	}
	err := d.change(ctx, book, reads, func(c *change) error {
		if _, err := c.linked(account); err != nil {
			return err
		}
		if stakeholder != "" {
			if _, err := c.stakeholder(account, stakeholder); err != nil {
				return err
			}
		}
		all, err := under[Document](c, owner)
		if err != nil {
			return err
		}
		doc.ID, doc.Owner, doc.CreatedAt = "", owner, c.now
		for _, have := range all {
			if have.Type == doc.Type {
				doc.ID = have.ID
			}
		}
		if doc.ID == "" {
			doc.ID = c.NewID("doc")
		}
		c.Put(doc)
		return nil
	})
	return doc, err
}

// maxDocuments is more than there are types of them.
const maxDocuments = 100

// Documents are those of a linked account, or of a stakeholder of it if one is
// named, oldest first. It refuses as KeepDocument does.
func (d *Desk) Documents(ctx context.Context, book BookID, account, stakeholder ID) ([]Document, error) {
	var err error
	if stakeholder == "" {
		_, err = d.Linked(ctx, book, account)
	} else {
		_, err = d.Stakeholder(ctx, book, account, stakeholder)
	}
	if err != nil {
		return nil, err
	}
	return List[Document](ctx, d, Query{Book: book, Parent: documentOwner(account, stakeholder), Count: maxDocuments, Oldest: true})
}

func documentOwner(account, stakeholder ID) ID {
	if stakeholder != "" {
		return stakeholder
	}
	return account
}
