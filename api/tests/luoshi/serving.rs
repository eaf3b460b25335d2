//! The servers, started and ended as an operator does.

use std::io::{BufRead, BufReader};

use sea_orm::{ConnectionTrait, Database};
use serde_json::{Value, json};
use tests::{Backend, TestDatabase};

use crate::process::{Server, body, folder, free_address, luoshi, run, text};

#[test]
fn serve_starts_for_the_first_time_once_and_stops_when_told() {
    let folder = tempfile::tempdir().unwrap();
    let listen = free_address();
    let start = || {
        let mut command = luoshi(folder.path());
        command.arg("serve").env("LUOSHI_HTTP_LISTEN", &listen);
        Server::start_heard(command, &listen)
    };
    let stop = Server::stop_heard;

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
    let passwords = one_time_passwords(&printed);
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

/// The names and one-time passwords that a first start prints.
fn one_time_passwords(printed: &str) -> Vec<(&str, &str)> {
    let pairs = printed
        .lines()
        .filter_map(|line| line.trim().split_once(' '));
    pairs
        .map(|(name, password)| (name, password.trim()))
        .filter(|(name, _)| ["system", "security", "audit"].contains(name))
        .collect()
}

/// The lines of a log, of which each is an object.
fn lines(logged: &str) -> Vec<Value> {
    let lines = logged.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}")))
        .collect()
}

#[test]
fn each_request_has_its_line_of_the_log_without_variables_and_tokens() {
    let folder = tempfile::tempdir().unwrap();
    let listen = free_address();
    let start = || {
        let mut command = luoshi(folder.path());
        command.arg("serve").env("LUOSHI_HTTP_LISTEN", &listen);
        // What calls the requests by name here is a proxy.
        command.env("LUOSHI_HTTP_TRUSTED_PROXIES", "127.0.0.1");
        Server::start_heard(command, &listen)
    };
    let (printed, _) = start().stop_heard();
    let passwords = one_time_passwords(&printed);
    let server = start();
    let mut secrets = Vec::new();
    for (name, password) in &passwords {
        let sign_in = json!({
            "query": "mutation SignIn($name: String!, $password: String!) { signIn(input: { username: $name, password: $password }) { session { accessToken refreshToken } } }",
            "variables": { "name": name, "password": password },
        });
        let answer = body(&server.post(&sign_in.to_string(), "x-request-id: test-sign-in\r\n"));
        let session = answer["data"]["signIn"]["session"].clone();
        let text = |key: &str| session[key].as_str().unwrap().to_owned();
        secrets.extend([
            (*password).to_owned(),
            text("accessToken"),
            text("refreshToken"),
        ]);
    }
    let token = format!("authorization: Bearer {}\r\n", secrets[7]);
    let ask = json!({
        "query": format!("query {}($x: ID!) {{ viewer {{ user {{ username }} }} node(id: $x) {{ id }} }}", "Long".repeat(32)),
        "variables": { "x": "a-secret-variable" },
    });
    server.post(
        &ask.to_string(),
        &format!("{token}x-request-id: test-viewer\r\n"),
    );
    let export = "GET /audit/export.csv HTTP/1.1";
    server.send(&format!(
        "{export}\r\nhost: x\r\n{token}x-request-id: test-export\r\nconnection: close\r\n\r\n"
    ));
    secrets.push("a-secret-variable".to_owned());
    let (_, logged) = server.stop_heard();
    for secret in &secrets {
        assert!(!logged.contains(secret), "{secret} in {logged}");
    }
    let lines = lines(&logged);
    let line = |id: &str| {
        let of_request = |line: &&Value| line["request_id"] == id && line["message"] == "request";
        let found = lines.iter().find(of_request);
        found.unwrap_or_else(|| panic!("{id} in {logged}"))
    };
    for (id, operation, signed_in) in [
        ("test-sign-in", "SignIn".to_owned(), false),
        ("test-viewer", "Long".repeat(25), true),
        ("test-export", "audit export".to_owned(), true),
    ] {
        let line = line(id);
        assert_eq!(line["operation"], operation, "{line}");
        assert_eq!(line["user"].is_i64(), signed_in, "{line}");
        assert!(
            line["status"].is_u64() && line["statements"].as_u64() > Some(0),
            "{line}"
        );
        assert!(line["duration_ms"].as_f64() > Some(0.0), "{line}");
    }
}

#[test]
fn the_log_tells_of_documents_that_are_not_trusted() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = json!({ "known": "query Known { __typename }" });
    std::fs::write(folder.path().join("portal.json"), manifest.to_string()).unwrap();
    let listen = free_address();
    let mut command = luoshi(folder.path());
    command.arg("serve").env("LUOSHI_HTTP_LISTEN", &listen);
    command.env("LUOSHI_DOCUMENTS_MODE", "log");
    command.env("LUOSHI_DOCUMENTS_MANIFESTS", "portal=portal.json");
    let server = Server::start_heard(command, &listen);
    for query in ["query Known { __typename }", "query Other { __typename }"] {
        assert!(server.ask(query).contains("\"Query\""), "it runs");
    }
    let (_, logged) = server.stop_heard();
    let told: Vec<Value> = lines(&logged)
        .into_iter()
        .filter(|line| line["message"] == "a document that is not trusted")
        .collect();
    assert_eq!(told.len(), 1, "{logged}");
    assert_eq!(
        (&told[0]["level"], &told[0]["operation"]),
        (&json!("WARN"), &json!("Other"))
    );
}

#[test]
fn what_is_wrong_with_the_configuration_is_told_before_the_database_is_touched() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = json!({ "1": "query A { nothing }", "2": "query B { __typename }" });
    std::fs::write(folder.path().join("portal.json"), manifest.to_string()).unwrap();
    let mut command = luoshi(folder.path());
    command.arg("serve").env("LUOSHI_HTTP_LISTEN", "here");
    command.env("LUOSHI_DOCUMENTS_MANIFESTS", "portal=portal.json");
    let told = text(&command.output().unwrap());
    for part in ["http.listen", "portal: query A { nothing }"] {
        assert!(told.contains(part), "{part} is missing in: {told}");
    }
    assert!(!told.contains("query B"), "{told}");
    assert!(!folder.path().join("test.db").exists());
}

/// Runs an SQL statement on the test's database.
async fn execute(folder: &std::path::Path, sql: &str) {
    let url = format!("sqlite://{}", folder.join("test.db").display());
    let db = Database::connect(url).await.unwrap();
    db.execute_unprepared(sql).await.unwrap();
    db.close().await.unwrap();
}

#[tokio::test]
async fn serve_brings_an_older_schema_up_to_date_and_refuses_a_newer_one() {
    use migration::{Migrator, MigratorTrait};
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    assert!(run(folder, &["migrate"]).status.success());
    let url = format!("sqlite://{}", folder.join("test.db").display());
    let db = Database::connect(url).await.unwrap();
    Migrator::down(&db, Some(1)).await.unwrap();
    db.close().await.unwrap();
    // What lacks a key is not brought up to date, either.
    let role = "INSERT INTO setting (name, value, changed_at) VALUES ('SECOND_FACTOR_ROLES', 'AUDIT_ADMIN', '2022-01-01 00:00:00+00:00')";
    execute(folder, role).await;
    let told = text(&run(folder, &["serve"]));
    assert!(
        told.contains("LUOSHI_SECRETS_KEY") && !told.contains("up to date"),
        "{told}"
    );
    execute(folder, "DELETE FROM setting").await;
    let listen = free_address();
    let mut command = luoshi(folder);
    command.arg("serve").env("LUOSHI_HTTP_LISTEN", &listen);
    let server = Server::start_heard(command, &listen);
    assert!(server.get("/health/ready").starts_with("HTTP/1.1 200"));
    let (_, logged) = server.stop_heard();
    let lines = lines(&logged);
    let steps = lines
        .iter()
        .find(|line| line["message"] == "the database's schema is up to date");
    assert_eq!(steps.unwrap_or_else(|| panic!("{logged}"))["steps"], 1);
    let later =
        "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m29990101_0001_later', 1)";
    execute(folder, later).await;
    for command in ["serve", "migrate"] {
        let refused = run(folder, &[command]);
        let told = text(&refused);
        assert!(
            !refused.status.success() && told.contains("newer than this program"),
            "{told}"
        );
        assert!(told.contains("m29990101_0001_later"), "{told}");
    }
}

/// What signs tokens is kept under a key, though nobody has a second factor.
#[tokio::test]
async fn serve_without_the_key_of_what_is_kept_refuses_before_it_changes_anything() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let key = |letter: &str| letter.repeat(42) + "A=";
    assert!(run(folder, &["migrate"]).status.success());
    let mut first = luoshi(folder);
    first.args(["keys", "rotate"]);
    let first = first.env("LUOSHI_SECRETS_KEY", key("B")).output().unwrap();
    assert!(first.status.success(), "{}", text(&first));
    execute(
        folder,
        "DELETE FROM seaql_migrations WHERE version = (SELECT MAX(version) FROM seaql_migrations)",
    )
    .await;
    let before = std::fs::read(folder.join("test.db")).unwrap();
    for other in [None, Some(key("C"))] {
        let mut serve = luoshi(folder);
        serve.arg("serve");
        if let Some(other) = &other {
            serve.env("LUOSHI_SECRETS_KEY", other);
        }
        let refused = serve.output().unwrap();
        let told = text(&refused);
        assert!(!refused.status.success(), "{told}");
        for part in [
            "the configuration cannot be used",
            "the signing keys",
            "LUOSHI_SECRETS_KEY",
        ] {
            assert!(told.contains(part), "{part} is missing in: {told}");
        }
        assert!(std::fs::read(folder.join("test.db")).unwrap() == before);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_runs_on_postgresql() {
    let Some(database) = TestDatabase::set_up(Backend::Postgres).await else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let listen = free_address();
    let mut command = luoshi(folder.path());
    command.args(["demo", "--listen", &listen]);
    command.env("DATABASE_URL", &database.url);
    let server = Server::start_heard(command, &listen);
    tokio::task::block_in_place(|| the_year_is_under_way(&server));
    assert!(!folder.path().join("data/demo/luoshi.db").exists());
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
