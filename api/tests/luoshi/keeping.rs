//! What keeps an installation: the audit log, the database, the evidence files, the configuration.

use crate::process::{luoshi, run, text};

#[test]
fn the_audit_log_is_verified_and_archived_at_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    assert!(run(folder, &["migrate"]).status.success());
    assert!(run(folder, &["keys", "rotate"]).status.success());
    let verified = text(&run(folder, &["audit", "verify"]));
    for part in ["0 entries, 0 anchors", "1 entries wait", "without anchors"] {
        assert!(verified.contains(part), "{verified}");
    }
    let young = run(
        folder,
        &["audit", "archive", "--before", "2200-01-01", "--to", "a"],
    );
    assert!(
        !young.status.success() && text(&young).contains("366 days"),
        "{}",
        text(&young)
    );
    let nothing = run(
        folder,
        &["audit", "archive", "--before", "2022-01-01", "--to", "a"],
    );
    assert!(text(&nothing).contains("nothing before 2022-01-01"));
    assert!(!folder.join("a").exists());
    // It was given its place meanwhile.
    let sealed = text(&run(folder, &["audit", "verify"]));
    assert!(
        sealed.contains("1 entries, ") && !sealed.contains("wait"),
        "{sealed}"
    );
    let anchors = run(folder, &["audit", "verify", "--anchors", "no-such-file"]);
    assert!(!anchors.status.success() && text(&anchors).contains("no-such-file"));
    std::fs::write(folder.join("anchors"), format!("2 {} x\n", "a".repeat(64))).unwrap();
    let cut = run(folder, &["audit", "verify", "--anchors", "anchors"]);
    assert!(
        !cut.status.success() && text(&cut).contains("broken, first at 2"),
        "{}",
        text(&cut)
    );
    let no_archive = run(folder, &["audit", "verify", "--file", "anchors"]);
    assert!(!no_archive.status.success() && text(&no_archive).contains("line 1"));
}

#[test]
fn a_database_in_a_folder_that_is_not_there_yet_is_made_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let made = luoshi(folder.path())
        .arg("migrate")
        .env_remove("LUOSHI_DATABASE_URL")
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", text(&made));
    assert!(folder.path().join("data/luoshi.db").exists());
}

#[test]
fn orphans_are_counted_and_of_a_foreign_storage_nothing_is_removed() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let early = run(folder, &["files", "collect"]);
    assert!(!early.status.success(), "{}", text(&early));
    assert!(run(folder, &["migrate"]).status.success());
    let none = text(&run(folder, &["files", "collect", "--dry-run"]));
    assert!(
        none.contains("0 files that were never attached and 0 of which"),
        "{none}"
    );

    let path = folder.join("data/files/ab").join("c".repeat(30));
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, "text").unwrap();
    let file = std::fs::File::options().write(true).open(&path).unwrap();
    file.set_modified(std::time::UNIX_EPOCH).unwrap();
    let refused = run(folder, &["files", "collect"]);
    assert!(
        !refused.status.success() && text(&refused).contains("knows none of its files"),
        "{}",
        text(&refused)
    );
    assert!(path.exists());
}

/// The names and descriptions of what a command can be told to do.
fn commands(help: &str) -> Vec<(String, String)> {
    let Some((_, below)) = help.split_once("Commands:\n") else {
        return Vec::new();
    };
    let lines = below.lines().take_while(|line| !line.is_empty());
    let mut commands: Vec<(String, String)> = Vec::new();
    for line in lines {
        match (line.strip_prefix("  "), commands.last_mut()) {
            (Some(line), _) if !line.starts_with(' ') => {
                let (name, about) = line.split_once(' ').unwrap_or((line, ""));
                commands.push((name.to_owned(), about.trim().to_owned()));
            }
            (_, Some((_, about))) => *about += line.trim(),
            _ => panic!("{line}"),
        }
    }
    commands
}

#[test]
fn the_help_of_every_command_reads_well() {
    let folder = tempfile::tempdir().unwrap();
    let mut left: Vec<Vec<String>> = vec![Vec::new()];
    let mut looked_at = 0;
    while let Some(command) = left.pop() {
        let mut arguments: Vec<&str> = command.iter().map(String::as_str).collect();
        arguments.push("--help");
        let output = run(folder.path(), &arguments);
        let help = text(&output);
        assert!(output.status.success(), "{command:?}: {help}");
        assert!(
            !help.starts_with("Usage"),
            "{command:?} has no description: {help}"
        );
        for line in help.lines() {
            assert!(line.chars().count() <= 100, "{command:?}: {line}");
        }
        for (name, about) in commands(&help) {
            assert!(about.chars().count() > 10, "{command:?} {name}: {about:?}");
            if name != "help" {
                left.push(command.iter().cloned().chain([name]).collect());
            }
        }
        looked_at += 1;
    }
    assert!(looked_at > 20, "{looked_at}");
}

#[test]
fn help_and_configuration_speak_plainly() {
    let folder = tempfile::tempdir().unwrap();
    let help = text(&run(folder.path(), &["--help"]));
    assert!(help.starts_with("Luoshi 落实"), "{help}");
    for command in [
        "demo", "serve", "migrate", "import", "schema", "keys", "files", "user", "grant", "audit",
    ] {
        assert!(help.contains(command), "{help}");
    }
    let bad = luoshi(folder.path())
        .args(["serve"])
        .env("LUOSHI_HTTP_LISTEN", "here")
        .env("LUOSHI_LOG_FORMAT", "xml")
        .output()
        .unwrap();
    assert!(!bad.status.success());
    assert!(
        text(&bad).contains("http.listen") && text(&bad).contains("log.format"),
        "{}",
        text(&bad)
    );
    let open = run(folder.path(), &["demo", "--listen", "0.0.0.0:0"]);
    assert!(
        !open.status.success() && text(&open).contains("loopback"),
        "{}",
        text(&open)
    );
}
