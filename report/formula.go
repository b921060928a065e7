package report

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"
)

// Formula names one of the four service-level formulas in use (requirements N2). It always stands beside the figure.
type Formula string

// The formulas; T is the threshold. Call-backs, messages and overflows are in none of them.
const (
	SL1 Formula = "SL1" // answered≤T / answered
	SL2 Formula = "SL2" // (answered≤T + abandoned≤T) / (answered + abandoned)
	SL3 Formula = "SL3" // answered≤T / (answered + abandoned)
	SL4 Formula = "SL4" // answered≤T / (answered + abandoned>T)
)

// Formulas lists them in the order in which they are shown.
var Formulas = []Formula{SL1, SL2, SL3, SL4}

// ServiceLevel is the share of visits that were served in time, from 0 to 1. Without a base there is no figure: ok is
// false, as it is for a formula that does not exist.
func ServiceLevel(f Formula, c Counts) (value float64, ok bool) {
	within, base := c.AnsweredWithin, c.Answered
	switch f {
	case SL1:
	case SL2:
		within += c.AbandonedWithin
		base += c.Abandoned
	case SL3:
		base += c.Abandoned
	case SL4:
		base += c.Abandoned - c.AbandonedWithin
	default:
		return 0, false
	}
	return share(float64(within), float64(base))
}

func share(part, whole float64) (float64, bool) {
	if whole <= 0 {
		return 0, false
	}
	return part / whole, true
}

// ParseFormula reads a formula's name.
func ParseFormula(s string) (Formula, error) {
	for _, f := range Formulas {
		if strings.EqualFold(s, string(f)) {
			return f, nil
		}
	}
	return "", fmt.Errorf("service-level formula %q: must be one of SL1, SL2, SL3, SL4", s)
}

// Definition writes the formula out: "SL3 answered≤20s / (answered + abandoned)", or the like in Chinese for "zh".
func (f Formula) Definition(lang string, threshold time.Duration) string {
	text, ok := formulaTexts[langOf(lang)][f]
	if !ok {
		return string(f)
	}
	return string(f) + " " + strings.ReplaceAll(text, "T", threshold.String())
}

var formulaTexts = map[string]map[Formula]string{
	"en": {
		SL1: "answered≤T / answered",
		SL2: "(answered≤T + abandoned≤T) / (answered + abandoned)",
		SL3: "answered≤T / (answered + abandoned)",
		SL4: "answered≤T / (answered + abandoned>T)",
	},
	"zh": {
		SL1: "T内接通 / 接通",
		SL2: "(T内接通 + T内放弃) / (接通 + 放弃)",
		SL3: "T内接通 / (接通 + 放弃)",
		SL4: "T内接通 / (接通 + 超过T放弃)",
	},
}

func langOf(lang string) string {
	if strings.HasPrefix(lang, "zh") {
		return "zh"
	}
	return "en"
}

// Figure is a figure that may have no base, like a rate of nothing: then it is not Known, and null in JSON.
type Figure struct {
	Value float64
	Known bool
}

func figure(v float64, known bool) Figure { return Figure{Value: v, Known: known} }

// meanSeconds is a mean of durations, in seconds.
func meanSeconds(sum time.Duration, n uint64) Figure {
	return figure(share(sum.Seconds(), float64(n)))
}

// MarshalJSON writes the value, or null.
func (f Figure) MarshalJSON() ([]byte, error) {
	if !f.Known || math.IsNaN(f.Value) || math.IsInf(f.Value, 0) {
		return []byte("null"), nil
	}
	return json.Marshal(f.Value)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (f *Figure) UnmarshalJSON(b []byte) error {
	var v *float64
	if err := json.Unmarshal(b, &v); err != nil {
		return err
	}
	*f = Figure{}
	if v != nil {
		*f = Figure{Value: *v, Known: true}
	}
	return nil
}

// Ptr is the value, or nil where there is none.
func (f Figure) Ptr() *float64 {
	if !f.Known {
		return nil
	}
	return &f.Value
}

// Meaning is what a figure is called and how it is made, for people.
type Meaning struct {
	Title      string `json:"title"`
	Definition string `json:"definition"`
}

// Explain gives a figure's meaning by the key that it has in JSON; ok is false for a key that is no figure.
func Explain(key, lang string) (m Meaning, ok bool) {
	m, ok = meanings[langOf(lang)][key]
	return m, ok
}

var meanings = map[string]map[string]Meaning{
	"en": {
		"arrivals":      {"Arrivals", "visits that began in this time"},
		"offered":       {"Offered", "visits whose wait ended in this time = answered + abandoned + call-back + message + overflowed + failed"},
		"answered":      {"Answered", "visits whose wait ended with an agent's voice in the call"},
		"abandoned":     {"Abandoned", "visits whose caller hung up while waiting, or while being offered"},
		"callback":      {"Call-back", "visits that became a call-back"},
		"promised":      {"Call-backs promised", "numbers that were confirmed and noted"},
		"reached":       {"Call-backs reached", "promised call-backs that ended in a talk"},
		"unreached":     {"Call-backs unreached", "promised call-backs whose tries were all in vain"},
		"expired":       {"Call-backs expired", "promised call-backs that nobody had time for"},
		"cancelled":     {"Call-backs cancelled", "promised call-backs that the house took back"},
		"callback_wait": {"Time to call-back", "time from promise to talk / call-backs reached"},
		"message":       {"Message", "visits that ended in leaving a message"},
		"overflowed":    {"Overflowed", "visits that a rule sent to another queue or destination"},
		"failed":        {"Failed", "visits that we or the telephone system lost"},
		"answer_rate":   {"Answer rate", "answered / offered"},
		"asa":           {"Average speed of answer", "waits of answered visits / answered"},
		"aht":           {"Average handle time", "(talk + hold + wrap-up) / handled"},
		"expected_off":  {"Error of the expected wait", "|wait − what was told on entry| of answered visits that were told / those visits"},
		"expected_late": {"Bias of the expected wait", "(waits − what was told on entry) of answered visits that were told / those visits; below zero: told too much"},
		"occupancy":     {"Occupancy", "time talking, on hold and in wrap-up / the same + time ready and offered"},
		"handled":       {"Handled", "talks whose wrap-up ended in this time"},
		"waiting":       {"Waiting", "visits that have begun and not ended"},
	},
	"zh": {
		"arrivals":      {"进线量", "本时段内进入队列的次数"},
		"offered":       {"排队量", "本时段内结束排队的次数 = 接通 + 放弃 + 回呼 + 留言 + 溢出 + 失败"},
		"answered":      {"接通量", "由话务员接起的排队次数"},
		"abandoned":     {"放弃量", "来电者在等待或振铃时挂机的次数"},
		"callback":      {"回呼", "转为回呼的次数"},
		"promised":      {"回呼登记", "号码已确认并登记的回呼数"},
		"reached":       {"回呼成功", "接通并通话的回呼数"},
		"unreached":     {"回呼未接通", "所有尝试均未接通的回呼数"},
		"expired":       {"回呼过期", "有效期内未能回呼的数量"},
		"cancelled":     {"回呼取消", "由本中心取消的回呼数"},
		"callback_wait": {"回呼等待时长", "从登记到通话的时长之和 / 回呼成功"},
		"message":       {"留言", "转为留言的次数"},
		"overflowed":    {"溢出", "按规则转往其他队列或去向的次数"},
		"failed":        {"失败", "因系统或线路原因中断的次数"},
		"answer_rate":   {"接通率", "接通量 / 排队量"},
		"asa":           {"平均应答速度", "接通者的等待时长之和 / 接通量"},
		"aht":           {"平均处理时长", "(通话 + 保持 + 话后处理) / 处理量"},
		"expected_off":  {"预计等待误差", "已告知预计等待且接通者的 |等待时长 − 进队时告知| 之和 / 次数"},
		"expected_late": {"预计等待偏差", "已告知预计等待且接通者的（等待时长 − 进队时告知）之和 / 次数；负数表示报长了"},
		"occupancy":     {"工时利用率", "(通话 + 保持 + 话后处理) / (通话 + 保持 + 话后处理 + 就绪 + 振铃)"},
		"handled":       {"处理量", "本时段内完成话后处理的通话数"},
		"waiting":       {"等待中", "已进入队列尚未结束的次数"},
	},
}
