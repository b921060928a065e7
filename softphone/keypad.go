package softphone

import (
	"encoding/binary"
	"time"
)

// Press is a key that a browser's user pressed.
type Press struct {
	Phone   string
	Session string
	Digit   rune // 0-9 * # A-D
	Held    time.Duration
}

// digits are the events 0 to 15 of RFC 4733 §3.2; others are no keys.
const digits = "0123456789*#ABCD"

// pressesWaiting bounds what a slow Pressed can leave lying.
const pressesWaiting = 1000

// keypad makes one press out of the packets of a telephone-event, of which a
// browser sends one each 20 ms and the last three times, all with the
// timestamp of the beginning.
type keypad struct {
	used  bool
	stamp uint32 // of the newest event
	event byte
	held  uint16 // samples
	open  bool   // not told yet
}

// take reads an event's packet and returns the key that it completes: the
// event's own at its first end packet, or the one before whose end was lost.
func (k *keypad) take(stamp uint32, payload []byte) (digit rune, held time.Duration, ok bool) {
	if len(payload) < 4 || int(payload[0]) >= len(digits) {
		return 0, 0, false
	}
	if k.used && int32(stamp-k.stamp) < 0 {
		return 0, 0, false // of an event that is over
	}
	if !k.used || stamp != k.stamp {
		digit, held, ok = k.close()
		*k = keypad{used: true, stamp: stamp, event: payload[0], open: true}
	}
	k.held = max(k.held, binary.BigEndian.Uint16(payload[2:]))
	if end := payload[1]&0x80 != 0; end && !ok {
		return k.close()
	}
	return digit, held, ok
}

// sound says that audio of this time came: an event before it is over, even if
// all three of its end packets were lost.
func (k *keypad) sound(stamp uint32) (rune, time.Duration, bool) {
	if k.open && int32(stamp-k.stamp-uint32(k.held)) > 0 {
		return k.close()
	}
	return 0, 0, false
}

func (k *keypad) close() (rune, time.Duration, bool) {
	if !k.open {
		return 0, 0, false
	}
	k.open = false
	return rune(digits[k.event]), samples(float64(k.held)), true
}

// pressed tells of a key, unless ok is false.
func (s *session) pressed(digit rune, held time.Duration, ok bool) {
	if !ok || s.x.cfg.Pressed == nil {
		return
	}
	if !s.x.notifier.press(Press{Phone: s.phone.key, Session: s.id, Digit: digit, Held: held}) {
		s.x.counts.drop(dropPress)
		s.log.Warn("a key was lost: the listener to keys is too slow", "waiting", pressesWaiting)
	}
}
