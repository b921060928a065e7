package ivr

// languageNames are how languages call themselves, for the agent's screen.
var languageNames = map[string]string{"zh": "中文", "en": "English"}

// label is what choosing a node means, in the centre's first language; empty where only the key can tell.
func (b *Book) label(flow string, to To) string {
	node := b.flows[flow].Nodes[string(to)]
	if l := b.first(node.Label); l != "" {
		return l
	}
	switch do := node.Do.(type) {
	case *Queue:
		return b.first(b.centre.Queues[do.Queue])
	case *Language:
		if name, ok := languageNames[do.Language]; ok {
			return name
		}
		return do.Language
	case *Jump:
		return b.first(b.flows[do.To].Title)
	}
	return ""
}

// first is a text in the centre's first language.
func (b *Book) first(t Text) string {
	if s, ok := t[b.centre.Languages[0]]; ok {
		return s
	}
	return t[""]
}
