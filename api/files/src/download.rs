//! A stored file as an answer over HTTP: always saved, never shown, never kept by a cache.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Response, header},
};

use crate::{FileName, Kind, Reading};

/// Even a file that a browser shows after all can run nothing there and load nothing.
const POLICY: &str = "default-src 'none'; sandbox; frame-ancestors 'none'";

/// A file that somebody may have, whose access was looked at just now.
#[derive(Debug)]
pub struct Download<'a> {
    /// Its name, as it was stored.
    pub file_name: &'a str,
    /// Its media type, as it was stored. One that is not of a kind that is taken is not told.
    pub content_type: &'a str,
    /// Its content.
    pub reading: Reading,
}

impl Download<'_> {
    /// The answer. Where the storage fails on the way, the body ends before its length.
    pub fn into_response(self) -> Response<Body> {
        let headers = self.headers();
        let mut response = Response::new(Body::from_stream(self.reading.content));
        *response.headers_mut() = headers;
        response
    }

    fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            (header::CONTENT_TYPE, Kind::known(self.content_type)),
            (header::CONTENT_SECURITY_POLICY, POLICY),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::REFERRER_POLICY, "no-referrer"),
            (header::CACHE_CONTROL, "no-store"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        headers.insert(
            "cross-origin-resource-policy",
            HeaderValue::from_static("same-origin"),
        );
        headers.insert(header::CONTENT_LENGTH, self.reading.byte_size.into());
        let disposition = HeaderValue::try_from(disposition(self.file_name));
        headers.insert(
            header::CONTENT_DISPOSITION,
            disposition.unwrap_or(HeaderValue::from_static("attachment")),
        );
        headers
    }
}

/// `attachment` with the name twice: for old clients, and as it is (RFC 6266, RFC 5987).
fn disposition(file_name: &str) -> String {
    let name = FileName::of(file_name);
    let name = name.as_ref().map_or("file", FileName::as_str);
    let plain: String = name
        .chars()
        .map(|c| match c {
            // Some clients decode %, and some take the rest for the end of the name.
            '"' | '\\' | '%' | ';' => '_',
            ' '..='~' => c,
            _ => '_',
        })
        .collect();
    let whole: String =
        name.bytes()
            .map(|byte| match byte {
                b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => char::from(byte).to_string(),
                b'!' | b'#' | b'$' | b'&' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`' | b'|'
                | b'~' => char::from(byte).to_string(),
                _ => format!("%{byte:02X}"),
            })
            .collect();
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{whole}")
}

#[cfg(test)]
mod tests {
    use axum::body::{Bytes, to_bytes};
    use futures_util::{StreamExt, stream};
    use proptest::prelude::*;

    use super::*;

    fn download<'a>(file_name: &'a str, content_type: &'a str) -> Download<'a> {
        let pieces = [Ok(Bytes::from_static(b"ab")), Ok(Bytes::from_static(b"c"))];
        Download {
            file_name,
            content_type,
            reading: Reading {
                byte_size: 3,
                content: stream::iter(pieces).boxed(),
            },
        }
    }

    #[tokio::test]
    async fn a_file_is_saved_and_never_shown() {
        let response = download("报告 \"1\".pdf", "application/pdf").into_response();
        let header = |name: &str| response.headers()[name].to_str().unwrap();
        for (name, expected) in [
            ("content-type", "application/pdf"),
            ("content-length", "3"),
            (
                "content-disposition",
                "attachment; filename=\"__ _1_.pdf\"; filename*=UTF-8''%E6%8A%A5%E5%91%8A%20%221%22.pdf",
            ),
            ("x-content-type-options", "nosniff"),
            (
                "content-security-policy",
                "default-src 'none'; sandbox; frame-ancestors 'none'",
            ),
            ("cache-control", "no-store"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(header(name), expected);
        }
        assert_eq!(to_bytes(response.into_body(), 10).await.unwrap(), "abc");
        let page = download("a.html", "text/html").into_response();
        assert_eq!(page.headers()["content-type"], "application/octet-stream");
    }

    proptest! {
        #[test]
        fn whatever_the_name_one_header_is_written(name in "\\PC{0,100}|(?s).{0,50}") {
            let value = disposition(&name);
            prop_assert!(HeaderValue::try_from(&value).is_ok());
            prop_assert!(value.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
            prop_assert_eq!(value.matches('"').count(), 2);
            prop_assert_eq!(value.matches(';').count(), 2);
        }
    }
}
