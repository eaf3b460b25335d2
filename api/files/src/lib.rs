//! Evidence files: what may be kept as evidence, and where it is kept.
//!
//! A file is first [examined](Evidence::check): its content decides its kind, and the name must agree. Only what passed
//! can be [put](Files::put) into the storage, under a key that is random and says nothing of the file. Who may upload or
//! read a file is decided elsewhere, from the database, each time.

// A panic loses a request.
#![cfg_attr(
    not(test),
    warn(clippy::expect_used, clippy::panic, clippy::unwrap_used)
)]

mod download;
mod evidence;
mod kind;
mod name;
mod office;
mod picture;
mod sniff;
mod storage;
mod text;

#[cfg(test)]
mod samples;

pub use download::Download;
pub use evidence::Evidence;
pub use kind::Kind;
pub use name::FileName;
pub use storage::{Bucket, Fault, Files, Key, Listed, Reading, Storage, Stored};

/// The most bytes that an evidence file may hold.
pub const LARGEST: usize = 20 * 1024 * 1024;
