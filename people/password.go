package people

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// Cost is how much work a password check is. RFC 9106 section 4 and OWASP's password storage sheet speak of it.
type Cost struct {
	Memory  uint32 // KiB
	Time    uint32 // passes
	Threads uint8
}

// DefaultCost takes about 50 ms and 64 MiB.
func DefaultCost() Cost { return Cost{Memory: 64 << 10, Time: 1, Threads: 2} }

const (
	saltLen = 16
	hashLen = 32
	// A stored hash may not ask for more than this: it would be an attack on our memory.
	maxMemory = 1 << 20 // KiB
	maxTime   = 64
)

// ShortestPassword is in characters.
const ShortestPassword = 8

// longestPassword bounds the work of hashing, in bytes.
const longestPassword = 1024

var b64 = base64.RawStdEncoding

// HashPassword gives `$argon2id$v=19$m=…,t=…,p=…$salt$hash`.
func HashPassword(password string, c Cost) (string, error) {
	if n := len([]rune(password)); n < ShortestPassword || len(password) > longestPassword {
		return "", &Fault{code: "bad-request", public: fmt.Sprintf("A password has at least %d characters.", ShortestPassword)}
	}
	salt := make([]byte, saltLen)
	rand.Read(salt) // never fails
	return c.encode(salt, argon2.IDKey([]byte(password), salt, c.Time, c.Memory, c.Threads, hashLen)), nil
}

// decoy is a hash that takes as long to check as any other and that no password is known to fit. Nothing is computed for
// it: a server that starts amid calls has no tenth of a second to spare.
func decoy(c Cost) string {
	b := make([]byte, saltLen+hashLen)
	rand.Read(b) // never fails
	return c.encode(b[:saltLen], b[saltLen:])
}

func (c Cost) encode(salt, sum []byte) string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.Memory, c.Time, c.Threads,
		b64.EncodeToString(salt), b64.EncodeToString(sum))
}

var errHash = errors.New("people: the stored password hash cannot be read; set the password again")

// CheckPassword reports whether password made this hash, and with which cost it was made. A hash that cannot be read is
// an error.
func CheckPassword(hash, password string) (ok bool, c Cost, err error) {
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" {
		return false, c, errHash
	}
	var version int
	if _, err := fmt.Sscanf(parts[2], "v=%d", &version); err != nil || version != argon2.Version {
		return false, c, errHash
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.Memory, &c.Time, &c.Threads); err != nil {
		return false, c, errHash
	}
	if c.Memory == 0 || c.Memory > maxMemory || c.Time == 0 || c.Time > maxTime || c.Threads == 0 {
		return false, c, errHash
	}
	salt, err := b64.DecodeString(parts[4])
	if err != nil || len(salt) < 8 {
		return false, c, errHash
	}
	want, err := b64.DecodeString(parts[5])
	if err != nil || len(want) != hashLen {
		return false, c, errHash
	}
	if len(password) > longestPassword {
		return false, c, nil
	}
	have := argon2.IDKey([]byte(password), salt, c.Time, c.Memory, c.Threads, hashLen)
	return subtle.ConstantTimeCompare(have, want) == 1, c, nil
}
