//! Pages of other origins: none may ask, unless the configuration names it. Nothing is authorised by a cookie, so that no answer is
//! ever given with credentials.

use axum::http::{HeaderName, HeaderValue, Method, Uri, header, request::Parts};
use std::time::Duration;
use tower_http::cors::{AllowOrigin, CorsLayer};

use super::client::TrustedProxies;

/// How long a browser may remember what a preflight said.
const REMEMBER: Duration = Duration::from_secs(3600);

/// The origins of front ends that are served from elsewhere: none unless the configuration names them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins(Vec<HeaderValue>);

impl Origins {
    /// Reads origins, separated by commas: `https://portal.example.gov.cn, http://localhost:5173`.
    ///
    /// # Errors
    /// What is none, such as `*` or an address with a path.
    pub fn parse(text: &str) -> Result<Self, String> {
        text.split([',', ' ', '[', ']', '"', '\''])
            .filter(|word| !word.is_empty())
            .map(|word| {
                let wrong = || format!("{word} is no origin such as https://portal.example.gov.cn");
                let uri: Uri = word.parse().map_err(|_| wrong())?;
                let scheme = uri
                    .scheme_str()
                    .filter(|it| matches!(*it, "http" | "https"));
                let (Some(scheme), Some(authority)) = (scheme, uri.authority()) else {
                    return Err(wrong());
                };
                // As browsers write it: to the letter.
                let origin = format!("{scheme}://{}", authority.as_str().to_ascii_lowercase());
                let usual = match scheme {
                    "https" => ":443",
                    _ => ":80",
                };
                if origin != word || origin.contains(['@', '*']) || origin.ends_with(usual) {
                    return Err(wrong());
                }
                HeaderValue::from_str(&origin).map_err(|_| wrong())
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// What answers preflights, and tells browsers whose pages may read an answer; nothing where no origin is named.
    pub(crate) fn layer(&self) -> Option<CorsLayer> {
        if self.0.is_empty() {
            return None;
        }
        let layer = CorsLayer::new()
            .allow_origin(AllowOrigin::list(self.0.iter().cloned()))
            .allow_methods([Method::GET, Method::POST])
            .allow_headers([
                header::ACCEPT,
                header::ACCEPT_LANGUAGE,
                header::AUTHORIZATION,
                header::CONTENT_TYPE,
                HeaderName::from_static("graphql-preflight"),
                HeaderName::from_static("apollo-require-preflight"),
                HeaderName::from_static("luoshi-cost"),
                HeaderName::from_static("x-request-id"),
            ])
            .expose_headers([
                header::CONTENT_DISPOSITION,
                header::RETRY_AFTER,
                HeaderName::from_static("x-request-id"),
            ])
            .max_age(REMEMBER);
        Some(layer)
    }

    /// Whether whoever opens a socket may: a page of this server's own host, or of a named origin; or no page at all. Browsers ask no
    /// leave for sockets.
    pub(crate) fn admit(&self, head: &Parts, proxies: &TrustedProxies) -> bool {
        let Some(origin) = head.headers.get(header::ORIGIN) else {
            return true;
        };
        if self.0.contains(origin) {
            return true;
        }
        let forwarded = || head.headers.get("x-forwarded-host");
        let host = proxies
            .hears(&head.extensions)
            .then(forwarded)
            .flatten()
            .or_else(|| head.headers.get(header::HOST));
        let text = |value: &HeaderValue| value.to_str().ok().map(str::to_ascii_lowercase);
        let of = text(origin).and_then(|origin| {
            let (scheme, host) = origin.split_once("://")?;
            matches!(scheme, "http" | "https").then(|| host.to_owned())
        });
        of.is_some() && of == host.and_then(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_named_to_the_letter() {
        for good in [
            "https://portal.example.gov.cn",
            "http://localhost:5173, https://a.example",
        ] {
            assert!(Origins::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "*",
            "null",
            "portal.example.gov.cn",
            "https://a.example/",
            "https://a.example/page",
            "https://A.example",
            "https://a.example:443",
            "https://user@a.example",
            "https://*.example",
            "ftp://a.example",
        ] {
            assert!(Origins::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(Origins::parse(""), Ok(Origins::default()));
        assert!(Origins::default().layer().is_none());
    }
}
