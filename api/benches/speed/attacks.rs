//! What attackers send: how soon it is refused, and what others notice of it meanwhile.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use reqwest::Client;
use serde_json::{Value, json};

use crate::{
    data::Bench,
    drive::{User, operation, send},
    process::Server,
};

/// A request that is to be refused.
struct Attack {
    name: &'static str,
    body: String,
    /// With a token, or as nobody.
    signed_in: bool,
}

/// So many attack at once.
const ATTACKERS: usize = 16;

/// Runs each attack for this long, while one user asks for their targets again and again.
pub(crate) async fn measure(server: &Server, bench: &Bench, users: &[User], time: Duration) {
    println!(
        "\n| {} | attack | answer | refused after p50 ms | p99 ms | refused/s | another user's MyTargets p50 ms | p99 ms | resident MiB |",
        bench.backend()
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    let ask = json!({ "query": operation("MyTargets"), "variables": { "year": bench.year(), "first": 20 } }).to_string();
    let calm = Victim::watch(server, &users[0], &ask, time).await;
    println!(
        "| | none | | | | | {:.1} | {:.1} | {:.0} |",
        at(&calm, 0.5),
        at(&calm, 0.99),
        server.resident_mib()
    );
    for attack in attacks() {
        let stop = Arc::new(AtomicBool::new(false));
        let mut attackers = Vec::new();
        for _ in 0..ATTACKERS {
            let (client, stop) = (Client::new(), Arc::clone(&stop));
            let mut request = client
                .post(server.url("/graphql"))
                .header("content-type", "application/json")
                .body(attack.body.clone());
            if attack.signed_in {
                request = request.bearer_auth(&users[1].token);
            }
            attackers.push(tokio::spawn(async move {
                let mut latencies = Vec::new();
                let mut answer = String::new();
                while !stop.load(Ordering::Relaxed) {
                    let begun = Instant::now();
                    let sent = request.try_clone().expect("a copy").send().await;
                    // A body that is too large may be cut off while it is still being sent.
                    answer = match sent {
                        Ok(sent) => told(sent).await,
                        Err(_) => "cut off".to_owned(),
                    };
                    latencies.push(begun.elapsed());
                }
                (latencies, answer)
            }));
        }
        let others = Victim::watch(server, &users[0], &ask, time).await;
        stop.store(true, Ordering::Relaxed);
        let (mut latencies, mut answer) = (Vec::new(), String::new());
        for attacker in attackers {
            let (took, last) = attacker.await.expect("an attacker");
            latencies.extend(took);
            answer = last;
        }
        latencies.sort_unstable();
        println!(
            "| | {} | {answer} | {:.1} | {:.1} | {:.0} | {:.1} | {:.1} | {:.0} |",
            attack.name,
            at(&latencies, 0.5),
            at(&latencies, 0.99),
            latencies.len() as f64 / time.as_secs_f64(),
            at(&others, 0.5),
            at(&others, 0.99),
            server.resident_mib(),
        );
    }
}

/// The status and the code of an answer.
async fn told(answer: reqwest::Response) -> String {
    let status = answer.status().as_u16();
    let body: Value =
        serde_json::from_str(&answer.text().await.unwrap_or_default()).unwrap_or(Value::Null);
    let code = &body["errors"][0]["extensions"]["code"];
    let of_payload = body["data"].as_object().and_then(|data| {
        let payload = data.values().next()?;
        payload["userErrors"][0]["code"].as_str()
    });
    format!("{status} {}", code.as_str().or(of_payload).unwrap_or("?"))
}

struct Victim;

impl Victim {
    /// How long each answer took, in order.
    async fn watch(server: &Server, user: &User, ask: &str, time: Duration) -> Vec<Duration> {
        let begun = Instant::now();
        let mut latencies = Vec::new();
        while begun.elapsed() < time {
            let asked = Instant::now();
            let (answer, _) = send(server, user, ask).await;
            assert!(answer.contains("\"edges\""), "{answer}");
            latencies.push(asked.elapsed());
        }
        latencies.sort_unstable();
        latencies
    }
}

/// Milliseconds at this share of what is sorted.
fn at(latencies: &[Duration], share: f64) -> f64 {
    let place = (latencies.len() as f64 * share) as usize;
    let latency = latencies.get(place).or(latencies.last());
    latency.map_or(0.0, |latency| latency.as_secs_f64() * 1000.0)
}

fn attacks() -> Vec<Attack> {
    let query = |text: String| json!({ "query": text }).to_string();
    let guess = "signIn(input: { username: \"user-0\", password: \"a wrong password\" }) { userErrors { code } }";
    let many = |count: usize, one: &dyn Fn(usize) -> String| -> String {
        (0..count).map(one).collect::<Vec<_>>().join(" ")
    };
    let signed_in = |name, body| Attack {
        name,
        body,
        signed_in: true,
    };
    vec![
        signed_in(
            "1,000 aliases",
            query(format!(
                "{{ {} }}",
                many(1000, &|at| format!("a{at}: viewer {{ user {{ id }} }}"))
            )),
        ),
        signed_in(
            "depth 100",
            query(format!(
                "{{ plan(year: 2022) {{ sections {}{} }} }}",
                "{ parent ".repeat(100),
                "}".repeat(100)
            )),
        ),
        signed_in(
            "10,000 times the same field",
            query(format!("{{ {} }}", "__typename ".repeat(10_000))),
        ),
        signed_in(
            "64,000 tokens",
            query(format!("{{ {} }}", "a ".repeat(64_000))),
        ),
        signed_in(
            "1,000 directives",
            query(format!(
                "{{ __typename {} }}",
                "@include(if: true) ".repeat(1000)
            )),
        ),
        signed_in("a body of 20 MiB", query(" ".repeat(20 << 20))),
        signed_in(
            "first: 1000000",
            query("{ plan(year: 2022) { targets(first: 1000000) { nodes { id } } } }".to_owned()),
        ),
        Attack {
            name: "guessing a password through 100 aliases",
            body: query(format!(
                "mutation {{ {} }}",
                many(100, &|at| format!("a{at}: {guess}"))
            )),
            signed_in: false,
        },
        Attack {
            name: "guessing a password, 16 at a time",
            body: query(format!("mutation {{ {guess} }}")),
            signed_in: false,
        },
    ]
}
