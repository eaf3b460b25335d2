//! Failed sign-ins as they are kept: by account and address. Read and written under the lock of the account's row.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use domain::lockout::{Lockout, REMEMBERED, Tried, network};
use entity::{
    ids::UserId,
    sign_in_failure::{self, Column},
    unknown_name, user,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, Statement,
    sea_query::{Expr, ExprTrait, IntoCondition, LockBehavior, LockType, Query},
};

use crate::Fault;

/// One more failure, or the same as before, of an account that exists: of nobody's key nothing is written, by the same statement.
const KEEP: &str = r#"
    INSERT INTO sign_in_failure (user_id, network, failures, locked_until, failed_at)
    SELECT id, $2, $3, $4, $5 FROM "user" WHERE id = $1
    ON CONFLICT (user_id, network) DO UPDATE
    SET failures = excluded.failures, locked_until = excluded.locked_until, failed_at = excluded.failed_at"#;

/// What counts of the address that somebody comes from, as it is kept.
pub(super) fn place(address: Option<IpAddr>) -> String {
    address.map_or_else(String::new, |address| network(address).to_string())
}

/// Locks a row for a name that nobody has, as that of an account is locked.
pub(super) async fn lock_unknown(db: &impl ConnectionTrait, bucket: u8) -> Result<(), Fault> {
    unknown_name::Entity::find_by_id(i32::from(bucket))
        .lock_exclusive()
        .one(db)
        .await?;
    Ok(())
}

/// What is known of an account's failures, for somebody who comes from a place; what is too old counts no more.
pub(super) async fn tried(
    db: &impl ConnectionTrait,
    id: UserId,
    user: Option<&user::Model>,
    place: &str,
    rule: Lockout,
    now: DateTime<Utc>,
) -> Result<Tried, Fault> {
    use Column::{FailedAt, Network, UserId};
    // No more rows than failures lock the account for all, and the place's own.
    let rows = sign_in_failure::Entity::find()
        .filter(UserId.eq(id))
        .filter(FailedAt.gt(now - REMEMBERED))
        .filter(
            Condition::any()
                .add(Network.eq(place))
                .add(FailedAt.gt(now - rule.locks_for)),
        )
        .all(db)
        .await?;
    let (here, others): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row.network == place);
    let here = here.first();
    Ok(Tried {
        here: here.map_or(0, |row| row.failures),
        locked_here: here.and_then(|row| row.locked_until),
        elsewhere: others.iter().map(|row| row.failures).sum(),
        locked_everywhere: user.and_then(|user| user.locked_everywhere_until),
    })
}

/// Keeps what is known after an attempt that did not succeed. Where nothing is to be kept, the key is nobody's.
pub(super) async fn keep(
    db: &impl ConnectionTrait,
    id: UserId,
    user: Option<&user::Model>,
    place: &str,
    after: Tried,
    now: DateTime<Utc>,
) -> Result<(), Fault> {
    forget(db, id, Column::FailedAt.lte(now - REMEMBERED)).await?;
    db.execute_raw(Statement::from_sql_and_values(
        db.get_database_backend(),
        KEEP,
        [
            id.into(),
            place.into(),
            after.here.into(),
            after.locked_here.into(),
            now.into(),
        ],
    ))
    .await?;
    let before = user.and_then(|user| user.locked_until);
    let locked_until = [before, after.locked_here, after.locked_everywhere];
    user::Entity::update_many()
        .col_expr(
            user::Column::LockedUntil,
            Expr::value(locked_until.into_iter().flatten().max()),
        )
        .col_expr(
            user::Column::LockedEverywhereUntil,
            Expr::value(after.locked_everywhere),
        )
        .filter(user::Column::Id.eq(id))
        .exec(db)
        .await?;
    Ok(())
}

/// Begins the count of a place anew: who came from there has signed in.
pub(super) async fn begin_anew(
    db: &impl ConnectionTrait,
    id: UserId,
    place: &str,
    now: DateTime<Utc>,
) -> Result<(), Fault> {
    let old = Column::FailedAt.lte(now - REMEMBERED);
    forget(db, id, old.or(Column::Network.eq(place))).await
}

/// Forgets all failures of an account, wherever they came from.
pub(crate) async fn forget_failures(db: &impl ConnectionTrait, id: UserId) -> Result<(), Fault> {
    forget(db, id, Expr::value(true)).await
}

/// Forgets the failures of all accounts that count no more, where nobody tries again: their addresses are kept no longer than needed.
/// Those at which somebody's sign-in looks at this moment are left to it.
pub(super) async fn forget_old(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
) -> Result<u64, Fault> {
    let key = [Column::UserId, Column::Network];
    let old = Query::select()
        .columns(key)
        .from(sign_in_failure::Entity)
        .and_where(Column::FailedAt.lte(now - REMEMBERED))
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .take();
    let old = Expr::tuple(key.map(Expr::col)).in_subquery(old);
    let gone = sign_in_failure::Entity::delete_many().filter(old);
    Ok(gone.exec(db).await?.rows_affected)
}

async fn forget(
    db: &impl ConnectionTrait,
    id: UserId,
    which: impl IntoCondition,
) -> Result<(), Fault> {
    sign_in_failure::Entity::delete_many()
        .filter(Column::UserId.eq(id))
        .filter(which.into_condition())
        .exec(db)
        .await?;
    Ok(())
}
