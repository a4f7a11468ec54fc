package wasm

// Kinds of data segments, as the binary format encodes them.
const (
	activeSegment         = 0 // of memory 0
	passiveSegment        = 1
	activeSegmentOfMemory = 2 // with a memory index
)

// dataSegment is the place of a data segment in the module: its kind at
// start, an active one's offset expression (with its end) from offset to
// init, and from init to end a byte vector of the given size.
type dataSegment struct {
	kind, memory        uint32
	start, offset, init int
	end                 int
	size                uint32
}

func (m *module) dataItem(r *reader) {
	s := dataSegment{start: r.pos}
	s.kind = r.u32()
	switch s.kind {
	case passiveSegment:
	case activeSegment, activeSegmentOfMemory:
		if s.kind == activeSegmentOfMemory {
			s.memory = r.u32()
		}
		s.offset = r.pos
		r.constantExpression()
	default:
		r.fail(s.start, "unknown data segment kind %d", s.kind)
	}
	s.init = r.pos
	s.size = r.u32()
	r.skip(s.size)
	s.end = r.pos
	m.segments = append(m.segments, s)
}

// initialises reports whether instantiation writes the segment to memory 0.
func (s dataSegment) initialises() bool {
	return s.kind != passiveSegment && s.memory == 0
}
