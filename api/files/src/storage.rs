//! Where files are kept: a folder, or a bucket that speaks S3.
//!
//! A file is put under a random key before the database hears of it, and taken away after the database has forgotten
//! it: what a crash leaves between the two is an orphan, which [`Files::list`] finds.

use std::{io, path::PathBuf, sync::Arc, time::Duration};

use axum::body::Bytes;
use chrono::{DateTime, Utc};
use domain::Entropy;
use futures_util::{
    StreamExt, TryStreamExt, future,
    stream::{BoxStream, Stream},
};
use opendal::{
    ErrorKind, HttpTransporter, Operator,
    services::{Fs, S3},
};
use opendal_http_transport_reqwest::ReqwestTransport;
use reqwest::redirect;

use crate::Evidence;

/// How long the bucket's server may take to be reached.
const CONNECT: Duration = Duration::from_secs(5);
/// How long the bucket's server may keep silent.
const SILENCE: Duration = Duration::from_secs(20);
/// What a storage is tried with when it is opened. No key looks like it.
const TRIAL: &str = "luoshi-trial";

/// Where files are kept.
#[derive(Clone, Debug)]
pub enum Storage {
    /// A folder, made if it is missing.
    Folder(PathBuf),
    /// A bucket.
    S3(Bucket),
}

/// A bucket of a server that speaks S3, addressed by paths.
#[derive(Clone)]
pub struct Bucket {
    /// The server: `https://…`.
    pub endpoint: String,
    /// The bucket's name.
    pub bucket: String,
    /// The region, for the signature.
    pub region: String,
    /// The access key's ID.
    pub access_key: String,
    /// The access key's secret.
    pub secret_key: String,
}

impl std::fmt::Debug for Bucket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bucket")
            .field("endpoint", &self.endpoint)
            .field("bucket", &self.bucket)
            .field("region", &self.region)
            .finish_non_exhaustive()
    }
}

/// The storage failed. What it says is for the log.
#[derive(Clone, Debug)]
pub struct Fault {
    inside: String,
}

impl Fault {
    fn new(inside: impl Into<String>) -> Self {
        Self {
            inside: inside.into(),
        }
    }

    /// What happened, for the log and for operators.
    pub fn inside(&self) -> &str {
        &self.inside
    }
}

impl From<opendal::Error> for Fault {
    fn from(error: opendal::Error) -> Self {
        Self::new(format!("the storage of files: {error}"))
    }
}

/// The name of a file in the storage: random, and nothing of the file.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(String);

impl Key {
    /// Characters of a key: `ab/cdef…`, 16 bytes in hexadecimal and a stroke.
    const LENGTH: usize = 33;

    fn random(entropy: &dyn Entropy) -> Self {
        let mut bytes = [0; 16];
        entropy.fill(&mut bytes);
        let mut text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        // A folder with a hundred thousand files is slow to list.
        text.insert(2, '/');
        Self(text)
    }

    /// A key as it was stored; none when it is no key of ours.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = text.len() == Self::LENGTH
            && text.bytes().enumerate().all(|(at, byte)| match at {
                2 => byte == b'/',
                _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
            });
        fits.then(|| Self(text.to_owned()))
    }

    /// The key, to be stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A file that was put into the storage: what the database should know of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Where it is.
    pub key: Key,
    /// Its name, for people.
    pub file_name: String,
    /// Its media type.
    pub content_type: &'static str,
    /// Bytes of its content.
    pub byte_size: u64,
    /// SHA-256 of its content, in lower-case hexadecimal.
    pub sha256: String,
}

/// A file as it comes out of the storage.
pub struct Reading {
    /// Bytes of its content.
    pub byte_size: u64,
    /// Its content, piece by piece.
    pub content: BoxStream<'static, io::Result<Bytes>>,
}

impl std::fmt::Debug for Reading {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reading")
            .field("byte_size", &self.byte_size)
            .finish_non_exhaustive()
    }
}

/// A file that is in the storage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Where it is.
    pub key: Key,
    /// Bytes of its content.
    pub byte_size: u64,
    /// When it was put there, by the storage's clock. A young file without a row in the database may be on its way
    /// there, and is no orphan.
    pub stored_at: Option<DateTime<Utc>>,
}

/// The files in a storage. Cheap to clone.
#[derive(Clone)]
pub struct Files {
    operator: Operator,
    entropy: Arc<dyn Entropy>,
}

impl std::fmt::Debug for Files {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Files").finish_non_exhaustive()
    }
}

impl Files {
    /// Opens a storage, and tries whether it can be written to and read from.
    ///
    /// # Errors
    /// It cannot.
    pub async fn open(storage: &Storage, entropy: Arc<dyn Entropy>) -> Result<Self, Fault> {
        let operator = match storage {
            Storage::Folder(folder) => {
                let folder = folder
                    .to_str()
                    .ok_or_else(|| Fault::new("the folder's name is not UTF-8"))?;
                Operator::new(Fs::default().root(folder))?
            }
            Storage::S3(bucket) => {
                // What is configured is all there is: no files or servers that would know more, and no redirects.
                let service = S3::default()
                    .endpoint(&bucket.endpoint)
                    .bucket(&bucket.bucket)
                    .region(&bucket.region)
                    .access_key_id(&bucket.access_key)
                    .secret_access_key(&bucket.secret_key)
                    .disable_config_load()
                    .disable_ec2_metadata();
                let client = reqwest::Client::builder()
                    .connect_timeout(CONNECT)
                    .read_timeout(SILENCE)
                    .redirect(redirect::Policy::none())
                    .build()
                    .map_err(|error| Fault::new(format!("the storage of files: {error}")))?;
                let transport = HttpTransporter::new(ReqwestTransport::new(client));
                let operator = Operator::new(service)?;
                let context = operator.context().with_http_transport(transport);
                operator.with_context(context)
            }
        };
        operator.write(TRIAL, Bytes::from_static(b"luoshi")).await?;
        // Another server that opens it at the same moment may take the trial away.
        gone_or(operator.stat(TRIAL).await.map(drop))?;
        gone_or(operator.delete(TRIAL).await)?;
        Ok(Self { operator, entropy })
    }

    /// Keeps a file, under a new key.
    ///
    /// # Errors
    /// The storage failed; what it may hold of the file is an orphan.
    pub async fn put(&self, evidence: &Evidence) -> Result<Stored, Fault> {
        let key = Key::random(&*self.entropy);
        self.operator
            .write(key.as_str(), evidence.bytes.clone())
            .await?;
        Ok(Stored {
            key,
            file_name: evidence.name.as_str().to_owned(),
            content_type: evidence.kind.content_type(),
            byte_size: evidence.bytes.len() as u64,
            sha256: evidence.sha256.clone(),
        })
    }

    /// Reads a file; none when it is not there.
    ///
    /// # Errors
    /// The storage failed.
    pub async fn get(&self, key: &Key) -> Result<Option<Reading>, Fault> {
        let byte_size = match self.operator.stat(key.as_str()).await {
            Ok(found) => found.content_length(),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let reader = self.operator.reader(key.as_str()).await?;
        let content = reader.into_bytes_stream(..).await?.boxed();
        Ok(Some(Reading { byte_size, content }))
    }

    /// Takes a file away; one that is not there is away.
    ///
    /// # Errors
    /// The storage failed.
    pub async fn delete(&self, key: &Key) -> Result<(), Fault> {
        gone_or(self.operator.delete(key.as_str()).await)
    }

    /// Whether a file is there.
    ///
    /// # Errors
    /// The storage failed.
    pub async fn exists(&self, key: &Key) -> Result<bool, Fault> {
        Ok(self.operator.exists(key.as_str()).await?)
    }

    /// Every file that is there, in no order. What else lies in the folder or bucket is passed over.
    ///
    /// # Errors
    /// The storage failed.
    pub async fn list(
        &self,
    ) -> Result<impl Stream<Item = Result<Listed, Fault>> + Send + use<>, Fault> {
        let entries = self.operator.lister_with("").recursive(true).await?;
        let there = entries.filter(|entry| {
            // What is taken away meanwhile is not there.
            let gone = matches!(entry, Err(error) if error.kind() == ErrorKind::NotFound);
            future::ready(!gone)
        });
        Ok(there.map_err(Fault::from).try_filter_map(|entry| {
            let found = entry.metadata();
            let listed = Key::parse(entry.path())
                .filter(|_| found.is_file())
                .map(|key| Listed {
                    key,
                    byte_size: found.content_length(),
                    stored_at: found
                        .last_modified()
                        .map(|at| std::time::SystemTime::from(at).into()),
                });
            future::ready(Ok(listed))
        }))
    }
}

/// What was to be done to a file, or that somebody else took it away at the same moment.
fn gone_or(done: Result<(), opendal::Error>) -> Result<(), Fault> {
    match done {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod bucket_tests;
#[cfg(test)]
mod tests;
