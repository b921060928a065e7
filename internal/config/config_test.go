package config

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"go.uber.org/goleak"

	"hotline/fact"
	"hotline/ivr"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// house is a small right configuration, in which a fixture replaces whole sections, or the flow.
func house(t testing.TB, fixture string) fstest.MapFS {
	t.Helper()
	base, err := os.ReadFile("testdata/base.yaml")
	if err != nil {
		t.Fatal(err)
	}
	flow, err := os.ReadFile("testdata/main.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if sections, own, ok := strings.Cut(fixture, "--- flows/main.yaml\n"); ok {
		fixture, flow = sections, []byte(own)
	}
	replaced := map[string]bool{}
	for _, line := range strings.Split(fixture, "\n") {
		if key, _, ok := strings.Cut(line, ":"); ok && !strings.HasPrefix(line, " ") && !strings.HasPrefix(line, "#") {
			replaced[key] = true
		}
	}
	var kept strings.Builder
	section := ""
	for _, line := range strings.SplitAfter(string(base), "\n") {
		if key, _, ok := strings.Cut(line, ":"); ok && !strings.HasPrefix(line, " ") {
			section = key
		}
		if !replaced[section] {
			kept.WriteString(line)
		}
	}
	return fstest.MapFS{
		"hotline.yaml":    {Data: []byte(fixture + kept.String())},
		"flows/main.yaml": {Data: flow},
		"secrets/ari":     {Data: []byte("geheim\n")},
		"secrets/dsn":     {Data: []byte("postgres://x")},
		"secrets/empty":   {Data: []byte("\n")},
	}
}

func TestSmallHouseIsRight(t *testing.T) {
	t.Parallel()
	c, err := LoadFS(house(t, ""), "hotline.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if agents := c.ACDAgents(); agents[0].Queues[1].Queue != "complaint" || agents[0].Queues[1].Order != 2 {
		t.Fatalf("%+v", agents)
	}
	if queues := c.ACDQueues(); queues[1].Relax[0].Needs["complaint"] != 3 || queues[1].ServiceLevel.Within == 0 {
		t.Fatalf("%+v", queues)
	}
}

// TestEachMistakeIsFoundWhereItStands reads the fixtures: the first line says what must be found, and "# <-" stands on
// the line where.
func TestEachMistakeIsFoundWhereItStands(t *testing.T) {
	t.Parallel()
	fixtures, err := filepath.Glob("testdata/wrong/*.yaml")
	if err != nil || len(fixtures) < 90 {
		t.Fatal(len(fixtures), err)
	}
	for _, path := range fixtures {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".yaml"), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			first, _, _ := strings.Cut(string(text), "\n")
			want := strings.TrimPrefix(first, "# ")
			files := house(t, string(text))
			_, err = LoadFS(files, "hotline.yaml")
			var errs Errors
			if !errors.As(err, &errs) {
				t.Fatal("nothing was found:", err)
			}
			for _, e := range errs {
				lines := strings.Split(string(files[e.File].Data), "\n")
				if strings.Contains(e.Error(), want) && e.Line > 0 && strings.Contains(lines[e.Line-1], "# <-") {
					return
				}
			}
			t.Fatalf("want %q on the marked line, got\n%v", want, errs)
		})
	}
}

func TestEveryMistakeIsToldInOneGo(t *testing.T) {
	t.Parallel()
	_, err := LoadFS(house(t, "skills: [consult, complaint, french]\nstate: ''\nrecording: {format: mp3, keep: 1h}\n"), "hotline.yaml")
	var errs Errors
	if !errors.As(err, &errs) || len(errs) != 4 {
		t.Fatalf("%d: %v", len(errs), err)
	}
	for i := 1; i < len(errs); i++ {
		if errs[i].Line < errs[i-1].Line {
			t.Fatalf("not in the order of lines:\n%v", err)
		}
	}
	var one *Error
	if !errors.As(err, &one) || one.Place == "" {
		t.Fatal("the list hides its members")
	}
}

func TestFileThatIsNotThereOrNoYAML(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := Load(filepath.Join(dir, "none.yaml")); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"":                       "the file is empty",
		"a: [1":                  ":1:1: this is no YAML",
		"a: b: c":                "this is no YAML",
		"centre: &a [*a]\n":      "",
		"a: *b\n":                "this is no YAML",
		"[]":                     "this should be a table",
		strings.Repeat("[", 9e4): "",
		"\x00":                   "this is no YAML",
		"a:\n  b: 1\n\tc: 2\n":   ":3:1: the line begins with a tab; YAML wants spaces there",
		"a:\n\tb: 1\n":           ":2:1: the line begins with a tab",
		"a: 1\nb: @c\td\n":       ":2:1: this is no YAML",
		"a: 1\nb: \xc4\xe3\n":    ":2:1: these letters are not written in UTF-8; save the file as UTF-8",
	} {
		path := filepath.Join(dir, "hotline.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20q: %v", text, err)
		}
	}
}

func TestMistakesInTheSectionsAndInTheFlowsAreToldTogether(t *testing.T) {
	t.Parallel()
	files := house(t, "")
	files["hotline.yaml"].Data = bytes.Replace(files["hotline.yaml"].Data, []byte("needs: {consult: 3}"), []byte("needs: {konsult: 3}"), 1)
	files["flows/main.yaml"].Data = append(files["flows/main.yaml"].Data, "  lost: {queue: complain}\n"...)
	_, err := LoadFS(files, "hotline.yaml")
	for _, want := range []string{`there is no skill "konsult"; did you mean consult?`, `there is no queue "complain"; did you mean complaint?`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s is not in: %v", want, err)
		}
	}
}

func TestAliasesDoNotMultiply(t *testing.T) {
	t.Parallel()
	var bomb strings.Builder
	bomb.WriteString("a0: &a0 {x: 1}\n")
	for i := 1; i < 40; i++ {
		fmt.Fprintf(&bomb, "a%d: &a%d {x: *a%d, y: *a%d}\n", i, i, i-1, i-1)
	}
	bomb.WriteString("not_ready: *a39\nagents: *a39\n")
	if _, err := LoadFS(fstest.MapFS{"hotline.yaml": {Data: []byte(bomb.String())}}, "hotline.yaml"); err == nil {
		t.Fatal("a bomb was read")
	}
}

func TestSecretsComeFromFilesAndTheEnvironmentAndAreNeverShown(t *testing.T) {
	dir := t.TempDir()
	for name, file := range house(t, "pbx:\n  - {name: a, ari: http://127.0.0.1:8088/ari, user: hotline, password_file: secrets/ari}\npostgres: {dsn_env: HOTLINE_TEST_DSN}\n") {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, file.Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("HOTLINE_TEST_DSN", "postgres://geheim")
	c, err := Load(filepath.Join(dir, "hotline.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if c.PBX[0].Password.Reveal() != "geheim" || c.Postgres.DSN.Reveal() != "postgres://geheim" || c.PBX[0].App != "hotline" {
		t.Fatal("not read")
	}
	if shown := fmt.Sprintf("%v %+v %#v %s", c.PBX, c.Postgres, c.PBX, c.Postgres.DSN); strings.Contains(shown, "geheim") {
		t.Fatal(shown)
	}
	before := c.Hash
	if c, err = Load(filepath.Join(dir, "hotline.yaml")); err != nil || c.Hash != before {
		t.Fatal("the hash changed by itself", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "secrets/ari"), []byte("neu"), 0o600); err != nil {
		t.Fatal(err)
	}
	if c, err = Load(filepath.Join(dir, "hotline.yaml")); err != nil || c.Hash == before {
		t.Fatal("the hash did not change with a secret", err)
	}
	var out strings.Builder
	if !Check(filepath.Join(dir, "hotline.yaml"), &out) || !strings.Contains(out.String(), "is right: 1 lines, 1 flows, 2 queues, 1 agents") {
		t.Fatal(out.String())
	}
}

func TestCheckPrintsEveryErrorAndTheirNumber(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "hotline.yaml")
	if err := os.WriteFile(path, []byte("quees: {}\nskils: []\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if Check(path, &out) {
		t.Fatal("right?")
	}
	for _, want := range []string{path + `:1:1: quees: the key "quees" is unknown; did you mean queues?`, path + ":2:1: skils", "2 wrong"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in\n%s", want, out.String())
		}
	}
}

func TestInlineNodesAreNamedByWhereTheyStand(t *testing.T) {
	t.Parallel()
	c, err := LoadFS(house(t, ""), "hotline.yaml")
	if err != nil {
		t.Fatal(err)
	}
	env := ivr.Env{Now: time.Date(2026, time.November, 23, 12, 0, 0, 0, c.Zone), Line: "12345"}
	s, turn, err := c.Book.Begin("main", "zh", env)
	if err != nil {
		t.Fatal(err)
	}
	s, turn, err = c.Book.Step(s, turn, ivr.Input{Kind: ivr.Key, Key: "1"}, env)
	if err != nil || turn.Exit == nil || turn.Exit.Queue.Queue != "complaint" || s.Node != "menu.1" {
		t.Fatalf("%+v %+v %v", s, turn, err)
	}
	if last := s.Path[len(s.Path)-2]; last != (fact.PathStep{Node: "menu", Key: "1", Label: "投诉"}) {
		t.Fatalf("%+v", last)
	}
}

func FuzzLoaderNeverPanics(f *testing.F) {
	fixtures, err := filepath.Glob("testdata/wrong/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range fixtures {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		files := house(f, string(text))
		f.Add(files["hotline.yaml"].Data, files["flows/main.yaml"].Data)
	}
	f.Fuzz(func(t *testing.T, main, flow []byte) {
		files := house(t, "")
		files["hotline.yaml"].Data, files["flows/main.yaml"].Data = main, flow
		c, err := LoadFS(files, "hotline.yaml")
		if (c == nil) == (err == nil) {
			t.Fatal("neither a configuration nor an error")
		}
		if err == nil && (c.Book == nil || c.Hash == "" || c.Zone == nil) {
			t.Fatalf("half a configuration: %+v", c)
		}
	})
}
