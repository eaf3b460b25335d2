//! Links to files for who cannot send a header, such as a browser that follows one: who asked, for which file, until
//! when, signed. A link opens nothing by itself: who serves it reads the user's access again.

use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};

/// How long a link is good for.
pub const LINK_LIFE: TimeDelta = TimeDelta::minutes(5);

/// What makes a signature one of a link: the same key may sign other things.
const PURPOSE: &[u8] = b"luoshi/download-link/1\0";

/// Signs links, and reads them.
#[derive(Clone)]
pub struct Links {
    key: hmac::Key,
}

impl std::fmt::Debug for Links {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Links").finish_non_exhaustive()
    }
}

/// What a link says, when its signature is ours and its time has not come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// Who asked for it.
    pub user_id: i64,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

/// Why a link opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkRefused {
    /// It is none of ours, or not for this file.
    Forged,
    /// It was ours, and its time is over.
    Expired,
}

impl Links {
    /// Links signed with this key (HMAC-SHA-256), which should have 32 random bytes.
    pub fn new(key: &[u8]) -> Self {
        Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, key),
        }
    }

    /// The query of a link: `user=…&expires=…&signature=…`, without anything that a URL would have to escape. `expires_at`
    /// counts in whole seconds; it should be [`LINK_LIFE`] from now.
    pub fn sign(&self, attachment_id: i64, user_id: i64, expires_at: DateTime<Utc>) -> String {
        let expires = expires_at.timestamp();
        let signature = hmac::sign(&self.key, &message(attachment_id, user_id, expires));
        let signature = URL_SAFE_NO_PAD.encode(signature);
        format!("user={user_id}&expires={expires}&signature={signature}")
    }

    /// Reads the query of a link to this file. The signature is compared in constant time, and before anything else.
    ///
    /// # Errors
    /// The link is not ours, or its time is over.
    pub fn verify(
        &self,
        attachment_id: i64,
        query: &str,
        now: DateTime<Utc>,
    ) -> Result<Link, LinkRefused> {
        let (user_id, expires, signature) = parts(query).ok_or(LinkRefused::Forged)?;
        hmac::verify(
            &self.key,
            &message(attachment_id, user_id, expires),
            &signature,
        )
        .map_err(|_| LinkRefused::Forged)?;
        let expires_at = DateTime::from_timestamp(expires, 0).ok_or(LinkRefused::Forged)?;
        if now >= expires_at {
            return Err(LinkRefused::Expired);
        }
        Ok(Link {
            user_id,
            expires_at,
        })
    }
}

/// Each part has its own place and length: no two links say the same.
fn message(attachment_id: i64, user_id: i64, expires: i64) -> Vec<u8> {
    [
        PURPOSE,
        &attachment_id.to_be_bytes(),
        &user_id.to_be_bytes(),
        &expires.to_be_bytes(),
    ]
    .concat()
}

/// The three parts, in their order, each written in the one way that we write it.
fn parts(query: &str) -> Option<(i64, i64, Vec<u8>)> {
    let number = |text: &str| {
        let number: i64 = text.parse().ok()?;
        (number.to_string() == text).then_some(number)
    };
    let (user, rest) = query.strip_prefix("user=")?.split_once("&expires=")?;
    let (expires, signature) = rest.split_once("&signature=")?;
    Some((
        number(user)?,
        number(expires)?,
        URL_SAFE_NO_PAD.decode(signature).ok()?,
    ))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    #[test]
    fn a_link_ends_when_it_says() {
        let links = Links::new(&[7; 32]);
        let query = links.sign(3, 4, at(1000));
        let link = Link {
            user_id: 4,
            expires_at: at(1000),
        };
        assert_eq!(links.verify(3, &query, at(999)), Ok(link));
        assert_eq!(links.verify(3, &query, at(1000)), Err(LinkRefused::Expired));
        for query in [
            "",
            "user=4",
            "user=4&expires=1000&signature=",
            &query.replace("user=4", "user=04"),
            &format!("{query}="),
        ] {
            assert_eq!(
                links.verify(3, query, at(0)),
                Err(LinkRefused::Forged),
                "{query}"
            );
        }
    }

    proptest! {
        #[test]
        fn a_link_is_good_for_what_it_says_alone(
            attachment in any::<i64>(), user in any::<i64>(), expires in 0..4_000_000_000i64,
            other in any::<(i64, i64)>(), later in 1..1000i64, place in any::<prop::sample::Index>(), letter in "[A-Za-z0-9&=_-]",
        ) {
            let links = Links::new(b"one key");
            let query = links.sign(attachment, user, at(expires));
            let now = at(expires - 1);
            prop_assert_eq!(links.verify(attachment, &query, now), Ok(Link { user_id: user, expires_at: at(expires) }));
            prop_assert_eq!(links.verify(attachment, &query, at(expires + later)), Err(LinkRefused::Expired));
            prop_assert_eq!(Links::new(b"another").verify(attachment, &query, now), Err(LinkRefused::Forged));
            if other.0 != attachment {
                prop_assert_eq!(links.verify(other.0, &query, now), Err(LinkRefused::Forged));
            }
            if other.1 != user {
                let changed = query.replace(&format!("user={user}&"), &format!("user={}&", other.1));
                prop_assert_eq!(links.verify(attachment, &changed, now), Err(LinkRefused::Forged));
            }
            let changed = query.replace(&format!("expires={expires}&"), &format!("expires={}&", expires + later));
            prop_assert_eq!(links.verify(attachment, &changed, now), Err(LinkRefused::Forged));
            let at = place.index(query.len());
            let mut changed = query.clone();
            changed.replace_range(at..=at, &letter);
            prop_assert_eq!(links.verify(attachment, &changed, now).is_ok(), changed == query);
        }

        #[test]
        fn whatever_comes_is_read(query in ".{0,100}") {
            prop_assert_eq!(Links::new(b"key").verify(1, &query, at(0)), Err(LinkRefused::Forged));
        }
    }
}
