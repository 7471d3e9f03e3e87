package sqlstore

import "wapas/desk"

// tables are all kinds of rows there are, in the words of the schema
// (migrations/0001_books.sql).
var tables = byKind(
	define("terms", "", `id from_at programme allow_payout max_balance monthly_load monthly_usage monthly_spend
		payment_bps transfer_bps payout_bps instant_bps payment_flat transfer_flat payout_flat instant_flat
		interstate payout_fee_from_merchant min_refund available_after capture_within overdraft
		confirm_refunds unique_receipt use_refund_credits same_refund_guard
		| two_people_above remit_bps remit_flat commission_bps commission_flat tds_bps remit_max remit_monthly remit_consent consent_life`,
		func(r *desk.Terms) []any {
			return []any{s(&r.ID), n(&r.From), s(&r.Programme), b(&r.AllowPayout), n(&r.MaxBalance), n(&r.MonthlyLoad), n(&r.MonthlyUsage), n(&r.MonthlySpend),
				n(&r.PaymentBps), n(&r.TransferBps), n(&r.PayoutBps), n(&r.InstantBps), n(&r.PaymentFlat), n(&r.TransferFlat), n(&r.PayoutFlat), n(&r.InstantFlat),
				b(&r.Interstate), b(&r.PayoutFeeFromMerchant), n(&r.MinRefund), n(&r.AvailableAfter), n(&r.CaptureWithin), n(&r.Overdraft),
				b(&r.ConfirmRefunds), b(&r.UniqueReceipt), b(&r.UseRefundCredits), n(&r.SameRefundGuard), n(&r.TwoPeopleAbove),
				n(&r.RemitBps), n(&r.RemitFlat), n(&r.CommissionBps), n(&r.CommissionFlat), n(&r.TDSBps), n(&r.RemitMax), n(&r.RemitMonthly), b(&r.RemitConsent), n(&r.ConsentLife)}
		}).all(),
	define("keys", "", `id digest answer code why field detail created_at`,
		func(r *desk.Key) []any {
			return []any{s(&r.ID), s(&r.Digest), s(&r.Refs), s(&r.Code), s(&r.Why), s(&r.Field), s(&r.Detail), n(&r.CreatedAt)}
		}).seldom(),
	define("timers", "", `id what subject due_at`,
		func(r *desk.Timer) []any { return []any{s(&r.ID), s(&r.What), s(&r.Subject), n(&r.At)} }).seldom(),
	define("rail_orders", "", `id rail what speed method destination amount state outcome reason reference asked sent_at ended_at created_at
		| code ref about room heard_at play_code play_reason play_after sheet exported_at ended_by`,
		func(r *desk.RailOrder) []any {
			return []any{s(&r.ID), s(&r.Rail), s(&r.What), s(&r.Speed), s(&r.Method), s(&r.To), n(&r.Amount), s(&r.State), s(&r.Outcome),
				s(&r.Reason), s(&r.Reference), n(&r.Asked), n(&r.SentAt), n(&r.EndedAt), n(&r.CreatedAt),
				s(&r.Code), s(&r.Ref), s(&r.Of), s(&r.Room), n(&r.HeardAt), s(&r.PlayCode), s(&r.PlayReason), n(&r.PlayAfter), s(&r.Sheet), n(&r.ExportedAt), s(&r.By)}
		}),
	define("scenarios", "stands", `id stands what amount reference outcome code reason after times used created_at ended_at`,
		func(r *desk.Scenario) []any {
			return []any{s(&r.ID), s(&r.Stands), s(&r.What), n(&r.Amount), s(&r.Ref), s(&r.Outcome), s(&r.Code), s(&r.Reason), n(&r.After),
				n(&r.Times), n(&r.Used), n(&r.CreatedAt), n(&r.EndedAt)}
		}),
	define("words", "order_id", `id order_id person outcome code reason reference digest state created_at expires_at`,
		func(r *desk.Word) []any {
			return []any{s(&r.ID), s(&r.Order), s(&r.By), s(&r.Outcome), s(&r.Code), s(&r.Reason), s(&r.Reference), s(&r.Digest), s(&r.State),
				n(&r.CreatedAt), n(&r.ExpiresAt)}
		}),
	define("exceptions", "subject", `id what subject detail created_at closed_at`,
		func(r *desk.Exception) []any {
			return []any{s(&r.ID), s(&r.What), s(&r.Subject), s(&r.Detail), n(&r.CreatedAt), n(&r.ClosedAt)}
		}),
	define("customers", "", `id name email contact gstin notes created_at`,
		func(r *desk.Customer) []any {
			return []any{s(&r.ID), s(&r.Name), s(&r.Email), s(&r.Contact), s(&r.GSTIN), s(&r.Notes), n(&r.CreatedAt)}
		}),
	define("bank_accounts", "customer_id", `id customer_id ifsc bank_name name number line1 line2 line3 city state country pin email mobile deleted created_at`,
		func(r *desk.BankAccount) []any {
			return []any{s(&r.ID), s(&r.Customer), s(&r.IFSC), s(&r.BankName), s(&r.Name), s(&r.Number), s(&r.Line1), s(&r.Line2), s(&r.Line3),
				s(&r.City), s(&r.State), s(&r.Country), s(&r.PIN), s(&r.Email), s(&r.Mobile), b(&r.Deleted), n(&r.CreatedAt)}
		}),
	define("wallets", "", `id lines month usage sent loaded over_limit created_at | frozen frozen_for frozen_at`,
		func(r *desk.Wallet) []any {
			return []any{s(&r.ID), n(&r.Lines), n(&r.Month), n(&r.Usage), n(&r.Sent), n(&r.Loaded), b(&r.OverLimit), n(&r.CreatedAt), b(&r.Frozen), s(&r.FrozenFor), n(&r.FrozenAt)}
		}),
	define("orders", "", `id amount paid refunded receipt status attempts capture partial first_min auto_expiry manual_expiry refund_speed authorized open_payment has_transfers notes created_at`,
		func(r *desk.Order) []any {
			return []any{s(&r.ID), n(&r.Amount), n(&r.Paid), n(&r.Refunded), s(&r.Receipt), s(&r.Status), n(&r.Attempts), b(&r.Capture), b(&r.Partial),
				n(&r.FirstMin), n(&r.AutoExpiry), n(&r.ManualExpiry), s(&r.RefundSpeed), b(&r.Authorized), s(&r.Open), b(&r.HasTransfers), s(&r.Notes), n(&r.CreatedAt)}
		}),
	define("payments", "order_id", `id order_id customer_id amount status captured method bank wallet vpa
		card_id card_name card_last4 card_network card_type card_issuer card_iin international email contact description notes
		fee tax promo promo_back refunded refund_pending disputed dispute_open excess transferred provider reference
		error_code error_description error_source error_step error_reason authorized_at captured_at created_at`,
		func(r *desk.Payment) []any {
			return []any{s(&r.ID), s(&r.Order), s(&r.Customer), n(&r.Amount), s(&r.Status), b(&r.Captured), s(&r.Method), s(&r.Bank), s(&r.Wallet), s(&r.VPA),
				s(&r.CardID), s(&r.CardName), s(&r.CardLast4), s(&r.CardNetwork), s(&r.CardType), s(&r.CardIssuer), s(&r.CardIIN), b(&r.International),
				s(&r.Email), s(&r.Contact), s(&r.Description), s(&r.Notes),
				n(&r.Fee), n(&r.Tax), n(&r.Promo), n(&r.PromoBack), n(&r.Refunded), n(&r.RefundPending), n(&r.Disputed), n(&r.DisputeOpen), n(&r.Excess), n(&r.Transferred), s(&r.Provider), s(&r.Reference),
				s(&r.ErrorCode), s(&r.ErrorDescription), s(&r.ErrorSource), s(&r.ErrorStep), s(&r.ErrorReason), n(&r.AuthorizedAt), n(&r.CapturedAt), n(&r.CreatedAt)}
		}),
	define("refunds", "payment_id", `id payment_id order_id amount promo destination state speed speed_done receipt reference reason
		fee tax unsettled reverse_all credits confirm proof provider notes created_at processed_at | room holder again_of`,
		func(r *desk.Refund) []any {
			return []any{s(&r.ID), s(&r.Payment), s(&r.Order), n(&r.Amount), n(&r.Promo), s(&r.To), s(&r.State), s(&r.Speed), s(&r.Done), s(&r.Receipt),
				s(&r.Reference), s(&r.Reason), n(&r.Fee), n(&r.Tax), b(&r.Unsettled), b(&r.ReverseAll), b(&r.Credits), b(&r.Confirm), s(&r.Proof), s(&r.Provider), s(&r.Notes), n(&r.CreatedAt), n(&r.ProcessedAt),
				s(&r.Room), s(&r.Holder), s(&r.Again)}
		}).seldom(),
	define("transfers", "made_of", `id source made_of recipient amount reversed fee tax state promo on_hold hold_until settlement_id settlement_state tries
		error_code error_description error_reason error_step error_source error_field notes linked_notes created_at processed_at`,
		func(r *desk.Transfer) []any {
			return []any{s(&r.ID), s(&r.Source), s(&r.Of), s(&r.Recipient), n(&r.Amount), n(&r.Reversed), n(&r.Fee), n(&r.Tax), s(&r.State), b(&r.Promo),
				b(&r.OnHold), n(&r.HoldUntil), s(&r.Settlement), s(&r.SettlementState), n(&r.Tries),
				s(&r.ErrorCode), s(&r.ErrorDescription), s(&r.ErrorReason), s(&r.ErrorStep), s(&r.ErrorSource), s(&r.ErrorField),
				s(&r.Notes), s(&r.LinkedNotes), n(&r.CreatedAt), n(&r.ProcessedAt)}
		}),
	define("reversals", "transfer_id", `id transfer_id refund_id amount notes created_at`,
		func(r *desk.Reversal) []any {
			return []any{s(&r.ID), s(&r.Transfer), s(&r.Refund), n(&r.Amount), s(&r.Notes), n(&r.CreatedAt)}
		}),
	define("linked_accounts", "", `id email phone type reference legal_name business_type contact_name customer_facing_name wire status notes suspended_at created_at`,
		func(r *desk.Linked) []any {
			return []any{s(&r.ID), s(&r.Email), s(&r.Phone), s(&r.Type), s(&r.Reference), s(&r.LegalName), s(&r.BusinessType), s(&r.ContactName),
				s(&r.CustomerFacingName), s(&r.Wire), s(&r.Status), s(&r.Notes), n(&r.SuspendedAt), n(&r.CreatedAt)}
		}),
	define("stakeholders", "account_id", `id account_id name email wire notes created_at`,
		func(r *desk.Stakeholder) []any {
			return []any{s(&r.ID), s(&r.Account), s(&r.Name), s(&r.Email), s(&r.Wire), s(&r.Notes), n(&r.CreatedAt)}
		}),
	define("products", "account_id", `id account_id name status wire created_at`,
		func(r *desk.Product) []any {
			return []any{s(&r.ID), s(&r.Account), s(&r.Name), s(&r.Status), s(&r.Wire), n(&r.CreatedAt)}
		}),
	define("documents", "owner_id", `id owner_id type name form size sha256 created_at`,
		func(r *desk.Document) []any {
			return []any{s(&r.ID), s(&r.Owner), s(&r.Type), s(&r.Name), s(&r.Form), n(&r.Size), s(&r.SHA256), n(&r.CreatedAt)}
		}),
	define("fund_accounts", "customer_id", `id customer_id type name ifsc bank_name number active created_at`,
		func(r *desk.FundAccount) []any {
			return []any{s(&r.ID), s(&r.Customer), s(&r.Type), s(&r.Name), s(&r.IFSC), s(&r.BankName), s(&r.Number), b(&r.Active), n(&r.CreatedAt)}
		}),
	define("payouts", "", `id customer_id fund_account_id amount fee tax merchant_fee borne state purpose utr mode reference narration reason notes created_at processed_at`,
		func(r *desk.Payout) []any {
			return []any{s(&r.ID), s(&r.Customer), s(&r.FundAccount), n(&r.Amount), n(&r.Fee), n(&r.Tax), b(&r.MerchantFee), n(&r.Borne), s(&r.State), s(&r.Purpose), s(&r.UTR), s(&r.Mode),
				s(&r.Reference), s(&r.Narration), s(&r.Reason), s(&r.Notes), n(&r.CreatedAt), n(&r.ProcessedAt)}
		}),
	define("settlements", "account_id", `id account_id amount requested fee tax state on_demand full_balance first_line last_line utr description notes created_at processed_at`,
		func(r *desk.Settlement) []any {
			return []any{s(&r.ID), s(&r.Account), n(&r.Amount), n(&r.Requested), n(&r.Fee), n(&r.Tax), s(&r.State), b(&r.OnDemand), b(&r.Full), n(&r.First), n(&r.Last), s(&r.UTR), s(&r.Description),
				s(&r.Notes), n(&r.CreatedAt), n(&r.ProcessedAt)}
		}),
	define("endpoints", "account_id", `id account_id url alert_email secret events active deleted created_at updated_at | room in_order since past disabled_at reason`,
		func(r *desk.Endpoint) []any {
			return []any{s(&r.ID), s(&r.Account), s(&r.URL), s(&r.AlertEmail), s(&r.Secret), s(&r.Events), b(&r.Active), b(&r.Deleted), n(&r.CreatedAt), n(&r.UpdatedAt),
				s(&r.Room), b(&r.InOrder), n(&r.Since), s(&r.Past), n(&r.DisabledAt), s(&r.Reason)}
		}),
	define("programmes", "", `id kind funding max_balance expiry counts_orders third_party closed_loop_basis created_at updated_at`,
		func(r *desk.Programme) []any {
			return []any{s(&r.ID), s(&r.Type), s(&r.Funding), n(&r.MaxBalance), n(&r.Expiry), b(&r.CountsOrders), b(&r.ThirdParty), s(&r.Basis), n(&r.CreatedAt), n(&r.UpdatedAt)}
		}).all(),
	define("members", "known_as", `id partner_user_id known_as contact email phone_named frozen created_at updated_at | frozen_for frozen_at`,
		func(r *desk.Member) []any {
			return []any{s(&r.ID), s(&r.Partner), s(&r.KnownAs), s(&r.Contact), s(&r.Email), b(&r.PhoneNamed), b(&r.Frozen), n(&r.CreatedAt), n(&r.UpdatedAt), s(&r.FrozenFor), n(&r.FrozenAt)}
		}),
	define("credits", "lot_of", `id member_id programme_id type amount balance backed purpose reference source_id linked_id order_reference
		lots remaining lot_of returned expires_at notes created_at`,
		func(r *desk.Credit) []any {
			return []any{s(&r.ID), s(&r.Member), s(&r.Programme), s(&r.Type), n(&r.Amount), n(&r.Balance), n(&r.Backed), s(&r.Purpose), s(&r.Reference), s(&r.Source),
				s(&r.Linked), s(&r.Order), s(&r.Lots), n(&r.Left), s(&r.LotOf), n(&r.Returned), n(&r.ExpiresAt), s(&r.Notes), n(&r.CreatedAt)}
		}).seldom(),
	define("tat_clocks", "subject", `id rule version subject holder t_day due_day stop_day late_days accrued state paid_to reference reason created_at ended_at`,
		func(r *desk.TAT) []any {
			return []any{s(&r.ID), s(&r.Rule), n(&r.Version), s(&r.Subject), s(&r.Holder), n(&r.Day), n(&r.Due), n(&r.Stopped), n(&r.Late), n(&r.Accrued),
				s(&r.State), s(&r.PaidTo), s(&r.Reference), s(&r.Reason), n(&r.CreatedAt), n(&r.EndedAt)}
		}),
	define("bookings", "about", `id what about party amount cost tax cgst sgst igst debit credit identified reference note person second state created_at done_at`,
		func(r *desk.Booking) []any {
			return []any{s(&r.ID), s(&r.What), s(&r.Of), s(&r.Party), n(&r.Amount), n(&r.Cost), n(&r.Tax), n(&r.CGST), n(&r.SGST), n(&r.IGST),
				s(&r.Debit), s(&r.Credit), n(&r.Identified), s(&r.Reference), s(&r.Note), s(&r.By), s(&r.Second), s(&r.State), n(&r.CreatedAt), n(&r.DoneAt)}
		}),
	define("handles", "of_id", `id of_id wire created_at`,
		func(r *desk.Handle) []any { return []any{s(&r.ID), s(&r.Of), s(&r.Wire), n(&r.CreatedAt)} }),
	define("agents", "", `id code initiator mobile name active services bought created_at`,
		func(r *desk.Agent) []any {
			return []any{s(&r.ID), s(&r.Code), s(&r.Initiator), s(&r.Mobile), s(&r.Name), b(&r.Active), s(&r.Services), n(&r.Bought), n(&r.CreatedAt)}
		}),
	define("remittances", "remitter", `id tid agent_id customer remitter owed client_ref_id recipient recipient_name account ifsc bank channel
		amount fee tax commission tds lost back state state_before bank_ref reason hold_after refund_id refund_tid partner wire created_at ended_at`,
		func(r *desk.Remittance) []any {
			return []any{s(&r.ID), s(&r.TID), s(&r.Agent), s(&r.Customer), s(&r.Remitter), s(&r.Owed), s(&r.Ref), s(&r.Recipient), s(&r.RecipientName),
				s(&r.Account), s(&r.IFSC), s(&r.Bank), s(&r.Channel),
				n(&r.Amount), n(&r.Fee), n(&r.Tax), n(&r.Commission), n(&r.TDS), n(&r.Lost), n(&r.Back), s(&r.State), s(&r.Was), s(&r.BankRef), s(&r.Reason), n(&r.HoldAfter),
				s(&r.Refund), s(&r.RefundTID), s(&r.Partner), s(&r.Wire), n(&r.CreatedAt), n(&r.EndedAt)}
		}),
	define("consents", "subject", `id purpose subject actor mobile amount reference salt proof tries state expires_at ended_at created_at`,
		func(r *desk.Consent) []any {
			return []any{s(&r.ID), s(&r.Purpose), s(&r.Subject), s(&r.Actor), s(&r.Mobile), n(&r.Amount), s(&r.Ref), s(&r.Salt), s(&r.Proof), n(&r.Tries),
				s(&r.State), n(&r.ExpiresAt), n(&r.EndedAt), n(&r.CreatedAt)}
		}),
	define("messages", "day", `id recipient day about body state tries reason sent_at created_at`,
		func(r *desk.Message) []any {
			return []any{s(&r.ID), s(&r.To), s(&r.Day), s(&r.About), s(&r.Text), s(&r.State), n(&r.Tries), s(&r.Reason), n(&r.SentAt), n(&r.CreatedAt)}
		}),
	define("proposals", "payment_id", `id payment_id amount destination speed receipt reverse_all again_of notes outcome partner_user_id contact email
		note person second state refund_id created_at ended_at`,
		func(r *desk.Proposal) []any {
			return []any{s(&r.ID), s(&r.Payment), n(&r.Amount), s(&r.To), s(&r.Speed), s(&r.Receipt), b(&r.ReverseAll), s(&r.Again), s(&r.Notes), s(&r.Outcome),
				s(&r.Partner), s(&r.Contact), s(&r.Email), s(&r.Note), s(&r.By), s(&r.Second), s(&r.State), s(&r.Refund), n(&r.CreatedAt), n(&r.EndedAt)}
		}),
	define("acts", "about", `id person name what about detail address created_at`,
		func(r *desk.Act) []any {
			return []any{s(&r.ID), s(&r.By), s(&r.Name), s(&r.What), s(&r.Of), s(&r.Detail), s(&r.From), n(&r.At)}
		}),
	define("jobs", "", `id what state note made_by starter second speed reverse_all budget next rows bad ready done refused twins left_over moved quoted
		to_source to_wallet to_credit fees merchant reason created_at checked_at started_at ended_at`,
		func(r *desk.Job) []any {
			return []any{s(&r.ID), s(&r.What), s(&r.State), s(&r.Note), s(&r.By), s(&r.Starter), s(&r.Second), s(&r.Speed), b(&r.ReverseAll), n(&r.Budget), n(&r.Next),
				n(&r.Rows), n(&r.Bad), n(&r.Ready), n(&r.Done), n(&r.Refused), n(&r.Twins), n(&r.Left), n(&r.Moved), n(&r.Quoted),
				n(&r.ToSource), n(&r.ToWallet), n(&r.ToCredit), n(&r.Fees), n(&r.Merchant), s(&r.Reason), n(&r.CreatedAt), n(&r.CheckedAt), n(&r.StartedAt), n(&r.EndedAt)}
		}),
	define("job_rows", "twins", `id job_id no names contact email purpose order_reference asked reference notes state twins twin payment_id destination
		amount fee merchant refused_of made code why field detail created_at ended_at`,
		func(r *desk.JobRow) []any {
			return []any{s(&r.ID), s(&r.Job), n(&r.No), s(&r.Names), s(&r.Contact), s(&r.Email), s(&r.Purpose), s(&r.Order), n(&r.Asked), s(&r.Reference), s(&r.Notes),
				s(&r.State), s(&r.Twins), n(&r.Twin), s(&r.Payment), s(&r.To), n(&r.Amount), n(&r.Fee), n(&r.Merchant), s(&r.RefusedOf), s(&r.Made),
				s(&r.Code), s(&r.Why), s(&r.Field), s(&r.Detail), n(&r.CreatedAt), n(&r.EndedAt)}
		}),
)

func byKind(ts ...*table) (all [desk.Kinds]*table) {
	for _, t := range ts {
		all[t.kind] = t
	}
	return all
}

// all says that the rows of a small table are found under one parent, which
// no column holds.
func (t *table) all() *table { t.parent = everyRow; return t }

// seldom says that a new row will hardly be looked at again soon, so that memory
// does not keep it.
func (t *table) seldom() *table { t.rare = true; return t }

const everyRow = "*"
