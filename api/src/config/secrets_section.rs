//! `[secrets]`: the keys under which the secrets of second factors, and the server's own, are kept in the database.

use store::SecretKeys;

use super::Given;

/// Reads the section.
pub(super) fn read(given: &mut Given) -> SecretKeys {
    let text = given.secret("secrets", "key").unwrap_or_default();
    SecretKeys::parse(&text).unwrap_or_else(|wrong| given.problem(format!("secrets.key: {wrong}")))
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    #[test]
    fn keys_of_secrets_are_read_and_never_told() {
        let (one, other) = ("A".repeat(43) + "=", "B".repeat(42) + "A=");
        let file = format!("[secrets]\nkey = \"{one},{other}\"");
        let config = Config::parse(&file, []).unwrap();
        assert_eq!(config.secrets.ids().count(), 2);
        assert!(!format!("{config:?}").contains(&one));
        assert!(Config::parse("", []).unwrap().secrets.is_empty());
        let given = [("LUOSHI_SECRETS_KEY".to_owned(), one.clone())];
        assert_eq!(
            Config::parse(&file, given).unwrap().secrets.ids().count(),
            1
        );
        let problems = Config::parse("[secrets]\nkey = \"hunter2\"", []).unwrap_err();
        assert_eq!(problems, ["secrets.key: key 1 is not 32 bytes in Base64"]);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        std::fs::write(&path, format!("{one}\n{other}\n")).unwrap();
        let file = format!("[secrets]\nkey_file = \"{}\"", path.display());
        assert_eq!(Config::parse(&file, []).unwrap().secrets.ids().count(), 2);
        std::fs::remove_file(&path).unwrap();
        assert!(Config::parse(&file, []).unwrap_err()[0].starts_with("secrets.key_file"));
    }
}
