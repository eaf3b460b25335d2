//! Statistics (统计), the trend over periods, and the ranking of units (考核).

use async_graphql::{ID, InputObject, SimpleObject, Union};
use domain::assessment::{PartScore, Share, Weights, rounded};
use entity::ids::PlanId;
use store::{ReportNumbers, TargetNumbers};

use super::{Leader, ReportingPeriod, Section, Unit, target_filter::key};
use crate::{
    enums::{AssessmentPart, Light, TargetState},
    error::ApiError,
    request::Request,
};

/// What numbers are of.
#[derive(Union)]
pub(crate) enum StatisticsKey {
    Section(Section),
    Leader(Leader),
    Unit(Unit),
}

impl From<store::StatisticsKey> for StatisticsKey {
    fn from(key: store::StatisticsKey) -> Self {
        match key {
            store::StatisticsKey::Section(section) => Self::Section(section.into()),
            store::StatisticsKey::Leader(leader) => Self::Leader(leader.into()),
            store::StatisticsKey::Unit(unit) => Self::Unit(unit.into()),
        }
    }
}

/// How many targets are in a state.
#[derive(SimpleObject)]
pub(crate) struct StateCount {
    /// The state.
    state: TargetState,
    /// So many targets.
    count: i64,
}

/// How many targets are under a light.
#[derive(SimpleObject)]
pub(crate) struct LightCount {
    /// The light.
    light: Light,
    /// So many targets.
    count: i64,
}

/// Numbers of reports.
#[derive(SimpleObject)]
pub(crate) struct ReportCounts {
    /// Reports that are due: of each lead unit of a target one for each period, unless it was assigned after the due time,
    /// the target was closed or suspended at it, or the target is suspended now. Supporting units' reports are not due.
    reports_due: i64,
    /// Of those due, reports that have been submitted and not recalled, as far as you may see; on time or late.
    reports_submitted: i64,
    /// Of those due, reports that were first submitted by the due time.
    reports_on_time: i64,
    /// Of those due, reports that were first submitted after the due time (迟报).
    reports_late: i64,
    /// Of those due, reports that were returned and have not been submitted again (退回).
    reports_returned: i64,
    /// Of those due, reports that have been accepted.
    reports_accepted: i64,
    /// `reportsOnTime` ÷ `reportsDue`, from 0 to 1, to four decimals (报送及时率); null when none is due.
    timeliness_rate: Option<f64>,
    /// Reports accepted at their first review, of those due that have been reviewed, from 0 to 1, to four decimals
    /// (一次通过率); null when none has been. Where you may not see returned reports, no return counts.
    first_time_acceptance_rate: Option<f64>,
}

impl From<ReportNumbers> for ReportCounts {
    fn from(numbers: ReportNumbers) -> Self {
        Self {
            reports_due: numbers.due,
            reports_submitted: numbers.submitted,
            reports_on_time: numbers.on_time(),
            reports_late: numbers.late,
            reports_returned: numbers.returned,
            reports_accepted: numbers.accepted,
            timeliness_rate: numbers.timeliness().ratio(),
            first_time_acceptance_rate: numbers.first_time_acceptance().ratio(),
        }
    }
}

/// The numbers of a plan, or of one section, leader or unit in it: counted over what you may see, and nothing else. Two
/// viewers may therefore get different numbers: an observer or a supporting unit, who see accepted reports alone, count
/// those alone as submitted.
#[derive(SimpleObject)]
pub(crate) struct Statistics {
    /// The section (with its subtree), leader or unit; null when nothing is grouped.
    key: Option<StatisticsKey>,
    /// How many targets: of a unit, those to which it is assigned, leading or supporting.
    targets: i64,
    /// The targets by the state of today; every state, also where there is none.
    by_state: Vec<StateCount>,
    /// The targets by the light of today; every light, also where there is none.
    by_light: Vec<LightCount>,
    /// The average of accepted progress in percent, 0 to 100, to two decimals, over the targets that have one; null when
    /// none has.
    average_percent_complete: Option<f64>,
    /// The milestones of refined plans in force (时间节点): of a unit, those in its charge.
    milestones: i64,
    /// Of these, milestones that were reached, in time or late.
    milestones_reached: i64,
    /// Of these, milestones that are not reached and past their day today, of targets that are neither closed nor
    /// suspended.
    milestones_overdue: i64,
    #[graphql(flatten)]
    reports: ReportCounts,
}

impl From<store::Statistics> for Statistics {
    fn from(row: store::Statistics) -> Self {
        let (by_state, by_light) = by(&row.targets);
        Self {
            key: row.key.map(Into::into),
            targets: row.targets.total,
            by_state,
            by_light,
            average_percent_complete: average(row.targets.percents, row.targets.with_percent),
            milestones: row.milestones.total,
            milestones_reached: row.milestones.reached,
            milestones_overdue: row.milestones.overdue,
            reports: row.reports.into(),
        }
    }
}

fn by(targets: &TargetNumbers) -> (Vec<StateCount>, Vec<LightCount>) {
    let states = entity::kinds::TargetState::ALL.iter();
    let lights = entity::kinds::Light::ALL.iter();
    let state = |state: &entity::kinds::TargetState| StateCount {
        state: (*state).into(),
        count: targets.in_state(*state),
    };
    let light = |light: &entity::kinds::Light| LightCount {
        light: (*light).into(),
        count: targets.under_light(*light),
    };
    (states.map(state).collect(), lights.map(light).collect())
}

fn average(sum: i64, count: i64) -> Option<f64> {
    (count > 0).then(|| rounded(sum, count, 2))
}

/// The numbers of one period (趋势): of the reports due for it, within what you may see.
#[derive(SimpleObject)]
pub(crate) struct PeriodStatistics {
    /// The period. Nothing is due before it opens.
    period: ReportingPeriod,
    /// The average of percent complete in the period's accepted reports, 0 to 100, to two decimals; null when none gives
    /// any.
    average_percent_complete: Option<f64>,
    #[graphql(flatten)]
    reports: ReportCounts,
}

impl From<store::PeriodNumbers> for PeriodStatistics {
    fn from(row: store::PeriodNumbers) -> Self {
        Self {
            period: row.period.into(),
            average_percent_complete: average(row.reports.percents, row.reports.with_percent),
            reports: row.reports.into(),
        }
    }
}

/// Whose trend: all that is given.
#[derive(InputObject, Default)]
pub(crate) struct TrendFilter {
    /// Of the targets of this section and its subtree.
    section_id: Option<ID>,
    /// Of the targets for which this leader answers today.
    leader_id: Option<ID>,
    /// Of the reports due from this unit.
    unit_id: Option<ID>,
}

impl TrendFilter {
    pub(crate) fn read(self, request: &Request) -> Result<store::TrendOf, ApiError> {
        Ok(store::TrendOf {
            section: key(request, self.section_id)?,
            leader: key(request, self.leader_id)?,
            unit: key(request, self.unit_id)?,
        })
    }
}

/// How much each part of a score weighs, against the sum of the three: from 0 to 1000, and at least one above 0.
#[derive(InputObject)]
pub(crate) struct AssessmentWeights {
    /// Of reports on time.
    #[graphql(default_with = "Weights::default().timeliness")]
    timeliness: i32,
    /// Of reports accepted at their first review.
    #[graphql(default_with = "Weights::default().first_time_acceptance")]
    first_time_acceptance: i32,
    /// Of targets completed, ahead or on schedule.
    #[graphql(default_with = "Weights::default().progress")]
    progress: i32,
}

impl AssessmentWeights {
    /// The weights of an argument of this name, if they make sense.
    pub(crate) fn read(
        given: Option<Self>,
        argument: &str,
        request: &Request,
    ) -> Result<Weights, ApiError> {
        let weights = given.map_or_else(Weights::default, |given| Weights {
            timeliness: given.timeliness,
            first_time_acceptance: given.first_time_acceptance,
            progress: given.progress,
        });
        let problems = weights.problems(argument);
        if problems.is_empty() {
            Ok(weights)
        } else {
            Err(request.error(problems.into()))
        }
    }
}

/// A unit's score in the assessment (考核得分), with everything it is made of.
#[derive(SimpleObject)]
pub(crate) struct UnitScore {
    /// The unit.
    unit: Unit,
    /// The rank among all units that lead targets of the plan, from 1; equal scores share a rank. Null without a score, and
    /// for everybody but the plan's supervision office.
    rank: Option<i32>,
    /// 0 to 100 points, to two decimals; null when nothing that weighs anything can be measured yet.
    score: Option<f64>,
    /// The parts of the score. Their points make the score, but for rounding.
    parts: Vec<ScorePart>,
}

impl From<store::UnitScore> for UnitScore {
    fn from(row: store::UnitScore) -> Self {
        Self {
            unit: row.unit.into(),
            rank: row.rank,
            score: row.score.hundredths.map(points),
            parts: row.score.parts.into_iter().map(Into::into).collect(),
        }
    }
}

/// A part of a score: `points` = `weight` × `achieved` ÷ `asked`.
#[derive(SimpleObject)]
pub(crate) struct ScorePart {
    /// Which part it is.
    part: AssessmentPart,
    /// How many reports or targets are as they should be.
    achieved: i64,
    /// Of how many. Where it is 0, the part says nothing: its weight goes to the other parts.
    asked: i64,
    /// `achieved` ÷ `asked`, from 0 to 1, to four decimals; null when `asked` is 0.
    rate: Option<f64>,
    /// The most points that the part can give this unit, to two decimals. The weights of all parts make 100, but for
    /// rounding.
    weight: f64,
    /// The points that the part gives, to two decimals.
    points: f64,
}

impl From<PartScore> for ScorePart {
    fn from(row: PartScore) -> Self {
        let Share { part, whole } = row.share;
        Self {
            part: row.part.into(),
            achieved: part,
            asked: whole,
            rate: row.share.ratio(),
            weight: points(row.weight),
            points: points(row.points),
        }
    }
}

fn points(hundredths: i64) -> f64 {
    rounded(hundredths, 100, 2)
}

/// The period of an argument, if it is one of the plan's.
pub(crate) async fn period_of(
    request: &Request,
    plan: PlanId,
    id: Option<ID>,
) -> Result<Option<entity::ids::ReportingPeriodId>, ApiError> {
    let Some(id) = key::<entity::ids::ReportingPeriodId>(request, id)? else {
        return Ok(None);
    };
    match request.loaded(id).await? {
        Some(period) if period.plan_id == plan => Ok(Some(id)),
        _ => Err(ApiError::not_found(request)),
    }
}
