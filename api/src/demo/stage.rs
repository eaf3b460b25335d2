//! Plays the year: sets the clock to each scene's moment, and lets its actor act.

use std::collections::HashMap;

use domain::{Action, Calendar, Clock, period::ReportingRule};
use entity::{
    ids::{
        AssignmentId, DisputeId, InstructionId, MilestoneId, PlanId, ProgressReportId,
        ReportingPeriodId, SupervisionNoticeId, TargetId, TargetRequestId, UnitId,
    },
    kinds::NoticeStatus,
};
use store::{
    AnswerInstruction, AskOffice, Call, CreatePeriods, DesignationFilter, Error, GiveInstruction,
    IssueNotice, PageArgs, Reading, SaveMilestone, SaveReport, Store, SupervisionNoticeFilter,
    Sweep,
};

use super::{
    DemoClock, ISSUED, Plot,
    agenda::Agenda,
    cast::Cast,
    draw::Draw,
    morning,
    paper::Paper,
    script::{FIRST, ReportRef, Scene, TODAY},
    words,
};

/// Plays the year on a plan that was imported and whose accounts were created, unless it was played before (the plan has
/// reporting periods then), or the clock is past its beginning: a database that is further on is not led back. `told` hears how
/// many scenes there are, and of each that is done. The clock runs afterwards, from [`TODAY`] or from where it stood.
///
/// # Errors
/// An act failed.
pub(crate) async fn play(
    store: &Store,
    clock: &DemoClock,
    calendar: &Calendar,
    told: &(dyn Fn(usize, usize) + Sync),
) -> Result<(), Error> {
    let beginning = morning(ISSUED.succ_opt().unwrap_or(ISSUED));
    if clock.now() <= beginning {
        clock.set(beginning);
        let office = Cast::office(store).await?;
        if let Some(plan) = office.plan_of_year(seeds::YEAR).await?
            && office.periods_of_plans(&[plan.id]).await?.is_empty()
        {
            designate(store, &office, plan.id).await?;
            perform_all(store, office, clock, calendar, told).await?;
        }
    }
    clock.set_no_earlier(morning(TODAY));
    clock.run();
    Ok(())
}

/// Plays all scenes, each at its moment.
async fn perform_all(
    store: &Store,
    office: Call,
    clock: &DemoClock,
    calendar: &Calendar,
    told: &(dyn Fn(usize, usize) + Sync),
) -> Result<(), Error> {
    let Some(plot) = Plot::read(&office).await? else {
        return Ok(());
    };
    let cast = Cast::gather(store, office, &plot).await?;
    let has_reporter = |unit| cast.has_reporter(unit);
    let scenes = Agenda::of(&plot, calendar, &has_reporter);
    let mut stage = Stage::new(&plot, &cast);
    let all = scenes.len();
    for (done, (moment, scene)) in (1..).zip(scenes) {
        clock.set(moment);
        let what = format!("{scene:?}");
        stage.perform(scene).await.inspect_err(|error| {
            tracing::error!(scene = what, ?error, "the demo's year stops");
        })?;
        told(done, all);
    }
    Ok(())
}

/// The counties that 相关县（市、区）政府 may mean.
const COUNTIES: [&str; 9] = [
    "椒江区政府",
    "黄岩区政府",
    "路桥区政府",
    "三门县政府",
    "天台县政府",
    "仙居县政府",
    "温岭市政府",
    "临海市政府",
    "玉环市政府",
];

/// Designates counties for most of the targets for which the document leaves them open; some stay on the office's list.
async fn designate(store: &Store, office: &Call, plan: PlanId) -> Result<(), Error> {
    let counties = store.system().units_by_name(&COUNTIES).await?;
    let args = PageArgs {
        first: Some(100),
        ..PageArgs::default()
    };
    let filter = DesignationFilter {
        resolved: Some(false),
    };
    for page in office.designations_of_plans(&[plan], filter, &args).await? {
        for designation in page?.edges.into_iter().map(|edge| edge.node) {
            let draw =
                |purpose| Draw::about(&[designation.ordinal.into(), designation.id.0], purpose);
            if !designation.phrase.contains("县（市、区）") || draw("designated").below(10) < 3
            {
                continue;
            }
            let meant = counties.iter().enumerate().filter(|(at, _)| {
                let throw = Draw::about(&[designation.id.0, *at as i64], "county");
                throw.below(9) < 4
            });
            let mut units: Vec<Option<UnitId>> = meant.map(|(_, unit)| *unit).collect();
            if units.is_empty() {
                units.extend(counties.first());
            }
            office
                .designate_units(Some(designation.id), &units, None)
                .await?;
        }
    }
    Ok(())
}

/// What has happened so far.
struct Stage<'a> {
    plot: &'a Plot,
    cast: &'a Cast,
    /// The monthly periods, by their number.
    periods: HashMap<u32, ReportingPeriodId>,
    reports: HashMap<ReportRef, (ProgressReportId, i32)>,
    notices: HashMap<usize, SupervisionNoticeId>,
    instructions: HashMap<usize, InstructionId>,
    disputes: HashMap<AssignmentId, DisputeId>,
    milestones: HashMap<(usize, usize), MilestoneId>,
    /// What was asked last about a target.
    requests: HashMap<usize, TargetRequestId>,
}

impl<'a> Stage<'a> {
    fn new(plot: &'a Plot, cast: &'a Cast) -> Self {
        Self {
            plot,
            cast,
            periods: HashMap::new(),
            reports: HashMap::new(),
            notices: HashMap::new(),
            instructions: HashMap::new(),
            disputes: HashMap::new(),
            milestones: HashMap::new(),
            requests: HashMap::new(),
        }
    }

    async fn perform(&mut self, scene: Scene) -> Result<(), Error> {
        match scene {
            Scene::CreatePeriods(rule) => self.create_periods(rule).await,
            Scene::Acknowledge { unit, assignments } => {
                let assignments: Vec<_> = assignments.into_iter().map(Some).collect();
                let manager = self.cast.of_manager(unit).await?;
                manager.acknowledge_assignments(&assignments, None).await?;
                Ok(())
            }
            Scene::Save(report) => self.save(report).await,
            Scene::Step {
                report,
                action,
                comment,
            } => self.step(report, action, comment).await,
            Scene::IssueNotice {
                notice,
                target,
                unit,
                colour,
                body,
                reply_due_on,
            } => {
                let input = IssueNotice {
                    target: self.target(target),
                    unit: Some(unit),
                    colour,
                    body: body.to_owned(),
                    reply_due_on,
                };
                let issued = self
                    .cast
                    .of_office()
                    .await?
                    .issue_notice(input, None)
                    .await?;
                self.notices.insert(notice, issued.id);
                Ok(())
            }
            Scene::AnswerNotice { notice, unit, body } => {
                let id = self.notices.get(&notice).copied();
                let manager = self.cast.of_manager(unit).await?;
                manager.answer_notice(id, body, None).await?;
                Ok(())
            }
            Scene::WithdrawNotice { notice, reason } => {
                let id = self.notices.get(&notice).copied();
                let office = self.cast.of_office().await?;
                office.withdraw_notice(id, reason, None).await?;
                Ok(())
            }
            Scene::Instruct {
                instruction,
                target,
                body,
                reply_due_on,
            } => {
                let Some(target) = self.plot.targets.get(target) else {
                    return Ok(());
                };
                let Some(leader) = target.leaders.first() else {
                    return Ok(());
                };
                let input = GiveInstruction {
                    target: Some(target.id),
                    leader: None,
                    body: body.to_owned(),
                    reply_due_on,
                };
                let leader = self.cast.of_leader(*leader).await?;
                let given = leader.give_instruction(input, None).await?;
                self.instructions.insert(instruction, given.id);
                Ok(())
            }
            Scene::AnswerInstruction {
                instruction,
                unit,
                body,
            } => {
                let input = AnswerInstruction {
                    instruction: self.instructions.get(&instruction).copied(),
                    unit: Some(Some(unit)),
                    body: body.to_owned(),
                };
                let manager = self.cast.of_manager(unit).await?;
                manager.answer_instruction(input, None).await?;
                Ok(())
            }
            Scene::Sweep(day) => {
                self.cast.system().sweep(day, Sweep::Daily).await?;
                Ok(())
            }
            Scene::AnswerOpenNotices => self.answer_open_notices().await,
            Scene::Dispute {
                assignment,
                unit,
                reason,
            } => {
                let manager = self.cast.of_manager(unit).await?;
                let dispute = manager
                    .dispute_assignment(Some(assignment), reason, None)
                    .await?;
                self.disputes.insert(assignment, dispute.id);
                Ok(())
            }
            Scene::Insist(assignment) => {
                let dispute = self.disputes.get(&assignment).copied();
                let comment = Some("该项任务与你单位职责相关，请予配合。");
                let office = self.cast.of_office().await?;
                office
                    .settle_dispute(Action::InsistOnAssignment, dispute, None, comment, None)
                    .await?;
                Ok(())
            }
            Scene::SaveMilestone {
                target,
                milestone,
                unit,
                title,
                due_on,
            } => {
                let input = SaveMilestone {
                    milestone: None,
                    target: self.target(target),
                    title: title.to_owned(),
                    due_on,
                    unit: Some(Some(unit)),
                    expected_version: None,
                };
                let writer = self.cast.of_writer(unit).await?;
                let saved = writer.save_milestone(input, None).await?;
                self.milestones.insert((target, milestone), saved.id);
                Ok(())
            }
            Scene::SubmitRefinement { target, unit } => {
                let manager = self.cast.of_manager(unit).await?;
                let target = self.target(target);
                let action = Action::SubmitRefinement;
                manager
                    .step_refinement(action, target, None, None, None)
                    .await?;
                Ok(())
            }
            Scene::MarkMilestone {
                target,
                milestone,
                unit,
                done_on,
            } => {
                let milestone = self.milestones.get(&(target, milestone)).copied();
                let manager = self.cast.of_manager(unit).await?;
                manager
                    .mark_milestone(milestone, Some(done_on), None)
                    .await?;
                Ok(())
            }
            Scene::Ask { target, unit, what } => {
                let input = AskOffice {
                    target: self.target(target),
                    unit: Some(Some(unit)),
                    what,
                };
                let manager = self.cast.of_manager(unit).await?;
                let asked = manager.ask_office(input, None).await?;
                self.requests.insert(target, asked.id);
                Ok(())
            }
            Scene::Decide {
                target,
                action,
                comment,
            } => {
                let request = self.requests.get(&target).copied();
                let office = self.cast.of_office().await?;
                office
                    .settle_request(action, request, comment, None)
                    .await?;
                Ok(())
            }
            Scene::Suspend { target, reason } => {
                let office = self.cast.of_office().await?;
                let target = self.target(target);
                office
                    .step_target(Action::SuspendTarget, target, reason, None)
                    .await?;
                Ok(())
            }
        }
    }

    fn target(&self, at: usize) -> Option<TargetId> {
        self.plot.targets.get(at).map(|target| target.id)
    }

    async fn answer_open_notices(&self) -> Result<(), Error> {
        let office = self.cast.of_office().await?;
        let filter = SupervisionNoticeFilter {
            status: Some(NoticeStatus::Open),
            ..SupervisionNoticeFilter::default()
        };
        let args = PageArgs {
            first: Some(100),
            ..PageArgs::default()
        };
        let open = office.supervision_notices(filter, &args).await?;
        for notice in open.edges.into_iter().map(|edge| edge.node) {
            let draw = Draw::about(&[notice.id.0], "answered");
            if draw.below(10) < 7 {
                let manager = self.cast.of_manager(notice.unit_id).await?;
                let body = words::answered(draw);
                manager.answer_notice(Some(notice.id), body, None).await?;
            }
        }
        Ok(())
    }

    async fn create_periods(&mut self, rule: ReportingRule) -> Result<(), Error> {
        let office = self.cast.of_office().await?;
        let input = CreatePeriods {
            plan: Some(self.plot.plan),
            rule,
            from: Some(FIRST),
        };
        office.create_periods(input, None).await?;
        for period in office.periods_of_plans(&[self.plot.plan]).await? {
            self.periods
                .insert(period.ordinal.unsigned_abs(), period.id);
        }
        Ok(())
    }

    async fn save(&mut self, report: ReportRef) -> Result<(), Error> {
        let Some(target) = self.plot.targets.get(report.target) else {
            return Ok(());
        };
        let paper = Paper::of(target, report.unit, report.month);
        let readings = paper
            .readings
            .into_iter()
            .map(|(indicator, value)| Reading {
                indicator: Some(indicator.id),
                value: value.to_string(),
            });
        let input = SaveReport {
            target: Some(target.id),
            period: self.periods.get(&report.month).copied(),
            unit: Some(Some(report.unit)),
            progress: Some(paper.progress),
            problems: Some(paper.problems.to_owned()),
            next_steps: Some(paper.next_steps.to_owned()),
            percent_complete: Some(paper.percent),
            readings: Some(readings.collect()),
            attachments: None,
            expected_version: self.reports.get(&report).map(|(_, version)| *version),
        };
        let writer = self.cast.of_writer(report.unit).await?;
        let saved = writer.save_report(input, None).await?;
        self.reports.insert(report, (saved.id, saved.version));
        Ok(())
    }

    async fn step(
        &mut self,
        report: ReportRef,
        action: Action,
        comment: Option<&str>,
    ) -> Result<(), Error> {
        let Some((id, version)) = self.reports.get(&report).copied() else {
            return Ok(());
        };
        let actor = match action {
            Action::RequestSignoff => self.cast.of_writer(report.unit).await?,
            Action::SubmitReport => self.cast.of_manager(report.unit).await?,
            _ => self.cast.of_office().await?,
        };
        let stepped = actor
            .step_report(action, Some(id), version, comment, None)
            .await?;
        self.reports.insert(report, (stepped.id, stepped.version));
        Ok(())
    }
}
