//! Targets as the supervision office writes them: in a draft freely, in a plan in force by amendments that all who see the
//! target can read, and from one year's plan into the next one's draft. One code changes a target, whichever act it is.

mod carry;
mod indicators;
mod leaders;
mod units;

use chrono::NaiveDate;
use domain::{
    Action, Guarded, Reason,
    plan::{EditFacts, LONGEST_REASON, LONGEST_TEXT, due_date},
};
use entity::{
    amendment,
    ids::{IndicatorId, LeaderId, PlanId, SectionId, TargetId, UnitId},
    indicator,
    kinds::{AssignmentRole, Comparison, EventType, IndicatorKind, RequestKind, TargetState},
    plan, section, target,
};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::NotSet,
    ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, Set,
    sea_query::{Expr, ExprTrait},
};
use serde_json::{Value, json};

use super::{plans::plan_told, requests::target_told, text};
use crate::{
    Call, Fault, Once, Result, Seen,
    read::{
        amendments::{AmendedParts, AmendedSide},
        requests::pending,
        target_facts::{of_target, target_facts},
    },
    scoped::Scoped,
    search, standing,
    write::{Begun, Entry, Write},
};

pub use carry::CarryOver;

const TARGET: &str = "targetId";

/// What is changed of a target; what is not given stays. An ID that is none is given as `None`.
#[derive(Clone, Debug, Default)]
pub struct TargetChange {
    /// The text, with its mark-up.
    pub text: Option<String>,
    /// The section; of a draft's target alone.
    pub section: Option<Option<SectionId>>,
    /// The leaders, all of them, in their order.
    pub leaders: Option<Vec<Option<LeaderId>>>,
    /// The units, all of them, in their order.
    pub units: Option<Vec<UnitPart>>,
    /// The due date.
    pub due_on: Option<NaiveDate>,
    /// The indicators, all of them, in their order.
    pub indicators: Option<Vec<IndicatorChange>>,
}

/// A unit's part in a target.
#[derive(Clone, Copy, Debug)]
pub struct UnitPart {
    /// The unit.
    pub unit: Option<UnitId>,
    /// Its part.
    pub role: AssignmentRole,
    /// The unit that acts for it.
    pub acting_unit: Option<Option<UnitId>>,
}

/// An indicator as a person confirms it.
#[derive(Clone, Debug)]
pub struct IndicatorChange {
    /// The one that there is; none for a new one.
    pub indicator: Option<Option<IndicatorId>>,
    /// What is measured.
    pub name: String,
    /// At least or at most.
    pub comparison: Comparison,
    /// The goal, an exact decimal number.
    pub goal: String,
    /// Its unit of measure.
    pub unit_of_measure: String,
    /// What sort of number it is.
    pub kind: IndicatorKind,
    /// The phrase of the text, without mark-up.
    pub phrase: String,
}

/// A target to be added to a draft.
#[derive(Clone, Debug)]
pub struct AddTarget {
    /// The plan.
    pub plan: Option<PlanId>,
    /// The section.
    pub section: Option<SectionId>,
    /// The rest; where it has no indicators, the rule proposes some.
    pub change: TargetChange,
}

/// A target in the middle of its change.
struct Changing<'a> {
    call: &'a Call,
    write: &'a Write,
    plan: &'a plan::Model,
    row: target::Model,
    /// In a plan in force, where what was done is not undone.
    amending: bool,
    parts: AmendedParts,
}

impl Call {
    /// Changes a target of a draft (`UpdateTarget`), or amends one of a plan in force (`AmendTarget`, which needs a reason and
    /// leaves an amendment that all read who see the target).
    ///
    /// # Errors
    /// Refused: a target that the viewer does not see, whatever the guard refuses, a version that is not the newest, parts that are
    /// not acceptable, no reason, or nothing that would be another.
    pub async fn change_target(
        &self,
        action: Action,
        id: Option<TargetId>,
        expected_version: i32,
        change: TargetChange,
        reason: Option<&str>,
        once: Option<&Once>,
    ) -> Result<Seen<target::Model>> {
        let user = self.admitted()?.account.id;
        let mut write = match self.begin(once).await? {
            Begun::Fresh(write) => write,
            Begun::Again(id) => return self.target_again(&id).await,
        };
        let (plan, target) = self.target_to_change(&write, id, action).await?;
        let current = target.version;
        if current != expected_version {
            return Err(Reason::Stale { current }.at("expectedVersion").into());
        }
        let amending = action == Action::AmendTarget;
        let reason = match reason {
            Some(reason) => Some(text("reason", reason, LONGEST_REASON, true)?),
            None if amending => return Err(Reason::Blank.at("reason").into()),
            None => None,
        };
        let mut changing = Changing {
            call: self,
            write: &write,
            plan: &plan,
            row: target.0,
            amending,
            parts: AmendedParts::default(),
        };
        changing.run(change).await?;
        let Changing { mut row, parts, .. } = changing;
        if parts.before == AmendedSide::default() && parts.after == AmendedSide::default() {
            return Err(Reason::Unchanged.whole().into());
        }
        row.version += 1;
        row.updated_at = self.now();
        target::Entity::update(row.clone().into_active_model().reset_all())
            .exec(write.db())
            .await?;
        let changes =
            serde_json::to_value(&parts).map_err(|error| Fault::new(error.to_string()))?;
        if let Some(reason) = reason.clone().filter(|_| amending) {
            amendment::Entity::insert(amendment::ActiveModel {
                id: NotSet,
                plan_id: Set(row.plan_id),
                target_id: Set(row.id),
                reason: Set(reason),
                changes: Set(changes.clone()),
                amended_at: Set(self.now()),
                amended_by_id: Set(user),
            })
            .exec_without_returning(write.db())
            .await?;
        }
        let target = self.settled(&mut write, &row, amending).await?;
        let entry = Entry {
            act: action.into(),
            object: "Target",
            id: Some(row.id.0),
            changes: json!({ "reason": reason, "parts": changes, "version": target.version }),
            event: Some(if amending {
                target_told(&target, EventType::TargetAmended)
            } else {
                plan_told(row.plan_id, EventType::DraftChanged)
            }),
        };
        write.commit_with(json!(row.id), [entry]).await?;
        Ok(target)
    }

    /// Adds a target to a draft, at the end of its section's targets and with the next number.
    ///
    /// # Errors
    /// Refused: a plan or section that the viewer does not see, whatever the guard refuses, or parts that are missing or not
    /// acceptable.
    pub async fn add_target(
        &self,
        input: AddTarget,
        once: Option<&Once>,
    ) -> Result<Seen<target::Model>> {
        let mut write = match self.begin(once).await? {
            Begun::Fresh(write) => write,
            Begun::Again(id) => return self.target_again(&id).await,
        };
        let plan = self
            .plan_to_change(&write, input.plan, Action::AddTarget)
            .await?;
        let section = section_of(self, &write, plan.id, input.section).await?;
        let mut change = input.change;
        let given = change.text.take().unwrap_or_default();
        let given = text("text", &given, LONGEST_TEXT, true)?;
        let number = last_number(&write, plan.id).await? + 1;
        let row = new_row(self, &plan, &section, number, given)?;
        let row = target::Entity::insert(row)
            .exec_with_returning(write.db())
            .await?;
        change.section = None;
        change.leaders.get_or_insert_default();
        change.units.get_or_insert_default();
        let proposed = change.indicators.is_none();
        let mut changing = Changing {
            call: self,
            write: &write,
            plan: &plan,
            row,
            amending: false,
            parts: AmendedParts::default(),
        };
        changing.run(change).await?;
        if proposed {
            changing.propose().await?;
        }
        let Changing { row, parts, .. } = changing;
        target::Entity::update(row.clone().into_active_model().reset_all())
            .exec(write.db())
            .await?;
        let target = self.settled(&mut write, &row, false).await?;
        let entry = Entry {
            act: Action::AddTarget.into(),
            object: "Target",
            id: Some(row.id.0),
            changes: json!({ "number": number, "text": row.text, "section": section.path, "parts": parts.after }),
            event: Some(plan_told(plan.id, EventType::DraftChanged)),
        };
        write.commit_with(json!(row.id), [entry]).await?;
        Ok(target)
    }

    /// Takes a target out of a draft; those after it move up by one number. Answers the plan.
    ///
    /// # Errors
    /// Refused: a target that the viewer does not see, whatever the guard refuses, or a version that is not the newest.
    pub async fn remove_target(
        &self,
        id: Option<TargetId>,
        expected_version: i32,
        once: Option<&Once>,
    ) -> Result<Seen<plan::Model>> {
        let write = match self.begin(once).await? {
            Begun::Fresh(write) => write,
            Begun::Again(id) => {
                let id = PlanId(id.as_i64().unwrap_or_default());
                let found = self.plans_by_id(&[id]).await?.pop();
                return Ok(found.ok_or_else(|| Reason::NotFound.whole())?);
            }
        };
        let (plan, target) = self
            .target_to_change(&write, id, Action::RemoveTarget)
            .await?;
        let current = target.version;
        if current != expected_version {
            return Err(Reason::Stale { current }.at("expectedVersion").into());
        }
        search::forget(write.db(), target.id).await?;
        target::Entity::delete_by_id(target.id)
            .exec(write.db())
            .await?;
        // Out of the way first: no two may have one number at any time.
        const AWAY: i32 = 1_000_000;
        for (from, by) in [(target.number, AWAY), (AWAY, -AWAY - 1)] {
            target::Entity::update_many()
                .col_expr(
                    target::Column::Number,
                    Expr::col(target::Column::Number).add(by),
                )
                .filter(target::Column::PlanId.eq(plan.id))
                .filter(target::Column::Number.gt(from))
                .exec(write.db())
                .await?;
        }
        let entry = Entry {
            act: Action::RemoveTarget.into(),
            object: "Target",
            id: Some(target.id.0),
            changes: json!({ "number": target.number, "text": target.text }),
            event: Some(plan_told(plan.id, EventType::DraftChanged)),
        };
        write.commit_with(json!(plan.id), [entry]).await?;
        Ok(plan)
    }

    /// The target of an act that changes it with its plan, in the viewer's sight, when its guard permits the act. The plan is kept
    /// as it is, or, when its numbers change, locked; the target is locked.
    async fn target_to_change(
        &self,
        write: &Write,
        id: Option<TargetId>,
        action: Action,
    ) -> Result<(Seen<plan::Model>, Seen<target::Model>)> {
        let not_found = || Reason::NotFound.at(TARGET);
        let found = Scoped::<target::Entity>::new(self)
            .and(target::Column::Id.eq(id.ok_or_else(not_found)?))
            .one(write.db())
            .await?
            .ok_or_else(not_found)?;
        // The plan before the target, as all do who lock both.
        let plan = Scoped::<plan::Entity>::new(self).and(plan::Column::Id.eq(found.plan_id));
        let plan = if action == Action::RemoveTarget {
            plan.locked()
        } else {
            plan.kept()
        };
        let plan = plan.one(write.db()).await?.ok_or_else(not_found)?;
        let target = self.locked_target(write, id).await?;
        let facts = target_facts(write.db(), std::iter::once(&*target)).await?;
        let facts = EditFacts {
            target: of_target(&facts, target.id)?,
        };
        facts
            .permit(self.asking()?, action)
            .map_err(|reason| reason.at(TARGET))?;
        Ok((plan, target))
    }

    /// The target after its change: found by its words, and standing as it does now.
    async fn settled(
        &self,
        write: &mut Write,
        row: &target::Model,
        told: bool,
    ) -> Result<Seen<target::Model>> {
        search::index(write.db(), &[row.id]).await?;
        standing::recompute(write, &[row.id], self.now()).await?;
        if !told {
            write.untell();
        }
        let found = target::Entity::find_by_id(row.id).one(write.db()).await?;
        Ok(Seen(found.ok_or_else(|| {
            Fault::new("a target that is gone while it is locked")
        })?))
    }

    /// What a target is now on which a mutation acted that came again.
    async fn target_again(&self, id: &Value) -> Result<Seen<target::Model>> {
        let id = TargetId(id.as_i64().unwrap_or_default());
        let found = self.targets_by_id(&[id]).await?.pop();
        Ok(found.ok_or_else(|| Reason::NotFound.whole())?)
    }
}

impl Changing<'_> {
    async fn run(&mut self, change: TargetChange) -> Result<()> {
        if let Some(given) = change.text {
            let given = text("text", &given, LONGEST_TEXT, true)?;
            if given != self.row.text {
                self.parts.before.text = Some(std::mem::replace(&mut self.row.text, given));
                self.parts.after.text = Some(self.row.text.clone());
                self.row.plain_text = importer::plain(&self.row.text);
            }
        }
        if let Some(section) = change.section {
            self.section(section).await?;
        }
        if let Some(day) = change.due_on {
            self.due_on(day).await?;
        }
        if let Some(leaders) = change.leaders {
            self.leaders(&leaders).await?;
        }
        if let Some(units) = change.units {
            self.units(&units).await?;
        }
        match change.indicators {
            Some(indicators) => self.indicators(indicators).await?,
            None if self.parts.after.text.is_some() => self.phrases_kept().await?,
            None => {}
        }
        Ok(())
    }

    async fn section(&mut self, given: Option<SectionId>) -> Result<()> {
        let section = section_of(self.call, self.write, self.plan.id, given).await?;
        if section.id == self.row.section_id {
            return Ok(());
        }
        let before = section::Entity::find_by_id(self.row.section_id)
            .one(self.write.db())
            .await?;
        self.parts.before.section = before.map(|section| section.path.0);
        self.parts.after.section = Some(section.path.0.clone());
        self.row.section_id = section.id;
        self.row.section_position = section.position;
        Ok(())
    }

    /// The plan itself says another day now, which is the one that counts; not a day to which it was put off.
    async fn due_on(&mut self, day: NaiveDate) -> Result<()> {
        const FIELD: &str = "dueOn";
        if day == self.row.due_on {
            return Ok(());
        }
        due_date(self.plan.year, day).map_err(|reason| reason.at(FIELD))?;
        if self.amending {
            let pending = pending(self.write.db(), &[self.row.id]).await?;
            let mut pending = pending.values().flatten();
            if pending.any(|kind| *kind == RequestKind::Extension) {
                return Err(Reason::RequestPending.at(FIELD).into());
            }
        }
        self.parts.before.due_on = Some(self.row.due_on);
        self.parts.after.due_on = Some(day);
        self.row.due_on = day;
        self.row.original_due_on = None;
        Ok(())
    }

    /// Indicators that nobody names must still be in the text.
    async fn phrases_kept(&self) -> Result<()> {
        let phrases: Vec<String> = indicator::Entity::find()
            .select_only()
            .column(indicator::Column::Phrase)
            .filter(indicator::Column::TargetId.eq(self.row.id))
            .into_tuple()
            .all(self.write.db())
            .await?;
        let there = |phrase: &String| self.row.plain_text.contains(phrase.as_str());
        if phrases.iter().all(there) {
            Ok(())
        } else {
            Err(Reason::PhraseNotInText.at("indicators").into())
        }
    }
}

/// The section of an act, in a plan that the viewer sees.
async fn section_of(
    call: &Call,
    write: &Write,
    plan: PlanId,
    section: Option<SectionId>,
) -> Result<Seen<section::Model>> {
    let not_found = || Reason::NotFound.at("sectionId");
    let found = Scoped::<section::Entity>::new(call)
        .and(section::Column::Id.eq(section.ok_or_else(not_found)?))
        .and(section::Column::PlanId.eq(plan))
        .one(write.db())
        .await?;
    Ok(found.ok_or_else(not_found)?)
}

/// The last number of a plan's targets.
async fn last_number(write: &Write, plan: PlanId) -> Result<i32> {
    let last: Option<Option<i32>> = target::Entity::find()
        .select_only()
        .column_as(target::Column::Number.max(), "last")
        .filter(target::Column::PlanId.eq(plan))
        .into_tuple()
        .one(write.db())
        .await?;
    Ok(last.flatten().unwrap_or_default())
}

/// A target of a draft that came from no document.
fn new_row(
    call: &Call,
    plan: &plan::Model,
    section: &section::Model,
    number: i32,
    text: String,
) -> Result<target::ActiveModel, Fault> {
    let due_on = NaiveDate::from_ymd_opt(plan.year, 12, 31)
        .ok_or_else(|| Fault::new("the plan's year is no year"))?;
    Ok(target::ActiveModel {
        id: NotSet,
        plan_id: Set(plan.id),
        number: Set(number),
        section_id: Set(section.id),
        section_position: Set(section.position),
        plain_text: Set(importer::plain(&text)),
        text: Set(text),
        source_line: Set(0),
        open_ended: Set(false),
        due_on: Set(due_on),
        original_due_on: Set(None),
        closed_at: Set(None),
        suspended_reason: Set(None),
        cancelled_at: Set(None),
        carried_from_id: Set(None),
        carried_reason: Set(None),
        settled_state: Set(Some(TargetState::NotStarted)),
        on_schedule_from: Set(None),
        behind_from: Set(None),
        yellow_from: Set(None),
        red_from: Set(due_on.succ_opt()),
        light_override: Set(None),
        light_override_until: Set(None),
        light_override_reason: Set(None),
        percent_complete: Set(None),
        version: Set(1),
        created_at: Set(call.now()),
        updated_at: Set(call.now()),
    })
}
