//go:build e2e

package house

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
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
// be nil. All that the tests put into the temporary folder is in one of ours, which goes at the end; that a house, a browser or
// SIPp left something there is an error.
func Main(m *testing.M, begin, end func() error) (code int) {
	flag.Parse()
	dir, err := os.MkdirTemp("", "hotline-test-")
	if err != nil {
		return say(err)
	}
	if kept() {
		fmt.Fprintln(os.Stderr, "kept:", dir)
	} else {
		defer os.RemoveAll(dir)
	}
	if err := os.Setenv("TMPDIR", dir); err != nil {
		return say(err)
	}
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
	if code == 0 && !kept() {
		if err := nothingLeft(dir); err != nil {
			return say(err)
		}
	}
	return code
}

// nothingLeft tells what is still in the temporary folder of tests that are over.
func nothingLeft(dir string) error {
	left, err := filepath.Glob(filepath.Join(dir, "hotline-*"))
	if err == nil && len(left) > 0 {
		err = fmt.Errorf("the tests are over and left behind: %s", strings.Join(left, ", "))
	}
	return err
}

func say(err error) int {
	fmt.Fprintln(os.Stderr, err)
	return 1
}
