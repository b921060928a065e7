package staffing

import (
	"errors"

	"hotline/acd/said"
	"hotline/desk"
)

// What people read here when something is wrong, they read in their own language: the errors are of package said, and each
// is sent in English and in the languages that there is a book of.

// refused is an error for who asked.
type refused struct {
	code  desk.Code
	place string
	error
}

// wrong is an error in what was asked.
func wrong(place string, err error) error { return &refused{desk.BadRequest, place, err} }

func refuse(code desk.Code, err error) error { return &refused{code, "", err} }

// Code is desk's word for it.
func (r *refused) Code() string { return string(r.code) }

// Public is what may be shown, and In the same in other languages.
func (r *refused) Public() string { return r.Error() }

// In is Public by language.
func (r *refused) In() map[string]string { return inEach(r.error) }

// Place is the field that is wrong.
func (r *refused) Place() string { return r.place }

func (r *refused) Unwrap() error { return r.error }

var errEmpty = said.Errorf("the scenario is empty")

// told is what another process has said, in all languages.
type told struct {
	words string
	in    map[string]string
}

func (t *told) Error() string { return t.words }

// failed is the end of a trial that came to nothing.
func failed(err error) report { return report{Problem: err.Error(), In: inEach(err)} }

// inEach says an error in every language that it can be said in, beside English.
func inEach(err error) map[string]string {
	var of *told
	if errors.As(err, &of) {
		return of.in
	}
	return said.InEach(err)
}

// slipsIn are slips in every language: one that cannot be said in it is English.
func slipsIn(slips []error) (english []string, in map[string][]string) {
	english, in = []string{}, map[string][]string{}
	for _, slip := range slips {
		english = append(english, slip.Error())
		for _, lang := range said.Languages() {
			in[lang] = append(in[lang], said.In(lang, slip))
		}
	}
	return english, in
}
