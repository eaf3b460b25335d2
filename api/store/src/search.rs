//! Finding any substring of Chinese text, fast on both databases: an index of overlapping pairs of characters.
//!
//! A target's search document is its text and the names of its units and leaders. Each piece is normalised, split
//! into overlapping pairs (`规上企业` → 规上 上企 企业), and each pair becomes a word that no tokenizer takes apart:
//! the two code points in hexadecimal with an `x` between. A word for the last character alone ends each piece, so
//! that no phrase runs from one piece into the next. A search asks for the phrase of its own pairs, which is found
//! exactly where its text stands; a single character asks for words that begin with it. SQLite keeps the words in an
//! FTS5 table, PostgreSQL in a `tsvector` under a GIN index.

use std::collections::BTreeMap;

use entity::ids::{PlanId, TargetId};
use sea_orm::{
    ConnectionTrait, DbErr, Statement, Value,
    sea_query::{Expr, SimpleExpr},
};
use unicode_normalization::UnicodeNormalization;

use crate::{BadInput, connection::Backend};

/// The most characters of a search.
pub(crate) const LONGEST_SEARCH: usize = 100;

/// Full width is half width, capitals are small, and space is nothing.
fn normalise(text: &str) -> Vec<char> {
    text.nfkc()
        .filter(|c| !c.is_whitespace() && !c.is_control())
        .flat_map(char::to_lowercase)
        .collect()
}

/// That a text can be looked for: PostgreSQL takes none with U+0000.
pub(crate) fn text_to_find(text: &str, argument: &'static str) -> Result<(), BadInput> {
    if text.contains('\0') {
        return Err(BadInput::NoText { argument });
    }
    Ok(())
}

fn pair(one: char, next: char) -> String {
    format!("{:x}x{:x}", u32::from(one), u32::from(next))
}

fn single(one: char) -> String {
    format!("{:x}x", u32::from(one))
}

/// The words of a document made of pieces, in their order.
fn words<'a>(pieces: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut words = Vec::new();
    for piece in pieces {
        let characters = normalise(piece);
        words.extend(characters.windows(2).map(|w| pair(w[0], w[1])));
        words.extend(characters.last().map(|last| single(*last)));
    }
    words
}

/// A text to search for.
pub(crate) struct Needle(Vec<char>);

impl Needle {
    /// Reads what was asked for; none when nothing is left to look for.
    pub(crate) fn read(text: &str) -> Result<Option<Self>, BadInput> {
        if text.chars().count() > LONGEST_SEARCH {
            return Err(BadInput::SearchTooLong);
        }
        text_to_find(text, "filter.search")?;
        let characters = normalise(text);
        Ok((!characters.is_empty()).then_some(Self(characters)))
    }

    fn phrase(&self) -> Vec<String> {
        self.0.windows(2).map(|w| pair(w[0], w[1])).collect()
    }

    /// The target's document holds the text; `plan` is that of all targets in question, where they have one.
    ///
    /// SQLite reads all that the index finds, of all years, unless it is told between which keys those of the plan lie. PostgreSQL
    /// begins with the plan by itself, or with the index where that finds little, and is slower when it is told.
    pub(crate) fn found(&self, backend: Backend, plan: Option<PlanId>) -> SimpleExpr {
        let phrase = self.phrase();
        let first = self.0.first().copied().map(single).unwrap_or_default();
        match backend {
            Backend::Sqlite => {
                let words = if phrase.is_empty() {
                    format!("{first}*")
                } else {
                    format!("\"{}\"", phrase.join(" "))
                };
                let found = r#""target"."id" IN (SELECT rowid FROM target_search WHERE target_search MATCH ?"#;
                match plan {
                    None => Expr::cust_with_values(format!("{found})"), [words]),
                    Some(plan) => {
                        let end = |of| format!("(SELECT {of}(id) FROM target WHERE plan_id = ?)");
                        let (first, last) = (end("MIN"), end("MAX"));
                        let values: [Value; 3] = [words.into(), plan.into(), plan.into()];
                        Expr::cust_with_values(
                            format!("{found} AND rowid BETWEEN {first} AND {last})"),
                            values,
                        )
                    }
                }
            }
            Backend::Postgres => Expr::cust_with_values(
                r#""target"."id" IN (SELECT target_id FROM target_search WHERE document @@ CAST($1 AS tsquery))"#,
                [if phrase.is_empty() {
                    format!("{first}:*")
                } else {
                    phrase.join(" <-> ")
                }],
            ),
        }
    }
}

/// Writes, or writes anew, the search documents of targets, within the transaction that changed them.
pub(crate) async fn index(db: &impl ConnectionTrait, targets: &[TargetId]) -> Result<(), DbErr> {
    for part in targets.chunks(200) {
        let pieces = pieces(db, part).await?;
        let documents = pieces.iter().map(|(target, pieces)| {
            let words = words(pieces.iter().map(String::as_str));
            (*target, document(&words, Backend::of(db)))
        });
        write(db, documents.collect()).await?;
    }
    Ok(())
}

/// Keys as they stand in a statement.
fn list(targets: &[TargetId]) -> String {
    let keys: Vec<String> = targets.iter().map(|target| target.0.to_string()).collect();
    keys.join(", ")
}

/// The texts of targets: their own, and the names of their units and leaders (whoever held the post, ever).
async fn pieces(
    db: &impl ConnectionTrait,
    targets: &[TargetId],
) -> Result<BTreeMap<TargetId, Vec<String>>, DbErr> {
    let list = list(targets);
    let sql = format!(
        "SELECT id, 0 AS piece, plain_text AS text FROM target WHERE id IN ({list})
         UNION SELECT a.target_id, 1, u.name FROM assignment a
             JOIN unit u ON u.id = a.unit_id OR u.id = a.acting_unit_id WHERE a.target_id IN ({list})
         UNION SELECT p.target_id, 2, l.name FROM target_post p JOIN tenure t ON t.post_id = p.post_id
             JOIN leader l ON l.id = t.leader_id WHERE p.target_id IN ({list})
         ORDER BY 1, 2, 3"
    );
    let mut pieces: BTreeMap<TargetId, Vec<String>> = BTreeMap::new();
    for row in db
        .query_all_raw(Statement::from_string(db.get_database_backend(), sql))
        .await?
    {
        pieces
            .entry(row.try_get("", "id")?)
            .or_default()
            .push(row.try_get("", "text")?);
    }
    Ok(pieces)
}

/// Takes the search documents of targets away, before the targets themselves are, in one statement.
pub(crate) async fn forget(db: &impl ConnectionTrait, targets: &[TargetId]) -> Result<(), DbErr> {
    if targets.is_empty() {
        return Ok(());
    }
    let key = match Backend::of(db) {
        Backend::Sqlite => "rowid",
        Backend::Postgres => "target_id",
    };
    let sql = format!(
        "DELETE FROM target_search WHERE {key} IN ({})",
        list(targets)
    );
    db.execute_unprepared(&sql).await?;
    Ok(())
}

/// Words as the database takes them: PostgreSQL is told their places.
fn document(words: &[String], backend: Backend) -> String {
    match backend {
        Backend::Sqlite => words.join(" "),
        Backend::Postgres => {
            let placed = words.iter().zip(1..);
            let placed: Vec<_> = placed.map(|(word, at)| format!("{word}:{at}")).collect();
            placed.join(" ")
        }
    }
}

async fn write(db: &impl ConnectionTrait, documents: Vec<(TargetId, String)>) -> Result<(), DbErr> {
    if documents.is_empty() {
        return Ok(());
    }
    let backend = Backend::of(db);
    if backend == Backend::Sqlite {
        // FTS5 knows no conflict.
        let targets: Vec<_> = documents.iter().map(|(target, _)| *target).collect();
        forget(db, &targets).await?;
    }
    let (column, conflict) = match backend {
        Backend::Sqlite => ("rowid", ""),
        Backend::Postgres => (
            "target_id",
            "ON CONFLICT (target_id) DO UPDATE SET document = EXCLUDED.document",
        ),
    };
    let mut values: Vec<Value> = Vec::new();
    let mut rows = Vec::new();
    for (target, document) in documents {
        values.extend([target.into(), document.into()]);
        let (key, text) = (values.len() - 1, values.len());
        rows.push(match backend {
            Backend::Sqlite => format!("(${key}, ${text})"),
            Backend::Postgres => format!("(${key}, CAST(${text} AS tsvector))"),
        });
    }
    let rows = rows.join(", ");
    let sql = format!("INSERT INTO target_search ({column}, document) VALUES {rows} {conflict}");
    db.execute_raw(Statement::from_sql_and_values(
        db.get_database_backend(),
        sql,
        values,
    ))
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What the index is asked, over the words themselves.
    fn finds(document: &[&str], text: &str) -> bool {
        let words = words(document.iter().copied());
        let Some(needle) = Needle::read(text).unwrap() else {
            return true;
        };
        let phrase = needle.phrase();
        if phrase.is_empty() {
            let first = single(needle.0[0]);
            words.iter().any(|word| word.starts_with(&first))
        } else {
            words.windows(phrase.len()).any(|window| window == phrase)
        }
    }

    #[test]
    fn what_is_the_same_to_a_reader_is_found() {
        let text = [
            "新增规上工业企业 300家，增长７%以上（ＰＭ2.5）。",
            "市发展改革委",
        ];
        for (needle, expected) in [
            ("规上", true),
            ("企业300", true),
            ("増", false),
            ("7%", true),
            ("７％", true),
            ("pm2.5", true),
            ("(PM", true),
            ("。", true),
            ("。市", false),
            ("改革委", true),
            ("委", true),
            ("委员", false),
            ("  ", true),
            ("'\"*:", false),
        ] {
            assert_eq!(finds(&text, needle), expected, "{needle}");
        }
    }

    proptest! {
        #[test]
        fn an_index_hit_is_a_substring(
            text in "[新增规上工企业 0-9%（）A-c.'\"*]{0,30}",
            other in "[新增规上工企业]{0,6}",
            needle in "[新增规上工企业 0-9%（）A-c.'\"*]{0,5}",
        ) {
            let plain = |text: &str| normalise(text).into_iter().collect::<String>();
            let expected = plain(&text).contains(&plain(&needle)) || plain(&other).contains(&plain(&needle));
            prop_assert_eq!(finds(&[&text, &other], &needle), expected);
        }
    }
}
