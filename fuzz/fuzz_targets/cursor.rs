//! Any bytes as a cursor.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| store::trial::cursor(bytes));
