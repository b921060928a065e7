package app

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"hotline/internal/config"
)

// startWeb listens for browsers, and for Prometheus on the same address or its own.
func (a *App) startWeb(ctx context.Context, cfg *config.Config) error {
	mux := http.NewServeMux()
	mux.Handle("/", a.desk.Handler())
	if cfg.Prompts.Asterisk == "http" {
		mux.Handle("/prompts/", http.StripPrefix("/prompts", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			a.prompts.Load().Handler().ServeHTTP(w, r)
		})))
	}
	metrics := promhttp.HandlerFor(a.registry, promhttp.HandlerOpts{ErrorLog: errorLog{a.log}})
	if cfg.HTTP.Metrics == "" {
		mux.Handle("GET /metrics", onThisMachine(metrics))
	} else if err := a.serveMetrics(ctx, cfg.HTTP.Metrics, metrics); err != nil {
		return err
	}
	srv := a.desk.Server()
	srv.Handler = mux
	ln, err := listen(ctx, cfg.HTTP.Listen, "http.listen")
	if err != nil {
		return err
	}
	a.listener = ln
	if cert, err := certificate(cfg); err != nil {
		return errors.Join(err, ln.Close())
	} else if cert != nil {
		ln = tls.NewListener(ln, &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: cert, NextProtos: []string{"http/1.1"}})
	}
	a.web = srv
	serving, cancel := context.WithCancel(context.WithoutCancel(ctx))
	srv.BaseContext = func(net.Listener) context.Context { return serving }
	a.onStop("web", func(ctx context.Context) error { return stopWeb(ctx, srv, cancel) })
	a.serve("web", srv, ln)
	return nil
}

// lastAnswers is how long requests that are being answered may still take when the server stops.
const lastAnswers = 250 * time.Millisecond

// stopWeb takes no more requests, and lets those end that are being answered; those who wait for news are sent away.
func stopWeb(ctx context.Context, srv *http.Server, cancel context.CancelFunc) error {
	ctx, done := context.WithTimeout(ctx, lastAnswers)
	defer done()
	err := srv.Shutdown(ctx)
	cancel()
	if errors.Is(err, context.DeadlineExceeded) {
		err = srv.Close()
	}
	return err
}

// onThisMachine answers no one from outside: the public reaches http.listen, too, and how busy the house is is not for
// everybody. A proxy on this machine hands on what others ask.
func onThisMachine(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		peer, err := netip.ParseAddrPort(r.RemoteAddr)
		if err != nil || !peer.Addr().Unmap().IsLoopback() || r.Header.Get("X-Forwarded-For") != "" || r.Header.Get("Forwarded") != "" {
			http.Error(w, "The metrics are for this machine only. For a Prometheus elsewhere give them an address of their own: http.metrics in the configuration.",
				http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (a *App) serveMetrics(ctx context.Context, addr string, h http.Handler) error {
	ln, err := listen(ctx, addr, "http.metrics")
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", h)
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	a.metrics = srv
	a.onStop("metrics", func(context.Context) error { return srv.Close() })
	a.serve("metrics", srv, ln)
	return nil
}

func (a *App) serve(name string, srv *http.Server, ln net.Listener) {
	go func() {
		if err := srv.Serve(ln); err != nil && !errors.Is(err, http.ErrServerClosed) {
			a.log.Error("an HTTP server ended", "server", name, "err", err)
		}
	}()
}

func listen(ctx context.Context, addr, setting string) (net.Listener, error) {
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("%s: %s cannot be listened on (is another program there? choose another port): %w", setting, addr, err)
	}
	return ln, nil
}

// Addr is where browsers come in.
func (a *App) Addr() string { return a.listener.Addr().String() }

type errorLog struct {
	log interface{ Error(string, ...any) }
}

func (e errorLog) Println(v ...any) { e.log.Error("metrics", "err", fmt.Sprint(v...)) }

// certificate is what HTTPS is spoken with; nil: plain HTTP. Files are read again when they change, so that a renewed
// certificate needs no restart.
func certificate(cfg *config.Config) (func(*tls.ClientHelloInfo) (*tls.Certificate, error), error) {
	t := cfg.HTTP.TLS
	switch t.Mode {
	case "files":
		k := &keeper{cert: t.Cert, key: t.Key}
		_, err := k.get(nil)
		return k.get, err
	case "self-signed":
		cert, key := filepath.Join(cfg.State, "tls-cert.pem"), filepath.Join(cfg.State, "tls-key.pem")
		if _, err := os.Stat(cert); errors.Is(err, os.ErrNotExist) {
			if err := selfSign(cert, key); err != nil {
				return nil, err
			}
		}
		k := &keeper{cert: cert, key: key}
		_, err := k.get(nil)
		return k.get, err
	}
	return nil, nil
}

// selfSign makes a certificate for this machine's names, good for ten years.
func selfSign(certFile, keyFile string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return err
	}
	names := []string{"localhost"}
	if h, err := os.Hostname(); err == nil {
		names = append(names, h)
	}
	var ips []net.IP
	if addrs, err := net.InterfaceAddrs(); err == nil {
		for _, a := range addrs {
			if n, ok := a.(*net.IPNet); ok {
				ips = append(ips, n.IP)
			}
		}
	}
	t := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "hotline"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().AddDate(10, 0, 0), KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, DNSNames: names, IPAddresses: ips,
	}
	der, err := x509.CreateCertificate(rand.Reader, t, t, &key.PublicKey, key)
	if err != nil {
		return err
	}
	k, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	if err := os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: k}), 0o600); err != nil {
		return err
	}
	return os.WriteFile(certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644)
}
