//! Acts of a viewer: one file, one act, one transaction.

mod acknowledge_assignments;
mod attachments;
mod change_password;
mod designate_units;
mod disputes;
mod instructions;
mod light_override;
mod milestones;
mod notices;
mod periods;
mod plan_rules;
mod refinements;
mod report_steps;
mod requests;
mod save_report;
mod sign_out;
mod target_steps;

use domain::{Reason, Refusal};
use entity::{
    assignment,
    ids::{PlanId, TargetId},
    plan,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::{Fault, write::Write};

/// The most things that one act may name.
pub const MOST_ITEMS: usize = 100;

pub use attachments::{StoredFile, UploadTo};
pub use instructions::{AnswerInstruction, GiveInstruction};
pub use light_override::SetLight;
pub use milestones::SaveMilestone;
pub use notices::IssueNotice;
pub use periods::CreatePeriods;
pub use requests::{AskOffice, Asked};
pub use save_report::{Reading, SaveReport};

/// A text of an input, trimmed: not blank where it is needed, not too long, and one that a database keeps.
fn text(field: &str, given: &str, most: usize, needed: bool) -> Result<String, Refusal> {
    let given = given.trim();
    if needed && given.is_empty() {
        Err(Reason::Blank.at(field))
    } else if given.chars().count() > most {
        Err(Reason::TextTooLong { most }.at(field))
    } else if given.contains('\0') {
        Err(Reason::NulCharacter.at(field))
    } else {
        Ok(given.to_owned())
    }
}

/// The plan of something that the viewer sees.
async fn plan_of(write: &Write, plan: PlanId) -> Result<plan::Model, Fault> {
    plan::Entity::find_by_id(plan)
        .one(write.db())
        .await?
        .ok_or_else(|| Fault::new("a target without a plan"))
}

/// The assignments of a target that the viewer sees, in document order.
async fn assignments_of(write: &Write, target: TargetId) -> Result<Vec<assignment::Model>, Fault> {
    Ok(assignment::Entity::find()
        .filter(assignment::Column::TargetId.eq(target))
        .order_by_asc(assignment::Column::Ordinal)
        .order_by_asc(assignment::Column::Id)
        .all(write.db())
        .await?)
}
