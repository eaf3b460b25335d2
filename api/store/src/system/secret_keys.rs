//! Whether `secrets.key` holds what the database needs: asked before a server changes anything, and before it serves.

use entity::{kinds::SettingName, second_factor, server_secret, setting, signing_key};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IdenStatic, QueryFilter, QueryOrder, QuerySelect,
};

use super::{System, schema::has_column};
use crate::{Fault, Pool, SecretKeys, settings};

impl Pool {
    /// What `secrets.key` lacks for what the database keeps, or asks for: before anything is changed, whatever the schema's age. What an
    /// older schema has no place for is not there.
    ///
    /// # Errors
    /// The database cannot be reached, or failed.
    pub async fn missing_secret_keys(&self, keys: &SecretKeys) -> Result<Vec<String>, Fault> {
        let db = self.connect(1).await?;
        let missing = missing_keys(&db, keys).await;
        db.close().await?;
        missing
    }
}

impl System {
    /// Whether tokens can be signed and all second factors be checked with the configured keys, and be set up by those who need one.
    /// Nobody serves without; what needs no key, such as verifying the audit log, goes without.
    ///
    /// # Errors
    /// The database failed, or a key is missing: which, and why it is needed.
    pub async fn check_secret_keys(&self) -> Result<(), Fault> {
        let reader = self.store.inner.connections.reader(&self.store.statements);
        let missing = missing_keys(&reader, &self.store.inner.secrets).await?;
        match missing.is_empty() {
            true => Ok(()),
            false => Err(Fault::new(missing.join("\n"))),
        }
    }
}

/// Each key that is missing, and why it is needed.
async fn missing_keys(db: &impl ConnectionTrait, keys: &SecretKeys) -> Result<Vec<String>, Fault> {
    let used = [
        (
            "the second factors",
            used(db, second_factor::Entity, second_factor::Column::KeyId).await?,
        ),
        (
            "the signing keys",
            used(db, signing_key::Entity, signing_key::Column::SealedUnder).await?,
        ),
        (
            "the secrets that seal cursors and sign links",
            used(
                db,
                server_secret::Entity,
                server_secret::Column::SealedUnder,
            )
            .await?,
        ),
    ];
    let used = used
        .iter()
        .flat_map(|(what, used)| used.iter().map(move |id| (*what, id)));
    let mut missing: Vec<String> = used
        .filter(|(_, id)| !keys.hold(id))
        .map(|(what, id)| lacking(what, id))
        .collect();
    if keys.is_empty() && there(db, setting::Entity, setting::Column::Value).await? {
        let roles = settings::values(db, &[SettingName::SecondFactorRoles]).await?;
        let roles: String = roles.into_iter().map(|row| row.value).collect();
        if !roles.is_empty() {
            missing.push(format!(
                "the setting SECOND_FACTOR_ROLES ({roles}) needs secrets.key (LUOSHI_SECRETS_KEY), which is not configured"
            ));
        }
    }
    Ok(missing)
}

/// That the configuration lacks a key, for an operator.
pub(super) fn lacking(what: &str, key_id: &str) -> String {
    format!(
        "{what} are kept under the key {key_id}, which secrets.key (LUOSHI_SECRETS_KEY) does not hold"
    )
}

/// The keys under which a table keeps secrets.
async fn used<E: EntityTrait>(
    db: &impl ConnectionTrait,
    table: E,
    column: E::Column,
) -> Result<Vec<String>, Fault> {
    if !there(db, table, column).await? {
        return Ok(Vec::new());
    }
    Ok(E::find()
        .select_only()
        .column(column)
        .distinct()
        .filter(column.is_not_null())
        .order_by_asc(column)
        .into_tuple()
        .all(db)
        .await?)
}

/// Whether the schema is new enough to have this column.
async fn there<E: EntityTrait>(
    db: &impl ConnectionTrait,
    table: E,
    column: E::Column,
) -> Result<bool, Fault> {
    has_column(db, table.table_name(), column.as_str()).await
}
