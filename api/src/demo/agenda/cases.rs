//! What units ask of the office: disputes, refined plans, extensions and closures.

use chrono::{Days, NaiveDate, TimeDelta};
use domain::{Action, clock::day};
use entity::ids::{AssignmentId, UnitId};
use store::Asked;

use super::{Agenda, reports::acknowledges};
use crate::demo::{
    draw::Draw,
    script::{Course, Scene, date},
};

impl Agenda<'_> {
    /// Units dispute parts that they did not acknowledge; the office insists on one, and still has to decide the others.
    pub(super) fn disputes(&mut self) {
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
    pub(super) fn refinements(&mut self) {
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

    /// What is done is closed: one at the second try, two still wait. Two of those far behind ask for more time; what has lost
    /// its ground is suspended.
    pub(super) fn requests(&mut self) {
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
}
