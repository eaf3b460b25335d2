//! Acts of a viewer: one file for each subject, one transaction for each act.

mod accounts;
mod acknowledge_assignments;
mod attachments;
mod change_password;
mod designate_units;
mod disputes;
mod grants;
mod groups;
mod import_document;
mod import_users;
mod instructions;
mod leaders;
mod leaving;
mod light_override;
mod merging;
mod milestones;
mod notices;
mod on_target;
mod periods;
mod plan_rules;
mod plans;
mod refinements;
mod report_steps;
mod requests;
mod save_report;
mod second_factor;
mod sign_out;
mod target_steps;
mod targets;
mod units;
mod update_user;

use chrono::{DateTime, Utc};
use domain::{Action, Reason, Refusal, wording};
use entity::{
    assignment,
    ids::{PlanId, TargetId, UnitId},
    plan, target, unit,
};
use sea_orm::{
    ColumnTrait, EntityTrait, Iterable, ModelTrait, PrimaryKeyToColumn, QueryFilter, QueryOrder,
    QuerySelect,
    sea_query::{Condition, Expr, ExprTrait, LockType, Query, SimpleExpr},
};
use serde_json::Value;

use crate::{
    Call, Fault, Result, Seen, listed,
    page::by,
    scoped::Scoped,
    visible::Visible,
    write::{Entry, Write},
};

/// That whoever writes something has seen what there is: `current` is its version, and none where there is nothing yet.
fn check_version(current: Option<i32>, expected: Option<i32>) -> Result<(), Refusal> {
    let wrong = match (current, expected) {
        (None, None) => return Ok(()),
        (Some(current), Some(expected)) if current == expected => return Ok(()),
        (Some(current), None) => Reason::VersionMissing { current },
        (current, Some(_)) => Reason::Stale {
            current: current.unwrap_or_default(),
        },
    };
    Err(wrong.at("expectedVersion"))
}

/// The most things that one act may name.
pub const MOST_ITEMS: usize = 100;

pub use accounts::{CreateUser, OneTime};
pub use attachments::{StoredFile, UploadTo};
pub use grants::GrantRole;
pub use groups::GroupMembers;
pub use import_document::{ImportDocument, ImportNumbers, ImportReport, LARGEST_DOCUMENT};
pub use import_users::{ImportProblem, ImportedUsers};
/// The most accounts that one act may create.
pub use importer::accounts::MOST_ROWS as MOST_ACCOUNTS;
pub use instructions::{AnswerInstruction, GiveInstruction};
pub use leaders::SucceedLeader;
pub use light_override::SetLight;
pub use milestones::SaveMilestone;
pub use notices::IssueNotice;
pub use periods::CreatePeriods;
pub use requests::{AskOffice, Asked};
pub use save_report::{Reading, SaveReport};
pub use second_factor::BegunFactor;
pub use targets::{AddTarget, CarryOver, IndicatorChange, TargetChange, UnitPart};
pub use units::CreateUnit;
pub use update_user::{NewUnit, UpdateUser};

/// A name of an input, in its one form.
pub(crate) fn fit_name(field: &str, given: &str, most: usize) -> Result<String, Refusal> {
    wording::name(given, most).map_err(|unfit| Reason::from(unfit).at(field))
}

/// A text of an input, trimmed: not blank where it is needed, not too long, and without what cannot be kept or shown.
pub(crate) fn text(field: &str, given: &str, most: usize, needed: bool) -> Result<String, Refusal> {
    let given = given.trim();
    if needed && given.is_empty() {
        Err(Reason::Blank.at(field))
    } else if given.chars().count() > most {
        Err(Reason::TextTooLong { most }.at(field))
    } else {
        wording::check_text(given).map_err(|unfit| Reason::from(unfit).at(field))?;
        Ok(given.to_owned())
    }
}

impl Call {
    /// What a mutation that comes again answers: what the viewer may see now of what it made or changed then, by the key that was kept
    /// of it.
    async fn again<M>(&self, key: &Value) -> Result<Seen<M>>
    where
        M: ModelTrait,
        M::Entity: Visible + EntityTrait<Model = M>,
    {
        let key = key.as_i64().unwrap_or_default();
        let is_it = <M::Entity as EntityTrait>::PrimaryKey::iter()
            .fold(Condition::all(), |all, part| {
                all.add(part.into_column().eq(key))
            });
        let rows = Scoped::<M::Entity>::new(self).and(is_it);
        let found = rows.one(&self.reader()).await?;
        Ok(found.ok_or_else(|| Reason::NotFound.whole())?)
    }
}

/// The plan of something that the viewer sees.
async fn plan_of(write: &Write, plan: PlanId) -> Result<plan::Model, Fault> {
    plan::Entity::find_by_id(plan)
        .one(write.db())
        .await?
        .ok_or_else(|| Fault::new("a target without a plan"))
}

/// As [`plan_of`], and kept as it is until the end of the transaction: before what belongs to it is locked, as all do who lock both.
/// None when it was discarded meanwhile.
async fn kept_plan(write: &Write, plan: PlanId) -> Result<Option<plan::Model>, Fault> {
    Ok(plan::Entity::find_by_id(plan)
        .lock(LockType::Share)
        .one(write.db())
        .await?)
}

/// Counts a change of targets, which are locked.
async fn count_change(
    write: &Write,
    targets: impl IntoIterator<Item = TargetId>,
    now: DateTime<Utc>,
) -> Result<(), Fault> {
    target::Entity::update_many()
        .col_expr(
            target::Column::Version,
            Expr::col(target::Column::Version).add(1),
        )
        .col_expr(target::Column::UpdatedAt, Expr::value(now))
        .filter(target::Column::Id.is_in(targets))
        .exec(write.db())
        .await?;
    Ok(())
}

/// Keeps units as they are until the end of the transaction, before a target is locked: whoever merges units locks both in this
/// order. Whether there are such units is asked when they are read.
async fn keep_units(
    call: &Call,
    write: &Write,
    units: impl IntoIterator<Item = UnitId>,
) -> Result<()> {
    // Each with one that acts for it; what is beyond that is refused.
    let units: Vec<UnitId> = units.into_iter().take(2 * MOST_ITEMS).collect();
    if !units.is_empty() {
        let these = || {
            Scoped::<unit::Entity>::new(call)
                .and(unit::Column::Id.is_in(units.iter().copied()))
                .order_by(unit::Column::Id)
        };
        held(write, these).await?;
    }
    Ok(())
}

/// Units, kept as they are; locked where one of them may come into the directory by the act: two who keep the same row, and then
/// want to change it, would wait for each other for ever.
async fn held(
    write: &Write,
    units: impl Fn() -> Scoped<unit::Entity>,
) -> Result<Vec<Seen<unit::Model>>> {
    let db = write.db();
    let listed = units().all(db).await?.iter().all(|unit| unit.listed);
    let units = if listed {
        units().kept()
    } else {
        units().locked()
    };
    units.all(db).await
}

/// The year of a target's plan: who locks targets of several plans does so plan by plan, in the order of their years.
fn plan_year() -> SimpleExpr {
    let year = Query::select()
        .column(plan::Column::Year)
        .from(plan::Entity)
        .and_where(
            by(plan::Entity, plan::Column::Id).eq(by(target::Entity, target::Column::PlanId)),
        )
        .take();
    SimpleExpr::SubQuery(None, Box::new(year.into()))
}

/// The assignments of a target that the viewer sees, in document order.
async fn assignments_of(write: &Write, target: TargetId) -> Result<Vec<assignment::Model>, Fault> {
    Ok(assignment::Entity::find()
        .filter(assignment::Column::TargetId.eq(target))
        .order_by_asc(assignment::Column::Ordinal)
        .order_by_asc(assignment::Column::Id)
        .all(write.db())
        .await?)
}

/// The audit entry of an administrator's act; one from the command line says so.
pub(crate) fn entry(
    call: &Call,
    action: Action,
    object: &'static str,
    id: Option<i64>,
    mut changes: Value,
) -> Entry {
    if let (true, Some(changes)) = (call.is_operators(), changes.as_object_mut()) {
        changes.insert("commandLine".to_owned(), true.into());
    }
    Entry {
        act: action.into(),
        object,
        id,
        changes,
        event: None,
    }
}

/// A unit that the viewer sees and that was not merged into another, kept so until the end of the transaction, for an
/// administrator's act that names it: it is in the directory from now on.
async fn directory_unit(
    call: &Call,
    write: &Write,
    id: Option<UnitId>,
    field: &str,
) -> Result<UnitId> {
    let units = directory_units(call, write, &[id], |reason, _| reason.at(field)).await?;
    let unit = units.into_iter().next();
    Ok(unit.ok_or_else(|| Reason::NotFound.at(field))?)
}

/// As [`directory_unit`], for an act of the supervision office: whether the unit is in the directory stays as it is.
async fn unmerged_unit(
    call: &Call,
    write: &Write,
    id: Option<UnitId>,
    field: &str,
) -> Result<UnitId> {
    let units = unmerged_units(call, write, &[id], |reason, _| reason.at(field)).await?;
    let unit = units.first().map(|unit| unit.id);
    Ok(unit.ok_or_else(|| Reason::NotFound.at(field))?)
}

/// As [`directory_unit`], of several at once, in the order in which they are named; an ID that is none is `None`. What is refused is
/// said of the place in that order.
async fn directory_units(
    call: &Call,
    write: &Write,
    ids: &[Option<UnitId>],
    refused: impl Fn(Reason, usize) -> Refusal,
) -> Result<Vec<UnitId>> {
    let units = unmerged_units(call, write, ids, refused).await?;
    let unlisted: Vec<UnitId> = units
        .iter()
        .filter(|unit| !unit.listed)
        .map(|unit| unit.id)
        .collect();
    if !unlisted.is_empty() {
        listed::list_units(write.db(), unlisted).await?;
    }
    Ok(units.iter().map(|unit| unit.id).collect())
}

/// Units that the viewer sees and that were not merged into others, kept so until the end of the transaction; all of them in one
/// order, whatever the order is in which they are named.
async fn unmerged_units(
    call: &Call,
    write: &Write,
    ids: &[Option<UnitId>],
    refused: impl Fn(Reason, usize) -> Refusal,
) -> Result<Vec<Seen<unit::Model>>> {
    let these = || {
        Scoped::<unit::Entity>::new(call)
            .and(unit::Column::Id.is_in(ids.iter().flatten().copied()))
            .order_by(unit::Column::Id)
    };
    let rows = held(write, these).await?;
    let mut units = Vec::with_capacity(ids.len());
    for (at, id) in ids.iter().enumerate() {
        let row = rows.iter().find(|row| Some(row.id) == *id);
        let row = row.ok_or_else(|| refused(Reason::NotFound, at))?;
        if let Some(into) = row.merged_into_id {
            let into = unit::Entity::find_by_id(into).one(write.db()).await?;
            let into = into.map_or_else(String::new, |unit| unit.name);
            return Err(refused(Reason::UnitMerged { into }, at).into());
        }
        units.push(row.clone());
    }
    Ok(units)
}
