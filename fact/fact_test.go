package fact

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestRecordSurvivesTheJournal(t *testing.T) {
	in := Record{Seq: 7, At: time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC), Facts: []Fact{
		CallArrived{Call: "1.2", Channel: "1.2", Node: "a", Line: "12345", Caller: Party{Number: "+8613800138000"}, Via: "sip"},
		VisitEnded{Call: "1.2", Visit: "1.2-v1", Queue: "consult", Outcome: Answered, Waited: 3 * time.Second},
	}}
	b, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	var out Record
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(in, out); d != "" {
		t.Fatal(d)
	}
}

// What is read must not depend on which engine of JSON reads it: the one that wrote the oldest journal is encoding/json.
func TestFactsOfEveryKindAreReadAsEncodingJSONReadsThem(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	for _, kind := range Kinds() {
		for range 50 {
			empty, err := Unmarshal([]byte(`{"k":"` + kind + `"}`))
			if err != nil {
				t.Fatal(err)
			}
			in, same := reflect.New(reflect.TypeOf(empty)), reflect.New(reflect.TypeOf(empty))
			fill(in.Elem(), dice, 4)
			b, err := Marshal(in.Elem().Interface().(Fact))
			if err != nil {
				t.Fatal(err)
			}
			for _, b := range []string{string(b), strings.Replace(string(b), `{"k"`, `{"new":{"k":[1,{}]}, "k" `, 1)} {
				out, err := Unmarshal([]byte(b))
				if err != nil {
					t.Fatalf("%v: %s", err, b)
				}
				if err := json.Unmarshal([]byte(b), same.Interface()); err != nil {
					t.Fatal(err)
				}
				if d := cmp.Diff(same.Elem().Interface(), out); d != "" {
					t.Fatalf("%s\n%s", d, b)
				}
			}
		}
	}
}

// fill puts something into a value and what it holds, so many levels deep.
func fill(v reflect.Value, dice *rand.Rand, depth int) {
	words := []string{"", "1.2", `a "quote"\`, "消费者 & <投诉>", "line\nline\u2028", "\xff\xfe", "\x00"}
	if depth == 0 || dice.IntN(8) == 0 {
		return
	}
	if v.Type() == reflect.TypeFor[time.Time]() {
		v.Set(reflect.ValueOf(time.Unix(dice.Int64N(4e9), dice.Int64N(1e9)).In(time.FixedZone("", 8*3600))))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(words[dice.IntN(len(words))])
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(dice.Int64() >> dice.IntN(64))
	case reflect.Uint64:
		v.SetUint(dice.Uint64())
	case reflect.Float64:
		v.SetFloat(dice.NormFloat64())
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), dice, depth-1)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), dice.IntN(3), 3))
		for i := range v.Len() {
			fill(v.Index(i), dice, depth-1)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range dice.IntN(3) {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			fill(key, dice, depth-1)
			fill(value, dice, depth-1)
			v.SetMapIndex(key, value)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), dice, depth-1)
		}
	default:
		panic("a fact holds a " + v.Type().String())
	}
}

func BenchmarkRead(b *testing.B) {
	text, err := json.Marshal(Record{Seq: 7, At: time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC), Facts: []Fact{
		CallArrived{Call: "1.2", Channel: "1.2", Node: "a", Line: "12345", Caller: Party{Number: "+8613800138000"}, Via: "sip"},
		VisitEnded{Call: "1.2", Visit: "1.2-v1", Queue: "consult", Outcome: Answered, Waited: 3 * time.Second},
		CallEnded{Call: "1.2"},
	}})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		var r Record
		if err := r.UnmarshalJSON(text); err != nil {
			b.Fatal(err)
		}
	}
}

func TestUnknownKindIsNamed(t *testing.T) {
	if _, err := Unmarshal([]byte(`{"k":"call.levitated"}`)); err == nil {
		t.Fatal("an unknown kind was read")
	}
}
