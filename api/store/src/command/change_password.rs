//! Change one's own password; and what is done with it: the viewer proves again who they are.

use domain::{Reason, password};
use entity::user;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use serde_json::json;

use crate::{
    Call, Password, Result,
    system::{Factor, Settled, Whose, end_sessions, is_locked, settle},
    write::{Act, Entry, Write},
};

impl Call {
    /// Changes the viewer's password. Every other session of theirs ends; this one goes on, with all rights if the
    /// password had to be changed.
    ///
    /// # Errors
    /// Nobody is signed in. Refused: the current password is wrong (which counts as a failed sign-in), or the new one
    /// is not good enough.
    pub async fn change_password(&self, current: Password, new: Password) -> Result<()> {
        let viewer = self.signed_in()?.clone();
        let account = &viewer.account;
        let hashing = &self.store().inner.hashing;
        let verified = self.own_password(current.clone()).await?;
        let acceptable = if current == new {
            Err(Reason::PasswordUnchanged)
        } else {
            password::check(new.expose(), &account.username)
        };
        // Hashed before the transaction begins, which must be short; and for nobody who does not know the old one.
        let hash = match acceptable {
            Ok(()) if verified.is_none() => Err(Reason::WrongPassword),
            Ok(()) => Ok(hashing.hash(new).await?),
            Err(reason) => Err(reason),
        };
        let (verified, act) = (verified.as_deref(), Act::ChangePassword);
        let write = self.proven(verified, Factor::NotAsked, act).await?;
        let hash = hash.map_err(|reason| reason.at("newPassword"))?;
        user::Entity::update_many()
            .col_expr(user::Column::PasswordHash, Expr::value(hash))
            .col_expr(user::Column::PasswordChangedAt, Expr::value(self.now()))
            .col_expr(user::Column::MustChangePassword, Expr::value(false))
            .filter(user::Column::Id.eq(account.id))
            .exec(write.db())
            .await?;
        end_sessions(write.db(), account.id, Some(viewer.session), self.now()).await?;
        let entry = Entry {
            act: Act::ChangePassword,
            object: "User",
            id: Some(account.id.0),
            changes: json!({}),
            event: None,
        };
        write.commit([entry]).await
    }

    /// The hash of the viewer's password, if this one is theirs. While signing in is refused to them, nothing is: a session is no way
    /// around the lock, nor to have the server hash.
    pub(super) async fn own_password(&self, current: Password) -> Result<Option<String>> {
        let id = self.signed_in()?.account.id;
        let (db, address) = (self.reader(), self.origin().address);
        let Some(account) = user::Entity::find_by_id(id).one(&db).await? else {
            return Ok(None);
        };
        if is_locked(&db, &account, address, self.now()).await? {
            return Ok(None);
        }
        let (hashing, hash) = (&self.store().inner.hashing, account.password_hash);
        let matches = hashing.verify(current, Some(hash.clone())).await?;
        Ok(matches.then_some(hash))
    }

    /// Begins a transaction of the viewer, under the lock of their account's row, when the password that was verified is theirs still
    /// and the second factor is right, too, where it is asked for. What is wrong counts as a failed sign-in.
    pub(super) async fn proven(
        &self,
        verified: Option<&str>,
        factor: Factor<'_>,
        during: Act,
    ) -> Result<Write> {
        let id = self.signed_in()?.account.id;
        let write = self.write().await?;
        let (store, now) = (self.store(), self.now());
        let (db, address) = (write.db(), self.origin().address);
        let whose = Whose::Account(id);
        let settled = settle(store, db, whose, address, verified, factor, now).await?;
        let refusal = match settled {
            Settled::Passed(_) => return Ok(write),
            Settled::Refused => Reason::WrongPassword.at("currentPassword"),
            Settled::FactorMissing | Settled::FactorWrong => Reason::WrongCode.at("code"),
        };
        let entry = Entry {
            act: Act::SignInFailed,
            object: "User",
            id: Some(id.0),
            changes: json!({ "during": during.as_str(), "reason": refusal.reason.name() }),
            event: None,
        };
        write.commit_refusal(entry).await?;
        Err(refusal.into())
    }
}
