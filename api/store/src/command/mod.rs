//! Acts of a viewer: one file, one act, one transaction.

mod acknowledge_assignments;
mod change_password;
mod designate_units;
mod instructions;
mod light_override;
mod notices;
mod periods;
mod plan_rules;
mod report_steps;
mod save_report;
mod sign_out;

use domain::{Reason, Refusal};

/// The most things that one act may name.
pub const MOST_ITEMS: usize = 100;

pub use instructions::{AnswerInstruction, GiveInstruction};
pub use light_override::SetLight;
pub use notices::IssueNotice;
pub use periods::CreatePeriods;
pub use save_report::{Reading, SaveReport};

/// A text of an input, trimmed: not blank where it is needed, and not too long.
fn text(field: &str, given: &str, most: usize, needed: bool) -> Result<String, Refusal> {
    let given = given.trim();
    if needed && given.is_empty() {
        Err(Reason::Blank.at(field))
    } else if given.chars().count() > most {
        Err(Reason::TextTooLong { most }.at(field))
    } else {
        Ok(given.to_owned())
    }
}
