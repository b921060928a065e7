package sandbox

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// OldestAsterisk is the oldest major version that hotline works with.
const OldestAsterisk = 20

// rootName is the folder that scripts/asterisk-root makes in a cache.
const rootName = "asterisk-22"

// Asterisk's parts, wherever its files are.
type installation struct {
	root    string   // "/" for the machine's own
	program []string // how to run it
	modules string   // astmoddir
	shared  string   // astdatadir: documentation, stock sounds, music
	version string
}

// FindAsterisk gives the root of the Asterisk that a private instance runs
// from: the folder named by HOTLINE_ASTERISK ("/" means the machine's own), else
// the machine's own if it is 20 or newer, else the private root in HOTLINE_CACHE,
// in .cache of this checkout, or in /var/cache/hotline.
func FindAsterisk(ctx context.Context) (string, error) {
	if root := os.Getenv("HOTLINE_ASTERISK"); root != "" {
		if _, err := inspect(ctx, root); err != nil {
			return "", fmt.Errorf("HOTLINE_ASTERISK=%s: %w", root, err)
		}
		return root, nil
	}
	refused := []error{}
	for _, root := range append([]string{"/"}, cachedRoots()...) {
		_, err := inspect(ctx, root)
		if err == nil {
			return root, nil
		}
		refused = append(refused, fmt.Errorf("%s: %w", root, err))
	}
	return "", fmt.Errorf("no Asterisk %d or newer; run scripts/asterisk-root (make run does), or install one:\n%w",
		OldestAsterisk, errors.Join(refused...))
}

func cachedRoots() []string {
	var roots []string
	if cache := os.Getenv("HOTLINE_CACHE"); cache != "" {
		roots = append(roots, filepath.Join(cache, rootName))
	}
	// Tests run in their package's folder: the checkout is somewhere above.
	if dir, err := os.Getwd(); err == nil {
		for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
			if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
				roots = append(roots, filepath.Join(dir, ".cache", rootName))
			}
		}
	}
	return append(roots, filepath.Join("/var/cache/hotline", rootName))
}

// inspect finds the parts under root and asks the program for its version.
func inspect(ctx context.Context, root string) (installation, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return installation{}, err
	}
	in := installation{root: root}
	program, err := first(root, "usr/sbin/asterisk", "usr/bin/asterisk", "usr/local/sbin/asterisk")
	if err != nil {
		return in, err
	}
	in.program = []string{program}
	if root != "/" {
		if in.program, err = throughLoader(root, program); err != nil {
			return in, err
		}
	}
	if in.modules, err = first(root, "usr/lib/*/asterisk/modules", "usr/lib/asterisk/modules", "usr/lib64/asterisk/modules"); err != nil {
		return in, err
	}
	documentation, err := first(root, "usr/share/asterisk/documentation", "var/lib/asterisk/documentation")
	if err != nil {
		return in, err
	}
	in.shared = filepath.Dir(documentation)

	out, err := exec.CommandContext(ctx, in.program[0], append(in.program[1:len(in.program):len(in.program)], "-V")...).CombinedOutput()
	if err != nil {
		return in, fmt.Errorf("asterisk -V: %w: %s", err, out)
	}
	in.version = strings.TrimSpace(string(out))
	return in, newEnough(in.version)
}

// versionNumber finds the major version in "Asterisk 22.10.1~dfsg" and in
// "Asterisk certified-20.7-cert1".
var versionNumber = regexp.MustCompile(`^Asterisk (?:certified[/-])?(\d+)\.`)

func newEnough(version string) error {
	number := versionNumber.FindStringSubmatch(version)
	if number == nil {
		return fmt.Errorf("cannot read the version in %q", version)
	}
	if major, err := strconv.Atoi(number[1]); err != nil || major < OldestAsterisk {
		return fmt.Errorf("%s is too old: hotline needs %d or newer", version, OldestAsterisk)
	}
	return nil
}

// throughLoader runs a program with the loader and the libraries of its own
// root, on a machine whose libraries are of another age. The loader's
// --library-path is not inherited by what Asterisk itself may start.
func throughLoader(root, program string) ([]string, error) {
	loader, err := first(root, "usr/lib*/ld-linux*.so.*", "lib*/ld-linux*.so.*", "usr/lib/*/ld-linux*.so.*")
	if err != nil {
		return nil, err
	}
	libraries, err := filepath.Glob(filepath.Join(root, "usr/lib/*-linux-gnu*"))
	if err != nil {
		return nil, err
	}
	if len(libraries) == 0 {
		return nil, fmt.Errorf("no libraries under %s", filepath.Join(root, "usr/lib"))
	}
	return []string{loader, "--inhibit-cache", "--library-path", strings.Join(libraries, ":"), "--argv0", "asterisk", program}, nil
}

// first gives the first existing match of the patterns under root.
func first(root string, patterns ...string) (string, error) {
	for _, pattern := range patterns {
		matches, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			return "", err
		}
		if len(matches) > 0 {
			return matches[0], nil
		}
	}
	return "", fmt.Errorf("no %s under %s", patterns[0], root)
}
