package ledger

// A Rate is what is charged for an operation, before tax: a share of the
// amount in basis points (a hundredth of a percent), and a flat sum.
type Rate struct {
	Bps  int64
	Flat Amount
}

// A Fee is a charge with its tax. What is debited is Total: the wires call
// that "fee", and Tax is a part of it.
type Fee struct {
	Base, CGST, SGST, IGST Amount
}

// Tax is the GST in the fee; Total is the fee with it.
func (f Fee) Tax() Amount   { return f.CGST + f.SGST + f.IGST }
func (f Fee) Total() Amount { return f.Base.Add(f.Tax()) }

// On is the fee for an operation of amount a: the base rounded up to a whole
// paisa, plus GST, as two halves of 9 percent, each rounded half up, or, between
// states, 18 percent in one, rounded half up.
func (r Rate) On(a Amount, interstate bool) Fee {
	base := Amount(mulDivUp(int64(a), r.Bps, 10_000)).Add(r.Flat)
	if interstate {
		return Fee{Base: base, IGST: percent(base, 18)}
	}
	half := percent(base, 9)
	return Fee{Base: base, CGST: half, SGST: half}
}

// Inclusive splits a total that already holds the tax, as two halves.
func Inclusive(total Amount) Fee {
	half := (total*9*2 + 118) / (118 * 2)
	return Fee{Base: total - 2*half, CGST: half, SGST: half}
}

// FeeOf rebuilds a fee from what was kept of it: its total and its tax.
func FeeOf(total, tax Amount, interstate bool) Fee {
	if interstate {
		return Fee{Base: total - tax, IGST: tax}
	}
	return Fee{Base: total - tax, CGST: tax - tax/2, SGST: tax / 2}
}

// percent is p percent of a, rounded half up.
func percent(a Amount, p int64) Amount { return (a*Amount(p) + 50) / 100 }

// mulDivUp is a*b/c rounded up. Amounts are bounded by MaxAmount and rates by
// MaxBps, so the product fits.
func mulDivUp(a, b, c int64) int64 { return (a*b + c - 1) / c }

// MaxBps is the highest rate: a hundred percent.
const MaxBps = 10_000
