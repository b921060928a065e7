package sandbox

import (
	"fmt"
	"os"
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

// fakeRoot is a root whose loader says it is an Asterisk of that version.
func fakeRoot(t *testing.T, version string) string {
	t.Helper()
	root := t.TempDir()
	for _, dir := range []string{"usr/sbin", "usr/lib/x86_64-linux-gnu/asterisk/modules", "usr/share/asterisk/documentation"} {
		require.NoError(t, os.MkdirAll(filepath.Join(root, dir), 0o755))
	}
	for _, file := range []string{"usr/sbin/asterisk", "usr/lib/ld-linux-fake.so.2"} {
		script := fmt.Sprintf("#!/bin/sh\necho '%s'\n", version)
		require.NoError(t, os.WriteFile(filepath.Join(root, file), []byte(script), 0o755))
	}
	return root
}

func TestAnAsteriskTooOldIsRefusedByName(t *testing.T) {
	t.Parallel()
	for version, complaint := range map[string]string{
		"Asterisk 18.10.0~dfsg":    "Asterisk 18.10.0~dfsg is too old: hotline needs 20 or newer",
		"Asterisk 20.6.0":          "",
		"Asterisk 22.10.1+dfsg":    "",
		"Asterisk certified-20.7c": "cannot read the version",
		"Asterisk certified/20.7.": "",
		"something else":           "cannot read the version",
	} {
		_, err := inspect(t.Context(), fakeRoot(t, version))
		if complaint == "" {
			assert.NoError(t, err, version)
			continue
		}
		assert.ErrorContains(t, err, complaint, version)
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
