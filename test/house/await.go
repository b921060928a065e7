//go:build e2e

package house

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Final is an error that ends an Await at once: no waiting makes it better.
type Final struct{ error }

// Fail is a Final of those words.
func Fail(format string, as ...any) error { return Final{fmt.Errorf(format, as...)} }

// often is how often an Await looks.
const often = 20 * time.Millisecond

// Await asks until there is no error; a failure tells the last one.
func Await(ctx context.Context, atMost time.Duration, what string, ask func() error) error {
	return AwaitSlowly(ctx, atMost, often, what, ask)
}

// AwaitSlowly is Await that asks only so often, because asking costs.
func AwaitSlowly(ctx context.Context, atMost, every time.Duration, what string, ask func() error) error {
	ctx, cancel := context.WithTimeout(ctx, atMost)
	defer cancel()
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		err := ask()
		if err == nil {
			return nil
		}
		var final Final
		if errors.As(err, &final) {
			return fmt.Errorf("waited for %s: %w", what, err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("waited %s for %s: %w", atMost, what, err)
		}
	}
}
