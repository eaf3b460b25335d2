//! The commands, as somebody at a terminal uses them: the real binary, in a folder of its own.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Output, Stdio},
};

use tempfile::TempDir;

fn luoshi(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_luoshi"));
    command.current_dir(folder).env_remove("DATABASE_URL");
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("LUOSHI_")) {
        command.env_remove(name);
    }
    command.env("LUOSHI_DATABASE_URL", "sqlite://test.db?mode=rwc");
    command
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    luoshi(folder).args(arguments).output().unwrap()
}

fn text(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// A folder with the seed document and its tables.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../seeds/taizhou-2022");
    for name in [
        "document.txt",
        "corrections.tsv",
        "units.tsv",
        "groups.tsv",
        "indicators.tsv",
    ] {
        std::fs::copy(seeds.join(name), folder.path().join(name)).unwrap();
    }
    folder
}

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

#[test]
fn accounts_and_grants_are_managed_for_the_first_set_up_and_for_emergencies() {
    let folder = folder();
    let folder = folder.path();
    let luoshi = |arguments: &[&str]| {
        let output = run(folder, arguments);
        (output.status.success(), text(&output))
    };
    let done = |arguments: &[&str]| {
        let (success, text) = luoshi(arguments);
        assert!(success, "{arguments:?}: {text}");
        text
    };
    let refused = |arguments: &[&str], why: &str| {
        let (success, text) = luoshi(arguments);
        assert!(!success && text.contains(why), "{arguments:?}: {text}");
    };
    done(&["migrate"]);
    done(&["import", "document.txt", "--year", "2022", "--publish"]);
    let made = done(&[
        "user",
        "create",
        "Zhang",
        "--display-name",
        "张伟",
        "--unit",
        "市发展改革委",
    ]);
    assert!(
        made.contains("zhang (id 1)") && made.contains("One-time password"),
        "{made}"
    );
    refused(
        &["user", "create", "zhang", "--display-name", "x"],
        "The name is taken",
    );
    refused(
        &[
            "user",
            "create",
            "li",
            "--display-name",
            "x",
            "--unit",
            "无此单位",
        ],
        "there is no unit",
    );
    done(&["user", "create", "wang", "--display-name", "王芳"]);
    done(&[
        "grant",
        "add",
        "wang",
        "SECURITY_ADMIN",
        "--reason",
        "first set-up",
    ]);
    for role in ["AUDIT_ADMIN", "SUPERVISOR"] {
        refused(
            &["grant", "add", "wang", role, "--reason", "x"],
            "an administrator has no other role",
        );
    }
    refused(
        &["grant", "add", "nobody", "AUDIT_ADMIN", "--reason", "x"],
        "there is no account nobody",
    );
    refused(
        &["grant", "add", "zhang", "KING", "--reason", "x"],
        "SYSTEM_ADMIN",
    );
    refused(
        &["grant", "add", "zhang", "UNIT_MANAGER", "--reason", "x"],
        "unitId",
    );
    done(&[
        "grant",
        "add",
        "zhang",
        "unit_manager",
        "--unit",
        "市发展改革委",
        "--reason",
        "x",
    ]);
    done(&[
        "grant",
        "add",
        "zhang",
        "supervisor",
        "--plan",
        "2022",
        "--reason",
        "x",
    ]);
    done(&[
        "grant",
        "add",
        "zhang",
        "leader",
        "--leader",
        "林先华",
        "--reason",
        "x",
    ]);
    let listed = done(&["grant", "list", "zhang"]);
    assert!(
        listed.lines().count() == 3 && listed.contains("UNIT_MANAGER"),
        "{listed}"
    );
    done(&["grant", "revoke", "2", "--reason", "x"]);
    refused(
        &["grant", "revoke", "2", "--reason", "x"],
        "The grant was revoked",
    );
    // Nobody but the command line resets an administrator's password.
    assert!(done(&["user", "reset-password", "zhang"]).contains("One-time password"));
    refused(&["user", "unlock", "zhang"], "not locked");
    done(&["user", "end-sessions", "zhang"]);
    assert_eq!(
        done(&["user", "disable", "zhang", "--reason", "x"]).trim(),
        "zhang is disabled."
    );
    refused(&["user", "disable", "zhang"], "disabled");
    done(&["user", "enable", "zhang"]);
    done(&["user", "update", "zhang", "--display-name", "张玮"]);
    refused(
        &["user", "update", "zhang", "--display-name", "张玮"],
        "the same as before",
    );
    refused(
        &["user", "reset-second-factor", "zhang"],
        "The account has no second factor",
    );
}

#[test]
fn a_table_of_accounts_is_imported_whole_or_not_at_all() {
    let folder = folder();
    let folder = folder.path();
    assert!(run(folder, &["migrate"]).status.success());
    let import = |table: &str, more: &[&str]| {
        std::fs::write(folder.join("accounts.csv"), table).unwrap();
        let output = run(
            folder,
            &[&["user", "import", "accounts.csv"], more].concat(),
        );
        (output.status.success(), text(&output))
    };
    let good = "用户名,姓名\nzhang,张伟\nli,李娜\n";
    let (done, told) = import(good, &["--dry-run"]);
    assert!(
        done && told.starts_with("2 accounts would be created; 0 are there already."),
        "{told}"
    );
    let (done, told) = import("用户名,姓名,单位\nzhang,张伟,\nli na,李娜,无此单位\n", &[]);
    assert!(
        !done && told.contains("line 3 (用户名): ") && told.contains("line 3 (单位): "),
        "{told}"
    );
    assert!(
        told.contains("2 problems: no account was created"),
        "{told}"
    );
    let (done, told) = import("x\n", &[]);
    assert!(
        !done && told.contains("The table has no column username"),
        "{told}"
    );
    let (done, told) = import(good, &[]);
    assert!(
        done && told.starts_with("2 accounts were created; 0 are there already."),
        "{told}"
    );
    let passwords: Vec<&str> = told
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .map(|(_, password)| password)
        .collect();
    assert!(
        passwords.len() == 2 && passwords.iter().all(|password| password.len() == 16),
        "{told}"
    );
    let (done, told) = import(good, &[]);
    assert!(
        done && told.starts_with("0 accounts were created; 2 are there already."),
        "{told}"
    );
}

#[test]
fn keys_of_secrets_are_asked_for_where_they_are_needed() {
    let folder = folder();
    let folder = folder.path();
    assert!(run(folder, &["migrate"]).status.success());
    let reencrypt = |key: Option<&str>| {
        let mut command = luoshi(folder);
        if let Some(key) = key {
            command.env("LUOSHI_SECRETS_KEY", key);
        }
        let output = command.args(["keys", "reencrypt"]).output().unwrap();
        (output.status.success(), text(&output))
    };
    let (done, told) = reencrypt(None);
    assert!(!done && told.contains("LUOSHI_SECRETS_KEY"), "{told}");
    let (done, told) = reencrypt(Some("hunter2"));
    assert!(
        !done
            && told.contains("secrets.key: key 1 is not 32 bytes in Base64")
            && !told.contains("hunter2"),
        "{told}"
    );
    let (done, told) = reencrypt(Some(&("A".repeat(43) + "=")));
    assert!(
        done && told.starts_with("0 secrets were under another key."),
        "{told}"
    );
}

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

/// A server that is ended with the test.
struct Server {
    child: Child,
    address: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    /// Starts a command that listens, and waits until it is ready.
    fn start(mut command: Command, listen: &str) -> Self {
        let child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let server = Self {
            child,
            address: listen.to_owned(),
        };
        // Bounded by the test runner; each attempt waits for the socket, and leaves the cores to who opens it.
        while TcpStream::connect(&server.address).is_err() {
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        server
    }

    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn ask(&self, query: &str) -> String {
        self.ask_with(query, "")
    }

    /// The `data` of a signed-in answer.
    fn ask_as(&self, username: &str, query: &str) -> serde_json::Value {
        let answer = self.ask(&format!(
            "mutation {{ signIn(input: {{ username: \\\"{username}\\\", password: \\\"luoshi-demo\\\" }}) {{ session {{ accessToken }} }} }}"
        ));
        let token = body(&answer)["data"]["signIn"]["session"]["accessToken"].clone();
        let header = format!("authorization: Bearer {}\r\n", token.as_str().unwrap());
        let answer = self.ask_with(query, &header);
        let body = body(&answer);
        assert!(body.get("errors").is_none(), "{answer}");
        body["data"].clone()
    }

    fn ask_with(&self, query: &str, header: &str) -> String {
        let body = format!("{{\"query\":\"{query}\"}}");
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(
            stream,
            "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\naccept-language: en\r\n{header}content-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

fn body(answer: &str) -> serde_json::Value {
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    serde_json::from_str(body).unwrap_or_else(|_| panic!("{answer}"))
}

fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

#[test]
fn serve_starts_for_the_first_time_once_and_stops_when_told() {
    let folder = tempfile::tempdir().unwrap();
    let listen = free_address();
    let start = || {
        let mut command = luoshi(folder.path());
        command.arg("serve").env("LUOSHI_HTTP_LISTEN", &listen);
        Server::start(command, &listen)
    };
    let stop = |mut server: Server| {
        let id = server.child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &id])
                .status()
                .unwrap()
                .success()
        );
        assert!(server.child.wait().unwrap().success());
        let mut printed = String::new();
        server
            .child
            .stdout
            .take()
            .unwrap()
            .read_to_string(&mut printed)
            .unwrap();
        let mut logged = String::new();
        server
            .child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut logged)
            .unwrap();
        (printed, logged)
    };

    let server = start();
    assert!(server.get("/health/ready").starts_with("HTTP/1.1 200"));
    assert!(server.get("/explorer").starts_with("HTTP/1.1 404"));
    assert!(
        server
            .ask("{ __schema { types { name } } }")
            .contains("FORBIDDEN")
    );
    let demo = "mutation { signIn(input: { username: \\\"system\\\", password: \\\"luoshi-demo\\\" }) { userErrors { code } } }";
    let forwarded = "x-forwarded-for: 10.1.2.3\r\n";
    for _ in 0..2 {
        assert!(server.ask_with(demo, forwarded).contains("INVALID"));
    }
    let (printed, logged) = stop(server);
    let passwords: Vec<(&str, &str)> = printed
        .lines()
        .filter_map(|line| line.trim().split_once(' '))
        .map(|(name, password)| (name, password.trim()))
        .filter(|(name, _)| ["system", "security", "audit"].contains(name))
        .collect();
    assert_eq!(passwords.len(), 3, "{printed}");
    assert!(!logged.contains("\"ERROR\""), "{logged}");
    // Who sends it is no proxy that was named: this is said once.
    assert_eq!(
        logged.matches("http.trusted_proxies").count(),
        1,
        "{logged}"
    );
    assert!(
        logged.contains("\"statements\"") && !logged.contains("luoshi-demo"),
        "{logged}"
    );
    assert!(
        passwords
            .iter()
            .all(|(_, password)| !logged.contains(password))
    );

    let server = start();
    let sign_in = format!(
        "mutation {{ signIn(input: {{ username: \\\"system\\\", password: \\\"{}\\\" }}) {{ session {{ mustChangePassword }} userErrors {{ code }} }} }}",
        passwords[0].1
    );
    let answer = server.ask(&sign_in);
    assert!(answer.contains("\"mustChangePassword\":true"), "{answer}");
    let (printed, _) = stop(server);
    assert_eq!(printed, "", "nothing is printed the second time");
}

#[test]
fn the_demo_prints_where_to_go_and_lets_everybody_in() {
    let folder = tempfile::tempdir().unwrap();
    let listen = free_address();
    let mut command = luoshi(folder.path());
    command.args(["demo", "--listen", &listen]);
    let mut server = Server::start(command, &listen);
    let mut printed = BufReader::new(server.child.stdout.take().unwrap());
    let mut accounts = Vec::new();
    let mut line = String::new();
    while printed.read_line(&mut line).unwrap() > 0 {
        if let [name, role, ..] = line.split_whitespace().collect::<Vec<_>>().as_slice()
            && role.chars().all(|c| c.is_ascii_uppercase() || c == '_')
        {
            accounts.push(name.to_string());
        }
        if accounts.len() == 30 {
            break;
        }
        line.clear();
    }
    for name in &accounts {
        let query = format!(
            "mutation {{ signIn(input: {{ username: \\\"{name}\\\", password: \\\"luoshi-demo\\\" }}) {{ session {{ accessToken }} userErrors {{ code }} }} }}"
        );
        assert!(server.ask(&query).contains("\"userErrors\":[]"), "{name}");
    }
    assert!(
        accounts.contains(&"leader-8".to_owned()) && accounts.contains(&"twxq-reporter".to_owned())
    );
    assert!(server.get("/").contains("luoshi-demo"));
    the_year_is_under_way(&server);
    assert!(folder.path().join("data/demo/luoshi.db").exists());
}

#[test]
fn the_demo_does_not_lead_back_a_database_that_is_further_on() {
    let folder = folder();
    let folder = folder.path();
    assert!(run(folder, &["migrate"]).status.success());
    let import = ["import", "document.txt", "--year", "2022", "--publish"];
    assert!(run(folder, &import).status.success());
    let kept = folder.join("data/demo/files/evidence");
    std::fs::create_dir_all(kept.parent().unwrap()).unwrap();
    std::fs::write(&kept, "of an earlier start").unwrap();
    let before = domain::Clock::now(&api::MachineClock);
    let listen = free_address();
    let mut command = luoshi(folder);
    command.args(["demo", "--listen", &listen]);
    command.env("DATABASE_URL", "sqlite://test.db?mode=rwc");
    let mut server = Server::start(command, &listen);
    let printed = BufReader::new(server.child.stdout.take().unwrap());
    let mut lines = printed.lines().map(Result::unwrap);
    let today = lines
        .find_map(|line| Some(line.trim().strip_prefix("today")?.trim()[..10].to_owned()))
        .unwrap();
    // The import was now; China is ahead of UTC.
    assert!(
        today >= before.date_naive().to_string(),
        "the clock shows {today}"
    );
    let answer = server.ask(
        "mutation { signIn(input: { username: \\\"office\\\", password: \\\"luoshi-demo\\\" }) { session { accessTokenExpiresAt } } }",
    );
    let expires = &body(&answer)["data"]["signIn"]["session"]["accessTokenExpiresAt"];
    let expires: chrono::DateTime<chrono::Utc> = expires.as_str().unwrap().parse().unwrap();
    assert!(expires > before, "{expires}");
    let data = server.ask_as(
        "office",
        "{ plan(year: 2022) { reportingPeriods { id } targets { totalCount } } }",
    );
    assert_eq!(
        data["plan"],
        serde_json::json!({ "reportingPeriods": [], "targets": { "totalCount": 194 } }),
        "a year is not played into the past"
    );
    assert!(kept.exists(), "files are kept with their database");
}

/// The year that the demo plays shows what there is to see: every state and light, every state of a report.
fn the_year_is_under_way(server: &Server) {
    let data = server.ask_as(
        "office",
        "{ plan(year: 2022) { statistics(groupBy: NONE) { byState { state count } byLight { light count } } } \
           drafts: progressReports(filter: { status: DRAFT }) { totalCount } \
           waiting: progressReports(filter: { status: SUBMITTED }) { totalCount } \
           returned: progressReports(filter: { status: RETURNED }) { totalCount } \
           accepted: progressReports(filter: { status: ACCEPTED }) { totalCount } \
           open: supervisionNotices(filter: { status: OPEN }) { totalCount } \
           answered: supervisionNotices(filter: { status: ANSWERED }) { totalCount } \
           instructions { totalCount } }",
    );
    let counts = |by: &str, of: &str| -> Vec<(String, i64)> {
        let rows = data["plan"]["statistics"][0][by].as_array().unwrap();
        let pair = |row: &serde_json::Value| {
            (
                row[of].as_str().unwrap().to_owned(),
                row["count"].as_i64().unwrap(),
            )
        };
        rows.iter().map(pair).collect()
    };
    for (by, of) in [("byState", "state"), ("byLight", "light")] {
        for (word, count) in counts(by, of) {
            assert!(count > 0, "no target is {word}: {data}");
        }
    }
    for list in [
        "waiting",
        "returned",
        "accepted",
        "open",
        "answered",
        "instructions",
    ] {
        assert!(
            data[list]["totalCount"].as_i64().unwrap() > 0,
            "{list}: {data}"
        );
    }
    assert_eq!(
        data["drafts"]["totalCount"], 0,
        "drafts are their units' alone"
    );
    let data = server.ask_as(
        "jxj-manager",
        "{ drafts: progressReports(filter: { status: DRAFT }) { totalCount } \
           unsigned: progressReports(filter: { status: PENDING_SIGNOFF }) { totalCount } }",
    );
    for list in ["drafts", "unsigned"] {
        assert!(
            data[list]["totalCount"].as_i64().unwrap() > 0,
            "{list}: {data}"
        );
    }
}
