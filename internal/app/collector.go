package app

import (
	"os"
	"runtime/debug"
)

// heapGrowth is how many percent the heap may grow between two runs of the garbage collector. What is alive here is
// small, some tens of megabytes: by Go's default of 100 it would be gone through several times a second under load, a
// tenth of what the server does for a call.
const heapGrowth = 400

// tuneCollector leaves a setting of the environment (GOGC) as it is.
func tuneCollector() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(heapGrowth)
	}
}
