//! The servers, started and ended as an operator does.

use std::io::{BufRead, BufReader, Read};

use crate::process::{Server, body, folder, free_address, luoshi, run};

#[test]
fn serve_starts_for_the_first_time_once_and_stops_when_told() {
    let folder = tempfile::tempdir().unwrap();
    let listen = free_address();
    let start = || {
        let mut command = luoshi(folder.path());
        command.arg("serve").env("LUOSHI_HTTP_LISTEN", &listen);
        Server::start_heard(command, &listen)
    };
    let stop = |mut server: Server| {
        server.stop();
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
    let mut server = Server::start_heard(command, &listen);
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
    let mut server = Server::start_heard(command, &listen);
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
