//! What the audit chain costs writers: acts a second and their latency with 1 and 100 writers at once, with a sealer at
//! work and without one.
//!
//! `cargo bench --bench audit`; `AUDIT_BACKENDS=sqlite,postgres` and `AUDIT_SECONDS=5` narrow it. The act is refreshing a
//! session: a look-up under a lock, an update, an insert, and the audit entry, in one transaction. The store is called
//! without HTTP in between, so that the database is what is measured. Both databases wait for the disk at each commit, as those of an
//! installation do.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use api::{MachineClock, MachineEntropy};
use store::{AuditRules, Opening, Origin, Password, SecretKeys, Store};
use tests::{Backend, TestDatabase, database::Template, world};

#[tokio::main]
async fn main() {
    tests::cluster::wait_for_the_disk();
    let given = |name: &str, default: &str| std::env::var(name).unwrap_or_else(|_| default.into());
    let seconds = given("AUDIT_SECONDS", "5").parse().expect("seconds");
    println!(
        "| database | writers | sealer | acts/s | p50 ms | p99 ms | longest ms | waiting for a place at the end | sealed after |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for backend in given("AUDIT_BACKENDS", "sqlite,postgres").split(',') {
        let backend = match backend {
            "sqlite" => Backend::Sqlite,
            _ => Backend::Postgres,
        };
        for writers in [1, 100] {
            for sealer in [false, true] {
                one(backend, writers, sealer, Duration::from_secs(seconds)).await;
            }
        }
    }
}

async fn one(backend: Backend, writers: usize, sealer: bool, time: Duration) {
    let database = TestDatabase::of(backend, Template::World).await;
    let database = database.expect("the database's programs");
    let mut pool = database.pool();
    pool.connections = 32;
    pool.wait = Duration::from_secs(60);
    let store = Store::open(Opening {
        pool,
        clock: Arc::new(MachineClock),
        entropy: Arc::new(MachineEntropy),
        rules: world::rules(),
        hashings_at_once: 2,
        calendar: domain::Calendar::default(),
        audit: AuditRules::default(),
        secrets: SecretKeys::default(),
    })
    .await
    .expect("the store");
    let system = store.system();
    system.finish_audit().await.expect("the chain so far");
    let mut tokens = Vec::new();
    for _ in 0..writers {
        let password = Password::new(world::PASSWORD.to_owned());
        let origin = Origin::command("bench");
        let signed = system.sign_in("office", password, None, &origin);
        tokens.push(signed.await.expect("a session").refresh_token);
    }
    system.finish_audit().await.expect("the chain so far");
    let sealing = sealer.then(|| tokio::spawn(store.keep_sealing(std::future::pending::<()>())));
    let begun = Instant::now();
    let mut tasks = Vec::new();
    for mut token in tokens {
        let system = store.system();
        tasks.push(tokio::spawn(async move {
            let origin = Origin::command("bench");
            let mut latencies = Vec::new();
            while begun.elapsed() < time {
                let act = Instant::now();
                let refreshed = system.refresh_session(&token, &origin).await;
                token = refreshed.expect("a session").refresh_token;
                latencies.push(act.elapsed());
            }
            latencies
        }));
    }
    let mut latencies = Vec::new();
    for task in tasks {
        latencies.extend(task.await.expect("a writer"));
    }
    let took = begun.elapsed();
    latencies.sort_unstable();
    let waiting = system.verify_audit(None).await.expect("the chain").unsealed;
    let sealing_since = Instant::now();
    system.finish_audit().await.expect("the chain");
    let sealed_after = sealing_since.elapsed();
    let found = system.verify_audit(None).await.expect("the chain");
    assert!(found.verified() && found.unsealed == 0, "{found:?}");
    let at = |share: f64| {
        let place = (latencies.len() as f64 * share) as usize;
        latencies[place.min(latencies.len() - 1)].as_secs_f64() * 1000.0
    };
    println!(
        "| {backend:?} | {writers} | {} | {:.0} | {:.2} | {:.2} | {:.2} | {waiting} | {:.0} ms |",
        if sealer { "yes" } else { "no" },
        latencies.len() as f64 / took.as_secs_f64(),
        at(0.5),
        at(0.99),
        at(1.0),
        sealed_after.as_secs_f64() * 1000.0
    );
    if let Some(sealing) = sealing {
        sealing.abort();
    }
    store.close().await;
}
