package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
)

// People who shop at the demo's merchant. No mobile number in India is set
// aside for fiction, so nothing is ever sent to these.
var people = []string{
	"Aarav Sharma", "Priya Nair", "Mohammed Irfan", "Gurpreet Kaur", "Lakshmi Narayanan S", "K. Venkatesh",
	"Ananya Chatterjee", "Joseph Fernandes", "Fatima Sheikh", "Rohan Deshmukh", "Sneha Patil", "Imliakum Ao",
	"Harpreet Singh", "Meenakshi Sundaram", "Debabrata Das", "Farhan Khan", "Ritu Agarwal", "Nandini Reddy",
	"Thangjam Devi", "Zoya", "Raju", "Sreelakshmi P V", "Jignesh Patel", "Kavya Hegde",
}

// Sellers who sell through it.
var sellers = []struct{ shop, owner, city, state, pin string }{
	{"Nilgiri Tea Traders", "Anand Raman", "Coonoor", "TAMIL NADU", "643101"},
	{"Jaipur Block Prints", "Kamla Devi", "Jaipur", "RAJASTHAN", "302001"},
	{"Kutch Leather Works", "Imran Khatri", "Bhuj", "GUJARAT", "370001"},
	{"Hampi Home Stores", "Savita Kulkarni", "Hosapete", "KARNATAKA", "583201"},
	{"Howrah Electricals", "Subhash Ghosh", "Howrah", "WEST BENGAL", "711101"},
	{"Himalaya Wool House", "Tenzin Dolma", "Shimla", "HIMACHAL PRADESH", "171001"},
}

// banks are IFSCs of branches, for fund accounts, and the bank codes of netbanking.
var (
	branches = []string{"HDFC0000053", "SBIN0000300", "ICIC0000104", "UTIB0000004", "KKBK0000958", "PUNB0015300", "CNRB0000002", "YESB0000001"}
	netbanks = []string{"HDFC", "SBIN", "ICIC", "UTIB", "KKBK"}
	handles  = []string{"okhdfcbank", "oksbi", "ybl", "paytm", "okaxis"}
	cards    = []string{"4111111111111111", "5267318187975449", "6527658900001005", "4386289407660153"}
	verses   = []string{"चाय, बिना चीनी", "தேநீர், சூடாக", "gift wrap", "leave at the door", "ring twice"}
)

// A category of goods, with what its orders are like.
type category struct {
	name          string
	share         float64
	median, sigma float64 // rupees, log-normal
	refunds       float64 // share of orders that come back
	partial       float64 // share of those that come back in part
	things        []string
}

var categories = []category{
	{"fashion", 0.29, 900, 0.75, 0.27, 0.35, []string{"Cotton kurta", "Block-print dupatta", "Kolhapuri chappals", "Linen shirt"}},
	{"beauty", 0.20, 550, 0.70, 0.05, 0.25, []string{"Sandalwood soap", "Kajal and brush", "Hair oil, 200 ml"}},
	{"fmcg", 0.18, 430, 0.65, 0.04, 0.55, []string{"Assam tea, 500 g", "Monthly groceries", "Ghee, 1 l"}},
	{"home", 0.18, 1100, 0.85, 0.10, 0.20, []string{"Brass lamp", "Bedspread, double", "Pressure cooker"}},
	{"electronics", 0.15, 2500, 1.10, 0.08, 0.10, []string{"Table fan", "Mixer grinder", "Headphones"}},
}

// hours weighs the hours of the day, in India, by how much is bought in them.
var hours = []int{2, 1, 1, 1, 1, 2, 3, 5, 7, 9, 11, 12, 12, 11, 10, 10, 11, 12, 13, 14, 14, 12, 8, 4}

// A dice draws the demo's data, the same from the same seed.
type dice struct{ *rand.Rand }

func newDice(seed uint64) dice { return dice{rand.New(rand.NewPCG(seed, 0x7761706173))} }

func (d dice) one(of []string) string      { return of[d.IntN(len(of))] }
func (d dice) chance(p float64) bool       { return d.Float64() < p }
func (d dice) between(lo, hi int) int      { return lo + d.IntN(hi-lo+1) }
func (d dice) around(m, s float64) float64 { return m * math.Exp(s*d.NormFloat64()) }

// weighted is an index, drawn by weight.
func weighted[N int | float64](d dice, weights []N) int {
	var sum float64
	for _, w := range weights {
		sum += float64(w)
	}
	at := d.Float64() * sum
	for i, w := range weights {
		if at -= float64(w); at < 0 {
			return i
		}
	}
	return len(weights) - 1
}

// price is what an order of a category costs, in paise: mostly whole rupees
// that end in 9. The simulated rail looks at the paise, so none are drawn that
// mean something to it.
func (d dice) price(c category) int {
	r := max(49, min(60_000, d.around(c.median, c.sigma)))
	return (int(r)/10*10 + 9) * 100
}

// A person is a customer as the API is told of one.
type person struct{ name, email, contact, vpa string }

func (d dice) person(i int) person {
	name := people[i%len(people)]
	user := strings.ToLower(strings.Join(strings.FieldsFunc(name, func(r rune) bool { return r < 'A' }), "."))
	user = fmt.Sprintf("%s%d", user, i+1)
	return person{
		name:    name,
		email:   user + "@example.com",
		contact: fmt.Sprintf("+91%d%09d", d.between(6, 9), d.IntN(1_000_000_000)),
		vpa:     user + "@" + d.one(handles),
	}
}
