//! `[audit]`: how the audit log is kept.

use std::time::Duration;

use store::{Algorithm, AuditRules, LEAST_RETENTION_DAYS};

use super::Given;

/// The most days of `retention_days`: a hundred years.
const MOST_RETENTION_DAYS: u32 = 36_525;

/// Reads the section.
pub(super) fn read(given: &mut Given) -> AuditRules {
    let default = AuditRules::default();
    let hash = given.value("audit", "hash", "sha-256".to_owned());
    let algorithm = match Algorithm::from_name(&hash.to_uppercase()) {
        Some(algorithm) => algorithm,
        None => given.problem("audit.hash must be sha-256 or sm3".to_owned()),
    };
    let anchor_file = given.take("audit", "anchor_file");
    if anchor_file
        .as_deref()
        .is_some_and(|path| path.trim().is_empty())
    {
        given.problem::<()>("audit.anchor_file must not be empty".to_owned());
    }
    AuditRules {
        algorithm,
        anchor_file: anchor_file.map(Into::into),
        anchor_every: Duration::from_secs(given.within("audit", "anchor_seconds", 60, 1..=86_400)),
        refusals_per_minute: given.within(
            "audit",
            "refusals_per_minute",
            default.refusals_per_minute,
            1..=10_000,
        ),
        retention_days: given.within(
            "audit",
            "retention_days",
            default.retention_days,
            LEAST_RETENTION_DAYS..=MOST_RETENTION_DAYS,
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn parse(text: &str) -> Result<AuditRules, String> {
        let file = format!("[audit]\n{text}");
        let config = Config::parse(&file, []).map_err(|problems| problems.join("\n"))?;
        Ok(config.audit)
    }

    #[test]
    fn defaults_settings_and_their_bounds() {
        let rules = parse("").unwrap();
        assert_eq!(rules.algorithm, Algorithm::Sha256);
        assert_eq!((rules.retention_days, rules.refusals_per_minute), (366, 60));
        assert_eq!(rules.anchor_file, None);
        let rules =
            parse("hash = \"sm3\"\nretention_days = 184\nanchor_file = \"/mnt/a\"").unwrap();
        assert_eq!(rules.algorithm, Algorithm::Sm3);
        assert_eq!(rules.retention_days, 184);
        for (text, part) in [
            ("hash = \"md5\"", "audit.hash"),
            (
                "retention_days = 183",
                "audit.retention_days must be 184 to",
            ),
            ("refusals_per_minute = 0", "audit.refusals_per_minute"),
            ("anchor_file = \"\"", "audit.anchor_file"),
            ("colour = 1", "audit.colour is not known"),
        ] {
            assert!(parse(text).unwrap_err().contains(part), "{text}");
        }
    }
}
