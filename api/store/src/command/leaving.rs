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

use std::mem::replace;

use chrono::{DateTime, Utc};
use domain::{Action, target::Part};
use entity::{
    dispute,
    ids::{TargetId, UnitId, UserId},
    kinds::{AssignmentRole, DisputeStatus, EventType, NoticeStatus, RequestStatus},
    supervision_notice, target_request,
};
use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder,
};
use serde_json::{Value, json};

use super::refinements;
use crate::{
    Result,
    write::{Between, Entry, Write},
};

/// The act by which units leave a target, or lead it no longer. The target is locked, and with it all that is open on it.
pub(super) struct Leaving<'a> {
    pub(super) write: &'a Write,
    pub(super) target: TargetId,
    pub(super) action: Action,
    pub(super) by: UserId,
    pub(super) at: DateTime<Utc>,
    /// Read by the unit whose notice has ended, the office and the leaders.
    pub(super) reason: &'a str,
    /// Read with a request that has ended, by other lead units, too.
    pub(super) reason_for_leads: &'a str,
}

impl Leaving<'_> {
    /// Ends what is open of those who have a part before the act and not after it; answers what is to be told of it. The standing
    /// is counted anew after it.
    pub(super) async fn end_open(&self, before: &[Part], after: &[Part]) -> Result<Vec<Entry>> {
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
            ended = refinements::drop_draft(self.write, self.target, self.action).await?;
        }
        let requests = target_request::Entity::find()
            .filter(target_request::Column::TargetId.eq(self.target))
            .filter(target_request::Column::UnitId.is_in(lead_no_longer))
            .filter(target_request::Column::Status.eq(RequestStatus::Pending))
            .order_by_asc(target_request::Column::Id)
            .all(self.write.db())
            .await?;
        ended.extend(self.withdraw(requests).await?);
        let notices = supervision_notice::Entity::find()
            .filter(supervision_notice::Column::TargetId.eq(self.target))
            .filter(supervision_notice::Column::UnitId.is_in(gone))
            .filter(supervision_notice::Column::Status.eq(NoticeStatus::Open))
            .order_by_asc(supervision_notice::Column::Id)
            .all(self.write.db())
            .await?;
        ended.extend(self.withdraw(notices).await?);
        Ok(ended)
    }

    /// Ends these, whoever has a part; answers what is to be told of it.
    pub(super) async fn withdraw<M, A>(&self, rows: Vec<M>) -> Result<Vec<Entry>>
    where
        M: Open + IntoActiveModel<A>,
        A: ActiveModelTrait + ActiveModelBehavior + Send,
        <A::Entity as EntityTrait>::Model: IntoActiveModel<A>,
    {
        let mut ended = Vec::with_capacity(rows.len());
        for mut row in rows {
            let changes = row.withdraw(self);
            ended.push(Entry::of(&row, self.action, M::ENDED, changes));
            let row = row.into_active_model().reset_all();
            row.update(self.write.db()).await?;
        }
        Ok(ended)
    }
}

/// What is open between a unit and the supervision office.
pub(super) trait Open: Between {
    /// What is told when it ends.
    const ENDED: EventType;

    /// Withdraws it, and answers what has changed.
    fn withdraw(&mut self, act: &Leaving<'_>) -> Value;
}

impl Open for target_request::Model {
    const ENDED: EventType = EventType::RequestWithdrawn;

    fn withdraw(&mut self, act: &Leaving<'_>) -> Value {
        let before = replace(&mut self.status, RequestStatus::Withdrawn);
        self.comment = Some(act.reason_for_leads.to_owned());
        self.decided_at = Some(act.at);
        self.decided_by_id = Some(act.by);
        json!({ "status": [before, self.status], "comment": self.comment })
    }
}

/// A unit that is no more has objected: whoever merges it takes that back.
impl Open for dispute::Model {
    const ENDED: EventType = EventType::DisputeWithdrawn;

    fn withdraw(&mut self, act: &Leaving<'_>) -> Value {
        let before = replace(&mut self.status, DisputeStatus::Withdrawn);
        self.decided_at = Some(act.at);
        self.decided_by_id = Some(act.by);
        json!({ "status": [before, self.status] })
    }
}

impl Open for supervision_notice::Model {
    const ENDED: EventType = EventType::NoticeWithdrawn;

    fn withdraw(&mut self, act: &Leaving<'_>) -> Value {
        let before = replace(&mut self.status, NoticeStatus::Withdrawn);
        self.withdraw_reason = Some(act.reason.to_owned());
        self.withdrawn_at = Some(act.at);
        self.withdrawn_by_id = Some(act.by);
        json!({ "status": [before, self.status], "reason": self.withdraw_reason })
    }
}
