//! Who answers for seen targets: leaders, and units by assignment.

use std::sync::Arc;

use entity::{
    assignment,
    ids::{AssignmentId, TargetId, UserId},
    leader, target_post, tenure, unit, unit_group, user,
};
use sea_orm::{
    ConnectionTrait, EntityTrait, FromQueryResult, Iterable, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait, Order, Query, SelectStatement},
};

use super::naming::{self, Named};
use crate::{
    ActorKey, Call, Result, Seen, TargetKey,
    page::by,
    scoped::Scoped,
    visible::{in_office, same_post},
};

/// An assignment with whom it names. Hundreds of assignments share a few units and groups.
#[derive(Clone, Debug)]
pub struct AssignmentRow {
    /// The assignment.
    pub assignment: Seen<assignment::Model>,
    /// The group through which the document named the unit, if it did not name the unit itself.
    pub group: Option<Arc<Seen<unit_group::Model>>>,
    /// The unit, where the viewer sees the directory.
    pub unit: Option<Arc<Seen<unit::Model>>>,
    /// The unit that acts for it, if one does, where the viewer sees the directory.
    pub acting_unit: Option<Arc<Seen<unit::Model>>>,
}

impl Call {
    /// The assignments of seen targets, in document order.
    pub async fn assignments(&self, targets: &[TargetKey]) -> Result<Vec<AssignmentRow>> {
        let rows = assignment::Entity::find()
            .filter(self.among(assignment::Column::TargetId, ids(targets)))
            .into_query();
        self.with_names(rows, &self.reader()).await
    }

    /// Assignments by key.
    pub async fn assignments_by_id(&self, ids: &[AssignmentId]) -> Result<Vec<AssignmentRow>> {
        self.assignments_within(ids, &self.reader()).await
    }

    /// Assignments by key, read from a transaction perhaps.
    pub(crate) async fn assignments_within(
        &self,
        ids: &[AssignmentId],
        db: &impl ConnectionTrait,
    ) -> Result<Vec<AssignmentRow>> {
        let rows = Scoped::<assignment::Entity>::new(self)
            .and(self.among(assignment::Column::Id, ids.iter().copied()))
            .joined();
        self.with_names(rows, db).await
    }

    /// The leaders who answer for seen targets today, in document order: those who hold the posts.
    pub async fn leaders_of(
        &self,
        targets: &[TargetKey],
    ) -> Result<Vec<(TargetId, Seen<leader::Model>)>> {
        self.leaders_within(targets, &self.reader()).await
    }

    /// The leaders who answer for seen targets today, read from a transaction perhaps.
    pub(crate) async fn leaders_within(
        &self,
        targets: &[TargetKey],
        db: &impl ConnectionTrait,
    ) -> Result<Vec<(TargetId, Seen<leader::Model>)>> {
        let statement = Query::select()
            .column((target_post::Entity, target_post::Column::TargetId))
            .columns(leader::Column::iter().map(|column| (leader::Entity, column)))
            .from(target_post::Entity)
            .inner_join(tenure::Entity, same_post())
            .inner_join(
                leader::Entity,
                Expr::col((leader::Entity, leader::Column::Id))
                    .equals((tenure::Entity, tenure::Column::LeaderId)),
            )
            .and_where(self.among(target_post::Column::TargetId, ids(targets)))
            .and_where(in_office(self.today()))
            .order_by(
                (target_post::Entity, target_post::Column::TargetId),
                Order::Asc,
            )
            .order_by(
                (target_post::Entity, target_post::Column::Ordinal),
                Order::Asc,
            )
            .take();
        db.query_all(&statement)
            .await?
            .iter()
            .map(|row| {
                Ok((
                    row.try_get("", "target_id")?,
                    Seen(leader::Model::from_query_result(row, "")?),
                ))
            })
            .collect()
    }

    /// The names of people who appear on seen rows.
    pub async fn actors(&self, actors: &[ActorKey]) -> Result<Vec<(ActorKey, String)>> {
        let names: Vec<(UserId, String)> = user::Entity::find()
            .select_only()
            .column(user::Column::Id)
            .column(user::Column::DisplayName)
            .filter(self.among(user::Column::Id, actors.iter().map(|actor| actor.id())))
            .into_tuple()
            .all(&self.reader())
            .await?;
        Ok(actors
            .iter()
            .filter_map(|actor| {
                names
                    .iter()
                    .find(|(id, _)| *id == actor.id())
                    .map(|(_, name)| (*actor, name.clone()))
            })
            .collect())
    }
}

const GROUP: &str = "group_row_";
const UNIT: &str = "unit_row_";
const ACTING_UNIT: &str = "acting_unit_row_";

fn ids(targets: &[TargetKey]) -> impl Iterator<Item = TargetId> {
    targets.iter().map(|target| target.id())
}

impl Call {
    /// Runs a statement for assignments, with whom each names.
    async fn with_names(
        &self,
        mut statement: SelectStatement,
        db: &impl ConnectionTrait,
    ) -> Result<Vec<AssignmentRow>> {
        use assignment::Column::{ActingUnitId, GroupId, Id, Ordinal, TargetId, UnitId};
        let column = |column| by(assignment::Entity, column);
        let rows = &mut statement;
        naming::join::<unit_group::Entity>(
            self,
            rows,
            GROUP,
            unit_group::Column::Id,
            column(GroupId),
        );
        naming::join::<unit::Entity>(self, rows, UNIT, unit::Column::Id, column(UnitId));
        let acting = column(ActingUnitId);
        naming::join::<unit::Entity>(self, rows, ACTING_UNIT, unit::Column::Id, acting);
        for order in [TargetId, Ordinal, Id] {
            rows.order_by_expr(column(order), Order::Asc);
        }
        let mut groups = Named::new(GROUP);
        let mut units = Named::new(UNIT);
        let mut acting_units = Named::new(ACTING_UNIT);
        let mut assignments = Vec::new();
        for row in db.query_all(&statement).await? {
            let assignment = assignment::Model::from_query_result(&row, "")?;
            let (group, acting_unit) = (assignment.group_id, assignment.acting_unit_id);
            assignments.push(AssignmentRow {
                group: group.map(|id| groups.of(id, &row)).transpose()?.flatten(),
                unit: units.of(assignment.unit_id, &row)?,
                acting_unit: acting_unit
                    .map(|id| acting_units.of(id, &row))
                    .transpose()?
                    .flatten(),
                assignment: Seen(assignment),
            });
        }
        Ok(assignments)
    }
}
