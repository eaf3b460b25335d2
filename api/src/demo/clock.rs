//! The demo's clock: it stands in the plan's year.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};
use domain::Clock;

use crate::MachineClock;

/// Shows the moment that it was set to, and goes on from there at the machine's pace once it runs.
#[derive(Debug)]
pub(crate) struct DemoClock {
    hands: Mutex<Hands>,
}

#[derive(Clone, Copy, Debug)]
struct Hands {
    shown: DateTime<Utc>,
    /// What the machine's clock showed when this one began to run; none while it stands.
    running_since: Option<DateTime<Utc>>,
}

impl DemoClock {
    /// A clock that stands at a moment.
    pub(crate) const fn standing_at(shown: DateTime<Utc>) -> Self {
        Self {
            hands: Mutex::new(Hands {
                shown,
                running_since: None,
            }),
        }
    }

    /// Sets it to a moment, where it stands.
    pub(crate) fn set(&self, shown: DateTime<Utc>) {
        *self.hands() = Hands {
            shown,
            running_since: None,
        };
    }

    /// Sets it to a moment, where it stands, unless it shows a later one: it stands there then.
    pub(crate) fn set_no_earlier(&self, than: DateTime<Utc>) {
        let shown = self.now();
        self.set(shown.max(than));
    }

    /// From now on it runs.
    pub(crate) fn run(&self) {
        self.hands().running_since = Some(MachineClock.now());
    }

    fn hands(&self) -> std::sync::MutexGuard<'_, Hands> {
        self.hands.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for DemoClock {
    fn now(&self) -> DateTime<Utc> {
        let hands = *self.hands();
        match hands.running_since {
            Some(since) => hands.shown + (MachineClock.now() - since),
            None => hands.shown,
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn it_never_goes_back_unless_it_is_set() {
        let noon = DateTime::UNIX_EPOCH + TimeDelta::hours(12);
        let clock = DemoClock::standing_at(noon);
        clock.set_no_earlier(noon - TimeDelta::hours(1));
        assert_eq!(clock.now(), noon);
        clock.set_no_earlier(noon + TimeDelta::hours(1));
        assert_eq!(clock.now(), noon + TimeDelta::hours(1));
        clock.run();
        clock.set_no_earlier(noon);
        assert!(clock.now() >= noon + TimeDelta::hours(1));
        clock.set(noon);
        assert_eq!(clock.now(), noon);
    }
}
