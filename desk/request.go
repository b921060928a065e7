package desk

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// largestBody is more than the longest ticket in UTF-8.
const largestBody = 256 << 10

// read reads a JSON body into v: one object, no key it does not know.
func read(r *asked, v any) error {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return wrong("Content-Type", "Send JSON, with Content-Type: application/json.")
	}
	dec := json.NewDecoder(r.Body)
	dec.DisallowUnknownFields()
	err := dec.Decode(v)
	if err == nil {
		if _, more := dec.Token(); !errors.Is(more, io.EOF) {
			return wrong("body", "One JSON object, and nothing after it.")
		}
		return nil
	}
	var large *http.MaxBytesError
	var field *json.UnmarshalTypeError
	switch {
	case errors.As(err, &large):
		return refuse(TooLarge, "The request is larger than "+strconv.Itoa(largestBody>>10)+" KiB.")
	case errors.As(err, &field):
		return wrong(field.Field, "Expected "+field.Type.String()+", got "+field.Value+".")
	case strings.HasPrefix(err.Error(), "json: unknown field "):
		name := strings.Trim(strings.TrimPrefix(err.Error(), "json: unknown field "), `"`)
		return wrong(name, "There is no field of this name; /api/openapi.yaml lists them.")
	}
	return wrong("body", "This is not the JSON that is expected: "+err.Error())
}

// limit reads ?limit=, between 1 and most.
func limit(r *asked, usual, most int) (int, error) {
	s := r.URL.Query().Get("limit")
	if s == "" {
		return usual, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > most {
		return 0, wrong("limit", "A number from 1 to "+strconv.Itoa(most)+".")
	}
	return n, nil
}

// when reads a moment from the query; absent is the zero time.
func when(r *asked, key string) (time.Time, error) {
	s := r.URL.Query().Get(key)
	if s == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return t, wrong(key, "A moment like 2026-11-21T08:00:00Z.")
	}
	return t, nil
}

// newer reads ?after=, the seq that the page has seen: a newer one is waited for. Without it nothing is waited for.
func newer(r *asked) (after uint64, wait time.Duration, err error) {
	s := r.URL.Query().Get("after")
	if s == "" {
		return 0, 0, nil
	}
	if after, err = strconv.ParseUint(s, 10, 64); err != nil {
		return 0, 0, wrong("after", "The seq of the last state.")
	}
	return after, longPoll, nil
}

// phoneNumber reads a number from the query, where a + is often taken for a space.
func phoneNumber(r *asked) (string, error) {
	s := strings.TrimSpace(r.URL.Query().Get("number"))
	if s != "" && strings.HasPrefix(r.URL.Query().Get("number"), " ") {
		s = "+" + s
	}
	if len(s) > 32 || strings.Trim(s, "+0123456789*#") != "" {
		return "", wrong("number", "A telephone number: digits, with a + before the country code.")
	}
	return s, nil
}

// word reads an id from path or query: printable ASCII without spaces, at most 128.
func word(place, s string) (string, error) {
	for _, c := range []byte(s) {
		if c <= ' ' || c > '~' {
			return "", wrong(place, "This is no id.")
		}
	}
	if len(s) > 128 {
		return "", wrong(place, "This id is too long.")
	}
	return s, nil
}
