package acd

// timers is a heap of waiting callers by the moment at which time alone changes something for them. Four
// children a node: it is shallower, and a node's children are neighbours in memory.
type timers []timer

type timer struct {
	due    int64
	caller *callerState
}

const never = 1<<63 - 1

// set puts a caller in its place, adds it, or (due never) takes it out.
func (t *timers) set(c *callerState, due int64) {
	switch in := c.timer > 0; {
	case due == never && in:
		t.drop(c)
	case due == never:
	case in:
		(*t)[c.timer-1].due = due
		t.down(t.up(c.timer - 1))
	default:
		*t = append(*t, timer{due, c})
		t.up(len(*t) - 1)
	}
}

func (t *timers) drop(c *callerState) {
	if c.timer == 0 {
		return
	}
	i, last := c.timer-1, len(*t)-1
	c.timer = 0
	moved := (*t)[last]
	(*t)[last] = timer{}
	*t = (*t)[:last]
	if i < last {
		t.put(i, moved)
		t.down(t.up(i))
	}
}

func (t timers) put(i int, m timer) {
	t[i] = m
	m.caller.timer = i + 1
}

func (t timers) up(i int) int {
	m := t[i]
	for i > 0 {
		parent := (i - 1) / 4
		if t[parent].due <= m.due {
			break
		}
		t.put(i, t[parent])
		i = parent
	}
	t.put(i, m)
	return i
}

func (t timers) down(i int) {
	m := t[i]
	for {
		least, due := -1, m.due
		for child := 4*i + 1; child <= min(4*i+4, len(t)-1); child++ {
			if t[child].due < due {
				least, due = child, t[child].due
			}
		}
		if least < 0 {
			break
		}
		t.put(i, t[least])
		i = least
	}
	t.put(i, m)
}
