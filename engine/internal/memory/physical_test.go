package memory

import "testing"

func TestPhysical(t *testing.T) {
	t.Parallel()
	if n := Physical(); n < 64<<20 || n > 1<<50 {
		t.Errorf("this computer has %d bytes of memory", n)
	}
}
