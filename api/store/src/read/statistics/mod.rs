//! Statistics (统计, domain.md §7): counted by the database, over nothing but what the viewer may see, in a fixed number of
//! statements for any number of plans.
//!
//! Decisions where domain.md is silent:
//! - A report is *due* from each lead unit of a target for each period: the rule by which a light says that a report is
//!   missing. What was due before a unit was assigned, or comes due while the target is closed or suspended, is not asked of
//!   it, also when the target is taken up again; and nothing at all counts while a target is adjusted or suspended. Without a period, what counts is every period whose due time has
//!   passed; a period that is asked for counts from its opening on.
//! - Supporting units report of their own accord: their reports are not due, and are not counted. All numbers of reports
//!   are therefore parts of those due, and no rate is above 1.
//! - A unit's numbers are those of its own reports: what another unit of the same target does costs it nothing.
//! - A report that was returned counts as returned until it is handed in again, for its unit as for those who saw it
//!   returned. One that was taken back before its review has not been handed in.
//! - Milestones count from when their refined plan is in force; a unit's are those in its charge. An extension puts off what
//!   a state and a light say, but not the assessment: there the first due date counts.
//! - What a viewer may not see is not counted: an observer, or a supporting unit, counts accepted reports alone, and knows
//!   of no return.

mod assessment;
mod milestones;
mod numbers;
mod statement;

use std::collections::{BTreeSet, HashMap};

use entity::{
    assignment,
    ids::{LeaderId, PlanId, ReportingPeriodId, SectionId, UnitId},
    leader, reporting_period, section, unit,
};
use sea_orm::{ColumnTrait, sea_query::Condition};

use crate::{Call, Result, Seen, scoped::Scoped, standing::state_in_sql};

use super::target_filter::{in_section, of_leader};
use statement::{Asked, By, Narrow};

pub use assessment::UnitScore;
pub use numbers::{MilestoneNumbers, ReportNumbers, TargetNumbers};

/// By what the numbers of a plan are grouped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StatisticsGroup {
    /// All in one.
    None,
    /// By section, with its subtree.
    Section,
    /// By leader who answers for targets today.
    Leader,
    /// By unit that is assigned to targets, in whichever role.
    Unit,
}

/// What numbers are of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StatisticsKey {
    /// A section with its subtree.
    Section(Seen<section::Model>),
    /// A leader.
    Leader(Seen<leader::Model>),
    /// A unit.
    Unit(Seen<unit::Model>),
}

/// The numbers of one group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statistics {
    /// The group; none when it is all in one.
    pub key: Option<StatisticsKey>,
    /// Of its targets, as they stand today.
    pub targets: TargetNumbers,
    /// Of the reports due on them.
    pub reports: ReportNumbers,
    /// Of the milestones in force; of a unit, those in its charge.
    pub milestones: MilestoneNumbers,
}

/// Whose trend: all that is given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct TrendOf {
    /// On the targets of a section and its subtree.
    pub section: Option<SectionId>,
    /// On the targets for which a leader answers today.
    pub leader: Option<LeaderId>,
    /// The reports due from a unit.
    pub unit: Option<UnitId>,
}

/// The numbers of one period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeriodNumbers {
    /// The period.
    pub period: Seen<reporting_period::Model>,
    /// Of the reports due for it; all zero until it opens.
    pub reports: ReportNumbers,
}

impl Call {
    /// The numbers of plans by group: sections in document order, leaders and units in the directory's. A group without
    /// targets that the viewer sees is left out. Three statements, and one that reads the groups.
    pub async fn statistics(
        &self,
        plans: &[PlanId],
        group: StatisticsGroup,
        period: Option<ReportingPeriodId>,
    ) -> Result<HashMap<PlanId, Vec<Statistics>>> {
        let by = match group {
            StatisticsGroup::None => By::Plan,
            StatisticsGroup::Section => By::Position,
            StatisticsGroup::Leader => By::Leader,
            StatisticsGroup::Unit => By::Unit,
        };
        let asked = period.map_or(Asked::PastDue, Asked::Period);
        let state = state_in_sql(self.today());
        let targets = self
            .target_numbers(plans, by, state, &Narrow::none())
            .await?;
        let reports = self
            .report_numbers(plans, by, asked, &Narrow::none())
            .await?;
        let milestones = self.milestone_numbers(plans, by).await?;
        let ids = || -> BTreeSet<i64> { targets.keys().map(|(_, id)| *id).collect() };
        let of = |plan: PlanId, id: i64, key: Option<StatisticsKey>| Statistics {
            key,
            targets: targets.get(&(plan, id)).cloned().unwrap_or_default(),
            reports: reports.get(&(plan, id)).copied().unwrap_or_default(),
            milestones: milestones.get(&(plan, id)).copied().unwrap_or_default(),
        };
        let mut rows: Vec<(PlanId, Statistics)> = Vec::new();
        match group {
            StatisticsGroup::None => {
                rows.extend(plans.iter().map(|plan| (*plan, of(*plan, 0, None))));
            }
            StatisticsGroup::Section => {
                for section in self.outlines(plans).await? {
                    let mut sum = of(section.plan_id, i64::MIN, None);
                    let subtree = i64::from(section.position)..=i64::from(section.last_position);
                    let within = |(plan, id): &(PlanId, i64)| {
                        *plan == section.plan_id && subtree.contains(id)
                    };
                    for (_, numbers) in targets.iter().filter(|(at, _)| within(at)) {
                        sum.targets.add(numbers);
                    }
                    for (_, numbers) in reports.iter().filter(|(at, _)| within(at)) {
                        sum.reports.add(numbers);
                    }
                    for (_, numbers) in milestones.iter().filter(|(at, _)| within(at)) {
                        sum.milestones.add(numbers);
                    }
                    sum.key = Some(StatisticsKey::Section(section.clone()));
                    rows.push((section.plan_id, sum));
                }
            }
            StatisticsGroup::Leader => {
                let leaders = Scoped::<leader::Entity>::new(self)
                    .and(leader::Column::Id.is_in(ids()))
                    .order_by(leader::Column::Id)
                    .all(&self.reader())
                    .await?;
                for leader in leaders {
                    let key = |plan: &PlanId| {
                        let key = StatisticsKey::Leader(leader.clone());
                        (*plan, of(*plan, leader.id.0, Some(key)))
                    };
                    rows.extend(plans.iter().map(key));
                }
            }
            StatisticsGroup::Unit => {
                for unit in self.units_in_order(ids()).await? {
                    let key = |plan: &PlanId| {
                        let key = StatisticsKey::Unit(unit.clone());
                        (*plan, of(*plan, unit.id.0, Some(key)))
                    };
                    rows.extend(plans.iter().map(key));
                }
            }
        }
        let mut grouped: HashMap<PlanId, Vec<Statistics>> = HashMap::new();
        for (plan, row) in rows {
            if row.key.is_none() || row.targets.total > 0 {
                grouped.entry(plan).or_default().push(row);
            }
        }
        Ok(grouped)
    }

    /// The numbers of the periods of plans, in their order. Two statements.
    pub async fn trends(
        &self,
        plans: &[PlanId],
        of: TrendOf,
    ) -> Result<HashMap<PlanId, Vec<PeriodNumbers>>> {
        let narrow = Narrow {
            targets: Condition::all()
                .add_option(of.section.map(in_section))
                .add_option(of.leader.map(|leader| of_leader(leader, self.today()))),
            assignments: Condition::all()
                .add_option(of.unit.map(|unit| assignment::Column::UnitId.eq(unit))),
        };
        let reports = self
            .report_numbers(plans, By::Period, Asked::Opened, &narrow)
            .await?;
        let mut trends: HashMap<PlanId, Vec<PeriodNumbers>> = HashMap::new();
        for period in self.periods_of_plans(plans).await? {
            let at = (period.plan_id, period.id.0);
            let reports = reports.get(&at).copied().unwrap_or_default();
            let trend = trends.entry(period.plan_id).or_default();
            trend.push(PeriodNumbers { period, reports });
        }
        Ok(trends)
    }

    async fn units_in_order(&self, ids: BTreeSet<i64>) -> Result<Vec<Seen<unit::Model>>> {
        Scoped::<unit::Entity>::new(self)
            .and(unit::Column::Id.is_in(ids))
            .order_by(unit::Column::Id)
            .all(&self.reader())
            .await
    }
}
