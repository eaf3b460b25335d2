//! Turns, as callers meet them: whoever asks for much waits in a line of their own, and is told when it is full.

use std::time::Duration;

use futures_util::{StreamExt, stream::FuturesUnordered};
use sea_orm::{ConnectionTrait, TransactionTrait};
use serde_json::json;
use tests::{App, Backend};

use crate::{locks::REGISTER, plans, scene::act};

/// A user's acts that are under way and those that wait.
const OF_USER: usize = 4 + graphql::IN_LINE;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_acts_too_much_at_once_is_told_so_and_keeps_nobody_out() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let patient = |settings: &mut api::Settings| {
            // More than one user's acts hold.
            settings.pool.connections = 8;
            settings.pool.wait = Duration::from_secs(120);
            settings.timeout = Duration::from_secs(120);
        };
        let Some(app) = App::with(backend, patient).await else {
            continue;
        };
        let (mut system, manager) = (
            app.sign_in("system").await,
            app.sign_in("fgw-manager").await,
        );
        let unit = plans::unit(&app.sign_in("office").await, "市人防办").await;
        let db = app.database.connect().await;
        let holding = db.begin().await.unwrap();
        let hold = match backend {
            Backend::Sqlite => "UPDATE unit SET name = name WHERE FALSE",
            Backend::Postgres => REGISTER,
        };
        holding.execute_unprepared(hold).await.unwrap();
        system.language = "zh";
        let rename = async |at: usize| {
            let input = json!({ "unitId": unit, "name": format!("市人防办{at}") });
            act(&system, "renameUnit", input, "unit { id }").await
        };
        let mut acts: FuturesUnordered<_> = (0..OF_USER + 3).map(rename).collect();
        for _ in 0..3 {
            let answer = acts.next().await.unwrap();
            assert_eq!(
                (answer.status.as_u16(), answer.codes()),
                (503, vec!["UNAVAILABLE"]),
                "{}",
                answer.text
            );
            let told = &answer.body["errors"][0]["message"];
            assert_eq!(told, "服务器繁忙，请稍后再试。");
        }
        let own = "{ plan(year: 2022) { targets(first: 1) { nodes { id } } } }";
        let answer = manager.query(own).await;
        assert!(answer.data("/plan/targets/nodes/0/id").is_string());
        holding.rollback().await.unwrap();
        let answers: Vec<_> = acts.collect().await;
        assert_eq!(answers.len(), OF_USER);
        for answer in answers {
            assert_eq!(answer.data("/renameUnit/unit/id"), &unit, "{}", answer.text);
        }
    }
}
