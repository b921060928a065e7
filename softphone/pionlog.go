package softphone

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/pion/logging"
)

// pionLog passes the libraries' words on. Their warnings are the everyday life
// of networks (a check without a pair, a packet after the end): debug here.
type pionLog struct{ log *slog.Logger }

func (l pionLog) NewLogger(scope string) logging.LeveledLogger {
	return pionScope{l.log.With("library", "pion/"+scope)}
}

type pionScope struct{ log *slog.Logger }

var _ logging.LeveledLogger = pionScope{}

func (s pionScope) say(level slog.Level, format string, args ...any) {
	if ctx := context.Background(); s.log.Enabled(ctx, level) {
		s.log.Log(ctx, level, fmt.Sprintf(format, args...))
	}
}

func (pionScope) Trace(string)               {}
func (pionScope) Tracef(string, ...any)      {}
func (pionScope) Debug(string)               {}
func (pionScope) Debugf(string, ...any)      {}
func (pionScope) Info(string)                {}
func (pionScope) Infof(string, ...any)       {}
func (s pionScope) Warn(m string)            { s.say(slog.LevelDebug, "%s", m) }
func (s pionScope) Warnf(f string, a ...any) { s.say(slog.LevelDebug, f, a...) }
func (s pionScope) Error(m string)           { s.say(slog.LevelWarn, "%s", m) }
func (s pionScope) Errorf(f string, a ...any) {
	s.say(slog.LevelWarn, f, a...)
}
