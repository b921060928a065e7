package recording

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// stored puts a short recording into the store.
func stored(t *testing.T, s *Store, id string, at time.Time) string {
	t.Helper()
	p := newPBX()
	f, results := fetcher(t, p, Options{Store: s, Encoder: WAV{}})
	defer f.Stop()
	j := call(p, id, tone(440, 100*time.Millisecond), nil)
	j.At = at
	f.Fetch(j)
	r := <-results
	require.NotNil(t, r.Stored, r.Lost)
	return r.Stored.File
}

func TestNoNameLeadsOutOfTheStore(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "secret.wav"), []byte("secret"), 0o600))
	s, err := OpenStore(filepath.Join(dir, "store"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	require.NoError(t, os.MkdirAll(filepath.Join(s.dir, "2026/11/21"), 0o700))
	require.NoError(t, os.Symlink(filepath.Join(dir, "secret.wav"), filepath.Join(s.dir, "2026/11/21/link.wav")))
	for _, file := range []string{"", ".", "../secret.wav", "/etc/passwd", "2026/11/21/../../../../secret.wav", "2026/11/21/..wav",
		".tmp/x.wav", "2026/11/21/x.json", "2026/11/21/x.wav/", "2026/11/21/a/b.wav", "2026/11/21/a\x00.wav", "2026/11/21/-.wav",
		"2026/11/21/" + strings.Repeat("a", 200) + ".wav", "2026\\11\\21\\x.wav"} {
		_, _, err := s.Open(file)
		require.ErrorIs(t, err, ErrName, file)
		_, err = s.Peaks(file, 10)
		require.ErrorIs(t, err, ErrName, file)
		require.ErrorIs(t, s.Remove(file), ErrName, file)
	}
	_, _, err = s.Open("2026/11/21/link.wav")
	require.Error(t, err, "a link leads out")
	_, _, err = s.Open("2026/11/21/none.wav")
	require.ErrorIs(t, err, ErrNotFound)
	_, err = s.Peaks("2026/11/21/none.wav", 10)
	require.ErrorIs(t, err, ErrNotFound)
}

func TestIdsFromOutsideAreNotTrusted(t *testing.T) {
	p, s := newPBX(), newStore(t)
	f, results := fetcher(t, p, Options{Store: s, Encoder: WAV{}})
	for _, j := range []Job{
		{Recording: "../../x", Left: "a"}, {Recording: "a/b", Left: "a"}, {Recording: "", Left: "a"}, {Recording: ".x", Left: "a"},
		{Recording: "ok", Left: "../a"}, {Recording: "ok", Left: "a", Right: "b/../c"}, {Recording: "a\nb", Left: "a"},
	} {
		f.Fetch(j)
		r := <-results
		require.NotNil(t, r.Lost, "%+v", j)
		require.Contains(t, r.Lost.Why, ErrName.Error())
	}
	require.Zero(t, p.fetched)
}

func TestARecordingIsServedInRangesForTheBrowsersSlider(t *testing.T) {
	s := newStore(t)
	file := stored(t, s, "c", calledAt)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.Serve(w, r, strings.TrimPrefix(r.URL.Path, "/"))
	}))
	defer server.Close()
	defer http.DefaultClient.CloseIdleConnections()
	get := func(path, ranges string) (*http.Response, string) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/"+path, nil)
		require.NoError(t, err)
		if ranges != "" {
			req.Header.Set("Range", ranges)
		}
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		return resp, string(b)
	}
	resp, all := get(file, "")
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.Equal(t, "audio/wav", resp.Header.Get("Content-Type"))
	require.Len(t, all, 44+1600)
	resp, part := get(file, "bytes=44-143")
	require.Equal(t, http.StatusPartialContent, resp.StatusCode)
	require.Equal(t, all[44:144], part)
	resp, _ = get("2026/11/21/none.wav", "")
	require.Equal(t, http.StatusNotFound, resp.StatusCode)
	resp, _ = get("2026/11/21/%2e%2e/x.wav", "")
	require.Equal(t, http.StatusNotFound, resp.StatusCode)
}

func TestASweepForgetsWhatIsOverAndKeepsWhatIsHeld(t *testing.T) {
	s := newStore(t)
	day := func(n int) time.Time { return calledAt.AddDate(0, 0, n) }
	old, held, fresh := stored(t, s, "old", day(0)), stored(t, s, "held", day(1)), stored(t, s, "fresh", day(40))
	edge := stored(t, s, "edge", day(10))
	now := day(40)
	var seen []string
	keep := func(k Kept) (time.Time, bool) {
		seen = append(seen, k.ID+" "+k.At.Format(time.DateOnly))
		return k.At.AddDate(0, 0, 30), k.ID == "held"
	}
	swept, err := s.Sweep(t.Context(), now, keep)
	require.NoError(t, err)
	require.Equal(t, Swept{Kept: 2, Removed: 2, Freed: 2 * 1644}, swept)
	require.Equal(t, []string{"old 2026-11-21", "held 2026-11-22", "edge 2026-12-01", "fresh 2026-12-31"}, seen)
	require.ElementsMatch(t, []string{held, notePath(held), fresh, notePath(fresh)}, filesIn(t, s))
	_, _, err = s.Open(old)
	require.ErrorIs(t, err, ErrNotFound)
	_, err = os.Stat(filepath.Join(s.dir, filepath.Dir(edge)))
	require.ErrorIs(t, err, os.ErrNotExist, "an empty day goes, too")
	require.NoError(t, s.Remove(old), "forgotten already")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = s.Sweep(ctx, now, keep)
	require.True(t, errors.Is(err, context.Canceled))
}
