package web

import (
	"io/fs"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAFreshCloneCompilesAndABuildHasItsPage(t *testing.T) {
	_, err := fs.Stat(FS(), ".gitkeep")
	require.NoError(t, err, "dist/.gitkeep is what lets a fresh clone compile")
	if assets, err := fs.ReadDir(FS(), "assets"); err == nil {
		require.NotEmpty(t, assets)
		_, err := fs.Stat(FS(), "index.html")
		require.NoError(t, err, "a build without its page; run: make web")
	}
}
