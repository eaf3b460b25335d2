//! Working days in China: Monday to Friday, but for public holidays (放假) and make-up working days (调休上班).
//!
//! The days come from a reviewed table (`seeds/calendar`), which follows the State Council's yearly notices. Years that
//! it does not cover have weekends only.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate, Weekday};

/// Which days are worked. The default knows weekends only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calendar {
    /// The days that a notice speaks of.
    days: BTreeMap<NaiveDate, Day>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Day {
    working: bool,
    name: String,
}

/// A line of a calendar's table that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarProblem {
    /// The line, from 1.
    pub line: u64,
    /// What is wrong, in English; it is for whoever keeps the table.
    pub message: String,
}

impl Calendar {
    /// Reads a table of three tab-separated columns: the date (`2022-01-29`), `off` or `work`, and the holiday's name.
    /// Empty lines and lines that begin with `#` say nothing.
    ///
    /// # Errors
    /// Every line that cannot be read, and every date that stands there twice.
    pub fn parse(text: &str) -> Result<Self, Vec<CalendarProblem>> {
        let mut days = BTreeMap::new();
        let mut problems = Vec::new();
        for (line, row) in (1..).zip(text.lines()) {
            if row.trim().is_empty() || row.starts_with('#') {
                continue;
            }
            let read = read_row(row).and_then(|(date, day)| match days.insert(date, day) {
                None => Ok(()),
                Some(_) => Err(format!("{date} stands here twice")),
            });
            if let Err(message) = read {
                problems.push(CalendarProblem { line, message });
            }
        }
        if problems.is_empty() {
            Ok(Self { days })
        } else {
            Err(problems)
        }
    }

    /// Whether the calendar knows the holidays of a year: 1 January, always a public holiday, is in its table. A notice may
    /// name a day or two of the year before, which alone cover nothing.
    pub fn covers(&self, year: i32) -> bool {
        NaiveDate::from_ymd_opt(year, 1, 1).is_some_and(|first| self.days.contains_key(&first))
    }

    /// Whether the day is worked.
    pub fn is_working_day(&self, day: NaiveDate) -> bool {
        match self.days.get(&day) {
            Some(known) => known.working,
            None => !matches!(day.weekday(), Weekday::Sat | Weekday::Sun),
        }
    }

    /// The holiday that a day off belongs to (春节), or for which a make-up day is worked; none for an ordinary day.
    pub fn holiday(&self, day: NaiveDate) -> Option<&str> {
        self.days.get(&day).map(|known| known.name.as_str())
    }

    /// The day itself when it is worked, else the next one that is.
    pub fn on_or_after(&self, day: NaiveDate) -> NaiveDate {
        day.iter_days()
            .find(|day| self.is_working_day(*day))
            .unwrap_or(day)
    }

    /// The working day that lies `days` working days after a day, which itself does not count: three working days after a
    /// Friday are a Wednesday. The day itself for 0, worked or not.
    pub fn add_working_days(&self, day: NaiveDate, days: u32) -> NaiveDate {
        let Some(last) = days.checked_sub(1) else {
            return day;
        };
        day.iter_days()
            .skip(1)
            .filter(|day| self.is_working_day(*day))
            .nth(usize::try_from(last).unwrap_or(usize::MAX))
            .unwrap_or(NaiveDate::MAX)
    }
}

fn read_row(row: &str) -> Result<(NaiveDate, Day), String> {
    let cells: Vec<&str> = row.split('\t').map(str::trim).collect();
    let [date, kind, name] = cells[..] else {
        return Err(format!("{} columns instead of 3", cells.len()));
    };
    let day = NaiveDate::parse_from_str(date, "%Y-%m-%d")
        .map_err(|_| format!("{date:?} is not a date such as 2022-01-29"))?;
    let working = match kind {
        "off" => false,
        "work" => true,
        _ => return Err(format!("{kind:?} is neither off nor work")),
    };
    if name.is_empty() {
        return Err("the holiday has no name".to_owned());
    }
    let name = name.to_owned();
    Ok((day, Day { working, name }))
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The calendar that is shipped.
    pub(crate) fn china() -> Calendar {
        Calendar::parse(include_str!("../../../seeds/calendar/china.tsv")).unwrap()
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn the_days_of_the_notices() {
        let china = china();
        for (date, working, holiday) in [
            ("2022-01-03", false, Some("元旦")),
            ("2022-01-29", true, Some("春节")), // a Saturday
            ("2022-02-04", false, Some("春节")),
            ("2022-02-07", true, None),
            ("2022-12-31", false, Some("元旦")),
            ("2023-10-06", false, Some("中秋节、国庆节")),
            ("2023-10-07", true, Some("中秋节、国庆节")), // a Saturday
            ("2024-02-09", true, None),                   // the eve was a working day that year
            ("2025-01-28", false, Some("春节")),          // from 2025 on it is off
            ("2025-10-08", false, Some("国庆节、中秋节")),
            ("2026-01-04", true, Some("元旦")), // a Sunday
            ("2026-02-23", false, Some("春节")),
            ("2026-11-28", false, None), // a Saturday
            ("2021-10-01", true, None),  // not covered: a Friday
        ] {
            assert_eq!(china.is_working_day(day(date)), working, "{date}");
            assert_eq!(china.holiday(day(date)), holiday, "{date}");
        }
    }

    #[test]
    fn working_days_of_a_year() {
        // A second reading, by law: the year's weekdays (260, 260, 262, 261, 261) less 11 public holidays, from 2025 on 13; all
        // else is moved about, and made up for.
        let china = china();
        for (year, expected) in [
            (2022, 249),
            (2023, 249),
            (2024, 251),
            (2025, 248),
            (2026, 248),
        ] {
            let first = NaiveDate::from_ymd_opt(year, 1, 1).unwrap();
            let days = first.iter_days().take_while(|day| day.year() == year);
            assert_eq!(
                days.filter(|day| china.is_working_day(*day)).count(),
                expected,
                "{year}"
            );
        }
    }

    #[test]
    fn what_is_covered() {
        let covered: Vec<i32> = (2020..=2030).filter(|year| china().covers(*year)).collect();
        assert_eq!(covered, [2022, 2023, 2024, 2025, 2026]);
        assert!(!Calendar::default().covers(2022));
        // A notice's own year is covered, the last days of the year before are not a year.
        let new_year = Calendar::parse("2022-12-31\toff\t元旦\n2023-01-01\toff\t元旦\n").unwrap();
        assert!(!new_year.covers(2022));
        assert!(new_year.covers(2023));
    }

    #[test]
    fn steps() {
        let china = china();
        for (from, days, expected) in [
            ("2022-01-28", 0, "2022-01-28"),
            ("2022-01-28", 1, "2022-01-29"),
            ("2022-01-28", 3, "2022-02-07"), // over the Spring Festival
            ("2022-02-01", 0, "2022-02-01"),
            ("2022-02-01", 1, "2022-02-07"),
            ("2022-11-25", 3, "2022-11-30"), // Friday to Wednesday
        ] {
            assert_eq!(china.add_working_days(day(from), days), day(expected));
        }
        assert_eq!(china.on_or_after(day("2022-10-01")), day("2022-10-08"));
        assert_eq!(china.on_or_after(day("2022-10-08")), day("2022-10-08"));
        let weekends = Calendar::default();
        assert_eq!(weekends.on_or_after(day("2022-10-01")), day("2022-10-03"));
        assert_eq!(
            weekends.add_working_days(NaiveDate::MAX, 9),
            NaiveDate::MAX,
            "the end of time is not passed"
        );
    }

    #[test]
    fn every_problem_with_its_line() {
        let text = "# comment\n\n2022-01-01\toff\t元旦\n2022-02-30\toff\t春节\n2022-01-02\tOFF\t元旦\n2022-01-03 off\n\
                    2022-01-01\twork\t元旦\n2022-01-04\toff\t \n";
        let lines: Vec<(u64, String)> = Calendar::parse(text)
            .unwrap_err()
            .into_iter()
            .map(|problem| (problem.line, problem.message))
            .collect();
        assert_eq!(
            lines,
            [
                (
                    4,
                    "\"2022-02-30\" is not a date such as 2022-01-29".to_owned()
                ),
                (5, "\"OFF\" is neither off nor work".to_owned()),
                (6, "1 columns instead of 3".to_owned()),
                (7, "2022-01-01 stands here twice".to_owned()),
                (8, "the holiday has no name".to_owned()),
            ]
        );
        assert_eq!(
            Calendar::parse("# none\r\n2022-01-29\twork\t春节\r\n").map(|read| read.days.len()),
            Ok(1)
        );
    }

    proptest! {
        #[test]
        fn as_many_working_days_as_asked_for(offset in 0..1800i64, days in 1..40u32) {
            let china = china();
            let from = day("2022-01-01") + chrono::Duration::days(offset);
            let to = china.add_working_days(from, days);
            prop_assert!(china.is_working_day(to));
            let between = from.iter_days().skip(1).take_while(|day| *day <= to);
            prop_assert_eq!(between.filter(|day| china.is_working_day(*day)).count(), days as usize);
        }

        #[test]
        fn only_days_off_are_passed_over(offset in 0..1800i64) {
            let china = china();
            let from = day("2022-01-01") + chrono::Duration::days(offset);
            let to = china.on_or_after(from);
            prop_assert!(china.is_working_day(to));
            prop_assert!(from.iter_days().take_while(|day| *day < to).all(|day| !china.is_working_day(day)));
        }
    }
}
