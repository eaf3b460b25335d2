//! The notices that the office issues by hand, and leaders' instructions.

use chrono::Days;
use domain::clock::day;
use entity::kinds::NoticeColour;

use super::Agenda;
use crate::demo::{
    draw::Draw,
    script::{Course, Scene, date},
};

impl Agenda<'_> {
    pub(super) fn notices(&mut self) {
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

    pub(super) fn instructions(&mut self) {
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
