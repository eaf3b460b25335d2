//! Events: who hears of what, over sockets that were open before; that none is lost; and how listening ends.

use std::sync::Arc;

use serde_json::{Value, json};
use tests::{Actor, App, both, machine::TestEntropy, world::ACTORS};

use super::client::{Client, Heard};

const EVENTS: &str = "subscription($types: [EventType!], $target: ID) { events(types: $types, targetId: $target) {
    id type actor { displayName } target { id number } assignment { unit { name } acknowledgedAt } } }";

/// A socket of somebody who hears of events.
pub(crate) async fn listen(app: &App, actor: &Actor<'_>, variables: Value) -> Client {
    let before = app.parts.store().listeners();
    let mut client = Client::of(app, actor).await;
    client.ask("1", EVENTS, variables).await;
    // The protocol does not say when a subscription has begun.
    while app.parts.store().listeners() == before {
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    client
}

/// Nothing but the answer to what is asked now.
pub(crate) async fn settle(client: &mut Client) {
    client.ask("settled", "{ __typename }", Value::Null).await;
    let messages = [client.message().await, client.message().await];
    assert!(
        messages.iter().all(|message| message["id"] == "settled"),
        "{messages:?}"
    );
}

/// The next event.
pub(crate) async fn event(client: &mut Client) -> Value {
    let message = client.message().await;
    assert_eq!(message["type"], "next", "{message}");
    assert_eq!(message["payload"].get("errors"), None, "{message}");
    message["payload"]["data"]["events"].clone()
}

/// Own assignments, not acknowledged: their keys with the numbers of their targets.
pub(crate) async fn open_assignments(actor: &Actor<'_>, unit: &str) -> Vec<(String, i64)> {
    let answer = actor
        .query("{ plan(year: 2022) { targets(first: 100) { nodes { number assignments { id acknowledgedAt unit { name } } } } } }")
        .await;
    let mut open = Vec::new();
    for target in answer.data("/plan/targets/nodes").as_array().unwrap() {
        for assignment in target["assignments"].as_array().unwrap() {
            if assignment["unit"]["name"] == unit && assignment["acknowledgedAt"].is_null() {
                open.push((
                    assignment["id"].as_str().unwrap().to_owned(),
                    target["number"].as_i64().unwrap(),
                ));
            }
        }
    }
    open
}

pub(crate) async fn acknowledge(actor: &Actor<'_>, ids: &[&str]) {
    let answer = actor
        .ask(
            "mutation($ids: [ID!]!) { acknowledgeAssignments(input: { assignmentIds: $ids }) { userErrors { code } } }",
            json!({ "ids": ids }),
        )
        .await;
    assert_eq!(
        answer.refusals("acknowledgeAssignments"),
        Vec::<String>::new()
    );
}

/// The numbers of the targets that somebody sees.
async fn seen(actor: &Actor<'_>) -> Vec<i64> {
    let mut numbers = Vec::new();
    for first in ["first: 100", "last: 100"] {
        let answer = actor
            .query(&format!(
                "{{ plan(year: 2022) {{ targets({first}) {{ nodes {{ number }} }} }} }}"
            ))
            .await;
        let nodes = answer
            .body
            .pointer("/data/plan/targets/nodes")
            .and_then(Value::as_array)
            .cloned();
        numbers.extend(
            nodes
                .unwrap_or_default()
                .iter()
                .map(|node| node["number"].as_i64().unwrap()),
        );
    }
    numbers
}

async fn execute(app: &App, sql: &str) {
    use sea_orm::ConnectionTrait;
    app.database
        .connect()
        .await
        .execute_unprepared(sql)
        .await
        .unwrap();
}

/// The grants of the reporter.
const OF_REPORTER: &str = "user_id = (SELECT id FROM \"user\" WHERE username = 'fgw-reporter')";

both! {
    /// Everybody listens before anything happens. What each hears is what each sees; `changes` tells the same.
    async fn everybody_hears_of_what_they_see_and_of_nothing_else(app: App) {
        let manager = app.sign_in("fgw-manager").await;
        let open = open_assignments(&manager, "市发展改革委").await;
        let numbers: Vec<i64> = open.iter().map(|(_, number)| *number).collect();
        assert!(numbers.len() > 10);
        let mut listeners = Vec::new();
        for username in ACTORS {
            let actor = app.sign_in(username).await;
            let expected: Vec<i64> = {
                let seen = seen(&actor).await;
                numbers.iter().copied().filter(|number| seen.contains(number)).collect()
            };
            let client = listen(&app, &actor, json!({})).await;
            listeners.push((username, actor, client, expected));
        }
        for (id, _) in &open {
            acknowledge(&manager, &[id]).await;
        }
        let mut heard_by = Vec::new();
        for (username, actor, client, expected) in &mut listeners {
            let mut ids = Vec::new();
            for number in expected.iter() {
                let event = event(client).await;
                assert_eq!(event["target"]["number"], *number, "{username}");
                assert_eq!(event["type"], "ASSIGNMENT_ACKNOWLEDGED");
                assert_eq!(event["assignment"]["unit"]["name"], "市发展改革委");
                ids.push(event["id"].clone());
            }
            // Nothing else is on its way.
            settle(client).await;
            let changes = actor.query("{ changes(first: 100) { totalCount nodes { id } } }").await;
            let durable: Vec<Value> = match changes.body.pointer("/data/changes/nodes") {
                Some(nodes) => nodes.as_array().unwrap().iter().map(|node| node["id"].clone()).collect(),
                None => Vec::new(),
            };
            assert_eq!(ids, durable, "{username}");
            heard_by.push(expected.len());
        }
        // Somebody hears all, somebody some, somebody nothing.
        assert!(heard_by.contains(&numbers.len()) && heard_by.contains(&0));
        assert!(heard_by.iter().any(|heard| (1..numbers.len()).contains(heard)));
    }

    /// Each event costs what its subscription does: whoever has nothing left is told so, and may subscribe again later.
    async fn each_event_is_paid_for(app: App) {
        let app = App::with(app.database.backend, |settings| {
            settings.guard.budgets = edge::BudgetRules { cost: 5000, ..edge::BudgetRules::NONE };
        }).await.unwrap();
        let office = app.sign_in("office").await;
        let manager = app.sign_in("fgw-manager").await;
        let open = open_assignments(&manager, "市发展改革委").await;
        let mut client = listen(&app, &office, json!({})).await;
        acknowledge(&manager, &[&open[0].0]).await;
        assert_eq!(event(&mut client).await["type"], "ASSIGNMENT_ACKNOWLEDGED");
        for query in ["{ plan(year: 2022) { targets(first: 100) { nodes { id } } } }", "{ __typename }"] {
            let mut asked = 0;
            while office.query(query).await.status == 200 {
                asked += 1;
                assert!(asked < 200);
            }
        }
        acknowledge(&manager, &[&open[1].0]).await;
        let message = client.message().await;
        assert_eq!((&message["type"], &message["id"]), (&json!("error"), &json!("1")), "{message}");
        assert_eq!(message["payload"][0]["extensions"]["code"], "RATE_LIMITED");
    }

    /// Looking for what is not there costs, too: a subscription that hears of nothing is not free.
    async fn each_look_is_paid_for_whatever_comes_of_it(app: App) {
        let app = App::with(app.database.backend, |settings| {
            settings.guard.budgets = edge::BudgetRules { cost: 5000, ..edge::BudgetRules::NONE };
        }).await.unwrap();
        let office = app.sign_in("office").await;
        let manager = app.sign_in("fgw-manager").await;
        let open = open_assignments(&manager, "市发展改革委").await;
        let mut client = listen(&app, &office, json!({ "target": "nonsense" })).await;
        let left = async || {
            let request = app.client().post(app.url("/graphql")).bearer_auth(office.token.clone().unwrap()).header("luoshi-cost", "1");
            let answer = app.send(request.json(&json!({ "query": "{ __typename }" }))).await;
            answer.body["extensions"]["cost"]["remaining"].as_i64().unwrap()
        };
        let before = left().await;
        acknowledge(&manager, &[&open[0].0]).await;
        settle(&mut client).await;
        // What it asks itself costs 1 each time: `left`, and what settles it.
        let mut after = left().await;
        while after > before - 5 {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            after = left().await;
        }
        while office.query("{ plan(year: 2022) { targets(first: 100) { nodes { id } } } }").await.status == 200 {}
        while office.query("{ __typename }").await.status == 200 {}
        acknowledge(&manager, &[&open[1].0]).await;
        let message = client.message().await;
        assert_eq!((&message["type"], &message["id"]), (&json!("error"), &json!("1")), "{message}");
        assert_eq!(message["payload"][0]["extensions"]["code"], "RATE_LIMITED");
    }

    async fn types_and_targets_narrow_what_is_heard(app: App) {
        let office = app.sign_in("office").await;
        let manager = app.sign_in("fgw-manager").await;
        let open = open_assignments(&manager, "市发展改革委").await;
        let target = office.query(&format!("{{ target(by: {{ number: {{ year: 2022, number: {} }} }}) {{ id }} }}", open[1].1)).await;
        let target = target.data("/target/id").clone();
        let mut of_target = listen(&app, &office, json!({ "target": target })).await;
        let mut of_type = listen(&app, &office, json!({ "types": ["UNITS_DESIGNATED"] })).await;
        let mut of_nothing = listen(&app, &office, json!({ "target": "nonsense" })).await;
        acknowledge(&manager, &[&open[0].0, &open[1].0, &open[2].0]).await;
        assert_eq!(event(&mut of_target).await["target"]["number"], open[1].1);
        for client in [&mut of_target, &mut of_type, &mut of_nothing] {
            settle(client).await;
        }
    }

    /// A listener who does not take part in the act is on another server of the same database.
    async fn another_server_hears_of_it_too_and_none_is_lost(app: App) {
        let pool = app.database.pool();
        let other = App::with(app.database.backend, |settings| {
            settings.pool = pool;
            // Two servers do not draw the same numbers.
            settings.entropy = Arc::new(TestEntropy::seeded(1));
        }).await.unwrap();
        let office = other.sign_in("office").await;
        let mut client = listen(&other, &office, json!({})).await;
        let manager = app.sign_in("fgw-manager").await;
        let open = open_assignments(&manager, "市发展改革委").await;
        // As many at once as there are.
        futures_util::future::join_all(open.iter().map(async |(id, _)| acknowledge(&manager, &[id]).await)).await;
        let mut heard = Vec::new();
        for _ in &open {
            heard.push(event(&mut client).await["target"]["number"].as_i64().unwrap());
        }
        heard.sort_unstable();
        let mut expected: Vec<i64> = open.iter().map(|(_, number)| *number).collect();
        expected.sort_unstable();
        assert_eq!(heard, expected);
    }

    /// A grant that has gone takes the next event with it; the socket stays, for there is nothing wrong with the session.
    async fn a_grant_that_ends_ends_what_is_heard(app: App) {
        let (manager, elsewhere) = (app.sign_in("fgw-manager").await, app.sign_in("linhai-manager").await);
        let open = open_assignments(&manager, "市发展改革委").await;
        let others = open_assignments(&elsewhere, "临海市政府").await;
        let reporter = app.sign_in("fgw-reporter").await;
        let mut client = listen(&app, &reporter, json!({})).await;
        acknowledge(&manager, &[&open[0].0]).await;
        assert_eq!(event(&mut client).await["target"]["number"], open[0].1);
        execute(&app, &format!("UPDATE role_grant SET valid_until = '2022-06-15T04:00:00+00:00' WHERE {OF_REPORTER}")).await;
        // A target in which the other unit has no part.
        let seen = elsewhere.query("{ plan(year: 2022) { targets(first: 100) { nodes { number } } } }").await;
        let seen: Vec<_> = seen.data("/plan/targets/nodes").as_array().unwrap().iter().map(|node| node["number"].as_i64()).collect();
        let unheard = open[1..].iter().find(|(_, number)| !seen.contains(&Some(*number))).unwrap();
        acknowledge(&manager, &[&unheard.0]).await;
        settle(&mut client).await;
        // Whether it was looked at before or after: neither grant lets it be heard.
        execute(&app, &format!("UPDATE role_grant SET valid_until = NULL, unit_id = (SELECT id FROM unit WHERE name = '临海市政府') WHERE {OF_REPORTER}")).await;
        acknowledge(&elsewhere, &[&others[0].0]).await;
        assert_eq!(event(&mut client).await["target"]["number"], others[0].1);
    }

    async fn a_session_that_ends_ends_the_socket_though_nothing_happens(app: App) {
        let actor = app.sign_in("fgw-reporter").await;
        let mut client = listen(&app, &actor, json!({})).await;
        let mut other = listen(&app, &app.sign_in("fgw-reporter").await, json!({})).await;
        let answer = actor.query("mutation { signOut(input: {}) { userErrors { code } } }").await;
        assert_eq!(answer.refusals("signOut"), Vec::<String>::new());
        assert_eq!(client.heard().await, Heard::End(Some(4403)));
        // The other session goes on, until the account is disabled.
        settle(&mut other).await;
        execute(&app, "UPDATE \"user\" SET active = FALSE WHERE username = 'fgw-reporter'").await;
        assert_eq!(other.heard().await, Heard::End(Some(4403)));
    }

    async fn nobody_listens_over_http(app: App) {
        let office = app.sign_in("office").await;
        let over_http = office.ask(EVENTS, json!({})).await;
        assert_eq!(over_http.status, 400);
        assert_eq!(over_http.codes(), ["BAD_USER_INPUT"]);
    }
}
