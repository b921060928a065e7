package docs

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	series   = regexp.MustCompile(`\bhotline_[a-z0-9_]+[a-z0-9]\b`)
	prefixes = map[string]string{"report/prom": "hotline_", "recording": "hotline_recordings_"}
	word     = regexp.MustCompile(`\("([a-z_]+)", "[A-Z0-9]`) // a name and its help, where the prefix is put before it
	// histograms have these behind their names.
	behind = regexp.MustCompile(`_(bucket|sum|count)$`)
)

// served are the names of the series that the server's code makes.
func served(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	for _, room := range []string{"ari", "journal", "recording", "softphone", "report/prom", "internal/app"} {
		require.NoError(t, filepath.WalkDir(filepath.Join("..", room), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			code, err := os.ReadFile(path)
			for _, n := range series.FindAllString(string(code), -1) {
				names[n] = true
			}
			if prefix := prefixes[room]; prefix != "" {
				for _, m := range word.FindAllStringSubmatch(string(code), -1) {
					names[prefix+m[1]] = true
				}
			}
			return err
		}))
	}
	return names
}

func TestEverySeriesOfBoardAlarmsAndDocsIsServed(t *testing.T) {
	t.Parallel()
	names := served(t)
	for _, file := range []string{"../configs/grafana/hotline.json", "../configs/prometheus/hotline.rules.yml", "../configs/prometheus/hotline.rules_test.yml",
		"operations.md", "figures.md"} {
		used := series.FindAllString(read(t, file), -1)
		require.NotEmpty(t, used, file)
		for _, n := range used {
			require.True(t, names[n] || names[behind.ReplaceAllString(n, "")], "%s: the server has no series %s", file, n)
		}
	}
}

// An alarm without a panel leaves whoever it wakes without a picture.
func TestTheBoardShowsTheSurge(t *testing.T) {
	t.Parallel()
	board := read(t, "../configs/grafana/hotline.json")
	for _, n := range []string{"hotline_line_surge", "hotline_line_recent_arrivals", "hotline_line_usual_arrivals"} {
		require.Contains(t, board, n)
	}
}
