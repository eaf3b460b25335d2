//! Relay connections: edges and nodes of a page, and a count that costs nothing until it is asked for.

use std::sync::Arc;

use async_graphql::{Context, Object, SimpleObject};
use entity::ids::{IndicatorId, PlanId};
use store::{
    Amendments, AuditFilter, DesignationFilter, DisputeFilter, InstructionFilter, ReadingsOf,
    ReportKey, ReportsOf, RequestFilter, RoleGrantFilter, SupervisionNoticeFilter, TargetKey,
    TargetsOf, UnitFilter, UserFilter,
};

use crate::{
    error::ApiError,
    loader::{CountOf, ReportList, TargetList, Versions},
    request::Request,
    types::{
        Amendment, AuditEntry, Designation, Dispute, Event, IndicatorReading, Instruction, Leader,
        Plan, ProgressReport, ReportVersion, RoleGrant, SupervisionNotice, Target, TargetRequest,
        Unit, UnitGroup, User,
    },
};

/// Where a page lies in its list.
#[derive(SimpleObject, Clone)]
pub(crate) struct PageInfo {
    /// Items follow this page.
    has_next_page: bool,
    /// Items precede this page. When paging forwards from a cursor, true without looking.
    has_previous_page: bool,
    /// The cursor of the first item; null on an empty page.
    start_cursor: Option<String>,
    /// The cursor of the last item; null on an empty page.
    end_cursor: Option<String>,
}

/// A whole list, to be counted when somebody asks.
pub(crate) enum Counted {
    Plans,
    Units(UnitFilter),
    UnitGroups,
    Leaders,
    Targets(TargetsOf, Arc<TargetList>),
    Designations(PlanId, Arc<DesignationFilter>),
    Reports(ReportsOf, Arc<ReportList>),
    ReportVersions(ReportKey),
    Readings(IndicatorId, ReadingsOf),
    Changes,
    SupervisionNotices(SupervisionNoticeFilter),
    Instructions(InstructionFilter),
    Requests(RequestFilter),
    Disputes(DisputeFilter),
    Users(UserFilter),
    RoleGrants(RoleGrantFilter),
    AuditEntries(Box<AuditFilter>),
    Amendments(TargetKey),
}

impl Counted {
    async fn count(&self, request: &Request) -> Result<i64, ApiError> {
        let (call, loaders) = (&request.call, &request.loaders);
        let count = match self {
            Self::Plans => call.plan_count().await,
            Self::Units(filter) => call.unit_count(filter).await,
            Self::UnitGroups => call.unit_group_count().await,
            Self::Leaders => call.leader_count().await,
            Self::SupervisionNotices(filter) => call.supervision_notice_count(*filter).await,
            Self::Instructions(filter) => call.instruction_count(*filter).await,
            Self::Requests(filter) => call.request_count(*filter).await,
            Self::Disputes(filter) => call.dispute_count(*filter).await,
            Self::Users(filter) => call.account_count(filter).await,
            Self::RoleGrants(filter) => call.role_grant_count(*filter).await,
            Self::Targets(parent, list) => {
                let key = CountOf {
                    parent: *parent,
                    list: Arc::clone(list),
                };
                loaders.one(key).await.map(Option::unwrap_or_default)
            }
            Self::Designations(parent, list) => {
                let key = CountOf {
                    parent: *parent,
                    list: Arc::clone(list),
                };
                loaders.one(key).await.map(Option::unwrap_or_default)
            }
            Self::Reports(parent, list) => {
                let key = CountOf {
                    parent: *parent,
                    list: Arc::clone(list),
                };
                loaders.one(key).await.map(Option::unwrap_or_default)
            }
            Self::ReportVersions(parent) => {
                let key = CountOf {
                    parent: *parent,
                    list: Arc::new(Versions),
                };
                loaders.one(key).await.map(Option::unwrap_or_default)
            }
            Self::Readings(parent, which) => {
                let key = CountOf {
                    parent: *parent,
                    list: Arc::new(*which),
                };
                loaders.one(key).await.map(Option::unwrap_or_default)
            }
            Self::Changes => call.change_count().await,
            Self::Amendments(parent) => {
                let key = CountOf {
                    parent: *parent,
                    list: Arc::new(Amendments),
                };
                loaders.one(key).await.map(Option::unwrap_or_default)
            }
            Self::AuditEntries(filter) => call.audit_entry_count(filter).await,
        };
        count.map_err(|error| request.error(error))
    }
}

macro_rules! connections {
    ($($connection:ident, $edge:ident, $node:ident, $words:literal;)+) => { $(
        #[doc = concat!("A page of ", $words, ".")]
        pub(crate) struct $connection {
            items: Vec<(String, $node)>,
            info: PageInfo,
            counted: Counted,
        }

        #[doc = concat!("One of ", $words, ", with its place in the list.")]
        #[derive(SimpleObject)]
        pub(crate) struct $edge {
            /// The item's place in this list; good for `after` and `before` of the same list alone.
            cursor: String,
            /// The item.
            node: $node,
        }

        impl $connection {
            pub(crate) fn new<M: Clone>(page: &store::Page<M>, counted: Counted) -> Self
            where
                $node: From<M>,
            {
                let cursor = |edge: &store::Edge<M>| edge.cursor.clone();
                Self {
                    items: page
                        .edges
                        .iter()
                        .map(|edge| (edge.cursor.clone(), edge.node.clone().into()))
                        .collect(),
                    info: PageInfo {
                        has_next_page: page.has_next,
                        has_previous_page: page.has_previous,
                        start_cursor: page.edges.first().map(cursor),
                        end_cursor: page.edges.last().map(cursor),
                    },
                    counted,
                }
            }
        }

        #[doc = concat!("A page of ", $words, ".")]
        #[Object]
        impl $connection {
            /// The items with their cursors.
            async fn edges(&self) -> Vec<$edge> {
                self.items
                    .iter()
                    .map(|(cursor, node)| $edge { cursor: cursor.clone(), node: node.clone() })
                    .collect()
            }

            /// The items.
            async fn nodes(&self) -> Vec<$node> {
                self.items.iter().map(|(_, node)| node.clone()).collect()
            }

            /// Where the page lies in the list.
            async fn page_info(&self) -> &PageInfo {
                &self.info
            }

            /// How many items the whole list holds, of those that you may see.
            async fn total_count(&self, ctx: &Context<'_>) -> Result<i64, ApiError> {
                self.counted.count(Request::of(ctx)).await
            }
        }
    )+ };
}

connections! {
    PlanConnection, PlanEdge, Plan, "plans";
    TargetConnection, TargetEdge, Target, "targets";
    DesignationConnection, DesignationEdge, Designation, "designations";
    SupervisionNoticeConnection, SupervisionNoticeEdge, SupervisionNotice, "supervision notices";
    InstructionConnection, InstructionEdge, Instruction, "instructions";
    UnitConnection, UnitEdge, Unit, "units";
    UnitGroupConnection, UnitGroupEdge, UnitGroup, "unit groups";
    LeaderConnection, LeaderEdge, Leader, "leaders";
    ProgressReportConnection, ProgressReportEdge, ProgressReport, "progress reports";
    ReportVersionConnection, ReportVersionEdge, ReportVersion, "versions of a report";
    IndicatorReadingConnection, IndicatorReadingEdge, IndicatorReading, "readings of an indicator";
    EventConnection, EventEdge, Event, "events";
    TargetRequestConnection, TargetRequestEdge, TargetRequest, "requests";
    DisputeConnection, DisputeEdge, Dispute, "disputes";
    UserConnection, UserEdge, User, "accounts";
    RoleGrantConnection, RoleGrantEdge, RoleGrant, "grants";
    AmendmentConnection, AmendmentEdge, Amendment, "amendments";
    AuditEntryConnection, AuditEntryEdge, AuditEntry, "audit entries";
}
