// Command curve draws what `go test -bench 'Decision|CallerLife' ./acd` printed: time by the number of waiting callers, both
// on logarithmic axes. Of several measurements of the same the fastest counts: the others were disturbed.
//
//	go test ./acd -run xxx -bench 'Decision|CallerLife' -count 4 > docs/decisions.txt && go generate ./docs
package main

import (
	"bufio"
	"bytes"
	"fmt"
	"log"
	"math"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

type point struct{ waiting, ns float64 }

var measured = regexp.MustCompile(`^Benchmark(\w+)/waiting=(\d+)\S*\s+\d+\s+([\d.]+) ns/op`)

// read returns the fastest time of each benchmark at each number of callers.
func read(text []byte) (map[string][]point, error) {
	best := map[string]map[float64]float64{}
	for in := bufio.NewScanner(bytes.NewReader(text)); in.Scan(); {
		m := measured.FindStringSubmatch(in.Text())
		if m == nil {
			continue
		}
		waiting, err := strconv.ParseFloat(m[2], 64)
		if err != nil {
			return nil, err
		}
		ns, err := strconv.ParseFloat(m[3], 64)
		if err != nil {
			return nil, err
		}
		if best[m[1]] == nil {
			best[m[1]] = map[float64]float64{}
		}
		if was, ok := best[m[1]][waiting]; !ok || ns < was {
			best[m[1]][waiting] = ns
		}
	}
	curves := map[string][]point{}
	for name, by := range best {
		for waiting, ns := range by {
			curves[name] = append(curves[name], point{waiting, ns})
		}
		slices.SortFunc(curves[name], func(a, b point) int { return int(a.waiting - b.waiting) })
	}
	return curves, nil
}

const width, height, left, right, top, bottom = 640, 300, 64, 24, 46, 44

func x(waiting float64) float64 {
	return left + (width-left-right)*(math.Log10(waiting)-2)/3
}

func y(us float64) float64 { // 0.1 to 100 µs
	return top + (height-top-bottom)*(2-math.Log10(us))/3
}

func draw(curves map[string][]point) []byte {
	var b bytes.Buffer
	text := func(x, y float64, more, words string) {
		fmt.Fprintf(&b, "<text x=\"%.1f\" y=\"%.1f\" %s>%s</text>\n", x, y, more, words)
	}
	fmt.Fprintf(&b, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" font-family=\"system-ui, sans-serif\" font-size=\"12\" fill=\"#66747c\">\n",
		width, height, width, height)
	fmt.Fprintln(&b, `<rect width="100%" height="100%" fill="#fff"/>`)
	text(16, 24, `font-size="14" font-weight="600" fill="#182227"`, "Time for each decision, µs, by callers who wait (5,000 agents, 50 queues)")
	for _, us := range []float64{0.1, 1, 10, 100} {
		fmt.Fprintf(&b, "<path d=\"M%d %.1fH%d\" stroke=\"#dde2e5\"/>\n", left, y(us), width-right)
		text(left-8, y(us)+4, `text-anchor="end"`, fmt.Sprint(us))
	}
	for _, n := range []float64{100, 1000, 10_000, 100_000} {
		text(x(n), height-20, `text-anchor="middle"`, fmt.Sprintf("%.0f", n))
	}
	for _, c := range []struct{ name, words, colour string }{
		{"Decision", "an agent becomes free: who is next?", "#0b6b80"},
		{"CallerLife", "a caller's whole life: enter, relax, be chosen, leave", "#b06d00"},
	} {
		var way []string
		for _, p := range curves[c.name] {
			px, py := x(p.waiting), y(p.ns/1000)
			way = append(way, fmt.Sprintf("%.1f %.1f", px, py))
			fmt.Fprintf(&b, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>\n", px, py, c.colour)
			text(px, py-8, `text-anchor="middle" fill="`+c.colour+`"`, strconv.FormatFloat(p.ns/1000, 'f', 1, 64))
		}
		fmt.Fprintf(&b, "<path d=\"M%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>\n", strings.Join(way, "L"), c.colour)
		last := curves[c.name][0]
		text(x(last.waiting)+14, y(last.ns/1000)-24, `fill="`+c.colour+`"`, c.words)
	}
	fmt.Fprintln(&b, "</svg>")
	return b.Bytes()
}

func main() {
	log.SetFlags(0)
	text, err := os.ReadFile("decisions.txt")
	if err != nil {
		log.Fatal(err)
	}
	curves, err := read(text)
	if err != nil {
		log.Fatal(err)
	}
	for _, name := range []string{"Decision", "CallerLife"} {
		if len(curves[name]) != 4 {
			log.Fatalf("decisions.txt: %d figures of %s, not 4", len(curves[name]), name)
		}
	}
	if err := os.WriteFile("decisions.svg", draw(curves), 0o644); err != nil {
		log.Fatal(err)
	}
}
