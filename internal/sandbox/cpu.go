package sandbox

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// clockTick is the unit of /proc's times: USER_HZ, which is 100 on every Linux (proc(5), time(7)).
const clockTick = time.Second / 100

// CPU is the time that the process and its children have had a processor until now, those that have ended included.
func (p *Process) CPU() (time.Duration, error) {
	all, err := cpuOf(p.PID())
	if err != nil {
		return 0, fmt.Errorf("CPU time: %w", err)
	}
	workers, err := children(p.PID())
	if err != nil {
		return 0, fmt.Errorf("CPU time: %w", err)
	}
	for _, pid := range workers {
		if d, err := cpuOf(pid); err == nil { // one that has just ended is in the parent's sum the next time
			all += d
		}
	}
	return all, nil
}

// cpuOf reads utime, stime, cutime and cstime: fields 14 to 17 of proc(5)'s stat.
func cpuOf(pid int) (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:])) // the name before it may hold anything
	if len(fields) < 15 {
		return 0, fmt.Errorf("/proc/%d/stat has %d fields", pid, len(fields))
	}
	var ticks int64
	for _, f := range fields[11:15] {
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("/proc/%d/stat: %w", pid, err)
		}
		ticks += n
	}
	return time.Duration(ticks) * clockTick, nil
}
