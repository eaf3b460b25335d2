//! Change one's own password.

use domain::{Reason, password};
use entity::user;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, sea_query::Expr};
use serde_json::json;

use crate::{
    Call, Password, Result,
    system::{end_sessions, settle},
    write::{Act, Entry},
};

impl Call {
    /// Changes the viewer's password. Every other session of theirs ends; this one goes on, with all rights if the
    /// password was a one-time password.
    ///
    /// # Errors
    /// Nobody is signed in. Refused: the current password is wrong (which counts as a failed sign-in), or the new one
    /// is not good enough.
    pub async fn change_password(&self, current: Password, new: Password) -> Result<()> {
        let viewer = self.signed_in()?.clone();
        let account = &viewer.account;
        let hashing = &self.store().inner.hashing;
        let hash: Option<String> = user::Entity::find_by_id(account.id)
            .select_only()
            .column(user::Column::PasswordHash)
            .into_tuple()
            .one(&self.reader())
            .await?;
        let matches = hashing.verify(current.clone(), hash).await?;
        let acceptable = if current == new {
            Err(Reason::PasswordUnchanged)
        } else {
            password::check(new.expose(), &account.username)
        };
        // Hashed before the transaction begins, which must be short.
        let hash = match acceptable {
            Ok(()) => Ok(hashing.hash(new).await?),
            Err(reason) => Err(reason),
        };
        let write = self.write().await?;
        if !settle(write.db(), Some(account.id), matches, self.now()).await? {
            let entry = Entry {
                act: Act::SignInFailed,
                object: "User",
                id: Some(account.id.0),
                changes: json!({ "during": Act::ChangePassword.as_str() }),
                event: None,
            };
            write.commit_refusal(entry).await?;
            return Err(Reason::WrongPassword.at("currentPassword").into());
        }
        let hash = hash.map_err(|reason| reason.at("newPassword"))?;
        user::Entity::update_many()
            .col_expr(user::Column::PasswordHash, Expr::value(hash))
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
}
