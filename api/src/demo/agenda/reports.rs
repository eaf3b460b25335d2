//! Acknowledgements, and reports with what becomes of them.

use chrono::{DateTime, Days, TimeDelta, Utc};
use domain::{Action, clock::day, period::PeriodDraft};
use entity::ids::{AssignmentId, UnitId};

use super::Agenda;
use crate::demo::{
    draw::Draw,
    plot::TargetPlot,
    script::{Course, ReportRef, Scene, TODAY, date},
    words,
};

/// What becomes of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Accepted,
    /// Sent back once, then accepted.
    Mended,
    /// Handed in after the due time, then accepted.
    Late,
    /// Sent back, and left so.
    Returned,
    /// Handed in, and not looked at yet.
    Waiting,
    /// Handed in, its review begun.
    UnderReview,
    /// Its signature is asked for.
    Unsigned,
    Draft,
    Missing,
}

impl Agenda<'_> {
    pub(super) fn acknowledgements(&mut self) {
        let plot = self.plot;
        for (unit, _) in plot.units() {
            let mine = plot.targets.iter().flat_map(|target| &target.assignments);
            let mine: Vec<AssignmentId> = mine
                .filter(|(id, of)| *of == unit && acknowledges(*id))
                .map(|(id, _)| *id)
                .collect();
            let draw = Draw::about(&[unit.0], "acknowledging");
            let moment = self.hour(date(2022, 5, 31), 1 + draw.below(3) as u32, draw);
            for some in mine.chunks(store::command::MOST_ITEMS) {
                let assignments = some.to_vec();
                self.add(moment, Scene::Acknowledge { unit, assignments });
            }
        }
    }

    pub(super) fn reports(&mut self, period: &PeriodDraft) {
        let plot = self.plot;
        let month = period.ordinal.unsigned_abs();
        for (at, target) in (0..).zip(&plot.targets) {
            let last = match Course::of(target.number) {
                Course::Completed => 9,
                Course::Suspended => 7,
                _ => 12,
            };
            if month > last {
                continue;
            }
            let leads = target.leads.iter().copied();
            let helps = |unit: &UnitId| {
                (self.has_reporter)(*unit)
                    && Draw::about(&[target.number.into(), unit.0, month.into()], "helps").below(20)
                        == 0
            };
            let helpers: Vec<UnitId> = target.supporting.iter().copied().filter(helps).collect();
            for unit in leads.chain(helpers) {
                let report = ReportRef {
                    target: at,
                    unit,
                    month,
                };
                self.report(report, target, period);
            }
        }
    }

    fn report(&mut self, report: ReportRef, target: &TargetPlot, period: &PeriodDraft) {
        let draw = |purpose| {
            Draw::about(
                &[target.number.into(), report.unit.0, report.month.into()],
                purpose,
            )
        };
        let fate = fate(
            Course::of(target.number),
            period,
            (self.has_reporter)(report.unit),
            draw("fate"),
        );
        let due = day(period.due_at);
        let written = match fate {
            Fate::Missing => return,
            Fate::Late => self.hour(
                due + Days::new(1),
                draw("day").below(3) as u32,
                draw("hour"),
            ),
            _ => {
                let opens = day(period.opens_at);
                let last = due.min(TODAY - Days::new(1)) - Days::new(1);
                let days = opens
                    .iter_days()
                    .take_while(|day| *day <= last)
                    .filter(|day| self.calendar.is_working_day(*day))
                    .count();
                self.hour(opens, draw("day").below(days as u64) as u32, draw("hour"))
            }
        };
        let reviewed = self.hour(
            day(written) + Days::new(1),
            draw("review").below(2) as u32,
            draw("time"),
        );
        let handed_in = self.hand_in(report, written, fate);
        let step = |action| Scene::Step {
            report,
            action,
            comment: None,
        };
        let sent_back = Scene::Step {
            report,
            action: Action::ReturnReport,
            comment: Some(words::returned(draw("comment"))),
        };
        match fate {
            Fate::Missing | Fate::Draft | Fate::Unsigned | Fate::Waiting => {}
            Fate::Accepted | Fate::Late => self.add(reviewed, step(Action::AcceptReport)),
            Fate::UnderReview => self.add(reviewed, step(Action::BeginReview)),
            Fate::Returned => self.add(reviewed, sent_back),
            Fate::Mended => {
                self.add(reviewed, sent_back);
                let again = self.hour(day(reviewed) + Days::new(1), 0, draw("again"));
                self.hand_in(report, again, Fate::Accepted);
                let accepted = self.hour(day(again) + Days::new(1), 0, draw("accepted"));
                self.add(accepted, step(Action::AcceptReport));
            }
        }
        debug_assert!(handed_in || matches!(fate, Fate::Draft | Fate::Unsigned));
    }

    /// Writes a report, and hands it in unless it is left before; answers whether it was.
    fn hand_in(&mut self, report: ReportRef, written: DateTime<Utc>, fate: Fate) -> bool {
        let step = |action| Scene::Step {
            report,
            action,
            comment: None,
        };
        self.add(written, Scene::Save(report));
        if fate == Fate::Draft {
            return false;
        }
        let number = written.timestamp();
        let asks = (self.has_reporter)(report.unit)
            && Draw::about(&[report.unit.0, number], "asks").below(3) == 0;
        if asks || fate == Fate::Unsigned {
            let asked = written + TimeDelta::minutes(25);
            self.add(asked, step(Action::RequestSignoff));
        }
        if fate == Fate::Unsigned {
            return false;
        }
        let signed = written + TimeDelta::minutes(70);
        self.add(signed, step(Action::SubmitReport));
        true
    }
}

/// Whether a unit acknowledges a part. The others are forgotten, or disputed.
pub(super) fn acknowledges(assignment: AssignmentId) -> bool {
    Draw::about(&[assignment.0], "acknowledged").below(100) < 96
}

/// What becomes of a report of a period. Units that visitors sign in for have more at hand in the month that is open.
fn fate(course: Course, period: &PeriodDraft, visited: bool, draw: Draw) -> Fate {
    use Fate::{Accepted, Draft, Late, Mended, Missing, Returned, UnderReview, Unsigned, Waiting};
    let open = day(period.due_at) >= TODAY;
    let latest = !open && period.ends_on >= date(2022, 9, 1);
    let choices: &[(u64, Fate)] = match course {
        _ if open && visited => &[
            (10, Accepted),
            (15, Waiting),
            (25, Unsigned),
            (25, Draft),
            (25, Missing),
        ],
        _ if open => &[
            (10, Accepted),
            (12, Waiting),
            (8, Unsigned),
            (12, Draft),
            (58, Missing),
        ],
        Course::NotStarted if latest => &[(1, Waiting)],
        Course::NotStarted => &[(1, Returned), (1, Missing)],
        _ if latest => &[
            (83, Accepted),
            (5, Mended),
            (4, Late),
            (3, Waiting),
            (1, UnderReview),
            (2, Returned),
            (2, Missing),
        ],
        _ if course.lags() => &[(70, Accepted), (15, Mended), (10, Late), (5, Missing)],
        _ => &[(90, Accepted), (6, Mended), (4, Late)],
    };
    draw.weighed(choices, Accepted)
}
