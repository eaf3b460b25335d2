//! Loading what belongs to periods, reports and events, and evidence files.

use std::{
    collections::HashMap,
    hash::{Hash, Hasher},
    sync::Arc,
};

use domain::report::Facts;
use entity::{
    attachment, event,
    ids::{
        AttachmentId, EventId, IndicatorId, PlanId, ProgressReportId, ReportVersionId,
        ReportingPeriodId, ReviewId, TargetId, TargetRequestId,
    },
    indicator_reading, progress_report, report_version, reporting_period, review,
};
use store::{
    Error, Page, ProgressReportFilter, ReadingsOf, ReportKey, ReportOrder, ReportsOf, Seen,
    VersionKey,
};

use super::{CallLoader, CountOf, Loader, Outcome, PageOf, alike};

by_key! {
    ReportingPeriodId => Arc<Seen<reporting_period::Model>>, periods_by_id, |row| row.id;
    ProgressReportId => Seen<progress_report::Model>, reports_by_id, |row| row.id;
    ReportVersionId => Seen<report_version::Model>, report_versions_by_id, |row| row.id;
    ReviewId => Seen<review::Model>, reviews_by_id, |row| row.id;
    AttachmentId => Seen<attachment::Model>, attachments_by_id, |row| row.id;
    EventId => Seen<event::Model>, events_by_id, |row| row.id;
}

lists! {
    /// The periods of a plan, in their order.
    PeriodsOf(PlanId) => Seen<reporting_period::Model>, periods_of_plans, |row: Seen<reporting_period::Model>| (row.plan_id, row);
    /// The readings of a report.
    ReadingsOfReport(ReportKey) => Seen<indicator_reading::Model>, readings, |row: Seen<indicator_reading::Model>| (row.report_id, row);
    /// The reviews of a report, oldest first.
    ReviewsOf(ReportKey) => Seen<review::Model>, reviews, |row: Seen<review::Model>| (row.report_id, row);
    /// The evidence files of a version of a report, in the order of uploading.
    AttachmentsOf(VersionKey) => Seen<attachment::Model>, attachments, |row| row;
    /// The evidence files of a request, in the order of uploading.
    AttachmentsOfRequest(TargetRequestId) => Seen<attachment::Model>, attachments_of_requests, |row| row;
}

plain!(PeriodsOf: PlanId, AttachmentsOf: VersionKey, AttachmentsOfRequest: TargetRequestId);

impl ReadingsOfReport {
    const fn id(self) -> ProgressReportId {
        self.0.id()
    }
}

impl ReviewsOf {
    const fn id(self) -> ProgressReportId {
        self.0.id()
    }
}

/// The latest report on a target.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct LatestReportOf(pub(crate) TargetId);

impl Loader<LatestReportOf> for CallLoader {
    type Value = Seen<progress_report::Model>;

    async fn load(&self, keys: &[LatestReportOf]) -> Outcome<HashMap<LatestReportOf, Self::Value>> {
        let targets: Vec<TargetId> = keys.iter().map(|key| key.0).collect();
        let rows = self.call.latest_reports(&targets).await?;
        let periods = rows.iter().filter_map(|row| row.period.clone());
        self.known
            .remember::<Self, _>(periods.map(|period| (period.id, period)));
        let units = rows.iter().filter_map(|row| row.unit.clone());
        self.known
            .remember::<Self, _>(units.map(|unit| (unit.id, unit)));
        let reports = rows.into_iter().map(|row| row.report);
        Ok(reports
            .map(|row| (LatestReportOf(row.target_id), row))
            .collect())
    }
}

/// What the steps of a report depend on.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct FactsOf(pub(crate) Seen<progress_report::Model>);

impl Hash for FactsOf {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.0.id, self.0.version).hash(state);
    }
}

impl Loader<FactsOf> for CallLoader {
    type Value = Arc<Facts>;

    async fn load(&self, keys: &[FactsOf]) -> Outcome<HashMap<FactsOf, Arc<Facts>>> {
        let reports: Vec<_> = keys.iter().map(|key| key.0.clone()).collect();
        let facts = self.call.report_facts(&reports).await?;
        let facts = facts.into_iter().map(Arc::new);
        Ok(keys.iter().cloned().zip(facts).collect())
    }
}

/// What is asked of a list of reports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct ReportList {
    pub(crate) filter: ProgressReportFilter,
    pub(crate) order: ReportOrder,
}

/// The versions of a report, all that there are to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Versions;

/// Declares how pages and counts of a list of several parents are read.
macro_rules! paged {
    ($($parent:ty, $list:ty => $item:ty: |$call:ident, $parents:ident, $what:ident, $args:ident| $pages:expr, $counts:expr;)+) => { $(
        impl Loader<PageOf<$parent, $list>> for CallLoader {
            type Value = Outcome<Arc<Page<Seen<$item>>>>;

            async fn load(
                &self,
                keys: &[PageOf<$parent, $list>],
            ) -> Outcome<HashMap<PageOf<$parent, $list>, Self::Value>> {
                let mut pages = HashMap::new();
                for (($what, $args), keys) in alike(keys, |key| (key.list.clone(), key.args.clone())) {
                    let $parents: Vec<$parent> = keys.iter().map(|key| key.parent).collect();
                    let $call = &self.call;
                    let rows = $pages.await?;
                    let shared = rows.into_iter().map(|page| page.map(Arc::new));
                    pages.extend(keys.into_iter().zip(shared));
                }
                Ok(pages)
            }
        }

        impl Loader<CountOf<$parent, $list>> for CallLoader {
            type Value = i64;

            async fn load(
                &self,
                keys: &[CountOf<$parent, $list>],
            ) -> Outcome<HashMap<CountOf<$parent, $list>, i64>> {
                let mut counts = HashMap::new();
                for ($what, keys) in alike(keys, |key| key.list.clone()) {
                    let $parents: Vec<$parent> = keys.iter().map(|key| key.parent).collect();
                    let $call = &self.call;
                    let rows = $counts.await?;
                    counts.extend(keys.into_iter().zip(rows));
                }
                Ok(counts)
            }
        }
    )+ };
}

paged! {
    ReportsOf, ReportList => progress_report::Model: |call, parents, list, args|
        call.reports(&parents, list.filter, list.order, &args),
        call.report_counts(&parents, list.filter);
    ReportKey, Versions => report_version::Model: |call, parents, _list, args|
        call.report_versions(&parents, &args),
        call.report_version_counts(&parents);
    IndicatorId, ReadingsOf => indicator_reading::Model: |call, parents, which, args|
        call.indicator_readings(&parents, *which, &args),
        call.indicator_reading_counts(&parents, *which);
}
