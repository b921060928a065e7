package journal

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"strconv"
	"time"

	"hotline/fact"
)

// Hash is the running hash of a log: SHA-256, cut to 16 bytes, over the hash before and the record's payload.
type Hash [16]byte

// String writes it in hexadecimal, as MarshalText does.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// MarshalText implements encoding.TextMarshaler.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (h *Hash) UnmarshalText(b []byte) error {
	if hex.DecodedLen(len(b)) != len(h) {
		return fmt.Errorf("a journal hash has %d hexadecimal digits, not %d", 2*len(h), len(b))
	}
	_, err := hex.Decode(h[:], b)
	return err
}

// seedHash is the hash before a stream's first record.
func seedHash(stream string) Hash {
	sum := sha256.Sum256([]byte(stream))
	return Hash(sum[:16])
}

func (h Hash) then(payload []byte) Hash {
	d := sha256.New()
	d.Write(h[:])
	d.Write(payload)
	var sum [sha256.Size]byte
	return Hash(d.Sum(sum[:0])[:16])
}

const (
	frameHead  = 48
	maxPayload = 16 << 20
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// frame is one record in the log, as bytes.
type frame struct {
	mark
	synced  uint64 // what was on the disk for certain when this frame was made
	payload []byte // valid as long as the buffer it was read from
	size    int    // of head and payload
}

var (
	errShort    = errors.New("the buffer ends within the frame")
	errBadFrame = errors.New("not a frame")
)

// appendFrame encodes r behind prev.
func appendFrame(dst []byte, r fact.Record, prev Hash, synced uint64) ([]byte, mark, error) {
	start := len(dst)
	var head [frameHead]byte
	dst = append(dst, head[:]...)
	dst, err := appendRecord(dst, r)
	if err != nil {
		return dst[:start], mark{}, err
	}
	b := dst[start:]
	payload := b[frameHead:]
	if len(payload) > maxPayload {
		return dst[:start], mark{}, fmt.Errorf("record %d has %d bytes; the limit is %d", r.Seq, len(payload), maxPayload)
	}
	m := mark{seq: r.Seq, at: r.At.UnixNano(), hash: prev.then(payload)}
	binary.LittleEndian.PutUint32(b[0:], uint32(len(payload)))
	binary.LittleEndian.PutUint64(b[8:], m.seq)
	binary.LittleEndian.PutUint64(b[16:], uint64(m.at))
	binary.LittleEndian.PutUint32(b[24:], uint32(min(r.Seq-synced, 1<<32-1)))
	copy(b[32:], m.hash[:])
	binary.LittleEndian.PutUint32(b[4:], frameSum(b))
	return dst, m, nil
}

// frameSum covers everything but itself.
func frameSum(b []byte) uint32 {
	return crc32.Update(crc32.Checksum(b[:4], castagnoli), castagnoli, b[8:])
}

// readFrame reads the frame that b begins with. errShort: more bytes are needed (frameHead, or the frame's size).
func readFrame(b []byte) (frame, error) {
	if len(b) < frameHead {
		return frame{}, errShort
	}
	n := binary.LittleEndian.Uint32(b)
	if n < 2 || n > maxPayload {
		return frame{}, errBadFrame
	}
	f := frame{size: frameHead + int(n)}
	if len(b) < f.size {
		return f, errShort
	}
	b = b[:f.size]
	if frameSum(b) != binary.LittleEndian.Uint32(b[4:]) {
		return frame{}, errBadFrame
	}
	f.seq = binary.LittleEndian.Uint64(b[8:])
	f.at = int64(binary.LittleEndian.Uint64(b[16:]))
	unsynced := uint64(binary.LittleEndian.Uint32(b[24:]))
	if f.seq == 0 || unsynced > f.seq {
		return frame{}, errBadFrame
	}
	f.synced = f.seq - unsynced
	copy(f.hash[:], b[32:])
	f.payload = b[frameHead:]
	return f, nil
}

// seekFrame finds the first whole frame in b from this sequence on, and its offset.
func seekFrame(b []byte, least uint64) (int, frame, bool) {
	for i := 0; i+frameHead <= len(b); i++ {
		seq := binary.LittleEndian.Uint64(b[i+8:])
		if seq < least || seq-least > 1<<32 { // sparing a checksum at nearly every byte
			continue
		}
		if f, err := readFrame(b[i:]); err == nil {
			return i, f, true
		}
	}
	return 0, frame{}, false
}

// appendRecord writes what fact.Record.MarshalJSON writes, without its copies, and with the time in UTC.
func appendRecord(dst []byte, r fact.Record) ([]byte, error) {
	dst = append(dst, `{"seq":`...)
	dst = strconv.AppendUint(dst, r.Seq, 10)
	dst = append(dst, `,"at":"`...)
	dst = r.At.UTC().AppendFormat(dst, time.RFC3339Nano)
	dst = append(dst, `","facts":[`...)
	for i, f := range r.Facts {
		if i > 0 {
			dst = append(dst, ',')
		}
		b, err := fact.Marshal(f)
		if err != nil {
			return dst, fmt.Errorf("record %d, fact %d: %w", r.Seq, i, err)
		}
		dst = append(dst, b...)
	}
	return append(dst, `]}`...), nil
}
