//! A target as it begins, whether a document brought it or a hand: nothing has been reported, nothing was decided.

use chrono::NaiveDate;
use entity::{
    ids::{PlanId, SectionId},
    kinds::TargetState,
    target,
};
use sea_orm::{ActiveValue::NotSet, Set, prelude::DateTimeUtc};

/// What is said of a new target.
pub(crate) struct NewTarget {
    pub(crate) plan: PlanId,
    pub(crate) number: i32,
    /// The section, and its place in the outline.
    pub(crate) section: (SectionId, i32),
    pub(crate) text: String,
    pub(crate) plain_text: String,
    pub(crate) due_on: NaiveDate,
}

impl NewTarget {
    /// Its row; of no line of any document.
    pub(crate) fn row(self, now: DateTimeUtc) -> target::ActiveModel {
        let (section_id, section_position) = self.section;
        target::ActiveModel {
            id: NotSet,
            plan_id: Set(self.plan),
            number: Set(self.number),
            section_id: Set(section_id),
            section_position: Set(section_position),
            text: Set(self.text),
            plain_text: Set(self.plain_text),
            source_line: Set(0),
            open_ended: Set(false),
            due_on: Set(self.due_on),
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
            // Nothing has been reported yet: the due date alone speaks.
            red_from: Set(self.due_on.succ_opt()),
            light_override: Set(None),
            light_override_until: Set(None),
            light_override_reason: Set(None),
            percent_complete: Set(None),
            version: Set(1),
            created_at: Set(now),
            updated_at: Set(now),
        }
    }
}
