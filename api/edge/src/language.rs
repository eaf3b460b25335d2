//! The language that a caller asks for.

use domain::Language;

/// Reads Accept-Language (RFC 9110 §12.5.4): the best of what is offered, Chinese when nothing else is asked for.
pub fn language(header: Option<&str>) -> Language {
    let mut best = (Language::ZhCn, 0.0);
    for range in header.unwrap_or_default().split(',') {
        let mut parts = range.split(';').map(str::trim);
        let tag = parts.next().unwrap_or_default().to_ascii_lowercase();
        let weight = parts
            .find_map(|part| part.strip_prefix("q="))
            .map_or(1.0, |weight| weight.parse().unwrap_or(0.0));
        let offered = match tag.split('-').next() {
            Some("zh") => Language::ZhCn,
            Some("en") => Language::En,
            Some("*") => Language::ZhCn,
            _ => continue,
        };
        if weight > best.1 {
            best = (offered, weight);
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_of_what_is_offered() {
        for (header, expected) in [
            (None, Language::ZhCn),
            (Some(""), Language::ZhCn),
            (Some("en"), Language::En),
            (Some("en-GB,en;q=0.9,zh-CN;q=0.8"), Language::En),
            (Some("zh-TW,en;q=0.9"), Language::ZhCn),
            (Some("fr,de;q=0.9,en;q=0.1"), Language::En),
            (Some("fr"), Language::ZhCn),
            (Some("en;q=0"), Language::ZhCn),
            (Some("en;q=x,*"), Language::ZhCn),
        ] {
            assert_eq!(language(header), expected, "{header:?}");
        }
    }
}
