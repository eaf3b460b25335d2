//! How the year goes: of each target, each report, and each day. The same in every run.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use domain::{
    Action, Calendar,
    clock::{at_hour, day},
    period::{PeriodDraft, ReportingRule, periods},
};
use entity::{
    ids::{AssignmentId, UnitId},
    indicator,
    kinds::{Comparison, IndicatorKind, NoticeColour},
};
use rust_decimal::{Decimal, RoundingStrategy};

use store::Asked;

use super::{
    draw::Draw,
    plot::{Plot, TargetPlot},
    words,
};

/// The day on which the document was issued.
pub(crate) const ISSUED: NaiveDate = date(2022, 5, 27);
/// The first day of the first month of which reports are asked: what ended before the document was issued is asked of nobody.
pub(crate) const FIRST: NaiveDate = date(2022, 6, 1);
/// The day on which visitors find the year.
pub(crate) const TODAY: NaiveDate = date(2022, 10, 20);

const fn date(year: i32, month: u32, day: u32) -> NaiveDate {
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
    fn share(self, number: i32, month: u32) -> i64 {
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

    fn lags(self) -> bool {
        matches!(self, Self::Behind | Self::FarBehind | Self::NotStarted)
    }
}

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

/// What happens when.
pub(super) struct Agenda<'a> {
    plot: &'a Plot,
    calendar: &'a Calendar,
    /// Whether a unit has a reporter of its own.
    has_reporter: &'a dyn Fn(UnitId) -> bool,
    scenes: Vec<(DateTime<Utc>, Scene)>,
}

impl<'a> Agenda<'a> {
    /// The whole year, until the morning of [`TODAY`], in the order in which it happens.
    pub(super) fn of(
        plot: &'a Plot,
        calendar: &'a Calendar,
        has_reporter: &'a dyn Fn(UnitId) -> bool,
    ) -> Vec<(DateTime<Utc>, Scene)> {
        let mut agenda = Self {
            plot,
            calendar,
            has_reporter,
            scenes: Vec::new(),
        };
        let rule = ReportingRule::default();
        agenda.add(morning(date(2022, 5, 31)), Scene::CreatePeriods(rule));
        agenda.acknowledgements();
        let due = periods(seeds::YEAR, &rule, calendar);
        for period in due.iter().filter(|period| period.ends_on >= FIRST) {
            agenda.reports(period);
        }
        agenda.disputes();
        agenda.refinements();
        agenda.sweeps(&due);
        agenda.notices();
        agenda.instructions();
        agenda.requests();
        let mut scenes = agenda.scenes;
        scenes.retain(|(moment, _)| *moment < morning(TODAY));
        scenes.sort_by_key(|(moment, _)| *moment);
        scenes
    }

    fn add(&mut self, moment: DateTime<Utc>, scene: Scene) {
        self.scenes.push((moment, scene));
    }

    /// A moment of office hours, drawn, on the working day that lies some working days after one.
    fn hour(&self, after: NaiveDate, working_days: u32, draw: Draw) -> DateTime<Utc> {
        let day = self.calendar.on_or_after(after);
        let day = self.calendar.add_working_days(day, working_days);
        morning(day) + TimeDelta::minutes(draw.between(0, 7 * 60))
    }

    fn acknowledgements(&mut self) {
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

    fn reports(&mut self, period: &PeriodDraft) {
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

    /// The targets of a course, by their places in the plot.
    fn of_course(&self, course: Course) -> Vec<(usize, UnitId)> {
        (0..)
            .zip(&self.plot.targets)
            .filter(|(_, target)| Course::of(target.number) == course)
            .filter_map(|(at, target)| Some((at, *target.leads.first()?)))
            .collect()
    }

    fn notices(&mut self) {
        let far = self.of_course(Course::FarBehind);
        let behind = self.of_course(Course::Behind);
        let red = far.iter().map(|at| {
            (
                NoticeColour::Red,
                *at,
                "该项目标任务进度严重滞后于序时进度，请于期限内书面说明原因、整改措施和完成时限。",
            )
        });
        let yellow = behind.iter().map(|at| {
            (
                NoticeColour::Yellow,
                *at,
                "该项目标任务进度落后于序时进度，请加快推进并书面反馈。",
            )
        });
        let blue = self.of_course(Course::OnSchedule);
        let blue = blue.iter().take(2).map(|at| {
            (
                NoticeColour::Blue,
                *at,
                "本月进展报告即将到期，请按时报送。",
            )
        });
        let notices: Vec<_> = red.take(3).chain(yellow.take(3)).chain(blue).collect();
        for (notice, (colour, (target, unit), body)) in notices.into_iter().enumerate() {
            let draw = Draw::about(&[notice as i64], "notice");
            let first = match colour {
                NoticeColour::Red => date(2022, 9, 5),
                NoticeColour::Yellow => date(2022, 9, 13),
                NoticeColour::Blue => date(2022, 10, 17),
            };
            let issued = self.hour(first, draw.below(6) as u32, draw);
            let reply_due_on = self.calendar.add_working_days(day(issued), 7);
            self.add(
                issued,
                Scene::IssueNotice {
                    notice,
                    target,
                    unit,
                    colour,
                    body,
                    reply_due_on,
                },
            );
            let later = self.hour(day(issued), 5, Draw::about(&[notice as i64], "answer"));
            match notice % 3 {
                0 => self.add(
                    later,
                    Scene::AnswerNotice {
                        notice,
                        unit,
                        body: "已成立工作专班，逐项倒排时间表；滞后环节由分管负责人包干，年底前完成全年任务。",
                    },
                ),
                1 if colour == NoticeColour::Yellow => self.add(
                    later,
                    Scene::WithdrawNotice {
                        notice,
                        reason: "经核实，数据为统计口径调整所致，予以撤销。",
                    },
                ),
                _ => {}
            }
        }
    }

    /// Units dispute parts that they did not acknowledge; the office insists on one, and still has to decide the others.
    fn disputes(&mut self) {
        let unkept = self.plot.targets.iter().flat_map(|target| {
            let of_supporting =
                move |(_, unit): &&(AssignmentId, UnitId)| target.supporting.contains(unit);
            let mut assignments = target.assignments.iter().filter(of_supporting);
            assignments.find(|(id, _)| !acknowledges(*id)).copied()
        });
        let disputed: Vec<_> = unkept.take(3).collect();
        for (place, (assignment, unit)) in disputed.into_iter().enumerate() {
            let draw = Draw::about(&[assignment.0], "dispute");
            let moment = self.hour(date(2022, 6, 2), 0, draw);
            let reason = "该项任务不属于我单位职责，建议由行业主管部门承担。";
            self.add(
                moment,
                Scene::Dispute {
                    assignment,
                    unit,
                    reason,
                },
            );
            if place == 0 {
                let decided = self.hour(day(moment), 3, draw);
                self.add(decided, Scene::Insist(assignment));
            }
        }
    }

    /// Every eighth target, and those that are done, are refined: three milestones, each reached as its target's course has it.
    fn refinements(&mut self) {
        const STEPS: [(&str, NaiveDate); 3] = [
            ("完成方案制定和任务分解", date(2022, 6, 30)),
            ("完成年度任务的四分之三", date(2022, 9, 30)),
            ("完成全年任务并通过验收", date(2022, 12, 20)),
        ];
        let plot = self.plot;
        for (target, row) in (0..).zip(&plot.targets) {
            let course = Course::of(row.number);
            let Some(unit) = row.leads.first().copied() else {
                continue;
            };
            if row.number % 8 != 0 && course != Course::Completed {
                continue;
            }
            let draw = |purpose| Draw::about(&[row.number.into()], purpose);
            let drafted = self.hour(
                date(2022, 6, 6),
                draw("drafted").below(4) as u32,
                draw("at"),
            );
            for (milestone, (title, due_on)) in STEPS.into_iter().enumerate() {
                self.add(
                    drafted,
                    Scene::SaveMilestone {
                        target,
                        milestone,
                        unit,
                        title,
                        due_on,
                    },
                );
                let early = Days::new(draw(title).below(6));
                let reached = match course {
                    Course::Completed => true,
                    Course::FarBehind | Course::NotStarted | Course::Behind => milestone == 0,
                    _ => milestone < 2,
                };
                let done_on = due_on.min(date(2022, 10, 10)) - early;
                if reached {
                    self.add(
                        self.hour(done_on, 0, draw("marked")),
                        Scene::MarkMilestone {
                            target,
                            milestone,
                            unit,
                            done_on,
                        },
                    );
                }
            }
            let submitted = drafted + TimeDelta::minutes(30);
            self.add(submitted, Scene::SubmitRefinement { target, unit });
        }
    }

    /// The server sweeps the day after each due day, and today; most of its notices are answered within the week.
    fn sweeps(&mut self, periods: &[PeriodDraft]) {
        let due = periods
            .iter()
            .map(|period| day(period.due_at) + Days::new(1));
        let days: Vec<NaiveDate> = due.filter(|day| *day > FIRST && *day < TODAY).collect();
        for day in days {
            self.add(morning(day) - TimeDelta::hours(1), Scene::Sweep(day));
            let answers = self.hour(
                day,
                4,
                Draw::about(&[day.to_epoch_days().into()], "answers"),
            );
            self.add(answers, Scene::AnswerOpenNotices);
        }
        self.add(morning(TODAY) - TimeDelta::hours(1), Scene::Sweep(TODAY));
    }

    /// What is done is closed: one at the second try, two still wait. Two of those far behind ask for more time; what has lost
    /// its ground is suspended.
    fn requests(&mut self) {
        let completed = self.of_course(Course::Completed);
        let waiting = completed.len().saturating_sub(2);
        for (place, (target, unit)) in completed.into_iter().enumerate() {
            let draw = |purpose| Draw::about(&[place as i64], purpose);
            let ask = || {
                Scene::Ask {
                target,
                unit,
                what: Asked::Closure {
                    summary: "目标任务已全部完成，主要指标达到或超过年度目标，台账资料齐全，申请办结销号。"
                        .to_owned(),
                    attachments: Vec::new(),
                },
            }
            };
            let decide = |action, comment| Scene::Decide {
                target,
                action,
                comment,
            };
            let asked = self.hour(
                date(2022, 10, 11),
                draw("asked").below(2) as u32,
                draw("at"),
            );
            self.add(asked, ask());
            let decided = self.hour(day(asked), 1, draw("decided"));
            if place == 0 {
                let refusal = Some("验收材料不全，请补充后重新申请。");
                self.add(decided, decide(Action::RejectRequest, refusal));
                let again = self.hour(day(decided), 1, draw("again"));
                self.add(again, ask());
                let granted = self.hour(day(again), 1, draw("granted"));
                self.add(granted, decide(Action::ApproveRequest, None));
            } else if place < waiting {
                self.add(decided, decide(Action::ApproveRequest, Some("同意销号。")));
            }
        }
        let far = self.of_course(Course::FarBehind);
        for (place, (target, unit)) in far.into_iter().take(3).enumerate() {
            let draw = Draw::about(&[place as i64], "extension");
            let asked = self.hour(date(2022, 9, 19), place as u32, draw);
            let what = Asked::Extension {
                new_due_on: date(2023, 3, 31),
                reason: "受用地审批和疫情影响，主体工程无法按期完成，申请延期。".to_owned(),
            };
            self.add(asked, Scene::Ask { target, unit, what });
            let decision = match place {
                0 => Some((Action::ApproveRequest, "同意延期，考核仍按原定时限。")),
                1 => Some((Action::RejectRequest, "理由不充分，请采取措施加快进度。")),
                _ => None,
            };
            if let Some((action, comment)) = decision {
                let decided = self.hour(day(asked), 2, draw);
                let comment = Some(comment);
                self.add(
                    decided,
                    Scene::Decide {
                        target,
                        action,
                        comment,
                    },
                );
            }
        }
        for (target, _) in self.of_course(Course::Suspended) {
            let draw = Draw::about(&[target as i64], "suspended");
            let moment = self.hour(date(2022, 8, 8), draw.below(3) as u32, draw);
            let reason = "上级政策调整，该项任务暂缓实施。";
            self.add(moment, Scene::Suspend { target, reason });
        }
    }

    fn instructions(&mut self) {
        const BODIES: [&str; 5] = [
            "请牵头单位每周报送一次进展，难点问题及时提请市政府专题研究。",
            "此项工作事关全年目标，务必压实责任、加快进度。",
            "成效明显，请总结经验，在全市推广。",
            "请会同县（市、区）摸清底数，拿出切实可行的举措。",
            "请督查室跟踪督办，月底前报结果。",
        ];
        let mut targets = self.of_course(Course::FarBehind);
        targets.extend(self.of_course(Course::Behind).into_iter().take(2));
        targets.extend(self.of_course(Course::Completed).into_iter().take(2));
        targets.reverse();
        for ((instruction, body), (target, unit)) in BODIES.into_iter().enumerate().zip(targets) {
            let draw = Draw::about(&[instruction as i64], "instruction");
            let given = self.hour(date(2022, 9, 8), draw.below(15) as u32, draw);
            let reply_due_on = (instruction != 2).then(|| day(given) + Days::new(14));
            self.add(
                given,
                Scene::Instruct {
                    instruction,
                    target,
                    body,
                    reply_due_on,
                },
            );
            if instruction < 3 {
                let answered = self.hour(day(given), 4, draw);
                let body = "已按批示要求研究部署，明确责任领导和完成时限，每周调度进展。";
                self.add(
                    answered,
                    Scene::AnswerInstruction {
                        instruction,
                        unit,
                        body,
                    },
                );
            }
        }
    }
}

/// Whether a unit acknowledges a part. The others are forgotten, or disputed.
fn acknowledges(assignment: AssignmentId) -> bool {
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

/// What a report says.
pub(super) struct Paper {
    pub(super) progress: String,
    pub(super) problems: &'static str,
    pub(super) next_steps: &'static str,
    pub(super) percent: i32,
    pub(super) readings: Vec<(indicator::Model, Decimal)>,
}

impl Paper {
    /// What a unit's report on a target for a month says.
    pub(super) fn of(target: &TargetPlot, unit: UnitId, month: u32) -> Self {
        let course = Course::of(target.number);
        let draw = |purpose| Draw::about(&[target.number.into(), unit.0, month.into()], purpose);
        let share = course.share(target.number, month);
        // At most 100, which fits.
        let percent = i32::try_from((share + 9) / 10).unwrap_or(100);
        let leads = target.leads.contains(&unit) && course != Course::NotStarted;
        let readings: Vec<_> = target
            .indicators
            .iter()
            .filter(|_| leads)
            .map(|indicator| {
                let value = reading(indicator, target, course, month);
                (indicator.clone(), value)
            })
            .collect();
        let mut progress = words::progress(course, percent, month, draw("progress"));
        for (indicator, value) in &readings {
            progress.push_str(&words::measured(indicator, *value, month));
        }
        Self {
            progress,
            problems: words::problems(course, draw("problems")),
            next_steps: words::next_steps(course, draw("next")),
            percent,
            readings,
        }
    }
}

/// What one of the lead units reads.
fn reading(
    indicator: &indicator::Model,
    target: &TargetPlot,
    course: Course,
    month: u32,
) -> Decimal {
    let goal = Decimal::from_str_exact(&indicator.goal).unwrap_or_default();
    let draw = Draw::about(&[indicator.id.0], "reading");
    let rounding = if course.lags() {
        RoundingStrategy::ToZero
    } else {
        RoundingStrategy::AwayFromZero
    };
    let of_goal = |thousandths: i64| goal.saturating_mul(Decimal::new(thousandths, 3));
    match (indicator.kind, indicator.comparison) {
        (IndicatorKind::Count | IndicatorKind::Amount, Comparison::AtLeast) => {
            let leads = Decimal::from(target.leads.len().max(1));
            // Of a few things, on schedule is none more than the month asks for.
            let share = match course {
                Course::OnSchedule | Course::Suspended if goal < Decimal::ONE_HUNDRED => {
                    i64::from(month) * 1000 / 12
                }
                _ => course.share(target.number, month),
            };
            let places = u32::from(indicator.kind == IndicatorKind::Amount);
            (of_goal(share) / leads).round_dp_with_strategy(places, rounding)
        }
        (_, Comparison::AtLeast) => {
            let thousandths = match course {
                Course::Behind => draw.between(850, 950),
                Course::FarBehind | Course::NotStarted => draw.between(450, 700),
                _ => draw.between(1000, 1060),
            };
            let value = of_goal(thousandths).round_dp_with_strategy(1, rounding);
            let most = match indicator.kind {
                IndicatorKind::Level if indicator.unit_of_measure == "%" => Decimal::ONE_HUNDRED,
                _ => Decimal::MAX,
            };
            value
                .min(most)
                .max(if course.lags() { value } else { goal })
        }
        (_, Comparison::AtMost) => goal,
    }
    .normalize()
}
