//! Any bytes as a global ID.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| graphql::trial::global_id(bytes));
