package mask

import (
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A sort is what a value is, as far as its name tells.
type sort uint8

const (
	anything  sort = iota
	secret         // never shown
	personal       // its last four characters
	reference      // what may be a phone or a card in it is masked, other numbers stay
	counted        // an amount, a moment, a count: likewise
	spoken         // a text that may hold a code
)

// named are the names that tell, in small letters without signs between them.
var named = map[sort]string{
	secret: `password passwd pwd pin tpin mpin upipin otp otpcode passcode cvv cvc cvv2 secret key keyid salt saltkey token bearer authorization auth
		xverify verify checksum hash cookie session track track1 track2 cardnumber
		aadhaar aadhar aadhaarnumber uid pan pannumber gst gstin dob dateofbirth ip latlong latlng
		name firstname lastname fullname middlename customername beneficiaryname recipientname contactname legalname holdername accountholder accountholdername
		payername cardname remittername sendername legalbusinessname customerfacingname
		address address1 address2 address3 beneficiaryaddress1 beneficiaryaddress2 beneficiaryaddress3 beneficiaryaddress4 line1 line2 line3
		street street1 street2 pincode zipcode postalcode`,
	personal: `phone phonenumber mobile mobileno mobilenumber contact contactnumber msisdn number email emailid emailaddress vpa upi upiid payeraddress payeeaddress
		account accountno acc accno iban bankaccount recipientaccount beneficiaryaccount instrumentreference customer`,
	reference: `id entityid orderid paymentid refundid transferid reversalid transactionid merchantid merchanttransactionid merchantorderid merchantrefundid
		originaltransactionid originalmerchantorderid providerreferenceid reference referenceid referencenumber clientrefid clientreferenceid tid refundtid receipt
		utr rrn arn bankreference bankrefnum banktransactionid proof requestid storeid terminalid batchid settlementid eventid idempotencykey order payment refund`,
	counted: `amount fee fees tax balance total count debit credit paid refunded due size skip limit expiry expires expireafter expiresin expireby expireat
		date from to version entity status state iat exp nbf validupto epoch year month day commission tds timeout after before created updated startdate enddate`,
	spoken: `text body sms message code`,
}

// ends tell where the whole name does not.
var ends = []struct {
	sort
	names []string
}{
	{secret, strings.Fields(`password secret token otp signature cvv apikey secretkey accesskey developerkey privatekey authorization`)},
	{personal, strings.Fields(`mobile phone email vpa accountnumber contact`)},
	{counted, strings.Fields(`at amount timestamp time balance`)},
}

var sorts = func() map[string]sort {
	all := map[string]sort{}
	for of, names := range named {
		for _, name := range strings.Fields(names) {
			all[name] = of
		}
	}
	return all
}()

// ofCard are the parts of a card that may be kept.
var ofCard = map[string]bool{"id": true, "entity": true, "last4": true, "network": true, "type": true, "issuer": true, "international": true, "emi": true, "subtype": true}

// sortOf is what a name tells of its value, which lies in something of another
// name: card and number, or card[number].
func sortOf(in, name string) sort {
	if i := strings.IndexByte(name, '['); i > 0 {
		for part := range strings.SplitSeq(name[i:], "[") {
			if part = strings.TrimSuffix(part, "]"); strings.Trim(part, "0123456789") != "" {
				in, name = name[:i], part
			}
		}
		name, _, _ = strings.Cut(name, "[")
	}
	in, name = plain(in), plain(name)
	if in == "card" && !ofCard[name] {
		return secret
	}
	if of, ok := sorts[name]; ok {
		return of
	}
	if name = strings.TrimSuffix(name, "s"); sorts[name] != anything { // of several
		return sorts[name]
	}
	for _, e := range ends {
		for _, end := range e.names {
			if strings.HasSuffix(name, end) {
				return e.sort
			}
		}
	}
	return anything
}

func plain(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}

// maskKey is a name as it is shown: one that is known, or what is left of it.
func maskKey(name string) string {
	if sortOf("", name) != anything {
		return phonesAnd(name)
	}
	return anything.mask(name)
}

// maxDepth is how far texts in texts are looked into.
const maxDepth = 4

// mask is a value of a sort.
func (of sort) mask(v string) string { return of.maskIn(v, maxDepth) }

func (of sort) maskIn(v string, depth int) string {
	switch {
	case v == "":
		return v
	case of == secret:
		if eventName.MatchString(v) {
			return v
		}
		return Dots
	case of != spoken && of != personal && harmless(v), ownID.MatchString(v):
		return v
	case of == personal:
		return lastFour(v)
	case strings.HasPrefix(v, "{") || strings.HasPrefix(v, "["):
		if depth == 0 {
			return Dots
		}
		return jsonIn(v, false, depth-1)
	case of == reference, of == counted:
		return phonesAnd(v)
	}
	if u, err := url.Parse(v); err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https") {
		host := *u
		host.User, host.Path, host.RawPath, host.RawQuery, host.Fragment = nil, "", "", "", ""
		return host.String() + Path(u)
	}
	v = tokens.ReplaceAllString(addresses.ReplaceAllStringFunc(v, lastFour), Dots)
	v = long.ReplaceAllStringFunc(v, func(n string) string { return outsideDate(n, lastNumber) })
	if of == spoken {
		v = codes.ReplaceAllString(v, Dots)
	}
	return v
}

// harmless says of most texts, quickly, that there is nothing to mask in them:
// too few digits for a number of anybody's, no address, and no two words.
func harmless(v string) bool {
	n := 0
	for _, r := range v {
		switch {
		case strings.ContainsRune(" \t\n@＠%:{[", r):
			return false
		case r >= '0' && r <= '9' || r >= utf8.RuneSelf && unicode.IsDigit(r):
			n++
		}
	}
	return n < 9 && len(v) <= 64 && !strings.Contains(v, "eyJ")
}

var (
	// ownID is an id of ours, or of a vendor whose ids ours look like.
	ownID = regexp.MustCompile(`^[a-z]{2,10}_[0-9A-Za-z]{14}$`)
	// eventName is the one sort of name that is nobody's: an event's, by what it is
	// about. A person may be called asha.rao, and a password may be two words.
	eventName = regexp.MustCompile(`^(?:account|agent|credit|endpoint|exception|fund_account|invoice|job|member|order|payment|payment_link|payout|payout_link|product|qr_code|refund|` +
		`remittance|reversal|settlement|shiprocket|subscription|tat|token|transaction|transfer|virtual_account|wallet|webhook|zapier)(?:\.[a-z_]+)+$`)
	// addresses are e-mails and VPAs.
	addresses = regexp.MustCompile(`[\p{L}\p{N}._%+\-]+(?:@|＠|%40)[\p{L}\p{N}][\p{L}\p{N}.\-]*`)
	// long are numbers that may be anybody's, in whatever script.
	long = regexp.MustCompile(`\+?\p{Nd}(?:[ \-.()/]{0,2}\p{Nd}){8,}`)
	// codes are numbers that may be an OTP.
	codes = regexp.MustCompile(`\b[0-9]{4,8}\b`)
	// date begins a long number that is nobody's.
	date = regexp.MustCompile(`^[0-9]{4}-[01][0-9]-[0-3][0-9](?:[ ][0-2][0-9]\b)?`)
	// tokens are words too long for a reference, and what follows the name of a
	// way to sign in.
	tokens = regexp.MustCompile(`[A-Za-z0-9_-]{65,}|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_.-]+|(?i:\b(?:bearer|basic)\s+)[A-Za-z0-9_.+/=-]{8,}`)
)

// lastFour are the last four characters of a text of more than eight; of a
// shorter one, or the number of a card, nothing is left.
func lastFour(v string) string {
	r := []rune(v)
	if len(r) <= 8 || isCard(digits(v)) {
		return Dots
	}
	return Dots + string(r[len(r)-4:])
}

// lastNumber is a long number as it is shown.
func lastNumber(n string) string {
	if len(digits(n)) < 9 {
		return n
	}
	return lastFour(n)
}

// phonesAnd masks what may be an e-mail, a phone or a card, and no other number.
func phonesAnd(v string) string {
	if harmless(v) {
		return v
	}
	v = addresses.ReplaceAllStringFunc(v, lastFour)
	return long.ReplaceAllStringFunc(v, func(n string) string {
		return outsideDate(n, func(n string) string {
			if suspicious(n) {
				return lastFour(n)
			}
			return n
		})
	})
}

// outsideDate does to a long number what is to be done, but for a date in front.
func outsideDate(n string, do func(string) string) string {
	d := date.FindString(n)
	if len(d) == len(n) {
		return n
	}
	return d + do(n[len(d):])
}

// suspicious says whether a phone or a card may stand in a number that is
// written in groups.
func suspicious(n string) bool {
	groups := strings.FieldsFunc(n, func(r rune) bool { return !unicode.IsDigit(r) })
	for i := range groups {
		joined := ""
		for _, g := range groups[i:] {
			if joined += digits(g); isPhone(joined) || isCard(joined) {
				return true
			}
		}
	}
	return false
}

// digits are the digits of a text, whatever their script.
func digits(v string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return r
		case unicode.IsDigit(r): // scripts have theirs in runs of ten
			zero := r
			for unicode.IsDigit(zero-1) && r-zero < 9 {
				zero--
			}
			return '0' + (r-zero)%10
		}
		return -1
	}, v)
}

// isPhone says whether digits may be the number of an Indian mobile.
func isPhone(d string) bool {
	for _, front := range []string{"0091", "091", "91", "0"} {
		if len(d) == 10+len(front) && strings.HasPrefix(d, front) {
			d = d[len(front):]
			break
		}
	}
	return len(d) == 10 && d[0] >= '6'
}

// isCard says whether digits may be the number of a card: as long as one, and
// with the check digit of one.
func isCard(d string) bool {
	if len(d) < 13 || len(d) > 19 {
		return false
	}
	sum := 0
	for i := range len(d) {
		x := int(d[len(d)-1-i] - '0')
		if i%2 == 1 {
			if x *= 2; x > 9 {
				x -= 9
			}
		}
		sum += x
	}
	return sum%10 == 0
}
