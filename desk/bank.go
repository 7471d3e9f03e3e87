package desk

import "strings"

// Banks are names of Indian banks by the four letters that begin their IFSCs:
// those that netbanking is commonly offered for.
var Banks = map[string]string{
	"ABPB": "Aditya Birla Idea Payments Bank",
	"AIRP": "Airtel Payments Bank",
	"AUBL": "AU Small Finance Bank",
	"BACB": "Bassein Catholic Co-operative Bank",
	"BARB": "Bank of Baroda",
	"BBKM": "Bank of Bahrein and Kuwait",
	"BDBL": "Bandhan Bank",
	"BKID": "Bank of India",
	"CBIN": "Central Bank of India",
	"CIUB": "City Union Bank",
	"CNRB": "Canara Bank",
	"COSB": "Cosmos Co-operative Bank",
	"CSBK": "CSB Bank",
	"DBSS": "DBS Bank India",
	"DCBL": "DCB Bank",
	"DEUT": "Deutsche Bank",
	"DLXB": "Dhanlaxmi Bank",
	"ESAF": "ESAF Small Finance Bank",
	"ESFB": "Equitas Small Finance Bank",
	"FDRL": "Federal Bank",
	"HDFC": "HDFC Bank",
	"HSBC": "HSBC",
	"IBKL": "IDBI",
	"ICIC": "ICICI Bank",
	"IDFB": "IDFC FIRST Bank",
	"IDIB": "Indian Bank",
	"INDB": "Indusind Bank",
	"IOBA": "Indian Overseas Bank",
	"IPOS": "India Post Payments Bank",
	"JAKA": "Jammu and Kashmir Bank",
	"JSBP": "Janata Sahakari Bank (Pune)",
	"KARB": "Karnataka Bank",
	"KCCB": "Kalupur Commercial Co-operative Bank",
	"KKBK": "Kotak Mahindra Bank",
	"KVBL": "Karur Vysya Bank",
	"MAHB": "Bank of Maharashtra",
	"NESF": "North East Small Finance Bank",
	"NKGS": "NKGSB Co-operative Bank",
	"PSIB": "Punjab & Sind Bank",
	"PUNB": "Punjab National Bank",
	"PYTM": "Paytm Payments Bank",
	"RATN": "RBL Bank",
	"SBIN": "State Bank of India",
	"SCBL": "Standard Chartered Bank",
	"SIBL": "South Indian Bank",
	"SRCB": "Saraswat Co-operative Bank",
	"SURY": "Suryoday Small Finance Bank",
	"SVCB": "Shamrao Vithal Co-operative Bank",
	"TMBL": "Tamilnad Mercantile Bank",
	"UBIN": "Union Bank of India",
	"UCBA": "UCO Bank",
	"UJVN": "Ujjivan Small Finance Bank",
	"UTIB": "Axis Bank",
	"UTKS": "Utkarsh Small Finance Bank",
	"YESB": "Yes Bank",
}

// BankName is the bank of an IFSC. New banks appear: one that is not in the
// list is called by its four letters.
func BankName(ifsc string) string {
	if len(ifsc) < 4 {
		return ifsc
	}
	code := strings.ToUpper(ifsc[:4])
	if name, ok := Banks[code]; ok {
		return name
	}
	return code
}
