//! The keys that sign access tokens, and the secrets that seal cursors and sign links: made on first start, kept in the
//! database.

use std::{
    collections::HashMap,
    sync::RwLock,
    time::{Duration, Instant},
};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{Clock, Entropy};
use entity::{server_secret, signing_key};
use jsonwebtoken::DecodingKey;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set,
    sea_query::{Expr, OnConflict},
};
use serde_json::{Value, json};

use super::{System, secret_keys::lacking, tokens::ACCESS_TOKEN_LIFE};
use crate::{
    Fault, Origin, Result, SecretKeys, Store,
    connection::Connections,
    secrets::{Purpose, Sealed},
    write::{Act, Entry, Write},
};

/// How often an unknown key ID may make the server look into the database.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// How long the ring is used before it is read again.
const FRESH: Duration = Duration::from_secs(60);

/// The keys as last read from the database, newest first.
pub(crate) struct KeyRing(RwLock<Ring>);

struct Ring {
    keys: Vec<signing_key::Model>,
    read_at: Instant,
}

impl KeyRing {
    pub(crate) fn new(keys: Vec<signing_key::Model>) -> Self {
        Self(RwLock::new(Ring {
            keys,
            read_at: Instant::now(),
        }))
    }

    fn find(&self, key_id: &str) -> (Option<signing_key::Model>, Duration) {
        let ring = self.0.read().unwrap_or_else(|poison| poison.into_inner());
        let found = ring.keys.iter().find(|key| key.key_id == key_id).cloned();
        (found, ring.read_at.elapsed())
    }

    fn replace(&self, keys: Vec<signing_key::Model>) {
        let mut ring = self.0.write().unwrap_or_else(|poison| poison.into_inner());
        *ring = Ring {
            keys,
            read_at: Instant::now(),
        };
    }
}

/// A key retires when a newer one takes over, and verifies for as long as its last token lives.
fn verifies(key: &signing_key::Model, now: DateTime<Utc>) -> bool {
    key.retired_at
        .is_none_or(|retired| now < retired + ACCESS_TOKEN_LIFE + TimeDelta::minutes(1))
}

/// The key that signs, of all that there are.
fn newest(keys: &[signing_key::Model]) -> Result<&signing_key::Model, Fault> {
    let newest = keys.iter().find(|key| key.retired_at.is_none());
    newest.ok_or_else(|| Fault::new("there is no signing key"))
}

impl System {
    /// The key that signs now. Read from the database each time: another server may have rotated the keys, and
    /// signing in is rare.
    pub(crate) async fn signing_key(&self) -> Result<signing_key::Model, Fault> {
        let keys = self.read_keys().await?;
        let newest = newest(&keys).cloned();
        self.store.inner.keys.replace(keys);
        let newest = newest?;
        let (purpose, under) = (Purpose::SigningKey(&newest.key_id), &newest.sealed_under);
        let private_key = kept(
            &self.store.inner.secrets,
            purpose,
            under,
            &newest.private_key,
        )?;
        Ok(signing_key::Model {
            private_key,
            sealed_under: None,
            ..newest
        })
    }

    /// Whether tokens can be signed: false where the key that signs now is kept under one that `secrets.key` does not hold, as when another
    /// server was started with it since. Costs one statement, and so tells whether the database answers, too.
    ///
    /// # Errors
    /// The database failed, or has no key that signs.
    pub async fn can_sign(&self) -> Result<bool, Fault> {
        let keys = self.read_keys().await?;
        let under = newest(&keys)?.sealed_under.as_deref();
        Ok(under.is_none_or(|id| self.store.inner.secrets.hold(id)))
    }

    /// The key that a token names, if it may still verify.
    pub(crate) async fn verifying_key(
        &self,
        key_id: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<DecodingKey>, Fault> {
        let ring = &self.store.inner.keys;
        let (mut found, age) = ring.find(key_id);
        if age > FRESH || (found.is_none() && age > LOOK_AGAIN) {
            ring.replace(self.read_keys().await?);
            found = ring.find(key_id).0;
        }
        Ok(found
            .filter(|key| verifies(key, now))
            .map(|key| DecodingKey::from_ed_der(&key.public_key)))
    }

    async fn read_keys(&self) -> Result<Vec<signing_key::Model>, Fault> {
        read(&self.store.inner.connections.reader(&Default::default())).await
    }

    /// The public keys under which tokens may verify now: a JSON Web Key Set (RFC 7517, RFC 8037).
    ///
    /// # Errors
    /// The database failed.
    pub async fn key_set(&self) -> Result<Value, Fault> {
        let now = self.store.now();
        let keys: Vec<Value> = self
            .read_keys()
            .await?
            .iter()
            .filter(|key| verifies(key, now))
            .map(|key| {
                json!({
                    "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA",
                    "kid": key.key_id,
                    "x": BASE64_URL_SAFE_NO_PAD.encode(&key.public_key),
                })
            })
            .collect();
        Ok(json!({ "keys": keys }))
    }

    /// Makes a new signing key. The older ones sign no more, verify until their last tokens have expired, and are
    /// then removed. Answers the new key's ID.
    ///
    /// # Errors
    /// The database failed, or the configuration lacks the key under which the others are kept.
    pub async fn rotate_keys(&self) -> Result<String> {
        let now = self.store.now();
        let inner = &self.store.inner;
        if let Some(missing) = &inner.missing_key {
            // It would be kept in the clear, or under another key than the others.
            return Err(Fault::new(missing.clone()).into());
        }
        let key = new_key(&self.store.random(), now)?;
        let key = sealed(&inner.secrets, inner.entropy.as_ref(), key)?;
        let key_id = key.key_id.clone();
        let origin = Origin::command("keys rotate");
        let write = Write::of_system(&self.store, Some(&origin)).await?;
        signing_key::Entity::delete_many()
            .filter(signing_key::Column::RetiredAt.lt(now - TimeDelta::days(1)))
            .exec(write.db())
            .await?;
        signing_key::Entity::update_many()
            .col_expr(signing_key::Column::RetiredAt, Expr::value(now))
            .filter(signing_key::Column::RetiredAt.is_null())
            .exec(write.db())
            .await?;
        insert(write.db(), key).await?;
        let entry = Entry {
            act: Act::RotateKeys,
            object: "SigningKey",
            id: None,
            changes: json!({ "keyId": key_id }),
            event: None,
        };
        write.commit([entry]).await?;
        Ok(key_id)
    }
}

/// What a database holds from its first start on.
pub(crate) struct FirstSecrets {
    pub(crate) keys: Vec<signing_key::Model>,
    pub(crate) cursor: Vec<u8>,
    pub(crate) link: Vec<u8>,
    /// Why nothing can be signed: what the configuration lacks.
    pub(crate) missing: Option<String>,
}

/// What all servers of a database share, beside the signing keys.
const PURPOSES: [&str; 2] = ["cursor", "link"];

/// Reads the secrets, and makes those that are missing; with a key in the configuration, none stays in the clear. Two servers that
/// start at once end up with the same.
pub(crate) async fn first_secrets(
    connections: &Connections,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
    under: &SecretKeys,
) -> Result<FirstSecrets, Fault> {
    let count = Default::default();
    let reader = connections.reader(&count);
    let (mut keys, mut found) = (read(&reader).await?, secrets(&reader).await?);
    let bare = !under.is_empty()
        && (keys.iter().any(|key| key.sealed_under.is_none())
            || found.values().any(|row| row.sealed_under.is_none()));
    if bare || keys.is_empty() || PURPOSES.iter().any(|purpose| !found.contains_key(*purpose)) {
        let db = connections.begin(&count).await?;
        if read(&db).await?.is_empty() {
            let mut seed = [0; 32];
            entropy.fill(&mut seed);
            insert(&db, new_key(&seed, domain::clock::stored(clock.now()))?).await?;
        }
        let rows = PURPOSES.map(|purpose| {
            let mut bytes = vec![0; 32];
            entropy.fill(&mut bytes);
            server_secret::ActiveModel {
                purpose: Set(purpose.to_owned()),
                secret: Set(bytes),
                sealed_under: Set(None),
            }
        });
        server_secret::Entity::insert_many(rows)
            .on_conflict(
                OnConflict::column(server_secret::Column::Purpose)
                    .do_nothing()
                    .to_owned(),
            )
            .exec_without_returning(&db)
            .await?;
        if !under.is_empty() {
            seal_all(&db, under, entropy, |key_id| key_id.is_none()).await?;
        }
        db.commit().await?;
        (keys, found) = (read(&reader).await?, secrets(&reader).await?);
    }
    let used = keys.iter().map(|key| &key.sealed_under);
    let used = used.chain(found.values().map(|row| &row.sealed_under));
    let missing = used.flatten().find(|used| !under.hold(used));
    let missing = missing.map(|used| lacking("the signing keys", used));
    let mut secret = |purpose| {
        if missing.is_some() {
            // Whoever verifies the audit log holds no key, and seals nothing that anybody else opens.
            let mut own = vec![0; 32];
            entropy.fill(&mut own);
            return Ok(own);
        }
        let row = found.remove(purpose);
        let row = row.ok_or_else(|| Fault::new(format!("the secret for {purpose} is missing")))?;
        kept(
            under,
            Purpose::Server(purpose),
            &row.sealed_under,
            &row.secret,
        )
    };
    let (cursor, link) = (secret("cursor")?, secret("link")?);
    Ok(FirstSecrets {
        keys,
        cursor,
        link,
        missing,
    })
}

/// The secrets by what they are for.
async fn secrets(
    db: &impl ConnectionTrait,
) -> Result<HashMap<String, server_secret::Model>, Fault> {
    let rows = server_secret::Entity::find().all(db).await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.purpose.clone(), row))
        .collect())
}

/// A secret in the clear, as it is kept or by the key of the configuration under which it is kept.
fn kept(
    keys: &SecretKeys,
    purpose: Purpose<'_>,
    under: &Option<String>,
    bytes: &[u8],
) -> Result<Vec<u8>, Fault> {
    match under {
        Some(key_id) => keys.open(purpose, key_id, bytes),
        None => Ok(bytes.to_vec()),
    }
}

/// A signing key as it is kept: encrypted, where the configuration has a key.
fn sealed(
    keys: &SecretKeys,
    entropy: &dyn Entropy,
    key: signing_key::Model,
) -> Result<signing_key::Model, Fault> {
    let purpose = Purpose::SigningKey(&key.key_id);
    Ok(match keys.seal(entropy, purpose, &key.private_key)? {
        Some(Sealed { key_id, bytes }) => signing_key::Model {
            private_key: bytes,
            sealed_under: Some(key_id),
            ..key
        },
        None => key,
    })
}

/// Encrypts under the first key of the configuration what is kept as `which` says; how many there were. Of two servers that do it at
/// once, the second finds it done.
async fn seal_all(
    db: &impl ConnectionTrait,
    keys: &SecretKeys,
    entropy: &dyn Entropy,
    which: impl Fn(&Option<String>) -> bool,
) -> Result<usize, Fault> {
    let mut count = 0;
    let missing = || Fault::new("there is no key");
    let signing = signing_key::Entity::find()
        .order_by_asc(signing_key::Column::KeyId)
        .lock_exclusive();
    for row in signing.all(db).await? {
        if !which(&row.sealed_under) {
            continue;
        }
        let purpose = Purpose::SigningKey(&row.key_id);
        let bytes = kept(keys, purpose, &row.sealed_under, &row.private_key)?;
        let sealed = keys.seal(entropy, purpose, &bytes)?.ok_or_else(missing)?;
        signing_key::Entity::update_many()
            .col_expr(signing_key::Column::PrivateKey, Expr::value(sealed.bytes))
            .col_expr(signing_key::Column::SealedUnder, Expr::value(sealed.key_id))
            .filter(signing_key::Column::KeyId.eq(&row.key_id))
            .exec(db)
            .await?;
        count += 1;
    }
    let shared = server_secret::Entity::find()
        .order_by_asc(server_secret::Column::Purpose)
        .lock_exclusive();
    for row in shared.all(db).await? {
        if !which(&row.sealed_under) {
            continue;
        }
        let purpose = Purpose::Server(&row.purpose);
        let bytes = kept(keys, purpose, &row.sealed_under, &row.secret)?;
        let sealed = keys.seal(entropy, purpose, &bytes)?.ok_or_else(missing)?;
        server_secret::Entity::update_many()
            .col_expr(server_secret::Column::Secret, Expr::value(sealed.bytes))
            .col_expr(
                server_secret::Column::SealedUnder,
                Expr::value(sealed.key_id),
            )
            .filter(server_secret::Column::Purpose.eq(&row.purpose))
            .exec(db)
            .await?;
        count += 1;
    }
    Ok(count)
}

/// Encrypts under the first key of the configuration what is not; how many there were.
pub(super) async fn reseal(
    store: &Store,
    db: &impl ConnectionTrait,
    first: &str,
) -> Result<usize, Fault> {
    let inner = &store.inner;
    seal_all(db, &inner.secrets, inner.entropy.as_ref(), |under| {
        under.as_deref() != Some(first)
    })
    .await
}

async fn read(db: &impl ConnectionTrait) -> Result<Vec<signing_key::Model>, Fault> {
    Ok(signing_key::Entity::find()
        .order_by_desc(signing_key::Column::CreatedAt)
        .order_by_desc(signing_key::Column::KeyId)
        .all(db)
        .await?)
}

async fn insert(db: &impl ConnectionTrait, key: signing_key::Model) -> Result<(), Fault> {
    use sea_orm::IntoActiveModel;
    signing_key::Entity::insert(key.into_active_model())
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// A key pair of a seed. Its ID is the beginning of its public key's digest.
fn new_key(seed: &[u8; 32], now: DateTime<Utc>) -> Result<signing_key::Model, Fault> {
    let fault = |_| Fault::new("making a signing key failed");
    let pair = Ed25519KeyPair::from_seed_unchecked(seed)
        .map_err(|_| Fault::new("making a signing key failed"))?;
    let public_key = pair.public_key().as_ref().to_vec();
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &public_key);
    let key_id = digest
        .as_ref()
        .iter()
        .take(12)
        .copied()
        .collect::<Vec<u8>>();
    Ok(signing_key::Model {
        key_id: BASE64_URL_SAFE_NO_PAD.encode(key_id),
        private_key: pair.to_pkcs8().map_err(fault)?.as_ref().to_vec(),
        public_key,
        created_at: now,
        retired_at: None,
        sealed_under: None,
    })
}
