//! A target in the middle of its change: what is given is checked against what there is, and both sides are kept for whoever reads
//! of it.

use chrono::NaiveDate;
use domain::{
    Reason,
    plan::{LONGEST_TEXT, due_date},
};
use entity::{
    ids::{IndicatorId, LeaderId, PlanId, SectionId, UnitId, UserId},
    indicator,
    kinds::{AssignmentRole, Comparison, IndicatorKind, RequestKind},
    plan, section, target,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::{
    Call, Result, Seen,
    command::text,
    read::{amendments::AmendedParts, requests::pending},
    scoped::Scoped,
    write::{Entry, Write},
};

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

impl TargetChange {
    /// The units that are to have a part.
    pub(super) fn named_units(&self) -> Vec<UnitId> {
        let parts = self.units.iter().flatten();
        let named = parts.flat_map(|part| [part.unit, part.acting_unit.flatten()]);
        named.flatten().collect()
    }
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

/// A target in the middle of its change.
pub(super) struct Changing<'a> {
    pub(super) call: &'a Call,
    pub(super) write: &'a Write,
    pub(super) plan: &'a plan::Model,
    pub(super) row: target::Model,
    /// In a plan in force, where what was done is not undone.
    pub(super) amending: bool,
    /// Why it is amended.
    pub(super) reason: Option<&'a str>,
    /// Who changes it.
    pub(super) user: UserId,
    pub(super) parts: AmendedParts,
    /// What ends with a unit's part, for the audit log and for those who hear of it.
    pub(super) ended: Vec<Entry>,
}

impl Changing<'_> {
    pub(super) async fn run(&mut self, change: TargetChange) -> Result<()> {
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
        if let Some(leaders) = change.leaders {
            self.leaders(&leaders).await?;
        }
        if let Some(units) = change.units {
            self.units(&units).await?;
        }
        // After the units: an extension that one of them asked for may have ended with its part.
        if let Some(day) = change.due_on {
            self.due_on(day).await?;
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
pub(super) async fn section_of(
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
