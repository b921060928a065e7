package acd

import (
	"fmt"
	"strings"

	"hotline/acd/said"
)

// Check returns what is wrong with queues and agents taken together: unknown queues, and requirements that
// nobody could ever meet.
func Check(queues []Queue, agents []Agent) []error {
	var errs []error
	byID := map[QueueID]bool{}
	for _, q := range queues {
		if byID[q.ID] {
			errs = append(errs, said.Errorf("queue %s: is there twice", q.ID))
		}
		byID[q.ID] = true
		errs = append(errs, q.Validate()...)
	}
	for _, q := range queues {
		sendsTo := func(what, dest string) {
			if to, ok := strings.CutPrefix(dest, "queue:"); ok && !byID[to] {
				errs = append(errs, said.Errorf("queue %s: %s sends callers to queue %q, which is not there", q.ID, what, to))
			}
		}
		for _, m := range []map[string]string{q.Wait.Keys, q.Limits.When} {
			for _, key := range sortedKeys(m) {
				sendsTo(key, m[key])
			}
		}
		for i, r := range q.Limits.Overflow {
			sendsTo(fmt.Sprint("overflow rule ", i+1), r.To)
		}
	}
	seen := map[AgentID]bool{}
	for _, a := range agents {
		if seen[a.ID] {
			errs = append(errs, said.Errorf("agent %s: is there twice", a.ID))
		}
		seen[a.ID] = true
		errs = append(errs, a.Validate()...)
		for _, m := range a.Queues {
			if !byID[m.Queue] {
				errs = append(errs, said.Errorf("agent %s: is a member of queue %q, which is not there", a.ID, m.Queue))
			}
		}
	}
	for _, q := range queues {
		if err := q.Unreachable(agents); err != nil {
			errs = append(errs, err)
		}
	}
	return errs
}

// Unreachable returns an error when no agent could take a caller of the queue even after the last relax step.
func (q *Queue) Unreachable(agents []Agent) error {
	if err := q.Lacks(agents); err != nil {
		return said.Errorf("queue %s: %w", q.ID, err)
	}
	return nil
}

// Lacks says what is missing in a queue that is unreachable, without the queue's name; nil: somebody could take its callers.
func (q *Queue) Lacks(agents []Agent) error {
	needs, reach := q.needsAfter(len(q.Relax))
	members := 0
	for i := range agents {
		m, ok := agents[i].membership(q.ID)
		if !ok {
			continue
		}
		members++
		if (reach == 0 || m.order() <= reach) && agents[i].has(needs) {
			return nil
		}
	}
	if members == 0 {
		return said.Errorf("no agent is a member")
	}
	return said.Errorf("needs %s even after its last relax step, and none of its %d members has that", needsText(needs), members)
}
