package app

import (
	"crypto/tls"
	"fmt"
	"os"
	"sync"
	"time"
)

// keeper keeps a certificate and reads it again when its file has changed.
type keeper struct {
	cert, key string

	mu      sync.Mutex
	changed time.Time
	have    *tls.Certificate
}

func (k *keeper) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	st, err := os.Stat(k.cert)
	if err == nil && (k.have == nil || !st.ModTime().Equal(k.changed)) {
		var c tls.Certificate
		if c, err = tls.LoadX509KeyPair(k.cert, k.key); err == nil {
			k.have, k.changed = &c, st.ModTime()
		}
	}
	if k.have == nil {
		return nil, fmt.Errorf("http.tls: the certificate %s with the key %s cannot be used: %w", k.cert, k.key, err)
	}
	return k.have, nil // a renewal that cannot be read yet leaves the old one in service
}
