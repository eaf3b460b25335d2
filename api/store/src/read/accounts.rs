//! Accounts: lists for the system and the security administrators, and what the acts on one depend on.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use domain::{account::Facts, granting::is_administrator};
use entity::{
    ids::{UnitId, UserId},
    kinds::Role,
    role_grant, user,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect,
    sea_query::{Condition, Expr, ExprTrait, Func, LikeExpr, SimpleExpr},
};
use serde_json::{Value, json};

use crate::{
    Account, BadInput, Call, Direction, Fault, Page, PageArgs, Result,
    audit::without_texts,
    page::{Key, Sort, by},
    scoped::{Scoped, count, page},
    search::{LONGEST_SEARCH, text_to_find},
};

use super::{directory::escaped, grants::not_over, others::without_nulls};

/// Narrowing a list of accounts: all that is given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct UserFilter {
    /// A text that stands in the sign-in name or the shown name.
    pub search: Option<String>,
    /// It is not disabled, or it is.
    pub active: Option<bool>,
    /// Signing in is refused for a while, or not.
    pub locked: Option<bool>,
    /// Of people who work in this unit.
    pub unit: Option<UnitId>,
}

impl UserFilter {
    fn condition(&self, now: DateTime<Utc>) -> Result<Condition, BadInput> {
        use user::Column::{Active, DisplayName, LockedUntil, UnitId, Username};
        let locked = |locked| {
            if locked {
                LockedUntil.gt(now)
            } else {
                LockedUntil.is_null().or(LockedUntil.lte(now))
            }
        };
        let narrowed = Condition::all()
            .add_option(self.active.map(|active| Active.eq(active)))
            .add_option(self.locked.map(locked))
            .add_option(self.unit.map(|unit| UnitId.eq(unit)));
        let Some(text) = self.search.as_deref().map(str::trim) else {
            return Ok(narrowed);
        };
        if text.chars().count() > LONGEST_SEARCH {
            return Err(BadInput::SearchTooLong);
        }
        text_to_find(text, "filter.search")?;
        let pattern = LikeExpr::new(format!("%{}%", escaped(&text.to_lowercase()))).escape('\\');
        let holds = |column: SimpleExpr| Expr::expr(Func::lower(column)).like(pattern.clone());
        Ok(narrowed.add(
            Condition::any()
                .add(holds(by(user::Entity, Username)))
                .add(holds(by(user::Entity, DisplayName))),
        ))
    }

    /// As the audit log keeps it: what somebody looks for may be a name.
    fn told(&self) -> Value {
        without_nulls(without_texts(json!({
            "search": self.search.as_deref().map(str::trim), "active": self.active, "locked": self.locked, "unitId": self.unit,
        })))
    }
}

impl Call {
    /// A page of the accounts, oldest first. That others' were read is noted for the audit log, here and below.
    pub async fn accounts(&self, filter: &UserFilter, args: &PageArgs) -> Result<Page<Account>> {
        let rows = self.managed_accounts(filter)?;
        let sort = Sort {
            columns: vec![by(user::Entity, user::Column::Id)],
            direction: Direction::Ascending,
        };
        let page = page(self, "users", rows, args, &sort, |row: &user::Model| {
            vec![Key::Number(row.id.0)]
        });
        let page = page.await?.map(|row| Account::from(row.0));
        let rows: Vec<&Account> = page.edges.iter().map(|edge| &edge.node).collect();
        self.note_list("User", filter.told(), false).await?;
        self.note_rows("User", &rows, |row| (Some(row.id), row.id.0))
            .await?;
        Ok(page)
    }

    /// How many accounts there are.
    pub async fn account_count(&self, filter: &UserFilter) -> Result<i64> {
        self.note_list("User", filter.told(), true).await?;
        count(self, self.managed_accounts(filter)?).await
    }

    /// The accounts that the viewer manages: no list for those who see their own alone.
    fn managed_accounts(&self, filter: &UserFilter) -> Result<Scoped<user::Entity>> {
        let reach = self.reach();
        let manages = reach.administers || reach.secures;
        Ok(Scoped::<user::Entity>::new(self)
            .and(filter.condition(self.now())?)
            .and(Expr::val(manages).eq(true)))
    }

    /// Accounts by key.
    pub async fn accounts_by_id(&self, ids: &[UserId]) -> Result<Vec<Account>> {
        let rows = Scoped::<user::Entity>::new(self)
            .and(self.among(user::Column::Id, ids.iter().copied()))
            .all(&self.reader())
            .await?;
        self.note_rows("User", &rows, |row| (Some(row.id), row.id.0))
            .await?;
        Ok(rows.into_iter().map(|row| Account::from(row.0)).collect())
    }

    /// Those among users who have an administrator's role now, will have one, or are proposed for one.
    pub async fn administrators(&self, users: &[UserId]) -> Result<HashSet<UserId>> {
        Ok(administrators(&self.reader(), users, self.now()).await?)
    }

    /// What the acts on a seen account depend on, which is an administrator's or not.
    pub fn account_facts(&self, account: &Account, administrator: bool) -> Facts {
        Facts {
            user: account.id,
            active: account.active,
            locked: account.locked_until.is_some_and(|until| self.now() < until),
            second_factor: account.second_factor_at.is_some(),
            administrator,
        }
    }
}

/// What the acts on an account depend on.
pub(crate) async fn account_facts(
    db: &impl ConnectionTrait,
    row: &user::Model,
    now: DateTime<Utc>,
) -> Result<Facts, Fault> {
    Ok(Facts {
        user: row.id,
        active: row.active,
        locked: row.locked_until.is_some_and(|until| now < until),
        second_factor: row.second_factor_at.is_some(),
        administrator: !administrators(db, &[row.id], now).await?.is_empty(),
    })
}

/// Those who have an administrator's role now, will have one, or are proposed for one.
async fn administrators(
    db: &impl ConnectionTrait,
    users: &[UserId],
    now: DateTime<Utc>,
) -> Result<HashSet<UserId>, Fault> {
    let roles = Role::ALL.iter().copied();
    let users: Vec<UserId> = role_grant::Entity::find()
        .select_only()
        .column(role_grant::Column::UserId)
        .filter(role_grant::Column::UserId.is_in(users.iter().copied()))
        .filter(role_grant::Column::Role.is_in(roles.filter(|role| is_administrator(*role))))
        .filter(not_over(now))
        .into_tuple()
        .all(db)
        .await?;
    Ok(users.into_iter().collect())
}
