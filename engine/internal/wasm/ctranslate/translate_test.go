package ctranslate

import (
	"regexp"
	"strings"
	"testing"

	"github.com/pglite-toolbox/pglite/engine/internal/wasm"
)

func section(id byte, content string) string { return string([]byte{id, byte(len(content))}) + content }

// moduleOf has one function of the type i32 -> i32, exported as "f", with a memory and the code, which is without its end.
func moduleOf(code string) []byte {
	body := "\x00" + code + "\x0b"
	return []byte("\x00asm\x01\x00\x00\x00" + section(1, "\x02\x60\x01\x7f\x01\x7f\x60\x00\x00") + section(3, "\x02\x00\x01") + section(5, "\x01\x00\x01") +
		section(7, "\x02\x01f\x00\x00\x04tick\x00\x01") + section(10, "\x02"+string(byte(len(body)))+body+"\x02\x00\x0b"))
}

func translated(t *testing.T, code string, opts Options) string {
	t.Helper()
	files, err := Translate(moduleOf(code), opts)
	if err != nil {
		t.Fatal(err)
	}
	return string(files["part00.c"])
}

func TestForms(t *testing.T) {
	for code, want := range map[string]string{
		"\x20\x00\x41\x05\x6a":                                     "i0=l0;\ni0=i0+5u;\nreturn i0;",
		"\x20\x00\x28\x02\x08":                                     "i0=MEM(u32,(u64)i0+8u);",
		"\x20\x00\x2c\x00\x80\x80\x80\x80\x08":                     "i0=(u32)(s32)MEM(s8,far_address(m,(u64)i0+2147483648u,8/8));",
		"\x41\x7f\x00":                                             "TRAP(TRAP_UNREACHABLE);",
		"\x02\x7f\x41\x01\x0c\x00\x0b":                             "i0=1u;goto L1;\nL1:;\nreturn i0;",
		"\x41\x01\x41\x02\x20\x00\x1b":                             "i0=i2?1u:2u;",
		"\x20\x00\x04\x7f\x41\x03\x05\x41\x04\x0b":                 "if(i0){\ni0=3u;\n}else{\ni0=4u;\n}\nreturn i0;",
		"\x43\x00\x00\x00\x80\xbc":                                 "i0=bits_of_f32(f32_of_bits(0x80000000u));",
		"\x02\x40\x02\x40\x20\x00\x0e\x01\x00\x01\x0b\x0b\x41\x00": "switch(i0){\ncase 0:goto L2;\ndefault:goto L1;}",
	} {
		if got := translated(t, code, Options{}); !strings.Contains(got, want) {
			t.Errorf("%q: want\n%s\nin\n%s", code, want, got)
		}
	}
}

// TestHook: a loop with a call in it counts in the context, an innermost one in a variable.
func TestHook(t *testing.T) {
	opts := Options{Hook: Hook{Function: "tick", Every: 10, Batch: 4}}
	if got := translated(t, "\x03\x40\x10\x01\x0b\x20\x00", opts); !strings.Contains(got, "L1:;\nHOOK(1);\n") {
		t.Errorf("a loop with a call:\n%s", got)
	}
	if got := translated(t, "\x03\x40\x01\x0b\x20\x00", opts); !strings.Contains(got, "L1:;\nif(unlikely(!(++rounds&3)))HOOK(4);\n") {
		t.Errorf("a loop without:\n%s", got)
	}
	opts.Hook.Exempt = []string{"f"}
	if got := translated(t, "\x03\x40\x01\x0b\x20\x00", opts); strings.Contains(got, "HOOK") {
		t.Errorf("an exempt function:\n%s", got)
	}
	opts.Hook.Function = "nobody"
	if _, err := Translate(moduleOf("\x20\x00"), opts); err == nil {
		t.Error("a hook that is not there is no error")
	}
}

// TestRefused: what cannot be translated is an error with the function and the offset.
func TestRefused(t *testing.T) {
	for code, want := range map[string]string{
		"\xd2\x00\x1a\x20\x00":             "opcode 0xd2",
		"\x20\x00\xfd\x11\x1a\x20\x00":     "opcode 0xfd11",
		"\x20\x00\x12\x00":                 "opcode 0x12",
		"\x41\x00\x41\x00\xfe\x00\x02\x00": "opcode 0xfe00",
		"\xfc\x09\x00\x41\x00":             "opcode 0xfc09",
		"\x41\x00\x02\x00\x1a\x41\x00\x0b": "block of the type",
	} {
		_, err := Translate(moduleOf(code), Options{})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "function 0") || !strings.Contains(err.Error(), "offset 0x") {
			t.Errorf("%q: got %v, want an error about %s with function and offset", code, err, want)
		}
	}
	for _, module := range []string{"", "\x00asm\x01\x00\x00\x00" + section(2, "\x01\x01a\x01b\x02\x00\x01"), string(moduleOf("\x20"))} {
		if _, err := Translate([]byte(module), Options{}); err == nil {
			t.Errorf("%q was translated", module)
		}
	}
}

// TestFormsFitTheirInstructions: each form uses all operands of its instruction, and no others.
func TestFormsFitTheirInstructions(t *testing.T) {
	used := regexp.MustCompile(`\$[a1-9]`)
	for op, f := range forms {
		operands, _, ok := wasm.Signature(op)
		if !ok {
			t.Errorf("%s: %#x has no fixed type", f.name, op)
		}
		found := map[string]bool{}
		for _, use := range used.FindAllString(f.c, -1) {
			found[strings.Replace(use, "a", "1", 1)] = true
		}
		if len(found) != len(operands) {
			t.Errorf("%s takes %d operands, its form uses %d", f.name, len(operands), len(found))
		}
		if f.spec == "" || accessed.MatchString(f.c) != strings.Contains(f.c, "$a") {
			t.Errorf("%s: section %q, form %q", f.name, f.spec, f.c)
		}
	}
}

// TestReproducible: the same module gives the same bytes.
func TestReproducible(t *testing.T) {
	once, err := Translate(moduleOf("\x20\x00"), Options{Parts: 2})
	if err != nil {
		t.Fatal(err)
	}
	again, err := Translate(moduleOf("\x20\x00"), Options{Parts: 2})
	if err != nil {
		t.Fatal(err)
	}
	if len(once) != len(again) || len(once) < 8 {
		t.Fatalf("%d files, then %d", len(once), len(again))
	}
	for name, content := range once {
		if string(content) != string(again[name]) {
			t.Errorf("%s differs", name)
		}
	}
}

// FuzzTranslate: whatever the module is, the result is C or an error.
func FuzzTranslate(f *testing.F) {
	for _, code := range []string{"\x20\x00", "\x03\x40\x10\x01\x0b\x20\x00", "\x20\x00\x04\x7f\x41\x03\x05\x41\x04\x0b"} {
		f.Add(moduleOf(code))
	}
	f.Fuzz(func(t *testing.T, module []byte) {
		if len(module) > 4096 {
			return
		}
		_, _ = Translate(module, Options{Hook: Hook{Function: "tick", Every: 10, Batch: 4}, Parts: 3})
	})
}
