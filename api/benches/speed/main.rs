//! How fast, and at what cost: the release server, and beside it a floor of our own, on SQLite and on PostgreSQL.
//!
//! `cargo bench` runs it all; `SPEED_PLANS=1,20,200`, `SPEED_BACKENDS=sqlite,postgres` and `SPEED_SECONDS=3` narrow it.
//! Each line is a closed loop: so many connections, each asking again as soon as it is answered, as users of many
//! units. CPU is that of the server and of the database together, per request, from the process table.

mod data;
mod drive;
mod floor;
mod process;

use std::time::{Duration, Instant};

use data::Bench;
use drive::{Asked, Load};
use process::{Cpu, Server};

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() == Some("floor") {
        let (url, listen) = (arguments.next(), arguments.next());
        return floor::serve(&url.expect("the database"), &listen.expect("the address")).await;
    }
    let list = |name: &str, default: &str| -> Vec<String> {
        let given = std::env::var(name).unwrap_or_else(|_| default.to_owned());
        given.split(',').map(str::to_owned).collect()
    };
    let seconds = list("SPEED_SECONDS", "3")[0].parse().expect("seconds");
    println!(
        "| backend | plans | operation | connections | requests/s | CPU ms | server + database | floor CPU ms | server + database | ratio | statements | resident MiB |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|---|");
    for backend in list("SPEED_BACKENDS", "sqlite,postgres") {
        for plans in list("SPEED_PLANS", "1,20,200") {
            let plans: i32 = plans.parse().expect("a number of plans");
            one(&backend, plans, Duration::from_secs(seconds)).await;
        }
    }
}

/// Everything on one database with so many plans.
async fn one(backend: &str, plans: i32, time: Duration) {
    let bench = Bench::make(backend, plans).await;
    let begun = Instant::now();
    let server = Server::luoshi(&bench).await;
    let cold = begun.elapsed();
    let floor = Server::floor(&bench).await;
    let users = drive::sign_in(&server, &bench).await;
    for asked in Asked::all(&server, &bench, &users).await {
        asked.check(&server, &floor, &users).await;
        for connections in [1, 32] {
            let measured = Load::new(&asked, connections, time)
                .run(&server, &bench, &users, false)
                .await;
            let ground = if asked.has_floor() {
                Some(
                    Load::new(&asked, connections, time)
                        .run(&floor, &bench, &users, true)
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
                "| {backend} | {plans} | {} | {connections} | {:.0} | {} | {ground} | {} | {:.0} |",
                asked.name,
                measured.per_second,
                shares(measured.cpu),
                measured.statements,
                server.resident_mib(),
            );
        }
    }
    println!(
        "| {backend} | {plans} | cold start to ready: {} ms | | | | | | | | | |",
        cold.as_millis()
    );
}
