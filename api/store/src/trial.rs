//! Any bytes as a cursor: what the fuzzer runs for hours, and a test briefly (fuzz/README.md). There is none of it in the server.

use crate::page::{Key, Seal};

const SECRET: &[u8] = b"nobody knows it";

/// Opens bytes as a cursor: they are none. And what is made of keys that look like them is one, until a bit of it is turned.
pub fn cursor(bytes: &[u8]) {
    let seal = Seal::new(SECRET);
    let text = String::from_utf8_lossy(bytes);
    for keys in 0..4 {
        assert!(
            seal.open("targets", &text, keys).is_none(),
            "a cursor was made up"
        );
    }
    let number = i64::try_from(bytes.len()).unwrap_or_default();
    let keys = [Key::Text(text.into_owned()), Key::Number(number)];
    let made = seal.cursor("targets", &keys);
    match seal.open("targets", &made, keys.len()) {
        Some(opened) => assert_eq!(opened, keys),
        None => panic!("a cursor of our own was not taken"),
    }
    let mut altered = made.into_bytes();
    let at = bytes.iter().map(|byte| usize::from(*byte)).sum::<usize>() % altered.len();
    altered[at] ^= 1;
    let altered = String::from_utf8_lossy(&altered);
    assert!(
        seal.open("targets", &altered, keys.len()).is_none(),
        "an altered cursor was taken"
    );
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::cursor;

    proptest! {
        #[test]
        fn whatever_comes_is_no_cursor(bytes in prop::collection::vec(any::<u8>(), 0..120)) {
            cursor(&bytes);
        }

        #[test]
        fn what_looks_like_a_cursor_is_none(text in "[A-Za-z0-9_=-]{0,120}") {
            cursor(text.as_bytes());
        }
    }
}
