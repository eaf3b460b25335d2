//! The language that a caller asks for.

use domain::Language;

/// Reads Accept-Language (RFC 9110 §12.5.4): the best of what is offered, the first of several; Chinese when nothing else is asked for.
pub fn language(header: Option<&str>) -> Language {
    let mut named: Vec<(Language, f32)> = Vec::new();
    let mut any = 0.0;
    for range in header.unwrap_or_default().split(',') {
        let mut parts = range.split(';').map(str::trim);
        let tag = parts.next().unwrap_or_default().to_ascii_lowercase();
        let weight = parts
            .filter_map(|part| part.split_once('='))
            .find(|(name, _)| name.trim().eq_ignore_ascii_case("q"))
            .map_or(1.0, |(_, weight)| weight.trim().parse().unwrap_or(0.0));
        match tag.split('-').next() {
            Some("zh") => named.push((Language::ZhCn, weight)),
            Some("en") => named.push((Language::En, weight)),
            Some("*") => any = weight,
            _ => {}
        }
    }
    // Any other than those that are named.
    for language in [Language::ZhCn, Language::En] {
        if !named.iter().any(|(named, _)| *named == language) {
            named.push((language, any));
        }
    }
    let mut best = (Language::ZhCn, 0.0);
    for (language, weight) in named {
        if weight > best.1 {
            best = (language, weight);
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
            (Some("en, zh"), Language::En),
            (Some("zh, en"), Language::ZhCn),
            (Some("zh;Q=0.5, en;Q=0.6"), Language::En),
            (Some("zh; q = 0.5 , en"), Language::En),
            // Anything but Chinese.
            (Some("zh;q=0, *"), Language::En),
            (Some("*;q=0.1, en;q=0.2"), Language::En),
            (Some("*, en;q=0.2"), Language::ZhCn),
        ] {
            assert_eq!(language(header), expected, "{header:?}");
        }
    }
}
