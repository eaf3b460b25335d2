//! What is between a unit and the supervision office about a target: an act on it goes into the audit log, and to those who hear of
//! it, in one way.

use entity::{
    dispute,
    ids::{PlanId, TargetId, UnitId},
    kinds::{Audience, EventType},
    supervision_notice, target_request,
};
use serde_json::Value;

use super::{Act, Entry, Told};

/// A row of a table that holds such things.
pub(crate) trait Between {
    /// Its type, as the audit log and events name it.
    const OBJECT: &'static str;
    /// Who hears of it, beside the unit and the office.
    const AUDIENCE: Audience;

    /// Its key, and where it stands: plan, target and unit.
    fn place(&self) -> (i64, PlanId, TargetId, UnitId);
}

macro_rules! between {
    ($($table:ident: $object:literal, $audience:ident;)+) => {$(
        impl Between for $table::Model {
            const OBJECT: &'static str = $object;
            const AUDIENCE: Audience = Audience::$audience;

            fn place(&self) -> (i64, PlanId, TargetId, UnitId) {
                (self.id.0, self.plan_id, self.target_id, self.unit_id)
            }
        }
    )+};
}

between! {
    dispute: "Dispute", Parties;
    supervision_notice: "SupervisionNotice", Parties;
    target_request: "TargetRequest", Leads;
}

impl Entry {
    /// What an act on such a thing leaves.
    pub(crate) fn of<B: Between>(
        row: &B,
        act: impl Into<Act>,
        event: EventType,
        changes: Value,
    ) -> Self {
        let (id, plan, target, unit) = row.place();
        Self {
            act: act.into(),
            object: B::OBJECT,
            id: Some(id),
            changes,
            event: Some(Told {
                kind: event,
                plan,
                target: Some(target),
                unit: Some(unit),
                audience: B::AUDIENCE,
                about: Some((B::OBJECT, id)),
            }),
        }
    }
}
