//! Anchors: heads of the chain, written to a file elsewhere. Whoever shortens or rewrites the log cannot reach them.
//!
//! One line each: the place, its hash, and when it was written.

use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions},
    io::{Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    time::Instant,
};

use chrono::{DateTime, SecondsFormat, Utc};

use super::Head;
use crate::{Fault, Store};

/// The last anchor that this server wrote.
#[derive(Default)]
pub(super) struct Anchored {
    head: Option<Head>,
    at: Option<Instant>,
}

impl Store {
    /// Writes the head of the chain to the anchors, if it is another one and it is time, or in any case.
    pub(super) async fn anchor(&self, in_any_case: bool) -> Result<(), Fault> {
        let audit = &self.inner.audit;
        let Some(file) = audit.rules.anchor_file.clone() else {
            return Ok(());
        };
        let due = {
            let anchored = super::lock(&audit.anchored);
            anchored
                .at
                .is_none_or(|at| at.elapsed() >= audit.rules.anchor_every)
        };
        if !due && !in_any_case {
            return Ok(());
        }
        let head = self.audit_head().await?;
        if head.sequence == 0 || super::lock(&audit.anchored).head.as_ref() == Some(&head) {
            return Ok(());
        }
        let (now, written) = (self.now(), head.clone());
        off_the_runtime(move || append(&file, &written, now)).await?;
        *super::lock(&audit.anchored) = Anchored {
            head: Some(head),
            at: Some(Instant::now()),
        };
        Ok(())
    }
}

/// Runs what waits for a disk where it holds nobody up.
pub(super) async fn off_the_runtime<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Fault::new(error.to_string()))?
}

/// A problem with a file, for an operator.
pub(super) fn of_file(path: &Path, error: &std::io::Error) -> Fault {
    Fault::new(format!("{}: {error}", path.display()))
}

fn append(path: &Path, head: &Head, now: DateTime<Utc>) -> Result<(), Fault> {
    let write = || -> std::io::Result<()> {
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(path)?;
        let torn = ends_in_a_torn_line(&mut file)?;
        let line = format!(
            "{}{} {} {}\n",
            if torn { "\n" } else { "" },
            head.sequence,
            head.hash,
            now.to_rfc3339_opts(SecondsFormat::Secs, true)
        );
        file.write_all(line.as_bytes())?;
        file.sync_data()
    };
    write().map_err(|error| of_file(path, &error))
}

/// A power cut may have left half a line: the next one must not become part of it.
fn ends_in_a_torn_line(file: &mut File) -> std::io::Result<bool> {
    if file.seek(SeekFrom::End(0))? == 0 {
        return Ok(false);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}

/// The anchors of a file. A file that cannot be read, or without a single anchor, is a fault: somebody relies on it.
pub(super) async fn read(path: PathBuf) -> Result<BTreeMap<i64, Vec<String>>, Fault> {
    off_the_runtime(move || {
        let text = std::fs::read_to_string(&path).map_err(|error| of_file(&path, &error))?;
        let anchors = parse(&text);
        if anchors.is_empty() {
            return Err(Fault::new(format!("{}: no anchor in it", path.display())));
        }
        Ok(anchors)
    })
    .await
}

fn parse(text: &str) -> BTreeMap<i64, Vec<String>> {
    let mut anchors: BTreeMap<i64, Vec<String>> = BTreeMap::new();
    for line in text.lines() {
        let mut words = line.split_whitespace();
        if let (Some(Ok(sequence)), Some(hash), Some(_)) =
            (words.next().map(str::parse), words.next(), words.next())
            && hash.len() == 64
        {
            let hashes = anchors.entry(sequence).or_default();
            if !hashes.iter().any(|known| known == hash) {
                hashes.push(hash.to_owned());
            }
        }
    }
    anchors
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_and_a_torn_line_harms_no_other() {
        let folder = std::env::temp_dir().join(format!("luoshi-anchor-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("anchors");
        let head = |sequence, letter: &str| Head {
            sequence,
            hash: letter.repeat(64),
        };
        append(&path, &head(1, "a"), DateTime::UNIX_EPOCH).unwrap();
        let mut torn = OpenOptions::new().append(true).open(&path).unwrap();
        torn.write_all(b"2 bbbb").unwrap();
        append(&path, &head(3, "c"), DateTime::UNIX_EPOCH).unwrap();
        append(&path, &head(3, "d"), DateTime::UNIX_EPOCH).unwrap();
        let anchors = parse(&std::fs::read_to_string(&path).unwrap());
        let expected = [
            (1, vec!["a".repeat(64)]),
            (3, vec!["c".repeat(64), "d".repeat(64)]),
        ];
        assert_eq!(anchors, BTreeMap::from(expected));
        std::fs::remove_dir_all(folder).unwrap();
    }
}
