//! Carrying targets over into a later year's draft (结转): a copy of what is unfinished, with its leaders, units, open designations
//! and indicators, linked to where it came from.

use std::{
    collections::{BTreeSet, HashMap},
    convert::identity,
};

use domain::{
    Action, Guarded, Reason,
    plan::{EditFacts, LONGEST_AMENDMENT},
};
use entity::{
    assignment, designation,
    ids::{PlanId, SectionId, TargetId, UnitId},
    indicator,
    kinds::{AssignmentOrigin, AssignmentRole, EventType},
    plan, section, target, target_post,
    titles::Titles,
    unit,
};
use sea_orm::{
    ActiveValue::NotSet, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, Set,
};
use serde_json::{Value, json};

use super::draft::{last_number, new_row};
use crate::{
    Call, Error, Fault, Once, Result, Seen,
    command::{MOST_ITEMS, plan_year, plans::plan_told, text, units::lock_register},
    read::target_facts::{carried, of_target, target_facts},
    scoped::Scoped,
    search, standing,
    write::{Begun, Entry, Write},
};

const TARGETS: &str = "targetIds";

/// Targets to be carried over.
#[derive(Clone, Debug)]
pub struct CarryOver {
    /// The targets; an ID that is none is `None`.
    pub targets: Vec<Option<TargetId>>,
    /// The draft that gets them.
    pub plan: Option<PlanId>,
    /// Why; read by whoever sees the new targets.
    pub reason: String,
}

impl Call {
    /// Carries targets over into a draft of a later year; answers the new targets, in their order. Nothing of the old ones
    /// changes.
    ///
    /// # Errors
    /// Refused: a target or plan that the viewer does not see, whatever the guards refuse, a plan of no later year, a target that
    /// was carried over before, an empty list, more than [`MOST_ITEMS`], or no reason.
    pub async fn carry_over(
        &self,
        input: CarryOver,
        once: Option<&Once>,
    ) -> Result<Vec<Seen<target::Model>>> {
        let mut write = match self.begin(once).await? {
            Begun::Fresh(write) => write,
            Begun::Again(ids) => return self.targets_again(&ids).await,
        };
        if input.targets.is_empty() {
            return Err(Reason::Empty.at(TARGETS).into());
        }
        if input.targets.len() > MOST_ITEMS {
            return Err(Reason::TooMany { most: MOST_ITEMS }.at(TARGETS).into());
        }
        let reason = text("reason", &input.reason, LONGEST_AMENDMENT, true)?;
        // Adding to the draft is the same act there as writing a target by hand.
        let add = Action::AddTarget;
        let to_plan = |error: Error| error.renamed("planId", "toPlanId");
        // Who may not do it locks nothing.
        self.plan_for(&write, input.plan, add, identity)
            .await
            .map_err(to_plan)?;
        // Units are not merged meanwhile: the new targets name those that there are.
        lock_register(&write).await?;
        let plan = self
            .plan_to_change(&write, input.plan, add)
            .await
            .map_err(to_plan)?;
        let from = self.targets_to_carry(&write, &input.targets, &plan).await?;
        let mut sections = Sections::of(&write, &plan).await?;
        let mut number = last_number(&write, plan.id).await?;
        let mut copies: Vec<(TargetId, TargetId)> = Vec::new();
        for target in &from {
            number += 1;
            let place = sections.place(&write, target).await?;
            let mut row = new_row(self, &plan, &place, number, target.text.clone())?;
            row.plain_text = Set(target.plain_text.clone());
            row.open_ended = Set(target.open_ended);
            row.carried_from_id = Set(Some(target.id));
            row.carried_reason = Set(Some(reason.clone()));
            let row = target::Entity::insert(row)
                .exec_with_returning(write.db())
                .await?;
            copies.push((target.id, row.id));
        }
        self.copy_parts(&write, &plan, &copies).await?;
        let ids: Vec<TargetId> = copies.iter().map(|(_, new)| *new).collect();
        search::index(write.db(), &ids).await?;
        standing::recompute(&mut write, &ids, self.now()).await?;
        write.untell();
        let mut rows = target::Entity::find()
            .filter(target::Column::Id.is_in(ids.iter().copied()))
            .order_by_asc(target::Column::Number)
            .all(write.db())
            .await?;
        rows.sort_by_key(|row| row.number);
        let entries: Vec<Entry> = copies
            .iter()
            .zip((0..).map(|at| at == 0))
            .map(|((from, to), first)| Entry {
                act: Action::CarryOverTarget.into(),
                object: "Target",
                id: Some(from.0),
                changes: json!({ "toTargetId": to, "toPlanId": plan.id, "reason": reason }),
                // One for all: the draft is another one.
                event: first.then(|| plan_told(plan.id, EventType::DraftChanged)),
            })
            .collect();
        write.commit_with(json!(ids), entries).await?;
        Ok(rows.into_iter().map(Seen).collect())
    }

    /// The targets that are carried over, in the order in which they are named, each with its guard.
    async fn targets_to_carry(
        &self,
        write: &Write,
        ids: &[Option<TargetId>],
        to: &plan::Model,
    ) -> Result<Vec<Seen<target::Model>>> {
        let found = Scoped::<target::Entity>::new(self)
            .and(target::Column::Id.is_in(ids.iter().flatten().copied()))
            .order_by_expr(plan_year())
            .order_by(target::Column::Id)
            .kept()
            .all(write.db())
            .await?;
        let facts = target_facts(write.db(), found.iter().map(|row| &**row)).await?;
        let carried = carried(write.db(), found.iter().map(|row| row.id)).await?;
        let mut from: Vec<Seen<target::Model>> = Vec::new();
        for (at, id) in ids.iter().enumerate() {
            let row = found.iter().find(|row| Some(row.id) == *id);
            let row = row.ok_or_else(|| Reason::NotFound.at_item(TARGETS, at))?;
            if from.iter().any(|other| other.id == row.id) {
                return Err(Reason::Repeated.at_item(TARGETS, at).into());
            }
            let facts = EditFacts {
                target: of_target(&facts, row.id)?,
                carried: carried.contains(&row.id),
            };
            facts
                .permit(self.asking()?, Action::CarryOverTarget)
                .map_err(|reason| reason.at_item(TARGETS, at))?;
            if facts.target.year >= to.year {
                return Err(Reason::NotALaterYear.at("toPlanId").into());
            }
            from.push(row.clone());
        }
        Ok(from)
    }

    /// Copies leaders, units, designations that are not made yet, and indicators.
    async fn copy_parts(
        &self,
        write: &Write,
        plan: &plan::Model,
        copies: &[(TargetId, TargetId)],
    ) -> Result<()> {
        let db = write.db();
        let to: HashMap<TargetId, TargetId> = copies.iter().copied().collect();
        let from = || copies.iter().map(|(from, _)| *from);
        let new = |target: TargetId| to.get(&target).copied().unwrap_or(target);
        let posts = target_post::Entity::find()
            .filter(target_post::Column::TargetId.is_in(from()))
            .all(db)
            .await?;
        insert(
            write,
            posts.into_iter().map(|row| {
                target_post::Model {
                    target_id: new(row.target_id),
                    ..row
                }
                .into_active_model()
            }),
        )
        .await?;
        let assignments = assignment::Entity::find()
            .filter(assignment::Column::TargetId.is_in(from()))
            .order_by_asc(assignment::Column::Ordinal)
            .order_by_asc(assignment::Column::Id)
            .all(db)
            .await?;
        let assignments = of_today(write, assignments).await?;
        insert(
            write,
            assignments.into_iter().map(|row| assignment::ActiveModel {
                id: NotSet,
                target_id: Set(new(row.target_id)),
                plan_id: Set(plan.id),
                unit_id: Set(row.unit_id),
                acting_unit_id: Set(row.acting_unit_id),
                role: Set(row.role),
                ordinal: Set(row.ordinal),
                // Whoever was designated is named now.
                origin: Set(match row.origin {
                    AssignmentOrigin::Designation => AssignmentOrigin::Named,
                    other => other,
                }),
                group_id: Set(row.group_id.filter(|_| row.designation_id.is_none())),
                designation_id: Set(None),
                acknowledged_at: Set(None),
                acknowledged_by_id: Set(None),
                assigned_at: Set(None),
                acknowledge_by: Set(None),
            }),
        )
        .await?;
        let designations = designation::Entity::find()
            .filter(designation::Column::TargetId.is_in(from()))
            .filter(designation::Column::ResolvedAt.is_null())
            .order_by_asc(designation::Column::Id)
            .all(db)
            .await?;
        insert(
            write,
            designations
                .into_iter()
                .map(|row| designation::ActiveModel {
                    id: NotSet,
                    target_id: Set(new(row.target_id)),
                    plan_id: Set(plan.id),
                    ..row.into_active_model()
                }),
        )
        .await?;
        let indicators = indicator::Entity::find()
            .filter(indicator::Column::TargetId.is_in(from()))
            .order_by_asc(indicator::Column::Id)
            .all(db)
            .await?;
        insert(
            write,
            indicators.into_iter().map(|row| indicator::ActiveModel {
                id: NotSet,
                target_id: Set(new(row.target_id)),
                ..row.into_active_model()
            }),
        )
        .await
    }

    /// What targets are now that were made by a mutation which came again.
    async fn targets_again(&self, ids: &Value) -> Result<Vec<Seen<target::Model>>> {
        let ids: Vec<TargetId> = ids
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_i64)
            .map(TargetId)
            .collect();
        let mut rows = self.targets_by_id(&ids).await?;
        if rows.is_empty() {
            return Err(Reason::NotFound.whole().into());
        }
        rows.sort_by_key(|row| row.number);
        Ok(rows)
    }
}

/// The parts of units under the units that there are today, in their order. What was closed or archived when units merged names the
/// old ones; here it goes on, so that it is as if they merged now: of several parts of one unit its own is left, or the first, which
/// leads if any of them did.
async fn of_today(write: &Write, rows: Vec<assignment::Model>) -> Result<Vec<assignment::Model>> {
    let named = rows
        .iter()
        .map(|row| [Some(row.unit_id), row.acting_unit_id]);
    let named: BTreeSet<UnitId> = named.flatten().flatten().collect();
    let merged: HashMap<UnitId, UnitId> = unit::Entity::find()
        .select_only()
        .columns([unit::Column::Id, unit::Column::MergedIntoId])
        .filter(unit::Column::Id.is_in(named))
        .filter(unit::Column::MergedIntoId.is_not_null())
        .into_tuple()
        .all(write.db())
        .await?
        .into_iter()
        .collect();
    // One step leads to the unit that there is: mergers see to that.
    let today = |unit: UnitId| merged.get(&unit).copied().unwrap_or(unit);
    let (own, others): (Vec<_>, Vec<_>) = rows
        .into_iter()
        .partition(|row| !merged.contains_key(&row.unit_id));
    let mut parts: Vec<assignment::Model> = Vec::with_capacity(own.len() + others.len());
    let mut places: HashMap<(TargetId, UnitId), usize> = HashMap::new();
    for mut row in own.into_iter().chain(others) {
        row.unit_id = today(row.unit_id);
        // Nobody acts for themselves.
        let acting = row.acting_unit_id.map(today);
        row.acting_unit_id = acting.filter(|acting| *acting != row.unit_id);
        let place = *places
            .entry((row.target_id, row.unit_id))
            .or_insert(parts.len());
        match parts.get_mut(place) {
            Some(kept) if row.role == AssignmentRole::Lead => kept.role = row.role,
            Some(_) => {}
            None => parts.push(row),
        }
    }
    parts.sort_by_key(|row| (row.target_id, row.ordinal, row.id));
    Ok(parts)
}

async fn insert<E, A>(write: &Write, rows: impl Iterator<Item = A>) -> Result<()>
where
    E: EntityTrait,
    A: sea_orm::ActiveModelTrait<Entity = E>,
{
    let rows: Vec<A> = rows.collect();
    // Far below what either database takes in one statement.
    for part in rows.chunks(500) {
        E::insert_many(part.iter().cloned())
            .exec_without_returning(write.db())
            .await?;
    }
    Ok(())
}

/// The outline of the plan that gets targets: each goes under the heading of the same titles, or under one of its own at the end.
struct Sections {
    plan: PlanId,
    outline: Vec<section::Model>,
    paths: HashMap<SectionId, Titles>,
    years: HashMap<PlanId, i32>,
}

impl Sections {
    async fn of(write: &Write, plan: &plan::Model) -> Result<Self> {
        let outline = section::Entity::find()
            .filter(section::Column::PlanId.eq(plan.id))
            .order_by_asc(section::Column::Position)
            .all(write.db())
            .await?;
        Ok(Self {
            plan: plan.id,
            outline,
            paths: HashMap::new(),
            years: HashMap::new(),
        })
    }

    async fn place(&mut self, write: &Write, target: &target::Model) -> Result<section::Model> {
        let path = match self.paths.get(&target.section_id) {
            Some(path) => path.clone(),
            None => {
                let section = section::Entity::find_by_id(target.section_id)
                    .one(write.db())
                    .await?
                    .ok_or_else(|| Fault::new("a target without a section"))?;
                self.paths.insert(section.id, section.path.clone());
                section.path
            }
        };
        if let Some(same) = self.outline.iter().find(|section| section.path == path) {
            return Ok(same.clone());
        }
        let year = match self.years.get(&target.plan_id) {
            Some(year) => *year,
            None => {
                let plan = plan::Entity::find_by_id(target.plan_id)
                    .one(write.db())
                    .await?
                    .ok_or_else(|| Fault::new("a target without a plan"))?;
                self.years.insert(plan.id, plan.year);
                plan.year
            }
        };
        let own = Titles(vec![format!("{year}年结转目标任务")]);
        if let Some(same) = self.outline.iter().find(|section| section.path == own) {
            return Ok(same.clone());
        }
        let position = self.outline.iter().map(|section| section.position).max();
        let position = position.unwrap_or_default() + 1;
        let top = self.outline.iter().filter(|section| section.level == 1);
        let row = section::ActiveModel {
            id: NotSet,
            plan_id: Set(self.plan),
            parent_id: Set(None),
            level: Set(1),
            ordinal: Set(i32::try_from(top.count()).unwrap_or(i32::MAX - 1) + 1),
            position: Set(position),
            last_position: Set(position),
            title: Set(own.0.concat()),
            path: Set(own),
        };
        let row = section::Entity::insert(row)
            .exec_with_returning(write.db())
            .await?;
        self.outline.push(row.clone());
        Ok(row)
    }
}
