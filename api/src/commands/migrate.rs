//! `luoshi migrate`: the schema of the database.

use super::{server, told};
use crate::config::Config;

pub(super) async fn run(config: &Config) -> Result<(), String> {
    let pool = config.database.pool();
    server::make_folder(&pool)?;
    let steps = pool.migrate().await.map_err(|fault| told(&fault))?;
    match steps {
        0 => println!("The database's schema is up to date."),
        steps => println!("The database's schema is up to date, after {steps} step(s)."),
    }
    Ok(())
}
