//! Leaders, posts, units and unit groups that drafts alone name are not in the directory yet: who reads it would learn of the
//! draft. What puts them there is a plan that is published, a target of a plan in force that is given to them, or an
//! administrator's act: an account or a grant for the unit, a place in a group, a merger with a listed one.

use entity::{
    assignment, designation,
    ids::{PlanId, TargetId, UnitGroupId, UnitId},
    leader, post, target, target_post, tenure, unit, unit_group, unit_group_member,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Condition, Expr, ExprTrait, LockType, Query, SelectStatement, SimpleExpr},
};

/// Lists whom the targets of a plan name, when it is published.
pub(crate) async fn list_plan(db: &impl ConnectionTrait, plan: PlanId) -> Result<(), DbErr> {
    let targets = Query::select()
        .column(target::Column::Id)
        .from(target::Entity)
        .and_where(target::Column::PlanId.eq(plan))
        .take();
    let posts = named()
        .and_where(target_post::Column::TargetId.in_subquery(targets))
        .take();
    list(db, posts).await?;
    let phrases = Condition::any()
        .add(unit_group::Column::Id.in_subquery(of_assignments(
            assignment::Column::GroupId,
            assignment::Column::PlanId.eq(plan),
        )))
        .add(
            unit_group::Column::Id.in_subquery(
                Query::select()
                    .column(designation::Column::GroupId)
                    .from(designation::Entity)
                    .and_where(designation::Column::PlanId.eq(plan))
                    .take(),
            ),
        );
    unit_group::Entity::update_many()
        .col_expr(unit_group::Column::Listed, Expr::value(true))
        .filter(unit_group::Column::Listed.eq(false))
        .filter(phrases)
        .exec(db)
        .await?;
    let phrases = Query::select()
        .column(unit_group::Column::Id)
        .from(unit_group::Entity)
        .and_where(unit_group::Column::Listed.eq(true))
        .take();
    let members = Query::select()
        .column(unit_group_member::Column::UnitId)
        .from(unit_group_member::Entity)
        .and_where(unit_group_member::Column::GroupId.in_subquery(phrases))
        .take();
    let units = assigned(|| assignment::Column::PlanId.eq(plan));
    list_where(db, units.add(unit::Column::Id.in_subquery(members))).await
}

/// Lists which leaders a target of a plan in force names.
pub(crate) async fn list_leaders_of(
    db: &impl ConnectionTrait,
    target: TargetId,
) -> Result<(), DbErr> {
    let posts = named()
        .and_where(target_post::Column::TargetId.eq(target))
        .take();
    list(db, posts).await
}

/// Lists which units a target of a plan in force names.
pub(crate) async fn list_units_of(
    db: &impl ConnectionTrait,
    target: TargetId,
) -> Result<(), DbErr> {
    list_where(db, assigned(|| assignment::Column::TargetId.eq(target))).await
}

/// Lists units for which an administrator has done something.
pub(crate) async fn list_units(
    db: &impl ConnectionTrait,
    units: impl IntoIterator<Item = UnitId>,
) -> Result<(), DbErr> {
    list_where(db, Condition::all().add(unit::Column::Id.is_in(units))).await
}

/// Lists those of these units and groups that a register brought, and that no plan names: they tell of no draft.
pub(crate) async fn list_unnamed(
    db: &impl ConnectionTrait,
    units: &[UnitId],
    groups: &[UnitGroupId],
) -> Result<(), DbErr> {
    let named = |select: SelectStatement| unit_group::Column::Id.in_subquery(select).not();
    let designated = Query::select()
        .column(designation::Column::GroupId)
        .from(designation::Entity)
        .and_where(designation::Column::GroupId.is_not_null())
        .take();
    unit_group::Entity::update_many()
        .col_expr(unit_group::Column::Listed, Expr::value(true))
        .filter(unit_group::Column::Id.is_in(groups.iter().copied()))
        .filter(named(of_assignments(
            assignment::Column::GroupId,
            Expr::value(true),
        )))
        .filter(named(designated))
        .exec(db)
        .await?;
    let hidden = Query::select()
        .column(unit_group::Column::Id)
        .from(unit_group::Entity)
        .and_where(unit_group::Column::Listed.eq(false))
        .take();
    let members = Query::select()
        .column(unit_group_member::Column::UnitId)
        .from(unit_group_member::Entity)
        .and_where(unit_group_member::Column::GroupId.in_subquery(hidden))
        .take();
    let named = assigned(|| Expr::value(true)).add(unit::Column::Id.in_subquery(members));
    let these = unit::Column::Id.is_in(units.iter().copied());
    list_where(db, Condition::all().add(these).add(named.not())).await
}

/// Lists whoever holds, or has held, a listed post.
pub(crate) async fn list_holders(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    let listed = Query::select()
        .column(post::Column::Id)
        .from(post::Entity)
        .and_where(post::Column::Listed.eq(true))
        .take();
    let holders = Query::select()
        .column(tenure::Column::LeaderId)
        .from(tenure::Entity)
        .and_where(tenure::Column::PostId.in_subquery(listed))
        .take();
    leader::Entity::update_many()
        .col_expr(leader::Column::Listed, Expr::value(true))
        .filter(leader::Column::Listed.eq(false))
        .filter(leader::Column::Id.in_subquery(holders))
        .exec(db)
        .await?;
    Ok(())
}

fn named() -> SelectStatement {
    Query::select()
        .column(target_post::Column::PostId)
        .from(target_post::Entity)
        .take()
}

async fn list(db: &impl ConnectionTrait, posts: SelectStatement) -> Result<(), DbErr> {
    post::Entity::update_many()
        .col_expr(post::Column::Listed, Expr::value(true))
        .filter(post::Column::Listed.eq(false))
        .filter(post::Column::Id.in_subquery(posts))
        .exec(db)
        .await?;
    list_holders(db).await
}

/// The units that have such an assignment, or act for one that has.
fn assigned(such: impl Fn() -> SimpleExpr) -> Condition {
    [assignment::Column::UnitId, assignment::Column::ActingUnitId]
        .into_iter()
        .fold(Condition::any(), |any, column| {
            any.add(unit::Column::Id.in_subquery(of_assignments(column, such())))
        })
}

fn of_assignments(column: assignment::Column, such: SimpleExpr) -> SelectStatement {
    Query::select()
        .column(column)
        .from(assignment::Entity)
        .and_where(column.is_not_null())
        .and_where(such)
        .take()
}

async fn list_where(db: &impl ConnectionTrait, units: Condition) -> Result<(), DbErr> {
    // In the order in which all lock units.
    let unlisted: Vec<UnitId> = unit::Entity::find()
        .select_only()
        .column(unit::Column::Id)
        .filter(unit::Column::Listed.eq(false))
        .filter(units)
        .order_by_asc(unit::Column::Id)
        .lock(LockType::NoKeyUpdate)
        .into_tuple()
        .all(db)
        .await?;
    if !unlisted.is_empty() {
        unit::Entity::update_many()
            .col_expr(unit::Column::Listed, Expr::value(true))
            .filter(unit::Column::Id.is_in(unlisted))
            .exec(db)
            .await?;
    }
    Ok(())
}
