//! Any bytes as a request: by POST, by GET, in parts, over a socket.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| edge::trial::request(bytes));
