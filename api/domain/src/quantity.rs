//! Quantities as documents write them: 90亿元, 1.8万家, 2.55%. Exact always: what is written is what is compared.

use std::str::FromStr;

use rust_decimal::Decimal;

use crate::Language;

const WAN: u32 = 10_000;
const YI: u32 = 100_000_000;
/// Digits behind the point with which 万 is still easier to read than the number itself: 1.8万 and 129.85万, but 12345.
const FEW: u32 = 2;

/// A number of at most 20 digits as it comes in from clients, and as it is stored: no grouping, no exponent, no blanks. None when the
/// text is anything else.
pub fn decimal(text: &str) -> Option<Decimal> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, part) = match digits.split_once('.') {
        Some((whole, part)) => (whole, Some(part)),
        None => (digits, None),
    };
    let plain = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let count = whole.len() + part.map_or(0, str::len);
    let fits = plain(whole) && part.is_none_or(plain) && count <= 20;
    fits.then(|| Decimal::from_str(text).ok()).flatten()
}

/// A number with its unit of measure, as people of the language write it. A unit that English has no word for, such as those
/// that Chinese counts with, stays as it is.
pub fn quantity(value: Decimal, unit: &str, language: Language) -> String {
    match language {
        Language::ZhCn => format!("{}{unit}", chinese(value)),
        Language::En => format!("{} {}", grouped(value), english_unit(unit)),
    }
}

/// A number with 亿 from a hundred millions on, and with 万 from ten thousand on where that is short.
fn chinese(value: Decimal) -> String {
    let value = value.normalize();
    let of = |many: u32| {
        let many = Decimal::from(many);
        // Both multiply back to the number, or it is left as it is: a quotient may have more digits than there are.
        let share = value.checked_div(many)?.normalize();
        (share.checked_mul(many) == Some(value)).then_some(share)
    };
    let size = value.abs();
    if size >= YI.into()
        && let Some(share) = of(YI)
    {
        return format!("{share}亿");
    }
    if size >= WAN.into()
        && size < YI.into()
        && let Some(share) = of(WAN).filter(|share| share.scale() <= FEW)
    {
        return format!("{share}万");
    }
    value.to_string()
}

/// A number with a comma before each three digits of its whole part.
fn grouped(value: Decimal) -> String {
    let text = value.normalize().to_string();
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.as_str()),
    };
    let (whole, part) = match text.split_once('.') {
        Some((whole, part)) => (whole, format!(".{part}")),
        None => (text, String::new()),
    };
    let mut groups = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            groups.push(',');
        }
        groups.push(digit);
    }
    format!("{sign}{groups}{part}")
}

fn english_unit(unit: &str) -> &str {
    match unit {
        "元" => "yuan",
        "美元" => "US dollars",
        "亩" => "mu",
        "公里" => "km",
        "平方公里" => "km²",
        "平方米" => "m²",
        "公顷" => "ha",
        "吨" => "t",
        "千瓦时" => "kWh",
        "个百分点" => "percentage points",
        "个工作日" => "working days",
        "人" => "people",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quantities_as_documents_write_them() {
        for (value, unit, zh, en) in [
            ("9000000000", "元", "90亿元", "9,000,000,000 yuan"),
            ("450000000", "美元", "4.5亿美元", "450,000,000 US dollars"),
            ("185000000000", "元", "1850亿元", "185,000,000,000 yuan"),
            (
                "9123456789.5",
                "元",
                "91.234567895亿元",
                "9,123,456,789.5 yuan",
            ),
            ("100000000", "元", "1亿元", "100,000,000 yuan"),
            ("99999999", "元", "99999999元", "99,999,999 yuan"),
            ("60000000", "元", "6000万元", "60,000,000 yuan"),
            ("18000", "家", "1.8万家", "18,000 家"),
            ("1298000", "亩", "129.8万亩", "1,298,000 mu"),
            ("1298500", "亩", "129.85万亩", "1,298,500 mu"),
            ("10000", "人", "1万人", "10,000 people"),
            ("12345", "家", "12345家", "12,345 家"),
            ("9999", "人次", "9999人次", "9,999 人次"),
            ("300.00", "家", "300家", "300 家"),
            ("1000", "家", "1000家", "1,000 家"),
            ("2.550", "%", "2.55%", "2.55 %"),
            ("0.5", "个百分点", "0.5个百分点", "0.5 percentage points"),
            ("0", "元", "0元", "0 yuan"),
            ("-0.30", "%", "-0.3%", "-0.3 %"),
            ("-20000", "吨", "-2万吨", "-20,000 t"),
            ("-250000000", "元", "-2.5亿元", "-250,000,000 yuan"),
            (
                "99999999999999999999.99",
                "元",
                "999999999999.9999999999亿元",
                "99,999,999,999,999,999,999.99 yuan",
            ),
        ] {
            let value: Decimal = value.parse().unwrap();
            assert_eq!(quantity(value, unit, Language::ZhCn), zh);
            assert_eq!(quantity(value, unit, Language::En), en);
        }
    }

    #[test]
    fn a_decimal_is_digits_with_one_point_at_most() {
        for good in ["0", "-1", "18000", "0.5", "-0.25", "12345678901234567890"] {
            assert_eq!(decimal(good), Some(good.parse().unwrap()), "{good}");
        }
        for bad in [
            "",
            "-",
            ".",
            "1.",
            ".5",
            "+1",
            "1e3",
            "1_000",
            "1,000",
            " 1",
            "1 ",
            "１",
            "--1",
            "1.2.3",
            "0x1",
            "NaN",
            "123456789012345678901",
            "1234567890.12345678901",
        ] {
            assert_eq!(decimal(bad), None, "{bad}");
        }
    }

    proptest! {
        /// Whoever reads it reads the number itself.
        #[test]
        fn nothing_is_rounded(mantissa in any::<i64>(), scale in 0..19u32, many in 0..3u32) {
            let value = Decimal::new(mantissa, scale) * Decimal::from(10u32.pow(many * 4));
            let text = chinese(value);
            let (digits, factor) = match (text.strip_suffix('亿'), text.strip_suffix('万')) {
                (Some(digits), _) => (digits, YI),
                (_, Some(digits)) => (digits, WAN),
                _ => (text.as_str(), 1),
            };
            prop_assert_eq!(digits.parse::<Decimal>().unwrap() * Decimal::from(factor), value);
            prop_assert_eq!(grouped(value).replace(',', "").parse::<Decimal>().unwrap(), value);
        }
    }
}
