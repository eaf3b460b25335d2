//! How the supervision office steers: the rules of a plan, and lights that are set by hand.

use async_graphql::{Context, ID, InputObject, Object, OneofObject, SimpleObject};
use domain::progress::Method;
use entity::ids::{PlanId, TargetId};
use store::{PlanRules as Rules, SetLight};

use super::once::once;
use crate::{
    enums::Light,
    error::{ApiError, UserError, settle},
    id::Global,
    request::Request,
    scalar::Date,
    types::{Plan, Target},
};

/// By the share of the schedule that is achieved.
#[derive(InputObject)]
pub(crate) struct ShareInput {
    /// Yellow at this percentage of the schedule or more, red below; 0 to 100.
    yellow_at_least: i32,
}

/// By percentage points behind the schedule.
#[derive(InputObject)]
pub(crate) struct PointsInput {
    /// Up to so many points behind are green; 0 to 100.
    yellow: i32,
    /// Up to so many points behind are yellow, more are red; `yellow` to 100.
    red: i32,
}

/// How being behind is weighed.
#[derive(OneofObject)]
pub(crate) enum ThresholdsInput {
    /// By the share of the schedule that is achieved.
    Share(ShareInput),
    /// By percentage points behind the schedule.
    Points(PointsInput),
}

/// The new rules of a plan. What is not given stays as it is.
#[derive(InputObject)]
pub(crate) struct SetPlanRulesInput {
    /// The plan.
    plan_id: ID,
    /// How being behind is weighed.
    thresholds: Option<ThresholdsInput>,
    /// So many points above the elapsed share of the year are AHEAD; 0 to 100.
    ahead_points: Option<i32>,
    /// So many days before a report's due day a blue notice reminds of it; 0 for none, to 30.
    report_reminder_days: Option<i32>,
    /// So many days before a target's due date a blue notice reminds of it; 0 for none, to 180.
    target_reminder_days: Option<i32>,
    /// Issue a yellow notice where a report is missing.
    notice_missing: Option<bool>,
    /// Issue a yellow notice where a target is behind.
    notice_behind: Option<bool>,
    /// Issue a red notice where a target is far behind.
    notice_far_behind: Option<bool>,
    /// Issue a red notice where a target is past its due date.
    notice_past_due: Option<bool>,
    /// Working days for the answer to a notice that was issued by rule; 1 to 30.
    reply_days: Option<i32>,
    /// Whether a refined plan comes into force only when the supervision office approves it. Those in force stay so.
    refinement_approval: Option<bool>,
    /// Working days in which a unit acknowledges what it is given from now on; 1 to 30.
    acknowledge_days: Option<i32>,
    /// An ID of your own for this act, at most 100 characters: sent again with the same input, it changes nothing twice.
    client_mutation_id: Option<String>,
}

impl SetPlanRulesInput {
    fn change(&self, mut rules: Rules) -> Rules {
        if let Some(thresholds) = &self.thresholds {
            rules.thresholds.method = match thresholds {
                ThresholdsInput::Share(share) => Method::Share {
                    yellow_at_least: share.yellow_at_least,
                },
                ThresholdsInput::Points(points) => Method::Points {
                    yellow: points.yellow,
                    red: points.red,
                },
            };
        }
        fn set<T: Copy>(rule: &mut T, given: Option<T>) {
            *rule = given.unwrap_or(*rule);
        }
        set(&mut rules.thresholds.ahead_points, self.ahead_points);
        set(&mut rules.refinement_approval, self.refinement_approval);
        set(&mut rules.acknowledge_days, self.acknowledge_days);
        let ladder = &mut rules.ladder;
        set(&mut ladder.report_reminder_days, self.report_reminder_days);
        set(&mut ladder.target_reminder_days, self.target_reminder_days);
        set(&mut ladder.missing, self.notice_missing);
        set(&mut ladder.behind, self.notice_behind);
        set(&mut ladder.far_behind, self.notice_far_behind);
        set(&mut ladder.past_due, self.notice_past_due);
        set(&mut ladder.reply_days, self.reply_days);
        rules
    }
}

/// What came of setting the rules of a plan.
#[derive(SimpleObject)]
pub(crate) struct SetPlanRulesPayload {
    /// The ID that you gave the act.
    client_mutation_id: Option<String>,
    /// The plan with its new rules; null when refused.
    plan: Option<Plan>,
    /// Why it was refused; empty on success.
    user_errors: Vec<UserError>,
}

/// A light that is set by hand.
#[derive(InputObject)]
pub(crate) struct SetLightInput {
    /// The target.
    target_id: ID,
    /// The colour.
    light: Light,
    /// The last day on which it holds: today or later, at most 366 days from now.
    until: Date,
    /// Why, for all who see the target; at most 500 characters.
    reason: String,
    /// An ID of your own for this act, at most 100 characters: sent again with the same input, it changes nothing twice.
    client_mutation_id: Option<String>,
}

/// A light that is left to the rules again.
#[derive(InputObject)]
pub(crate) struct ClearLightInput {
    /// The target.
    target_id: ID,
    /// An ID of your own for this act, at most 100 characters: sent again with the same input, it changes nothing twice.
    client_mutation_id: Option<String>,
}

/// What came of setting a light, or of leaving it to the rules.
#[derive(SimpleObject)]
pub(crate) struct LightPayload {
    /// The ID that you gave the act.
    client_mutation_id: Option<String>,
    /// The target; null when refused.
    target: Option<Target>,
    /// Why it was refused; empty on success.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub(crate) struct SteeringMutation;

#[Object]
impl SteeringMutation {
    /// Sets the rules of a plan: the supervision office's. State and light of its targets are counted anew.
    async fn set_plan_rules(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new rules.")] input: SetPlanRulesInput,
    ) -> Result<SetPlanRulesPayload, ApiError> {
        let request = Request::of(ctx);
        let outcome = match once("setPlanRules", &input, input.client_mutation_id.as_deref()) {
            Ok(once) => {
                let plan = PlanId::local(&input.plan_id);
                let change = |rules| input.change(rules);
                let call = &request.call;
                call.set_plan_rules(plan, change, once.as_ref()).await
            }
            Err(error) => Err(error),
        };
        let (plan, user_errors) = settle(request, outcome)?;
        Ok(SetPlanRulesPayload {
            client_mutation_id: input.client_mutation_id,
            plan: plan.map(Plan::from),
            user_errors,
        })
    }

    /// Sets the light of a target by hand, with a reason and an end (人工调灯): the supervision office's. While it holds, it
    /// goes before everything else.
    async fn set_light(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The light.")] input: SetLightInput,
    ) -> Result<LightPayload, ApiError> {
        let request = Request::of(ctx);
        let outcome = match once("setLight", &input, input.client_mutation_id.as_deref()) {
            Ok(once) => {
                let set = SetLight {
                    target: TargetId::local(&input.target_id),
                    light: input.light.into(),
                    until: input.until.0,
                    reason: input.reason,
                };
                request.call.set_light(set, once.as_ref()).await
            }
            Err(error) => Err(error),
        };
        let (target, user_errors) = settle(request, outcome)?;
        Ok(LightPayload {
            client_mutation_id: input.client_mutation_id,
            target: target.map(Target::from),
            user_errors,
        })
    }

    /// Leaves the light of a target to the rules again: the supervision office's.
    async fn clear_light(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which target.")] input: ClearLightInput,
    ) -> Result<LightPayload, ApiError> {
        let request = Request::of(ctx);
        let outcome = match once("clearLight", &input, input.client_mutation_id.as_deref()) {
            Ok(once) => {
                let target = TargetId::local(&input.target_id);
                request.call.clear_light(target, once.as_ref()).await
            }
            Err(error) => Err(error),
        };
        let (target, user_errors) = settle(request, outcome)?;
        Ok(LightPayload {
            client_mutation_id: input.client_mutation_id,
            target: target.map(Target::from),
            user_errors,
        })
    }
}
