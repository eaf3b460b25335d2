//! Reporting periods (报送周期) made from a plan's rule: when they open, when reports are due, and when they lock.
//!
//! Reports are due within the period's last month (Ewenki Banner 2022: by the 25th of each month; domain.md §8), at an
//! hour of a working day. Days are China's.

use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};
use entity::kinds::PeriodKind;

use crate::{
    calendar::Calendar,
    clock,
    refusal::{Reason, Refusal},
};

/// The rule of a plan, from which its periods are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReportingRule {
    /// Months or quarters.
    pub kind: PeriodKind,
    /// The day of the period's last month by which reports are due, 1 to 31; the month's last day where it is shorter. It
    /// moves to the next working day.
    pub due_day: u32,
    /// The hour of that day, 1 to 23, in China.
    pub due_hour: u32,
    /// How many days before the due day the period opens, 1 to 90; no earlier than it begins.
    pub opens_days_before: u32,
    /// How many working days after the due day the period locks, at the same hour; 1 to 30.
    pub grace_days: u32,
}

impl Default for ReportingRule {
    /// Monthly by the 25th (Ewenki Banner 2022), at 18:00; open for ten days, and five working days of grace.
    fn default() -> Self {
        Self {
            kind: PeriodKind::Month,
            due_day: 25,
            due_hour: 18,
            opens_days_before: 10,
            grace_days: 5,
        }
    }
}

impl ReportingRule {
    /// What is wrong with the rule, a refusal for each field; nothing when periods can be made from it.
    pub fn problems(&self) -> Vec<Refusal> {
        [
            ("dueDay", self.due_day, 31),
            ("dueHour", self.due_hour, 23),
            ("opensDaysBefore", self.opens_days_before, 90),
            ("graceDays", self.grace_days, 30),
        ]
        .into_iter()
        .filter(|(_, value, most)| !(1..=*most).contains(value))
        .map(|(field, _, most)| {
            let (least, most) = (1, i64::from(most));
            Reason::OutOfRange { least, most }.at(field)
        })
        .collect()
    }
}

/// A period that a rule makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeriodDraft {
    /// A month or a quarter.
    pub kind: PeriodKind,
    /// Its number in the year, from 1: to 12 for months, to 4 for quarters.
    pub ordinal: i32,
    /// Its name: 2022年3月, 2022年第一季度.
    pub label: String,
    /// Its first day.
    pub starts_on: NaiveDate,
    /// Its last day.
    pub ends_on: NaiveDate,
    /// From when on reports can be submitted: the beginning of a day in China.
    pub opens_at: DateTime<Utc>,
    /// Until when they are on time.
    pub due_at: DateTime<Utc>,
    /// From when on no more are taken.
    pub locks_at: DateTime<Utc>,
}

impl PeriodDraft {
    /// Whether it is one of those that begin on a day, when they are created now: it has not ended before, and its reports are not
    /// due before. One report is owed for each period, and late from its due time on (domain.md §5): what could only be late
    /// is not asked for, and on the day itself the hour counts.
    pub fn begins_from(&self, day: NaiveDate, now: DateTime<Utc>) -> bool {
        let due = if clock::day(now) == day {
            self.due_at > now
        } else {
            clock::day(self.due_at) >= day
        };
        self.ends_on >= day && due
    }
}

/// The periods of a year, in order. None at all for a rule that has [`ReportingRule::problems`], or a year that no
/// calendar can write.
pub fn periods(year: i32, rule: &ReportingRule, calendar: &Calendar) -> Vec<PeriodDraft> {
    if !rule.problems().is_empty() {
        return Vec::new();
    }
    let (count, months) = match rule.kind {
        PeriodKind::Month => (12, 1),
        PeriodKind::Quarter => (4, 3),
    };
    (1..=count)
        .map(|ordinal| period(year, ordinal, months, rule, calendar))
        .collect::<Option<_>>()
        .unwrap_or_default()
}

fn period(
    year: i32,
    ordinal: u32,
    months: u32,
    rule: &ReportingRule,
    calendar: &Calendar,
) -> Option<PeriodDraft> {
    let last_month = ordinal * months;
    let starts_on = NaiveDate::from_ymd_opt(year, last_month + 1 - months, 1)?;
    let ends_on = last_day(year, last_month)?;
    let due_on = ends_on.with_day(rule.due_day.min(ends_on.day()))?;
    let due_on = calendar.on_or_after(due_on);
    let opens_on = due_on
        .checked_sub_days(Days::new(rule.opens_days_before.into()))?
        .max(starts_on);
    let locks_on = calendar.add_working_days(due_on, rule.grace_days);
    Some(PeriodDraft {
        kind: rule.kind,
        ordinal: i32::try_from(ordinal).ok()?,
        label: label(year, rule.kind, ordinal),
        starts_on,
        ends_on,
        opens_at: clock::at_hour(opens_on, 0)?,
        due_at: clock::at_hour(due_on, rule.due_hour)?,
        locks_at: clock::at_hour(locks_on, rule.due_hour)?,
    })
}

fn last_day(year: i32, month: u32) -> Option<NaiveDate> {
    let next = match month {
        12 => NaiveDate::from_ymd_opt(year.checked_add(1)?, 1, 1),
        _ => NaiveDate::from_ymd_opt(year, month + 1, 1),
    };
    next?.pred_opt()
}

fn label(year: i32, kind: PeriodKind, ordinal: u32) -> String {
    match kind {
        PeriodKind::Month => format!("{year}年{ordinal}月"),
        PeriodKind::Quarter => {
            let numeral = match ordinal {
                1 => "一",
                2 => "二",
                3 => "三",
                _ => "四",
            };
            format!("{year}年第{numeral}季度")
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::calendar::tests::china;

    fn rule(kind: PeriodKind, due_day: u32) -> ReportingRule {
        ReportingRule {
            kind,
            due_day,
            ..ReportingRule::default()
        }
    }

    /// The moment in China, such as `2022-03-25 18`.
    fn hour(moment: DateTime<Utc>) -> String {
        let local = moment.naive_utc() + chrono::Duration::hours(8);
        local.format("%Y-%m-%d %H").to_string()
    }

    #[test]
    fn the_moments_of_a_period() {
        for (year, kind, due_day, ordinal, label, days, moments) in [
            (
                2022,
                PeriodKind::Month,
                25,
                3,
                "2022年3月",
                ["2022-03-01", "2022-03-31"],
                ["2022-03-15 00", "2022-03-25 18", "2022-04-01 18"],
            ),
            // The 25th is a Saturday.
            (
                2022,
                PeriodKind::Month,
                25,
                6,
                "2022年6月",
                ["2022-06-01", "2022-06-30"],
                ["2022-06-17 00", "2022-06-27 18", "2022-07-04 18"],
            ),
            // Over the Dragon Boat Festival, to the Sunday that is worked for it.
            (
                2023,
                PeriodKind::Month,
                22,
                6,
                "2023年6月",
                ["2023-06-01", "2023-06-30"],
                ["2023-06-15 00", "2023-06-25 18", "2023-06-30 18"],
            ),
            // February is short, and its last day in 2026 is a Saturday that is worked.
            (
                2026,
                PeriodKind::Month,
                31,
                2,
                "2026年2月",
                ["2026-02-01", "2026-02-28"],
                ["2026-02-18 00", "2026-02-28 18", "2026-03-06 18"],
            ),
            // The last day of September 2028 is a Saturday, of a year that is not covered.
            (
                2028,
                PeriodKind::Quarter,
                31,
                3,
                "2028年第三季度",
                ["2028-07-01", "2028-09-30"],
                ["2028-09-22 00", "2028-10-02 18", "2028-10-09 18"],
            ),
            // A period opens no earlier than it begins.
            (
                2022,
                PeriodKind::Month,
                8,
                9,
                "2022年9月",
                ["2022-09-01", "2022-09-30"],
                ["2022-09-01 00", "2022-09-08 18", "2022-09-16 18"],
            ),
            (
                2022,
                PeriodKind::Quarter,
                31,
                4,
                "2022年第四季度",
                ["2022-10-01", "2022-12-31"],
                ["2022-12-24 00", "2023-01-03 18", "2023-01-10 18"],
            ),
        ] {
            let made = periods(year, &rule(kind, due_day), &china());
            let period = &made[ordinal - 1];
            assert_eq!(period.label, label);
            assert_eq!(period.kind, kind);
            assert_eq!(period.ordinal, i32::try_from(ordinal).unwrap());
            let found_days = [period.starts_on, period.ends_on].map(|day| day.to_string());
            assert_eq!(found_days, days, "{label}");
            let found = [period.opens_at, period.due_at, period.locks_at].map(hour);
            assert_eq!(found, moments, "{label}");
        }
    }

    #[test]
    fn labels() {
        let labels = |kind| {
            let made = periods(2022, &rule(kind, 25), &Calendar::default());
            made.into_iter()
                .map(|period| period.label)
                .collect::<Vec<_>>()
        };
        assert_eq!(labels(PeriodKind::Month)[11], "2022年12月");
        assert_eq!(
            labels(PeriodKind::Quarter),
            [
                "2022年第一季度",
                "2022年第二季度",
                "2022年第三季度",
                "2022年第四季度"
            ]
        );
    }

    #[test]
    fn a_rule_is_refused_field_by_field() {
        assert!(ReportingRule::default().problems().is_empty());
        let least = ReportingRule {
            kind: PeriodKind::Quarter,
            due_day: 0,
            due_hour: 0,
            opens_days_before: 0,
            grace_days: 0,
        };
        let most = ReportingRule {
            due_day: 32,
            due_hour: 24,
            opens_days_before: 91,
            grace_days: 31,
            ..least
        };
        for bad in [least, most] {
            let found: Vec<_> = bad
                .problems()
                .into_iter()
                .map(|refusal| (refusal.field.concat(), refusal.reason))
                .collect();
            let expected = [
                ("dueDay", 31),
                ("dueHour", 23),
                ("opensDaysBefore", 90),
                ("graceDays", 30),
            ]
            .map(|(field, most)| (field.to_owned(), Reason::OutOfRange { least: 1, most }));
            assert_eq!(found, expected);
            assert_eq!(periods(2022, &bad, &china()), []);
        }
        assert_eq!(periods(i32::MAX, &ReportingRule::default(), &china()), []);
    }

    #[test]
    fn what_could_only_be_late_is_not_asked_for() {
        // By the 25th of each month, at 18:00; 25 June 2022 is a Saturday, and 31 July a Sunday.
        let monthly = periods(2022, &rule(PeriodKind::Month, 25), &china());
        let at_end = periods(2022, &rule(PeriodKind::Month, 31), &china());
        for (made, from, now, first) in [
            (&monthly, "2022-06-01", "2022-06-15T04:00:00Z", 6),
            (&monthly, "2022-06-15", "2022-06-15T04:00:00Z", 6),
            (&monthly, "2022-06-27", "2022-06-15T04:00:00Z", 6),
            (&monthly, "2022-06-28", "2022-06-15T04:00:00Z", 7),
            (&monthly, "2022-06-27", "2022-06-27T09:59:59Z", 6),
            (&monthly, "2022-06-27", "2022-06-27T10:00:00Z", 7),
            (&monthly, "2022-06-30", "2022-06-30T00:00:00Z", 7),
            // Whoever begins in the past asks for the past.
            (&monthly, "2022-03-01", "2022-06-30T00:00:00Z", 3),
            (&monthly, "2022-03-26", "2022-06-30T00:00:00Z", 4),
            // A period that has ended is left out, though it is due on the Monday after.
            (&at_end, "2022-07-31", "2022-06-15T04:00:00Z", 7),
            (&at_end, "2022-08-01", "2022-06-15T04:00:00Z", 8),
        ] {
            let (day, now) = (from.parse().unwrap(), now.parse().unwrap());
            let mut left = made.iter().filter(|period| period.begins_from(day, now));
            assert_eq!(
                left.next().map(|period| period.ordinal),
                Some(first),
                "{from} {now}"
            );
            assert_eq!(
                left.count(),
                12 - usize::try_from(first).unwrap(),
                "{from} {now}"
            );
        }
    }

    fn rules() -> impl Strategy<Value = ReportingRule> {
        (any::<bool>(), 1..=31u32, 1..=23u32, 1..=90u32, 1..=30u32).prop_map(
            |(month, due_day, due_hour, opens_days_before, grace_days)| ReportingRule {
                kind: if month {
                    PeriodKind::Month
                } else {
                    PeriodKind::Quarter
                },
                due_day,
                due_hour,
                opens_days_before,
                grace_days,
            },
        )
    }

    proptest! {
        #[test]
        fn periods_tile_the_year(year in 1990..2100i32, rule in rules()) {
            let made = periods(year, &rule, &china());
            prop_assert_eq!(made.len(), if rule.kind == PeriodKind::Month { 12 } else { 4 });
            let mut next = NaiveDate::from_ymd_opt(year, 1, 1).unwrap();
            for (number, period) in (1..).zip(&made) {
                prop_assert_eq!(period.ordinal, number);
                prop_assert_eq!(period.starts_on, next);
                prop_assert!(period.starts_on < period.ends_on);
                next = period.ends_on.succ_opt().unwrap();
            }
            prop_assert_eq!(next, NaiveDate::from_ymd_opt(year + 1, 1, 1).unwrap());
        }

        #[test]
        fn periods_open_then_are_due_then_lock(year in 2021..2029i32, rule in rules()) {
            let china = china();
            let made = periods(year, &rule, &china);
            for period in &made {
                prop_assert!(period.opens_at < period.due_at && period.due_at < period.locks_at);
                prop_assert!(clock::day(period.opens_at) >= period.starts_on);
                let due_on = clock::day(period.due_at);
                prop_assert!(china.is_working_day(due_on));
                prop_assert!(china.is_working_day(clock::day(period.locks_at)));
                // On the rule's day, or on the first working day after it.
                let asked = period.ends_on.with_day(rule.due_day).unwrap_or(period.ends_on);
                prop_assert!(asked <= due_on);
                prop_assert!(asked.iter_days().take_while(|day| *day < due_on).all(|day| !china.is_working_day(day)));
            }
            for pair in made.windows(2) {
                prop_assert!(pair[0].due_at < pair[1].due_at, "due in their order");
            }
        }
    }
}
