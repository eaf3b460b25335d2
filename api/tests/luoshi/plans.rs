//! Plans and the daily sweep at the terminal.

use crate::process::{folder, run, text};

#[test]
fn import_reports_and_changes_nothing_twice() {
    let folder = folder();
    let folder = folder.path();
    let import = |more: &[&str]| run(folder, &[&["import", "document.txt"], more].concat());

    let dry = import(&["--year", "2022", "--dry-run"]);
    assert!(dry.status.success(), "{}", text(&dry));
    for part in [
        "194 targets",
        "8 leaders",
        "131 indicators",
        "line 183",
        "Corrected",
        "Doubtful",
        "nothing was imported",
    ] {
        assert!(
            text(&dry).contains(part),
            "{part} is missing in\n{}",
            text(&dry)
        );
    }
    assert!(!folder.join("test.db").exists());
    assert!(text(&dry).contains("No leader was looked for in the register"));

    let early = import(&["--year", "2022"]);
    assert!(
        !early.status.success() && text(&early).contains("luoshi migrate"),
        "{}",
        text(&early)
    );
    assert!(run(folder, &["migrate"]).status.success());
    assert!(text(&run(folder, &["migrate"])).contains("up to date."));
    // The database is there by now, and knows nobody yet.
    let dry = text(&import(&["--year", "2022", "--dry-run"]));
    assert_eq!(dry.matches("will be registered").count(), 8, "{dry}");
    let imported = import(&["--year", "2022", "--publish"]);
    assert_eq!(text(&imported).matches("will be registered").count(), 8);
    assert!(text(&imported).contains("Imported and published."));
    // There is no terminal: no bar, but lines, and none of them among what others may read.
    let said = String::from_utf8_lossy(&imported.stderr);
    assert!(
        said.contains("importing …") && said.contains("importing: 194 of 194 targets"),
        "{said}"
    );
    assert!(!String::from_utf8_lossy(&imported.stdout).contains("importing"));
    let again = text(&import(&["--year", "2022"]));
    assert!(again.contains("nothing has changed") && !again.contains("will be registered"));

    let wrong = import(&["--year", "2023"]);
    assert!(
        !wrong.status.success() && text(&wrong).contains("Problem"),
        "{}",
        text(&wrong)
    );
    let document = std::fs::read_to_string(folder.join("document.txt")).unwrap();
    std::fs::write(
        folder.join("document.txt"),
        document.replace("发展近洋航线。", "发展远洋航线。"),
    )
    .unwrap();
    let other = import(&["--year", "2022"]);
    assert!(
        !other.status.success() && text(&other).contains("another document"),
        "{}",
        text(&other)
    );
    assert!(text(&run(folder, &["keys", "rotate"])).contains("new signing key"));
}

#[test]
fn what_is_wrong_is_told_in_plain_words_and_with_its_place() {
    let folder = folder();
    let folder = folder.path();
    let refused = |arguments: &[&str], told: &[&str]| {
        let output = run(folder, arguments);
        let text = text(&output);
        assert!(!output.status.success(), "{arguments:?}: {text}");
        for part in told {
            assert!(text.contains(part), "{arguments:?}: {text}");
        }
        for word in ["os error", "invalid digit", "line 0", "premature end"] {
            assert!(!text.contains(word), "{arguments:?}: {text}");
        }
    };
    refused(
        &["import", "nothing.txt", "--year", "2022"],
        &["luoshi: there is no file nothing.txt\n"],
    );
    refused(
        &["import", ".", "--year", "2022"],
        &[". is a folder, not a file"],
    );
    refused(
        &["import", "document.txt", "--year", "x"],
        &["'x'", "--year <YEAR>", "not a year, such as 2022"],
    );
    refused(
        &["sweep", "--on", "2022-02-30"],
        &["'2022-02-30'", "--on <DATE>", "no day of the calendar"],
    );
    refused(
        &["audit", "archive", "--before", "soon", "--to", "x"],
        &["'soon'", "no day of the calendar"],
    );
    refused(
        &["user", "import", "nothing.csv"],
        &["luoshi: there is no file nothing.csv\n"],
    );
    refused(
        &["grant", "revoke", "first", "--reason", "x"],
        &["'first'", "not the number of a grant"],
    );
    let add = ["grant", "add", "a", "OBSERVER", "--reason", "x"];
    refused(
        &[&add[..], &["--plan", "all"]].concat(),
        &["'all'", "--plan <YEAR>", "not a year"],
    );
    refused(
        &[&add[..], &["--until", "2022"]].concat(),
        &["'2022'", "--until <MOMENT>", "no moment with its offset"],
    );
    refused(
        &["demo", "--listen", "8000"],
        &["'8000'", "--listen <HOST:PORT>", "no address with a port"],
    );
    refused(
        &["migrate", "--config", "nothing.toml"],
        &["  there is no file nothing.toml\n"],
    );
    std::fs::write(
        folder.join("luoshi.toml"),
        "[http]\ntimeout_seconds = \"soon\"\n",
    )
    .unwrap();
    refused(
        &["migrate", "--config", "luoshi.toml"],
        &["  http.timeout_seconds must be a whole number\n"],
    );
    // The tables beside a document: one that is missing, a number that is none, a name that is used twice.
    let import = ["import", "document.txt", "--year", "2022", "--dry-run"];
    let path = folder.join("indicators.tsv");
    let indicators = std::fs::read_to_string(&path).unwrap();
    let first = "1\t生产总值增长 7%以上\t生产总值增速\tAT_LEAST\t7\t";
    assert!(indicators.contains(first));
    let wrong = indicators.replace(first, &first.replace("\t7\t", "\tseven\t"));
    std::fs::write(&path, wrong).unwrap();
    refused(&import, &["indicators.tsv, line 4: seven is no number"]);
    std::fs::write(&path, indicators).unwrap();
    let units = std::fs::read_to_string(folder.join("units.tsv")).unwrap();
    let last = units.lines().last().unwrap();
    std::fs::write(folder.join("units.tsv"), format!("{units}{last}\n")).unwrap();
    refused(&import, &["  units.tsv: the name ", " is used twice\n"]);
    std::fs::remove_file(folder.join("units.tsv")).unwrap();
    refused(
        &import,
        &["  units.tsv: there is no such file in the document's folder\n"],
    );
}

#[test]
fn a_sweep_shows_what_it_would_do_and_does_it_once() {
    let folder = folder();
    let folder = folder.path();
    let sweep = |arguments: &[&str]| {
        let output = run(folder, &[&["sweep"], arguments].concat());
        (output.status.success(), text(&output))
    };
    assert!(run(folder, &["migrate"]).status.success());
    let import = ["import", "document.txt", "--year", "2022", "--publish"];
    assert!(run(folder, &import).status.success());

    let (good, dry) = sweep(&["--on", "2022-12-02", "--dry-run"]);
    assert!(good, "{dry}");
    let notice = "2022 no. 1    BLUE    DUE_SOON        市发展改革委\n    第1号目标任务完成时限为2022年12月31日，请抓紧推进，按时完成。\n";
    assert!(dry.starts_with(notice), "{dry}");
    assert!(dry.ends_with("Nothing was changed.\n"), "{dry}");
    let (_, dry_again) = sweep(&["--on", "2022-12-02", "--dry-run"]);
    assert_eq!(dry_again, dry);
    let (good, swept) = sweep(&["--on", "2022-12-02"]);
    assert!(good, "{swept}");
    let notices = |report: &str| {
        report
            .lines()
            .filter(|line| line.starts_with("2022 no."))
            .count()
    };
    assert_eq!(notices(&swept), notices(&dry));
    let (good, again) = sweep(&["--on", "2022-12-02"]);
    assert!(
        good && again.starts_with("2022-12-02: 0 notices issued"),
        "{again}"
    );

    let (good, future) = sweep(&["--on", "2999-01-01"]);
    assert!(!good && future.contains("--dry-run"), "{future}");
    assert!(sweep(&["--on", "2999-01-01", "--dry-run"]).0);
    assert!(!sweep(&["--on", "tomorrow"]).0);
}
