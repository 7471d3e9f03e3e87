package webhook

import (
	"testing"
	"time"
)

// However many books listen, looking at them takes no more than a twentieth of the
// time.
func TestAgain(t *testing.T) {
	p := &Post{opt: Options{Look: time.Second}}
	for took, want := range map[time.Duration]time.Duration{0: time.Second, 50 * time.Millisecond: time.Second, 400 * time.Millisecond: 8 * time.Second} {
		if got := p.again(took); got != want {
			t.Errorf("after a look of %v the next is in %v, want %v", took, got, want)
		}
	}
}
