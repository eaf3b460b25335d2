//! Disputes of assignments: raised, taken back, decided.

use domain::{
    Action, Guarded, Reason,
    dispute::{REASSIGNED, leads_to},
    report::LONGEST_COMMENT,
    target::Part,
};
use entity::{
    assignment, dispute,
    ids::{AssignmentId, DisputeId, UnitId},
    kinds::{DisputeStatus, EventType},
    target, unit,
};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::NotSet,
    ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, Set,
    sea_query::{Expr, LockType},
};
use serde_json::json;

use crate::{
    Call, Fault, Once, Result, Seen, listed,
    read::{
        disputes::{assignment_facts, dispute_facts},
        target_facts::part,
    },
    scoped::Scoped,
    search, standing,
    write::{Begun, Entry, Write},
};

use super::{
    assignments_of, keep_units,
    leaving::Leaving,
    milestones::hand_over,
    on_target::{TARGET, changed, target_told},
    requests::said,
    text,
};

const ASSIGNMENT: &str = "assignmentId";
const DISPUTE: &str = "disputeId";

impl Call {
    /// Objects to an assignment, for its unit.
    ///
    /// # Errors
    /// Refused: an assignment that the viewer does not see, whatever the guard refuses, or no reason.
    pub async fn dispute_assignment(
        &self,
        id: Option<AssignmentId>,
        reason: &str,
        once: Option<&Once>,
    ) -> Result<Seen<dispute::Model>> {
        let user = self.admitted()?.account.id;
        let write = match self.begin(once).await? {
            Begun::Fresh(write) => write,
            Begun::Again(id) => return self.again(&id).await,
        };
        let not_found = || Reason::NotFound.at(ASSIGNMENT);
        // Its lock: it is not acknowledged at the same moment.
        let assignment = Scoped::<assignment::Entity>::new(self)
            .and(assignment::Column::Id.eq(id.ok_or_else(not_found)?))
            .locked()
            .one(write.db())
            .await?
            .ok_or_else(not_found)?;
        for facts in assignment_facts(write.db(), &[&assignment]).await?.values() {
            facts
                .permit(self.asking()?, Action::DisputeAssignment)
                .map_err(|reason| reason.at(ASSIGNMENT))?;
        }
        let reason = text("reason", reason, LONGEST_COMMENT, true)?;
        let row = dispute::Entity::insert(dispute::ActiveModel {
            id: NotSet,
            assignment_id: Set(Some(assignment.id)),
            plan_id: Set(assignment.plan_id),
            target_id: Set(assignment.target_id),
            unit_id: Set(assignment.unit_id),
            status: Set(DisputeStatus::Open),
            reason: Set(reason),
            raised_at: Set(self.now()),
            raised_by_id: Set(user),
            comment: Set(None),
            new_unit_id: Set(None),
            decided_at: Set(None),
            decided_by_id: Set(None),
        })
        .exec_with_returning(write.db())
        .await?;
        let changes = json!({ "assignmentId": row.assignment_id, "unitId": row.unit_id, "reason": row.reason });
        let action = Action::DisputeAssignment;
        let entry = Entry::of(&row, action, EventType::AssignmentDisputed, changes);
        write.commit_with(json!(row.id), [entry]).await?;
        Ok(Seen(row))
    }

    /// Takes a dispute back, insists on the assignment, or gives it to another unit: which has then to acknowledge it, has
    /// the old unit's open milestones, and owes reports from now on. The old unit's reports stay its own; what else is open between
    /// it and the office ends, for the decision's comment.
    ///
    /// # Errors
    /// Refused: a dispute or unit that the viewer does not see, whatever the guard refuses, insisting without a comment, or
    /// a unit that is assigned already.
    pub async fn settle_dispute(
        &self,
        action: Action,
        id: Option<DisputeId>,
        unit: Option<Option<UnitId>>,
        comment: Option<&str>,
        once: Option<&Once>,
    ) -> Result<Seen<dispute::Model>> {
        let user = self.admitted()?.account.id;
        let mut write = match self.begin(once).await? {
            Begun::Fresh(write) => write,
            Begun::Again(id) => return self.again(&id).await,
        };
        let not_found = || Reason::NotFound.at(DISPUTE);
        let id = id.ok_or_else(not_found)?;
        let find = || Scoped::<dispute::Entity>::new(self).and(dispute::Column::Id.eq(id));
        let first = find().one(write.db()).await?.ok_or_else(not_found)?;
        keep_units(self, &write, unit.flatten()).await?;
        // The target before the assignment, as all do who lock both. Acts on one assignment's disputes come one by one: what is read
        // from now on is what there is.
        let target = self
            .locked_target(&write, Some(first.target_id))
            .await
            .map_err(|error| error.renamed(TARGET, DISPUTE))?;
        let status = first.status;
        let assignment = match first.assignment_id {
            Some(id) => assignment::Entity::find_by_id(id)
                .lock(LockType::NoKeyUpdate)
                .one(write.db())
                .await?
                .ok_or_else(not_found)?,
            // It was taken off the target, when its disputes were decided.
            None => return Err(Reason::DisputeState { status }.at(DISPUTE).into()),
        };
        let mut row = find().one(write.db()).await?.ok_or_else(not_found)?;
        for facts in dispute_facts(write.db(), &[&row]).await? {
            facts
                .permit(self.asking()?, action)
                .map_err(|reason| reason.at(DISPUTE))?;
        }
        let comment = said(comment, action == Action::InsistOnAssignment)?;
        let new_unit = match action {
            Action::ReassignAssignment => Some(self.other_unit(&write, &assignment, unit).await?),
            _ => None,
        };
        let before = row.status;
        row.0.status =
            leads_to(action).ok_or_else(|| Fault::new("an act that settles no dispute"))?;
        row.0.comment = comment;
        row.0.new_unit_id = new_unit;
        row.0.decided_at = Some(self.now());
        row.0.decided_by_id = Some(user);
        dispute::Entity::update(row.0.clone().into_active_model().reset_all())
            .exec(write.db())
            .await?;
        let mut ended = Vec::new();
        if let Some(new_unit) = new_unit {
            let leaving = Leaving {
                write: &write,
                action,
                by: user,
                at: self.now(),
                reason: row.comment.as_deref().unwrap_or(REASSIGNED),
                // A dispute is between its unit, the office and the leaders.
                reason_for_leads: REASSIGNED,
            };
            ended = self
                .reassign(&leaving, &target, &assignment, new_unit)
                .await?;
            standing::recompute(&mut write, &[target.id], self.now()).await?;
            write.tell(target_told(&target, EventType::AssignmentReassigned));
        } else if action == Action::InsistOnAssignment {
            // The days begin anew: while the office looked at it, the unit could not acknowledge.
            let by = self
                .store()
                .acknowledge_by(write.db(), row.plan_id, self.now());
            let by = by.await?;
            assignment::Entity::update_many()
                .col_expr(assignment::Column::AcknowledgeBy, Expr::value(by))
                .filter(assignment::Column::Id.eq(assignment.id))
                .exec(write.db())
                .await?;
        }
        let changes = json!({
            "status": [before, row.status],
            "comment": row.comment,
            "unitId": new_unit.map(|new| [row.unit_id, new]),
        });
        let event = match action {
            Action::WithdrawDispute => EventType::DisputeWithdrawn,
            _ => EventType::DisputeDecided,
        };
        let entry = Entry::of(&*row, action, event, changes);
        let entries = std::iter::once(entry).chain(ended);
        write.commit_with(json!(row.id), entries).await?;
        Ok(row)
    }

    /// The unit to which an assignment goes: kept as it is, before the target's lock.
    async fn other_unit(
        &self,
        write: &Write,
        assignment: &assignment::Model,
        unit: Option<Option<UnitId>>,
    ) -> Result<UnitId> {
        let given = unit.ok_or_else(|| Reason::Blank.at("unitId"))?;
        let not_found = || Reason::NotFound.at("unitId");
        let unit = Scoped::<unit::Entity>::new(self)
            .and(unit::Column::Id.eq(given.ok_or_else(not_found)?))
            .and(unit::Column::MergedIntoId.is_null())
            .one(write.db())
            .await?
            .ok_or_else(not_found)?;
        let assigned = assignment::Entity::find()
            .filter(assignment::Column::TargetId.eq(assignment.target_id))
            .filter(assignment::Column::UnitId.eq(unit.id))
            .one(write.db())
            .await?;
        match assigned {
            Some(_) => Err(Reason::AlreadyAssigned.at("unitId").into()),
            None => Ok(unit.id),
        }
    }

    /// Gives the assignment to another unit; what is open of the old one ends.
    async fn reassign(
        &self,
        leaving: &Leaving<'_>,
        target: &target::Model,
        assignment: &assignment::Model,
        new_unit: UnitId,
    ) -> Result<Vec<Entry>> {
        let write = leaving.write;
        let before = assignments_of(write, target.id).await?;
        let before: Vec<Part> = before.iter().map(part).collect();
        let mut row = assignment.clone();
        row.unit_id = new_unit;
        row.acting_unit_id = None;
        row.acknowledged_at = None;
        row.acknowledged_by_id = None;
        row.assigned_at = Some(self.now());
        let by = self
            .store()
            .acknowledge_by(write.db(), target.plan_id, self.now());
        row.acknowledge_by = Some(by.await?);
        let after: Vec<Part> = before
            .iter()
            .map(|other| {
                if other.unit == assignment.unit_id {
                    part(&row)
                } else {
                    *other
                }
            })
            .collect();
        let ended = leaving.end_open(target.id, &before, &after).await?;
        assignment::Entity::update(row.into_active_model().reset_all())
            .exec(write.db())
            .await?;
        listed::list_units_of(write.db(), target.id).await?;
        let from = [assignment.unit_id];
        hand_over(write, target.id, from, new_unit, self.now()).await?;
        target::Entity::update(changed(target, self.now()))
            .exec(write.db())
            .await?;
        search::index(write.db(), &[target.id]).await?;
        Ok(ended)
    }
}
