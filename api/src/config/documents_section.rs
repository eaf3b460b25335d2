//! `[documents]`: the trusted documents of front ends, and what becomes of others.

use std::path::Path;

use edge::{Documents, Trust};

use super::Given;
use crate::documents;

/// Reads the section, and the manifests that it names: `portal=portal.json, office=/etc/luoshi/office.json`.
pub(super) fn read(given: &mut Given) -> Documents {
    let trust = match given.value("documents", "mode", "off".to_owned()).as_str() {
        "off" => Trust::Off,
        "log" => Trust::Log,
        "enforce" => Trust::Enforce,
        _ => given.problem("documents.mode must be off, log or enforce".to_owned()),
    };
    let mut trusted = Documents::new(trust);
    let manifests = given.take("documents", "manifests").unwrap_or_default();
    let named: Vec<&str> = manifests
        .split([',', '[', ']', '"'])
        .map(str::trim)
        .filter(|word| !word.is_empty())
        .collect();
    if named.is_empty() && trust != Trust::Off {
        given.problem::<()>(
            "documents.manifests must name a manifest, unless documents.mode is off".to_owned(),
        );
    }
    for word in named {
        let Some((client, path)) = word.split_once('=') else {
            given.problem::<()>(format!(
                "documents.manifests: {word} is not CLIENT=FILE, such as portal=portal.json"
            ));
            continue;
        };
        if let Err(wrong) = documents::add(&mut trusted, client.trim(), Path::new(path.trim())) {
            let told = wrong
                .iter()
                .map(|wrong| format!("documents.manifests: {wrong}"));
            given.problems.extend(told);
        }
    }
    trusted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn manifests_are_read_and_every_problem_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        std::fs::write(
            path("a.json"),
            r#"{ "1": "{ __typename }", "2": "{ viewer { permissions } }" }"#,
        )
        .unwrap();
        std::fs::write(path("b.json"), r#"{ "1": "{ nothing }" }"#).unwrap();
        std::fs::write(path("c.json"), "x").unwrap();
        let neither =
            r#"{ "7": "{ nothing }", "8": "query Q($y: Int!) { plan(year: $y) { no } }" }"#;
        std::fs::write(path("e.json"), neither).unwrap();
        // What is wrong elsewhere is named with them.
        let environment = |text: &str| {
            let listen = ("LUOSHI_HTTP_LISTEN".to_owned(), "here".to_owned());
            text.contains("six").then_some(listen)
        };
        let parse = |text: &str| {
            let config = Config::parse(&format!("[documents]\n{text}"), environment(text));
            config
                .map(|config| config.documents)
                .map_err(|wrong| wrong.join("\n"))
        };
        let off = parse("").unwrap();
        assert_eq!((off.trust(), off.texts().count()), (Trust::Off, 0));
        let text = format!(
            "mode = \"enforce\"\nmanifests = [\"portal={}\"]",
            path("a.json")
        );
        let enforced = parse(&text).unwrap();
        assert_eq!(
            (enforced.trust(), enforced.texts().count()),
            (Trust::Enforce, 2)
        );
        assert!(
            parse("mode = \"maybe\"")
                .unwrap_err()
                .contains("documents.mode")
        );
        assert!(
            parse("mode = \"log\"")
                .unwrap_err()
                .contains("must name a manifest")
        );
        let many = format!(
            "manifests = \"one={}, two={}, three={}, four={}, five, six={}\"",
            path("a.json"),
            path("b.json"),
            path("c.json"),
            path("d.json"),
            path("e.json")
        );
        let wrong = parse(&many).unwrap_err();
        for part in [
            "two: 1 is another document of one",
            "six: { nothing }",
            "http.listen",
            "six: query Q($y: Int!)",
            "three: the manifest is no JSON",
            "four: ",
            "five is not CLIENT=FILE",
        ] {
            assert!(wrong.contains(part), "{part} is missing in:\n{wrong}");
        }
    }
}
