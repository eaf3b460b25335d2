//! Numbers as documents write them: 1.8万 is 18000, and 1—2 is the lower of the two.

use rust_decimal::Decimal;

/// A number at the beginning of a text, and how many bytes it takes. `万` and `亿` belong to the number.
pub(crate) fn number(text: &str) -> Option<(Decimal, usize)> {
    let mut length = 0;
    let mut point = false;
    for c in text.chars() {
        match c {
            '0'..='9' => length += 1,
            '.' if !point && length > 0 => {
                point = true;
                length += 1;
            }
            _ => break,
        }
    }
    let digits = text.get(..length)?;
    let digits = digits.strip_suffix('.').unwrap_or(digits);
    let mut value: Decimal = digits.parse().ok()?;
    let mut length = digits.len();
    for (word, factor) in [("万", 10_000), ("亿", 100_000_000)] {
        let rest = text.get(length..)?;
        let spaces = rest.len() - rest.trim_start().len();
        if rest.trim_start().starts_with(word) {
            value = value.checked_mul(Decimal::from(factor))?;
            length += spaces + word.len();
        }
    }
    Some((value, length))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_as_documents_write_them() {
        for (text, expected) in [
            ("300家", Some(("300", 3))),
            ("2.55%以上", Some(("2.55", 4))),
            ("1.8万家", Some(("18000", 6))),
            ("1.6 万个", Some(("16000", 7))),
            ("1850亿元", Some(("185000000000", 7))),
            ("3万亿元", Some(("3000000000000", 7))),
            ("5.", Some(("5", 1))),
            ("家", None),
            (".5", None),
            ("", None),
        ] {
            let read = number(text).map(|(value, length)| (value.normalize().to_string(), length));
            assert_eq!(
                read,
                expected.map(|(value, length)| (value.to_owned(), length)),
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn a_written_number_is_read_again(whole in 0u64..1_000_000, part in 0u32..1000) {
            let text = format!("{whole}.{part:03}");
            let (value, length) = number(&format!("{text}个")).unwrap();
            prop_assert_eq!(value, text.parse::<Decimal>().unwrap());
            prop_assert_eq!(length, text.len());
        }

        #[test]
        fn whatever_comes_is_read_without_a_panic(text in "[0-9.万亿 家]{0,40}") {
            number(&text);
        }
    }
}
