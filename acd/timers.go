package acd

// timers is a heap of waiting callers by the moment at which time alone changes something for them.
type timers []*callerState

const never = 1<<63 - 1

// set puts a caller in its place, adds it or (due never) takes it out.
func (t *timers) set(c *callerState, due int64) {
	switch in := c.timer > 0; {
	case due == never && in:
		t.drop(c)
	case due == never:
	case in:
		c.due = due
		t.down(t.up(c.timer - 1))
	default:
		c.due = due
		*t = append(*t, c)
		c.timer = len(*t)
		t.up(len(*t) - 1)
	}
}

func (t *timers) drop(c *callerState) {
	if c.timer == 0 {
		return
	}
	i, last := c.timer-1, len(*t)-1
	t.swap(i, last)
	(*t)[last] = nil
	*t = (*t)[:last]
	c.timer = 0
	if i < last {
		t.down(t.up(i))
	}
}

func (t timers) swap(i, j int) {
	t[i], t[j] = t[j], t[i]
	t[i].timer, t[j].timer = i+1, j+1
}

func (t timers) up(i int) int {
	for i > 0 {
		parent := (i - 1) / 2
		if t[parent].due <= t[i].due {
			break
		}
		t.swap(i, parent)
		i = parent
	}
	return i
}

func (t timers) down(i int) {
	for {
		least := i
		for _, child := range [2]int{2*i + 1, 2*i + 2} {
			if child < len(t) && t[child].due < t[least].due {
				least = child
			}
		}
		if least == i {
			return
		}
		t.swap(i, least)
		i = least
	}
}
