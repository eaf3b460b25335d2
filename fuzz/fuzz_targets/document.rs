//! Any bytes as a document of the importer, or as one of its tables.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| importer::trial::document(bytes));
