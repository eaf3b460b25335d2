//! What is given at the command line, read; in plain words where it cannot be.

use std::net::SocketAddr;

use chrono::{DateTime, NaiveDate, Utc};

/// A plan's year.
pub(super) fn year(text: &str) -> Result<i32, String> {
    text.parse()
        .map_err(|_| "not a year, such as 2022".to_owned())
}

/// A day.
pub(super) fn day(text: &str) -> Result<NaiveDate, String> {
    text.parse()
        .map_err(|_| "no day of the calendar, such as 2022-06-27".to_owned())
}

/// A moment.
pub(super) fn day_and_hour(text: &str) -> Result<DateTime<Utc>, String> {
    text.parse()
        .map_err(|_| "no moment with its offset, such as 2022-12-31T16:00:00Z".to_owned())
}

/// The number of a grant.
pub(super) fn grant_number(text: &str) -> Result<i64, String> {
    text.parse()
        .map_err(|_| "not the number of a grant, as `luoshi grant list` prints it".to_owned())
}

/// Where to listen.
pub(super) fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse()
        .map_err(|_| "no address with a port, such as 127.0.0.1:8000".to_owned())
}
