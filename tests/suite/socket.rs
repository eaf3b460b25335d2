//! GraphQL over WebSocket: a client that speaks `graphql-transport-ws`, and every way in which the server ends it.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use futures_util::SinkExt;
use serde_json::{Value, json};
use tests::{App, both, machine::TestEntropy, world::PASSWORD};
use tokio::io::AsyncReadExt;
use tokio_tungstenite::{
    MaybeTlsStream,
    tungstenite::{Bytes, Error, Message},
};

use super::client::{Client, Heard, bearer};

fn subscribe(id: &str, query: &str, variables: Value) -> Value {
    let payload = json!({ "query": query, "variables": variables });
    json!({ "type": "subscribe", "id": id, "payload": payload })
}

/// The status with which an upgrade is refused.
async fn refused(app: &App, protocol: Option<&'static str>) -> u16 {
    match Client::try_open(app, protocol).await {
        Err(Error::Http(response)) => response.status().as_u16(),
        Err(other) => panic!("{other}"),
        Ok(_) => 101,
    }
}

/// Takes a while: a password is hashed.
const SLOW: &str = "mutation($p: String!) { signIn(input: { username: \"nobody-at-all\", password: $p }) { userErrors { code } } }";
const MINE: &str = "{ viewer { user { username } } plan(year: 2022) { targets(first: 3) { totalCount nodes { id number } } } }";

both! {
    async fn an_operation_answers_as_it_does_over_http(app: App) {
        let actor = app.sign_in("fgw-manager").await;
        let mut client = Client::of(&app, &actor).await;
        client.say(json!({ "type": "ping" })).await;
        assert_eq!(client.message().await, json!({ "type": "pong" }));
        client.ask("1", MINE, Value::Null).await;
        let expected = actor.query(MINE).await.body;
        assert_eq!(expected["data"]["plan"]["targets"]["totalCount"], 39);
        assert_eq!(client.message().await, json!({ "type": "next", "id": "1", "payload": expected }));
        assert_eq!(client.message().await, json!({ "type": "complete", "id": "1" }));
        // The ID is free again, and a mutation is as good as a query.
        client.ask("1", SLOW, json!({ "p": "x" })).await;
        assert_eq!(client.message().await["payload"]["data"]["signIn"]["userErrors"][0]["code"], "INVALID");
        assert_eq!(client.message().await["type"], "complete");
        // What a client wants no more of ends without a word.
        client.send_together(&[subscribe("1", SLOW, json!({ "p": "x" })), json!({ "type": "complete", "id": "1" })]).await;
        client.ask("2", "{ __typename }", Value::Null).await;
        assert_eq!(client.message().await, json!({ "type": "next", "id": "2", "payload": { "data": { "__typename": "Query" } } }));
        // Two at once.
        client.ask("3", SLOW, json!({ "p": "x" })).await;
        client.ask("4", MINE, Value::Null).await;
        let mut ended = Vec::new();
        while ended.len() < 3 {
            let message = client.message().await;
            if message["type"] == "complete" {
                ended.push(message["id"].as_str().unwrap().to_owned());
            }
        }
        ended.sort();
        assert_eq!(ended, ["2", "3", "4"]);
    }

    async fn a_document_that_is_refused_is_an_error_of_its_operation(app: App) {
        let actor = app.sign_in("fgw-manager").await;
        let mut client = Client::of(&app, &actor).await;
        let deep = format!("{{ plan(year: 2022) {{ sections {{ {} id {} }} }} }}", "children { ".repeat(20), " }".repeat(20));
        for (query, variables, code) in [
            ("{", Value::Null, "BAD_USER_INPUT"),
            ("", Value::Null, "BAD_USER_INPUT"),
            ("{ nothing }", Value::Null, "BAD_USER_INPUT"),
            ("subscription { nothing }", Value::Null, "BAD_USER_INPUT"),
            ("subscription { __typename }", Value::Null, "BAD_USER_INPUT"),
            ("query($y: Int!) { plan(year: $y) { id } }", json!({ "y": "x" }), "BAD_USER_INPUT"),
            (&deep, Value::Null, "QUERY_TOO_COMPLEX"),
        ] {
            client.ask("1", query, variables).await;
            let message = client.message().await;
            assert_eq!((&message["type"], &message["id"]), (&json!("error"), &json!("1")), "{query}: {message}");
            assert_eq!(message["payload"][0]["extensions"]["code"], code, "{query}: {message}");
        }
        // The socket lives on, and an error of a field is no error of the operation.
        client.ask("1", "{ nodes(ids: [\"x\"]) { id } plan(year: 1) { id } }", Value::Null).await;
        assert_eq!(client.message().await["type"], "next");
    }

    async fn ends(app: App) {
        let actor = app.sign_in("fgw-manager").await;
        let token = actor.token.clone().unwrap();
        let init = json!({ "type": "connection_init", "payload": bearer(&token) });
        let ask = subscribe("1", SLOW, json!({ "p": "x" }));
        let other = app.sign_in("office").await.token.unwrap();
        let broken = format!("{token}x");
        let cases = [
            (vec![json!({ "type": "connection_init" })], 4403),
            (vec![json!({ "type": "connection_init", "payload": bearer(&broken) })], 4403),
            (vec![json!({ "type": "connection_init", "payload": { "authorization": token } })], 4403),
            (vec![ask.clone()], 4401),
            (vec![init.clone(), init.clone()], 4429),
            (vec![init.clone(), ask.clone(), ask.clone()], 4409),
            (vec![init.clone(), json!({ "type": "start", "id": "1" })], 4400),
            (vec![init.clone(), json!({ "type": "subscribe", "id": "1", "payload": { "query": 7 } })], 4400),
            // A new token must be of the same user and session.
            (vec![init.clone(), json!({ "type": "ping", "payload": bearer(&other) })], 4403),
            (vec![init.clone(), json!({ "type": "ping", "payload": bearer(&broken) })], 4403),
            (vec![init.clone(), json!({ "type": "subscribe", "id": "1", "payload": { "query": "x".repeat(70_000) } })], 1009),
        ];
        for (messages, code) in cases {
            let mut client = Client::open(&app).await;
            client.send_together(&messages).await;
            assert_eq!(client.end().await, Some(code), "{messages:?}");
        }
        let mut client = Client::of(&app, &actor).await;
        client.0.send(Message::binary(Bytes::from_static(b"{}"))).await.unwrap();
        assert_eq!(client.end().await, Some(4400));
    }

    async fn a_token_that_expires_ends_the_socket_unless_a_new_one_comes(app: App) {
        let actor = app.sign_in("fgw-manager").await;
        let mut stays = Client::of(&app, &actor).await;
        let mut goes = Client::of(&app, &actor).await;
        app.clock.advance(TimeDelta::minutes(14));
        let renewed = actor.ask(
            "mutation($t: String!) { refreshSession(input: { refreshToken: $t }) { session { accessToken } userErrors { code } } }",
            json!({ "t": actor.refresh_token }),
        ).await;
        let token = renewed.data("/refreshSession/session/accessToken").as_str().unwrap().to_owned();
        stays.say(json!({ "type": "ping", "payload": bearer(&token) })).await;
        assert_eq!(stays.message().await, json!({ "type": "pong" }));
        app.clock.advance(TimeDelta::minutes(2));
        // Nothing is said, and it ends all the same.
        assert_eq!(goes.end().await, Some(4403));
        stays.ask("1", "{ viewer { user { username } } }", Value::Null).await;
        assert_eq!(stays.message().await["payload"]["data"]["viewer"]["user"]["username"], "fgw-manager");
        app.clock.advance(TimeDelta::minutes(15));
        assert_eq!(stays.end().await, Some(4403));
    }

    async fn an_operation_asks_anew_who_may(app: App) {
        let actor = app.sign_in("fgw-manager").await;
        let mut client = Client::of(&app, &actor).await;
        actor.query("mutation { signOut(input: {}) { userErrors { code } } }").await;
        client.ask("1", MINE, Value::Null).await;
        assert_eq!(client.heard().await, Heard::End(Some(4403)));
    }

    async fn sockets_have_rules(app: App) {
        let backend = app.database.backend;
        // Only one protocol is spoken.
        for protocol in [None, Some("graphql-ws"), Some("x")] {
            assert_eq!(refused(&app, protocol).await, 400);
        }
        assert_eq!(refused(&app, Some("graphql-ws, graphql-transport-ws")).await, 101);
        let plain = app.client().get(app.url("/graphql")).header("upgrade", "websocket");
        assert_eq!(app.send(plain).await.status, 400);

        let narrow = App::with(backend, |settings| {
            settings.sockets.most = 1;
            settings.sockets.init = Duration::from_secs(5);
            settings.limits.operations = 1;
        }).await.unwrap();
        // Whoever says nothing has no place for long, and the place is free again.
        let mut client = Client::open(&narrow).await;
        assert_eq!(refused(&narrow, Some("graphql-transport-ws")).await, 503);
        assert_eq!(client.end().await, Some(4408));
        drop(client);
        let actor = narrow.sign_in("office").await;
        let mut client = loop {
            match Client::try_open(&narrow, Some("graphql-transport-ws")).await {
                Ok(client) => break client,
                Err(_) => tokio::task::yield_now().await,
            }
        };
        client.init(actor.token.as_deref().unwrap()).await;
        assert_eq!(client.message().await["type"], "connection_ack");
        // One operation at once: the other is refused, and nothing else happens.
        client.send_together(&[subscribe("1", SLOW, json!({ "p": PASSWORD })), subscribe("2", MINE, Value::Null)]).await;
        let message = client.message().await;
        assert_eq!((&message["type"], &message["id"]), (&json!("error"), &json!("2")));
        assert_eq!(message["payload"][0]["extensions"]["code"], "QUERY_TOO_COMPLEX");
        assert_eq!(client.message().await["type"], "next");
        // The server stops: everybody goes, and nobody comes.
        narrow.parts.stop_sockets();
        assert_eq!(client.end().await, Some(1001));
        narrow.parts.sockets_stopped().await;
        assert_eq!(refused(&narrow, Some("graphql-transport-ws")).await, 503);
        assert_eq!(actor.query("{ __typename }").await.status, 200);
    }

    async fn a_user_and_an_address_have_their_number_of_sockets_and_subscriptions(app: App) {
        let narrow = App::with(app.database.backend, |settings| {
            settings.sockets.of_address = 3;
            settings.sockets.of_user = 2;
            settings.sockets.subscriptions_of_user = 3;
            settings.proxies = api::TrustedProxies::parse("127.0.0.1").unwrap();
        }).await.unwrap();
        let (office, manager) = (narrow.sign_in("office").await, narrow.sign_in("fgw-manager").await);
        let mut one = Client::of(&narrow, &office).await;
        let mut two = Client::of(&narrow, &office).await;
        // One more of the user: the client may come back.
        let mut third = Client::open(&narrow).await;
        third.init(office.token.as_deref().unwrap()).await;
        assert_eq!(third.end().await, Some(1013));
        drop(third);
        // One more of the address is refused, whoever it is.
        let _other = loop {
            match Client::try_open(&narrow, Some("graphql-transport-ws")).await {
                Ok(mut client) => {
                    client.init(manager.token.as_deref().unwrap()).await;
                    assert_eq!(client.message().await["type"], "connection_ack");
                    break client;
                }
                Err(_) => tokio::task::yield_now().await,
            }
        };
        assert_eq!(refused(&narrow, Some("graphql-transport-ws")).await, 503);
        // Subscriptions are counted on all sockets together; other operations are not.
        let events = "subscription { events { id } }";
        for (client, ids) in [(&mut one, &["1", "2"][..]), (&mut two, &["1"])] {
            for id in ids {
                client.ask(id, events, Value::Null).await;
            }
            client.ask("q", "{ __typename }", Value::Null).await;
            assert_eq!(client.message().await["type"], "next");
            assert_eq!(client.message().await["type"], "complete");
        }
        two.ask("2", events, Value::Null).await;
        let message = two.message().await;
        assert_eq!((&message["type"], &message["id"]), (&json!("error"), &json!("2")));
        assert_eq!(message["payload"][0]["extensions"], json!({ "code": "QUERY_TOO_COMPLEX", "limit": 3 }));
        // One that ends has left its place before the next message is read.
        for id in 2..50 {
            one.send_together(&[
                json!({ "type": "complete", "id": id.to_string() }),
                subscribe(&(id + 1).to_string(), events, Value::Null),
            ]).await;
        }
        one.ask("q", "{ __typename }", Value::Null).await;
        let message = one.message().await;
        assert_eq!((&message["type"], &message["id"]), (&json!("next"), &json!("q")), "{message}");
    }

    /// Operations over sockets are counted with the requests: from the document on, until the answer is there.
    async fn operations_beyond_the_number_at_once_are_errors(app: App) {
        let office = app.sign_in("office").await;
        let events = "subscription { events { id } }";
        let server = async |most| {
            let pool = app.database.pool();
            App::with(app.database.backend, |settings| {
                settings.pool = pool;
                settings.entropy = Arc::new(TestEntropy::seeded(1));
                settings.guard.requests = api::Requests(most);
            }).await.unwrap()
        };
        let refused = |message: &Value, id: &str| {
            assert_eq!((&message["type"], &message["id"]), (&json!("error"), &json!(id)), "{message}");
            assert_eq!(message["payload"][0]["extensions"], json!({ "code": "UNAVAILABLE" }));
        };
        let none = server(0).await;
        let mut client = Client::of(&none, &office).await;
        // Not even read.
        for query in ["{ __typename }", SLOW, events, "{"] {
            client.ask("1", query, json!({ "p": "x" })).await;
            refused(&client.message().await, "1");
        }
        let one = server(1).await;
        let mut client = Client::of(&one, &office).await;
        for _ in 0..3 {
            client.send_together(&[subscribe("1", SLOW, json!({ "p": "x" })), subscribe("2", MINE, Value::Null), subscribe("3", events, Value::Null)]).await;
            refused(&client.message().await, "2");
            refused(&client.message().await, "3");
            assert_eq!(client.message().await["type"], "next");
            assert_eq!(client.message().await, json!({ "type": "complete", "id": "1" }));
        }
        // A subscription has a place until it waits, and its events have others.
        for id in ["a", "b"] {
            client.ask(id, events, Value::Null).await;
            let free = async {
                loop {
                    client.ask("q", "{ __typename }", Value::Null).await;
                    let message = client.message().await;
                    if message["type"] == "next" {
                        break assert_eq!(client.message().await["type"], "complete");
                    }
                    refused(&message, "q");
                }
            };
            tokio::time::timeout(Duration::from_secs(20), free).await.expect("a place");
        }
        while one.parts.store().listeners() < 2 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        let manager = app.sign_in("fgw-manager").await;
        let open = crate::events::open_assignments(&manager, "市发展改革委").await;
        crate::events::acknowledge(&manager, &[&open[0].0]).await;
        let mut heard = [client.message().await, client.message().await].map(|message| message["id"].clone());
        heard.sort_by_key(ToString::to_string);
        assert_eq!(heard, ["a", "b"]);
    }

    async fn whoever_gives_no_sign_of_life_is_gone(app: App) {
        let app = App::with(app.database.backend, |settings| settings.sockets.keep_alive = Duration::from_secs(4)).await.unwrap();
        let actor = app.sign_in("office").await;
        let mut client = Client::of(&app, &actor).await;
        // The client's library answers pings when it reads; this reads past it.
        let MaybeTlsStream::Plain(stream) = client.0.get_mut() else { panic!("no TLS here") };
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await.unwrap();
        assert!(bytes.starts_with(&[0x89, 0]), "a ping: {bytes:?}");
        let [0x88, _, high, low, ..] = bytes[2..] else { panic!("a close: {bytes:?}") };
        assert_eq!(u16::from_be_bytes([high, low]), 1013);
    }

    async fn whoever_does_not_read_is_gone(app: App) {
        let app = App::with(app.database.backend, |settings| settings.sockets.send = Duration::from_millis(300)).await.unwrap();
        let actor = app.sign_in("office").await;
        let mut client = Client::of(&app, &actor).await;
        let all = "{ plan(year: 2022) { targets(first: 100) { nodes { id text assignments { unit { name } } } } } }";
        // Until the server has ended it, which it must: nothing holds what is not read.
        let asking = async {
            for id in 0.. {
                let ask = subscribe(&id.to_string(), all, Value::Null);
                if client.0.send(Message::text(ask.to_string())).await.is_err() {
                    break;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(60), asking).await.expect("the end");
        // The server has its place back, and is well.
        app.parts.stop_sockets();
        app.parts.sockets_stopped().await;
        assert_eq!(actor.query("{ __typename }").await.status, 200);
    }
}
