package softphone

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"time"
)

// TURN names relays for browsers whose network lets nothing else through.
type TURN struct {
	URLs []string // turn:host:port?transport=udp, turns:…, stun:…
	// Secret is shared with the relay (coturn: use-auth-secret). Browsers get
	// a name and a password made from it that expire, never the secret.
	Secret   string
	Lifetime time.Duration // of such a password; default 12 h, a long shift
}

// ICEServer is an entry of RTCConfiguration.iceServers, ready for JSON.
type ICEServer struct {
	URLs       []string `json:"urls"`
	Username   string   `json:"username,omitempty"`
	Credential string   `json:"credential,omitempty"`
}

// ICEServers is what the browser of this phone puts into its
// RTCPeerConnection; empty without TURN. The credentials follow
// draft-uberti-behave-turn-rest, which coturn and most hosted relays take.
func (x *Exchange) ICEServers(key string) []ICEServer {
	return x.cfg.TURN.servers(key, time.Now())
}

func (t TURN) servers(key string, now time.Time) []ICEServer {
	if len(t.URLs) == 0 {
		return []ICEServer{}
	}
	server := ICEServer{URLs: t.URLs}
	if t.Secret != "" {
		server.Username = fmt.Sprintf("%d:%s", now.Add(t.Lifetime).Unix(), key)
		mac := hmac.New(sha1.New, []byte(t.Secret))
		mac.Write([]byte(server.Username))
		server.Credential = base64.StdEncoding.EncodeToString(mac.Sum(nil))
	}
	return []ICEServer{server}
}
