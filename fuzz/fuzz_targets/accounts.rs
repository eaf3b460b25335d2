//! Any bytes as a table of accounts, of text or of a workbook.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| importer::trial::accounts(bytes));
