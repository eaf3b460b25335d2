//! The chain: an entry in its one written form, and the hash over that and the hash before.
//!
//! `hash = H(hash before ‖ "\n" ‖ entry)`, where the entry is the JSON of [`Record::text`], and hashes are written in
//! hexadecimal. The first one comes after [`ORIGIN`]. An exported line is that JSON with the hash as its last field, so
//! that anybody can check it with any tool.

use aws_lc_rs::digest as aws;
use chrono::{DateTime, SecondsFormat, Utc};
use entity::ids::AuditEntryId;
use sea_orm::{DbErr, QueryResult};
use serde::de::IgnoredAny;
use sm3::{Digest, Sm3};

/// What comes before the first hash.
pub(crate) const ORIGIN: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// By which hash the chain goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Algorithm {
    /// SHA-256 (FIPS 180-4).
    #[default]
    Sha256,
    /// SM3 (GB/T 32905, 国密).
    Sm3,
}

impl Algorithm {
    /// The algorithm's name, as seals keep it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sha256 => "SHA-256",
            Self::Sm3 => "SM3",
        }
    }

    /// The algorithm of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Sha256, Self::Sm3]
            .into_iter()
            .find(|algorithm| algorithm.as_str() == name)
    }

    /// The hash of an entry's text after another, in hexadecimal.
    pub(crate) fn chain(self, before: &str, text: &str) -> String {
        let parts = [before.as_bytes(), b"\n", text.as_bytes()];
        match self {
            Self::Sha256 => {
                let mut hash = aws::Context::new(&aws::SHA256);
                parts.iter().for_each(|part| hash.update(part));
                hex(hash.finish().as_ref())
            }
            Self::Sm3 => {
                let mut hash = Sm3::new();
                parts.iter().for_each(|part| hash.update(part));
                hex(&hash.finalize())
            }
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes
        .iter()
        .fold(String::with_capacity(64), |mut text, byte| {
            // Writing into a string cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// An entry as its row holds it, to the byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) id: AuditEntryId,
    pub(crate) occurred_at: DateTime<Utc>,
    pub(crate) user_id: Option<i64>,
    pub(crate) username: Option<String>,
    pub(crate) unit_id: Option<i64>,
    pub(crate) grants: String,
    pub(crate) address: Option<String>,
    pub(crate) request_id: Option<String>,
    pub(crate) action: String,
    pub(crate) object_type: String,
    pub(crate) object_id: Option<i64>,
    pub(crate) outcome: String,
    pub(crate) changes: String,
}

/// The columns of an entry as [`Record::read`] reads them: JSON as the text that it is.
pub(crate) const COLUMNS: &str = "audit_entry.id, audit_entry.occurred_at, audit_entry.user_id, audit_entry.username, audit_entry.unit_id, \
     CAST(audit_entry.grants AS TEXT) AS grants_text, audit_entry.address, audit_entry.request_id, audit_entry.action, \
     audit_entry.object_type, audit_entry.object_id, audit_entry.outcome, CAST(audit_entry.changes AS TEXT) AS changes_text";

impl Record {
    pub(crate) fn read(row: &QueryResult) -> Result<Self, DbErr> {
        Ok(Self {
            id: row.try_get("", "id")?,
            occurred_at: row.try_get("", "occurred_at")?,
            user_id: row.try_get("", "user_id")?,
            username: row.try_get("", "username")?,
            unit_id: row.try_get("", "unit_id")?,
            grants: row.try_get("", "grants_text")?,
            address: row.try_get("", "address")?,
            request_id: row.try_get("", "request_id")?,
            action: row.try_get("", "action")?,
            object_type: row.try_get("", "object_type")?,
            object_id: row.try_get("", "object_id")?,
            outcome: row.try_get("", "outcome")?,
            changes: row.try_get("", "changes_text")?,
        })
    }

    /// The entry in its one written form, at a place of the chain: JSON on one line, its fields in this order.
    pub(crate) fn text(&self, sequence: i64, algorithm: &str) -> String {
        let moment = self
            .occurred_at
            .to_rfc3339_opts(SecondsFormat::Micros, true);
        let optional = |text: &Option<String>| text.as_deref().map_or_else(null, quoted);
        let number = |number: Option<i64>| number.map_or_else(null, |number| number.to_string());
        format!(
            "{{\"sequence\":{sequence},\"algorithm\":{},\"id\":{},\"occurredAt\":{},\"userId\":{},\"username\":{},\"unitId\":{},\"grants\":{},\"address\":{},\"requestId\":{},\"action\":{},\"objectType\":{},\"objectId\":{},\"outcome\":{},\"changes\":{}}}",
            quoted(algorithm),
            self.id.0,
            quoted(&moment),
            number(self.user_id),
            optional(&self.username),
            number(self.unit_id),
            json(&self.grants),
            optional(&self.address),
            optional(&self.request_id),
            quoted(&self.action),
            quoted(&self.object_type),
            number(self.object_id),
            quoted(&self.outcome),
            json(&self.changes),
        )
    }
}

fn null() -> String {
    "null".to_owned()
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// JSON as it is. What is none, and so nothing that we wrote, becomes a text: no two rows have one written form.
fn json(text: &str) -> String {
    let valid = serde_json::from_str::<IgnoredAny>(text).is_ok() && !text.contains(['\n', '\r']);
    if valid { text.to_owned() } else { quoted(text) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn record() -> impl Strategy<Value = Record> {
        let text = || prop_oneof!["[a-zA-Z\",{}:\\\\\n ]{0,12}", ".{0,12}"];
        let who = (
            prop::option::of(any::<i64>()),
            prop::option::of(text()),
            prop::option::of(any::<i64>()),
        );
        let from = (text(), prop::option::of(text()), prop::option::of(text()));
        let what = (
            text(),
            text(),
            prop::option::of(any::<i64>()),
            text(),
            text(),
        );
        (any::<i64>(), 0i64..4_000_000_000_000_000, who, from, what).prop_map(
            |(id, at, who, from, what)| Record {
                id: AuditEntryId(id),
                occurred_at: DateTime::from_timestamp_micros(at).unwrap(),
                user_id: who.0,
                username: who.1,
                unit_id: who.2,
                grants: from.0,
                address: from.1,
                request_id: from.2,
                action: what.0,
                object_type: what.1,
                object_id: what.2,
                outcome: what.3,
                changes: what.4,
            },
        )
    }

    proptest! {
        #[test]
        fn a_text_is_one_line_of_json_and_tells_all_rows_apart(one in record(), other in record(), sequence in 1i64..99) {
            let text = one.text(sequence, "SM3");
            prop_assert!(!text.contains('\n'));
            let value: serde_json::Value = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(value["id"].as_i64(), Some(one.id.0));
            prop_assert_eq!(one == other, text == other.text(sequence, "SM3"));
            for at in 0..13 {
                prop_assert_ne!(&text, &altered(&one, at).text(sequence, "SM3"), "column {}", at);
            }
        }
    }

    /// The same with one column altered.
    fn altered(record: &Record, column: usize) -> Record {
        let mut record = record.clone();
        let text = |text: &mut String| text.push('x');
        let optional = |text: &mut Option<String>| {
            *text = Some(text.take().map_or_else(String::new, |text| text + "x"))
        };
        let number =
            |number: &mut Option<i64>| *number = Some(number.map_or(0, |number| number ^ 1));
        match column {
            0 => record.id.0 ^= 1,
            1 => record.occurred_at += chrono::TimeDelta::microseconds(1),
            2 => number(&mut record.user_id),
            3 => optional(&mut record.username),
            4 => number(&mut record.unit_id),
            5 => text(&mut record.grants),
            6 => optional(&mut record.address),
            7 => optional(&mut record.request_id),
            8 => text(&mut record.action),
            9 => text(&mut record.object_type),
            10 => number(&mut record.object_id),
            11 => text(&mut record.outcome),
            _ => text(&mut record.changes),
        }
        record
    }

    #[test]
    fn the_hashes_are_those_of_the_standards() {
        // `printf '\nabc' | sha256sum`, and with an empty hash before.
        let sha256 = Algorithm::Sha256.chain("", "abc");
        assert_eq!(sha256, crate::digest::sha256("\nabc"));
        // GB/T 32905, example 1, is of "abc"; chained by hand the line feed is inside.
        let mut sm3 = Sm3::new();
        sm3.update(b"abc");
        assert_eq!(
            hex(&sm3.finalize()),
            "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
        );
        assert_ne!(Algorithm::Sm3.chain("", "abc"), sha256);
        for algorithm in [Algorithm::Sha256, Algorithm::Sm3] {
            assert_eq!(Algorithm::from_name(algorithm.as_str()), Some(algorithm));
            assert_eq!(algorithm.chain(ORIGIN, "x").len(), 64);
        }
    }
}
