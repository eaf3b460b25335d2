//! The rules of plans: those that the supervision office has set, and the defaults where it has not.

use std::collections::HashMap;

use domain::{
    Reason, Refusal,
    assignment::{ACKNOWLEDGE_DAYS, ACKNOWLEDGE_DAYS_AT_MOST},
    progress::{Method, Thresholds},
    sweep::Ladder,
};
use entity::{ids::PlanId, plan_rule};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use crate::{Call, Fault, Result, scoped::Scoped};

/// The rules of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlanRules {
    /// When a target is behind, and how grave that is.
    pub thresholds: Thresholds,
    /// Which notices are issued by rule.
    pub ladder: Ladder,
    /// A refined plan comes into force when the supervision office approves it; else when it is handed in.
    pub refinement_approval: bool,
    /// Working days for acknowledging an assignment, 1 to 30.
    pub acknowledge_days: i32,
}

impl Default for PlanRules {
    fn default() -> Self {
        Self {
            thresholds: Thresholds::default(),
            ladder: Ladder::default(),
            refinement_approval: false,
            acknowledge_days: ACKNOWLEDGE_DAYS,
        }
    }
}

impl PlanRules {
    /// What is wrong with them, a refusal for each field; nothing when they can be used.
    pub(crate) fn problems(&self) -> Vec<Refusal> {
        let mut problems = self.thresholds.problems();
        for problem in &mut problems {
            let place: &[&str] = match problem.field.first().map(String::as_str) {
                Some("yellowAtLeast") => &["thresholds", "share"],
                Some("yellow" | "red") => &["thresholds", "points"],
                _ => &[],
            };
            let place = place.iter().map(|part| (*part).to_owned());
            problem.field.splice(0..0, place);
        }
        problems.extend(self.ladder.problems());
        if !(1..=ACKNOWLEDGE_DAYS_AT_MOST).contains(&self.acknowledge_days) {
            let range = Reason::OutOfRange {
                least: 1,
                most: ACKNOWLEDGE_DAYS_AT_MOST.into(),
            };
            problems.push(range.at("acknowledgeDays"));
        }
        problems
    }

    fn of(row: &plan_rule::Model) -> Self {
        let default = Thresholds::default();
        let method = match (row.yellow_at_least, row.yellow_points, row.red_points) {
            (Some(yellow_at_least), ..) => Method::Share { yellow_at_least },
            (None, Some(yellow), Some(red)) => Method::Points { yellow, red },
            _ => default.method,
        };
        Self {
            thresholds: Thresholds {
                method,
                ahead_points: row.ahead_points,
            },
            ladder: Ladder {
                report_reminder_days: row.report_reminder_days,
                target_reminder_days: row.target_reminder_days,
                missing: row.notice_missing,
                behind: row.notice_behind,
                far_behind: row.notice_far_behind,
                past_due: row.notice_past_due,
                reply_days: row.reply_days,
            },
            refinement_approval: row.refinement_approval,
            acknowledge_days: row.acknowledge_days,
        }
    }
}

/// The rules of plans; those that are not there have the defaults.
pub(crate) async fn rules(
    db: &impl ConnectionTrait,
    plans: impl IntoIterator<Item = PlanId>,
) -> Result<HashMap<PlanId, PlanRules>, Fault> {
    let rows = plan_rule::Entity::find()
        .filter(plan_rule::Column::PlanId.is_in(plans))
        .all(db)
        .await?;
    Ok(rows
        .iter()
        .map(|row| (row.plan_id, PlanRules::of(row)))
        .collect())
}

impl Call {
    /// The rules of plans that the viewer sees; those that are not there have the defaults.
    pub async fn plan_rules(&self, plans: &[PlanId]) -> Result<HashMap<PlanId, PlanRules>> {
        let rows = Scoped::<plan_rule::Entity>::new(self)
            .and(plan_rule::Column::PlanId.is_in(plans.iter().copied()))
            .all(&self.reader())
            .await?;
        Ok(rows
            .iter()
            .map(|row| (row.plan_id, PlanRules::of(row)))
            .collect())
    }
}
