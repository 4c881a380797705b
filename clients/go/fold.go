package otpproof

import (
	"math/big"
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

// Default_Ignorable_Code_Point of Unicode, as far as it is not of the category Cf.
var ignorable = regexp.MustCompile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8\U000e0000-\U000e0fff]")
var apostrophes = regexp.MustCompile("[`\u02b9\u02bb-\u02bf\u02c8\u2018-\u201b\u2032\u2035\ua78c]")
var hyphens = regexp.MustCompile("[\\p{Pd}\u02d7\u2043\u2212\u2500\u2796\u30fc]")

// fold gives a text in one spelling: equal for names that the service takes for one.
func fold(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, ignorable.ReplaceAllString(text, ""))
	text = norm.NFKC.String(strings.ReplaceAll(text, "´", "'")) // NFKC would make ´ a space and an accent
	text = apostrophes.ReplaceAllString(text, "'")
	text = hyphens.ReplaceAllString(text, "-")
	text = strings.Join(strings.Fields(text), " ")
	text = cases.Lower(language.Und).String(cases.Upper(language.Und).String(text)) // ß is SS, and ı is I
	return norm.NFC.String(strings.ReplaceAll(text, "i\u0307", "i"))                // İ
}

var decimal = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?$`)

func isSamePayment(paid, expected *Transaction) bool {
	if paid == nil || expected == nil {
		return paid == nil && expected == nil
	}
	if !decimal.MatchString(paid.Amount) || !decimal.MatchString(expected.Amount) {
		return false
	}
	one, _ := new(big.Rat).SetString(paid.Amount)
	other, _ := new(big.Rat).SetString(expected.Amount)
	return one.Cmp(other) == 0 && fold(paid.Currency) == fold(expected.Currency) && fold(paid.Payee) == fold(expected.Payee)
}
