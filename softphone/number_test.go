package softphone

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// noon is a moment on the edge of a slot.
var noon = time.UnixMilli(1_800_000_000_000 / slotMillis * slotMillis)

func slotOf(t time.Time) uint16 { return uint16(t.UnixMilli() / slotMillis) }

func TestSequenceIsTheClock(t *testing.T) {
	t.Parallel()
	var o outward
	now := noon
	for i := range uint32(200) {
		seq, stamp, v := o.next(now, uint16(65500+i), 7+i*slotSamples, false)
		require.Equal(t, slotOf(now), seq)
		require.Equal(t, stampOf(now.UnixMilli()/slotMillis), stamp)
		require.Equal(t, i == 0, v == restarted)
		now = now.Add(slotMillis * time.Millisecond)
	}
}

func TestALostPacketStaysAGapAndALateOneIsDropped(t *testing.T) {
	t.Parallel()
	var o outward
	first, _, _ := o.next(noon, 10, 0, false)
	third, stamp, v := o.next(noon.Add(40*time.Millisecond), 12, 320, false)
	require.Equal(t, relayed, v)
	require.EqualValues(t, 2, third-first)
	_, _, v = o.next(noon.Add(41*time.Millisecond), 11, 160, false)
	require.Equal(t, late, v)
	_, _, v = o.next(noon.Add(42*time.Millisecond), 12, 320, false)
	require.Equal(t, late, v, "repeated")
	fourth, after, _ := o.next(noon.Add(60*time.Millisecond), 13, 480, false)
	require.EqualValues(t, 1, fourth-third)
	require.EqualValues(t, slotSamples, after-stamp)
}

func TestASlowSoundCardIsHeldBesideTheClock(t *testing.T) {
	t.Parallel()
	runDrift(t, slotMillis*time.Millisecond+200*time.Microsecond) // 1 % slow
}

func TestAFastSoundCardIsHeldBesideTheClock(t *testing.T) {
	t.Parallel()
	runDrift(t, slotMillis*time.Millisecond-20*time.Microsecond) // 0.1 % fast
}

// runDrift plays an hour at this pace; every tenth packet is quiet.
func runDrift(t *testing.T, pace time.Duration) {
	t.Helper()
	var o outward
	now := noon
	var last uint16
	var lastStamp uint32
	spares := 0
	for i := range uint32(time.Hour / pace) {
		seq, stamp, v := o.next(now, uint16(i), i*slotSamples, i%10 == 0)
		if v == spared {
			spares++
		} else {
			beside := int16(seq - slotOf(now))
			besideStamp := int32(stamp - uint32(now.UnixMilli()*8))
			forward := i == 0 || int16(seq-last) > 0 && int32(stamp-lastStamp) > 0
			if max(beside, -beside) > slack+3 || max(besideStamp, -besideStamp) > (slack+4)*slotSamples || !forward {
				require.FailNow(t, "off the clock", "packet %d: %d slots, %d samples, forward %v", i, beside, besideStamp, forward)
			}
			last, lastStamp = seq, stamp
		}
		now = now.Add(pace)
	}
	require.Less(t, spares, int(time.Hour/pace)/500, "sound is given up only for drift")
}

func TestAPauseBeginsAgainAtTheClock(t *testing.T) {
	t.Parallel()
	var o outward
	o.next(noon, 10, 0, false)
	later := noon.Add(time.Minute)
	seq, stamp, v := o.next(later, 11, 160, false)
	require.Equal(t, restarted, v)
	require.Equal(t, slotOf(later), seq)
	require.Equal(t, stampOf(later.UnixMilli()/slotMillis), stamp)
}

func TestARestartedServerGoesOnWhereTheOldOneStopped(t *testing.T) {
	t.Parallel()
	var before, after outward
	last, lastStamp, _ := before.next(noon, 40000, 99, false)
	first, firstStamp, _ := after.next(noon.Add(400*time.Millisecond), 3, 1<<31, false)
	require.EqualValues(t, 20, first-last)
	require.EqualValues(t, 20*slotSamples, firstStamp-lastStamp)
}

func TestAFloodIsHeldToThePaceOfSound(t *testing.T) {
	t.Parallel()
	var o outward
	passed := 0
	for i := range 100_000 { // 10 s, 10,000 packets a second
		if _, _, v := o.next(noon.Add(time.Duration(i)*100*time.Microsecond), uint16(i), uint32(i)*slotSamples, false); v == relayed || v == restarted {
			passed++
		}
	}
	require.LessOrEqual(t, passed, 500+farSlots+1)
}

func TestWhateverABrowserSendsItsNumbersOnlyGoForward(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var o outward
		now := noon
		var last int64
		var lastSeq uint16
		var lastStamp uint32
		seq, stamp := rapid.Uint16().Draw(t, "seq"), rapid.Uint32().Draw(t, "stamp")
		for range rapid.IntRange(1, 300).Draw(t, "packets") {
			switch rapid.SampledFrom([]string{"next", "next", "next", "jump", "back", "new source", "pause"}).Draw(t, "what") {
			case "next":
				now = now.Add(time.Duration(rapid.IntRange(0, 60).Draw(t, "ms")) * time.Millisecond)
				seq++
				stamp += slotSamples
			case "jump":
				seq += rapid.Uint16().Draw(t, "jump")
				stamp += rapid.Uint32().Draw(t, "jump of time")
			case "back":
				seq -= uint16(rapid.IntRange(0, 5).Draw(t, "back"))
			case "new source":
				o.source()
			case "pause":
				now = now.Add(time.Duration(rapid.IntRange(0, 100_000).Draw(t, "ms")) * time.Millisecond)
			}
			got, at, v := o.next(now, seq, stamp, rapid.Bool().Draw(t, "quiet"))
			if v != relayed && v != restarted {
				continue
			}
			if o.sent <= last || o.sent-now.UnixMilli()/slotMillis > 2*farSlots {
				t.Fatalf("number %d after %d, the clock is at %d", o.sent, last, now.UnixMilli()/slotMillis)
			}
			if last != 0 && v == restarted && int32(at-lastStamp) <= 0 {
				t.Fatalf("timestamp %d after %d", at, lastStamp)
			}
			if last != 0 && o.sent-last < 1<<15 && int16(got-lastSeq) <= 0 {
				t.Fatalf("sequence %d after %d", got, lastSeq)
			}
			last, lastSeq, lastStamp = o.sent, got, at
		}
	})
}

func TestABrowserHearsASilenceAsLongAsItWas(t *testing.T) {
	t.Parallel()
	var i inward
	seq, at, fresh := i.next(noon, 1, 65535, 100)
	require.True(t, fresh)
	seq2, at2, fresh := i.next(noon.Add(20*time.Millisecond), 1, 0, 260)
	require.False(t, fresh)
	require.EqualValues(t, 1, seq2-seq)
	require.EqualValues(t, slotSamples, at2-at)
	// Another leg, three seconds later.
	seq3, at3, fresh := i.next(noon.Add(3020*time.Millisecond), 2, 500, 9)
	require.True(t, fresh)
	require.EqualValues(t, 1, seq3-seq2)
	require.EqualValues(t, 3*8000, at3-at2)
}

func TestWhatIsNotForABrowserDoesNotLookLost(t *testing.T) {
	t.Parallel()
	var i inward
	seq, _, _ := i.next(noon, 1, 10, 0)
	i.skip(1, 11) // a telephone-event
	i.skip(1, 12)
	after, _, _ := i.next(noon.Add(60*time.Millisecond), 1, 13, 480)
	require.EqualValues(t, 1, after-seq)
	lost, _, _ := i.next(noon.Add(100*time.Millisecond), 1, 15, 800)
	require.EqualValues(t, 2, lost-after, "a real loss stays one")
	reordered, _, _ := i.next(noon.Add(101*time.Millisecond), 1, 14, 640)
	require.EqualValues(t, 1, reordered-after, "and is filled when it was only late")
}
