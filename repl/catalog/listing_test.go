package catalog

import (
	"strings"
	"testing"
)

// TestFind checks that every name of the \d family finds its command, and that others find none.
func TestFind(t *testing.T) {
	t.Parallel()
	names := "d d+ dS dSx+ dt dtv dti+ dtS+ ds dsS du du+ dg dx dx+ df df+ dfnS dfanptw da dn dp z zS dconfig dconfig+ dF dF+ dFd dFp+ dFt dRp+ dRs l l+ lx list dP dX dl dA dAc des det deu dew drds drg ddp dE dvm dd"
	for name := range strings.FieldsSeq(names) {
		if _, ok := Find(name); !ok {
			t.Errorf("\\%s has no command", name)
		}
	}
	for name := range strings.FieldsSeq("dq dz zz lt dconfigx+y d- dfq") {
		if _, ok := Find(name); ok {
			t.Errorf("\\%s has a command", name)
		}
	}
	if len(describers) < 35 {
		t.Errorf("only %d commands", len(describers))
	}
}
