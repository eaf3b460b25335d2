//! The closed loop, and what is asked in it.

use std::{
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use reqwest::Client;
use serde_json::{Value, json};

use crate::{
    data::{Bench, PASSWORD},
    process::{Cpu, Server},
};

const DOCUMENTS: &str = concat!(
    include_str!("../../explorer/operations/reports.graphql"),
    include_str!("../../explorer/operations/targets.graphql"),
    include_str!("../../explorer/operations/statistics.graphql")
);

/// A user with an access token.
pub(crate) struct User {
    pub(crate) token: String,
    unit: i64,
}

pub(crate) async fn sign_in(server: &Server, bench: &Bench) -> Vec<User> {
    let client = Client::new();
    let mut users = Vec::new();
    let office = 0;
    for (at, unit) in bench.units.iter().chain([&office]).enumerate() {
        let query = format!(
            "mutation {{ signIn(input: {{ username: \"user-{at}\", password: \"{PASSWORD}\" }}) {{ session {{ accessToken }} }} }}"
        );
        let answer = client
            .post(server.url("/graphql"))
            .json(&json!({ "query": query }))
            .send()
            .await
            .expect("an answer");
        let answer: Value = answer.json().await.expect("JSON");
        let token = answer["data"]["signIn"]["session"]["accessToken"]
            .as_str()
            .expect("a token")
            .to_owned();
        users.push(User { token, unit: *unit });
    }
    users
}

/// Something that is asked, as each user asks it.
pub(crate) struct Asked {
    pub(crate) name: &'static str,
    /// Which users ask.
    by: Range<usize>,
    /// The body for each of them.
    bodies: Vec<String>,
    /// The floor's path for each of them.
    floor: Vec<String>,
}

impl Asked {
    pub(crate) async fn all(server: &Server, bench: &Bench, users: &[User]) -> Vec<Self> {
        let year = bench.year();
        let body = |name: &str, variables: Value| {
            json!({ "query": operation(name), "variables": variables }).to_string()
        };
        // All but the last ask for their units.
        let (of_units, office) = (0..bench.units.len(), bench.units.len()..users.len());
        let users = &users[of_units.clone()];
        let mut first = Vec::new();
        let mut last = Vec::new();
        let mut last_floor = Vec::new();
        let mut detail = Vec::new();
        let mut detail_floor = Vec::new();
        let mut outline_floor = Vec::new();
        for user in users {
            let ask = body("MyTargets", json!({ "year": year, "first": 20 }));
            first.push(ask.clone());
            // The last full page: its cursor is found from the end.
            let ends = json!({ "query": format!("{{ plan(year: {year}) {{ targets(last: 21) {{ edges {{ cursor node {{ id number }} }} }} }} }}") });
            let ends: Value =
                serde_json::from_str(&send(server, user, &ends.to_string()).await.0).expect("JSON");
            let edge = &ends["data"]["plan"]["targets"]["edges"][0];
            last.push(body(
                "MyTargets",
                json!({ "year": year, "first": 20, "after": edge["cursor"] }),
            ));
            last_floor.push(format!(
                "/my-targets?year={year}&unit={}&after={}",
                user.unit, edge["node"]["number"]
            ));
            let target = &edge["node"]["id"];
            detail.push(body("TargetDetail", json!({ "id": target })));
            detail_floor.push(format!(
                "/target-detail?id={}&unit={}",
                plain_key(target),
                user.unit
            ));
            outline_floor.push(format!("/outline?year={year}&unit={}", user.unit));
        }
        let each = |text: String| vec![text; users.len()];
        let floor = |search: &str| {
            let path = |user: &User| {
                format!(
                    "/my-targets?year={year}&unit={}&after=0&search={search}",
                    user.unit
                )
            };
            users.iter().map(path).collect()
        };
        let of_year = |group: &str| json!({ "year": year, "groupBy": group });
        vec![
            Self {
                name: "MyTargets, first 20",
                by: of_units.clone(),
                bodies: first,
                floor: floor(""),
            },
            Self {
                name: "MyTargets, last page",
                by: of_units.clone(),
                bodies: last,
                floor: last_floor,
            },
            Self {
                name: "TargetDetail",
                by: of_units.clone(),
                bodies: detail,
                floor: detail_floor,
            },
            Self {
                name: "Outline",
                by: of_units.clone(),
                bodies: each(body("Outline", json!({ "year": year }))),
                floor: outline_floor,
            },
            Self {
                name: "search 企业",
                by: of_units.clone(),
                bodies: each(body(
                    "MyTargets",
                    json!({ "year": year, "first": 20, "filter": { "search": "企业" } }),
                )),
                floor: floor("%E4%BC%81%E4%B8%9A"),
            },
            Self {
                name: "Statistics by unit, a unit",
                by: of_units.clone(),
                bodies: each(body("Statistics", of_year("UNIT"))),
                floor: vec![],
            },
            Self {
                name: "Statistics by unit, office",
                by: office.clone(),
                bodies: vec![body("Statistics", of_year("UNIT"))],
                floor: vec![],
            },
            Self {
                name: "Statistics by section, office",
                by: office.clone(),
                bodies: vec![body("Statistics", of_year("SECTION"))],
                floor: vec![],
            },
            Self {
                name: "UnitRanking, office",
                by: office,
                bodies: vec![body("UnitRanking", json!({ "year": year }))],
                floor: vec![],
            },
        ]
    }

    pub(crate) fn has_floor(&self) -> bool {
        !self.floor.is_empty()
    }

    /// Both answer the same rows, whatever names they give them.
    pub(crate) async fn check(&self, server: &Server, floor: &Server, users: &[User]) {
        let users = &users[self.by.clone()];
        for ((user, body), path) in users.iter().zip(&self.bodies).zip(&self.floor) {
            let ours: Value =
                serde_json::from_str(&send(server, user, body).await.0).expect("JSON");
            let theirs = Client::new()
                .get(floor.url(path))
                .send()
                .await
                .expect("an answer");
            let theirs: Value = theirs.json().await.expect("JSON");
            let plain = |answer: &Value| {
                let mut data = answer["data"].clone();
                assert!(data.is_object(), "{}: {answer}", self.name);
                strip(&mut data);
                data
            };
            assert_eq!(
                plain(&ours),
                plain(&theirs),
                "{}: not the same rows",
                self.name
            );
        }
    }
}

/// The key in a global ID, by which the floor knows it.
fn plain_key(id: &Value) -> i64 {
    let id = BASE64_URL_SAFE_NO_PAD
        .decode(id.as_str().expect("an ID"))
        .expect("base64");
    let id = String::from_utf8(id).expect("a text");
    let (_, key) = id.split_once(':').expect("a type and a key");
    key.parse().expect("a key")
}

/// Takes out what the floor does not have, or has otherwise: cursors, which are sealed; the links to files, which are signed
/// for who asks; and the reasons of a light, which no table holds: the rules find them anew, and put them in words.
fn strip(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for name in ["cursor", "startCursor", "endCursor", "url", "lightReasons"] {
                fields.remove(name);
            }
            fields.values_mut().for_each(strip);
        }
        Value::Array(items) => items.iter_mut().for_each(strip),
        _ => {}
    }
}

/// The text of one of the contract's operations.
pub(crate) fn operation(name: &str) -> String {
    let begins = ["query", "mutation"].map(|kind| format!("{kind} {name}("));
    let mut lines = DOCUMENTS
        .lines()
        .skip_while(|line| !begins.iter().any(|begin| line.starts_with(begin)));
    let mut text = String::new();
    for line in lines.by_ref() {
        text.push_str(line);
        text.push('\n');
        if line == "}" {
            break;
        }
    }
    text
}

/// The body of an answer, and the statements it took.
pub(crate) async fn send(server: &Server, user: &User, body: &str) -> (String, u32) {
    let answer = Client::new()
        .post(server.url("/graphql"))
        .bearer_auth(&user.token)
        .header("content-type", "application/json")
        .body(body.to_owned())
        .send()
        .await
        .expect("an answer");
    let statements = answer
        .headers()
        .get("x-statement-count")
        .and_then(|count| count.to_str().ok()?.parse().ok());
    (
        answer.text().await.expect("a body"),
        statements.unwrap_or(0),
    )
}

/// So many connections, for so long.
pub(crate) struct Load<'a> {
    asked: &'a Asked,
    connections: usize,
    time: Duration,
}

pub(crate) struct Measured {
    pub(crate) per_second: f64,
    /// Milliseconds a request.
    pub(crate) cpu: Cpu,
    pub(crate) statements: u32,
}

impl<'a> Load<'a> {
    pub(crate) fn new(asked: &'a Asked, connections: usize, time: Duration) -> Self {
        Self {
            asked,
            connections,
            time,
        }
    }

    pub(crate) async fn run(
        &self,
        server: &Server,
        bench: &Bench,
        users: &[User],
        floor: bool,
    ) -> Measured {
        let users = &users[self.asked.by.clone()];
        // Warm: plans of statements, pages of memory.
        self.drive(server, users, floor, Duration::from_millis(700))
            .await;
        let (before, begun) = (server.cpu(bench), Instant::now());
        let answered = self.drive(server, users, floor, self.time).await;
        let (after, elapsed) = (server.cpu(bench), begun.elapsed());
        let statements = if floor {
            0
        } else {
            send(server, &users[0], &self.asked.bodies[0]).await.1
        };
        Measured {
            per_second: answered as f64 / elapsed.as_secs_f64(),
            cpu: after.each_since(before, answered),
            statements,
        }
    }

    async fn drive(&self, server: &Server, users: &[User], floor: bool, time: Duration) -> u64 {
        let answered = Arc::new(AtomicU64::new(0));
        let until = Instant::now() + time;
        let mut tasks = Vec::new();
        for connection in 0..self.connections {
            let client = Client::builder()
                .pool_max_idle_per_host(1)
                .build()
                .expect("a client");
            let requests: Vec<reqwest::Request> = (0..users.len())
                .map(|at| {
                    let at = (at + connection) % users.len();
                    let request = if floor {
                        client.get(server.url(&self.asked.floor[at]))
                    } else {
                        client
                            .post(server.url("/graphql"))
                            .bearer_auth(&users[at].token)
                            .header("content-type", "application/json")
                            .body(self.asked.bodies[at].clone())
                    };
                    request.build().expect("a request")
                })
                .collect();
            let answered = Arc::clone(&answered);
            tasks.push(tokio::spawn(async move {
                for request in requests.iter().cycle() {
                    if Instant::now() >= until {
                        break;
                    }
                    let answer = client
                        .execute(request.try_clone().expect("a copy"))
                        .await
                        .expect("an answer");
                    assert!(answer.status().is_success());
                    answer.bytes().await.expect("a body");
                    answered.fetch_add(1, Ordering::Relaxed);
                }
            }));
        }
        for task in tasks {
            task.await.expect("a connection");
        }
        answered.load(Ordering::Relaxed)
    }
}
