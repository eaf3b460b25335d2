//! Setting a target's light by hand (人工调灯, domain.md §6): the supervision office's, with a reason and an end.

use chrono::NaiveDate;
use entity::{ids::PlanId, kinds::PlanStatus};

use crate::{
    Reason,
    action::{Action, Asking, Guarded},
    notice::reply_due,
    plan::in_force,
};

/// Whether a light may be set until a day: today or later, within the same 366 days as answers are due. What is to hold
/// longer is an adjustment of the target.
///
/// # Errors
/// [`Reason::DayOutOfRange`].
pub fn until(day: NaiveDate, today: NaiveDate) -> Result<(), Reason> {
    reply_due(day, today)
}

/// What the acts on a target's light depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LightFacts {
    /// The plan.
    pub plan: PlanId,
    /// The state of the plan.
    pub plan_status: PlanStatus,
    /// The target is closed: its light is green, and there is nothing to steer.
    pub closed: bool,
    /// The light is set by hand today.
    pub overridden: bool,
}

impl Guarded for LightFacts {
    const ACTIONS: &'static [Action] = &[Action::SetLight, Action::ClearLight];

    fn permit(&self, asking: Asking<'_>, action: Action) -> Result<(), Reason> {
        if !asking.reach.supervised.contains(self.plan) {
            Err(Reason::NotSupervisor)
        } else if let Err(reason) = in_force(self.plan_status) {
            Err(reason)
        } else if self.closed && action == Action::SetLight {
            Err(Reason::TargetClosed)
        } else if action == Action::ClearLight && !self.overridden {
            Err(Reason::LightNotSet)
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use entity::ids::UserId;

    use super::*;
    use crate::{Plans, Reach};

    #[test]
    fn the_office_sets_and_clears_lights_of_plans_in_force() {
        let facts = |plan_status, overridden| LightFacts {
            plan: PlanId(1),
            plan_status,
            closed: false,
            overridden,
        };
        let office = |plan| Reach {
            supervised: Plans::Only(vec![PlanId(plan)]),
            ..Reach::nothing()
        };
        for (reach, status, overridden, set, clear) in [
            (office(1), PlanStatus::Published, true, None, None),
            (
                office(1),
                PlanStatus::Published,
                false,
                None,
                Some(Reason::LightNotSet),
            ),
            (
                office(1),
                PlanStatus::Draft,
                true,
                Some(Reason::PlanNotPublished),
                Some(Reason::PlanNotPublished),
            ),
            (
                office(1),
                PlanStatus::Archived,
                true,
                Some(Reason::PlanArchived),
                Some(Reason::PlanArchived),
            ),
            (
                office(2),
                PlanStatus::Published,
                true,
                Some(Reason::NotSupervisor),
                Some(Reason::NotSupervisor),
            ),
            (
                Reach::nothing(),
                PlanStatus::Archived,
                false,
                Some(Reason::NotSupervisor),
                Some(Reason::NotSupervisor),
            ),
        ] {
            let asking = Asking {
                reach: &reach,
                user: UserId(1),
                now: DateTime::UNIX_EPOCH,
            };
            let refused = facts(status, overridden).available(asking);
            let refused: Vec<_> = refused.into_iter().map(|act| act.refused).collect();
            assert_eq!(refused, [set, clear], "{reach:?} {status:?} {overridden}");
        }
    }

    #[test]
    fn a_light_is_set_from_today_on_for_a_year_at_most() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let today = day("2022-06-15");
        for (on, good) in [
            ("2022-06-14", false),
            ("2022-06-15", true),
            ("2023-06-16", true),
            ("2023-06-17", false),
        ] {
            assert_eq!(until(day(on), today).is_ok(), good, "{on}");
        }
    }

    #[test]
    fn the_light_of_a_closed_target_is_not_set_and_one_that_was_set_may_be_cleared() {
        let reach = Reach {
            supervised: Plans::All,
            ..Reach::nothing()
        };
        let asking = Asking {
            reach: &reach,
            user: UserId(1),
            now: DateTime::UNIX_EPOCH,
        };
        let closed = LightFacts {
            plan: PlanId(1),
            plan_status: PlanStatus::Published,
            closed: true,
            overridden: true,
        };
        let set = closed.permit(asking, Action::SetLight);
        assert_eq!(set, Err(Reason::TargetClosed));
        assert_eq!(closed.permit(asking, Action::ClearLight), Ok(()));
    }
}
