//! `luoshi sweep`: the daily sweep on demand; and the daily one of a server.

use std::time::Duration;

use chrono::{NaiveDate, Timelike, Utc};
use clap::Args;
use domain::clock;
use store::{Sweep as How, Sweeping};

use super::{Settings, failed, keys};
use crate::App;

/// How often a server looks whether the day is to be swept.
const LOOK: Duration = Duration::from_secs(60);

#[derive(Args, Debug)]
pub(super) struct Sweep {
    #[command(flatten)]
    settings: Settings,
    /// The day to be swept, such as 2022-06-27; today in China when it is not given. Notices want their answers so many working
    /// days after it.
    #[arg(long, value_name = "DATE")]
    on: Option<NaiveDate>,
    /// Show the notices that would be issued, and change nothing.
    #[arg(long)]
    dry_run: bool,
}

impl Sweep {
    pub(super) async fn run(self) -> Result<(), String> {
        let store = keys::open(&self.settings.read()?).await?;
        let on = self.on.unwrap_or_else(|| clock::day(Utc::now()));
        let how = if self.dry_run {
            How::DryRun
        } else {
            How::OnDemand
        };
        let sweeping = store.system().sweep(on, how).await.map_err(failed)?;
        store.close().await;
        print!("{}", report(&sweeping, on, how));
        Ok(())
    }
}

/// What a sweep came to, to be read.
fn report(sweeping: &Sweeping, on: NaiveDate, how: How) -> String {
    let mut text = String::new();
    for notice in &sweeping.notices {
        let period = notice.period.as_deref().unwrap_or("-");
        text += &format!(
            "{:<6} {:<14} {} no. {:<4} {:<10} {}\n",
            notice.colour.as_str(),
            notice.rung.as_str(),
            notice.year,
            notice.number,
            period,
            notice.unit,
        );
    }
    let notices = sweeping.notices.len();
    text += &match how {
        How::DryRun => {
            format!("{on}: {notices} notices would be issued. Nothing was changed.\n")
        }
        _ => format!("{on}: {notices} notices issued.\n"),
    };
    text
}

/// Sweeps each day, once the hour has struck in China. Of several servers, one does it; a day on which none ran is swept
/// when one starts, if it is not over.
pub(super) async fn daily(app: App, hour: u32) {
    let mut swept = None;
    let mut look = tokio::time::interval(LOOK);
    loop {
        look.tick().await;
        let now = clock::local(app.now());
        if now.hour() < hour || swept == Some(now.date()) {
            continue;
        }
        match app.store().system().sweep(now.date(), How::Daily).await {
            Ok(sweeping) => {
                swept = Some(now.date());
                if !sweeping.done_before {
                    let (notices, changed) = (sweeping.notices.len(), sweeping.changed);
                    tracing::info!(day = %now.date(), notices, changed, "swept");
                }
            }
            Err(error) => tracing::error!(error = failed(error), "the sweep failed"),
        }
    }
}
