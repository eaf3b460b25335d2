//! Any bytes as a global ID: what the fuzzer runs for hours, and a test briefly (fuzz/README.md). There is none of it in the server.

use async_graphql::ID;

use crate::{attachment_id, id};

/// Reads bytes as a global ID. What is read is exactly what we would have made: there are no two IDs of one thing.
pub fn global_id(bytes: &[u8]) {
    let given = ID(String::from_utf8_lossy(bytes).into_owned());
    let any = id::any(&given);
    if let Some((of, key)) = &any {
        assert!(*key > 0);
        assert_eq!(id::of_any(of, *key), given);
    }
    if let Some(known) = id::AnyId::read(&given) {
        let (of, key) = known.parts();
        assert_eq!(any, Some((of.to_owned(), key)));
    }
    if attachment_id(&given).is_some() {
        assert!(any.is_some_and(|(of, _)| of == "Attachment"));
    }
}

#[cfg(test)]
mod tests {
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn whatever_comes_is_an_id_or_none(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            global_id(&bytes);
        }

        #[test]
        fn what_looks_like_an_id_is_one_or_none(of in "(Target|Attachment|Unit|[A-Za-z:]{0,9})", digits in "(:?[+-]?0?[0-9]{0,20})", tail in "=?") {
            global_id(format!("{}{tail}", BASE64_URL_SAFE_NO_PAD.encode(format!("{of}{digits}"))).as_bytes());
        }
    }

    #[test]
    fn a_good_one_is_read() {
        let good = BASE64_URL_SAFE_NO_PAD.encode("Attachment:7");
        global_id(good.as_bytes());
        assert!(attachment_id(&good).is_some());
    }
}
