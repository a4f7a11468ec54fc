package format

import (
	"encoding/json"
	"testing"
)

func TestJSONArrays(t *testing.T) {
	t.Parallel()
	const oidMood = 20000
	for _, c := range []struct {
		column      Column
		value, want string
	}{
		{Column{OID: 1007}, "{1,2,NULL}", "[1,2,null]"},
		{Column{OID: 1007}, "{}", "[]"},
		{Column{OID: 1007}, "{{1,2},{3,4}}", "[[1,2],[3,4]]"},
		{Column{OID: 1007}, "[0:1]={1,2}", "[1,2]"},
		{Column{OID: 1007}, "[1:1][-2:-1]={{1,2}}", "[[1,2]]"},
		{Column{OID: 1000}, "{t,f}", "[true,false]"},
		{Column{OID: 1009}, `{a,"b,c","d\"e\\f","NULL",NULL,""," "}`, `["a","b,c","d\"e\\f","NULL",null,""," "]`},
		{Column{OID: 1022}, "{1.5,NaN,-Infinity}", `[1.5,"NaN","-Infinity"]`},
		{Column{OID: 199}, `{"{\"a\": [1, 2]}",null,NULL}`, `[{"a":[1,2]},null,null]`},
		{Column{OID: 3807}, `{1,"\"x\""}`, `[1,"x"]`},
		{Column{OID: oidBoxArray}, "{(1,1),(0,0);(2,2),(1,1)}", `["(1,1),(0,0)","(2,2),(1,1)"]`},
		{Column{OID: oidMood, Array: Array{Element: 19999, Delimiter: ','}}, "{sad,happy}", `["sad","happy"]`},
		{Column{OID: oidMood}, "{sad,happy}", `"{sad,happy}"`},
		{Column{OID: 1007}, "{1,2", `"{1,2"`},
		{Column{OID: 1007}, "{1}x", `"{1}x"`},
		{Column{OID: 1007}, "{1,}", `"{1,}"`},
		{Column{OID: 1007}, "{{{{{{{1}}}}}}}", `"{{{{{{{1}}}}}}}"`},
		{Column{OID: 1009}, `{"a`, `"{\"a"`},
		{Column{OID: 1009}, `{"a\`, `"{\"a\\"`},
		{Column{OID: 1009}, "[1:2", `"[1:2"`},
		{Column{OID: 1007}, "", `""`},
	} {
		c.column.Name = "v"
		if got := printed(t, "format=json", []Column{c.column}, []string{c.value}); got != `[{"v":`+c.want+"}]\n" {
			t.Errorf("type %d, value %q: got %s want %s", c.column.OID, c.value, got, c.want)
		}
	}
}

func FuzzJSONArray(f *testing.F) {
	for _, seed := range []string{"{1,2}", `{"a\"b",NULL}`, "[0:1]={{1},{2}}", "{{}", "{,}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, element := range []uint32{oidInt4, oidJSON, oidBool, 25} {
			if got, ok := appendArray(nil, Array{element, ','}, text); ok && !json.Valid(got) {
				t.Fatalf("%q became %s", text, got)
			}
		}
	})
}
