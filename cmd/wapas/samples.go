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
	{"Razorpay Engage: Credit a customer's wallet with a refund's value", "engage", []sample{
		{"Credit a customer of a Shopify merchant", "POST", creditPath,
			`{
  "email": "abc@example.com",
  "contact": "9663957855",
  "partner_user_id": "shopify_customer_id", 
  "amount": 10000,
  "action": "load",
  "currency": "INR",
  "reference_id": "shopify_return_id",// idempotency key
  "purpose": "refund",
  "notes": {
    "order_id": "shopify_order_id"
  }
}`, false},
		{"Credit a customer of another merchant", "POST", creditPath,
			`{
  "email": "abc@example.com",
  "contact": "9663957855",
  "partner_user_id": "9663957855",
  "amount": 10000,
  "action": "load",
  "currency": "INR",
  "reference_id": "clickpost_return_id", // idempotency key
  "purpose": "refund",
  "notes": {
    "order_id": "merchant_order_id"
  }
}`, false},
	}},
	{"PhonePe: Refund API", "phonepe", []sample{
		{"Refund a payment: the payload, which goes as base64", "POST", "/v3/credit/backToSource",
			`{
    "merchantId": "MERCHANTUAT",
    "transactionId": "TX123456789001",
    "originalTransactionId": "TX123456XXXXX00",
    "amount": 100,
    "merchantOrderId": "OD1234",
    "subMerchant": "DemoMerchant",
    "message": "refund for cancelled order"
}`, false},
		{"Refund a payment by PhonePe's id: the request as it goes", "POST", "/v3/credit/backToSource",
			`{
  "request": "ewogICAgIm1lcmNoYW50SWQiOiAiRGVtb01lcmNoYW50IiwKICAgICJ0cmFuc2FjdGlvbklkIjogIlRYMTIzNDU2Nzg5IiwKICAgICJwcm92aWRlclJlZmVyZW5jZUlkIjogIlQyWFhYWFhYWFhYWFgiLAogICAgImFtb3VudCI6IDEwMCwKICAgICJtZXNzYWdlIjogInJlZnVuZCBmb3IgY2FuY2VsbGVkIG9yZGVyIgp9"
}`, false},
		{"Check the status of the first refund", "GET", "/v3/transaction/MERCHANTUAT/TX123456789001/status", "", true},
		{"Check the status of the second refund", "GET", "/v3/transaction/DemoMerchant/TX123456789/status", "", true},
	}},
	{"Eko: Initiate Refund", "eko", []sample{
		{"Refund a failed transaction after the customer's consent", "POST", refundPath("13192443"),
			`{"initiator_id": "9962981729", "user_code": "20810200", "otp": 123456, "otp_ref_id": "zCISyglexo0Pjqp4YrS2ssweuD9v1c3aLKGxjTW8wU7An8Wem1UyNws5830yh7q/sf5J4R3BY=", "service_code": 80, "state": 1}`, false},
		{"Ask what became of the transaction", "GET", "/ekoapi/v3/tools/reference/transaction/13192443?initiator_id=9962981729&user_code=20810200", "", true},
	}},
}
