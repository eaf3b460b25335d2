//! Pages by keyset: a page costs the same wherever it lies, and a cursor survives inserts.
//!
//! A cursor is the sort values of its row, sealed for the list it came from (kind, parent and sort): one that was
//! made up, altered, or taken from another list is refused.

use aws_lc_rs::hmac;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, Order, SelectStatement, SimpleExpr, Value};
use serde::{Deserialize, Serialize};

use crate::{BadInput, Call};

/// Rows of a page when a request does not say.
pub const DEFAULT_PAGE: u64 = 20;
/// The most rows of a page.
pub const LARGEST_PAGE: u64 = 100;

/// The arguments of a Relay connection, as they came.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct PageArgs {
    /// Rows from the start, or after `after`.
    pub first: Option<i32>,
    /// The cursor after which the page begins.
    pub after: Option<String>,
    /// Rows from the end, or before `before`.
    pub last: Option<i32>,
    /// The cursor before which the page ends.
    pub before: Option<String>,
}

/// Up or down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Smallest first.
    #[default]
    Ascending,
    /// Largest first.
    Descending,
}

/// A page of rows in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows with their cursors.
    pub edges: Vec<Edge<T>>,
    /// Rows follow.
    pub has_next: bool,
    /// Rows precede, or may: the page was asked for after a cursor.
    pub has_previous: bool,
}

impl<T> Page<T> {
    /// The page with something else in place of each row.
    pub(crate) fn map<U>(self, change: impl Fn(T) -> U) -> Page<U> {
        let edge = |edge: Edge<T>| Edge {
            cursor: edge.cursor,
            node: change(edge.node),
        };
        Page {
            edges: self.edges.into_iter().map(edge).collect(),
            has_next: self.has_next,
            has_previous: self.has_previous,
        }
    }
}

impl<T> Default for Page<T> {
    fn default() -> Self {
        Self {
            edges: Vec::new(),
            has_next: false,
            has_previous: false,
        }
    }
}

/// A row with its cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge<T> {
    /// Where the row lies in its list.
    pub cursor: String,
    /// The row.
    pub node: T,
}

/// A sort value in a cursor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Key {
    /// A number or a key.
    Number(i64),
    /// A text.
    Text(String),
    /// A moment, in microseconds, in a list of one.
    Moment([i64; 1]),
}

impl Key {
    pub(crate) fn moment(moment: DateTime<Utc>) -> Self {
        Self::Moment([moment.timestamp_micros()])
    }

    fn value(&self) -> Option<Value> {
        Some(match self {
            Self::Number(number) => (*number).into(),
            Self::Text(text) => text.clone().into(),
            Self::Moment([micros]) => DateTime::from_timestamp_micros(*micros)?.into(),
        })
    }
}

/// The secret that seals cursors, shared by all servers of a database.
pub(crate) struct Seal(hmac::Key);

impl Seal {
    pub(crate) fn new(secret: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }

    fn tag(&self, list: &str, payload: &[u8]) -> Vec<u8> {
        let mut sealed = Vec::with_capacity(list.len() + 1 + payload.len());
        sealed.extend_from_slice(list.as_bytes());
        sealed.push(0);
        sealed.extend_from_slice(payload);
        let mut tag = hmac::sign(&self.0, &sealed).as_ref().to_vec();
        tag.truncate(TAG);
        tag
    }

    pub(crate) fn cursor(&self, list: &str, keys: &[Key]) -> String {
        // A list of numbers and texts always has a JSON form.
        let mut bytes = serde_json::to_vec(keys).unwrap_or_default();
        let tag = self.tag(list, &bytes);
        bytes.extend(tag);
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    /// What a cursor holds; none when this server did not make it for this list.
    pub(crate) fn open(&self, list: &str, cursor: &str, width: usize) -> Option<Vec<Key>> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let end = bytes.len().checked_sub(TAG)?;
        let (payload, tag) = bytes.split_at_checked(end)?;
        // Comparing in constant time would protect a secret; the seal protects nothing but the shape of a request,
        // yet the library's comparison costs nothing.
        aws_lc_rs::constant_time::verify_slices_are_equal(&self.tag(list, payload), tag).ok()?;
        let keys: Vec<Key> = serde_json::from_slice(payload).ok()?;
        let fit = keys.len() == width && keys.iter().all(|key| key.value().is_some());
        fit.then_some(keys)
    }
}

const TAG: usize = 16;

/// What a list is sorted by. The last column tells all rows apart.
pub(crate) struct Sort {
    pub(crate) columns: Vec<SimpleExpr>,
    pub(crate) direction: Direction,
}

/// A page asked for: how many rows, from where, which way.
pub(crate) struct Window {
    limit: u64,
    backward: bool,
    after: Option<Vec<Key>>,
    before: Option<Vec<Key>>,
}

impl Window {
    /// Reads the arguments for the list of a name.
    pub(crate) fn read(
        call: &Call,
        args: &PageArgs,
        list: &str,
        sort: &Sort,
    ) -> Result<Self, BadInput> {
        let seal = &call.store().inner.seal;
        let limit = size(args)?;
        let open = |cursor: &Option<String>, argument| {
            let opened = |cursor: &str| {
                let keys = seal.open(list, cursor, sort.columns.len());
                keys.ok_or(BadInput::Cursor { argument })
            };
            cursor.as_deref().map(opened).transpose()
        };
        Ok(Self {
            limit,
            backward: args.last.is_some(),
            after: open(&args.after, "after")?,
            before: open(&args.before, "before")?,
        })
    }

    /// Narrows a statement to the page, and one row more to know whether others follow.
    pub(crate) fn apply(&self, statement: &mut SelectStatement, sort: &Sort) {
        let tuple = || SimpleExpr::Tuple(sort.columns.clone());
        let values = |keys: &[Key]| {
            SimpleExpr::Tuple(
                keys.iter()
                    .filter_map(Key::value)
                    .map(SimpleExpr::Value)
                    .collect(),
            )
        };
        let descending = sort.direction == Direction::Descending;
        for (keys, beyond) in [(&self.after, true), (&self.before, false)] {
            if let Some(keys) = keys {
                statement.and_where(if beyond == descending {
                    tuple().lt(values(keys))
                } else {
                    tuple().gt(values(keys))
                });
            }
        }
        let order = if descending == self.backward {
            Order::Asc
        } else {
            Order::Desc
        };
        for column in &sort.columns {
            statement.order_by_expr(column.clone(), order.clone());
        }
        statement.limit(self.limit + 1);
    }

    /// Makes the page of the rows that the statement gave.
    pub(crate) fn page<T>(
        &self,
        call: &Call,
        list: &str,
        mut rows: Vec<T>,
        keys: impl Fn(&T) -> Vec<Key>,
    ) -> Page<T> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        if self.backward {
            rows.reverse();
        }
        let seal = &call.store().inner.seal;
        let edges = rows
            .into_iter()
            .map(|node| Edge {
                cursor: seal.cursor(list, &keys(&node)),
                node,
            })
            .collect();
        Page {
            edges,
            has_next: if self.backward {
                self.before.is_some()
            } else {
                more
            },
            has_previous: if self.backward {
                more
            } else {
                self.after.is_some()
            },
        }
    }
}

fn size(args: &PageArgs) -> Result<u64, BadInput> {
    let asked = match (args.first, args.last) {
        (Some(_), Some(_)) => return Err(BadInput::FirstAndLast),
        (Some(rows), None) => (rows, "first"),
        (None, Some(rows)) => (rows, "last"),
        (None, None) => return Ok(DEFAULT_PAGE),
    };
    let (rows, argument) = asked;
    u64::try_from(rows)
        .ok()
        .filter(|rows| *rows <= LARGEST_PAGE)
        .ok_or(BadInput::PageSize { argument })
}

/// A plain column of a table, to sort by.
pub(crate) fn by<E: sea_orm::EntityTrait>(table: E, column: E::Column) -> SimpleExpr {
    Expr::col((table, column))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key() -> impl Strategy<Value = Key> {
        prop_oneof![
            any::<i64>().prop_map(Key::Number),
            ".{0,20}".prop_map(Key::Text),
            (-10_000_000_000_000i64..10_000_000_000_000).prop_map(|micros| Key::Moment([micros])),
        ]
    }

    proptest! {
        #[test]
        fn a_cursor_opens_in_its_list_alone(keys in prop::collection::vec(key(), 1..4), list in "[a-z]{1,9}", other in "[a-z]{1,9}") {
            let seal = Seal::new(b"secret");
            let cursor = seal.cursor(&list, &keys);
            prop_assert_eq!(seal.open(&list, &cursor, keys.len()), Some(keys.clone()));
            prop_assert_eq!(seal.open(&list, &cursor, keys.len() + 1), None);
            if list != other {
                prop_assert_eq!(seal.open(&other, &cursor, keys.len()), None);
            }
            prop_assert_eq!(Seal::new(b"another").open(&list, &cursor, keys.len()), None);
        }

        #[test]
        fn whatever_comes_as_a_cursor_is_refused(text in ".{0,80}") {
            prop_assert_eq!(Seal::new(b"secret").open("targets", &text, 2), None);
        }

        #[test]
        fn one_altered_character_is_refused(number in any::<i64>(), at in any::<prop::sample::Index>()) {
            let seal = Seal::new(b"secret");
            let cursor = seal.cursor("targets", &[Key::Number(number)]);
            let at = at.index(cursor.len());
            let altered: String = cursor.chars().enumerate().map(|(i, c)| match (i == at, c) {
                (false, c) => c,
                (true, 'A') => 'B',
                (true, _) => 'A',
            }).collect();
            prop_assert!(altered == cursor || seal.open("targets", &altered, 1).is_none());
        }
    }
}
