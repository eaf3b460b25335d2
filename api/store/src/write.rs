//! Writing: one named act, one transaction, and the audit entry in it.

use entity::{audit_entry, ids::UserId};
use sea_orm::{ActiveValue::NotSet, DatabaseTransaction, EntityTrait, Set};
use serde_json::Value;

use crate::{Call, Result, Store, call::Origin, connection::Metered};

/// Every act there is, as the audit log names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    SignIn,
    SignInFailed,
    SignOut,
    RefreshSession,
    RefreshTokenReused,
    ChangePassword,
    CreateAccount,
    RotateKeys,
    ImportPlan,
    PublishPlan,
    AcknowledgeAssignment,
    DesignateUnits,
}

impl Act {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "SIGN_IN",
            Self::SignInFailed => "SIGN_IN_FAILED",
            Self::SignOut => "SIGN_OUT",
            Self::RefreshSession => "REFRESH_SESSION",
            Self::RefreshTokenReused => "REFRESH_TOKEN_REUSED",
            Self::ChangePassword => "CHANGE_PASSWORD",
            Self::CreateAccount => "CREATE_ACCOUNT",
            Self::RotateKeys => "ROTATE_KEYS",
            Self::ImportPlan => "IMPORT_PLAN",
            Self::PublishPlan => "PUBLISH_PLAN",
            Self::AcknowledgeAssignment => "ACKNOWLEDGE_ASSIGNMENT",
            Self::DesignateUnits => "DESIGNATE_UNITS",
        }
    }
}

/// What was done to what.
pub(crate) struct Entry {
    pub(crate) act: Act,
    pub(crate) object: &'static str,
    pub(crate) id: Option<i64>,
    pub(crate) changes: Value,
}

/// A transaction that writes. It can be committed in one way only: with its audit entries. Dropped, it leaves nothing.
pub(crate) struct Write {
    db: Metered<DatabaseTransaction>,
    now: sea_orm::prelude::DateTimeUtc,
    user: Option<UserId>,
    request_id: Option<String>,
}

impl Write {
    /// A transaction of the server, or of somebody who is not signed in yet.
    pub(crate) async fn of_system(store: &Store, origin: Option<&Origin>) -> Result<Self> {
        Ok(Self {
            db: store.inner.connections.begin(&store.statements).await?,
            now: store.now(),
            user: None,
            request_id: origin.map(|origin| origin.request_id.to_string()),
        })
    }

    /// The transaction, to read and write in.
    pub(crate) fn db(&self) -> &Metered<DatabaseTransaction> {
        &self.db
    }

    /// Names the user of an act that began without one.
    pub(crate) fn by(&mut self, user: UserId) {
        self.user = Some(user);
    }

    /// Writes the audit entries and commits.
    pub(crate) async fn commit(self, entries: impl IntoIterator<Item = Entry>) -> Result<()> {
        let rows: Vec<_> = entries
            .into_iter()
            .map(|entry| audit_entry::ActiveModel {
                id: NotSet,
                occurred_at: Set(self.now),
                user_id: Set(self.user),
                action: Set(entry.act.as_str().to_owned()),
                object_type: Set(entry.object.to_owned()),
                object_id: Set(entry.id),
                changes: Set(entry.changes),
                request_id: Set(self.request_id.clone()),
            })
            .collect();
        if !rows.is_empty() {
            audit_entry::Entity::insert_many(rows)
                .exec(&self.db)
                .await?;
        }
        Ok(self.db.commit().await?)
    }
}

impl Call {
    /// Begins a transaction of the viewer.
    pub(crate) async fn write(&self) -> Result<Write> {
        Ok(Write {
            db: self.store().inner.connections.begin(self.counter()).await?,
            now: self.now(),
            user: self.viewer().map(|viewer| viewer.account.id),
            request_id: Some(self.request_id().to_owned()),
        })
    }
}
