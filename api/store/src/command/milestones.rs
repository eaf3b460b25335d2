//! Milestones: drafted, changed, taken out, and marked when they are reached.

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    Action, Guarded, Reason,
    refinement::{
        LONGEST_TITLE, MOST_MILESTONES, MilestoneFacts, RefinementFacts, done_date, due_date,
    },
};
use entity::{
    ids::{MilestoneId, TargetId, UnitId},
    kinds::{AssignmentRole, Audience, EventType, RefinementStatus},
    milestone, target,
};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::NotSet,
    ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, Set,
    sea_query::{Expr, ExprTrait},
};
use serde_json::{Value, json};

use crate::{
    Call, Fault, Once, Result, Seen,
    read::refinements::refinement_facts,
    scoped::Scoped,
    standing,
    write::{Begun, Entry, Told, Write},
};

use super::{
    check_version,
    on_target::{TARGET, target_row},
    refinements::touch,
    requests::lead_unit,
    text,
};

const MILESTONE: &str = "milestoneId";

/// A milestone as it is to be.
#[derive(Clone, Debug)]
pub struct SaveMilestone {
    /// Which milestone is changed, where it is given; the inner none when the ID is none.
    pub milestone: Option<Option<MilestoneId>>,
    /// Of which target; none when the ID is none.
    pub target: Option<TargetId>,
    /// What is to be reached.
    pub title: String,
    /// By when.
    pub due_on: NaiveDate,
    /// The unit in charge, where it is given; the inner none when the ID is none.
    pub unit: Option<Option<UnitId>>,
    /// The version that the caller has seen; needed to change what there is.
    pub expected_version: Option<i32>,
}

impl Call {
    /// Drafts a milestone, or changes it.
    ///
    /// # Errors
    /// Refused: a target or milestone that the viewer does not see, whatever the guard refuses, a day that is not allowed, a
    /// unit that is not the target's, a version that is not the newest, or more than [`MOST_MILESTONES`].
    pub async fn save_milestone(
        &self,
        input: SaveMilestone,
        once: Option<&Once>,
    ) -> Result<Seen<milestone::Model>> {
        let user = self.admitted()?.account.id;
        let mut write = match self.begin(once).await? {
            Begun::Fresh(write) => write,
            Begun::Again(id) => return self.again(&id).await,
        };
        let target = self.locked_target(&write, input.target).await?;
        let facts = refined(&write, &target).await?;
        facts
            .permit(self.asking()?, Action::SaveMilestone)
            .map_err(|reason| reason.at(TARGET))?;
        let before = match input.milestone {
            Some(id) => Some(self.milestone_of(&write, id, Some(target.id)).await?),
            None => None,
        };
        check_version(
            before.as_ref().map(|row| row.version),
            input.expected_version,
        )?;
        let title = text("title", &input.title, LONGEST_TITLE, true)?;
        due_date(&facts.target, input.due_on).map_err(|reason| reason.at("dueOn"))?;
        let own = lead_unit_of(self, &facts)?;
        let unit = match (input.unit, &before) {
            (Some(given), _) => {
                let mut parts = facts.target.parts.iter();
                let part = parts.find(|part| Some(part.unit) == given);
                part.ok_or_else(|| Reason::NotAssigned.at("unitId"))?.unit
            }
            (None, Some(before)) => before.unit_id,
            (None, None) => lead_unit(&facts.target, &self.reach().units, None)?,
        };
        if before.is_none() && facts.milestones >= MOST_MILESTONES {
            let most = MOST_MILESTONES;
            return Err(Reason::TooMany { most }.at(TARGET).into());
        }
        let changes = json!({
            "title": [before.as_ref().map(|row| &row.title), Some(&title)],
            "dueOn": [before.as_ref().map(|row| row.due_on), Some(input.due_on)],
            "unitId": [before.as_ref().map(|row| row.unit_id), Some(unit)],
        });
        let row = match before {
            Some(before) => {
                let mut row = before.0;
                row.title = title;
                row.due_on = input.due_on;
                row.unit_id = unit;
                row.version += 1;
                row.updated_at = self.now();
                milestone::Entity::update(row.clone().into_active_model().reset_all())
                    .exec(write.db())
                    .await?;
                row
            }
            None => {
                milestone::Entity::insert(milestone::ActiveModel {
                    id: NotSet,
                    target_id: Set(target.id),
                    plan_id: Set(target.plan_id),
                    title: Set(title),
                    due_on: Set(input.due_on),
                    unit_id: Set(unit),
                    done_on: Set(None),
                    version: Set(1),
                    created_by_id: Set(user),
                    created_at: Set(self.now()),
                    updated_at: Set(self.now()),
                })
                .exec_with_returning(write.db())
                .await?
            }
        };
        touch(&write, &target, facts.leads_to(Action::SaveMilestone)).await?;
        if facts.status == RefinementStatus::Approved {
            standing::recompute(&mut write, &[target.id], self.now()).await?;
        }
        tell_other_leads(&mut write, &row, &facts, own, EventType::MilestoneSaved);
        let entry = Entry {
            act: Action::SaveMilestone.into(),
            object: "Milestone",
            id: Some(row.id.0),
            changes,
            event: Some(told(&row, &facts, own, EventType::MilestoneSaved)),
        };
        write.commit_with(json!(row.id), [entry]).await?;
        Ok(Seen(row))
    }

    /// Takes a milestone out of its refined plan; answers the target.
    ///
    /// # Errors
    /// Refused: a milestone that the viewer does not see, whatever the guard refuses, or a version that is not the newest.
    pub async fn remove_milestone(
        &self,
        id: Option<MilestoneId>,
        expected_version: i32,
        once: Option<&Once>,
    ) -> Result<Seen<target::Model>> {
        let mut write = match self.begin(once).await? {
            Begun::Fresh(write) => write,
            Begun::Again(id) => return self.again(&id).await,
        };
        let (target, row, facts) = self.milestone(&write, id, Action::RemoveMilestone).await?;
        check_version(Some(row.version), Some(expected_version))?;
        let own = lead_unit_of(self, &facts)?;
        milestone::Entity::delete_by_id(row.id)
            .exec(write.db())
            .await?;
        touch(&write, &target, facts.leads_to(Action::RemoveMilestone)).await?;
        if facts.status == RefinementStatus::Approved {
            standing::recompute(&mut write, &[target.id], self.now()).await?;
        }
        let target = target_row(&write, target.id).await?;
        tell_other_leads(&mut write, &row, &facts, own, EventType::MilestoneRemoved);
        let entry = Entry {
            act: Action::RemoveMilestone.into(),
            object: "Milestone",
            id: Some(row.id.0),
            changes: removed(&row),
            event: Some(told(&row, &facts, own, EventType::MilestoneRemoved)),
        };
        write.commit_with(json!(target.id), [entry]).await?;
        Ok(target)
    }

    /// Says on which day a milestone in force was reached, or, with none, that it was not after all.
    ///
    /// # Errors
    /// Refused: a milestone that the viewer does not see, whatever the guard refuses, or a day that is not allowed.
    pub async fn mark_milestone(
        &self,
        id: Option<MilestoneId>,
        done_on: Option<NaiveDate>,
        once: Option<&Once>,
    ) -> Result<Seen<milestone::Model>> {
        let mut write = match self.begin(once).await? {
            Begun::Fresh(write) => write,
            Begun::Again(id) => return self.again(&id).await,
        };
        let (target, mut row, facts) = self.milestone(&write, id, Action::MarkMilestone).await?;
        if let Some(done_on) = done_on {
            done_date(&facts.target, done_on, self.asking()?)
                .map_err(|reason| reason.at("doneOn"))?;
        }
        let changes = json!({ "doneOn": [row.done_on, done_on] });
        row.0.done_on = done_on;
        row.0.version += 1;
        row.0.updated_at = self.now();
        milestone::Entity::update(row.0.clone().into_active_model().reset_all())
            .exec(write.db())
            .await?;
        standing::recompute(&mut write, &[target.id], self.now()).await?;
        let unit = row.unit_id;
        let entry = Entry {
            act: Action::MarkMilestone.into(),
            object: "Milestone",
            id: Some(row.id.0),
            changes,
            event: Some(told(&row, &facts, unit, EventType::MilestoneMarked)),
        };
        write.commit_with(json!(row.id), [entry]).await?;
        Ok(row)
    }

    /// The milestone of an act with its target, which is locked, the guard passed.
    async fn milestone(
        &self,
        write: &Write,
        id: Option<MilestoneId>,
        action: Action,
    ) -> Result<(Seen<target::Model>, Seen<milestone::Model>, RefinementFacts)> {
        // The target's lock orders all acts on its milestones: what is read after it is what there is.
        let not_found = || Reason::NotFound.at(MILESTONE);
        let its = milestone::Column::TargetId;
        let is_it = milestone::Column::Id.eq(id.ok_or_else(not_found)?);
        let target = self.lock_target_of(write, its, is_it).await?;
        let target = target.ok_or_else(not_found)?;
        let row = self.milestone_of(write, id, None).await?;
        let facts = MilestoneFacts {
            refinement: refined(write, &target).await?,
            unit: row.unit_id,
        };
        facts
            .permit(self.asking()?, action)
            .map_err(|reason| reason.at(MILESTONE))?;
        Ok((target, row, facts.refinement))
    }

    async fn milestone_of(
        &self,
        write: &Write,
        id: Option<MilestoneId>,
        target: Option<TargetId>,
    ) -> Result<Seen<milestone::Model>> {
        let not_found = || Reason::NotFound.at(MILESTONE);
        let mut scoped = Scoped::<milestone::Entity>::new(self)
            .and(milestone::Column::Id.eq(id.ok_or_else(not_found)?));
        if let Some(target) = target {
            scoped = scoped.and(milestone::Column::TargetId.eq(target));
        }
        Ok(scoped.one(write.db()).await?.ok_or_else(not_found)?)
    }
}

/// What refining a target depends on, which is locked.
pub(super) async fn refined(write: &Write, target: &target::Model) -> Result<RefinementFacts> {
    let facts = refinement_facts(write.db(), &[target]).await?.pop();
    Ok(facts.ok_or_else(|| Fault::new("a target without facts"))?)
}

/// The lead unit for which the viewer works, the first of several.
pub(super) fn lead_unit_of(call: &Call, facts: &RefinementFacts) -> Result<UnitId> {
    let mut leads = facts.target.leads_of(&call.reach().units);
    let part = leads.next().ok_or_else(|| Reason::NotOfLead.at(TARGET))?;
    Ok(part.unit)
}

/// Milestones that units have not reached go to another unit of the target, which is locked.
pub(super) async fn hand_over(
    write: &Write,
    target: TargetId,
    from: impl IntoIterator<Item = UnitId>,
    to: UnitId,
    now: DateTime<Utc>,
) -> Result<()> {
    milestone::Entity::update_many()
        .col_expr(milestone::Column::UnitId, Expr::value(to))
        .col_expr(
            milestone::Column::Version,
            Expr::col(milestone::Column::Version).add(1),
        )
        .col_expr(milestone::Column::UpdatedAt, Expr::value(now))
        .filter(milestone::Column::TargetId.eq(target))
        .filter(milestone::Column::UnitId.is_in(from))
        .filter(milestone::Column::DoneOn.is_null())
        .exec(write.db())
        .await?;
    Ok(())
}

/// What the audit log keeps of a milestone that is no more.
pub(super) fn removed(row: &milestone::Model) -> Value {
    json!({ "title": row.title, "dueOn": row.due_on, "unitId": row.unit_id })
}

/// Units that lead a target together draft its refined plan together: each hears of what another did to the draft.
fn tell_other_leads(
    write: &mut Write,
    row: &milestone::Model,
    facts: &RefinementFacts,
    own: UnitId,
    kind: EventType,
) {
    if facts.status == RefinementStatus::Approved {
        return;
    }
    for part in &facts.target.parts {
        if part.role == AssignmentRole::Lead && part.unit != own {
            write.tell(told(row, facts, part.unit, kind));
        }
    }
}

/// What happened to a milestone: for whoever sees the target when it is in force, else for a lead unit alone.
fn told(row: &milestone::Model, facts: &RefinementFacts, own: UnitId, kind: EventType) -> Told {
    let (audience, unit) = match facts.status {
        RefinementStatus::Approved => (Audience::Target, row.unit_id),
        _ => (Audience::Unit, own),
    };
    Told {
        kind,
        plan: row.plan_id,
        target: Some(row.target_id),
        unit: Some(unit),
        audience,
        about: Some(("Milestone", row.id.0)),
    }
}
