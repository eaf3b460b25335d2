//! SHA-256, as the database keeps it.

use aws_lc_rs::digest::{SHA256, digest};

/// SHA-256 in hexadecimal.
pub(crate) fn sha256(bytes: impl AsRef<[u8]>) -> String {
    let digest = digest(&SHA256, bytes.as_ref());
    digest
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
