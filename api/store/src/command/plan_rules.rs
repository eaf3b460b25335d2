//! Set the rules of a plan.

use domain::{Action, Guarded, Reason, progress::Method};
use entity::{
    ids::PlanId,
    kinds::{Audience, EventType},
    plan, plan_rule,
};
use sea_orm::{ColumnTrait, EntityTrait, Set, sea_query::OnConflict};
use serde_json::{Value, json};

use super::periods::plan_facts;
use crate::{
    Call, Once, Result, Seen,
    rules::{PlanRules, rules},
    scoped::Scoped,
    standing,
    write::{Begun, Entry, Told},
};

impl Call {
    /// Sets the rules of a plan: `change` makes the new ones of the old. How its targets stand is computed anew.
    ///
    /// # Errors
    /// Refused: a plan that the viewer does not see or is not the office of, or numbers out of range.
    pub async fn set_plan_rules(
        &self,
        plan: Option<PlanId>,
        change: impl FnOnce(PlanRules) -> PlanRules,
        once: Option<&Once>,
    ) -> Result<Seen<plan::Model>> {
        let not_found = || Reason::NotFound.at("planId");
        let mut write = match self.begin(once).await? {
            Begun::Fresh(write) => write,
            Begun::Again(id) => return self.again(&id).await,
        };
        let plan = Scoped::<plan::Entity>::new(self)
            .and(plan::Column::Id.eq(plan.ok_or_else(not_found)?))
            .locked()
            .one(write.db())
            .await?
            .ok_or_else(not_found)?;
        plan_facts(&plan)
            .permit(self.asking()?, Action::SetPlanRules)
            .map_err(|reason| reason.at("planId"))?;
        let before = rules(write.db(), [plan.id]).await?;
        let before = before.get(&plan.id).copied().unwrap_or_default();
        let after = change(before);
        let problems = after.problems();
        if !problems.is_empty() {
            return Err(problems.into());
        }
        plan_rule::Entity::insert(self.row(plan.id, &after))
            .on_conflict(
                OnConflict::column(plan_rule::Column::PlanId)
                    .update_columns(COLUMNS)
                    .to_owned(),
            )
            .exec_without_returning(write.db())
            .await?;
        if before.thresholds != after.thresholds {
            standing::recompute_plan(&mut write, plan.id, self.now()).await?;
        }
        let entry = Entry {
            act: Action::SetPlanRules.into(),
            object: "Plan",
            id: Some(plan.id.0),
            changes: json!({ "rules": [in_json(&before), in_json(&after)] }),
            event: Some(Told {
                kind: EventType::PlanRulesSet,
                plan: plan.id,
                target: None,
                unit: None,
                audience: Audience::Plan,
                about: Some(("Plan", plan.id.0)),
            }),
        };
        write.commit_with(json!(plan.id), [entry]).await?;
        Ok(plan)
    }

    fn row(&self, plan: PlanId, rules: &PlanRules) -> plan_rule::ActiveModel {
        let PlanRules {
            thresholds,
            ladder,
            refinement_approval,
            acknowledge_days,
        } = rules;
        let (share, yellow, red) = match thresholds.method {
            Method::Share { yellow_at_least } => (Some(yellow_at_least), None, None),
            Method::Points { yellow, red } => (None, Some(yellow), Some(red)),
        };
        plan_rule::ActiveModel {
            plan_id: Set(plan),
            yellow_at_least: Set(share),
            yellow_points: Set(yellow),
            red_points: Set(red),
            ahead_points: Set(thresholds.ahead_points),
            report_reminder_days: Set(ladder.report_reminder_days),
            target_reminder_days: Set(ladder.target_reminder_days),
            notice_missing: Set(ladder.missing),
            notice_behind: Set(ladder.behind),
            notice_far_behind: Set(ladder.far_behind),
            notice_past_due: Set(ladder.past_due),
            reply_days: Set(ladder.reply_days),
            refinement_approval: Set(*refinement_approval),
            acknowledge_days: Set(*acknowledge_days),
            updated_at: Set(self.now()),
        }
    }
}

/// For the audit log.
fn in_json(rules: &PlanRules) -> Value {
    let PlanRules {
        thresholds,
        ladder,
        refinement_approval,
        acknowledge_days,
    } = rules;
    let method = match thresholds.method {
        Method::Share { yellow_at_least } => json!({ "yellowAtLeast": yellow_at_least }),
        Method::Points { yellow, red } => json!({ "yellow": yellow, "red": red }),
    };
    json!({
        "method": method, "aheadPoints": thresholds.ahead_points, "reportReminderDays": ladder.report_reminder_days,
        "targetReminderDays": ladder.target_reminder_days, "missing": ladder.missing, "behind": ladder.behind,
        "farBehind": ladder.far_behind, "pastDue": ladder.past_due, "replyDays": ladder.reply_days,
        "refinementApproval": refinement_approval, "acknowledgeDays": acknowledge_days,
    })
}

/// What the act sets.
const COLUMNS: [plan_rule::Column; 14] = [
    plan_rule::Column::YellowAtLeast,
    plan_rule::Column::YellowPoints,
    plan_rule::Column::RedPoints,
    plan_rule::Column::AheadPoints,
    plan_rule::Column::ReportReminderDays,
    plan_rule::Column::TargetReminderDays,
    plan_rule::Column::NoticeMissing,
    plan_rule::Column::NoticeBehind,
    plan_rule::Column::NoticeFarBehind,
    plan_rule::Column::NoticePastDue,
    plan_rule::Column::ReplyDays,
    plan_rule::Column::RefinementApproval,
    plan_rule::Column::AcknowledgeDays,
    plan_rule::Column::UpdatedAt,
];
