//! Requests about targets (延期申请, 办结申请): lists, and what their acts depend on.

use std::collections::HashMap;

use domain::request::{AskFacts, RequestFacts};
use entity::{
    ids::{TargetId, TargetRequestId, UnitId},
    kinds::{RequestKind, RequestStatus},
    target, target_request,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, sea_query::Condition,
};

use crate::{
    Call, Direction, Fault, Page, PageArgs, Result, Seen, TargetKey,
    page::{Key, Sort, by},
    scoped::{Scoped, count, page},
};

use super::{
    plans::plans_of_year,
    target_facts::{of_target, target_facts, target_facts_by_id},
};

/// Narrowing a list of requests: all that is given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct RequestFilter {
    /// What is asked for.
    pub kind: Option<RequestKind>,
    /// The state.
    pub status: Option<RequestStatus>,
    /// The unit that asks.
    pub unit: Option<UnitId>,
    /// The target.
    pub target: Option<TargetId>,
    /// The year of the plan.
    pub plan_year: Option<i32>,
}

impl RequestFilter {
    fn condition(self) -> Condition {
        use target_request::Column::{Kind, PlanId, Status, TargetId, UnitId};
        Condition::all()
            .add_option(self.kind.map(|kind| Kind.eq(kind)))
            .add_option(self.status.map(|status| Status.eq(status)))
            .add_option(self.unit.map(|unit| UnitId.eq(unit)))
            .add_option(self.target.map(|target| TargetId.eq(target)))
            .add_option(
                self.plan_year
                    .map(|year| PlanId.in_subquery(plans_of_year(year))),
            )
    }
}

impl Call {
    /// A page of the requests that the viewer may see, newest first.
    pub async fn requests(
        &self,
        filter: RequestFilter,
        args: &PageArgs,
    ) -> Result<Page<Seen<target_request::Model>>> {
        let sort = Sort {
            columns: vec![by(target_request::Entity, target_request::Column::Id)],
            direction: Direction::Descending,
        };
        let rows = Scoped::<target_request::Entity>::new(self).and(filter.condition());
        page(self, "requests", rows, args, &sort, |row| {
            vec![Key::Number(row.id.0)]
        })
        .await
    }

    /// How many requests there are.
    pub async fn request_count(&self, filter: RequestFilter) -> Result<i64> {
        let rows = Scoped::<target_request::Entity>::new(self).and(filter.condition());
        count(self, rows).await
    }

    /// Requests by key.
    pub async fn requests_by_id(
        &self,
        ids: &[TargetRequestId],
    ) -> Result<Vec<Seen<target_request::Model>>> {
        Scoped::<target_request::Entity>::new(self)
            .and(self.among(target_request::Column::Id, ids.iter().copied()))
            .all(&self.reader())
            .await
    }

    /// The requests on targets that the viewer may see, oldest first.
    pub async fn requests_of_targets(
        &self,
        targets: &[TargetKey],
    ) -> Result<Vec<Seen<target_request::Model>>> {
        Scoped::<target_request::Entity>::new(self)
            .and(self.among(
                target_request::Column::TargetId,
                targets.iter().map(|key| key.id()),
            ))
            .order_by(target_request::Column::Id)
            .all(&self.reader())
            .await
    }

    /// What the acts on requests depend on that the viewer may see, in four statements.
    pub async fn request_facts(
        &self,
        ids: &[TargetRequestId],
    ) -> Result<Vec<(TargetRequestId, RequestFacts)>> {
        let rows = self.requests_by_id(ids).await?;
        let rows: Vec<&target_request::Model> = rows.iter().map(|row| &**row).collect();
        let facts = request_facts(&self.reader(), &rows).await?;
        Ok(rows.iter().map(|row| row.id).zip(facts).collect())
    }
}

/// What asking about targets depends on, in three statements.
pub(crate) async fn ask_facts(
    db: &impl ConnectionTrait,
    targets: &[&target::Model],
) -> Result<Vec<AskFacts>, Fault> {
    let facts = target_facts(db, targets.iter().copied()).await?;
    let ids: Vec<TargetId> = targets.iter().map(|row| row.id).collect();
    let mut pending = pending(db, &ids).await?;
    let mut of = |id: &TargetId| {
        Ok(AskFacts {
            target: of_target(&facts, *id)?,
            pending: pending.remove(id).unwrap_or_default(),
        })
    };
    ids.iter().map(&mut of).collect()
}

/// The kinds of requests that wait for a decision, of each target.
pub(crate) async fn pending(
    db: &impl ConnectionTrait,
    targets: &[TargetId],
) -> Result<HashMap<TargetId, Vec<RequestKind>>, Fault> {
    let pending: Vec<(TargetId, RequestKind)> = target_request::Entity::find()
        .select_only()
        .columns([
            target_request::Column::TargetId,
            target_request::Column::Kind,
        ])
        .filter(target_request::Column::TargetId.is_in(targets.iter().copied()))
        .filter(target_request::Column::Status.eq(RequestStatus::Pending))
        .into_tuple()
        .all(db)
        .await?;
    let mut of: HashMap<TargetId, Vec<RequestKind>> = HashMap::new();
    for (target, kind) in pending {
        of.entry(target).or_default().push(kind);
    }
    Ok(of)
}

/// What the acts on requests depend on, in three statements.
pub(crate) async fn request_facts(
    db: &impl ConnectionTrait,
    requests: &[&target_request::Model],
) -> Result<Vec<RequestFacts>, Fault> {
    let facts = target_facts_by_id(db, requests.iter().map(|row| row.target_id)).await?;
    requests
        .iter()
        .map(|row| {
            Ok(RequestFacts {
                target: of_target(&facts, row.target_id)?,
                status: row.status,
                unit: row.unit_id,
                asked_by: row.requested_by_id,
            })
        })
        .collect()
}
