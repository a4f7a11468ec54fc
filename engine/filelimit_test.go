package engine

import "testing"

func TestDescriptors(t *testing.T) {
	for _, test := range []struct {
		files uint64
		want  int
	}{
		{0, 1024}, {1 << 20, 1024}, {524288, 1024}, {61440, 611}, {20000, 197}, {4096, 96}, {1024, 96}, {100, 96},
	} {
		if got := descriptors(test.files); got != test.want {
			t.Errorf("%d files: %d descriptors, want %d", test.files, got, test.want)
		}
	}
}
