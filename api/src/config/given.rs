//! What was given, by file and by environment, read key by key, with all that is wrong with it.

use std::{
    collections::BTreeMap, fmt::Display, net::SocketAddr, path::Path, str::FromStr, time::Duration,
};

use crate::plain::read_text;

/// What was given, by section and key, until it is taken; and what is wrong with it.
pub(super) struct Given {
    values: BTreeMap<(String, String), String>,
    pub(super) problems: Vec<String>,
}

/// What a value can be, in words for whoever wrote something else.
pub(super) trait Kind: FromStr {
    const KIND: &'static str;
}

impl Kind for bool {
    const KIND: &'static str = "true or false";
}

impl Kind for u32 {
    const KIND: &'static str = "a whole number";
}

impl Kind for u64 {
    const KIND: &'static str = "a whole number";
}

impl Kind for usize {
    const KIND: &'static str = "a whole number";
}

impl Kind for String {
    const KIND: &'static str = "a text";
}

impl Kind for SocketAddr {
    const KIND: &'static str = "an address with a port, such as 127.0.0.1:8000";
}

const SECTIONS: [&str; 14] = [
    "audit",
    "budgets",
    "calendar",
    "database",
    "documents",
    "files",
    "http",
    "tokens",
    "log",
    "passwords",
    "secrets",
    "security",
    "seed",
    "sweep",
];

impl Given {
    pub(super) fn new(
        text: &str,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, Vec<String>> {
        let table: toml::Table = text
            .parse()
            .map_err(|error: toml::de::Error| vec![error.to_string()])?;
        let mut given = Self {
            values: BTreeMap::new(),
            problems: Vec::new(),
        };
        for (section, values) in table {
            let toml::Value::Table(values) = values else {
                given
                    .problems
                    .push(format!("{section} stands in no section"));
                continue;
            };
            for (key, value) in values {
                let value = match value {
                    toml::Value::String(text) => text,
                    other => other.to_string(),
                };
                given.values.insert((section.clone(), key), value);
            }
        }
        let mut of_environment: Vec<_> = environment.into_iter().collect();
        // LUOSHI_DATABASE_URL goes before DATABASE_URL, which is sorted before it.
        of_environment.sort();
        for (name, value) in of_environment {
            let name = match name.as_str() {
                "DATABASE_URL" => "LUOSHI_DATABASE_URL",
                "LUOSHI_CONFIG" => continue,
                other => other,
            };
            let Some(name) = name.strip_prefix("LUOSHI_").map(str::to_ascii_lowercase) else {
                continue;
            };
            match SECTIONS.iter().find_map(|section| {
                let key = name.strip_prefix(section)?.strip_prefix('_')?;
                Some(((*section).to_owned(), key.to_owned()))
            }) {
                Some(place) => {
                    given.values.insert(place, value);
                }
                None => given
                    .problems
                    .push(format!("LUOSHI_{} is not known", name.to_uppercase())),
            }
        }
        Ok(given)
    }

    pub(super) fn take(&mut self, section: &str, key: &str) -> Option<String> {
        self.values.remove(&(section.to_owned(), key.to_owned()))
    }

    /// A value that is a secret: given as it is, or in a file named by `KEY_file`, which goes before it.
    pub(super) fn secret(&mut self, section: &str, key: &str) -> Option<String> {
        let plain = self.take(section, key);
        match self.take(section, &format!("{key}_file")) {
            None => plain,
            Some(path) => match read_text(Path::new(&path)) {
                Ok(secret) => Some(secret.trim().to_owned()),
                Err(why) => self.problem(format!("{section}.{key}_file: {why}")),
            },
        }
    }

    /// Notes a problem; the value does not matter any more.
    pub(super) fn problem<T: Default>(&mut self, problem: String) -> T {
        self.problems.push(problem);
        T::default()
    }

    /// What was written is not repeated: it may be a secret that was given for another key.
    pub(super) fn value<T: Kind>(&mut self, section: &str, key: &str, default: T) -> T {
        match self.take(section, key) {
            None => default,
            Some(text) => text.parse().unwrap_or_else(|_| {
                let kind = T::KIND;
                self.problems
                    .push(format!("{section}.{key} must be {kind}"));
                default
            }),
        }
    }

    pub(super) fn within<T: Kind + PartialOrd + Display + Copy>(
        &mut self,
        section: &str,
        key: &str,
        default: T,
        range: std::ops::RangeInclusive<T>,
    ) -> T {
        let value = self.value(section, key, default);
        if !range.contains(&value) {
            self.problems.push(format!(
                "{section}.{key} must be {} to {}",
                range.start(),
                range.end()
            ));
        }
        value
    }

    pub(super) fn seconds(&mut self, section: &str, key: &str, default: u64) -> Duration {
        Duration::from_secs(self.within(section, key, default, 1..=3600))
    }

    pub(super) fn finish<T>(mut self, config: T) -> Result<T, Vec<String>> {
        for (section, key) in self.values.keys() {
            self.problems.push(format!("{section}.{key} is not known"));
        }
        if self.problems.is_empty() {
            Ok(config)
        } else {
            Err(self.problems)
        }
    }
}
