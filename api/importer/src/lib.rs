//! Reads the breakdown of a government work report into a typed plan, and reports every correction, doubt and problem
//! with its line. There is no database here.
//!
//! The way of a document: a *front end* ([`text`] for the text form) turns a file into a [`sheet::Sheet`] of rows and
//! cells; the middle ([`plan`]) finds the headings, reads each row's target, leaders and units, and proposes
//! indicators. A reader for another file format is another front end to the same middle.

// A panic loses a request.
#![cfg_attr(
    not(test),
    warn(clippy::expect_used, clippy::panic, clippy::unwrap_used)
)]

pub mod accounts;
mod columns;
mod draft;
mod indicators;
mod leaders;
mod numerals;
mod outline;
mod plan;
mod report;
mod row;
mod sheet;
mod tables;
mod text;
#[cfg(any(test, fuzzing))]
pub mod trial;
mod units;
mod wording;

#[cfg(test)]
mod tests;

pub use draft::{
    AssignmentDraft, CorrectionDraft, DesignationDraft, GroupDraft, IndicatorDraft, PlanDraft,
    SectionDraft, TargetDraft, UnitDraft,
};
pub use indicators::propose;
pub use plan::plain;
pub use report::{HeadPart, Note, Remark, Report};
pub use tables::{BadTable, TableFiles, Tables};

/// What came of reading a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The plan; none when there is a problem.
    pub plan: Option<PlanDraft>,
    /// What was corrected, doubted, or could not be read.
    pub report: Report,
}

/// Reads a document in its text form (tab-separated rows) for the plan of a year, with the reviewed tables beside it.
pub fn read(document: &str, year: i32, tables: &Tables) -> Reading {
    let mut report = Report::default();
    let sheet = text::sheet(document);
    let plan = plan::read(&sheet, year, tables, &mut report);
    Reading {
        plan: plan.filter(|_| report.problems.is_empty()),
        report,
    }
}
