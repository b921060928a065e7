// Package sim runs a call centre on virtual time, with the very engine (package acd) that routes real calls. It
// answers "what if two agents fewer?" before Monday.
//
//	scenario (YAML) ──▶ Load ──▶ Run ──▶ Result ──▶ WriteTable, WriteCSV
//	                      │       │
//	                      │       └ arrivals ▷ events by time ▷ acd.Engine ▷ counts;  n runs with other luck
//	                      └──────▶ StaffDay: agents per interval for a target, beside Erlang C and A
//
// A run is deterministic: the same scenario and seed give the same figures, and each purpose has random numbers of
// its own, so that two scenarios are compared under the same luck.
//
// # The scenario
//
//	name: City hotline, a Monday
//	start: 8h                 # time of day at which it begins; for the tables only
//	length: 10h               # calls come in for so long; those still there are served to the end
//	warm_up: 30m              # calls that come earlier are left out of the totals; default 0
//	interval: 30m             # of the tables by time, and of roster; default 30m
//	replications: 20          # default 10
//	seed: 7
//
//	queues:                   # exactly as in the centre's configuration (acd.Queue)
//	  complaint:
//	    needs: {complaint: 5}
//	    relax: [{after: 30s, complaint: 3}, {after: 60s, complaint: 1}]
//	    select: longest-idle
//	    service_level: {within: 20s, target: 0.85, formula: SL3}
//	    limits:
//	      {waiting: 50, wait: 10m, when: {full: "queue:consult", wait: message, nobody: message},
//	       overflow: [{wait: 2m, agents_below: 3, to: "queue:consult"}]}
//
//	calls:                    # kinds of call; each comes to the queue of its name, or to queue
//	  complaint:
//	    queue: complaint
//	    arrivals: {calls: 120, per: 1h}            # at random at a steady rate, or one of
//	    # arrivals: {interval: 30m, counts: [40, 62, 75], busyness: 0.1, each: day}
//	    # arrivals: {at: [0s, 12s, 1m]}            # exactly then
//	    # arrivals: {csv: monday.csv}              # real calls: columns at, type, talk, wrap_up, patience (ReadCalls)
//	    talk: {lognormal: {mean: 3m, sd: 2m}}      # or constant, exponential, gamma, empirical
//	    wrap_up: {exponential: 40s}
//	    patience: {periods: [{until: 2h, exponential: 3m}, {exponential: 90s}]}    # default: nobody gives up
//	    needs: {english: 1}                        # beyond the queue's
//	    priority: 1                                # and grow, as in the configuration
//
//	agents:                   # groups of agents who are alike; order is the order of the configuration
//	  - name: seniors
//	    count: 6
//	    skills: {complaint: 8, consult: 5}
//	    queues: [{queue: complaint}, {queue: consult, order: 2}]
//	    shifts: [{from: 0s, to: 4h}, {from: 5h, to: 9h}]    # default: always there; a call is ended first
//	    answer: {constant: 2s}                              # from the offer to the hello; default at once
//	    speed: 1.2                                          # talks and wraps up so much faster
//	  - name: juniors
//	    roster: [4, 6, 8, 8, 6, 4]                          # instead: how many in each interval from the start on
//	    queues: [{queue: consult}]
//
// busyness is the standard deviation of a factor, gamma distributed about 1, by which a whole day (or each
// interval) is busier or quieter than expected. A published model is written down like this: its call types
// under calls, its agent groups under agents, its routing lists as the members' order (an agent's second choice
// is order 2) and as relax steps with reach (whom a caller may go to after waiting so long).
//
// # The figures
//
// A visit counts in the queue it was to, and in the interval in which its wait ended; a caller sent from one queue
// to another makes two visits. The whole leaves out callers who came in the warm-up. Figures are means over
// the replications with half the width of their 95 % confidence interval (Student).
package sim
