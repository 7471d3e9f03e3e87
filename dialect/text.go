package dialect

import (
	"strings"
	"unicode/utf8"
)

// IsText says whether a text can be kept everywhere: it is Unicode, without the
// character NUL. What is not is no name of anything.
func IsText(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }
