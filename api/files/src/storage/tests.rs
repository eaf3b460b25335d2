//! The storage in a folder, and what it makes of a bucket that is not there.

use std::sync::atomic::{AtomicU8, Ordering};

use domain::FileReason;

use super::*;
use crate::samples;

/// Counts.
#[derive(Default)]
pub(super) struct Numbers(AtomicU8);

impl Entropy for Numbers {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(self.0.fetch_add(1, Ordering::Relaxed));
    }
}

async fn open(folder: &std::path::Path) -> Result<Files, Fault> {
    let entropy = Arc::new(Numbers(AtomicU8::new(0xa0)));
    Files::open(&Storage::Folder(folder.to_owned()), entropy).await
}

async fn content(reading: Reading) -> Vec<u8> {
    let pieces: Vec<Bytes> = reading.content.try_collect().await.unwrap();
    pieces.concat()
}

#[tokio::test]
async fn a_file_comes_back_as_it_was_put() {
    let folder = tempfile::tempdir().unwrap();
    let files = open(&folder.path().join("new/folder")).await.unwrap();
    let evidence = Evidence::check("../报告.pdf", samples::pdf().into())
        .await
        .unwrap();
    let stored = files.put(&evidence).await.unwrap();
    assert_eq!(stored.key.as_str(), format!("a0/{}", "a0".repeat(15)));
    assert_eq!(
        (stored.file_name.as_str(), stored.content_type),
        ("报告.pdf", "application/pdf")
    );
    assert_eq!(
        (stored.byte_size, &*stored.sha256),
        (samples::pdf().len() as u64, evidence.sha256())
    );
    let reading = files.get(&stored.key).await.unwrap().unwrap();
    assert_eq!(reading.byte_size, stored.byte_size);
    assert_eq!(content(reading).await, samples::pdf());
    // The same file again is another one.
    let again = files.put(&evidence).await.unwrap();
    assert_ne!(again.key, stored.key);
    files.delete(&stored.key).await.unwrap();
    files.delete(&stored.key).await.unwrap();
    assert!(!files.exists(&stored.key).await.unwrap());
    assert!(files.exists(&again.key).await.unwrap());
    assert!(files.get(&stored.key).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_take_a_file_away_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let files = open(folder.path()).await.unwrap();
    let evidence = Evidence::check("a.txt", "text".into()).await.unwrap();
    for _ in 0..50 {
        let key = files.put(&evidence).await.unwrap().key;
        let away = (0..4).map(|_| {
            let (files, key) = (files.clone(), key.clone());
            tokio::spawn(async move { files.delete(&key).await })
        });
        for done in futures_util::future::join_all(away).await {
            done.unwrap().unwrap();
        }
    }
}

#[tokio::test]
async fn a_large_file_comes_in_pieces() {
    let folder = tempfile::tempdir().unwrap();
    let files = open(folder.path()).await.unwrap();
    let text: Vec<u8> = (0..crate::LARGEST)
        .map(|at| b'a' + (at % 26) as u8)
        .collect();
    let evidence = Evidence::check("a.txt", text.clone().into()).await.unwrap();
    let stored = files.put(&evidence).await.unwrap();
    let reading = files.get(&stored.key).await.unwrap().unwrap();
    let pieces: Vec<Bytes> = reading.content.try_collect().await.unwrap();
    assert!(pieces.len() > 1);
    assert!(pieces.concat() == text);
}

#[tokio::test]
async fn files_are_listed_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let files = open(folder.path()).await.unwrap();
    let mut put = Vec::new();
    for number in 0..5 {
        let evidence = Evidence::check("a.txt", format!("{number}").into())
            .await
            .unwrap();
        put.push(files.put(&evidence).await.unwrap().key);
    }
    std::fs::create_dir_all(folder.path().join("ab/cd")).unwrap();
    std::fs::write(folder.path().join("ab/note.txt"), "x").unwrap();
    std::fs::write(folder.path().join("README"), "x").unwrap();
    let listed: Vec<Listed> = files.list().await.unwrap().try_collect().await.unwrap();
    let mut keys: Vec<Key> = listed.iter().map(|file| file.key.clone()).collect();
    keys.sort();
    assert_eq!(keys, put);
    assert!(
        listed
            .iter()
            .all(|file| file.byte_size == 1 && file.stored_at.is_some())
    );
}

#[tokio::test]
async fn a_storage_that_cannot_be_used_is_found_out_at_once() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("taken"), "a file").unwrap();
    assert!(open(&folder.path().join("taken")).await.is_err());
    // A port that was free a moment ago: nobody answers there.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let bucket = Bucket {
        endpoint: format!("http://{port}"),
        bucket: "luoshi".to_owned(),
        region: "us-east-1".to_owned(),
        access_key: "the-key".to_owned(),
        secret_key: "the-secret".to_owned(),
    };
    let storage = Storage::S3(bucket);
    assert!(!format!("{storage:?}").contains("the-"), "{storage:?}");
    let fault = Files::open(&storage, Arc::new(Numbers::default()))
        .await
        .unwrap_err();
    assert!(!fault.inside().contains("the-secret"), "{fault:?}");
}

#[test]
fn keys_are_ours_or_none() {
    let key = format!("ab/{}", "0f".repeat(15));
    assert_eq!(Key::parse(&key).unwrap().as_str(), key);
    for text in [
        "",
        "ab",
        "../../etc/passwd",
        &key.to_uppercase(),
        &format!("{key}0"),
        &key.replace('/', "0"),
        "ab/..............................",
        &format!("/{}", &key[1..]),
    ] {
        assert_eq!(Key::parse(text), None, "{text}");
    }
}

#[tokio::test]
async fn what_was_refused_cannot_be_put() {
    // `Files::put` takes an `Evidence`, and only the examination makes one.
    let refused = Evidence::check("a.html", Bytes::from_static(b"<html>")).await;
    assert_eq!(refused.unwrap_err(), FileReason::Markup);
}
