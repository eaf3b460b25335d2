//! What the steps of reports depend on: hands, plans, acting units, and when periods take reports.

use std::collections::HashMap;

use domain::{
    report::{Facts, Window},
    target::Part,
};
use entity::{
    assignment,
    ids::{ProgressReportId, ReportingPeriodId, TargetId, UnitId, UserId},
    kinds::{AssignmentRole, PlanStatus},
    lock_exception, plan, progress_report, report_version, reporting_period, target, unit, user,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    prelude::DateTimeUtc,
    sea_query::{Alias, Expr, ExprTrait, JoinType, LockType},
};

use crate::{Call, Fault, Result, Seen, page::by};

impl Call {
    /// What the steps of seen reports depend on.
    pub async fn report_facts(
        &self,
        reports: &[Seen<progress_report::Model>],
    ) -> Result<Vec<Facts>> {
        let rows: Vec<&progress_report::Model> = reports.iter().map(|row| &**row).collect();
        Ok(facts(&self.reader(), &rows).await?)
    }
}

/// What the steps of reports depend on, in a fixed number of statements.
pub(crate) async fn facts(
    db: &impl ConnectionTrait,
    reports: &[&progress_report::Model],
) -> Result<Vec<Facts>, Fault> {
    gather(db, reports, None).await
}

/// As [`facts`], for a step that is about to be taken: the targets are locked, so that none is closed meanwhile.
pub(crate) async fn facts_of_step(
    db: &impl ConnectionTrait,
    reports: &[&progress_report::Model],
) -> Result<Vec<Facts>, Fault> {
    gather(db, reports, Some(LockType::NoKeyUpdate)).await
}

async fn gather(
    db: &impl ConnectionTrait,
    reports: &[&progress_report::Model],
    lock: Option<LockType>,
) -> Result<Vec<Facts>, Fault> {
    let targets = targets(db, reports.iter().map(|report| report.target_id), lock).await?;
    let ids = reports.iter().map(|report| report.id);
    let mut hands: HashMap<ProgressReportId, Vec<UserId>> = HashMap::new();
    let written = report_version::Entity::find()
        .select_only()
        .column(report_version::Column::ReportId)
        .column(report_version::Column::UserId)
        .filter(report_version::Column::ReportId.is_in(ids))
        .filter(report_version::Column::Action.is_in(BY_ITS_UNIT.map(|action| action.as_str())))
        .distinct()
        .into_tuple::<(ProgressReportId, UserId)>()
        .all(db)
        .await?;
    for (report, user) in written {
        hands.entry(report).or_default().push(user);
    }
    let parts = parts(db, reports.iter().map(|report| report.target_id)).await?;
    let pairs: Vec<_> = reports
        .iter()
        .map(|report| {
            // What is open again for a unit into which its own was merged is open for this one's report.
            let part = parts.get(&(report.target_id, report.unit_id));
            let unit = part.map_or(report.unit_id, |(_, goes_on)| *goes_on);
            (report.period_id, unit)
        })
        .collect();
    let mut windows = windows(db, &pairs).await?.into_iter();
    let mut facts = Vec::new();
    for report in reports {
        let (plan_status, closed) = targets
            .get(&report.target_id)
            .copied()
            .ok_or_else(|| Fault::new("a report without a target"))?;
        facts.push(Facts {
            plan: report.plan_id,
            plan_status,
            unit: report.unit_id,
            part: parts
                .get(&(report.target_id, report.unit_id))
                .map(|(part, _)| *part),
            status: report.status,
            closed,
            blank: report.progress.trim().is_empty(),
            review_began: report.review_began_at.is_some(),
            hands: hands.remove(&report.id).unwrap_or_default(),
            window: windows
                .next()
                .ok_or_else(|| Fault::new("a report without a period"))?,
        });
    }
    Ok(facts)
}

/// The part of each unit in targets; of one that was merged into another, and has none of its own there, the other's. With each the
/// unit under which its part goes on: the part's own, or the one into which that was merged.
async fn parts(
    db: &impl ConnectionTrait,
    targets: impl Iterator<Item = TargetId>,
) -> Result<HashMap<(TargetId, UnitId), (Part, UnitId)>, Fault> {
    let own = Alias::new("own");
    let own_column = |column: unit::Column| Expr::col((own.clone(), column));
    let mut select = assignment::Entity::find()
        .select_only()
        .column(assignment::Column::TargetId)
        .column(assignment::Column::UnitId)
        .column(assignment::Column::ActingUnitId)
        .column(assignment::Column::Role)
        .column(unit::Column::Id)
        .expr(own_column(unit::Column::MergedIntoId))
        .filter(assignment::Column::TargetId.is_in(targets));
    let of_part = || by(assignment::Entity, assignment::Column::UnitId);
    QuerySelect::query(&mut select)
        .left_join(
            unit::Entity,
            by(unit::Entity, unit::Column::MergedIntoId).eq(of_part()),
        )
        .join_as(
            JoinType::InnerJoin,
            unit::Entity,
            own.clone(),
            own_column(unit::Column::Id).eq(of_part()),
        );
    let rows = select
        .into_tuple::<(
            TargetId,
            UnitId,
            Option<UnitId>,
            AssignmentRole,
            Option<UnitId>,
            Option<UnitId>,
        )>()
        .all(db)
        .await?;
    let mut parts = HashMap::new();
    for (target, unit, acting_unit, role, merged, merged_into) in rows {
        let part = Part {
            unit,
            acting_unit,
            role,
        };
        let part = (part, merged_into.unwrap_or(unit));
        parts.insert((target, unit), part);
        if let Some(merged) = merged {
            // Where nothing more is done, the merged unit has its own still.
            parts.entry((target, merged)).or_insert(part);
        }
    }
    Ok(parts)
}

/// The state of each target's plan, and whether the target was closed or cancelled.
async fn targets(
    db: &impl ConnectionTrait,
    ids: impl Iterator<Item = TargetId>,
    lock: Option<LockType>,
) -> Result<HashMap<TargetId, (PlanStatus, bool)>, Fault> {
    let mut select = target::Entity::find()
        .select_only()
        .column(target::Column::Id)
        .column(plan::Column::Status)
        .column(target::Column::ClosedAt)
        .column(target::Column::CancelledAt)
        .filter(target::Column::Id.is_in(ids))
        .order_by_asc(target::Column::Id);
    let query = QuerySelect::query(&mut select);
    query.inner_join(
        plan::Entity,
        by(plan::Entity, plan::Column::Id).eq(by(target::Entity, target::Column::PlanId)),
    );
    if let Some(lock) = lock {
        query.lock_with_tables(lock, [target::Entity]);
    }
    let rows = select
        .into_tuple::<(
            TargetId,
            PlanStatus,
            Option<DateTimeUtc>,
            Option<DateTimeUtc>,
        )>()
        .all(db)
        .await?;
    Ok(rows
        .into_iter()
        .map(|(target, plan, closed, cancelled)| {
            (target, (plan, closed.is_some() || cancelled.is_some()))
        })
        .collect())
}

/// The acts by which a unit's people put their hands on a report.
const BY_ITS_UNIT: [domain::Action; 4] = [
    domain::Action::SaveReport,
    domain::Action::RequestSignoff,
    domain::Action::SubmitReport,
    domain::Action::RecallReport,
];

/// When periods take reports of units.
pub(crate) async fn windows(
    db: &impl ConnectionTrait,
    pairs: &[(ReportingPeriodId, UnitId)],
) -> Result<Vec<Window>, Fault> {
    let periods: HashMap<ReportingPeriodId, reporting_period::Model> =
        reporting_period::Entity::find()
            .filter(reporting_period::Column::Id.is_in(pairs.iter().map(|(period, _)| *period)))
            .all(db)
            .await?
            .into_iter()
            .map(|row| (row.id, row))
            .collect();
    let names: HashMap<UserId, String> = user::Entity::find()
        .select_only()
        .column(user::Column::Id)
        .column(user::Column::DisplayName)
        .filter(user::Column::Id.is_in(periods.values().filter_map(|row| row.locked_by_id)))
        .into_tuple::<(UserId, String)>()
        .all(db)
        .await?
        .into_iter()
        .collect();
    let mut exceptions: HashMap<(ReportingPeriodId, UnitId), _> = HashMap::new();
    let rows = lock_exception::Entity::find()
        .filter(lock_exception::Column::PeriodId.is_in(pairs.iter().map(|(period, _)| *period)))
        .all(db)
        .await?;
    for row in rows {
        let until = exceptions
            .entry((row.period_id, row.unit_id))
            .or_insert(row.until_at);
        *until = Ord::max(*until, row.until_at);
    }
    pairs
        .iter()
        .map(|(period, unit)| {
            let row = periods
                .get(period)
                .ok_or_else(|| Fault::new("a report without a period"))?;
            Ok(Window {
                opens_at: row.opens_at,
                locks_at: row.locks_at,
                locked_by: row.locked_by_id.and_then(|id| names.get(&id).cloned()),
                exception_until: exceptions.get(&(*period, *unit)).copied(),
            })
        })
        .collect()
}
