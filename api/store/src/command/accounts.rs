//! Accounts: created, disabled, enabled and reset by the system administrator; unlocked, and their sessions ended, by a
//! security administrator.

use domain::{
    Action, Guarded, Reason,
    account::{self, LONGEST_NAME},
    action::LONGEST_REASON,
    directory::Register,
};
use entity::{
    ids::{LeaderId, UnitId, UserId},
    leader, user,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter,
    Set, sea_query::OnConflict,
};
use serde_json::{Value, json};

use crate::{
    Account, Call, Once, Password, Result, Seen,
    read::accounts::account_facts,
    scoped::Scoped,
    system::{end_sessions, forget_failures, username},
    write::{Begun, Write},
};

use super::{directory_unit, entry, fit_name, text};

const USER: &str = "userId";

/// An account to be created.
#[derive(Clone, Debug)]
pub struct CreateUser {
    /// Sign-in name: letters a to z, digits, and within it `.`, `_`, `-` and `@`, at most 64; capitals and small letters are the same.
    pub username: String,
    /// Name shown to others, at most 100 characters.
    pub display_name: String,
    /// The unit the person works in, where one is given; the inner none when the ID is none.
    pub unit: Option<Option<UnitId>>,
    /// The leader the person is, where one is given; the inner none when the ID is none.
    pub leader: Option<Option<LeaderId>>,
}

/// An account, with the one-time password that it got, to be shown once.
#[derive(Clone, Debug)]
pub struct OneTime {
    /// The account.
    pub account: Account,
    /// The one-time password; none when the same mutation came again: nobody keeps it.
    pub password: Option<Password>,
}

impl Call {
    /// Creates an account with a one-time password. It may do nothing until it is granted a role.
    ///
    /// # Errors
    /// Refused: a viewer who is no system administrator, a name that is taken or unfit, or a unit or leader that there is
    /// not.
    pub async fn create_user(&self, input: CreateUser, once: Option<&Once>) -> Result<OneTime> {
        Register
            .permit(self.asking()?, Action::CreateUser)
            .map_err(Reason::whole)?;
        let name = username(&input.username);
        account::check_username(&name).map_err(|reason| reason.at("username"))?;
        let display_name = fit_name("displayName", &input.display_name, LONGEST_NAME)?;
        // A password is hashed before the transaction begins, and not for what is done.
        if let Some(id) = self.done_before(once).await? {
            return self.account_again(&id).await;
        }
        let (password, hash) = self.new_password().await?;
        let write = match self.begin(once).await? {
            Begun::Fresh(write) => write,
            Begun::Again(id) => return self.account_again(&id).await,
        };
        let unit = match input.unit {
            Some(unit) => Some(directory_unit(self, &write, unit, "unitId").await?),
            None => None,
        };
        let leader = match input.leader {
            Some(leader) => Some(self.leader_named(&write, leader).await?),
            None => None,
        };
        let fresh = user::Entity::insert(user::ActiveModel {
            id: NotSet,
            username: Set(name.clone()),
            display_name: Set(display_name),
            unit_id: Set(unit),
            leader_id: Set(leader),
            password_hash: Set(hash),
            password_changed_at: Set(self.now()),
            must_change_password: Set(true),
            active: Set(true),
            locked_until: Set(None),
            locked_everywhere_until: Set(None),
            second_factor_at: Set(None),
            created_at: Set(self.now()),
        })
        .on_conflict(
            OnConflict::column(user::Column::Username)
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(write.db())
        .await?;
        let row = user::Entity::find()
            .filter(user::Column::Username.eq(name))
            .one(write.db())
            .await?;
        let Some(row) = row.filter(|_| fresh > 0) else {
            return Err(Reason::NameTaken.at("username").into());
        };
        let changes = json!({
            "username": row.username, "displayName": row.display_name, "unitId": row.unit_id, "leaderId": row.leader_id,
        });
        self.account_done(write, row, Action::CreateUser, changes, Some(password))
            .await
    }

    /// Disables an account. Its sessions end at once, and it signs in no more.
    ///
    /// # Errors
    /// Refused: an account that the viewer does not see, their own, or one that is disabled, or a viewer who is no system
    /// administrator.
    pub async fn disable_user(
        &self,
        id: Option<UserId>,
        reason: Option<&str>,
        once: Option<&Once>,
    ) -> Result<Account> {
        let reason = self.reason(reason)?;
        let (write, mut row) = match self.on_user(Action::DisableUser, id, once).await? {
            Begun::Fresh(begun) => begun,
            Begun::Again(account) => return Ok(account),
        };
        row.active = false;
        end_sessions(write.db(), row.id, None, self.now()).await?;
        let changes = json!({ "active": [true, false], "reason": reason });
        let done = self.save_account(write, row, Action::DisableUser, changes, None);
        Ok(done.await?.account)
    }

    /// Enables a disabled account again.
    ///
    /// # Errors
    /// As [`Call::disable_user`], for one that is not disabled.
    pub async fn enable_user(
        &self,
        id: Option<UserId>,
        reason: Option<&str>,
        once: Option<&Once>,
    ) -> Result<Account> {
        let reason = self.reason(reason)?;
        let (write, mut row) = match self.on_user(Action::EnableUser, id, once).await? {
            Begun::Fresh(begun) => begun,
            Begun::Again(account) => return Ok(account),
        };
        row.active = true;
        let changes = json!({ "active": [false, true], "reason": reason });
        let done = self.save_account(write, row, Action::EnableUser, changes, None);
        Ok(done.await?.account)
    }

    /// Gives an account a new one-time password. Its sessions end at once; a lock stays.
    ///
    /// # Errors
    /// As [`Call::disable_user`]; an administrator's is reset at the command line alone.
    pub async fn reset_password(
        &self,
        id: Option<UserId>,
        reason: Option<&str>,
        once: Option<&Once>,
    ) -> Result<OneTime> {
        let reason = self.reason(reason)?;
        if let Some(id) = self.done_before(once).await? {
            return self.account_again(&id).await;
        }
        // Hashed before the transaction begins, for those who may.
        let new = if self.asking()?.reach.administers {
            Some(self.new_password().await?)
        } else {
            None
        };
        let (write, mut row) = match self.on_user(Action::ResetPassword, id, once).await? {
            Begun::Fresh(begun) => begun,
            Begun::Again(account) => {
                return Ok(OneTime {
                    account,
                    password: None,
                });
            }
        };
        let (password, hash) = new.ok_or_else(|| Reason::NotSystemAdmin.at(USER))?;
        row.password_hash = hash;
        row.password_changed_at = self.now();
        row.must_change_password = true;
        end_sessions(write.db(), row.id, None, self.now()).await?;
        let changes = json!({ "mustChangePassword": true, "reason": reason });
        self.save_account(write, row, Action::ResetPassword, changes, Some(password))
            .await
    }

    /// Unlocks an account that failed sign-ins have locked.
    ///
    /// # Errors
    /// Refused: an account that the viewer does not see, their own, or one that is not locked, or a viewer who is no
    /// security administrator.
    pub async fn unlock_user(
        &self,
        id: Option<UserId>,
        reason: Option<&str>,
        once: Option<&Once>,
    ) -> Result<Account> {
        let reason = self.reason(reason)?;
        let (write, mut row) = match self.on_user(Action::UnlockUser, id, once).await? {
            Begun::Fresh(begun) => begun,
            Begun::Again(account) => return Ok(account),
        };
        let changes = json!({ "lockedUntil": [row.locked_until, null], "reason": reason });
        row.locked_until = None;
        row.locked_everywhere_until = None;
        forget_failures(write.db(), row.id).await?;
        let done = self.save_account(write, row, Action::UnlockUser, changes, None);
        Ok(done.await?.account)
    }

    /// Ends all sessions of an account.
    ///
    /// # Errors
    /// Refused: an account that the viewer does not see, or their own, or a viewer who is no security administrator.
    pub async fn end_user_sessions(
        &self,
        id: Option<UserId>,
        reason: Option<&str>,
        once: Option<&Once>,
    ) -> Result<Account> {
        let reason = self.reason(reason)?;
        let (write, row) = match self.on_user(Action::EndSessions, id, once).await? {
            Begun::Fresh(begun) => begun,
            Begun::Again(account) => return Ok(account),
        };
        end_sessions(write.db(), row.id, None, self.now()).await?;
        let changes = json!({ "reason": reason });
        let done = self.account_done(write, row, Action::EndSessions, changes, None);
        Ok(done.await?.account)
    }

    /// Begins an act on an account, under the lock of its row, once its guard permits it.
    pub(super) async fn on_user(
        &self,
        action: Action,
        id: Option<UserId>,
        once: Option<&Once>,
    ) -> Result<Begun<(Write, user::Model), Account>> {
        let write = match self.begin(once).await? {
            Begun::Fresh(write) => write,
            Begun::Again(id) => return Ok(Begun::Again(self.account_again(&id).await?.account)),
        };
        let row = self.user_locked(&write, id).await?.0;
        account_facts(write.db(), &row, self.now())
            .await?
            .permit(self.asking()?, action)
            .map_err(|reason| reason.at(USER))?;
        Ok(Begun::Fresh((write, row)))
    }

    /// An account that the viewer sees, locked: what happens to it, and to its grants, happens one by one.
    pub(super) async fn user_locked(
        &self,
        write: &Write,
        id: Option<UserId>,
    ) -> Result<Seen<user::Model>> {
        let not_found = || Reason::NotFound.at(USER);
        let found = Scoped::<user::Entity>::new(self)
            .and(user::Column::Id.eq(id.ok_or_else(not_found)?))
            .locked()
            .one(write.db())
            .await?;
        Ok(found.ok_or_else(not_found)?)
    }

    pub(super) async fn leader_named(
        &self,
        write: &Write,
        id: Option<LeaderId>,
    ) -> Result<LeaderId> {
        let not_found = || Reason::NotFound.at("leaderId");
        let found = Scoped::<leader::Entity>::new(self)
            .and(leader::Column::Id.eq(id.ok_or_else(not_found)?))
            .one(write.db())
            .await?;
        Ok(found.ok_or_else(not_found)?.id)
    }

    /// Why, where somebody says so.
    pub(super) fn reason(&self, reason: Option<&str>) -> Result<Option<String>> {
        let reason = reason.map(|reason| text("reason", reason, LONGEST_REASON, false));
        Ok(reason.transpose()?.filter(|reason| !reason.is_empty()))
    }

    /// A new one-time password, and its hash.
    pub(super) async fn new_password(&self) -> Result<(Password, String)> {
        let password = Password::new(self.store().one_time_password());
        let hash = self.store().inner.hashing.hash(password.clone()).await?;
        Ok((password, hash))
    }

    pub(super) async fn save_account(
        &self,
        write: Write,
        row: user::Model,
        action: Action,
        changes: Value,
        password: Option<Password>,
    ) -> Result<OneTime> {
        row.clone()
            .into_active_model()
            .reset_all()
            .update(write.db())
            .await?;
        self.account_done(write, row, action, changes, password)
            .await
    }

    pub(super) async fn account_done(
        &self,
        write: Write,
        row: user::Model,
        action: Action,
        changes: Value,
        password: Option<Password>,
    ) -> Result<OneTime> {
        let entry = entry(self, action, "User", Some(row.id.0), changes);
        write.commit_with(json!(row.id), [entry]).await?;
        Ok(OneTime {
            account: row.into(),
            password,
        })
    }

    /// What an account is now on which a mutation came again.
    async fn account_again(&self, id: &Value) -> Result<OneTime> {
        let id = UserId(id.as_i64().unwrap_or_default());
        let found = self.accounts_by_id(&[id]).await?.pop();
        Ok(OneTime {
            account: found.ok_or_else(|| Reason::NotFound.whole())?,
            password: None,
        })
    }
}
