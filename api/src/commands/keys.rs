//! `luoshi keys`: the keys that sign access tokens.

use std::sync::Arc;

use clap::Subcommand;
use store::{Opening, SchemaState, Store};

use super::{Settings, failed, told};
use crate::{MachineClock, MachineEntropy, config::Config};

#[derive(Debug, Subcommand)]
pub(super) enum Keys {
    /// Make a new key. The old ones sign no more, and verify until their last tokens have expired.
    Rotate(Settings),
}

impl Keys {
    pub(super) async fn run(self) -> Result<(), String> {
        let Self::Rotate(settings) = self;
        let store = open(&settings.read()?).await?;
        let key_id = store.system().rotate_keys().await.map_err(failed)?;
        store.close().await;
        println!(
            "The new signing key is {key_id}. Running servers use it from the next sign-in on."
        );
        Ok(())
    }
}

/// Opens the store for a command, if the schema is this program's.
pub(super) async fn open(config: &Config) -> Result<Store, String> {
    let pool = config.database.pool();
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
    })
    .await
    .map_err(|fault| told(&fault))
}
