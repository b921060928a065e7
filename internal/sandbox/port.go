package sandbox

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
)

// Ports are taken below the range from which the kernel serves outgoing
// connections (32768 and up by default), so that none is gone between our asking
// and the server's binding.
const (
	lowestPort  = 10000
	highestPort = 32000
)

// PortRange is a run of UDP ports, both ends included.
type PortRange struct{ First, Last int }

// given remembers what this process has handed out: a parallel test may not
// have bound its port yet.
var given = struct {
	sync.Mutex
	ports map[int]bool
}{ports: map[int]bool{}}

// FreePort gives a port of 127.0.0.1 that is free for UDP and for TCP, and that
// it gives only once.
func FreePort() (int, error) {
	r, err := FreePorts(1)
	return r.First, err
}

// FreePorts gives n free ports in a row, starting with an even one as RTP wants.
func FreePorts(n int) (PortRange, error) {
	given.Lock()
	defer given.Unlock()
	for range 200 {
		first := lowestPort + 2*rand.IntN((highestPort-lowestPort-n)/2)
		r := PortRange{first, first + n - 1}
		if r.free() {
			for port := r.First; port <= r.Last; port++ {
				given.ports[port] = true
			}
			return r, nil
		}
	}
	return PortRange{}, fmt.Errorf("no %d free ports in a row between %d and %d", n, lowestPort, highestPort)
}

// Release gives ports back whose server has ended: runs of hundreds would become rare in a long test.
func (r PortRange) Release() {
	given.Lock()
	defer given.Unlock()
	for port := r.First; port <= r.Last; port++ {
		delete(given.ports, port)
	}
}

func (r PortRange) free() bool {
	for port := r.First; port <= r.Last; port++ {
		if given.ports[port] || PortBusy(port) != nil {
			return false
		}
	}
	return true
}

// PortBusy tells why the port of 127.0.0.1 cannot be had, by asking the kernel
// for it, UDP and TCP; nil means it is free.
func PortBusy(port int) error {
	return errors.Join(udpBusy(port), tcpBusy(port))
}

func udpBusy(port int) error {
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
	if err != nil {
		return err
	}
	return c.Close()
}

func tcpBusy(port int) error {
	l, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
	if err != nil {
		return err
	}
	return l.Close()
}
