//! Acts of a viewer: one file, one act, one transaction.

mod acknowledge_assignments;
mod change_password;
mod designate_units;
mod disputes;
mod milestones;
mod periods;
mod refinements;
mod report_steps;
mod requests;
mod save_report;
mod sign_out;
mod target_steps;

use domain::{Reason, Refusal};

/// The most things that one act may name.
pub const MOST_ITEMS: usize = 100;

pub use milestones::SaveMilestone;
pub use periods::CreatePeriods;
pub use requests::{AskOffice, Asked};
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
