//! The life of a plan (domain.md §2: DRAFT → PUBLISHED → ARCHIVED), what its supervision office does with it as a whole, and
//! with its targets: importing, drafting, publishing, amending, carrying over, archiving.
//!
//! Each guard that depends on the plan's state asks [`in_force`], [`drafted`] or [`kept_up`]: there is no other rule of when
//! a plan is written to.

use chrono::NaiveDate;
use entity::{ids::PlanId, kinds::PlanStatus};

use crate::{
    Plans, Reason,
    action::{Action, Asking, Guarded},
    target::TargetFacts,
};

/// The most characters of a target's text.
pub const LONGEST_TEXT: usize = 4000;
/// The most characters of a reason for which a target is amended or carried over, or a draft discarded.
pub const LONGEST_AMENDMENT: usize = 2000;
/// The most characters of the name of an indicator.
pub const LONGEST_INDICATOR: usize = 200;
/// The most characters of the phrase from which an indicator comes.
pub const LONGEST_PHRASE: usize = 300;
/// The most characters of an indicator's unit of measure.
pub const LONGEST_MEASURE: usize = 32;
/// The most indicators that are confirmed at once.
pub const MOST_CONFIRMED: usize = 200;
/// The most leaders, units and indicators of a target, each.
pub const MOST_PARTS: usize = 100;

/// The plan is in force: what departments do, and what is done to them, happens in such a plan.
///
/// # Errors
/// [`Reason::PlanNotPublished`] or [`Reason::PlanArchived`].
pub const fn in_force(status: PlanStatus) -> Result<(), Reason> {
    match status {
        PlanStatus::Published => Ok(()),
        PlanStatus::Draft => Err(Reason::PlanNotPublished),
        PlanStatus::Archived => Err(Reason::PlanArchived),
    }
}

/// The plan is a draft.
///
/// # Errors
/// [`Reason::PlanNotDraft`] or [`Reason::PlanArchived`].
pub const fn drafted(status: PlanStatus) -> Result<(), Reason> {
    match status {
        PlanStatus::Draft => Ok(()),
        PlanStatus::Published => Err(Reason::PlanNotDraft),
        PlanStatus::Archived => Err(Reason::PlanArchived),
    }
}

/// The plan is a draft, or in force: it is written to.
///
/// # Errors
/// [`Reason::PlanArchived`].
pub const fn kept_up(status: PlanStatus) -> Result<(), Reason> {
    match status {
        PlanStatus::Draft | PlanStatus::Published => Ok(()),
        PlanStatus::Archived => Err(Reason::PlanArchived),
    }
}

/// Whether somebody imports plans: the supervision office of all plans. One of named plans has no say in a new one.
///
/// # Errors
/// [`Reason::NotOfAllPlans`].
pub fn import(asking: Asking<'_>) -> Result<(), Reason> {
    match asking.reach.supervised {
        Plans::All => Ok(()),
        Plans::Only(_) => Err(Reason::NotOfAllPlans),
    }
}

/// The days that the office may set as a target's due date: from the first day of the plan's year to the last one of the year
/// after, as for extensions.
///
/// # Errors
/// [`Reason::DayOutOfRange`].
pub fn due_date(year: i32, day: NaiveDate) -> Result<(), Reason> {
    let earliest = NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or(NaiveDate::MIN);
    let latest = NaiveDate::from_ymd_opt(year + 1, 12, 31).unwrap_or(NaiveDate::MAX);
    if (earliest..=latest).contains(&day) {
        Ok(())
    } else {
        Err(Reason::DayOutOfRange { earliest, latest })
    }
}

/// What the acts on a plan depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlanFacts {
    /// The plan.
    pub plan: PlanId,
    /// Its state.
    pub status: PlanStatus,
    /// It has no target. Matters of a draft alone.
    pub empty: bool,
}

impl Guarded for PlanFacts {
    const ACTIONS: &'static [Action] = &[
        Action::CreatePeriods,
        Action::SetPlanRules,
        Action::AddTarget,
        Action::PublishPlan,
        Action::DiscardPlan,
        Action::ArchivePlan,
    ];

    fn permit(&self, asking: Asking<'_>, action: Action) -> Result<(), Reason> {
        if !asking.reach.supervised.contains(self.plan) {
            return Err(Reason::NotSupervisor);
        }
        match action {
            Action::AddTarget | Action::DiscardPlan => drafted(self.status),
            Action::PublishPlan => {
                drafted(self.status)?;
                if self.empty {
                    return Err(Reason::PlanEmpty);
                }
                Ok(())
            }
            Action::ArchivePlan => in_force(self.status),
            _ => kept_up(self.status),
        }
    }
}

/// What changing a target of a plan depends on: drafting it, amending it, confirming its indicators, carrying it over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditFacts {
    /// The target.
    pub target: TargetFacts,
    /// It was carried over. Matters of carrying it over alone.
    pub carried: bool,
}

impl Guarded for EditFacts {
    const ACTIONS: &'static [Action] = &[
        Action::UpdateTarget,
        Action::RemoveTarget,
        Action::AmendTarget,
        Action::ConfirmIndicators,
        Action::CarryOverTarget,
    ];

    fn permit(&self, asking: Asking<'_>, action: Action) -> Result<(), Reason> {
        let target = &self.target;
        target.office(asking)?;
        match action {
            Action::UpdateTarget | Action::RemoveTarget => drafted(target.plan_status),
            Action::AmendTarget => {
                in_force(target.plan_status)?;
                target.not_closed()
            }
            // No number becomes another by it: before the plan is published, and after.
            Action::ConfirmIndicators => {
                kept_up(target.plan_status)?;
                target.not_closed()
            }
            // Also from an archived plan, to which nothing is written by it.
            Action::CarryOverTarget => match target.plan_status {
                PlanStatus::Draft => Err(Reason::PlanNotPublished),
                PlanStatus::Published | PlanStatus::Archived => {
                    target.not_closed()?;
                    if self.carried {
                        return Err(Reason::CarriedOver);
                    }
                    Ok(())
                }
            },
            _ => Err(Reason::NotFound),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Reach,
        target::tests::{allowed, facts, manager, noon, office},
    };
    use entity::ids::UserId;

    const TODAY: &str = "2022-06-15";

    #[test]
    fn what_the_office_does_with_a_plan_in_which_state() {
        let nothing: [&str; 0] = [];
        for (status, empty, expected) in [
            (
                PlanStatus::Draft,
                false,
                &[
                    "CREATE_PERIODS",
                    "SET_PLAN_RULES",
                    "ADD_TARGET",
                    "PUBLISH_PLAN",
                    "DISCARD_PLAN",
                ][..],
            ),
            (
                PlanStatus::Draft,
                true,
                &[
                    "CREATE_PERIODS",
                    "SET_PLAN_RULES",
                    "ADD_TARGET",
                    "DISCARD_PLAN",
                ],
            ),
            (
                PlanStatus::Published,
                false,
                &["CREATE_PERIODS", "SET_PLAN_RULES", "ARCHIVE_PLAN"],
            ),
            (PlanStatus::Archived, false, &[]),
        ] {
            let plan = PlanFacts {
                plan: PlanId(1),
                status,
                empty,
            };
            assert_eq!(allowed(&plan, &office(1), TODAY), expected, "{status:?}");
            for other in [office(2), manager(1), Reach::nothing()] {
                assert_eq!(allowed(&plan, &other, TODAY), nothing, "{status:?}");
            }
        }
    }

    #[test]
    fn what_the_office_does_with_a_target_in_which_state() {
        for (plan_status, closed, expected) in [
            (
                PlanStatus::Draft,
                false,
                &["UPDATE_TARGET", "REMOVE_TARGET", "CONFIRM_INDICATORS"][..],
            ),
            (
                PlanStatus::Published,
                false,
                &["AMEND_TARGET", "CONFIRM_INDICATORS", "CARRY_OVER_TARGET"],
            ),
            (PlanStatus::Published, true, &[]),
            (PlanStatus::Archived, false, &["CARRY_OVER_TARGET"]),
            (PlanStatus::Archived, true, &[]),
        ] {
            let edit = EditFacts {
                target: TargetFacts {
                    plan_status,
                    closed,
                    ..facts()
                },
                carried: false,
            };
            assert_eq!(
                allowed(&edit, &office(1), TODAY),
                expected,
                "{plan_status:?} {closed}"
            );
            for other in [office(2), manager(1), Reach::nothing()] {
                assert!(allowed(&edit, &other, TODAY).is_empty());
            }
            let carried = EditFacts {
                carried: true,
                ..edit
            };
            let mut expected = expected.to_vec();
            expected.retain(|act| *act != "CARRY_OVER_TARGET");
            assert_eq!(allowed(&carried, &office(1), TODAY), expected);
        }
    }

    #[test]
    fn the_office_of_all_plans_alone_imports() {
        let all = Reach {
            supervised: Plans::All,
            ..Reach::nothing()
        };
        for (reach, may) in [(all, true), (office(1), false), (manager(1), false)] {
            let asking = Asking {
                reach: &reach,
                user: UserId(9),
                now: noon(TODAY),
            };
            assert_eq!(import(asking).is_ok(), may, "{reach:?}");
        }
    }

    #[test]
    fn a_due_date_is_in_the_plans_year_or_the_one_after() {
        for (day, good) in [
            ("2021-12-31", false),
            ("2022-01-01", true),
            ("2023-12-31", true),
            ("2024-01-01", false),
        ] {
            assert_eq!(due_date(2022, day.parse().unwrap()).is_ok(), good, "{day}");
        }
    }

    #[test]
    fn every_state_is_answered() {
        let table = PlanStatus::ALL.iter().map(|status| {
            (
                in_force(*status).err(),
                drafted(*status).err(),
                kept_up(*status).err(),
            )
        });
        let archived = || Some(Reason::PlanArchived);
        let expected = [
            (Some(Reason::PlanNotPublished), None, None),
            (None, Some(Reason::PlanNotDraft), None),
            (archived(), archived(), archived()),
        ];
        assert_eq!(table.collect::<Vec<_>>(), expected);
    }
}
