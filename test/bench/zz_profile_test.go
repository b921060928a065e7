//go:build e2e

package bench

import (
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"hotline/test/sip"
)

func TestProfile(t *testing.T) {
	if os.Getenv("PROFILE") == "" {
		t.Skip()
	}
	h := open(t, 100)
	_, b := h.sides()
	home := b.staff(500*time.Millisecond, nil)
	defer home()
	h.settle()
	before, at := h.bill(), time.Now()
	time.Sleep(8 * time.Second)
	c := h.bill().since(before)
	d := time.Since(at)
	fmt.Printf("IDLE of a core: asterisk %.2f%% server %.2f%% pg %.2f%%\n", 100*float64(c.asterisk)/float64(d), 100*float64(c.server)/float64(d), 100*float64(c.postgres)/float64(d))
	ast, _ := exec.Command("pgrep", "-P", fmt.Sprint(os.Getpid())).Output()
	fmt.Println("children", string(ast), "server", h.server.PID())
	var cmds []*exec.Cmd
	for _, pid := range []int{h.server.PID(), h.asterisk.PID()} {
		p := exec.Command("perf", "record", "-e", "cpu-clock", "-F", "499", "-g", "-o", fmt.Sprintf("%s/perf.%d", os.Getenv("PROFILE"), pid), "-p", fmt.Sprint(pid), "--", "sleep", "9")
		p.Stderr = os.Stderr
		if err := p.Start(); err != nil {
			t.Fatal(err)
		}
		cmds = append(cmds, p)
	}
	fmt.Printf("server %d asterisk %d\n", h.server.PID(), h.asterisk.PID())
	before = h.bill()
	m := h.metrics()
	n := 640
	count := h.load(sip.Load{To: b.line, Rate: 80, Calls: n, Patience: 20 * time.Second})
	h.settle()
	c = h.bill().since(before).over(n)
	m2 := h.metrics()
	fmt.Printf("%+v\n%+v\n", count, c)
	for _, f := range []string{"hotline_ari_requests_total", "hotline_ari_events_total", "hotline_journal_records_total", "hotline_journal_commit_seconds_count", "hotline_journal_written_bytes_total"} {
		fmt.Printf("%s %.2f\n", f, (m2.sum(f)-m.sum(f))/float64(n))
	}
	os.WriteFile(os.Getenv("PROFILE")+"/metrics1", []byte(m), 0o600)
	os.WriteFile(os.Getenv("PROFILE")+"/metrics2", []byte(m2), 0o600)
	for _, p := range cmds {
		p.Wait()
	}
}
