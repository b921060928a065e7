package sandbox

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
)

// findPostgres gives the path of the server program; initdb lies beside it.
// Debian keeps both out of PATH, one folder for each version.
func findPostgres() (string, error) {
	packaged, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil {
		return "", err
	}
	slices.SortFunc(packaged, func(a, b string) int { return packagedVersion(b) - packagedVersion(a) })
	if found, err := exec.LookPath("postgres"); err == nil {
		if found, err = filepath.EvalSymlinks(found); err != nil {
			return "", err
		}
		packaged = append(packaged, found)
	}
	for _, server := range packaged {
		if _, err := os.Stat(filepath.Join(filepath.Dir(server), "initdb")); err == nil {
			return server, nil
		}
	}
	return "", errors.New("no PostgreSQL server on this machine: install the package postgresql (make run does, as root)")
}

// packagedVersion reads 15 out of /usr/lib/postgresql/15/bin/postgres.
func packagedVersion(server string) int {
	version, err := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(server))))
	if err != nil {
		return 0
	}
	return version
}

// identity decides as whom PostgreSQL runs. It refuses root, so root's cluster
// runs in a user namespace where the same user has an ordinary name: its files
// stay root's, under any folder. Where namespaces are refused, another user of
// the machine owns the cluster.
func (p *Postgres) identity(ctx context.Context) (*syscall.SysProcAttr, error) {
	if os.Geteuid() != 0 {
		return &syscall.SysProcAttr{}, nil
	}
	uid, gid, err := ordinaryUser()
	if err != nil {
		return nil, err
	}
	inside := &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: uid, HostID: os.Geteuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: gid, HostID: os.Getegid(), Size: 1}},
	}
	refused := p.try(ctx, inside)
	if refused == nil {
		return inside, nil
	}
	p.cfg.Log.Info("user namespaces are refused here", "error", refused)
	other := &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	if err := os.Chown(p.cfg.Dir, uid, gid); err != nil {
		return nil, err
	}
	if p.try(ctx, other) == nil {
		return other, nil
	}
	if err := p.moveToVarLib(uid, gid); err != nil {
		return nil, err
	}
	if err := p.try(ctx, other); err != nil {
		return nil, fmt.Errorf("PostgreSQL refuses to run as root, this machine refuses user namespaces (%w), "+
			"and user %d cannot work in %s: %w", refused, uid, p.cfg.Dir, err)
	}
	return other, nil
}

// moveToVarLib puts the cluster where another user can reach it, when the folder
// we were given lies under one that is closed to him (/root, or a test's own).
// The link "elsewhere" in that folder leads there.
func (p *Postgres) moveToVarLib(uid, gid int) error {
	given := p.cfg.Dir
	p.cfg.Dir = filepath.Join("/var/lib/hotline", fmt.Sprintf("postgres-%x", sha256.Sum256([]byte(given)))[:24])
	p.cfg.Log.Warn("the database cluster lives elsewhere: its user cannot reach the state folder", "dir", p.cfg.Dir, "instead of", given)
	if err := os.MkdirAll(filepath.Dir(p.cfg.Dir), 0o755); err != nil {
		return err
	}
	if err := os.MkdirAll(p.cfg.Dir, 0o700); err != nil {
		return err
	}
	if err := os.Chown(p.cfg.Dir, uid, gid); err != nil {
		return err
	}
	link := filepath.Join(given, "elsewhere")
	if err := os.Remove(link); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return os.Symlink(p.cfg.Dir, link)
}

// try runs the server for its version, in the cluster's folder, as somebody.
func (p *Postgres) try(ctx context.Context, as *syscall.SysProcAttr) error {
	cmd := exec.CommandContext(ctx, p.server, "--version")
	cmd.Dir, cmd.SysProcAttr = p.cfg.Dir, copyOf(as)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

// ordinaryUser is one that the machine knows by name, as initdb demands.
func ordinaryUser() (uid, gid int, err error) {
	for _, name := range []string{"postgres", "nobody"} {
		u, lookup := user.Lookup(name)
		if lookup != nil {
			err = lookup
			continue
		}
		if uid, err = strconv.Atoi(u.Uid); err != nil {
			return 0, 0, err
		}
		gid, err = strconv.Atoi(u.Gid)
		return uid, gid, err
	}
	return 0, 0, fmt.Errorf("no ordinary user to run PostgreSQL as: %w", err)
}

// own gives a path to the user that PostgreSQL runs as.
func (p *Postgres) own(path string) error {
	if p.as.Credential == nil {
		return nil
	}
	return os.Chown(path, int(p.as.Credential.Uid), int(p.as.Credential.Gid))
}
