package softphone

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAKeyIsToldOnceWhateverIsLost(t *testing.T) {
	t.Parallel()
	type step struct {
		stamp   uint32
		event   []byte // nil: audio
		want    rune
		wantFor time.Duration
	}
	const end = 0x80
	for name, steps := range map[string][]step{
		"all packets come": {
			{0, []byte{5, 10, 0, 160}, 0, 0},
			{0, []byte{5, 10, 1, 64}, 0, 0},
			{0, []byte{5, 10 | end, 3, 32}, '5', 100 * time.Millisecond},
			{0, []byte{5, 10 | end, 3, 32}, 0, 0},
			{0, []byte{5, 10 | end, 3, 32}, 0, 0},
			{960, nil, 0, 0},
		},
		"only one end comes": {{0, []byte{11, end, 3, 32}, '#', 100 * time.Millisecond}, {960, nil, 0, 0}},
		"every end is lost": {
			{0, []byte{0, 0, 1, 64}, 0, 0},
			{100, nil, 0, 0}, // older audio that was overtaken
			{960, nil, '0', 40 * time.Millisecond},
			{1120, nil, 0, 0},
		},
		"the next key begins before an end": {
			{0, []byte{1, 0, 0, 160}, 0, 0},
			{1600, []byte{1, 0, 0, 160}, '1', 20 * time.Millisecond},
			{0, []byte{1, end, 3, 32}, 0, 0}, // the end that was overtaken
			{1600, []byte{1, end, 3, 32}, '1', 100 * time.Millisecond},
		},
		"both keys end in one packet each": {
			{0, []byte{1, 0, 0, 160}, 0, 0},
			{1600, []byte{2, end, 3, 32}, '1', 20 * time.Millisecond},
			{1600, []byte{2, end, 3, 32}, '2', 100 * time.Millisecond},
		},
		"no keys": {{0, []byte{16, end, 3, 32}, 0, 0}, {0, []byte{1, end}, 0, 0}, {0, []byte{}, 0, 0}},
		"the timestamp wraps": {
			{1<<32 - 100, []byte{12, 0, 0, 160}, 0, 0},
			{1<<32 - 100, []byte{12, end, 3, 32}, 'A', 100 * time.Millisecond},
			{700, []byte{15, end, 3, 32}, 'D', 100 * time.Millisecond},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var k keypad
			for i, s := range steps {
				var digit rune
				var held time.Duration
				var ok bool
				if s.event == nil {
					digit, held, ok = k.sound(s.stamp)
				} else {
					digit, held, ok = k.take(s.stamp, s.event)
				}
				require.Equal(t, s.want != 0, ok, "step %d", i)
				require.Equal(t, s.want, digit, "step %d", i)
				require.Equal(t, s.wantFor, held, "step %d", i)
			}
		})
	}
}
