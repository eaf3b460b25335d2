//! Files beside a request: the GraphQL multipart request specification (jaydenseric), in its strict form.
//!
//! A body of type `multipart/form-data` can be sent by any page without a preflight (CORS calls it simple), so that it is
//! taken only together with a header that is not simple: Authorization, which alone authorises a request anyway, or
//! `GraphQL-Preflight` (`Apollo-Require-Preflight`) of any value. No cookie is ever read.
//!
//! The parts come in the order `operations`, `map`, files. The document and the variables are checked when the first two
//! are there, before any file is read; whoever asks can be looked at in between. What is too large is left unread.

use std::{
    fmt,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use async_graphql::UploadValue;
use axum::{
    body::{Body, BodyDataStream, Bytes, HttpBody},
    http::{HeaderMap, header},
};
use futures_util::Stream;
use multer::{Constraints, Field, Multipart, SizeLimit};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

use crate::{
    Accepted, Edge, Limits,
    complaint::Complaint,
    receive::{Parameters, Transport},
    way::short,
};

/// Bytes of the part `map`.
const MAP: usize = 16 * 1024;
/// Bytes of the lines above a part, and of what stands between two parts.
const HEAD: usize = 8 * 1024;
/// Bytes that are looked at in one go. The parser runs ahead by some of them where parts are short.
const PIECE: usize = 4 * 1024;
/// The most characters of a boundary (RFC 2046 §5.1.1).
const BOUNDARY: usize = 70;

/// How a request comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// In the URL, or in a body of JSON.
    Plain,
    /// In parts, with files.
    Multipart {
        /// What stands between the parts.
        boundary: String,
    },
}

/// A request whose document was not looked at yet ([`Edge::look_at`]), nor were its files read.
pub struct Opening {
    operations: Bytes,
    wanted: Vec<(String, Vec<String>)>,
    parts: Parts,
}

/// A request whose document was looked at, and whose files were not read yet.
pub struct Uploading {
    accepted: Accepted,
    wanted: Vec<(String, Vec<String>)>,
    parts: Parts,
    limits: Limits,
}

impl fmt::Debug for Opening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opening").finish_non_exhaustive()
    }
}

impl fmt::Debug for Uploading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Uploading")
            .field("operation", &self.accepted.operation)
            .finish_non_exhaustive()
    }
}

/// The form of a POST, if it is `multipart/form-data`.
pub(crate) fn form(headers: &HeaderMap) -> Result<Option<Form>, Complaint> {
    let Some(value) = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
    else {
        return Ok(None);
    };
    let name = value.split(';').next().unwrap_or_default().trim();
    if !name.eq_ignore_ascii_case("multipart/form-data") {
        return Ok(None);
    }
    let asks_first = [
        "authorization",
        "graphql-preflight",
        "apollo-require-preflight",
    ]
    .iter()
    .any(|name| headers.get(*name).is_some_and(|value| !value.is_empty()));
    if !asks_first {
        return Err(Complaint::Preflight);
    }
    match multer::parse_boundary(value) {
        Ok(boundary) if (1..=BOUNDARY).contains(&boundary.len()) => {
            Ok(Some(Form::Multipart { boundary }))
        }
        _ => Err(Complaint::Multipart),
    }
}

impl Edge {
    /// Reads the parts `operations` and `map`.
    ///
    /// # Errors
    /// What is wrong with them, or with their order.
    pub async fn receive_parts(&self, boundary: &str, body: Body) -> Result<Opening, Complaint> {
        let limits = *self.limits();
        // Whoever says how much will come need not send it.
        if body.size_hint().lower() > limits.upload as u64 {
            return Err(Complaint::BodyTooLarge {
                most: limits.upload,
            });
        }
        let mut parts = Parts::new(boundary, body, &limits);
        // As large as a message of a socket: it waits in memory, of whomever it is.
        let operations = parts
            .only("operations", limits.body.min(limits.message))
            .await?;
        let map = parts.only("map", MAP).await?;
        let Map(wanted) = serde_json::from_slice(&map).map_err(|_| Complaint::UploadMap)?;
        if wanted.len() > limits.files {
            return Err(Complaint::TooManyFiles { most: limits.files });
        }
        let names_are_good = wanted.iter().enumerate().all(|(at, (name, paths))| {
            !matches!(name.as_str(), "" | "operations" | "map")
                && !paths.is_empty()
                && wanted[..at].iter().all(|(other, _)| other != name)
        });
        if !names_are_good {
            return Err(Complaint::UploadMap);
        }
        Ok(Opening {
            operations,
            wanted,
            parts,
        })
    }

    /// Looks at the document of a request in parts, as [`Edge::receive`] does.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn look_at(&self, opening: Opening) -> Result<Uploading, Complaint> {
        let limits = *self.limits();
        let Opening {
            operations,
            wanted,
            parts,
        } = opening;
        let paths: Vec<&str> = wanted
            .iter()
            .flat_map(|(_, paths)| paths)
            .map(String::as_str)
            .collect();
        let parameters = Parameters::of_body(&operations, limits.values)?;
        let accepted = self.prepare(parameters, Transport::Post, &paths)?;
        Ok(Uploading {
            accepted,
            wanted,
            parts,
            limits,
        })
    }
}

impl Uploading {
    /// The request, without its files.
    pub const fn accepted(&self) -> &Accepted {
        &self.accepted
    }

    /// Reads the files.
    ///
    /// # Errors
    /// What is wrong with them.
    pub async fn finish(mut self) -> Result<Accepted, Complaint> {
        while let Some(field) = self.parts.next().await? {
            let name = field.name().unwrap_or_default().to_owned();
            let at = self.wanted.iter().position(|(wanted, _)| *wanted == name);
            let Some(at) = at else {
                return Err(Complaint::UploadUnexpected { name: short(&name) });
            };
            let (_, paths) = self.wanted.swap_remove(at);
            let Some(filename) = field.file_name().map(str::to_owned) else {
                return Err(Complaint::UploadUnexpected { name: short(&name) });
            };
            let content_type = field.content_type().map(ToString::to_string);
            let most = self.limits.file;
            let content = self
                .parts
                .read(field, most, Complaint::FileTooLarge { most })
                .await?;
            for path in paths {
                let upload = UploadValue {
                    filename: filename.clone(),
                    content_type: content_type.clone(),
                    content: content.clone(),
                };
                self.accepted.request.set_upload(&path, upload);
            }
        }
        match self.wanted.first() {
            None => Ok(self.accepted),
            Some((name, _)) => Err(Complaint::UploadMissing { name: short(name) }),
        }
    }
}

/// Which file goes where, in the order in which it was written; a name that comes twice comes twice.
struct Map(Vec<(String, Vec<String>)>);

impl<'de> Deserialize<'de> for Map {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = Map;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of lists of paths")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Map, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Map(pairs))
            }
        }
        deserializer.deserialize_map(Pairs)
    }
}

/// The parts of a body, one after the other.
struct Parts {
    parts: Multipart<'static>,
    allowance: Allowance,
    upload: usize,
}

impl Parts {
    fn new(boundary: &str, body: Body, limits: &Limits) -> Self {
        let allowance = Allowance::default();
        let pieces = Pieces {
            body: body.into_data_stream(),
            rest: Bytes::new(),
            gave: false,
            allowance: allowance.clone(),
        };
        let constraints =
            Constraints::new().size_limit(SizeLimit::new().whole_stream(limits.upload as u64));
        Self {
            parts: Multipart::with_constraints(pieces, boundary, constraints),
            allowance,
            upload: limits.upload,
        }
    }

    /// The next part. Its head may be as long as a head may be, so that no search is made in all that comes.
    async fn next(&mut self) -> Result<Option<Field<'static>>, Complaint> {
        self.allowance.set(HEAD + PIECE);
        let upload = self.upload;
        self.parts
            .next_field()
            .await
            .map_err(|error| complaint(&error, upload))
    }

    /// The part that must come now.
    async fn only(&mut self, name: &'static str, most: usize) -> Result<Bytes, Complaint> {
        match self.next().await? {
            Some(field) if field.name() == Some(name) && field.file_name().is_none() => {
                self.read(field, most, Complaint::BodyTooLarge { most })
                    .await
            }
            _ => Err(Complaint::UploadOrder { name }),
        }
    }

    /// The content of a part, up to a limit.
    async fn read(
        &self,
        mut field: Field<'static>,
        most: usize,
        too_large: Complaint,
    ) -> Result<Bytes, Complaint> {
        self.allowance.set(usize::MAX);
        let mut content = Vec::new();
        while let Some(piece) = field
            .chunk()
            .await
            .map_err(|error| complaint(&error, self.upload))?
        {
            if content.len() + piece.len() > most {
                return Err(too_large);
            }
            content.extend_from_slice(&piece);
        }
        Ok(content.into())
    }
}

fn complaint(error: &multer::Error, upload: usize) -> Complaint {
    match error {
        multer::Error::StreamSizeExceeded { .. } => Complaint::BodyTooLarge { most: upload },
        _ => Complaint::Multipart,
    }
}

/// Bytes that may still be read before something must have been found in them.
#[derive(Clone, Default)]
struct Allowance(Arc<AtomicUsize>);

impl Allowance {
    fn set(&self, bytes: usize) {
        self.0.store(bytes, Ordering::Relaxed);
    }

    /// Takes some bytes; false when there were none left.
    fn take(&self, bytes: usize) -> bool {
        let left = self.0.load(Ordering::Relaxed);
        self.0.store(left.saturating_sub(bytes), Ordering::Relaxed);
        left > 0
    }
}

/// A body in small pieces, with a pause after each: the parser takes all that it can get before it looks at it, and is
/// to look at each piece.
struct Pieces {
    body: BodyDataStream,
    rest: Bytes,
    gave: bool,
    allowance: Allowance,
}

impl Stream for Pieces {
    type Item = Result<Bytes, axum::BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if std::mem::take(&mut self.gave) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        if self.rest.is_empty() {
            match Pin::new(&mut self.body).poll_next(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(error.into()))),
                Poll::Ready(Some(Ok(bytes))) => self.rest = bytes,
            }
        }
        let length = self.rest.len().min(PIECE);
        let piece = self.rest.split_to(length);
        if !self.allowance.take(length) {
            return Poll::Ready(Some(Err("the head of a part is too long".into())));
        }
        self.gave = true;
        Poll::Ready(Some(Ok(piece)))
    }
}
