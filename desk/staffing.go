package desk

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

func (d *Desk) staffingScenarios(w http.ResponseWriter, _ *asked) error {
	answer(w, http.StatusOK, d.Staffing.Scenarios())
	return nil
}

// weekdays by the words of the query.
var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

func (d *Desk) staffingCentre(w http.ResponseWriter, r *asked) error {
	weeks := 4
	if s := r.URL.Query().Get("weeks"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 || n > 26 {
			return wrong("weeks", "A number from 1 to 26.")
		}
		weeks = n
	}
	var day *time.Weekday
	if s := r.URL.Query().Get("day"); s != "" && s != "any" {
		i := slices.Index(weekdays, s)
		if i < 0 {
			return wrong("day", "One of "+strings.Join(weekdays, ", ")+", any.")
		}
		on := time.Weekday(i)
		day = &on
	}
	found, err := d.Staffing.Centre(r.Context(), weeks, day)
	if err != nil {
		return err
	}
	found.Notes = list(found.Notes)
	answer(w, http.StatusOK, found)
	return nil
}

func (d *Desk) staffingCheck(w http.ResponseWriter, r *asked) error {
	var body ScenarioText
	if err := read(r, &body); err != nil {
		return err
	}
	s, err := d.Staffing.Check(body.Text)
	if err != nil {
		return err
	}
	answer(w, http.StatusOK, s)
	return nil
}

func (d *Desk) trialBegin(w http.ResponseWriter, r *asked) error {
	var o TrialOrder
	if err := read(r, &o); err != nil {
		return err
	}
	t, err := d.Staffing.Begin(r.user.Login, o)
	if err != nil {
		return err
	}
	answer(w, http.StatusAccepted, t)
	return nil
}

func (d *Desk) trial(w http.ResponseWriter, r *asked) error {
	after, wait, err := newer(r)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), wait)
	defer cancel()
	t, err := d.Staffing.Trial(ctx, r.user.Login, r.PathValue("id"), after)
	if err != nil {
		return err
	}
	answer(w, http.StatusOK, t)
	return nil
}

func (d *Desk) trialCancel(w http.ResponseWriter, r *asked) error {
	if err := d.Staffing.Cancel(r.user.Login, r.PathValue("id")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
