//! `[security]`: where weaknesses are reported.

use super::Given;
use crate::Contact;

/// Reads the section.
pub(super) fn read(given: &mut Given) -> Option<Contact> {
    let text = given.take("security", "contact")?;
    match Contact::parse(text.trim()) {
        Ok(contact) => Some(contact),
        Err(wrong) => given.problem(format!("security.contact {wrong}")),
    }
}

#[cfg(test)]
mod tests {
    use crate::{Contact, config::Config};

    #[test]
    fn an_address_is_read_or_named_as_wrong() {
        let contact = |text: &str| {
            let file = format!("[security]\ncontact = \"{text}\"");
            Config::parse(&file, []).map(|config| config.contact)
        };
        let mail = "mailto:security@example.gov.cn";
        assert_eq!(contact(mail), Ok(Contact::parse(mail).ok()));
        assert_eq!(Config::parse("", []).unwrap().contact, None);
        assert!(contact("us").unwrap_err()[0].starts_with("security.contact must be"));
    }
}
