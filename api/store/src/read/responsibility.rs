//! Who answers for seen targets: leaders, and units by assignment.

use std::collections::{HashMap, hash_map::Entry};

use entity::{
    assignment,
    ids::{AssignmentId, TargetId, UserId},
    leader, target_post, tenure, unit_group, user,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, IdenStatic, Iterable, QueryFilter,
    QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait, Order, Query, SelectStatement},
};

use crate::{
    ActorKey, Call, Result, Seen, TargetKey,
    scoped::Scoped,
    visible::{in_office, same_post},
};

/// An assignment with the group through which the document named its unit.
#[derive(Clone, Debug)]
pub struct AssignmentRow {
    /// The assignment.
    pub assignment: Seen<assignment::Model>,
    /// The group, if the unit was not named itself.
    pub group: Option<Seen<unit_group::Model>>,
}

impl Call {
    /// The assignments of seen targets, in document order.
    pub async fn assignments(&self, targets: &[TargetKey]) -> Result<Vec<AssignmentRow>> {
        let rows = assignment::Entity::find()
            .filter(assignment::Column::TargetId.is_in(ids(targets)))
            .into_query();
        with_groups(rows, &self.reader()).await
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
            .and(assignment::Column::Id.is_in(ids.iter().copied()))
            .joined();
        with_groups(rows, db).await
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
            .column((leader::Entity, leader::Column::Id))
            .column((leader::Entity, leader::Column::Name))
            .from(target_post::Entity)
            .inner_join(tenure::Entity, same_post())
            .inner_join(
                leader::Entity,
                Expr::col((leader::Entity, leader::Column::Id))
                    .equals((tenure::Entity, tenure::Column::LeaderId)),
            )
            .and_where(target_post::Column::TargetId.is_in(ids(targets)))
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
            .filter(user::Column::Id.is_in(actors.iter().map(|actor| actor.id())))
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

fn ids(targets: &[TargetKey]) -> impl Iterator<Item = TargetId> {
    targets.iter().map(|target| target.id())
}

/// Runs a statement for assignments, with the group of each.
async fn with_groups(
    mut statement: SelectStatement,
    db: &impl ConnectionTrait,
) -> Result<Vec<AssignmentRow>> {
    for column in unit_group::Column::iter() {
        statement.expr_as(
            Expr::col((unit_group::Entity, column)),
            format!("{GROUP}{}", column.as_str()),
        );
    }
    statement
        .left_join(
            unit_group::Entity,
            Expr::col((unit_group::Entity, unit_group::Column::Id))
                .equals((assignment::Entity, assignment::Column::GroupId)),
        )
        .order_by(
            (assignment::Entity, assignment::Column::TargetId),
            Order::Asc,
        )
        .order_by(
            (assignment::Entity, assignment::Column::Ordinal),
            Order::Asc,
        )
        .order_by((assignment::Entity, assignment::Column::Id), Order::Asc);
    // Hundreds of rows share a few groups: each is read once.
    let mut groups: HashMap<_, Seen<unit_group::Model>> = HashMap::new();
    let mut assignments = Vec::new();
    for row in db.query_all(&statement).await? {
        let assignment = assignment::Model::from_query_result(&row, "")?;
        let group = match assignment.group_id.map(|id| groups.entry(id)) {
            None => None,
            Some(Entry::Occupied(known)) => Some(known.get().clone()),
            Some(Entry::Vacant(new)) => {
                let group = Seen(unit_group::Model::from_query_result(&row, GROUP)?);
                Some(new.insert(group).clone())
            }
        };
        assignments.push(AssignmentRow {
            assignment: Seen(assignment),
            group,
        });
    }
    Ok(assignments)
}
