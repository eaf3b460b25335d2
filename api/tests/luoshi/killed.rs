//! The server is killed in the middle of a thousand writes: nothing that was acknowledged is lost, nothing is half done,
//! nothing is done twice when it is sent again, and the audit log is whole.

use std::{
    path::Path,
    process::{Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use entity::{audit_entry, event, kinds::EventType, mutation_receipt, supervision_notice};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use tests::{Backend, TestDatabase, database::Template, world::PASSWORD};

use crate::process::{self, Server, free_address};

/// How many writes there are to do.
const WRITES: usize = 1_000;
/// After how many acknowledged ones the server is killed.
const KILLED_AFTER: usize = 400;
/// How many write at once.
const WRITERS: usize = 8;

/// The command with what each of these servers needs.
fn luoshi(folder: &Path, database: &TestDatabase) -> Command {
    let mut command = process::luoshi(folder);
    command
        .env("LUOSHI_DATABASE_URL", &database.url)
        .env("LUOSHI_DATABASE_WAIT_SECONDS", "60")
        .env("LUOSHI_TOKENS_AUDIENCE", "luoshi-tests")
        .env("LUOSHI_AUDIT_ANCHOR_FILE", folder.join("anchors"))
        .env("LUOSHI_AUDIT_ANCHOR_SECONDS", "1")
        .env("LUOSHI_LOG_FILTER", "warn");
    command
}

fn serve(folder: &Path, database: &TestDatabase) -> Server {
    let listen = free_address();
    let mut command = luoshi(folder, database);
    command
        .arg("serve")
        .env("LUOSHI_HTTP_LISTEN", &listen)
        .stdout(Stdio::null());
    Server::start(command, &listen)
}

/// Somebody who asks; none when there is no answer.
async fn ask(
    client: &reqwest::Client,
    address: &str,
    token: Option<&str>,
    query: &str,
    variables: Value,
) -> Option<Value> {
    let request = client
        .post(format!("http://{address}/graphql"))
        .json(&json!({ "query": query, "variables": variables }));
    let request = match token {
        Some(token) => request.bearer_auth(token),
        None => request,
    };
    request.send().await.ok()?.json().await.ok()
}

async fn sign_in(client: &reqwest::Client, address: &str) -> String {
    let query = "mutation($p: String!) { signIn(input: { username: \"office\", password: $p }) { session { accessToken } } }";
    let answer = ask(client, address, None, query, json!({ "p": PASSWORD })).await;
    let answer = answer.expect("an answer");
    let token = answer["data"]["signIn"]["session"]["accessToken"].as_str();
    token.unwrap_or_else(|| panic!("{answer}")).to_owned()
}

/// The writes: a notice each, to the first unit of one of the targets.
async fn writes(client: &reqwest::Client, address: &str, token: &str) -> Vec<Value> {
    let query =
        "{ plan(year: 2022) { targets(first: 100) { nodes { id assignments { unit { id } } } } } }";
    let answer = ask(client, address, Some(token), query, Value::Null).await;
    let answer = answer.expect("an answer");
    let targets = answer["data"]["plan"]["targets"]["nodes"].as_array();
    let targets = targets.unwrap_or_else(|| panic!("{answer}"));
    let due = domain::clock::day(domain::Clock::now(&api::MachineClock)) + chrono::Days::new(30);
    (0..WRITES)
        .map(|at| {
            let target = &targets[at % targets.len()];
            json!({
                "clientMutationId": format!("write {at}"), "targetId": target["id"], "colour": "RED", "body": format!("第 {at} 件"),
                "unitId": target["assignments"][0]["unit"]["id"], "replyDueOn": due,
            })
        })
        .collect()
}

const ISSUE: &str = "mutation($input: IssueNoticeInput!) { issueNotice(input: $input) { notice { id } userErrors { code message } } }";

/// Sends the writes, several at once, until they are done or the server is gone. The acknowledged ones are told to `done`,
/// by their numbers, with the notice's ID.
async fn send(
    address: &str,
    token: &str,
    writes: Arc<Vec<Value>>,
    done: impl Fn(usize, String) + Send + Sync + Clone + 'static,
) {
    let next = Arc::new(AtomicUsize::new(0));
    let mut writers = Vec::new();
    for _ in 0..WRITERS {
        let (next, writes, done) = (Arc::clone(&next), Arc::clone(&writes), done.clone());
        let (address, token) = (address.to_owned(), token.to_owned());
        writers.push(tokio::spawn(async move {
            let client = reqwest::Client::new();
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(input) = writes.get(at) else { return };
                let input = json!({ "input": input });
                let Some(answer) = ask(&client, &address, Some(&token), ISSUE, input).await else {
                    return;
                };
                let id = answer["data"]["issueNotice"]["notice"]["id"].as_str();
                done(at, id.unwrap_or_else(|| panic!("{answer}")).to_owned());
            }
        }));
    }
    for writer in writers {
        writer.await.unwrap();
    }
}

async fn killed(backend: Backend) {
    let Some(database) = TestDatabase::of(backend, Template::World).await else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let client = reqwest::Client::new();
    let server = serve(folder.path(), &database);
    let token = sign_in(&client, &server.address).await;
    let writes = Arc::new(writes(&client, &server.address, &token).await);
    let acknowledged: Arc<Mutex<Vec<(usize, String)>>> = Arc::default();
    let pid = server.child.id().to_string();
    let note = {
        let acknowledged = Arc::clone(&acknowledged);
        move |at, id| {
            let mut acknowledged = acknowledged.lock().unwrap();
            acknowledged.push((at, id));
            if acknowledged.len() == KILLED_AFTER {
                let killed = Command::new("kill").args(["-KILL", &pid]).status().unwrap();
                assert!(killed.success());
            }
        }
    };
    send(&server.address, &token, Arc::clone(&writes), note).await;
    drop(server);
    let acknowledged = std::mem::take(&mut *acknowledged.lock().unwrap());
    assert!(
        (KILLED_AFTER..WRITES).contains(&acknowledged.len()),
        "{}",
        acknowledged.len()
    );

    let mut server = serve(folder.path(), &database);
    whole(&database, acknowledged.len()..=acknowledged.len() + WRITERS).await;
    // Everything is sent again, as clients do that have heard nothing: what was done is answered, the rest is done.
    let token = sign_in(&client, &server.address).await;
    let again: Arc<Mutex<Vec<Option<String>>>> = Arc::new(Mutex::new(vec![None; WRITES]));
    let note = {
        let again = Arc::clone(&again);
        move |at: usize, id| again.lock().unwrap()[at] = Some(id)
    };
    send(&server.address, &token, writes, note).await;
    let again = again.lock().unwrap().clone();
    for (at, id) in acknowledged {
        assert_eq!(again[at].as_ref(), Some(&id), "write {at}");
    }
    whole(&database, WRITES..=WRITES).await;
    server.stop();
    let verified = luoshi(folder.path(), &database)
        .args(["audit", "verify"])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&verified.stdout);
    assert!(verified.status.success(), "{told}");
    // Compared with anchors from before and after, and nothing waits.
    assert!(
        told.ends_with("\nverified\n") && !told.contains("wait") && !told.contains(" 0 anchors"),
        "{told}"
    );
}

/// Each notice has one entry, one event and one receipt with its answer; and there is none of these without a notice.
async fn whole(database: &TestDatabase, expected: std::ops::RangeInclusive<usize>) {
    let db = database.connect().await;
    let mut notices: Vec<i64> = supervision_notice::Entity::find()
        .all(&db)
        .await
        .unwrap()
        .iter()
        .map(|row| row.id.0)
        .collect();
    notices.sort_unstable();
    assert!(
        expected.contains(&notices.len()),
        "{} {expected:?}",
        notices.len()
    );
    let mut entries: Vec<i64> = audit_entry::Entity::find()
        .filter(audit_entry::Column::Action.eq("ISSUE_NOTICE"))
        .all(&db)
        .await
        .unwrap()
        .iter()
        .filter_map(|row| row.object_id)
        .collect();
    entries.sort_unstable();
    let mut events: Vec<i64> = event::Entity::find()
        .filter(event::Column::Type.eq(EventType::NoticeIssued))
        .all(&db)
        .await
        .unwrap()
        .iter()
        .filter_map(|row| row.object_id)
        .collect();
    events.sort_unstable();
    assert_eq!(entries, notices);
    assert_eq!(events, notices);
    let receipts = mutation_receipt::Entity::find().all(&db).await.unwrap();
    assert_eq!(receipts.len(), notices.len());
    assert!(receipts.iter().all(|receipt| !receipt.result.is_null()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_in_the_middle_of_a_thousand_writes_on_sqlite() {
    killed(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_in_the_middle_of_a_thousand_writes_on_postgres() {
    killed(Backend::Postgres).await;
}
