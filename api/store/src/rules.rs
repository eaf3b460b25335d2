//! The rules of plans: those that the supervision office has set, and the defaults where it has not.

use std::collections::HashMap;

use domain::{
    progress::{Method, Thresholds},
    sweep::Ladder,
};
use entity::{ids::PlanId, plan_rule};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use crate::{Call, Fault, Result, scoped::Scoped};

/// The rules of a plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PlanRules {
    /// When a target is behind, and how grave that is.
    pub thresholds: Thresholds,
    /// Which notices are issued by rule.
    pub ladder: Ladder,
    /// A refined plan comes into force when the supervision office approves it; else when it is handed in.
    pub refinement_approval: bool,
}

impl PlanRules {
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
