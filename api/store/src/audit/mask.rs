//! What audit entries do not tell: secrets not at all, personal data in part, and long things as their digest; and, of acts
//! on the business, no text that anybody wrote, but its length and digest.

use serde_json::{Value, json};

use crate::digest::sha256;

/// The longest that the changes of one entry may be, in bytes of JSON. More is kept as its size and digest.
const LONGEST: usize = 16 * 1024;

/// What a name holds whose value is a secret.
const SECRETS: &[&str] = &[
    "password",
    "passphrase",
    "secret",
    "token",
    "credential",
    "privatekey",
    "recoverycode",
    "totp",
    "secondfactor",
    "otpauth",
];

/// The names of what tells more of a person than who acted.
const PERSONAL: &[&str] = &[
    "displayname",
    "realname",
    "phone",
    "mobile",
    "telephone",
    "email",
    "idnumber",
    "idcard",
    "birthday",
];

/// The names of what an entry tells of the business as it is, beside what the suffixes name: states, kinds, goals, and units,
/// which are the administrators' own. Whatever else is a text becomes its digest: a new field is hidden until it is named here.
const PLAIN: &[&str] = &[
    "status",
    "kind",
    "colour",
    "rung",
    "role",
    "comparison",
    "goal",
    "lightOverride",
    "unit",
    "actingUnit",
    "sha256",
    "from",
    "until",
    "validUntil",
    "on",
];

/// What the names of keys, days and moments end with.
const PLAIN_ENDINGS: &[&str] = &["Id", "Ids", "On", "At"];

/// What an act on the business changed, without the texts: the audit administrator sees no business data (domain.md §4), but
/// which field changed, and, by length and digest, whether a text that somebody shows is the one that was written.
pub(crate) fn without_texts(mut changes: Value) -> Value {
    hide(&mut changes, false);
    changes
}

fn hide(value: &mut Value, plain: bool) {
    match value {
        Value::String(text) if !plain => {
            *value = json!({ "chars": text.chars().count(), "sha256": sha256(&*text) });
        }
        Value::Array(items) => items.iter_mut().for_each(|item| hide(item, plain)),
        Value::Object(fields) => {
            for (name, field) in fields {
                let ends = |ending: &&str| name.ends_with(*ending);
                let plain = PLAIN.contains(&&**name) || PLAIN_ENDINGS.iter().any(ends);
                hide(field, plain);
            }
        }
        _ => {}
    }
}

/// The changes as an entry keeps them.
pub(crate) fn masked(mut changes: Value) -> Value {
    mask(&mut changes);
    let text = changes.to_string();
    if text.len() <= LONGEST {
        return changes;
    }
    json!({ "leftOut": { "bytes": text.len(), "sha256": sha256(text) } })
}

/// A name that nobody has, as an entry keeps it: it may be a password that was typed into the wrong field.
pub(crate) fn unknown_name(name: &str) -> String {
    personal(name)
}

fn mask(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let name = name.to_lowercase().replace(['_', '-'], "");
                if SECRETS.iter().any(|word| name.contains(word)) {
                    leaves(value, &|_| "***".to_owned());
                } else if PERSONAL.contains(&&*name) {
                    leaves(value, &|text| personal(text));
                } else {
                    mask(value);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(mask),
        _ => {}
    }
}

/// Changes every text and number, whatever it lies in. Whether something is so, and that there is nothing, may be told.
fn leaves(value: &mut Value, change: &impl Fn(&str) -> String) {
    match value {
        Value::Null | Value::Bool(_) => {}
        Value::Number(number) => *value = change(&number.to_string()).into(),
        Value::String(text) => *value = change(text).into(),
        Value::Array(items) => items.iter_mut().for_each(|item| leaves(item, change)),
        Value::Object(fields) => fields
            .iter_mut()
            .for_each(|(_, field)| leaves(field, change)),
    }
}

/// The first character, and how many there are.
fn personal(text: &str) -> String {
    let first = text.chars().next().map(String::from).unwrap_or_default();
    format!("{first}*({})", text.chars().count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_and_personal_data_are_masked_wherever_they_lie() {
        let changes = json!({
            "username": "zhang",
            "displayName": ["张三", "李四四"],
            "phone": 13_800_000_000_i64,
            "passwordHash": "argon2",
            "mustChangePassword": [false, true],
            "accounts": [{ "newPassword": "x", "e-mail": "z@x", "email": null, "unitIds": [1, 2] }],
            "recovery_codes": { "list": ["1", "2"] },
        });
        let expected = json!({
            "username": "zhang",
            "displayName": ["张*(2)", "李*(3)"],
            "phone": "1*(11)",
            "passwordHash": "***",
            "mustChangePassword": [false, true],
            "accounts": [{ "newPassword": "***", "e-mail": "z*(3)", "email": null, "unitIds": [1, 2] }],
            "recovery_codes": { "list": ["***", "***"] },
        });
        assert_eq!(masked(changes), expected);
    }

    #[test]
    fn of_the_business_texts_are_digests_and_the_rest_is_plain() {
        let digest = |text: &str| json!({ "chars": text.chars().count(), "sha256": sha256(text) });
        let changes = json!({
            "status": ["OPEN", null], "dueOn": ["2022-06-30"], "version": 3, "unitIds": [1], "reason": "缓办",
            "parts": { "after": { "section": ["一", "（二）"], "units": [{ "unit": "市财政局", "role": "LEAD" }], "whatever": "新" } },
        });
        let expected = json!({
            "status": ["OPEN", null], "dueOn": ["2022-06-30"], "version": 3, "unitIds": [1], "reason": digest("缓办"),
            "parts": { "after": {
                "section": [digest("一"), digest("（二）")], "units": [{ "unit": "市财政局", "role": "LEAD" }], "whatever": digest("新"),
            } },
        });
        assert_eq!(without_texts(changes), expected);
    }

    #[test]
    fn what_is_too_long_is_kept_as_its_digest() {
        let fits = json!({ "body": "x".repeat(LONGEST - 11) });
        assert_eq!(masked(fits.clone()), fits);
        let long = masked(json!({ "body": "x".repeat(LONGEST - 10) }));
        assert_eq!(long["leftOut"]["bytes"], LONGEST + 1);
        assert_eq!(long["leftOut"]["sha256"].as_str().unwrap().len(), 64);
    }
}
