//! Supervision notices (三色督办单): who issues, answers and withdraws them, and when an answer is overdue (domain.md §4, §6).

use chrono::{Days, NaiveDate};
use entity::{
    ids::{PlanId, UnitId},
    kinds::{NoticeStatus, PlanStatus},
};

use crate::{
    Reason,
    action::{Action, Asking, Guarded},
    plan::in_force,
};

/// The most characters of a notice, and of its answer.
pub const LONGEST_TEXT: usize = 4000;
/// The most characters of the reason for which a notice is withdrawn.
pub const LONGEST_WITHDRAWAL: usize = 2000;
/// The most days until an answer is due.
pub const LONGEST_WAIT: u64 = 366;

/// What issuing a notice about a target depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TargetFacts {
    /// The plan.
    pub plan: PlanId,
    /// The state of the plan.
    pub plan_status: PlanStatus,
    /// The target is closed.
    pub closed: bool,
}

impl Guarded for TargetFacts {
    const ACTIONS: &'static [Action] = &[Action::IssueNotice];

    fn permit(&self, asking: Asking<'_>, _: Action) -> Result<(), Reason> {
        if !asking.reach.supervised.contains(self.plan) {
            Err(Reason::NotSupervisor)
        } else if let Err(reason) = in_force(self.plan_status) {
            Err(reason)
        } else if self.closed {
            Err(Reason::TargetClosed)
        } else {
            Ok(())
        }
    }
}

/// What the acts on a notice depend on. A target that was closed meanwhile changes nothing: what is open is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The plan.
    pub plan: PlanId,
    /// The state of the plan.
    pub plan_status: PlanStatus,
    /// The unit that has to answer.
    pub unit: UnitId,
    /// The unit that acts for it on the target.
    pub acting_unit: Option<UnitId>,
    /// The state.
    pub status: NoticeStatus,
}

impl Guarded for Facts {
    const ACTIONS: &'static [Action] = &[Action::AnswerNotice, Action::WithdrawNotice];

    fn permit(&self, asking: Asking<'_>, action: Action) -> Result<(), Reason> {
        let managed = |unit| asking.reach.managed.contains(&unit);
        match action {
            Action::AnswerNotice if managed(self.unit) || self.acting_unit.is_some_and(managed) => {
            }
            Action::AnswerNotice => return Err(Reason::NotManagerOfUnit),
            _ if asking.reach.supervised.contains(self.plan) => {}
            _ => return Err(Reason::NotSupervisor),
        }
        if let Err(reason) = in_force(self.plan_status) {
            Err(reason)
        } else if self.status != NoticeStatus::Open {
            Err(Reason::NoticeState {
                status: self.status,
            })
        } else {
            Ok(())
        }
    }
}

/// Whether the answer to a notice is overdue: from the day after its last day on, as long as the notice is open.
pub fn overdue(status: NoticeStatus, reply_due_on: NaiveDate, today: NaiveDate) -> bool {
    status == NoticeStatus::Open && reply_due_on < today
}

/// Whether an answer may be due on a day: today or later, within [`LONGEST_WAIT`].
///
/// # Errors
/// [`Reason::DayOutOfRange`].
pub fn reply_due(day: NaiveDate, today: NaiveDate) -> Result<(), Reason> {
    let latest = today
        .checked_add_days(Days::new(LONGEST_WAIT))
        .unwrap_or(NaiveDate::MAX);
    if (today..=latest).contains(&day) {
        Ok(())
    } else {
        Err(Reason::DayOutOfRange {
            earliest: today,
            latest,
        })
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use entity::ids::UserId;

    use super::*;
    use crate::{Plans, Reach};

    fn people() -> [(&'static str, Reach); 9] {
        let nothing = Reach::nothing;
        let units = |units: &[i64], managed: &[i64]| Reach {
            units: units.iter().copied().map(UnitId).collect(),
            managed: managed.iter().copied().map(UnitId).collect(),
            ..nothing()
        };
        let office = |plan| Reach {
            supervised: Plans::Only(vec![PlanId(plan)]),
            ..nothing()
        };
        let observer = Reach {
            observed: Plans::All,
            ..nothing()
        };
        let leader = Reach {
            leaders: vec![entity::ids::LeaderId(1)],
            ..nothing()
        };
        [
            ("nobody", nothing()),
            ("manager", units(&[1], &[1])),
            ("acting manager", units(&[2], &[2])),
            ("reporter", units(&[1, 2], &[])),
            ("another unit's manager", units(&[3], &[3])),
            ("office", office(1)),
            ("another plan's office", office(2)),
            ("observer", observer),
            ("leader", leader),
        ]
    }

    fn who(guarded: &impl Guarded, action: Action) -> Vec<&'static str> {
        let may = |(_, reach): &(&'static str, Reach)| {
            let asking = Asking {
                reach,
                user: UserId(1),
                now: DateTime::UNIX_EPOCH,
            };
            guarded.permit(asking, action).is_ok()
        };
        people()
            .into_iter()
            .filter(may)
            .map(|(who, _)| who)
            .collect()
    }

    const FACTS: Facts = Facts {
        plan: PlanId(1),
        plan_status: PlanStatus::Published,
        unit: UnitId(1),
        acting_unit: Some(UnitId(2)),
        status: NoticeStatus::Open,
    };

    #[test]
    fn the_office_issues_while_the_plan_is_in_force_and_the_target_open() {
        for (plan_status, closed, expected) in [
            (PlanStatus::Published, false, vec!["office"]),
            (PlanStatus::Published, true, vec![]),
            (PlanStatus::Draft, false, vec![]),
            (PlanStatus::Archived, false, vec![]),
        ] {
            let facts = TargetFacts {
                plan: PlanId(1),
                plan_status,
                closed,
            };
            let issuers = who(&facts, Action::IssueNotice);
            assert_eq!(issuers, expected, "{plan_status:?} {closed}");
        }
    }

    #[test]
    fn managers_answer_and_the_office_withdraws_while_it_is_open() {
        use Action::{AnswerNotice, WithdrawNotice};
        for status in NoticeStatus::ALL.iter().copied() {
            for plan_status in PlanStatus::ALL.iter().copied() {
                let facts = Facts {
                    plan_status,
                    status,
                    ..FACTS
                };
                let open = status == NoticeStatus::Open && plan_status == PlanStatus::Published;
                let (answer, withdraw): (&[&str], &[&str]) = if open {
                    (&["manager", "acting manager"], &["office"])
                } else {
                    (&[], &[])
                };
                assert_eq!(who(&facts, AnswerNotice), answer, "{facts:?}");
                assert_eq!(who(&facts, WithdrawNotice), withdraw, "{facts:?}");
            }
        }
    }

    #[test]
    fn nobody_acts_for_a_unit_for_which_nobody_acts() {
        let facts = Facts {
            acting_unit: None,
            ..FACTS
        };
        assert_eq!(who(&facts, Action::AnswerNotice), ["manager"]);
    }

    #[test]
    fn an_answer_is_overdue_from_the_day_after_as_long_as_it_is_missing() {
        let day = |text: &str| text.parse().unwrap();
        let due = day("2022-06-20");
        for (status, today, expected) in [
            (NoticeStatus::Open, "2022-06-19", false),
            (NoticeStatus::Open, "2022-06-20", false),
            (NoticeStatus::Open, "2022-06-21", true),
            (NoticeStatus::Answered, "2022-06-21", false),
            (NoticeStatus::Withdrawn, "2022-06-21", false),
        ] {
            let found = overdue(status, due, day(today));
            assert_eq!(found, expected, "{status:?} {today}");
        }
    }

    #[test]
    fn an_answer_is_due_today_or_within_a_year() {
        let day = |text: &str| text.parse().unwrap();
        let today = day("2022-06-15");
        for (due, expected) in [
            ("2022-06-14", false),
            ("2022-06-15", true),
            ("2023-06-16", true),
            ("2023-06-17", false),
            ("+9999-01-01", false),
        ] {
            assert_eq!(reply_due(day(due), today).is_ok(), expected, "{due}");
        }
        assert!(reply_due(NaiveDate::MAX, NaiveDate::MAX).is_ok());
    }
}
