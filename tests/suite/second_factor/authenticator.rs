//! What a telephone shows, by a reading of RFC 6238 of its own.

use aws_lc_rs::hmac;
use data_encoding::BASE32_NOPAD;
use domain::Clock;
use tests::App;

/// An authenticator: RFC 6238, by its own reading of the URI.
pub(super) struct Authenticator(pub(super) Vec<u8>);

impl Authenticator {
    pub(super) fn of(uri: &str) -> Self {
        let (_, rest) = uri.split_once("?secret=").expect("a secret");
        let (secret, rest) = rest.split_once('&').expect("more");
        assert!(
            rest.ends_with("&algorithm=SHA1&digits=6&period=30"),
            "{rest}"
        );
        Self(BASE32_NOPAD.decode(secret.as_bytes()).expect("Base32"))
    }

    /// What it shows when the clock is some steps off.
    pub(super) fn shows(&self, app: &App, off: i64) -> String {
        let step = app.clock.now().timestamp() / 30 + off;
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.0);
        let tag = hmac::sign(&key, &step.to_be_bytes());
        let tag = tag.as_ref();
        let at = usize::from(tag[19] & 15);
        let word = u32::from_be_bytes([tag[at] & 0x7f, tag[at + 1], tag[at + 2], tag[at + 3]]);
        format!("{:06}", word % 1_000_000)
    }

    /// A code that it shows at no time near now.
    pub(super) fn wrong(&self, app: &App) -> String {
        let near: Vec<String> = (-2..=2).map(|off| self.shows(app, off)).collect();
        let mut all = (0..10).map(|n| format!("{n:06}"));
        all.find(|code| !near.contains(code)).expect("a wrong code")
    }
}
