//! Leaders and posts that drafts alone name are not in the directory yet: who reads it would learn of the draft. What puts
//! them there is a plan that is published, or a target of a plan in force that is given to them.

use entity::{
    ids::{PlanId, TargetId},
    leader, post, target, target_post, tenure,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter,
    sea_query::{Expr, Query, SelectStatement},
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
    list(db, posts).await
}

/// Lists whom a target of a plan in force names.
pub(crate) async fn list_target(db: &impl ConnectionTrait, target: TargetId) -> Result<(), DbErr> {
    let posts = named()
        .and_where(target_post::Column::TargetId.eq(target))
        .take();
    list(db, posts).await
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
