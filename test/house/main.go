//go:build e2e

package house

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"hotline/test/sip"
)

// Root is the repository, as a package sees it whose tests open houses.
const Root = "../.."

// These are there once Main has begun.
var (
	Binary  string // hotline as it is shipped, built from this source
	Prompts string // a folder for sounds, made once for all houses that name it
)

// Main is the TestMain of a package whose tests open houses: it builds the program and runs the tests. begin and end may
// be nil.
func Main(m *testing.M, begin, end func() error) (code int) {
	flag.Parse()
	dir, err := os.MkdirTemp("", "hotline-bin-")
	if err != nil {
		return say(err)
	}
	defer os.RemoveAll(dir)
	Binary, Prompts = filepath.Join(dir, "hotline"), filepath.Join(dir, "prompts")
	build := exec.Command("go", "build", "-o", Binary, "./cmd/hotline")
	build.Dir = Root
	if out, err := build.CombinedOutput(); err != nil {
		return say(fmt.Errorf("build hotline: %w\n%s", err, out))
	}
	if begin != nil {
		if err := begin(); err != nil {
			return say(err)
		}
	}
	code = m.Run()
	if err := sip.End(); err != nil {
		return say(err)
	}
	if end != nil {
		if err := end(); err != nil {
			return say(err)
		}
	}
	return code
}

func say(err error) int {
	fmt.Fprintln(os.Stderr, err)
	return 1
}
