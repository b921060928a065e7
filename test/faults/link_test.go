//go:build e2e

package faults

import (
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// link is a TCP relay between the server and Asterisk's ARI, with faults. The websocket is the connection whose first
// bytes ask for /ari/events.
type link struct {
	listener net.Listener
	to       string

	mu    sync.Mutex
	fault fault
	thaw  chan struct{} // closed when bytes may flow again
	conns map[*relay]bool
	done  sync.WaitGroup
}

// fault is what is wrong with a link.
type fault int

const (
	healthy  fault = iota
	halfOpen       // nothing gets through in either direction, and nobody is told
	noHTTP         // requests hang, the websocket lives
	refusing       // nobody is there
)

type relay struct {
	client, server net.Conn
	events         bool
}

func newLink(to string) (*link, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &link{listener: l, to: to, conns: map[*relay]bool{}, thaw: make(chan struct{})}
	close(p.thaw)
	p.done.Go(p.accept)
	return p, nil
}

// Addr is where the server finds Asterisk.
func (p *link) Addr() string { return p.listener.Addr().String() }

func (p *link) accept() {
	for {
		c, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.mu.Lock()
		refuse := p.fault == refusing
		p.mu.Unlock()
		if refuse {
			reset(c)
			continue
		}
		p.done.Go(func() { p.serve(c) })
	}
}

func (p *link) serve(client net.Conn) {
	server, err := net.Dial("tcp", p.to)
	if err != nil {
		reset(client)
		return
	}
	first := make([]byte, 4096)
	n, err := client.Read(first)
	r := &relay{client: client, server: server}
	const events = "GET /ari/events?"
	r.events = n >= len(events) && string(first[:len(events)]) == events
	p.mu.Lock()
	p.conns[r] = true
	p.mu.Unlock()
	var both sync.WaitGroup
	both.Go(func() {
		if err == nil && p.pass(r) {
			if _, err := server.Write(first[:n]); err == nil {
				p.copy(r, server, client)
			}
		}
		server.Close()
		client.Close()
	})
	both.Go(func() {
		p.copy(r, client, server)
		server.Close()
		client.Close()
	})
	both.Wait()
	p.mu.Lock()
	delete(p.conns, r)
	p.mu.Unlock()
}

// copy passes bytes on while the link is well, and keeps them while it is not.
func (p *link) copy(r *relay, to, from net.Conn) {
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			if !p.pass(r) {
				return
			}
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			if !errors.Is(err, io.EOF) {
				reset(to)
			}
			return
		}
	}
}

// pass waits until bytes of this connection may flow.
func (p *link) pass(r *relay) bool {
	for {
		p.mu.Lock()
		stuck := p.fault == halfOpen || p.fault == noHTTP && !r.events
		thaw := p.thaw
		p.mu.Unlock()
		if !stuck {
			return true
		}
		<-thaw
	}
}

// Break puts a fault in force.
func (p *link) Break(f fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.thaw:
		p.thaw = make(chan struct{})
	default:
	}
	p.fault = f
}

// Mend takes the fault away. What had piled up flows on.
func (p *link) Mend() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fault = healthy
	select {
	case <-p.thaw:
	default:
		close(p.thaw)
	}
}

// Reset cuts every connection, as a router that lost its memory does.
func (p *link) Reset() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for r := range p.conns {
		reset(r.client)
		reset(r.server)
	}
}

// Close ends the link.
func (p *link) Close() {
	p.listener.Close()
	p.Mend()
	p.Reset()
	p.done.Wait()
}

// reset closes so that the other end gets RST.
func reset(c net.Conn) {
	if t, ok := c.(*net.TCPConn); ok {
		_ = t.SetLinger(0) // without it the end is only politer
	}
	c.Close()
}

// settleTime is how long the machine may take for what is promised as soon as possible.
const settleTime = 30 * time.Second
