//! Limits that callers run into, as the log tells of them: whoever runs the server raises an alarm, or the limit.

use std::net::IpAddr;

use chrono::{DateTime, Utc};

use crate::seldom::Seldom;

/// A limit, under the name of its setting.
#[derive(Debug)]
pub(crate) struct Limit {
    setting: &'static str,
    most: u32,
    said: Seldom,
}

impl Limit {
    pub(crate) fn new(setting: &'static str, most: u32) -> Self {
        Self {
            setting,
            most,
            said: Seldom::default(),
        }
    }

    /// How much there may be.
    pub(crate) const fn most(&self) -> u32 {
        self.most
    }

    /// Says that somebody was refused what is beyond it: once a minute at most, whoever else is.
    pub(crate) fn reached(&self, now: DateTime<Utc>, address: Option<IpAddr>, user: Option<i64>) {
        if self.said.now(now) {
            tracing::warn!(
                setting = self.setting,
                most = self.most,
                address = address.map(tracing::field::display),
                user,
                "a limit is reached, and what is beyond it is refused"
            );
        }
    }
}
