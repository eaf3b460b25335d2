//! Indicators that were read by rule, confirmed as they are. What is read wrongly is corrected with its target.

use std::collections::{HashMap, HashSet};

use domain::{
    Action, Guarded, Reason,
    plan::{EditFacts, MOST_CONFIRMED},
    target::TargetFacts,
};
use entity::{
    ids::{IndicatorId, PlanId, TargetId},
    indicator,
    kinds::{EventType, PlanStatus},
    plan, target,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use serde_json::{Value, json};

use crate::{
    Call, Fault, Once, Result, Seen,
    command::{count_change, on_target::target_told, plan_year, plans::plan_told},
    read::target_facts::target_facts,
    scoped::Scoped,
    write::{Begun, Entry, Write},
};

const INDICATORS: &str = "indicatorIds";

/// Indicators that were confirmed, in the order in which they were named.
type Confirmed = Vec<Seen<indicator::Model>>;

impl Call {
    /// Confirms indicators as they were proposed, all of them or none, in a draft or in a plan in force. No light changes: they
    /// counted before, and were said to be unconfirmed. One that is confirmed stays as it is. An ID that is none is given
    /// as `None`.
    ///
    /// # Errors
    /// Refused: an empty list, more than [`MOST_CONFIRMED`], an indicator that the viewer does not see or that is named twice, or whatever the guard
    /// of its target refuses.
    pub async fn confirm_indicators(
        &self,
        ids: &[Option<IndicatorId>],
        once: Option<&Once>,
    ) -> Result<Confirmed> {
        if ids.is_empty() {
            return Err(Reason::Empty.at(INDICATORS).into());
        }
        if ids.len() > MOST_CONFIRMED {
            let most = MOST_CONFIRMED;
            return Err(Reason::TooMany { most }.at(INDICATORS).into());
        }
        let write = match self.begin(once).await? {
            Begun::Fresh(write) => write,
            Begun::Again(before) => return self.confirmed_again(before).await,
        };
        let (targets, rows) = self.indicators_locked(&write, ids).await?;
        let facts = self.permitted(&write, ids, &targets, &rows).await?;
        let fresh = || rows.iter().filter(|row| !row.confirmed);
        indicator::Entity::update_many()
            .col_expr(indicator::Column::Confirmed, Expr::value(true))
            .filter(indicator::Column::Id.is_in(fresh().map(|row| row.id)))
            .exec(write.db())
            .await?;
        count_change(&write, fresh().map(|row| row.target_id), self.now()).await?;
        let mut told: HashSet<PlanId> = HashSet::new();
        let mut entries = Vec::new();
        for target in &targets {
            let of_target = fresh().filter(|row| row.target_id == target.id);
            let confirmed: Vec<IndicatorId> = of_target.map(|row| row.id).collect();
            if confirmed.is_empty() {
                continue;
            }
            let drafted = facts
                .get(&target.id)
                .is_some_and(|facts| facts.plan_status == PlanStatus::Draft);
            entries.push(Entry {
                act: Action::ConfirmIndicators.into(),
                object: "Target",
                id: Some(target.id.0),
                changes: json!({ "indicatorIds": confirmed, "version": target.version + 1 }),
                event: match drafted {
                    false => Some(target_told(target, EventType::IndicatorsConfirmed)),
                    // One for all: the draft is another one.
                    true => told
                        .insert(target.plan_id)
                        .then(|| plan_told(target.plan_id, EventType::DraftChanged)),
                },
            });
        }
        let keys: Vec<IndicatorId> = ids.iter().flatten().copied().collect();
        let confirmed = rows
            .into_iter()
            .map(|mut row| {
                row.0.confirmed = true;
                row
            })
            .collect();
        write.commit_with(json!(keys), entries).await?;
        Ok(in_order(confirmed, &keys))
    }

    /// Whether each may be confirmed; answers what was looked at.
    async fn permitted(
        &self,
        write: &Write,
        ids: &[Option<IndicatorId>],
        targets: &[Seen<target::Model>],
        rows: &[Seen<indicator::Model>],
    ) -> Result<HashMap<TargetId, TargetFacts>> {
        let facts = target_facts(write.db(), targets.iter().map(|row| &**row)).await?;
        for (at, id) in ids.iter().enumerate() {
            let row = rows.iter().find(|row| Some(row.id) == *id);
            let row = row.ok_or_else(|| Reason::NotFound.at_item(INDICATORS, at))?;
            if ids.iter().take(at).any(|other| other == id) {
                return Err(Reason::Repeated.at_item(INDICATORS, at).into());
            }
            let target = facts.get(&row.target_id).cloned();
            let target = target.ok_or_else(|| Reason::NotFound.at_item(INDICATORS, at))?;
            let facts = EditFacts {
                target,
                carried: false,
            };
            facts
                .permit(self.asking()?, Action::ConfirmIndicators)
                .map_err(|reason| reason.at_item(INDICATORS, at))?;
        }
        Ok(facts)
    }

    /// The indicators of an act with their targets, in the viewer's sight: the plans are kept as they are, the targets locked.
    async fn indicators_locked(
        &self,
        write: &Write,
        ids: &[Option<IndicatorId>],
    ) -> Result<(Vec<Seen<target::Model>>, Confirmed)> {
        let db = write.db();
        let these = || {
            let named = indicator::Column::Id.is_in(ids.iter().flatten().copied());
            Scoped::<indicator::Entity>::new(self).and(named)
        };
        let found = these().all(db).await?;
        let of: HashSet<TargetId> = found.iter().map(|row| row.target_id).collect();
        let targets = || {
            let named = target::Column::Id.is_in(of.iter().copied());
            Scoped::<target::Entity>::new(self).and(named)
        };
        let seen = targets().all(db).await?;
        // Who may not do it locks nothing.
        self.permitted(write, ids, &seen, &found).await?;
        let plans: HashSet<PlanId> = seen.iter().map(|row| row.plan_id).collect();
        // The plans before the targets, as all do who lock both.
        Scoped::<plan::Entity>::new(self)
            .and(plan::Column::Id.is_in(plans))
            .order_by(plan::Column::Id)
            .kept()
            .all(db)
            .await?;
        let targets = targets()
            .order_by_expr(plan_year())
            .order_by(target::Column::Id)
            .locked()
            .all(db)
            .await?;
        // As they are under the lock: one may be another's, or gone.
        Ok((targets, these().all(db).await?))
    }

    /// What indicators are now that were confirmed by a mutation which came again.
    async fn confirmed_again(&self, ids: Value) -> Result<Confirmed> {
        let keys: Vec<IndicatorId> =
            serde_json::from_value(ids).map_err(|error| Fault::new(error.to_string()))?;
        let rows = self.indicators_by_id(&keys).await?;
        if rows.is_empty() {
            return Err(Reason::NotFound.whole().into());
        }
        Ok(in_order(rows, &keys))
    }
}

fn in_order(mut rows: Confirmed, keys: &[IndicatorId]) -> Confirmed {
    rows.sort_by_key(|row| keys.iter().position(|id| *id == row.id));
    rows
}
