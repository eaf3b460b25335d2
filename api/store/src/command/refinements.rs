//! Refined plans: handed in by a lead unit, approved or sent back by the supervision office.

use domain::{Action, Guarded, refinement::RefinementFacts};
use entity::{
    ids::{TargetId, UnitId},
    kinds::{AssignmentRole, Audience, EventType, RefinementStatus},
    milestone, refinement, target,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, Set,
};
use serde_json::json;

use crate::{
    Call, Fault, Once, Result, Seen, standing,
    write::{Begun, Entry, Told, Write},
};

use super::{
    check_version,
    milestones::{self, refined},
    on_target::{TARGET, target_row},
    requests::said,
};

impl Call {
    /// Hands a refined plan in, approves it or sends it back; answers the target.
    ///
    /// # Errors
    /// Refused: a target that the viewer does not see, whatever the guard refuses, a version that is not the newest, or
    /// sending back without a comment.
    pub async fn step_refinement(
        &self,
        action: Action,
        id: Option<TargetId>,
        expected_version: Option<i32>,
        comment: Option<&str>,
        once: Option<&Once>,
    ) -> Result<Seen<target::Model>> {
        let user = self.admitted()?.account.id;
        let mut write = match self.begin(once).await? {
            Begun::Fresh(write) => write,
            Begun::Again(id) => return self.again(&id).await,
        };
        let mut target = self.locked_target(&write, id).await?;
        let facts = refined(&write, &target).await?;
        facts
            .permit(self.asking()?, action)
            .map_err(|reason| reason.at(TARGET))?;
        let mut row = refinement::Entity::find_by_id(target.id)
            .one(write.db())
            .await?
            .ok_or_else(|| Fault::new("milestones without a refined plan"))?;
        if expected_version.is_some() {
            check_version(Some(row.version), expected_version)?;
        }
        let comment = said(comment, action == Action::ReturnRefinement)?;
        let before = row.status;
        row.status = facts
            .leads_to(action)
            .ok_or_else(|| Fault::new("an act that is no step of a refined plan"))?;
        row.version += 1;
        if action == Action::SubmitRefinement {
            row.submitted_at = Some(self.now());
            row.submitted_by_id = Some(user);
            if row.status == RefinementStatus::Approved {
                // What was said when an earlier one was sent back is between those who saw that one. They have it in front of them
                // until this one is decided; in force without a decision, it is read by all who see the target.
                row.decided_at = None;
                row.decided_by_id = None;
                row.comment = None;
            }
        } else {
            row.decided_at = Some(self.now());
            row.decided_by_id = Some(user);
            row.comment = comment.clone();
        }
        refinement::Entity::update(row.clone().into_active_model().reset_all())
            .exec(write.db())
            .await?;
        standing::recompute(&mut write, &[target.id], self.now()).await?;
        target = target_row(&write, target.id).await?;
        // An event of a unit's names a lead unit: the one that hands in, or the first.
        let unit = first_lead(&facts, &self.reach().units)
            .ok_or_else(|| Fault::new("a refined plan without a lead unit"))?;
        let told = |kind, audience| Told {
            kind,
            plan: target.plan_id,
            target: Some(target.id),
            unit: Some(unit),
            audience,
            about: Some(("Target", target.id.0)),
        };
        let approved = told(EventType::RefinementApproved, Audience::Target);
        let event = match action {
            Action::ApproveRefinement => approved,
            Action::ReturnRefinement => told(EventType::RefinementReturned, Audience::Leads),
            _ => {
                if row.status == RefinementStatus::Approved {
                    write.tell(approved);
                }
                told(EventType::RefinementSubmitted, Audience::Leads)
            }
        };
        let entry = Entry {
            act: action.into(),
            object: "Refinement",
            id: Some(target.id.0),
            changes: json!({ "status": [before, row.status], "version": row.version, "comment": comment }),
            event: Some(event),
        };
        write.commit_with(json!(target.id), [entry]).await?;
        Ok(target)
    }
}

fn first_lead(facts: &RefinementFacts, units: &[UnitId]) -> Option<UnitId> {
    let own = facts.target.leads_of(units).next();
    let mut parts = facts.target.parts.iter();
    own.or_else(|| parts.find(|part| part.role == AssignmentRole::Lead))
        .map(|part| part.unit)
}

/// Counts a change of a target's milestones, and begins the refined plan with the first one. The target is locked.
pub(super) async fn touch(
    write: &Write,
    target: &target::Model,
    status: Option<RefinementStatus>,
) -> Result<()> {
    let before = refinement::Entity::find_by_id(target.id)
        .one(write.db())
        .await?;
    match before {
        Some(mut row) => {
            row.version += 1;
            row.status = status.unwrap_or(row.status);
            refinement::Entity::update(row.into_active_model().reset_all())
                .exec(write.db())
                .await?;
        }
        None => {
            let row = refinement::ActiveModel {
                target_id: Set(target.id),
                plan_id: Set(target.plan_id),
                status: Set(status.unwrap_or(RefinementStatus::Draft)),
                version: Set(1),
                ..Default::default()
            };
            refinement::Entity::insert(row)
                .exec_without_returning(write.db())
                .await?;
        }
    }
    Ok(())
}

/// Takes away a target's refined plan that is being drafted, for the first time or again after it was sent back, when none of those
/// who draft it leads the target any more. The target is locked. What it held is told to the audit log alone: a draft never leaves
/// its units.
pub(super) async fn drop_draft(
    write: &Write,
    target: TargetId,
    action: Action,
) -> Result<Vec<Entry>> {
    let drafted = refinement::Entity::find()
        .filter(refinement::Column::TargetId.eq(target))
        .filter(refinement::Column::Status.eq(RefinementStatus::Draft))
        .one(write.db())
        .await?;
    let Some(drafted) = drafted else {
        return Ok(Vec::new());
    };
    refinement::Entity::delete_many()
        .filter(refinement::Column::TargetId.eq(target))
        .exec(write.db())
        .await?;
    let of_target = milestone::Column::TargetId.eq(target);
    let rows = milestone::Entity::find()
        .filter(of_target.clone())
        .order_by_asc(milestone::Column::Id)
        .all(write.db())
        .await?;
    milestone::Entity::delete_many()
        .filter(of_target)
        .exec(write.db())
        .await?;
    let whole = Entry {
        act: action.into(),
        object: "Refinement",
        id: Some(target.0),
        changes: json!({ "status": [drafted.status, null], "submittedAt": [drafted.submitted_at, null] }),
        event: None,
    };
    let milestones = rows.into_iter().map(|row| Entry {
        act: action.into(),
        object: "Milestone",
        id: Some(row.id.0),
        changes: milestones::removed(&row),
        event: None,
    });
    Ok(std::iter::once(whole).chain(milestones).collect())
}
