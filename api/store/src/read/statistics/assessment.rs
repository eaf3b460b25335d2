//! Assessment of units (考核): the scores of those that lead targets, and their ranking.

use std::{
    cmp::Reverse,
    collections::{BTreeSet, HashMap},
};

use domain::assessment::{Achieved, Score, Share, Weights, ranks, score};
use entity::{
    assignment,
    ids::{PlanId, ReportingPeriodId},
    kinds::{AssignmentRole, TargetState},
    unit,
};
use sea_orm::{ColumnTrait, sea_query::Condition};

use super::{
    ReportNumbers, TargetNumbers,
    statement::{Asked, By, Narrow},
};
use crate::{Call, Result, Seen, standing::assessed_state_in_sql};

/// A unit's score.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitScore {
    /// The unit.
    pub unit: Seen<unit::Model>,
    /// Its rank among all units that lead targets of the plan; none without a score, and for those who do not see all.
    pub rank: Option<i32>,
    /// Its score, with the parts.
    pub score: Score,
}

impl Call {
    /// The scores of the units that lead targets of plans, the best first; a target that is adjusted or suspended is left
    /// out, and one that was put off is behind once its first due date has passed. A ranking over a part of the plan would be a wrong one: it is for the plan's supervision office. Others get the
    /// scores of the units for which they work, which they see whole. Two statements, and one that reads the units.
    pub async fn unit_scores(
        &self,
        plans: &[PlanId],
        weights: &Weights,
        period: Option<ReportingPeriodId>,
    ) -> Result<HashMap<PlanId, Vec<UnitScore>>> {
        let supervised = |plan: &PlanId| self.reach().supervised.contains(*plan);
        let whole = plans.iter().copied().filter(|plan| supervised(plan));
        let own = self.reach().units.iter().copied();
        let narrow = Narrow {
            targets: Condition::all(),
            assignments: Condition::all()
                .add(assignment::Column::Role.eq(AssignmentRole::Lead))
                .add(
                    Condition::any()
                        .add(assignment::Column::PlanId.is_in(whole))
                        .add(assignment::Column::UnitId.is_in(own)),
                ),
        };
        let state = assessed_state_in_sql(self.today());
        let targets = self.target_numbers(plans, By::Unit, state, &narrow).await?;
        let asked = period.map_or(Asked::PastDue, Asked::Period);
        let reports = self.report_numbers(plans, By::Unit, asked, &narrow).await?;
        let ids: BTreeSet<i64> = targets.keys().map(|(_, unit)| *unit).collect();
        let units = self.units_in_order(ids).await?;
        let mut scores = HashMap::new();
        for plan in plans {
            let mut of_plan: Vec<UnitScore> = Vec::new();
            for unit in &units {
                let at = (*plan, unit.id.0);
                let Some(targets) = targets.get(&at).filter(|targets| assessed(targets) > 0) else {
                    continue;
                };
                let reports = reports.get(&at).copied().unwrap_or_default();
                of_plan.push(UnitScore {
                    unit: unit.clone(),
                    rank: None,
                    score: score(&achieved(targets, &reports), weights),
                });
            }
            if supervised(plan) {
                let points: Vec<_> = of_plan.iter().map(|row| row.score.hundredths).collect();
                for (row, rank) in of_plan.iter_mut().zip(ranks(&points)) {
                    row.rank = rank;
                }
            }
            // The directory's order stays where scores are equal.
            of_plan.sort_by_key(|row| Reverse(row.score.hundredths));
            scores.insert(*plan, of_plan);
        }
        Ok(scores)
    }
}

/// Targets that count: suspended ones are out (domain.md §8).
fn assessed(targets: &TargetNumbers) -> i64 {
    targets.total - targets.in_state(TargetState::Other)
}

/// By state, not by light: another unit's missing report, which makes a light yellow, costs a lead unit nothing.
fn achieved(targets: &TargetNumbers, reports: &ReportNumbers) -> Achieved {
    let good = [
        TargetState::Completed,
        TargetState::Ahead,
        TargetState::OnSchedule,
    ];
    let progress = Share {
        part: good.into_iter().map(|state| targets.in_state(state)).sum(),
        whole: assessed(targets),
    };
    Achieved([
        reports.timeliness(),
        reports.first_time_acceptance(),
        progress,
    ])
}
