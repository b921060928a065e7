package config

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// What is wrong with the machines: Asterisks, the softphone, the web, the archive.

func (l *loading) webAddress(place, s string) {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		l.wrong(place, fmt.Sprintf("%q is no address of the web", s), "write http://host:port/…")
	}
}

func (l *loading) addressPort(place, s string) (netip.AddrPort, bool) {
	a, err := netip.ParseAddrPort(s)
	if err != nil {
		l.wrong(place, fmt.Sprintf("%q is no address:port", s), "write 127.0.0.1:8080 or 0.0.0.0:8080")
	}
	return a, err == nil
}

func (l *loading) links(c *Config) {
	names := map[string]bool{}
	for i, n := range c.PBX {
		place := fmt.Sprintf("pbx.%d", i)
		l.name(place+".name", n.Name)
		if names[n.Name] {
			l.wrong(place+".name", "two nodes have this name", "rename one")
		}
		names[n.Name] = true
		l.webAddress(place+".ari", n.ARI)
		if n.User == "" {
			l.wrong(place+".user", "the user of ari.conf is missing", "add user: hotline")
		}
		if n.Password.value == "" {
			l.wrong(place+".password", "the password of ari.conf is missing", "add password_file: secrets/ari, or password_env: …")
		}
		if n.App == "" {
			c.PBX[i].App = "hotline"
		}
	}
	l.softphone(c)
	l.web(c)
	if dsn := c.Postgres.DSN.value; dsn != "" && !strings.HasPrefix(dsn, "postgres://") && !strings.HasPrefix(dsn, "postgresql://") && !strings.Contains(dsn, "=") {
		l.wrong("postgres.dsn", "this is no address of a PostgreSQL", "write postgres://hotline:PASSWORD@127.0.0.1/hotline into it")
	}
	l.oneOf("journal.fsync", "way of fsync", c.Journal.Fsync, "always", "interval", "never")
	l.between("journal.every", c.Journal.Every, time.Millisecond, time.Minute)
	l.between("journal.keep", c.Journal.Keep, 24*time.Hour, longestKeep)
	if c.State == "" {
		l.wrong("state", "the folder is missing", "write state: /var/lib/hotline")
	}
}

func (l *loading) softphone(c *Config) {
	s := c.Softphone
	if a, ok := l.addressPort("softphone.listen", s.Listen); ok && a.Addr().IsUnspecified() && a.Port() == 0 {
		l.wrong("softphone.listen", "an address for all interfaces needs a port", "write 0.0.0.0:40000")
	}
	if a, ok := l.addressPort("softphone.rtp", s.RTP); ok && a.Addr().IsUnspecified() {
		l.wrong("softphone.rtp", "Asterisk cannot send to "+a.Addr().String(), "write the address of this machine that Asterisk reaches")
	} else if listen, err := netip.ParseAddrPort(s.Listen); ok && err == nil && a.Port() != 0 && a.Port() == listen.Port() &&
		(a.Addr() == listen.Addr() || listen.Addr().IsUnspecified()) {
		l.wrong("softphone.rtp", "browsers come in there already, by softphone.listen", "write another port")
	}
	for i, ip := range s.PublicIPs {
		if _, err := netip.ParseAddr(ip); err != nil {
			l.wrong(fmt.Sprintf("softphone.public_ips.%d", i), fmt.Sprintf("%q is no IP address", ip), "")
		}
	}
	l.oneOf("softphone.format", "format", s.Format, "ulaw", "alaw")
	for i, u := range s.TURN.URLs {
		if scheme, _, _ := strings.Cut(u, ":"); !slices.Contains([]string{"turn", "turns", "stun"}, scheme) {
			l.wrong(fmt.Sprintf("softphone.turn.urls.%d", i), fmt.Sprintf("%q is no relay", u), "begin it with turn:, turns: or stun:")
		}
	}
}

func (l *loading) web(c *Config) {
	h := c.HTTP
	for place, address := range map[string]string{"http.listen": h.Listen, "http.metrics": h.Metrics} {
		if address == "" && place == "http.metrics" {
			continue
		}
		_, port, err := net.SplitHostPort(address)
		if err == nil {
			_, err = strconv.ParseUint(port, 10, 16)
		}
		if err != nil {
			l.wrong(place, fmt.Sprintf("%q is no address:port", address), "write 127.0.0.1:8080 or :8443")
		}
	}
	if h.Metrics != "" && h.Metrics == h.Listen {
		l.wrong("http.metrics", "browsers come in there already", "write another port, or remove it")
	}
	l.oneOf("http.tls.mode", "way of TLS", h.TLS.Mode, "off", "self-signed", "files", "proxy")
	if h.TLS.Mode == "files" && (h.TLS.Cert == "" || h.TLS.Key == "") {
		l.wrong("http.tls", "cert or key is missing", "name both files")
	} else if h.TLS.Mode == "files" {
		l.certificate(h.TLS)
	}
	if h.TLS.Mode != "files" && (h.TLS.Cert != "" || h.TLS.Key != "") {
		l.wrong("http.tls", "cert and key are not used in mode "+h.TLS.Mode, "write mode: files")
	}
	if h.TLS.Mode == "off" && !onlyHere(h.Listen) {
		l.wrong("http.tls.mode", "off this machine a browser gives no microphone without HTTPS",
			"write mode: self-signed, files or proxy, or listen on 127.0.0.1")
	}
	for i, origin := range h.Origins {
		l.webAddress(fmt.Sprintf("http.origins.%d", i), origin)
	}
	for i, p := range h.TLS.Proxies {
		if _, err := proxy(p); err != nil {
			l.wrong(fmt.Sprintf("http.tls.proxies.%d", i), fmt.Sprintf("%q is no address", p), "write 10.0.0.1 or 10.0.0.0/8")
		}
	}
	switch proxied := h.TLS.Mode == "proxy"; {
	case !proxied && len(h.TLS.Proxies) > 0:
		l.wrong("http.tls.proxies", "proxies are not believed in mode "+h.TLS.Mode, "write mode: proxy, or remove them")
	case proxied && len(h.TLS.Proxies) == 0 && !onlyHere(h.Listen):
		l.wrong("http.tls", "others than the proxy may reach the server, and whose X-Forwarded-For is believed is not said",
			"name the proxy, as in proxies: [10.0.0.5], or listen on 127.0.0.1")
	}
}

// certificate: HTTPS can be spoken with the two files. The server reads them again when they change, so they are no part
// of the hash.
func (l *loading) certificate(t TLS) {
	cert, err := l.read(l.join(l.dir, t.Cert))
	if err != nil {
		l.wrong("http.tls.cert", "the certificate cannot be read: "+reasonOf(err), "name a file that is there, readable for the server")
		return
	}
	key, err := l.read(l.join(l.dir, t.Key))
	if err != nil {
		l.wrong("http.tls.key", "the key cannot be read: "+reasonOf(err), "name a file that is there, readable for the server")
		return
	}
	if _, err := tls.X509KeyPair(cert, key); err != nil {
		l.wrong("http.tls.cert", "this certificate cannot be used with that key: "+strings.TrimPrefix(err.Error(), "tls: "),
			"name the two that belong together, in PEM; the server's own certificate comes first in its file")
	}
}

// onlyHere: nobody off this machine reaches the address; one that cannot be read is complained of elsewhere.
func onlyHere(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	if err != nil || host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// Before are the proxies that stand before the server. The rules have looked at them.
func (t TLS) Before() (all []netip.Prefix) {
	if t.Mode != "proxy" {
		return nil
	}
	for _, s := range t.Proxies {
		if p, err := proxy(s); err == nil {
			all = append(all, p)
		}
	}
	if len(t.Proxies) == 0 {
		all = append(all, netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128"))
	}
	return all
}

// proxy reads an address, or a range of them.
func proxy(s string) (netip.Prefix, error) {
	if ip, err := netip.ParseAddr(s); err == nil {
		ip = ip.Unmap()
		return netip.PrefixFrom(ip, ip.BitLen()), nil
	}
	return netip.ParsePrefix(s)
}
