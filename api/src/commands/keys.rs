//! `luoshi keys`: the keys that sign access tokens, and those of the configuration that encrypt secrets.

use std::sync::Arc;

use clap::Subcommand;
use store::{Opening, Pool, SchemaState, Store};

use super::{Settings, failed, told};
use crate::{MachineClock, MachineEntropy, config::Config};

#[derive(Debug, Subcommand)]
pub(super) enum Keys {
    /// Make a new key for access tokens.
    ///
    /// The old ones sign no more, and verify until their last tokens have expired.
    Rotate(Settings),
    /// Encrypt all secrets under the first key of `secrets.key`.
    ///
    /// Those of second factors, and the server's own. Then the other keys can be taken away.
    Reencrypt(Settings),
}

impl Keys {
    pub(super) async fn run(self) -> Result<(), String> {
        let settings = match self {
            Self::Rotate(settings) => settings,
            Self::Reencrypt(settings) => return reencrypt(&settings).await,
        };
        let store = open(&settings.read()?).await?;
        let key_id = store.system().rotate_keys().await.map_err(failed)?;
        store.close().await;
        println!(
            "The new signing key is {key_id}. Running servers use it from the next sign-in on."
        );
        Ok(())
    }
}

async fn reencrypt(settings: &Settings) -> Result<(), String> {
    let store = open(&settings.read()?).await?;
    let count = store.system().reencrypt_secrets().await.map_err(failed)?;
    store.close().await;
    println!("{count} secrets were under another key. Nothing is under another one now.");
    Ok(())
}

/// Opens the store for a command, if the schema is this program's.
pub(super) async fn open(config: &Config) -> Result<Store, String> {
    open_pool(config, config.database.pool()).await
}

/// The same, of a database that must be there: none is made.
pub(super) async fn open_existing(config: &Config) -> Result<Store, String> {
    let mut pool = config.database.pool();
    pool.url = pool.url.replace("mode=rwc", "mode=rw");
    open_pool(config, pool).await
}

async fn open_pool(config: &Config, pool: Pool) -> Result<Store, String> {
    match pool.schema_state().await.map_err(|fault| told(&fault))? {
        SchemaState::Current => {}
        SchemaState::Older(_) => {
            return Err(
                "the database's schema is older than this program: run `luoshi migrate` first"
                    .to_owned(),
            );
        }
        SchemaState::Newer(steps) => {
            return Err(format!(
                "the database's schema is newer than this program (it has {})",
                steps.join(", ")
            ));
        }
    }
    Store::open(Opening {
        pool,
        clock: Arc::new(MachineClock),
        entropy: Arc::new(MachineEntropy),
        rules: config.tokens.rules(),
        hashings_at_once: config.hashings_at_once,
        calendar: config.calendar.clone(),
        audit: config.audit.clone(),
        secrets: config.secrets.clone(),
    })
    .await
    .map_err(|fault| told(&fault))
}
