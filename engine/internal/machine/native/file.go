package native

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/pglite-toolbox/pglite/engine/internal/wasm/ctranslate"
)

// file is what a file of machine code says of itself. All places are distances from the file's beginning.
type file struct {
	size                 uint64 // of what is to be mapped
	resume, thunk, fault uint64
	module               string // SHA-256 of the module that it is the code of
	minPages, maxPages   uint64
	imports              []imported // in the order of their call numbers
	entries              map[string]entry
	globals              []uint64 // first values of mutable globals, by slot
	variables            map[string]int
	constants            map[string]uint64
}

type imported struct{ module, name, signature string }

type entry struct {
	at        uint64
	signature string
}

// header is what is at the file's entry point; package ctranslate writes it. Distances are from the header.
type header struct {
	Magic                [16]byte
	Version              uint32
	Resume, Thunk, Fault int32
	Description          int32
	DescriptionLength    uint32
	Entries              int32
	EntryCount           uint32
}

// machines are the processors as ELF has them, by Go's names.
var machines = map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}

// readFile reads the description of a file of machine code for a processor.
func readFile(r io.ReaderAt, processor string) (*file, error) {
	e, err := elf.NewFile(r)
	if err != nil {
		return nil, err
	}
	if e.Class != elf.ELFCLASS64 || e.Data != elf.ELFDATA2LSB || e.Machine != machines[processor] {
		return nil, fmt.Errorf("it is for %v, not for %s", e.Machine, processor)
	}
	f := &file{entries: map[string]entry{}, variables: map[string]int{}, constants: map[string]uint64{}}
	for _, p := range e.Progs {
		switch {
		case p.Type != elf.PT_LOAD:
		case f.size != 0 || p.Off != 0 || p.Vaddr != 0 || p.Filesz != p.Memsz || p.Flags != elf.PF_R|elf.PF_X:
			return nil, errors.New("it is not one readable and executable segment from its beginning on")
		default:
			f.size = p.Filesz
		}
	}
	if err := f.readHeader(r, e.Entry); err != nil {
		return nil, err
	}
	return f, nil
}

func (f *file) readHeader(r io.ReaderAt, at uint64) error {
	var h header
	if at >= f.size {
		return errors.New("it has no header")
	}
	if err := binary.Read(io.NewSectionReader(r, int64(at), int64(f.size-at)), binary.LittleEndian, &h); err != nil {
		return fmt.Errorf("read its header: %w", err)
	}
	if !bytes.HasPrefix(h.Magic[:], []byte(ctranslate.Magic)) {
		return errors.New("it has no header")
	}
	if h.Version != ctranslate.Version {
		return fmt.Errorf("it has the version %d, this program takes %d", h.Version, ctranslate.Version)
	}
	place := func(distance int32) uint64 { return at + uint64(int64(distance)) }
	f.resume, f.thunk, f.fault = place(h.Resume), place(h.Thunk), place(h.Fault)
	const most = 1 << 20
	if h.DescriptionLength > most || h.EntryCount > most {
		return errors.New("its header is damaged")
	}
	text := make([]byte, h.DescriptionLength)
	distances := make([]int32, h.EntryCount)
	if _, err := r.ReadAt(text, int64(place(h.Description))); err != nil {
		return fmt.Errorf("read its description: %w", err)
	}
	entries := io.NewSectionReader(r, int64(place(h.Entries)), 4*int64(len(distances)))
	if err := binary.Read(entries, binary.LittleEndian, distances); err != nil {
		return fmt.Errorf("read its entries: %w", err)
	}
	return f.describe(string(text), func(i int) (uint64, bool) {
		if i >= len(distances) {
			return 0, false
		}
		return place(distances[i]), true
	})
}

// describe reads the description, whose lines package ctranslate documents.
func (f *file) describe(text string, entryAt func(i int) (uint64, bool)) error {
	for line := range strings.Lines(text) {
		word, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if err := f.line(word, rest, entryAt); err != nil {
			return fmt.Errorf("its description has the line %q: %w", line, err)
		}
	}
	return nil
}

func (f *file) line(word, rest string, entryAt func(i int) (uint64, bool)) (err error) {
	switch word {
	case "module":
		_, err = fmt.Sscanf(rest, "%q", &f.module)
	case "memory":
		_, err = fmt.Sscan(rest, &f.minPages, &f.maxPages)
	case "import":
		var i imported
		_, err = fmt.Sscanf(rest, "%q %q %s", &i.module, &i.name, &i.signature)
		f.imports = append(f.imports, i)
	case "entry":
		var name string
		var e entry
		var ok bool
		if _, err = fmt.Sscanf(rest, "%q %s", &name, &e.signature); err == nil {
			if e.at, ok = entryAt(len(f.entries)); !ok {
				return errors.New("it has no such entry")
			}
			f.entries[name] = e
		}
	case "global":
		var slot int
		var bits uint64
		if _, err = fmt.Sscan(rest, &slot, &bits); err == nil && slot != len(f.globals) {
			return errors.New("the slots are not in order")
		}
		f.globals = append(f.globals, bits)
	case "variable":
		var name string
		var slot int
		_, err = fmt.Sscanf(rest, "%q %d", &name, &slot)
		f.variables[name] = slot
	case "constant":
		var name string
		var bits uint64
		_, err = fmt.Sscanf(rest, "%q %d", &name, &bits)
		f.constants[name] = bits
	default:
		err = errors.New("unknown")
	}
	return err
}
