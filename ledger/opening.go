package ledger

// OpenWallet brings a customer's balance into these books from the ones before:
// cash and promo of cashback, with as much money in escrow.
func OpenWallet(customer string, cash, promo Amount) Journal {
	return Journal{}.Dr(BankEscrow, cash.Add(promo)).
		Cr(Account(WalletCash, customer), cash).Cr(Account(WalletPromo, customer), promo)
}
