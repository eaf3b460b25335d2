//! Targets as the supervision office writes them: in a draft freely, in a plan in force by amendments that all who see the
//! target can read, and from one year's plan into the next one's draft. One code changes a target, whichever act it is.

mod carry;
mod changing;
mod confirm;
mod draft;
mod indicators;
mod leaders;
mod units;

use domain::{
    Action, Guarded, Reason,
    plan::{EditFacts, LONGEST_AMENDMENT},
};
use entity::{
    amendment,
    ids::{TargetId, UnitId},
    kinds::EventType,
    plan, target,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ColumnTrait, EntityTrait, IntoActiveModel, Set,
};
use serde_json::json;

use super::{
    check_version, keep_units,
    on_target::{TARGET, target_row, target_told},
    plans::plan_told,
    text,
};
use crate::{
    Call, Fault, Once, Result, Seen,
    read::{
        amendments::{AmendedParts, AmendedSide},
        target_facts::{of_target, target_facts},
    },
    scoped::Scoped,
    search, standing,
    write::{Begun, Entry, Write},
};

pub use carry::CarryOver;
pub use changing::{IndicatorChange, TargetChange, UnitPart};
pub use draft::AddTarget;

use changing::Changing;

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
            Begun::Again(id) => return self.again(&id).await,
        };
        let (plan, target) = self
            .target_to_change(&write, id, action, change.named_units())
            .await?;
        check_version(Some(target.version), Some(expected_version))?;
        let amending = action == Action::AmendTarget;
        let reason = match reason {
            Some(reason) => Some(text("reason", reason, LONGEST_AMENDMENT, true)?),
            None if amending => return Err(Reason::Blank.at("reason").into()),
            None => None,
        };
        let mut changing = Changing {
            call: self,
            write: &write,
            plan: &plan,
            row: target.0,
            amending,
            reason: reason.as_deref(),
            user,
            parts: AmendedParts::default(),
            ended: Vec::new(),
        };
        changing.run(change).await?;
        let Changing {
            mut row,
            parts,
            ended,
            ..
        } = changing;
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
        let entries = std::iter::once(entry).chain(ended);
        write.commit_with(json!(row.id), entries).await?;
        Ok(target)
    }

    /// The target of an act that changes it with its plan, in the viewer's sight, when its guard permits the act. The plan is kept
    /// as it is, or, when its numbers change, locked; the units are kept as they are; the target is locked.
    async fn target_to_change(
        &self,
        write: &Write,
        id: Option<TargetId>,
        action: Action,
        units: impl IntoIterator<Item = UnitId>,
    ) -> Result<(Seen<plan::Model>, Seen<target::Model>)> {
        let not_found = || Reason::NotFound.at(TARGET);
        let found = Scoped::<target::Entity>::new(self)
            .and(target::Column::Id.eq(id.ok_or_else(not_found)?))
            .one(write.db())
            .await?
            .ok_or_else(not_found)?;
        // The plan and the units before the target, as all do who lock them.
        let plan = Scoped::<plan::Entity>::new(self).and(plan::Column::Id.eq(found.plan_id));
        let plan = if action == Action::RemoveTarget {
            plan.locked()
        } else {
            plan.kept()
        };
        let plan = plan.one(write.db()).await?.ok_or_else(not_found)?;
        keep_units(self, write, units).await?;
        let target = self.locked_target(write, id).await?;
        let facts = target_facts(write.db(), std::iter::once(&*target)).await?;
        let facts = EditFacts {
            target: of_target(&facts, target.id)?,
            carried: false,
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
        target_row(write, row.id).await
    }
}
