//! The keys of the configuration under which secrets are kept in the database (second factors, signing keys, what servers share):
//! AES-256-GCM, the first one encrypts, all decrypt.

use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64::{Engine, prelude::BASE64_STANDARD};
use domain::Entropy;
use entity::ids::UserId;

use crate::{Fault, digest::sha256};

/// The keys of the configuration; none, and nothing can be kept. Cheap to clone.
#[derive(Clone, Default)]
pub struct SecretKeys(Arc<[SecretKey]>);

struct SecretKey {
    id: String,
    key: LessSafeKey,
}

/// What is kept in the database.
pub(crate) struct Sealed {
    pub(crate) key_id: String,
    /// The nonce, and what was encrypted with its tag.
    pub(crate) bytes: Vec<u8>,
}

impl SecretKeys {
    /// Reads keys of 32 bytes each in Base64, with commas or spaces between them.
    ///
    /// # Errors
    /// What is wrong, without a word of the text.
    pub fn parse(text: &str) -> Result<Self, String> {
        let words = text.split(|c: char| c == ',' || c.is_whitespace());
        let mut keys: Vec<SecretKey> = Vec::new();
        for (at, word) in words.filter(|word| !word.is_empty()).enumerate() {
            let number = at + 1;
            let bytes = BASE64_STANDARD.decode(word).ok();
            let bytes = bytes.filter(|bytes| bytes.len() == AES_256_GCM.key_len());
            let bytes = bytes.ok_or_else(|| format!("key {number} is not 32 bytes in Base64"))?;
            let id = id(&bytes);
            if keys.iter().any(|key| key.id == id) {
                return Err(format!("key {number} stands there twice"));
            }
            let key = UnboundKey::new(&AES_256_GCM, &bytes)
                .map_err(|_| format!("key {number} cannot be used"))?;
            keys.push(SecretKey {
                id,
                key: LessSafeKey::new(key),
            });
        }
        Ok(Self(keys.into()))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the key of this ID is among them.
    pub(crate) fn hold(&self, key_id: &str) -> bool {
        self.ids().any(|id| id == key_id)
    }

    /// The IDs of the keys, which tell nothing of them; the first one encrypts.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|key| &*key.id)
    }

    /// Encrypts a secret for its purpose; none without a key.
    pub(crate) fn seal(
        &self,
        entropy: &dyn Entropy,
        purpose: Purpose<'_>,
        secret: &[u8],
    ) -> Result<Option<Sealed>, Fault> {
        let Some(SecretKey { id, key }) = self.0.first() else {
            return Ok(None);
        };
        let mut nonce = [0; NONCE_LEN];
        entropy.fill(&mut nonce);
        let mut sealed = secret.to_vec();
        key.seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(purpose.words()),
            &mut sealed,
        )
        .map_err(|_| Fault::new("a secret cannot be encrypted"))?;
        Ok(Some(Sealed {
            key_id: id.clone(),
            bytes: [nonce.as_slice(), &sealed].concat(),
        }))
    }

    /// Decrypts what was encrypted for a purpose. What was is never a caller's to choose: it fails by a fault of ours.
    pub(crate) fn open(
        &self,
        purpose: Purpose<'_>,
        key_id: &str,
        bytes: &[u8],
    ) -> Result<Vec<u8>, Fault> {
        let found = self.0.iter().find(|key| key.id == key_id);
        let Some(SecretKey { key, .. }) = found else {
            let told = format!("the key {key_id} is not configured (secrets.key)");
            return Err(Fault::new(told));
        };
        let damaged = || Fault::new(format!("damaged: {}", purpose.words()));
        let (nonce, sealed) = bytes.split_at_checked(NONCE_LEN).ok_or_else(damaged)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| damaged())?;
        let mut sealed = sealed.to_vec();
        let opened = key.open_in_place(nonce, Aad::from(purpose.words()), &mut sealed);
        Ok(opened.map_err(|_| damaged())?.to_vec())
    }
}

/// What a secret is good for: what was encrypted for another purpose does not open.
#[derive(Clone, Copy)]
pub(crate) enum Purpose<'a> {
    /// The second factor of a user.
    SecondFactor(UserId),
    /// The signing key of this ID.
    SigningKey(&'a str),
    /// What all servers of a database share for this.
    Server(&'a str),
}

impl Purpose<'_> {
    fn words(self) -> String {
        match self {
            Self::SecondFactor(user) => format!("luoshi second factor of user {}", user.0),
            Self::SigningKey(id) => format!("luoshi signing key {id}"),
            Self::Server(what) => format!("luoshi server secret for {what}"),
        }
    }
}

impl std::fmt::Debug for SecretKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.ids()).finish()
    }
}

/// The ID of a key: what it says is of no use for guessing 256 random bits.
fn id(key: &[u8]) -> String {
    let mut digest = sha256([b"luoshi secrets key ".as_slice(), key].concat());
    digest.truncate(12);
    digest
}

#[cfg(test)]
mod tests {
    use super::*;

    const OF_USER: Purpose<'_> = Purpose::SecondFactor(UserId(7));

    struct Counting;

    impl Entropy for Counting {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.iter_mut().zip(0..).for_each(|(byte, at)| *byte = at);
        }
    }

    fn key(byte: u8) -> String {
        BASE64_STANDARD.encode([byte; 32])
    }

    #[test]
    fn keys_are_read_and_what_is_wrong_tells_nothing_of_them() {
        let keys = SecretKeys::parse(&format!(" {},\n{} ", key(1), key(2))).unwrap();
        assert_eq!(keys.ids().count(), 2);
        assert!(SecretKeys::parse(" ").unwrap().is_empty());
        for (text, expected) in [
            ("hunter2".to_owned(), "key 1 is not 32 bytes in Base64"),
            (
                format!("{} {}", key(1), BASE64_STANDARD.encode([2; 31])),
                "key 2 is not 32 bytes in Base64",
            ),
            (format!("{0},{0}", key(1)), "key 2 stands there twice"),
        ] {
            assert_eq!(SecretKeys::parse(&text).unwrap_err(), expected);
        }
        assert!(!format!("{keys:?}").contains(&key(1)));
    }

    #[test]
    fn a_secret_opens_with_its_key_for_its_user_and_unaltered() {
        let (one, two) = (key(1), key(2));
        let old = SecretKeys::parse(&one).unwrap();
        let sealed = old.seal(&Counting, OF_USER, b"secret").unwrap().unwrap();
        assert!(!sealed.bytes.windows(6).any(|part| part == b"secret"));
        let rotated = SecretKeys::parse(&format!("{two} {one}")).unwrap();
        let opened = rotated.open(OF_USER, &sealed.key_id, &sealed.bytes);
        assert_eq!(opened.unwrap(), b"secret");
        let newly = rotated
            .seal(&Counting, OF_USER, b"secret")
            .unwrap()
            .unwrap();
        assert_ne!(newly.key_id, sealed.key_id);
        assert!(
            rotated
                .open(
                    Purpose::SecondFactor(UserId(8)),
                    &sealed.key_id,
                    &sealed.bytes
                )
                .is_err()
        );
        let other = Purpose::SigningKey("second factor of user 7");
        assert!(rotated.open(other, &sealed.key_id, &sealed.bytes).is_err());
        assert!(rotated.open(OF_USER, &newly.key_id, &sealed.bytes).is_err());
        for at in 0..sealed.bytes.len() {
            let mut altered = sealed.bytes.clone();
            altered[at] ^= 1;
            assert!(old.open(OF_USER, &sealed.key_id, &altered).is_err(), "{at}");
        }
        assert!(
            old.open(OF_USER, &sealed.key_id, &sealed.bytes[..5])
                .is_err()
        );
        let without = SecretKeys::parse(&two).unwrap();
        let told = without.open(OF_USER, &sealed.key_id, &sealed.bytes);
        assert!(told.unwrap_err().inside().contains(&sealed.key_id));
        assert!(
            SecretKeys::default()
                .seal(&Counting, OF_USER, b"x")
                .unwrap()
                .is_none()
        );
    }
}
