package sim

// event is something that will happen. Events at the same moment happen in the order in which they were planned.
type event struct {
	at     int64
	seq    uint64
	kind   eventKind
	n      int32  // the call, agent or call type
	serial uint32 // of the call: a later call in the same slot is another one
}

type eventKind uint8

const (
	arrives   eventKind = iota // the next call of type n
	givesUp                    // call n's patience ends
	tooLong                    // call n has waited so long that a limit of the queue looks at it
	accepts                    // the agent offered call n says hello
	talked                     // agent n's call ends
	wrappedUp                  // agent n is ready again
	comes                      // agent n's next shift begins
	goes                       // agent n's shift ends
)

// events is a heap, four children a node.
type events struct {
	heap []event
	seq  uint64
}

func (e *event) before(o *event) bool { return e.at < o.at || e.at == o.at && e.seq < o.seq }

func (q *events) plan(at int64, kind eventKind, n int32, serial uint32) {
	q.seq++
	m := event{at: at, seq: q.seq, kind: kind, n: n, serial: serial}
	q.heap = append(q.heap, m)
	i := len(q.heap) - 1
	for i > 0 {
		parent := (i - 1) / 4
		if !m.before(&q.heap[parent]) {
			break
		}
		q.heap[i] = q.heap[parent]
		i = parent
	}
	q.heap[i] = m
}

func (q *events) next() event {
	first := q.heap[0]
	last := len(q.heap) - 1
	m := q.heap[last]
	q.heap = q.heap[:last]
	for i := 0; i < last; {
		least := -1
		for child := 4*i + 1; child <= min(4*i+4, last-1); child++ {
			if o := &q.heap[child]; o.before(&m) && (least < 0 || o.before(&q.heap[least])) {
				least = child
			}
		}
		if least < 0 {
			q.heap[i] = m
			break
		}
		q.heap[i] = q.heap[least]
		i = least
	}
	return first
}
