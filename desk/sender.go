package desk

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// Who sent a request: by which cookie, over which transport, from where.

const cookie = "hotline"

// cookieName: a __Host- cookie cannot be set by a sister site, but needs TLS.
func cookieName(secure bool) string {
	if secure {
		return "__Host-" + cookie
	}
	return cookie
}

// token is the session's. Over HTTPS the plain cookie counts for nothing: a sister site could have set it, and have
// somebody work in its own session.
func (d *Desk) token(r *http.Request) string {
	c, err := r.Cookie(cookieName(d.secure(r)))
	if err != nil {
		return ""
	}
	return c.Value
}

// secure: the browser speaks HTTPS, to us or to a proxy of ours.
func (d *Desk) secure(r *http.Request) bool {
	return r.TLS != nil || d.proxied(r) && last(r.Header.Values("X-Forwarded-Proto")) == "https"
}

// proxied: the request was handed on by one of our proxies, so what it says of the sender is true.
func (d *Desk) proxied(r *http.Request) bool {
	ip, ok := address(r.RemoteAddr)
	return ok && d.isProxy(ip)
}

func (d *Desk) isProxy(ip netip.Addr) bool {
	return slices.ContainsFunc(d.cfg.Proxies, func(p netip.Prefix) bool { return p.Contains(ip) })
}

// address is the browser's: the peer, or what our proxies say. Each of them adds at the end of X-Forwarded-For whom it
// heard, so that what lies before the last stranger may be a stranger's invention. IPv6 counts by its /64, which is what
// one customer gets.
func (d *Desk) address(r *http.Request) string {
	ip, ok := address(r.RemoteAddr)
	if !ok {
		return r.RemoteAddr
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && d.isProxy(ip); i-- {
		hop, ok := address(strings.TrimSpace(hops[i]))
		if !ok {
			break
		}
		ip = hop
	}
	if ip.Is6() {
		return netip.PrefixFrom(ip, 64).Masked().String()
	}
	return ip.String()
}

// address reads an address, with a port or without.
func address(s string) (netip.Addr, bool) {
	if both, err := netip.ParseAddrPort(s); err == nil {
		return both.Addr().Unmap().WithZone(""), true
	}
	ip, err := netip.ParseAddr(strings.Trim(s, "[]"))
	return ip.Unmap().WithZone(""), err == nil
}

func last(values []string) string {
	all := strings.Split(strings.Join(values, ","), ",")
	return strings.TrimSpace(all[len(all)-1])
}
