//! Who asks: read from the database on every request, so that a grant, a disabled account or an ended session counts
//! on the very next one. Nothing is cached.

use chrono::{DateTime, Utc};
use domain::{Grant, second_factor};
use entity::{
    ids::{LeaderId, SessionId, UnitId, UserId},
    kinds::Role,
    role_grant, user,
};
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Statement};

use crate::Error;

/// A signed-in user with the grants that hold now.
#[derive(Clone, Debug)]
pub struct Viewer {
    /// The account.
    pub account: Account,
    /// The session through which they ask.
    pub session: SessionId,
    /// The grants that hold at the moment of the request, oldest first.
    pub grants: Vec<Grant>,
    /// A grant of theirs needs a second factor, and they have none: nothing but setting one up is allowed.
    pub must_set_up_second_factor: bool,
}

/// What others may know of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Key.
    pub id: UserId,
    /// Sign-in name.
    pub username: String,
    /// Name shown to others.
    pub display_name: String,
    /// The unit the person works in.
    pub unit: Option<UnitId>,
    /// The leader the person is.
    pub leader: Option<LeaderId>,
    /// Nothing but changing the password is allowed.
    pub must_change_password: bool,
    /// False: disabled.
    pub active: bool,
    /// Signing in is refused until then, if that lies ahead.
    pub locked_until: Option<DateTime<Utc>>,
    /// Since when signing in needs a second factor; none when it does not.
    pub second_factor_at: Option<DateTime<Utc>>,
    /// When it was created.
    pub created_at: DateTime<Utc>,
}

/// What others may know of an account: no password hash leaves the store.
impl From<user::Model> for Account {
    fn from(row: user::Model) -> Self {
        Self {
            id: row.id,
            username: row.username,
            display_name: row.display_name,
            unit: row.unit_id,
            leader: row.leader_id,
            must_change_password: row.must_change_password,
            active: row.active,
            locked_until: row.locked_until,
            second_factor_at: row.second_factor_at,
            created_at: row.created_at,
        }
    }
}

/// A grant as its holder has it; what was merged into its unit is read with its holder.
pub fn grant_of(row: &role_grant::Model) -> Grant {
    Grant {
        id: row.id,
        role: row.role,
        unit: row.unit_id,
        leader: row.leader_id,
        plan: row.plan_id,
        valid_from: row.valid_from,
        valid_until: row.valid_until,
        merged: Vec::new(),
    }
}

/// Everything about the viewer in one statement: no row for a session that has ended or was not refreshed for as long as a refresh
/// token lives, or for a disabled account, and one row for
/// each grant that holds and each unit that was merged into the grant's, or one without a grant.
const VIEWER: &str = r#"
    SELECT u.id, u.username, u.display_name, u.unit_id, u.leader_id, u.must_change_password, u.active,
        u.locked_until, u.second_factor_at, u.created_at,
        (SELECT value FROM setting WHERE name = 'SECOND_FACTOR_ROLES') AS second_factor_roles,
        g.id AS grant_id, g.role, g.unit_id AS grant_unit_id, g.leader_id AS grant_leader_id, g.plan_id,
        g.valid_from, g.valid_until, m.id AS merged_unit_id
    FROM session s
    JOIN "user" u ON u.id = s.user_id
    LEFT JOIN role_grant g ON g.user_id = u.id AND g.status = 'GRANTED' AND g.valid_from <= $3
        AND (g.valid_until IS NULL OR g.valid_until > $3)
    LEFT JOIN unit m ON m.merged_into_id = g.unit_id
    WHERE s.id = $1 AND s.user_id = $2 AND s.ended_at IS NULL AND s.good_until > $3 AND u.active
    ORDER BY g.id, m.id"#;

impl Viewer {
    /// What must be done before anything else.
    pub(crate) const fn hindered(&self) -> Option<Error> {
        if self.account.must_change_password {
            Some(Error::MustChangePassword)
        } else if self.must_set_up_second_factor {
            Some(Error::MustSetUpSecondFactor)
        } else {
            None
        }
    }

    /// The viewer behind a session; none when the session has ended or is too old, or the account is disabled.
    pub(crate) async fn load(
        db: &impl ConnectionTrait,
        user: UserId,
        session: SessionId,
        now: DateTime<Utc>,
    ) -> Result<Option<Self>, DbErr> {
        let rows = db
            .query_all_raw(Statement::from_sql_and_values(
                db.get_database_backend(),
                VIEWER,
                [session.into(), user.into(), now.into()],
            ))
            .await?;
        let Some(first) = rows.first() else {
            return Ok(None);
        };
        let account = Account {
            id: first.try_get("", "id")?,
            username: first.try_get("", "username")?,
            display_name: first.try_get("", "display_name")?,
            unit: first.try_get("", "unit_id")?,
            leader: first.try_get("", "leader_id")?,
            must_change_password: first.try_get("", "must_change_password")?,
            active: first.try_get("", "active")?,
            locked_until: first.try_get("", "locked_until")?,
            second_factor_at: first.try_get("", "second_factor_at")?,
            created_at: first.try_get("", "created_at")?,
        };
        let mut grants: Vec<Grant> = Vec::new();
        for row in &rows {
            let Some(mut next) = grant(row)? else {
                continue;
            };
            match grants.last_mut() {
                Some(last) if last.id == next.id => last.merged.append(&mut next.merged),
                _ => grants.push(next),
            }
        }
        let roles: Option<String> = first.try_get("", "second_factor_roles")?;
        let must_set_up_second_factor = account.second_factor_at.is_none()
            && second_factor::needed(
                &roles.unwrap_or_default(),
                grants.iter().map(|grant| grant.role),
            );
        Ok(Some(Self {
            account,
            session,
            grants,
            must_set_up_second_factor,
        }))
    }
}

fn grant(row: &QueryResult) -> Result<Option<Grant>, DbErr> {
    let Some(id) = row.try_get("", "grant_id")? else {
        return Ok(None);
    };
    Ok(Some(Grant {
        id,
        role: row.try_get::<Role>("", "role")?,
        unit: row.try_get("", "grant_unit_id")?,
        leader: row.try_get("", "grant_leader_id")?,
        plan: row.try_get("", "plan_id")?,
        valid_from: row.try_get("", "valid_from")?,
        valid_until: row.try_get("", "valid_until")?,
        merged: row
            .try_get::<Option<UnitId>>("", "merged_unit_id")?
            .into_iter()
            .collect(),
    }))
}
