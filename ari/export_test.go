package ari

import "time"

// EventTypes is how many types of events have a struct.
func EventTypes() int { return len(eventTypes) }

// SetStopBound shortens how long Stop waits.
func (c *Conn) SetStopBound(d time.Duration) { c.stopBound = d }

// CheckVersion is what Probe holds against a version.
func CheckVersion(version string) error { return checkVersion("a", version) }
