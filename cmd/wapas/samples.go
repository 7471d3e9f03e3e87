package main

// A sample is a request as its vendor's document prints it, to the letter.
type sample struct {
	title        string
	method, path string
	body         string
	// again says that the request only asks, and may be made on every start.
	again bool
}

// A seed is a document with sample requests.
type seed struct {
	title   string
	room    string // which answers
	samples []sample
}

// seeds are the documents of the rooms that stand, in the order in which their
// requests make sense: a transfer of a payment comes before its refund.
var seeds = []seed{
	{"Razorpay Wallet: API Reference", "razorpay", []sample{
		{"Transfer a payment to a customer's wallet", "POST", "/v1/payments/pay_00000000000001/transfers",
			`{"transfers": [{"customer": "cust_MrZYbZYSmbUxz9","amount": 100,"currency": "INR","notes": {"notes_key_1": "Tea, Earl Grey, Hot","notes_key_2": "Tea, Earl Grey decaf"}}]}`, false},
		{"Pay for an order from a wallet", "POST", "/v1/payments/create/openwallet",
			`{"method": "wallet","wallet": "openwallet","customer_id": "cust_FVjPW3o1BxxOsa","order_id": "order_Fa8AceMp2VLhZs","amount": 5000,"currency": "INR","contact": "9876543210","email": "gaurav.kumar@example.com","description": "Against order #1","notes": {"notes_key_1":"Tea, Earl Grey, Hot","notes_key_2":"Tea, Earl Grey… decaf."}}`, false},
		{"Refund a payment made from a wallet", "POST", "/v1/payments/pay_00000000000001/refund",
			`{"amount": 50000,"receipt": "Receipt #1","notes": {"notes_key_1": "Tea, Earl Grey, Hot","notes_key_2": "Tea, Earl Grey… decaf."}}`, false},
		{"Give cashback to a wallet", "POST", "/v1/transfers",
			`{"customer": "cust_00000000000001","amount": 5000,"currency": "INR","notes": {"notes_key_1": "Tea, Earl Grey, Hot","notes_key_2": "Tea, Earl Grey… decaf."}}`, false},
		{"Create a fund account for a customer", "POST", "/v1/fund_accounts",
			`{"customer_id":"cust_Aa000000000001","account_type":"bank_account","bank_account":{"name":"Gaurav Kumar","account_number":"11214311215411","ifsc":"HDFC0000053"}}`, false},
		{"Pay out from a wallet to a fund account", "POST", "/v1/customers/cust_FVjPW3o1BxxOsa/payouts",
			`{"fund_account_id": "fa_FaSwoEzHbedyPz","purpose": "refund","amount": 100,"currency": "INR","notes": {"notes_key_1": "Tea, Earl Grey, Hot","notes_key_2": "Tea, Earl Grey… decaf."}}`, false},
		{"Fetch a wallet's balance", "GET", "/v1/customers/cust_00000000000001/balance", "", true},
		{"Fetch a wallet's statement", "GET", "/v1/customers/cust_00000000000001/statement", "", true},
	}},
	{"Razorpay Route: Refund Payments and Reverse Transfer from a Linked Account", "razorpay", []sample{
		{"Refund a payment and pull its transfer back", "POST", "/v1/payments/pay_JJCqynf4fQS0N1/refund",
			"{\n  \"amount\": 100,\n  \"reverse_all\": 1\n}", false},
	}},
}
