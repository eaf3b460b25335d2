//! What is open of units that leave a target, or lead it no longer: by an amendment, because their part goes to another unit after
//! a dispute, or because the unit for which they act is merged into one that has a part already. Nobody could go on with it, so it
//! ends with the act, in its transaction (domain.md §4):
//!
//! - a request that waits, when its unit does not lead any more, whoever else leads: another lead unit asks for itself;
//! - a notice that is open, when its unit has no part any more, neither of its own nor as the unit that acts for another;
//! - a refined plan that is being drafted, when none of those who draft it leads any more, for a draft never leaves them.
//!
//! What is the target's rather than a unit's goes to whoever leads now: a refined plan that is handed in or in force, milestones that
//! are not reached, instructions. Reports, also drafts, stay their unit's.

use chrono::{DateTime, Utc};
use domain::{Action, target::Part};
use entity::{
    dispute,
    ids::{TargetId, UnitId, UserId},
    kinds::{AssignmentRole, DisputeStatus, EventType, NoticeStatus, RequestStatus},
    supervision_notice, target_request,
};
use sea_orm::{ColumnTrait, EntityTrait, ModelTrait, QueryFilter, QueryOrder, Set};
use serde_json::{Value, json};

use super::refinements;
use crate::{
    Result,
    write::{Between, Entry, Write},
};

/// The act by which units leave targets, or lead them no longer. The targets are locked, and with them all that is open on them.
pub(super) struct Leaving<'a> {
    pub(super) write: &'a Write,
    pub(super) action: Action,
    pub(super) by: UserId,
    pub(super) at: DateTime<Utc>,
    /// Read by the unit whose notice has ended, the office and the leaders.
    pub(super) reason: &'a str,
    /// Read with a request that has ended, by other lead units, too.
    pub(super) reason_for_leads: &'a str,
}

impl Leaving<'_> {
    /// Ends what is open on a target of those who have a part before the act and not after it; answers what is to be told of it. The
    /// standing is counted anew after it.
    pub(super) async fn end_open(
        &self,
        target: TargetId,
        before: &[Part],
        after: &[Part],
    ) -> Result<Vec<Entry>> {
        let leads = |part: &&Part| part.role == AssignmentRole::Lead;
        let led: Vec<UnitId> = before.iter().filter(leads).map(|part| part.unit).collect();
        let leading: Vec<UnitId> = after.iter().filter(leads).map(|part| part.unit).collect();
        let mut lead_no_longer = led.clone();
        lead_no_longer.retain(|unit| !leading.contains(unit));
        let working = |parts: &[Part]| -> Vec<UnitId> {
            let units = parts.iter().map(|part| [Some(part.unit), part.acting_unit]);
            units.flatten().flatten().collect()
        };
        let mut gone = working(before);
        let staying = working(after);
        gone.retain(|unit| !staying.contains(unit));

        let mut ended = Vec::new();
        if !led.is_empty() && lead_no_longer.len() == led.len() {
            ended = refinements::drop_draft(self.write, target, self.action).await?;
        }
        let requests = target_request::Entity::find()
            .filter(target_request::Column::TargetId.eq(target))
            .filter(target_request::Column::UnitId.is_in(lead_no_longer))
            .filter(target_request::Column::Status.eq(RequestStatus::Pending))
            .order_by_asc(target_request::Column::Id)
            .all(self.write.db())
            .await?;
        ended.extend(self.withdraw(&requests).await?);
        let notices = supervision_notice::Entity::find()
            .filter(supervision_notice::Column::TargetId.eq(target))
            .filter(supervision_notice::Column::UnitId.is_in(gone))
            .filter(supervision_notice::Column::Status.eq(NoticeStatus::Open))
            .order_by_asc(supervision_notice::Column::Id)
            .all(self.write.db())
            .await?;
        ended.extend(self.withdraw(&notices).await?);
        Ok(ended)
    }

    /// Ends these, which are open, whoever has a part, in one statement; answers what is to be told of it.
    pub(super) async fn withdraw<M: Open>(&self, rows: &[M]) -> Result<Vec<Entry>> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let (ended, changes) = M::ended(self);
        M::Entity::update_many()
            .set(ended)
            .filter(M::ID.is_in(rows.iter().map(|row| row.place().0)))
            .exec(self.write.db())
            .await?;
        let entry = |row| Entry::of(row, self.action, M::ENDED, changes.clone());
        Ok(rows.iter().map(entry).collect())
    }
}

/// What is open between a unit and the supervision office.
pub(super) trait Open: Between + ModelTrait {
    /// What is told when it ends.
    const ENDED: EventType;
    /// The column of its key.
    const ID: <Self::Entity as EntityTrait>::Column;

    /// It as withdrawn by an act, and what has changed.
    fn ended(act: &Leaving<'_>) -> (<Self::Entity as EntityTrait>::ActiveModel, Value);
}

impl Open for target_request::Model {
    const ENDED: EventType = EventType::RequestWithdrawn;
    const ID: target_request::Column = target_request::Column::Id;

    fn ended(act: &Leaving<'_>) -> (target_request::ActiveModel, Value) {
        let row = target_request::ActiveModel {
            status: Set(RequestStatus::Withdrawn),
            comment: Set(Some(act.reason_for_leads.to_owned())),
            decided_at: Set(Some(act.at)),
            decided_by_id: Set(Some(act.by)),
            ..Default::default()
        };
        let status = [RequestStatus::Pending, RequestStatus::Withdrawn];
        (
            row,
            json!({ "status": status, "comment": act.reason_for_leads }),
        )
    }
}

/// A unit that is no more has objected: whoever merges it takes that back.
impl Open for dispute::Model {
    const ENDED: EventType = EventType::DisputeWithdrawn;
    const ID: dispute::Column = dispute::Column::Id;

    fn ended(act: &Leaving<'_>) -> (dispute::ActiveModel, Value) {
        let row = dispute::ActiveModel {
            status: Set(DisputeStatus::Withdrawn),
            decided_at: Set(Some(act.at)),
            decided_by_id: Set(Some(act.by)),
            ..Default::default()
        };
        let status = [DisputeStatus::Open, DisputeStatus::Withdrawn];
        (row, json!({ "status": status }))
    }
}

impl Open for supervision_notice::Model {
    const ENDED: EventType = EventType::NoticeWithdrawn;
    const ID: supervision_notice::Column = supervision_notice::Column::Id;

    fn ended(act: &Leaving<'_>) -> (supervision_notice::ActiveModel, Value) {
        let row = supervision_notice::ActiveModel {
            status: Set(NoticeStatus::Withdrawn),
            withdraw_reason: Set(Some(act.reason.to_owned())),
            withdrawn_at: Set(Some(act.at)),
            withdrawn_by_id: Set(Some(act.by)),
            ..Default::default()
        };
        let status = [NoticeStatus::Open, NoticeStatus::Withdrawn];
        (row, json!({ "status": status, "reason": act.reason }))
    }
}
