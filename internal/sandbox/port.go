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
// and the server's binding. Few in a row and many in a row have shares of their
// own: single ports strewn over all of it would leave no long run free.
var (
	few  = PortRange{10000, 15999}
	many = PortRange{16000, 31999}
)

// manyPorts is how long a run is that belongs to the share of the long ones: an RTP range.
const manyPorts = 100

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
// The search begins anywhere, so that two processes seldom meet, and ends when it
// has been everywhere.
func FreePorts(n int) (PortRange, error) {
	given.Lock()
	defer given.Unlock()
	share := few
	if n >= manyPorts {
		share = many
	}
	starts := (share.Last - share.First + 1 - n) / 2
	if n < 1 || starts < 1 {
		return PortRange{}, fmt.Errorf("%d ports in a row cannot be had: the sandbox has those from %d to %d", n, share.First, share.Last)
	}
	begin := rand.IntN(starts)
	for tried := 0; tried < starts; {
		first := share.First + 2*((begin+tried)%starts)
		r := PortRange{first, first + n - 1}
		taken := r.lastTaken()
		if taken == 0 {
			for port := r.First; port <= r.Last; port++ {
				given.ports[port] = true
			}
			return r, nil
		}
		next := tried + (taken-first)/2 + 1
		if wrap := starts - begin; tried < wrap {
			next = min(next, wrap)
		}
		tried = next
	}
	return PortRange{}, fmt.Errorf("no %d free ports in a row between %d and %d", n, share.First, share.Last)
}

// Release gives ports back whose server has ended: runs of hundreds would become rare in a long test.
func (r PortRange) Release() {
	given.Lock()
	defer given.Unlock()
	for port := r.First; port <= r.Last; port++ {
		delete(given.ports, port)
	}
}

// lastTaken is the highest port of the range that is not free; 0 when all are.
func (r PortRange) lastTaken() int {
	for port := r.Last; port >= r.First; port-- {
		if given.ports[port] || PortBusy(port) != nil {
			return port
		}
	}
	return 0
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
