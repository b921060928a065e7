package floor

import (
	"fmt"

	"hotline/fact"
)

// The house's own words: said where no flow wrote any. A recorded file named like the key replaces them.
var words = map[string]map[string]string{
	"place": {
		"en": "You are number %d in the queue.",
		"zh": "您前面的排队序号是第%d位。",
	},
	"expected-wait": {
		"en": "We expect to answer you in about %d minutes.",
		"zh": "预计等待时间约%d分钟。",
	},
	"please-wait": {
		"en": "All our agents are busy. Please hold the line.",
		"zh": "话务员正忙，请您稍候。",
	},
	"leave-message": {
		"en": "Please leave your message after the tone, and press the hash key when you have finished.",
		"zh": "请在提示音后留言，留言结束请按井号键。",
	},
	"all-busy-bye": {
		"en": "We are sorry: nobody can take your call at the moment. Please call again later. Goodbye.",
		"zh": "很抱歉，目前无法为您接通，请您稍后再拨。再见。",
	},
	"thank-you": {
		"en": "Thank you. We have received your message. Goodbye.",
		"zh": "谢谢，您的留言我们已经收到。再见。",
	},
	"message-failed": {
		"en": "We are sorry: your message could not be recorded. Please call again later. Goodbye.",
		"zh": "很抱歉，您的留言未能录下，请您稍后再拨。再见。",
	},
}

// phrase is one of the house's phrases in a language; a language it lacks gets English.
func phrase(key, lang string, args ...any) fact.Phrase {
	text, ok := words[key][lang]
	if !ok {
		lang, text = "en", words[key]["en"]
	}
	if len(args) > 0 {
		return fact.Phrase{Lang: lang, Text: fmt.Sprintf(text, args...)}
	}
	return fact.Phrase{Lang: lang, Text: text, File: "floor." + key}
}

// Static gives every house phrase that is known beforehand, in the given languages, and the small numbers of places:
// so that their sound is there before the first caller.
func Static(langs []string) []fact.Phrase {
	var out []fact.Phrase
	for key := range words {
		for _, l := range langs {
			switch key {
			case "place", "expected-wait":
				for n := 1; n <= 10; n++ {
					out = append(out, phrase(key, l, n))
				}
			default:
				out = append(out, phrase(key, l))
			}
		}
	}
	return out
}
