package cmd

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestArrange(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"exec":                               "exec|--",
		"exec|SELECT 1":                      "exec|--|SELECT 1",
		"-D|dir|exec|SELECT 1":               "--data=dir|exec|--|SELECT 1",
		"exec|SELECT 1|-Ddir|--dbname|db|-q": "--data=dir|--dbname=db|exec|--quiet|--|SELECT 1",
		"exec|-Atc|SELECT 1":                 "exec|--no-align|--tuples-only|--command=SELECT 1|--",
		"exec|-AtcSELECT 1|-F,|-P|null=":     "exec|--no-align|--tuples-only|--command=SELECT 1|--field-separator=,|--pset=null=|--",
		"exec|--|-x|--":                      "exec|--|-x|--",
		"exec|-f|-|-":                        "exec|--file=-|--|-",
		"exec|-1|-p|-1|--parameter=-2":       "exec|--single-transaction|--parameter=-1|--parameter=-2|--",
		"exec|-- a comment\nSELECT 1":        "exec|--|-- a comment\nSELECT 1",
		"-v|exec|-v|a=1":                     "--verbose|exec|--variable=a=1|--",
		"exec|--set=a=1|--set|b=2,3":         "--set=a=1|--set=b=2,3|exec|--",
		"init|--set|a=1|dir":                 "init|--set=a=1|--|dir",
		"--set|a=1|-U|o|-D|x|init|y":         "--data=x|init|--set=a=1|--username=o|--|y",
		"-v|-U|o|exec|-v|a=1":                "--verbose|--username=o|exec|--variable=a=1|--",
		"init|--waldir|x":                    "!init has no option --waldir: ",
		"init|-U|owner|-E|UTF8|-k":           "init|--username=owner|--encoding=UTF8|--data-checksums|--",
		"tool|psql|-D|x|--|-c|y":             "tool|--|psql|-D|x|--|-c|y",
		"tool|-D|x|psql|--help":              "--data=x|tool|--|psql|--help",
		"serve|-q|sh|-c|-q":                  "serve|--quiet|--|sh|-c|-q",
		"serve|-q|--|sh|--|-c":               "serve|--quiet|--|sh|--|-c",
		"dump|-D|x|-Fc|help":                 "dump|--|-D|x|-Fc|help",
		"exec|--help":                        "exec|--help|--",
		"--help":                             "--help",
		"exec|SELECT 1|--version":            "--version",
		"--format|csv|exec":                  "!unknown option --format",
		"exec|--nonsense=1":                  "!unknown option --nonsense",
		"exec|--c|SELECT 1":                  "!unknown option --c",
		"exec|-qé":                           "!unknown option -",
		"exec|-c":                            "!option -c needs a value",
		"exec|-q|--output":                   "!option --output needs a value",
		"exec|--quiet=yes":                   "!option --quiet takes no value",
		"nonsense":                           `!unknown command "nonsense"`,
		"":                                   `!unknown command ""`,
	} {
		p := &program{backend: production()}
		arranged, err := arrange(p.app().Flags, p.commands(), append([]string{"pglite"}, strings.Split(line, "|")...))
		got := arranged.ordered
		if problem, isError := strings.CutPrefix(want, "!"); isError {
			var usage *usageError
			if !errors.As(err, &usage) || !strings.HasPrefix(err.Error(), problem) {
				t.Errorf("%q: got error %v, want %s", line, err, problem)
			}
			continue
		}
		if err != nil || !slices.Equal(got[1:], strings.Split(want, "|")) {
			t.Errorf("%q\ngot  %q, error %v\nwant %q", line, got, err, want)
		}
	}
}

func TestArrangeKeepsOrder(t *testing.T) {
	t.Parallel()
	p := &program{backend: production()}
	line, err := arrange(p.app().Flags, p.commands(), strings.Split("pglite -v exec -c 1 2 -f 3 -D x --command=4 5", " "))
	if err != nil {
		t.Fatal(err)
	}
	want := []item{{"command", "1"}, {"", "2"}, {"file", "3"}, {"command", "4"}, {"", "5"}}
	if !slices.Equal(line.items, want) || line.command != "exec" || !slices.Equal(line.globals, []string{"verbose", "data"}) {
		t.Errorf("got %+v, want %v", line, want)
	}
}
