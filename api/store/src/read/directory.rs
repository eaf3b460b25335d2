//! The directory: units, their groups, and leaders.

use std::collections::HashMap;

use entity::{
    ids::{LeaderId, PostId, UnitGroupId, UnitId},
    leader, post, target, target_post, tenure, unit, unit_alias, unit_group, unit_group_member,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    sea_query::{Condition, Expr, ExprTrait, Func, LikeExpr, Order, Query, SimpleExpr},
};

use crate::{
    BadInput, Call, Direction, Page, PageArgs, Result, Seen,
    page::{Key, Sort, by},
    scoped::{Scoped, count, page},
    search::{LONGEST_SEARCH, text_to_find},
    visible::{in_office, same_post},
};

/// Narrowing the list of units.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct UnitFilter {
    /// A text that stands in the name, the full name or an alias.
    pub search: Option<String>,
    /// Also units that were merged into others.
    pub include_merged: bool,
}

impl UnitFilter {
    fn condition(&self) -> Result<Condition, BadInput> {
        let merged = (!self.include_merged).then(|| unit::Column::MergedIntoId.is_null());
        let narrowed = Condition::all().add_option(merged);
        let Some(text) = self.search.as_deref().map(str::trim) else {
            return Ok(narrowed);
        };
        if text.chars().count() > LONGEST_SEARCH {
            return Err(BadInput::SearchTooLong);
        }
        text_to_find(text, "filter.search")?;
        let pattern = LikeExpr::new(format!("%{}%", escaped(&text.to_lowercase()))).escape('\\');
        let holds = |column: SimpleExpr| Expr::expr(Func::lower(column)).like(pattern.clone());
        let by_alias = Query::select()
            .column(unit_alias::Column::UnitId)
            .from(unit_alias::Entity)
            .and_where(holds(by(unit_alias::Entity, unit_alias::Column::Alias)))
            .take();
        Ok(narrowed.add(
            Condition::any()
                .add(holds(by(unit::Entity, unit::Column::Name)))
                .add(holds(by(unit::Entity, unit::Column::FullName)))
                .add(unit::Column::Id.in_subquery(by_alias)),
        ))
    }
}

/// The text, with what means something in a pattern meaning itself.
pub(super) fn escaped(text: &str) -> String {
    text.replace('\\', r"\\")
        .replace('%', r"\%")
        .replace('_', r"\_")
}

impl Call {
    /// The units, in the order of the register.
    pub async fn units(
        &self,
        filter: &UnitFilter,
        args: &PageArgs,
    ) -> Result<Page<Seen<unit::Model>>> {
        let rows = Scoped::<unit::Entity>::new(self).and(filter.condition()?);
        let sort = ascending(by(unit::Entity, unit::Column::Id));
        page(self, "units", rows, args, &sort, |unit: &unit::Model| {
            vec![Key::Number(unit.id.0)]
        })
        .await
    }

    /// How many units there are.
    pub async fn unit_count(&self, filter: &UnitFilter) -> Result<i64> {
        count(
            self,
            Scoped::<unit::Entity>::new(self).and(filter.condition()?),
        )
        .await
    }

    /// Units by key.
    pub async fn units_by_id(&self, ids: &[UnitId]) -> Result<Vec<Seen<unit::Model>>> {
        Scoped::<unit::Entity>::new(self)
            .and(self.among(unit::Column::Id, ids.iter().copied()))
            .all(&self.reader())
            .await
    }

    /// The other names of seen units, in the order of the register.
    pub async fn aliases(&self, units: &[UnitId]) -> Result<Vec<(UnitId, String)>> {
        let rows = unit_alias::Entity::find()
            .filter(self.among(unit_alias::Column::UnitId, units.iter().copied()))
            .order_by_asc(unit_alias::Column::Id)
            .all(&self.reader())
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| (row.unit_id, row.alias))
            .collect())
    }

    /// The unit groups, in the order of the register.
    pub async fn unit_groups(&self, args: &PageArgs) -> Result<Page<Seen<unit_group::Model>>> {
        let sort = ascending(by(unit_group::Entity, unit_group::Column::Id));
        page(
            self,
            "unit groups",
            Scoped::<unit_group::Entity>::new(self),
            args,
            &sort,
            |group: &unit_group::Model| vec![Key::Number(group.id.0)],
        )
        .await
    }

    /// How many unit groups there are.
    pub async fn unit_group_count(&self) -> Result<i64> {
        count(self, Scoped::<unit_group::Entity>::new(self)).await
    }

    /// Unit groups by key.
    pub async fn unit_groups_by_id(
        &self,
        ids: &[UnitGroupId],
    ) -> Result<Vec<Seen<unit_group::Model>>> {
        Scoped::<unit_group::Entity>::new(self)
            .and(self.among(unit_group::Column::Id, ids.iter().copied()))
            .all(&self.reader())
            .await
    }

    /// The members of groups, in their order.
    pub async fn members(
        &self,
        groups: &[UnitGroupId],
    ) -> Result<Vec<(UnitGroupId, Seen<unit::Model>)>> {
        let statement = Scoped::<unit::Entity>::new(self)
            .joined()
            .column((
                unit_group_member::Entity,
                unit_group_member::Column::GroupId,
            ))
            .inner_join(
                unit_group_member::Entity,
                Expr::col((unit_group_member::Entity, unit_group_member::Column::UnitId))
                    .equals((unit::Entity, unit::Column::Id)),
            )
            .and_where(self.among(unit_group_member::Column::GroupId, groups.iter().copied()))
            .order_by(
                (
                    unit_group_member::Entity,
                    unit_group_member::Column::GroupId,
                ),
                Order::Asc,
            )
            .order_by(
                (
                    unit_group_member::Entity,
                    unit_group_member::Column::Ordinal,
                ),
                Order::Asc,
            )
            .take();
        self.reader()
            .query_all(&statement)
            .await?
            .iter()
            .map(|row| {
                Ok((
                    row.try_get("", "group_id")?,
                    Seen(unit::Model::from_query_result(row, "")?),
                ))
            })
            .collect()
    }

    /// The leaders, in the order in which they first appeared.
    pub async fn leaders(&self, args: &PageArgs) -> Result<Page<Seen<leader::Model>>> {
        let sort = ascending(by(leader::Entity, leader::Column::Id));
        page(
            self,
            "leaders",
            Scoped::<leader::Entity>::new(self),
            args,
            &sort,
            |leader: &leader::Model| vec![Key::Number(leader.id.0)],
        )
        .await
    }

    /// How many leaders there are.
    pub async fn leader_count(&self) -> Result<i64> {
        count(self, Scoped::<leader::Entity>::new(self)).await
    }

    /// Leaders by key.
    pub async fn leaders_by_id(&self, ids: &[LeaderId]) -> Result<Vec<Seen<leader::Model>>> {
        Scoped::<leader::Entity>::new(self)
            .and(self.among(leader::Column::Id, ids.iter().copied()))
            .all(&self.reader())
            .await
    }

    /// The titles of the posts that leaders hold today, where a document gives one.
    pub async fn titles(&self, leaders: &[LeaderId]) -> Result<Vec<(LeaderId, String)>> {
        let held = self.posts_held(leaders).await?.into_iter();
        Ok(held
            .filter_map(|(leader, post)| post.0.title.map(|title| (leader, title)))
            .collect())
    }

    /// The posts that leaders hold today.
    pub async fn posts_held(
        &self,
        leaders: &[LeaderId],
    ) -> Result<Vec<(LeaderId, Seen<post::Model>)>> {
        let statement = Scoped::<post::Entity>::new(self)
            .joined()
            .column((tenure::Entity, tenure::Column::LeaderId))
            .inner_join(
                tenure::Entity,
                Expr::col((post::Entity, post::Column::Id))
                    .equals((tenure::Entity, tenure::Column::PostId)),
            )
            .and_where(self.among(tenure::Column::LeaderId, leaders.iter().copied()))
            .and_where(in_office(self.today()))
            .order_by((post::Entity, post::Column::Id), Order::Asc)
            .take();
        let rows = self.reader().query_all(&statement).await?;
        rows.iter()
            .map(|row| {
                let post = Seen(post::Model::from_query_result(row, "")?);
                Ok((row.try_get("", "leader_id")?, post))
            })
            .collect()
    }

    /// Posts by key.
    pub async fn posts_by_id(&self, ids: &[PostId]) -> Result<Vec<Seen<post::Model>>> {
        Scoped::<post::Entity>::new(self)
            .and(self.among(post::Column::Id, ids.iter().copied()))
            .all(&self.reader())
            .await
    }

    /// How many targets each leader answers for today, of those that the viewer sees.
    pub async fn target_counts_by_leader(
        &self,
        leaders: &[LeaderId],
    ) -> Result<HashMap<LeaderId, i64>> {
        let target: SimpleExpr = by(target::Entity, target::Column::Id);
        let statement = Scoped::<target::Entity>::new(self)
            .aggregate()
            .column((tenure::Entity, tenure::Column::LeaderId))
            .expr_as(Func::count_distinct(target), "count")
            .inner_join(
                target_post::Entity,
                Expr::col((target_post::Entity, target_post::Column::TargetId))
                    .equals((target::Entity, target::Column::Id)),
            )
            .inner_join(tenure::Entity, same_post())
            .and_where(self.among(tenure::Column::LeaderId, leaders.iter().copied()))
            .and_where(in_office(self.today()))
            .group_by_col((tenure::Entity, tenure::Column::LeaderId))
            .take();
        let mut counts = HashMap::new();
        for row in self.reader().query_all(&statement).await? {
            counts.insert(row.try_get("", "leader_id")?, row.try_get("", "count")?);
        }
        Ok(counts)
    }
}

fn ascending(column: SimpleExpr) -> Sort {
    Sort {
        columns: vec![column],
        direction: Direction::Ascending,
    }
}
