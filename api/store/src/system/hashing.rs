//! Passwords: argon2id, off the async threads, a bounded number at once.

use std::sync::Arc;

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use domain::Entropy;
use tokio::sync::Semaphore;

use crate::{Fault, Result, digest::sha256};

/// A password, which is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// A password as it was typed.
    pub const fn new(password: String) -> Self {
        Self(password)
    }

    /// The one-time password that an act made, to be shown once to whoever did it.
    pub fn shown_once(self) -> String {
        self.0
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(…)")
    }
}

/// The hashing of passwords.
pub(crate) struct Hashing {
    at_once: Arc<Semaphore>,
    entropy: Arc<dyn Entropy>,
    /// The hash of a password that nobody has: an unknown name costs what a known one costs.
    nobody: String,
}

/// OWASP's Password Storage Cheat Sheet: argon2id with 19 MiB, two passes, one lane.
fn argon2() -> Result<Argon2<'static>, Fault> {
    let params = Params::new(19 * 1024, 2, 1, None).map_err(fault)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn fault(error: impl std::fmt::Display) -> Fault {
    Fault::new(format!("password hashing: {error}"))
}

fn hash(password: &[u8], salt: &[u8]) -> Result<String, Fault> {
    let hash = argon2()?
        .hash_password_with_salt(password, salt)
        .map_err(fault)?;
    Ok(hash.to_string())
}

fn verify(password: &[u8], hash: &str) -> Result<bool, Fault> {
    let hash = PasswordHash::new(hash).map_err(fault)?;
    Ok(argon2()?.verify_password(password, &hash).is_ok())
}

impl Hashing {
    pub(crate) fn new(at_once: usize, entropy: Arc<dyn Entropy>) -> Result<Self, Fault> {
        let mut password = [0; 32];
        entropy.fill(&mut password);
        let mut salt = [0; 16];
        entropy.fill(&mut salt);
        Ok(Self {
            at_once: Arc::new(Semaphore::new(at_once.max(1))),
            nobody: hash(&password, &salt)?,
            entropy,
        })
    }

    /// Hashes a password with a new salt.
    pub(crate) async fn hash(&self, password: Password) -> Result<String, Fault> {
        let mut salt = [0; 16];
        self.entropy.fill(&mut salt);
        self.run(move || hash(password.0.as_bytes(), &salt)).await
    }

    /// Whether a password is the one that was hashed. Without a hash the answer is no, in the same time.
    pub(crate) async fn verify(
        &self,
        password: Password,
        hash: Option<String>,
    ) -> Result<bool, Fault> {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.nobody.clone());
        // Longer than any password may be: not worth hashing, and the same for every name.
        if password.0.len() > 4 * domain::password::MOST {
            return Ok(false);
        }
        let matches = self
            .run(move || verify(password.0.as_bytes(), &hash))
            .await?;
        Ok(known && matches)
    }

    /// One of 256 places for a name that nobody has; nobody can foretell which, or tell which names share one.
    pub(crate) fn bucket(&self, name: &str) -> u8 {
        let digest = sha256(format!("{} {name}", self.nobody));
        let first = digest.get(..2).unwrap_or_default();
        u8::from_str_radix(first, 16).unwrap_or_default()
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let _turn = self.at_once.acquire().await.map_err(fault)?;
        tokio::task::spawn_blocking(work).await.map_err(fault)?
    }
}
