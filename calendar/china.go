package calendar

import "time"

// Sets are the named sets of holidays that a configuration may ask for.
var Sets = map[string]map[Date]Day{"china": china()}

// china holds the public holidays of the mainland and the weekends that are worked instead.
//
// 2026 is the State Council's notice. The notice for 2027 was not published when this was written: 2027 has the days
// that follow from the Regulation on Public Holidays (as amended in 2024) alone, with holidays that fall on a weekend
// made up on the next working days. The notice will add days off and the weekends worked for them: put those into the
// configuration (`holidays: {also: …}`), or here.
func china() map[Date]Day {
	newYear := map[string]string{"zh": "元旦", "en": "New Year's Day"}
	spring := map[string]string{"zh": "春节", "en": "Spring Festival"}
	qingming := map[string]string{"zh": "清明节", "en": "Qingming Festival"}
	labour := map[string]string{"zh": "劳动节", "en": "Labour Day"}
	dragon := map[string]string{"zh": "端午节", "en": "Dragon Boat Festival"}
	autumn := map[string]string{"zh": "中秋节", "en": "Mid-Autumn Festival"}
	national := map[string]string{"zh": "国庆节", "en": "National Day"}

	days := map[Date]Day{}
	off := func(name map[string]string, y int, m time.Month, d, n int) {
		for i := range n {
			days[Date{y, m, d}.Plus(i)] = Day{Name: name}
		}
	}
	work := func(y int, m time.Month, dates ...int) {
		for _, d := range dates {
			days[Date{y, m, d}] = Day{Work: true}
		}
	}

	off(newYear, 2026, time.January, 1, 3)
	work(2026, time.January, 4)
	work(2026, time.February, 14, 28)
	off(spring, 2026, time.February, 15, 9)
	off(qingming, 2026, time.April, 4, 3)
	off(labour, 2026, time.May, 1, 5)
	work(2026, time.May, 9)
	off(dragon, 2026, time.June, 19, 3)
	work(2026, time.September, 20)
	off(autumn, 2026, time.September, 25, 3)
	off(national, 2026, time.October, 1, 7)
	work(2026, time.October, 10)

	off(newYear, 2027, time.January, 1, 1)
	off(spring, 2027, time.February, 5, 6) // eve (a Friday) to the third day, and two for the weekend
	off(qingming, 2027, time.April, 5, 1)
	off(labour, 2027, time.May, 1, 4) // two days on a weekend, and two for them
	off(dragon, 2027, time.June, 9, 1)
	off(autumn, 2027, time.September, 15, 1)
	off(national, 2027, time.October, 1, 5) // three days, two of them on a weekend, and two for them
	return days
}
