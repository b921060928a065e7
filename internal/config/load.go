package config

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	_ "time/tzdata" // time zones on a machine that has none

	"hotline/ivr"
)

// largestFile bounds what is read into memory.
const largestFile = 4 << 20

// Load reads a configuration and all it names. The error is Errors, with everything that is wrong.
func Load(file string) (*Config, error) {
	return load(file, source{
		read: readFile,
		glob: filepath.Glob,
		dir:  filepath.Dir(file),
		join: func(dir, name string) string {
			if filepath.IsAbs(name) {
				return name
			}
			return filepath.Join(dir, name)
		},
		env: os.LookupEnv,
	})
}

// LoadFS reads a configuration out of a file system, such as the sample that is built in. It has no environment.
func LoadFS(fsys fs.FS, file string) (*Config, error) {
	return load(file, source{
		read: func(name string) ([]byte, error) { return fs.ReadFile(fsys, name) },
		glob: func(pattern string) ([]string, error) { return fs.Glob(fsys, pattern) },
		dir:  path.Dir(file),
		join: func(dir, name string) string { return path.Join(dir, name) },
		env:  func(string) (string, bool) { return "", false },
	})
}

// Check reads a configuration and writes what is wrong, or what a right one holds. It is `hotline check`.
func Check(file string, w io.Writer) (ok bool) {
	c, err := Load(file)
	if err != nil {
		var errs Errors
		if !errors.As(err, &errs) {
			errs = Errors{{File: file, Reason: err.Error()}}
		}
		for _, e := range errs {
			fmt.Fprintln(w, e)
		}
		fmt.Fprintf(w, "%d wrong\n", len(errs))
		return false
	}
	fmt.Fprintf(w, "%s is right: %d lines, %d flows, %d queues, %d agents, hash %.12s\n",
		file, len(c.Lines), len(c.Book.Flows()), len(c.Queues), len(c.Agents), c.Hash)
	foreign := c.Foreign()
	for _, lang := range sorted(foreign) {
		fmt.Fprintf(w, "note: callers who speak %s hear the house's own words in English; add phrases: {%s: {%s: …}}, and so for %s\n",
			lang, foreign[lang][0], lang, strings.Join(foreign[lang][1:], ", "))
	}
	for _, missing := range c.ForServe() {
		fmt.Fprintf(w, "note: to serve, not only to try it out: %s; %s\n", missing.Reason, missing.Remedy)
	}
	return true
}

// source is where files come from.
type source struct {
	read func(name string) ([]byte, error)
	glob func(pattern string) ([]string, error)
	dir  string
	join func(dir, name string) string
	env  func(name string) (string, bool)
}

func readFile(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, largestFile+1))
	if err == nil && len(b) > largestFile {
		err = fmt.Errorf("%s is larger than %d MiB", name, largestFile>>20)
	}
	return b, err
}

// loading is one Load at work.
type loading struct {
	source
	*findings
	sum hash.Hash
}

func load(file string, src source) (*Config, error) {
	l := &loading{source: src, findings: &findings{at: map[string]pos{}, file: file}, sum: sha256.New()}
	c := Default()
	c.Path = file
	text, err := l.take(file)
	if err != nil {
		return nil, Errors{{File: file, Reason: reasonOf(err), Remedy: "name a file that is there and readable"}}
	}
	d := l.decoder(file)
	if root := d.document(text); root != nil {
		d.value(root, reflect.ValueOf(&c).Elem(), "", 0)
	}
	flows := l.flows(&c)
	if len(l.errs) == 0 { // the rules speak about values; with half of them missing they would mislead
		l.rules(&c, flows)
	}
	if len(l.errs) > 0 {
		return nil, l.list()
	}
	for _, p := range []*string{&c.State, &c.Recording.Folder, &c.Prompts.Folder, &c.Prompts.Recorded, &c.HTTP.TLS.Cert, &c.HTTP.TLS.Key} {
		if *p != "" {
			*p = l.join(l.dir, *p)
		}
	}
	c.queueOrder = inOrder(l.findings, "queues", c.Queues)
	c.agentOrder = inOrder(l.findings, "agents", c.Agents)
	c.reasonOrder = inOrder(l.findings, "not_ready", c.NotReady)
	c.announcementOrder = inOrder(l.findings, "announcements", c.Announcements)
	c.Hash = hex.EncodeToString(l.sum.Sum(nil))
	return &c, nil
}

func (l *loading) decoder(file string) *decoder {
	return &decoder{findings: l.findings, file: file, secret: l.secret}
}

// take reads a file and adds it to the hash.
func (l *loading) take(file string) ([]byte, error) {
	b, err := l.read(file)
	if err == nil {
		fmt.Fprintf(l.sum, "%d %s %d\n", len(file), filepath.Base(file), len(b))
		l.sum.Write(b)
	}
	return b, err
}

// secret reads a secret from a file beside the configuration, or from the environment.
func (l *loading) secret(how, name string) (string, error) {
	if how == "env" {
		value, ok := l.env(name)
		if !ok || value == "" {
			return "", fmt.Errorf("the environment has no %s", name)
		}
		fmt.Fprintf(l.sum, "env %s %x\n", name, sha256.Sum256([]byte(value)))
		return value, nil
	}
	b, err := l.take(l.join(l.dir, name))
	if err != nil {
		return "", fmt.Errorf("the secret's file %s cannot be read: %s", name, reasonOf(err))
	}
	value := strings.TrimRight(string(b), "\r\n")
	if value == "" {
		return "", fmt.Errorf("the secret's file %s is empty", name)
	}
	return value, nil
}

// flows reads every file that the patterns name.
func (l *loading) flows(c *Config) []ivr.Flow {
	var files []string
	for i, pattern := range c.Flows {
		place := fmt.Sprintf("flows.%d", i)
		found, err := l.glob(l.join(l.dir, pattern))
		if err != nil {
			l.wrong(place, fmt.Sprintf("%q is no pattern of files", pattern), "write flows/*.yaml")
		} else if len(found) == 0 {
			l.wrong(place, fmt.Sprintf("no file is named like %q", pattern), "write the path as seen from this file")
		}
		files = append(files, found...)
	}
	slices.Sort(files)
	var flows []ivr.Flow
	for _, file := range slices.Compact(files) {
		text, err := l.take(file)
		if err != nil {
			l.errs = append(l.errs, &Error{File: file, Reason: reasonOf(err)})
			continue
		}
		if f, ok := l.decoder(file).flowFile(text); ok {
			if slices.ContainsFunc(flows, func(o ivr.Flow) bool { return o.Name == f.Name }) {
				l.errs = append(l.errs, &Error{File: file, Line: 1, Column: 1, Place: "flows." + f.Name,
					Reason: "another file has a flow of this name too", Remedy: "rename one"})
				continue
			}
			flows = append(flows, f)
		}
	}
	return flows
}

// inOrder lists the names of a section in the order in which its file has them.
func inOrder[V any](f *findings, section string, m map[string]V) []string {
	all := make([]string, 0, len(m))
	for name := range m {
		all = append(all, name)
	}
	slices.SortFunc(all, func(a, b string) int {
		p, q := f.at[section+"."+a], f.at[section+"."+b]
		if p.line != q.line {
			return p.line - q.line
		}
		if p.column != q.column {
			return p.column - q.column
		}
		return strings.Compare(a, b)
	})
	return all
}

// reasonOf is an error without the path, which the message has already.
func reasonOf(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}

// ForServe is what a server for an existing Asterisk and PostgreSQL needs and this configuration lacks. The demo brings
// its own of both.
func (c *Config) ForServe() Errors {
	var missing Errors
	lacks := func(place, reason, remedy string) {
		missing = append(missing, &Error{File: c.Path, Place: place, Reason: reason, Remedy: remedy})
	}
	if len(c.PBX) == 0 {
		lacks("pbx", "no Asterisk is named", "add pbx: [{name: a, ari: http://127.0.0.1:8088/ari, user: hotline, password_file: secrets/ari}]")
	}
	if c.Postgres.DSN.value == "" {
		lacks("postgres", "no PostgreSQL is named", "add postgres: {dsn_file: secrets/postgres}, or dsn_env: …")
	}
	if strings.HasSuffix(c.Softphone.Listen, ":0") || strings.HasSuffix(c.Softphone.RTP, ":0") {
		lacks("softphone", "the softphone's ports are left to chance", "add softphone: {listen: 0.0.0.0:40000, rtp: 127.0.0.1:40002}; a restarted server then has audio at once")
	}
	if strings.Contains(c.Callback.Trunk, demoCustomer) {
		lacks("callback.trunk", "customers would be called back by the demo's own machine ("+c.Callback.Trunk+")",
			"name your own trunk, or take the section out, and the keys that lead to callback")
	}
	return missing
}

// demoCustomer is where the sample calls customers back: the dialplan of the demo's Asterisk, and of no other.
const demoCustomer = "@demo-customer"
