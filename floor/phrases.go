package floor

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"hotline/fact"
)

// The house's own words: said where no flow wrote any. The configuration's phrases go before them, and so does a recording
// named like the key where nothing in the words varies.
var words = map[string]map[string]string{
	"place": {
		"en": "You are number $place in the queue.",
		"zh": "您前面的排队序号是第$place位。",
	},
	"expected-wait": {
		"en": "We expect to answer you in about $minutes minutes.",
		"zh": "预计等待时间约$minutes分钟。",
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
	"callback-hint": {
		"en": "Instead of waiting you can be called back: press $key.",
		"zh": "如不便等候，请按$key，我们给您回电。",
	},
	"callback-confirm": {
		"en": "Instead of waiting you can be called back, and keep your place. Your number is $number.",
		"zh": "您可以不必等候，我们会保留您的排队位置并给您回电。您的号码是$number。",
	},
	"callback-keys": {
		"en": "If that is right, press 1. To be called on another number, press 2.",
		"zh": "号码正确请按1，更换号码请按2。",
	},
	"callback-number": {
		"en": "Please enter the number that we should call, with its area code, and press the hash key.",
		"zh": "请输入您的回电号码，固定电话请加区号，按井号键结束。",
	},
	"callback-star-wait": {
		"en": "To go on waiting, press star.",
		"zh": "继续等候请按星号键。",
	},
	"callback-star-message": {
		"en": "To leave a message instead, press star.",
		"zh": "如需留言请按星号键。",
	},
	"callback-bad-number": {
		"en": "That number is not complete.",
		"zh": "您输入的号码有误。",
	},
	"callback-not-permitted": {
		"en": "We are sorry: we cannot call that number.",
		"zh": "很抱歉，我们无法拨打该号码。",
	},
	"callback-per-day": {
		"en": "We are sorry: that number has been promised as many calls as we can make in a day.",
		"zh": "很抱歉，该号码今天的回电次数已达上限。",
	},
	"callback-wait-on": {
		"en": "You keep your place. Please hold the line.",
		"zh": "您的排队位置不变，请您继续等候。",
	},
	"callback-promised": {
		"en": "Thank you. You keep your place, and we will call you. Goodbye.",
		"zh": "好的，您的排队位置已为您保留，我们会给您回电。再见。",
	},
	"callback-noted": {
		"en": "We have noted your call back already, and you keep the place that you had. Goodbye.",
		"zh": "您的回电已经登记，排队位置不变，我们会给您回电。再见。",
	},
	"callback-greeting": {
		"en": "Hello, this is $name. You asked to be called back. One moment: we are connecting you.",
		"zh": "您好，这里是$name。您要求的回电正在为您接通，请稍候。",
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

// varies names what the words of a phrase have in the middle.
var varies = map[string]string{
	"place": "$place", "expected-wait": "$minutes", "callback-hint": "$key", "callback-confirm": "$number", "callback-greeting": "$name",
}

// Phrases are the names of the house's phrases, each with the variable that its words must hold; most hold none.
func Phrases() map[string]string {
	all := make(map[string]string, len(words))
	for key := range words {
		all[key] = varies[key]
	}
	return all
}

// Speaks tells whether the house has words of its own in a language.
func Speaks(lang string) bool {
	_, ok := words["please-wait"][lang]
	return ok
}

// phrase is one of the house's phrases in a language, with value in the place of its variable: in the configuration's
// words, else in ours. A language that neither has gets English.
func (c *Config) phrase(key, lang, value string) fact.Phrase {
	text, ok := c.Phrases[key][lang]
	if !ok {
		text, ok = c.Phrases[key][""]
	}
	if !ok {
		text, ok = words[key][lang]
	}
	if !ok {
		lang, text = "en", words[key]["en"]
	}
	if v := varies[key]; v != "" {
		return fact.Phrase{Lang: lang, Text: strings.ReplaceAll(text, v, value)}
	}
	return fact.Phrase{Lang: lang, Text: text, File: "floor." + key}
}

// Static gives every house phrase that is known beforehand, in the centre's languages, and the small numbers of places:
// so that their sound is there before the first caller.
func (c *Config) Static() []fact.Phrase {
	var out []fact.Phrase
	for _, key := range slices.Sorted(maps.Keys(words)) {
		for _, l := range c.Langs {
			switch key {
			case "place", "expected-wait":
				for n := 1; n <= 10; n++ {
					out = append(out, c.phrase(key, l, strconv.Itoa(n)))
				}
			case "callback-hint":
				for n := range 10 {
					out = append(out, c.phrase(key, l, strconv.Itoa(n)))
				}
			case "callback-confirm", "callback-greeting": // with a number, or a name, in the middle
			default:
				out = append(out, c.phrase(key, l, ""))
			}
		}
	}
	return out
}
