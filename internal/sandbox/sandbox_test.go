package sandbox

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"hotline/configs/asterisk"
)

func TestAPortIsGivenOnce(t *testing.T) {
	t.Parallel()
	seen := map[int]bool{}
	for range 50 {
		r, err := FreePorts(4)
		require.NoError(t, err)
		assert.Zero(t, r.First%2, "RTP begins at an even port")
		for port := r.First; port <= r.Last; port++ {
			assert.False(t, seen[port], "port %d twice", port)
			seen[port] = true
		}
	}
}

func TestPortsThatWereGivenBackAreGivenAgain(t *testing.T) {
	for range 200 { // many times as many as there are
		r, err := FreePorts(600)
		require.NoError(t, err)
		r.Release()
	}
}

func TestManySinglePortsLeaveRoomForLongRuns(t *testing.T) {
	for range 500 { // as a long test does that opens house after house
		r, err := FreePorts(3)
		require.NoError(t, err)
		t.Cleanup(r.Release)
	}
	for range 8 {
		r, err := FreePorts(600)
		require.NoError(t, err)
		t.Cleanup(r.Release)
	}
	_, err := FreePorts(20000)
	require.ErrorContains(t, err, "20000 ports in a row cannot be had")
}

func TestAnAsteriskTooOldIsRefusedByName(t *testing.T) {
	t.Parallel()
	for version, complaint := range map[string]string{
		"Asterisk 18.10.0~dfsg":         "Asterisk 18.10.0~dfsg is too old: hotline needs 20 or newer",
		"Asterisk certified/18.9-cert2": "too old",
		"Asterisk 20.6.0":               "",
		"Asterisk 22.10.1+dfsg":         "",
		"Asterisk certified-20.7-cert1": "",
		"something else":                "cannot read the version",
		"":                              "cannot read the version",
	} {
		if err := newEnough(version); complaint == "" {
			assert.NoError(t, err, version)
		} else {
			assert.ErrorContains(t, err, complaint)
		}
	}
	_, err := inspect(t.Context(), t.TempDir())
	assert.ErrorContains(t, err, "no usr/sbin/asterisk under")
}

func TestAFolderThatAsteriskCannotWriteDownIsRefused(t *testing.T) {
	t.Parallel()
	_, err := StartAsterisk(t.Context(), AsteriskConfig{Dir: filepath.Join(t.TempDir(), "a;b")})
	require.ErrorContains(t, err, "has a character that Asterisk's configuration cannot hold")
}

// What an operator includes is what the private instance runs on: no file of
// hotline/ is left out.
func TestThePrivateInstanceIncludesEveryFileAnOperatorDoes(t *testing.T) {
	t.Parallel()
	offered, err := asterisk.Files.ReadDir("hotline")
	require.NoError(t, err)
	require.NotEmpty(t, offered)
	for _, file := range offered {
		private, err := asterisk.Files.ReadFile("sandbox/" + file.Name())
		require.NoError(t, err)
		assert.True(t, strings.Contains(string(private), "\n#include hotline/"+file.Name()) ||
			strings.HasPrefix(string(private), "#include hotline/"+file.Name()), file.Name())
	}
}
