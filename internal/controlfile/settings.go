package controlfile

import "encoding/binary"

// Settings are the server parameters that the control file remembers.
type Settings struct {
	MaxConnections          int32
	MaxPreparedTransactions int32
	TrackCommitTimestamp    bool
}

// Offsets from floatFormat: the parameters lie right before maxAlign, in this order (src/include/catalog/pg_control.h).
const (
	atMaxConnections  = -28
	atMaxPrepared     = -16
	atTrackTimestamps = -8
)

// Settings returns the file's. It fails where [File.Layout] does.
func (f *File) Settings() (Settings, error) {
	at, err := f.floatAt()
	if err != nil {
		return Settings{}, err
	}
	number := func(offset int) int32 { return int32(binary.LittleEndian.Uint32(f.bytes[at+offset:])) }
	return Settings{number(atMaxConnections), number(atMaxPrepared), f.bytes[at+atTrackTimestamps] != 0}, nil
}
