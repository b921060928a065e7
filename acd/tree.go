package acd

import (
	"cmp"
	"iter"
	"strings"
)

// key orders agents and callers in their trees: a, then b, then n, then id.
type key struct {
	a, b int64
	n    int    // agents: the place in the configuration
	id   string // callers
}

func (k *key) compare(o *key) int {
	switch {
	case k.a != o.a:
		return cmp.Compare(k.a, o.a)
	case k.b != o.b:
		return cmp.Compare(k.b, o.b)
	case k.n != o.n:
		return cmp.Compare(k.n, o.n)
	}
	return strings.Compare(k.id, o.id)
}

// tree is an ordered set that knows its ranks: a treap whose nodes carry the size of their subtree and the
// least b in it. First, insert, remove and rank cost a logarithm. Nodes live in one slice and are reused, so that
// a busy queue makes no garbage. The zero value is an empty tree.
//
// The shape comes from a pseudo-random sequence that starts alike in every tree: it decides how long a search
// takes, never what is found.
type tree[V any] struct {
	nodes []node[V] // nodes[0] is the empty tree
	root  int32
	least int32
	free  int32 // a chain through left
	seed  uint32
}

type node[V any] struct {
	key         key
	val         V
	left, right int32
	size        int32
	shape       uint32 // a parent's is not less than its children's
	minB        int64
}

const maxB = 1<<63 - 1

func (t *tree[V]) len() int {
	if t.root == 0 {
		return 0
	}
	return int(t.nodes[t.root].size)
}

// leastB returns the least b of all keys; the tree must not be empty.
func (t *tree[V]) leastB() int64 { return t.nodes[t.root].minB }

// first returns the value of the least key; the tree must not be empty.
func (t *tree[V]) first() V { return t.nodes[t.least].val }

// insert adds a value; its key must not be in the tree.
func (t *tree[V]) insert(k key, v V) {
	if len(t.nodes) == 0 {
		t.nodes = append(t.nodes, node[V]{minB: maxB})
		t.seed = 2463534242
	}
	t.seed ^= t.seed << 13
	t.seed ^= t.seed >> 17
	t.seed ^= t.seed << 5
	n := node[V]{key: k, val: v, size: 1, shape: t.seed, minB: k.b}
	i := t.free
	if i != 0 {
		t.free = t.nodes[i].left
		t.nodes[i] = n
	} else {
		i = int32(len(t.nodes))
		t.nodes = append(t.nodes, n)
	}
	if t.root == 0 || k.compare(&t.nodes[t.least].key) < 0 {
		t.least = i
	}
	t.root = t.put(t.root, i)
}

// put inserts node i below at and returns the new top.
func (t *tree[V]) put(at, i int32) int32 {
	if at == 0 {
		return i
	}
	n := &t.nodes[at]
	if t.nodes[i].shape > n.shape {
		t.nodes[i].left, t.nodes[i].right = t.split(at, &t.nodes[i].key)
		t.sum(i)
		return i
	}
	if t.nodes[i].key.compare(&n.key) < 0 {
		n.left = t.put(n.left, i)
	} else {
		n.right = t.put(n.right, i)
	}
	n.size++
	n.minB = min(n.minB, t.nodes[i].key.b)
	return at
}

// split parts the subtree at into keys below k and the others.
func (t *tree[V]) split(at int32, k *key) (below, others int32) {
	if at == 0 {
		return 0, 0
	}
	n := &t.nodes[at]
	if n.key.compare(k) < 0 {
		n.right, others = t.split(n.right, k)
		below = at
	} else {
		below, n.left = t.split(n.left, k)
		others = at
	}
	t.sum(at)
	return below, others
}

// remove takes out the value of a key, which must be in the tree.
func (t *tree[V]) remove(k key) {
	first := k == t.nodes[t.least].key
	t.root = t.cut(t.root, &k)
	if first {
		t.least = t.root
		for l := t.nodes[t.least].left; l != 0; l = t.nodes[l].left {
			t.least = l
		}
	}
}

func (t *tree[V]) cut(at int32, k *key) int32 {
	if at == 0 {
		panic("acd: a tree lost a key") // the engine's own books do not agree
	}
	n := &t.nodes[at]
	c := k.compare(&n.key)
	switch {
	case c < 0:
		n.left = t.cut(n.left, k)
	case c > 0:
		n.right = t.cut(n.right, k)
	default:
		joined := t.join(n.left, n.right)
		t.nodes[at] = node[V]{left: t.free}
		t.free = at
		return joined
	}
	t.sum(at)
	return at
}

// join makes one subtree of two, all keys of l being below those of r.
func (t *tree[V]) join(l, r int32) int32 {
	switch {
	case l == 0:
		return r
	case r == 0:
		return l
	case t.nodes[l].shape > t.nodes[r].shape:
		t.nodes[l].right = t.join(t.nodes[l].right, r)
		t.sum(l)
		return l
	default:
		t.nodes[r].left = t.join(l, t.nodes[r].left)
		t.sum(r)
		return r
	}
}

func (t *tree[V]) sum(i int32) {
	n := &t.nodes[i]
	l, r := &t.nodes[n.left], &t.nodes[n.right]
	n.size = 1 + l.size + r.size
	n.minB = min(n.key.b, l.minB, r.minB)
}

// countWhile returns how many values from the first on satisfy before, which must hold for a beginning of the
// order and for nothing after it.
func (t *tree[V]) countWhile(before func(V) bool) int {
	count := int32(0)
	for i := t.root; i != 0; {
		n := &t.nodes[i]
		if before(n.val) {
			count += 1 + t.nodes[n.left].size
			i = n.right
		} else {
			i = n.left
		}
	}
	return int(count)
}

// rank returns how many keys are below k.
func (t *tree[V]) rank(k key) int {
	count := int32(0)
	for i := t.root; i != 0; {
		n := &t.nodes[i]
		if n.key.compare(&k) < 0 {
			count += 1 + t.nodes[n.left].size
			i = n.right
		} else {
			i = n.left
		}
	}
	return int(count)
}

// all yields the values in order. The tree must not be changed meanwhile.
func (t *tree[V]) all() iter.Seq[V] {
	return func(yield func(V) bool) {
		var path []int32
		for i := t.root; i != 0 || len(path) > 0; {
			for ; i != 0; i = t.nodes[i].left {
				path = append(path, i)
			}
			i = path[len(path)-1]
			path = path[:len(path)-1]
			if !yield(t.nodes[i].val) {
				return
			}
			i = t.nodes[i].right
		}
	}
}
