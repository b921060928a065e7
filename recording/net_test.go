package recording

import (
	"bytes"
	"context"
	"errors"
	"io"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"hotline/ari"
)

func TestTheNetsFileNamesTellWhoCalledWhomAndWhen(t *testing.T) {
	at := time.Date(2026, 11, 21, 23, 45, 0, 0, time.UTC)
	for name, want := range map[string]Net{
		"net_20261121T234500Z_1795304700.7_12345_13911112222":                    {Channel: "1795304700.7", Dialled: "12345", Caller: "13911112222"},
		"net_20261121T234500Z_hotline-5060-1795304700.7_.8612345_.8613911112222": {Channel: "hotline-5060-1795304700.7", Dialled: "+8612345", Caller: "+8613911112222"},
		"net_20261121T234500Z_a_b-1795304700.7_12345_withheld":                   {Channel: "a_b-1795304700.7", Dialled: "12345", Withheld: true},
		"net_20261121T234500Z_1795304700.7_12345_":                               {Channel: "1795304700.7", Dialled: "12345", Withheld: true},
		"net_20261121T234500Z_1795304700.7_12345_front-desk":                     {Channel: "1795304700.7", Dialled: "12345", Caller: "front-desk"},
	} {
		got, ok := ParseNet(name)
		require.True(t, ok, name)
		want.Name, want.At = name, at
		require.Equal(t, want, got)
	}
	for _, name := range []string{
		"", "1795304700.7-m1", "net_20261121T234500Z_1795304700.7_12345", "net_20261321T234500Z_1_12345_1", "net_20261121T234500Z_../x_1_1",
		"net_20261121T234500Z_1/2_1_1", "net_20261121T234500Z_1_12a45_1", "net_20261121T234500Z__12345_1", "xnet_20261121T234500Z_1_1_1",
	} {
		_, ok := ParseNet(name)
		require.False(t, ok, name)
	}
}

// netPBX is an Asterisk with messages of the net.
type netPBX struct {
	mu      sync.Mutex
	files   map[string][]byte
	live    map[string]bool // channels
	deleted []string
	err     error
}

func (p *netPBX) StoredRecordings(context.Context) (all []ari.StoredRecording, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for name := range p.files {
		all = append(all, ari.StoredRecording{Name: name})
	}
	return all, p.err
}

func (p *netPBX) Channel(_ context.Context, id string) (ari.Channel, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.live[id] {
		return ari.Channel{}, nil
	}
	return ari.Channel{}, &ari.Error{Status: 404}
}

func (p *netPBX) RecordingFile(_ context.Context, name string) (io.ReadCloser, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return io.NopCloser(bytes.NewReader(p.files[name])), nil
}

func (p *netPBX) DeleteRecording(_ context.Context, name string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.deleted = append(p.deleted, name)
	delete(p.files, name)
	return nil
}

// book is the loop in a test: what is journalled, and what of it still waits for its recording.
type book struct {
	mu      sync.Mutex
	took    []Net
	length  time.Duration
	empty   bool
	pending map[string]bool
	err     error
}

func (b *book) Taken(channel string) (taken, pending, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	pending, taken = b.pending[channel]
	return taken, pending, true
}

func (b *book) Take(_ context.Context, _ string, n Net, length time.Duration, empty bool) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err != nil {
		return b.err
	}
	b.took, b.length, b.empty, b.pending[n.Channel] = append(b.took, n), length, empty, true
	return nil
}

// while changes something under the lock that the collector's reads take.
func while(mu *sync.Mutex, change func()) {
	mu.Lock()
	defer mu.Unlock()
	change()
}

const netName = "net_20261121T234500Z_1795304700.7_12345_13911112222"

func TestAMessageOfTheNetIsTakenOnceAndItsFileStaysUntilItIsStored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &netPBX{files: map[string][]byte{netName: wavOf(tone(440, 2*time.Second)), "x-m1": nil}, live: map[string]bool{"1795304700.7": true}}
		b := &book{pending: map[string]bool{}, err: errors.New("the journal is away")}
		c := NewCollector(b, time.Minute, nil)
		defer c.Stop()
		c.Add("a", p)
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		require.Empty(t, b.took, "no link, nothing asked")

		c.Up("a", true)
		synctest.Wait()
		require.Empty(t, b.took, "the caller still speaks")

		while(&p.mu, func() { p.live = nil })
		time.Sleep(time.Minute)
		synctest.Wait()
		require.Empty(t, b.took, "it was not journalled")

		while(&b.mu, func() { b.err = nil })
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		require.Len(t, b.took, 1)
		require.Equal(t, 2*time.Second, b.length)
		require.False(t, b.empty)
		require.Contains(t, p.files, netName, "whoever fetches it deletes it")

		while(&b.mu, func() { b.pending["1795304700.7"] = false }) // stored, but it could not be deleted then
		time.Sleep(time.Minute)
		synctest.Wait()
		require.Len(t, b.took, 1)
		require.Equal(t, []string{netName}, p.deleted)
		require.Contains(t, p.files, "x-m1", "other recordings are not its business")
	})
}

func TestSilenceWithTheNetIsTakenInAsEmpty(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &netPBX{files: map[string][]byte{netName: wavOf(silence(3 * time.Second))}}
		b := &book{pending: map[string]bool{}}
		c := NewCollector(b, time.Minute, nil)
		defer c.Stop()
		c.Add("a", p)
		c.Up("a", true)
		synctest.Wait()
		require.True(t, b.empty)
		require.Len(t, b.took, 1)
	})
}

func TestABrokenFileOfTheNetDoesNotKeepTheOthersOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &netPBX{files: map[string][]byte{netName: wavOf(tone(440, time.Second)), "net_20261121T234500Z_1.1_12345_1": []byte("not a sound")}}
		b := &book{pending: map[string]bool{}}
		c := NewCollector(b, time.Minute, nil)
		defer c.Stop()
		c.Add("a", p)
		c.Up("a", true)
		synctest.Wait()
		require.Len(t, b.took, 1)
		require.Equal(t, "1795304700.7", b.took[0].Channel)
	})
}
