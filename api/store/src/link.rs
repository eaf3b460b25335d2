//! Links to evidence files, for who cannot send a header, such as a browser that follows one: who asked, in which session,
//! for which file, until when, signed. A link opens nothing by itself: whoever follows it has the access that its asker has
//! then, and none once the session has ended.

use aws_lc_rs::hmac;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use entity::ids::{AttachmentId, SessionId, UserId};

/// How long a link is good for.
pub(crate) const LINK_LIFE: TimeDelta = TimeDelta::minutes(5);

/// What makes a signature one of a link.
const PURPOSE: &[u8] = b"luoshi/download-link/1\0";
/// Bytes of a link: three numbers, and the signature.
const LENGTH: usize = 3 * 8 + 32;

/// Signs links, and reads them.
pub(crate) struct Links(hmac::Key);

/// What a link says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    /// The file.
    pub(crate) attachment: AttachmentId,
    /// Who asked for it.
    pub(crate) user: UserId,
    /// In which session.
    pub(crate) session: SessionId,
    /// When it ends, in whole seconds.
    pub(crate) expires_at: DateTime<Utc>,
}

impl Links {
    /// Links signed with this key (HMAC-SHA-256), of 32 random bytes.
    pub(crate) fn new(key: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    /// The link, in characters that no URL has to escape.
    pub(crate) fn sign(&self, link: Link) -> String {
        let parts = [link.user.0, link.session.0, link.expires_at.timestamp()];
        let mut bytes: Vec<u8> = parts.iter().flat_map(|part| part.to_be_bytes()).collect();
        let signature = hmac::sign(&self.0, &message(link.attachment, &bytes));
        bytes.extend(signature.as_ref());
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads a link to this file; none when it is not ours, not for this file, or its time is over. The signature is compared
    /// in constant time, and before anything else.
    pub(crate) fn read(
        &self,
        attachment: AttachmentId,
        text: &str,
        now: DateTime<Utc>,
    ) -> Option<Link> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        if bytes.len() != LENGTH {
            return None;
        }
        let (said, signature) = bytes.split_at_checked(LENGTH - 32)?;
        hmac::verify(&self.0, &message(attachment, said), signature).ok()?;
        let mut parts = said
            .chunks_exact(8)
            .filter_map(|part| part.try_into().ok().map(i64::from_be_bytes));
        let (user, session, expires) = (parts.next()?, parts.next()?, parts.next()?);
        let expires_at = DateTime::from_timestamp(expires, 0)?;
        (now < expires_at).then_some(Link {
            attachment,
            user: UserId(user),
            session: SessionId(session),
            expires_at,
        })
    }
}

/// Each part has its own place and length: no two links say the same.
fn message(attachment: AttachmentId, said: &[u8]) -> Vec<u8> {
    [PURPOSE, &attachment.0.to_be_bytes(), said].concat()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    fn link(attachment: i64, user: i64, session: i64, expires: i64) -> Link {
        Link {
            attachment: AttachmentId(attachment),
            user: UserId(user),
            session: SessionId(session),
            expires_at: at(expires),
        }
    }

    #[test]
    fn a_link_ends_when_it_says() {
        let links = Links::new(&[7; 32]);
        let link = link(3, 4, 5, 1000);
        let text = links.sign(link);
        assert_eq!(links.read(AttachmentId(3), &text, at(999)), Some(link));
        assert_eq!(links.read(AttachmentId(3), &text, at(1000)), None);
        for text in ["", "AAAA", &text[1..], &format!("{text}=")] {
            assert_eq!(links.read(AttachmentId(3), text, at(0)), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_link_is_good_for_what_it_says_alone(
            attachment in any::<i64>(), user in any::<i64>(), session in any::<i64>(), expires in 0..4_000_000_000i64,
            other in any::<i64>(), later in 0..1000i64, place in any::<prop::sample::Index>(), letter in "[A-Za-z0-9_-]",
        ) {
            let links = Links::new(b"one key");
            let link = link(attachment, user, session, expires);
            let text = links.sign(link);
            let now = at(expires - 1);
            let id = link.attachment;
            prop_assert_eq!(links.read(id, &text, now), Some(link));
            prop_assert_eq!(links.read(id, &text, at(expires + later)), None);
            prop_assert_eq!(Links::new(b"another").read(id, &text, now), None);
            if other != attachment {
                prop_assert_eq!(links.read(AttachmentId(other), &text, now), None);
            }
            let at = place.index(text.len());
            let mut changed = text.clone();
            changed.replace_range(at..=at, &letter);
            prop_assert_eq!(links.read(id, &changed, now).is_some(), changed == text);
        }

        #[test]
        fn whatever_comes_is_read(text in ".{0,100}") {
            prop_assert_eq!(Links::new(b"key").read(AttachmentId(1), &text, at(0)), None);
        }
    }
}
