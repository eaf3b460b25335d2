//! How fast, and at what cost: the release server, and beside it a floor of our own, on SQLite and on PostgreSQL.
//!
//! `cargo bench` runs it all; `SPEED_PLANS=1,20,200`, `SPEED_BACKENDS=sqlite,postgres`, `SPEED_PARTS=reads,writes,attacks`
//! and `SPEED_SECONDS=3` narrow it.
//! Each line is a closed loop: so many connections, each asking again as soon as it is answered, as users of many
//! units. CPU is that of the server and of the database together, per request, from the process table.

mod attacks;
mod data;
mod drive;
mod events;
mod floor;
mod process;
mod reports;

use std::time::{Duration, Instant};

use data::Bench;
use drive::{Asked, Load, User};
use process::{Cpu, Server};
use reports::Report;

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() == Some("floor") {
        let (url, listen) = (arguments.next(), arguments.next());
        return floor::serve(&url.expect("the database"), &listen.expect("the address")).await;
    }
    tests::cluster::wait_for_the_disk();
    let list = |name: &str, default: &str| -> Vec<String> {
        let given = std::env::var(name).unwrap_or_else(|_| default.to_owned());
        given.split(',').map(str::to_owned).collect()
    };
    let parts = list("SPEED_PARTS", "reads,writes,attacks");
    let seconds = list("SPEED_SECONDS", "3")[0].parse().expect("seconds");
    println!(
        "| backend | plans | operation | connections | requests/s | CPU ms | server + database | floor CPU ms | server + database | ratio | statements | resident MiB |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|---|");
    for backend in list("SPEED_BACKENDS", "sqlite,postgres") {
        for plans in list("SPEED_PLANS", "1,20,200") {
            let plans: i32 = plans.parse().expect("a number of plans");
            one(&backend, plans, &parts, Duration::from_secs(seconds)).await;
        }
    }
}

/// Everything on one database with so many plans.
async fn one(backend: &str, plans: i32, parts: &[String], time: Duration) {
    let part = |name: &str| parts.iter().any(|part| part == name);
    let bench = Bench::make(backend, plans).await;
    let begun = Instant::now();
    let server = Server::luoshi(&bench).await;
    let cold = begun.elapsed();
    let floor = Server::floor(&bench).await;
    let users = drive::sign_in(&server, &bench).await;
    if part("reads") {
        reads(&server, &floor, &bench, &users, time).await;
    }
    if part("writes") {
        writes(&server, &bench, &users).await;
    }
    println!(
        "| {backend} | {plans} | cold start to ready: {} ms | | | | | | | | | |",
        cold.as_millis()
    );
    if part("attacks") {
        attacks::measure(&server, &bench, &users, time).await;
    }
}

/// What is asked, and what the floor takes for it.
async fn reads(server: &Server, floor: &Server, bench: &Bench, users: &[User], time: Duration) {
    for asked in Asked::all(server, bench, users).await {
        asked.check(server, floor, users).await;
        for connections in [1, 32] {
            let measured = Load::new(&asked, connections, time)
                .run(server, bench, users, false)
                .await;
            let ground = if asked.has_floor() {
                Some(
                    Load::new(&asked, connections, time)
                        .run(floor, bench, users, true)
                        .await,
                )
            } else {
                None
            };
            let shares =
                |cpu: Cpu| format!("{:.2} | {:.2} + {:.2}", cpu.all(), cpu.server, cpu.database);
            let ground = ground.map_or_else(
                || "– | – | –".to_owned(),
                |ground| {
                    let ratio = measured.cpu.all() / ground.cpu.all();
                    format!("{} | {ratio:.2}", shares(ground.cpu))
                },
            );
            println!(
                "| {} | {} | {} | {connections} | {:.0} | {} | {ground} | {} | {:.0} |",
                bench.backend(),
                bench.plans,
                asked.name,
                measured.per_second,
                shares(measured.cpu),
                measured.statements,
                server.resident_mib(),
            );
        }
    }
}

/// What is written, and who is told.
async fn writes(server: &Server, bench: &Bench, users: &[User]) {
    let office = users.last().expect("the office");
    let mut open = Report::open(server, bench, users).await;
    let (written, told) = open.split_at_mut(80);
    reports::measure(server, bench, office, written).await;
    let half = told.len() / 2;
    let (to_one, to_many) = told.split_at_mut(half);
    events::measure(server, bench, office, 1, to_one).await;
    events::measure(server, bench, office, 100, to_many).await;
}
