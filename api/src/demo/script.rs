//! How the year goes: the days that frame it, the course of each target, and what there is that somebody may do.

use chrono::{DateTime, NaiveDate, Utc};
use domain::{Action, clock::at_hour, period::ReportingRule};
use entity::{
    ids::{AssignmentId, UnitId},
    kinds::NoticeColour,
};
use store::Asked;

use super::draw::Draw;

/// The day on which the document was issued.
pub(crate) const ISSUED: NaiveDate = date(2022, 5, 27);
/// The first day of the first month of which reports are asked: what ended before the document was issued is asked of nobody.
pub(crate) const FIRST: NaiveDate = date(2022, 6, 1);
/// The day on which visitors find the year.
pub(crate) const TODAY: NaiveDate = date(2022, 10, 20);

pub(super) const fn date(year: i32, month: u32, day: u32) -> NaiveDate {
    match NaiveDate::from_ymd_opt(year, month, day) {
        Some(date) => date,
        None => NaiveDate::MIN,
    }
}

/// The moment at which an office begins its day.
pub(crate) fn morning(day: NaiveDate) -> DateTime<Utc> {
    at_hour(day, 9).unwrap_or_default()
}

/// How a target's year goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Course {
    /// Done before the autumn.
    Completed,
    Ahead,
    OnSchedule,
    Behind,
    FarBehind,
    /// No report of it was ever accepted.
    NotStarted,
    /// On schedule, until it is suspended.
    Suspended,
}

impl Course {
    /// The course of a target, in about the shares of a bulletin (Jinzhai, first half of 2025: 72.9 % on schedule, 7.7 %
    /// behind, 4.5 % ahead, 10.8 % completed, 4.1 % other).
    pub(super) fn of(number: i32) -> Self {
        Draw::about(&[number.into()], "course").weighed(
            &[
                (700, Self::OnSchedule),
                (60, Self::Behind),
                (40, Self::FarBehind),
                (15, Self::NotStarted),
                (45, Self::Ahead),
                (100, Self::Completed),
                (40, Self::Suspended),
            ],
            Self::OnSchedule,
        )
    }

    /// How much of the year's work is done when a month ends, in thousandths.
    pub(super) fn share(self, number: i32, month: u32) -> i64 {
        let month = i64::from(month);
        let between = |least, most| Draw::about(&[number.into()], "pace").between(least, most);
        // Rounded up: on schedule is no less than the elapsed share.
        let elapsed = (month * 1000 + 11) / 12;
        match self {
            Self::Completed => 1000.min(elapsed * 12 / between(7, 9)),
            Self::Ahead => 980.min(elapsed + between(120, 190)),
            Self::OnSchedule | Self::Suspended => 1000.min(elapsed + between(0, 30)),
            Self::Behind => elapsed * between(840, 950) / 1000,
            Self::FarBehind => elapsed * between(350, 700) / 1000,
            Self::NotStarted => 0,
        }
    }

    pub(super) fn lags(self) -> bool {
        matches!(self, Self::Behind | Self::FarBehind | Self::NotStarted)
    }
}

/// A report: of which target (by its place in the plot), unit and month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct ReportRef {
    pub(super) target: usize,
    pub(super) unit: UnitId,
    pub(super) month: u32,
}

/// Something that somebody does.
#[derive(Clone, Debug)]
pub(super) enum Scene {
    CreatePeriods(ReportingRule),
    Acknowledge {
        unit: UnitId,
        assignments: Vec<AssignmentId>,
    },
    Save(ReportRef),
    Step {
        report: ReportRef,
        action: Action,
        comment: Option<&'static str>,
    },
    IssueNotice {
        /// Its place among the notices.
        notice: usize,
        target: usize,
        unit: UnitId,
        colour: NoticeColour,
        body: &'static str,
        reply_due_on: NaiveDate,
    },
    AnswerNotice {
        notice: usize,
        unit: UnitId,
        body: &'static str,
    },
    WithdrawNotice {
        notice: usize,
        reason: &'static str,
    },
    Instruct {
        /// Its place among the instructions.
        instruction: usize,
        target: usize,
        body: &'static str,
        reply_due_on: Option<NaiveDate>,
    },
    AnswerInstruction {
        instruction: usize,
        unit: UnitId,
        body: &'static str,
    },
    /// The server sweeps the day.
    Sweep(NaiveDate),
    /// The units answer most of the notices that are open.
    AnswerOpenNotices,
    Dispute {
        assignment: AssignmentId,
        unit: UnitId,
        reason: &'static str,
    },
    /// The office insists on an assignment that was disputed.
    Insist(AssignmentId),
    SaveMilestone {
        target: usize,
        /// Its place in the refined plan.
        milestone: usize,
        unit: UnitId,
        title: &'static str,
        due_on: NaiveDate,
    },
    SubmitRefinement {
        target: usize,
        unit: UnitId,
    },
    MarkMilestone {
        target: usize,
        milestone: usize,
        unit: UnitId,
        done_on: NaiveDate,
    },
    Ask {
        target: usize,
        unit: UnitId,
        what: Asked,
    },
    /// The office decides what was asked last about a target.
    Decide {
        target: usize,
        action: Action,
        comment: Option<&'static str>,
    },
    Suspend {
        target: usize,
        reason: &'static str,
    },
}
