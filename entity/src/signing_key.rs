//! A key that signs access tokens. The newest signs; older ones still verify until they are removed.

use sea_orm::entity::prelude::*;

/// A key that signs access tokens. The newest signs; older ones still verify until they are removed.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "signing_key")]
pub struct Model {
    /// Key ID, as tokens and the published key set name it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key_id: String,
    /// Private key, PKCS#8 DER (Ed25519); encrypted where a key is named for it.
    pub private_key: Vec<u8>,
    /// Public key, 32 bytes.
    pub public_key: Vec<u8>,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When a newer one took over; it still verifies for as long as its tokens live.
    pub retired_at: Option<DateTimeUtc>,
    /// Which key of the configuration opens the private key; none where it is in the clear.
    pub sealed_under: Option<String>,
}

/// No relations: related rows are read through the store's scope, never through a join of convenience.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
