//! Reporting periods from a rule (domain.md §5, §8): by default monthly, due on the 25th, as Ewenki Banner asked in 2022.

use chrono::{DateTime, Datelike, Days, FixedOffset, Months, NaiveDate, NaiveTime, TimeZone, Utc};
use entity::kinds::PeriodKind;

use crate::{Calendar, Reason};

/// When units report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReportingRule {
    /// Monthly or quarterly.
    pub kind: PeriodKind,
    /// Day of the period's last month on which reports are due, 1 to 31; the month's last day where it has fewer.
    pub due_day: u32,
    /// How many days before that a period opens, 1 to 90.
    pub opens_days_before: u32,
    /// Working days after the due day until the period locks, 0 to 60.
    pub grace_days: u32,
}

/// The rule when the office does not say.
impl Default for ReportingRule {
    fn default() -> Self {
        Self {
            kind: PeriodKind::Month,
            due_day: 25,
            opens_days_before: 10,
            grace_days: 5,
        }
    }
}

impl ReportingRule {
    /// Whether the numbers make sense.
    ///
    /// # Errors
    /// The field that does not, and why.
    pub fn check(&self) -> Result<(), (&'static str, Reason)> {
        let within = |field, value: u32, least: u32, most: u32| {
            if (least..=most).contains(&value) {
                Ok(())
            } else {
                Err((
                    field,
                    Reason::OutOfRange {
                        least: least.into(),
                        most: most.into(),
                    },
                ))
            }
        };
        within("dueDay", self.due_day, 1, 31)?;
        within("opensDaysBefore", self.opens_days_before, 1, 90)?;
        within("graceDays", self.grace_days, 0, 60)
    }
}

/// A period to be created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeriodDraft {
    /// Place in the year, from 1.
    pub ordinal: i32,
    /// 2022年3月, 2022年第1季度.
    pub label: String,
    /// First day.
    pub starts_on: NaiveDate,
    /// Last day.
    pub ends_on: NaiveDate,
    /// From when on it takes reports: the beginning of a day in China.
    pub opens_at: DateTime<Utc>,
    /// When reports are due: 18:00 in China, on a working day.
    pub due_at: DateTime<Utc>,
    /// When it takes no more reports: the end of a working day in China.
    pub locks_at: DateTime<Utc>,
}

/// The periods of a year. Due days that are no working days move to the next one.
pub fn periods(year: i32, rule: &ReportingRule, calendar: &Calendar) -> Vec<PeriodDraft> {
    let (months, label): (u32, fn(i32, u32) -> String) = match rule.kind {
        PeriodKind::Month => (1, |year, at| format!("{year}年{at}月")),
        PeriodKind::Quarter => (3, |year, at| format!("{year}年第{at}季度")),
    };
    (1..=12 / months)
        .filter_map(|at| {
            let starts_on = NaiveDate::from_ymd_opt(year, (at - 1) * months + 1, 1)?;
            let next = starts_on.checked_add_months(Months::new(months))?;
            let ends_on = next.pred_opt()?;
            let named = ends_on
                .with_day(rule.due_day.min(ends_on.day()))
                .unwrap_or(ends_on);
            let due_on = calendar.on_or_after(named);
            let opens_on = due_on.checked_sub_days(Days::new(rule.opens_days_before.into()))?;
            let last_day = calendar.add_working_days(due_on, rule.grace_days);
            Some(PeriodDraft {
                ordinal: i32::try_from(at).ok()?,
                label: label(year, at),
                starts_on,
                ends_on,
                opens_at: in_china(opens_on, 0)?,
                due_at: in_china(due_on, 18)?,
                locks_at: in_china(last_day.succ_opt()?, 0)?,
            })
        })
        .collect()
}

/// The moment at which an hour of a day begins in China.
fn in_china(day: NaiveDate, hour: u32) -> Option<DateTime<Utc>> {
    let offset = FixedOffset::east_opt(8 * 3600)?;
    let moment = day.and_time(NaiveTime::from_hms_opt(hour, 0, 0)?);
    Some(offset.from_local_datetime(&moment).single()?.to_utc())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_default_rule_is_the_25th_of_each_month() {
        let periods = periods(2022, &ReportingRule::default(), &Calendar::default());
        assert_eq!(periods.len(), 12);
        // 25 June 2022 is a Saturday.
        let june = &periods[5];
        assert_eq!(june.label, "2022年6月");
        assert_eq!(june.due_at.to_rfc3339(), "2022-06-27T10:00:00+00:00");
        assert_eq!(june.opens_at.to_rfc3339(), "2022-06-16T16:00:00+00:00");
        assert_eq!(june.locks_at.to_rfc3339(), "2022-07-04T16:00:00+00:00");
    }

    proptest! {
        #[test]
        fn periods_follow_one_another_through_the_year(
            year in 2000..2100i32, quarters in any::<bool>(), due_day in 1..=31u32, opens_days_before in 1..=90u32, grace_days in 0..=60u32
        ) {
            let kind = if quarters { PeriodKind::Quarter } else { PeriodKind::Month };
            let rule = ReportingRule { kind, due_day, opens_days_before, grace_days };
            prop_assert_eq!(rule.check(), Ok(()));
            let calendar = Calendar::default();
            let periods = periods(year, &rule, &calendar);
            let mut next = NaiveDate::from_ymd_opt(year, 1, 1).unwrap();
            for period in &periods {
                prop_assert_eq!(period.starts_on, next);
                next = period.ends_on.succ_opt().unwrap();
                prop_assert!(period.opens_at < period.due_at && period.due_at < period.locks_at);
                prop_assert!(calendar.is_working_day(crate::clock::day(period.due_at)));
            }
            prop_assert_eq!(next, NaiveDate::from_ymd_opt(year + 1, 1, 1).unwrap());
        }
    }
}
