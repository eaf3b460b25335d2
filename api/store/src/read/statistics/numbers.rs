//! What is counted, and how the database's rows are read into it.

use std::collections::HashMap;

use domain::{assessment::Share, progress::Light};
use entity::kinds::TargetState;
use sea_orm::{DbErr, QueryResult};

/// Numbers of targets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TargetNumbers {
    /// All of them.
    pub total: i64,
    /// By today's state.
    pub states: HashMap<TargetState, i64>,
    /// By today's light.
    pub lights: HashMap<Light, i64>,
    /// Those of which progress in percent has been accepted.
    pub with_percent: i64,
    /// The sum of these percents.
    pub percents: i64,
}

impl TargetNumbers {
    /// Targets in a state.
    pub fn in_state(&self, state: TargetState) -> i64 {
        self.states.get(&state).copied().unwrap_or_default()
    }

    /// Targets under a light.
    pub fn under_light(&self, light: Light) -> i64 {
        self.lights.get(&light).copied().unwrap_or_default()
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.total += other.total;
        self.with_percent += other.with_percent;
        self.percents += other.percents;
        for (state, count) in &other.states {
            *self.states.entry(*state).or_default() += count;
        }
        for (light, count) in &other.lights {
            *self.lights.entry(*light).or_default() += count;
        }
    }

    /// Adds a row: the targets of one state and one light.
    pub(super) fn add_row(&mut self, row: &QueryResult) -> Result<(), DbErr> {
        let count: i64 = row.try_get("", TARGETS)?;
        let percents: Option<i64> = row.try_get("", PERCENTS)?;
        let word = |column| row.try_get::<String>("", column);
        let unknown = |word: String| DbErr::Type(format!("a word that is none: {word}"));
        let state = word(STATE)?;
        let state = TargetState::from_word(&state).ok_or_else(|| unknown(state))?;
        let light = word(LIGHT)?;
        let light = Light::from_word(&light).ok_or_else(|| unknown(light))?;
        self.total += count;
        *self.states.entry(state).or_default() += count;
        *self.lights.entry(light).or_default() += count;
        self.with_percent += row.try_get::<i64>("", WITH_PERCENT)?;
        self.percents += percents.unwrap_or_default();
        Ok(())
    }
}

/// Numbers of the reports that are due from lead units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReportNumbers {
    /// All of them.
    pub due: i64,
    /// Handed in.
    pub submitted: i64,
    /// Of these, first handed in after the due time.
    pub late: i64,
    /// Returned, and not handed in again.
    pub returned: i64,
    /// Accepted.
    pub accepted: i64,
    /// Reviewed at least once.
    pub reviewed: i64,
    /// Accepted at their first review.
    pub accepted_at_first: i64,
    /// Accepted ones that give a percentage.
    pub with_percent: i64,
    /// The sum of these.
    pub percents: i64,
}

impl ReportNumbers {
    /// Handed in in time.
    pub const fn on_time(&self) -> i64 {
        self.submitted - self.late
    }

    /// On time, of those due.
    pub const fn timeliness(&self) -> Share {
        Share {
            part: self.on_time(),
            whole: self.due,
        }
    }

    /// Accepted at their first review, of those reviewed.
    pub const fn first_time_acceptance(&self) -> Share {
        Share {
            part: self.accepted_at_first,
            whole: self.reviewed,
        }
    }

    pub(super) const fn add(&mut self, other: &Self) {
        self.due += other.due;
        self.submitted += other.submitted;
        self.late += other.late;
        self.returned += other.returned;
        self.accepted += other.accepted;
        self.reviewed += other.reviewed;
        self.accepted_at_first += other.accepted_at_first;
        self.with_percent += other.with_percent;
        self.percents += other.percents;
    }

    pub(super) fn of_row(row: &QueryResult) -> Result<Self, DbErr> {
        let count = |column| row.try_get::<i64>("", column);
        Ok(Self {
            due: count(DUE)?,
            submitted: count(SUBMITTED)?,
            late: count(LATE)?,
            returned: count(RETURNED)?,
            accepted: count(ACCEPTED)?,
            reviewed: count(REVIEWED)?,
            accepted_at_first: count(ACCEPTED_AT_FIRST)?,
            with_percent: count(WITH_PERCENT)?,
            percents: row
                .try_get::<Option<i64>>("", PERCENTS)?
                .unwrap_or_default(),
        })
    }
}

/// Numbers of the milestones in force.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MilestoneNumbers {
    /// All of them.
    pub total: i64,
    /// Reached, in time or late.
    pub reached: i64,
    /// Not reached, and past their day, of targets that are neither closed nor suspended.
    pub overdue: i64,
}

impl MilestoneNumbers {
    pub(super) const fn add(&mut self, other: &Self) {
        self.total += other.total;
        self.reached += other.reached;
        self.overdue += other.overdue;
    }

    pub(super) fn of_row(row: &QueryResult) -> Result<Self, DbErr> {
        Ok(Self {
            total: row.try_get("", MILESTONES)?,
            reached: row.try_get("", REACHED)?,
            overdue: row.try_get("", OVERDUE)?,
        })
    }
}

pub(super) const TARGETS: &str = "targets";
pub(super) const STATE: &str = "state";
pub(super) const LIGHT: &str = "light";
pub(super) const WITH_PERCENT: &str = "with_percent";
pub(super) const PERCENTS: &str = "percents";
pub(super) const DUE: &str = "due";
pub(super) const SUBMITTED: &str = "submitted";
pub(super) const LATE: &str = "late";
pub(super) const RETURNED: &str = "returned";
pub(super) const ACCEPTED: &str = "accepted";
pub(super) const REVIEWED: &str = "reviewed";
pub(super) const ACCEPTED_AT_FIRST: &str = "accepted_at_first";
pub(super) const MILESTONES: &str = "milestones";
pub(super) const REACHED: &str = "reached";
pub(super) const OVERDUE: &str = "overdue";
