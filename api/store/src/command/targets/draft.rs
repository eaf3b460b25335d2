//! Targets that come into a draft by hand, or leave it.

use chrono::NaiveDate;
use domain::{Action, plan::LONGEST_TEXT};
use entity::{
    ids::{PlanId, SectionId, TargetId},
    kinds::EventType,
    plan, section, target,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
    sea_query::{Expr, ExprTrait},
};
use serde_json::json;

use super::changing::{Changing, TargetChange, section_of};
use crate::{
    Call, Fault, Once, Result, Seen,
    command::{check_version, keep_units, plans::plan_told, text},
    new_target::NewTarget,
    read::amendments::AmendedParts,
    search,
    write::{Begun, Entry, Write},
};

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

impl Call {
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
        let user = self.admitted()?.account.id;
        let mut write = match self.begin(once).await? {
            Begun::Fresh(write) => write,
            Begun::Again(id) => return self.again(&id).await,
        };
        let plan = self
            .plan_to_change(&write, input.plan, Action::AddTarget)
            .await?;
        let mut change = input.change;
        keep_units(self, &write, change.named_units()).await?;
        let section = section_of(self, &write, plan.id, input.section).await?;
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
            reason: None,
            user,
            parts: AmendedParts::default(),
            ended: Vec::new(),
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
            Begun::Again(id) => return self.again(&id).await,
        };
        let (plan, target) = self
            .target_to_change(&write, id, Action::RemoveTarget, None)
            .await?;
        check_version(Some(target.version), Some(expected_version))?;
        search::forget(write.db(), &[target.id]).await?;
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
}

/// The last number of a plan's targets.
pub(super) async fn last_number(write: &Write, plan: PlanId) -> Result<i32> {
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
pub(super) fn new_row(
    call: &Call,
    plan: &plan::Model,
    section: &section::Model,
    number: i32,
    text: String,
) -> Result<target::ActiveModel, Fault> {
    let due_on = NaiveDate::from_ymd_opt(plan.year, 12, 31)
        .ok_or_else(|| Fault::new("the plan's year is no year"))?;
    let row = NewTarget {
        plan: plan.id,
        number,
        section: (section.id, section.position),
        plain_text: importer::plain(&text),
        text,
        due_on,
    };
    Ok(row.row(call.now()))
}
