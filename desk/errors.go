package desk

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"

	"hotline/floor"
)

// Code is the stable word by which programs tell refusals apart.
type Code string

// The closed list of codes. Every error that reaches a browser has one of them.
const (
	BadRequest   Code = "bad-request"  // the request itself is wrong; Place says where
	Unauthorized Code = "unauthorized" // sign in first
	Forbidden    Code = "forbidden"    // signed in, without the right
	NotFound     Code = "not-found"
	Gone         Code = "gone"        // it was there: the offer, the call
	Conflict     Code = "conflict"    // somebody else changed it at the same time
	Illegal      Code = "illegal"     // not in this state
	TooLarge     Code = "too-large"   // the body
	TooMany      Code = "too-many"    // slow down; Retry-After says how long
	Unavailable  Code = "unavailable" // a part of the server is away; Retry-After says when to try again
	Internal     Code = "internal"    // our mistake; the log has it
)

// Codes lists them.
var Codes = []Code{BadRequest, Unauthorized, Forbidden, NotFound, Gone, Conflict, Illegal, TooLarge, TooMany, Unavailable, Internal}

// status maps a code to HTTP: the only place.
var status = map[Code]int{
	BadRequest:   http.StatusBadRequest,
	Unauthorized: http.StatusUnauthorized,
	Forbidden:    http.StatusForbidden,
	NotFound:     http.StatusNotFound,
	Gone:         http.StatusGone,
	Conflict:     http.StatusConflict,
	Illegal:      http.StatusUnprocessableEntity,
	TooLarge:     http.StatusRequestEntityTooLarge,
	TooMany:      http.StatusTooManyRequests,
	Unavailable:  http.StatusServiceUnavailable,
	Internal:     http.StatusInternalServerError,
}

// coded is what an error of another room says of itself: a word of Codes and a text for people. Rooms do not import
// desk for it.
type coded interface {
	error
	Code() string
	Public() string
}

// placed errors name the field that is wrong.
type placed interface{ Place() string }

// inEach errors have their text in other languages, too.
type inEach interface{ In() map[string]string }

// retry errors know when it is worth trying again, in seconds.
type retry interface{ RetryAfter() int }

// refusal is desk's own error.
type refusal struct {
	code   Code
	public string
	place  string
	after  int // seconds, for Retry-After
	cause  error
}

func (e *refusal) Error() string {
	if e.cause != nil {
		return string(e.code) + ": " + e.public + ": " + e.cause.Error()
	}
	return string(e.code) + ": " + e.public
}
func (e *refusal) Unwrap() error   { return e.cause }
func (e *refusal) Code() string    { return string(e.code) }
func (e *refusal) Public() string  { return e.public }
func (e *refusal) Place() string   { return e.place }
func (e *refusal) RetryAfter() int { return e.after }

// Refuse is an error that reaches the browser with this code and text. It is for those who fit other rooms to the desk.
func Refuse(code Code, public string, cause error) error {
	return &refusal{code: code, public: public, cause: cause}
}

func refuse(code Code, public string) error { return &refusal{code: code, public: public} }

func wrong(place, public string) error {
	return &refusal{code: BadRequest, public: public, place: place}
}

// tell turns any error into what a browser may see, and when to try again (seconds; 0: no word about it). An error that
// does not classify itself is our own mistake: its text stays in the log.
func tell(err error) (wire Error, after int) {
	var onFloor *floor.Illegal
	if errors.As(err, &onFloor) && status[Code(onFloor.Code)] != 0 {
		return Error{Code: Code(onFloor.Code), Message: onFloor.Text, Place: onFloor.Place}, 0
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return Error{Code: Unavailable, Message: "The server is too busy at the moment. Try again."}, 3
	}
	var c coded
	if !errors.As(err, &c) || status[Code(c.Code())] == 0 {
		return Error{Code: Internal, Message: "Something went wrong on the server. It has been logged."}, 0
	}
	wire = Error{Code: Code(c.Code()), Message: c.Public()}
	var p placed
	if errors.As(err, &p) {
		wire.Place = p.Place()
	}
	var in inEach
	if errors.As(err, &in) {
		wire.MessageIn = in.In()
	}
	var r retry
	if errors.As(err, &r) {
		after = r.RetryAfter()
	}
	if after == 0 && wire.Code == Unavailable {
		after = 3
	}
	return wire, after
}

// fail answers an HTTP request with err.
func fail(w http.ResponseWriter, r *http.Request, log *slog.Logger, err error) {
	wire, after := tell(err)
	failWith(w, r, log, err, wire, after, wire)
}

func failWith(w http.ResponseWriter, r *http.Request, log *slog.Logger, err error, wire Error, after int, body any) {
	code := status[wire.Code]
	level := slog.LevelDebug
	if code >= 500 {
		level = slog.LevelError
	}
	log.Log(r.Context(), level, "request refused", "method", r.Method, "path", logged(r), "code", wire.Code, "err", err)
	if after > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(after))
	}
	answer(w, code, body)
}

// logged is the path without a visitor's token, which is the key to a call.
func logged(r *http.Request) string {
	if token := r.PathValue("token"); token != "" {
		return strings.Replace(r.URL.Path, token, visitorKey(token), 1)
	}
	return r.URL.Path
}

func answer(w http.ResponseWriter, code int, body any) {
	b, err := json.Marshal(body)
	if err != nil { // our own types: a mistake in this package
		http.Error(w, `{"code":"internal","message":"The answer could not be written."}`, http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(code)
	_, _ = w.Write(b) // the browser went away: nothing to do
}
