//! `/.well-known/security.txt` (RFC 9116): where to report a weakness.

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use chrono::{SecondsFormat, TimeDelta};

use crate::App;

/// For how long what is said holds. RFC 9116 wants less than a year.
const HOLDS: TimeDelta = TimeDelta::days(90);

/// Where whoever runs this server wants to hear of weaknesses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact(String);

impl Contact {
    /// Reads an address as a URI: `mailto:…`, `https://…` or `tel:…`.
    ///
    /// # Errors
    /// It is none.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let schemes = ["mailto:", "https://", "tel:"];
        let mut rests = schemes.iter().map(|scheme| text.strip_prefix(scheme));
        let named = rests.any(|rest| rest.is_some_and(|rest| !rest.is_empty()));
        if named && text.len() <= 500 && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Self(text.to_owned()))
        } else {
            Err("must be an address such as mailto:security@example.gov.cn, https://… or tel:…")
        }
    }
}

/// The text, which holds for some time from now on.
pub(super) async fn serve(State(app): State<App>) -> Response {
    let until = (app.now() + HOLDS).to_rfc3339_opts(SecondsFormat::Secs, true);
    let contact = app.parts.contact.as_ref().map_or("", |contact| &contact.0);
    let text = format!("Contact: {contact}\nExpires: {until}\nPreferred-Languages: zh, en\n");
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_uri_of_one_line() {
        for (text, good) in [
            ("mailto:security@example.gov.cn", true),
            ("https://example.gov.cn/security", true),
            ("tel:+86-576-12345", true),
            ("", false),
            ("mailto:", false),
            ("security@example.gov.cn", false),
            ("http://example.gov.cn", false),
            ("mailto:a@example.cn\nContact: mailto:b@example.cn", false),
        ] {
            assert_eq!(Contact::parse(text).is_ok(), good, "{text}");
        }
    }
}
