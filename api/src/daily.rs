//! The daily sweep of a server.

use std::time::Duration;

use chrono::{NaiveDate, NaiveDateTime, Timelike};
use domain::clock;
use store::Sweep;
use tokio::time::MissedTickBehavior;

use crate::App;

/// How often a server looks whether the day is to be swept.
const LOOK: Duration = Duration::from_secs(60);

impl App {
    /// Sweeps each day, from an hour on (0 to 23, in China), for as long as the server runs. Of several servers, one does it; a
    /// day on which none ran at that hour is swept when one starts, if it is not over. What fails is tried again a minute
    /// later.
    pub async fn sweep_daily(self, hour: u32) {
        let mut swept = None;
        let mut look = tokio::time::interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            look.tick().await;
            let Some(day) = due(clock::local(self.now()), hour, swept) else {
                continue;
            };
            match self.store().system().sweep(day, Sweep::Daily).await {
                Ok(sweeping) => {
                    swept = Some(day);
                    if !sweeping.done_before {
                        let (notices, changed) = (sweeping.notices.len(), sweeping.changed);
                        tracing::info!(%day, notices, changed, "swept");
                    }
                }
                Err(store::Error::Fault(fault)) => {
                    tracing::error!(%day, error = fault.inside(), "the sweep failed");
                }
                Err(error) => tracing::error!(%day, ?error, "the sweep failed"),
            }
        }
    }
}

/// The day that is to be swept now, if this server has not seen to it yet.
fn due(now: NaiveDateTime, hour: u32, swept: Option<NaiveDate>) -> Option<NaiveDate> {
    let day = now.date();
    (now.hour() >= hour && swept != Some(day)).then_some(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_swept_from_its_hour_on_once() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        for (now, hour, swept, expected) in [
            ("2022-06-28T06:59:59", 7, None, None),
            ("2022-06-28T07:00:00", 7, None, Some("2022-06-28")),
            (
                "2022-06-28T23:59:59",
                7,
                Some("2022-06-27"),
                Some("2022-06-28"),
            ),
            ("2022-06-28T23:59:59", 7, Some("2022-06-28"), None),
            (
                "2022-06-29T00:00:00",
                0,
                Some("2022-06-28"),
                Some("2022-06-29"),
            ),
        ] {
            let found = due(now.parse().unwrap(), hour, swept.map(day));
            assert_eq!(found, expected.map(day), "{now} {hour}");
        }
    }
}
