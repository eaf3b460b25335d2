//! Trusted documents: what a manifest holds runs, by its ID or to the letter; anything else is logged, or refused before it is parsed.

use edge::{Documents, Trust};
use serde_json::{Value, json};
use tests::{Answer, App, Backend};

use super::client::Client;

const PLAN: &str = "query Plan($year: Int!) { plan(year: $year) { year } }";
const SIGN_OUT: &str = "mutation SignOut { signOut(input: {}) { userErrors { code } } }";

fn documents(trust: Trust) -> Documents {
    let mut documents = Documents::new(trust);
    documents.add("portal", "p1", PLAN).unwrap();
    documents.add("portal", "p2", SIGN_OUT).unwrap();
    documents
}

async fn with(trust: Trust) -> App {
    let app = App::with(Backend::Sqlite, |settings| {
        settings.guard.documents = documents(trust);
    });
    app.await.expect("SQLite")
}

async fn post(app: &App, token: Option<&String>, body: Value) -> Answer {
    let mut request = app
        .client()
        .post(app.url("/graphql"))
        .header("accept", "application/graphql-response+json")
        .json(&body);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    app.send(request).await
}

/// A token of somebody, from a server that lets everything pass.
async fn token(app: &App) -> String {
    let call = app.parts.store().system();
    let password = store::Password::new(tests::world::PASSWORD.to_owned());
    let origin = store::Origin {
        request_id: "test-test".into(),
        address: None,
    };
    call.sign_in("office", password, None, &origin)
        .await
        .expect("a token")
        .access_token
}

#[tokio::test]
async fn only_trusted_documents_run_where_that_is_enforced() {
    let app = with(Trust::Enforce).await;
    let token = token(&app).await;
    let variables = json!({ "year": 2022 });
    for body in [
        json!({ "documentId": "p1", "variables": variables }),
        json!({ "documentId": "sha256:p1", "variables": variables }),
        json!({ "documentId": "p1", "query": PLAN, "variables": variables }),
        json!({ "extensions": { "persistedQuery": { "version": 1, "sha256Hash": "p1" } }, "variables": variables }),
        json!({ "id": "p1", "variables": variables }),
        json!({ "query": PLAN, "variables": variables, "operationName": "Plan" }),
    ] {
        let answer = post(&app, Some(&token), body.clone()).await;
        assert_eq!(answer.data("/plan/year"), 2022, "{body}");
    }
    for (body, code) in [
        (
            json!({ "documentId": "p3", "variables": variables }),
            "PERSISTED_QUERY_NOT_FOUND",
        ),
        (
            json!({ "documentId": "p3", "query": "{ __typename }" }),
            "UNTRUSTED_DOCUMENT",
        ),
        (
            json!({ "documentId": "p1", "query": "{ __typename }" }),
            "UNTRUSTED_DOCUMENT",
        ),
        (json!({ "query": "{ __typename }" }), "UNTRUSTED_DOCUMENT"),
        (
            json!({ "query": format!("{PLAN} ") , "variables": variables }),
            "UNTRUSTED_DOCUMENT",
        ),
        // Not parsed: neither what is no document, nor what is far too large.
        (json!({ "query": "{{{{" }), "UNTRUSTED_DOCUMENT"),
        (
            json!({ "query": "a ".repeat(100_000) }),
            "UNTRUSTED_DOCUMENT",
        ),
        // Variables of a trusted document are as good or bad as ever.
        (
            json!({ "documentId": "p1", "variables": { "year": "x" } }),
            "BAD_USER_INPUT",
        ),
        (json!({ "documentId": 7 }), "BAD_USER_INPUT"),
    ] {
        let answer = post(&app, Some(&token), body.clone()).await;
        assert_eq!(
            (answer.status.as_u16(), answer.codes(), answer.statements()),
            (400, vec![code], 0),
            "{body}"
        );
    }
    // By GET, and never a mutation.
    let get = async |query: &[(&str, &str)]| {
        let request = app
            .client()
            .get(app.url("/graphql"))
            .query(query)
            .bearer_auth(&token);
        app.send(request).await
    };
    let year = ("variables", "{\"year\":2022}");
    let persisted = (
        "extensions",
        "{\"persistedQuery\":{\"version\":1,\"sha256Hash\":\"p1\"}}",
    );
    for id in [("documentId", "p1"), ("id", "p1"), persisted] {
        assert_eq!(get(&[id, year]).await.data("/plan/year"), 2022);
    }
    assert_eq!(get(&[("documentId", "p2")]).await.status, 405);
    assert_eq!(
        get(&[("query", "{ __typename }")]).await.codes(),
        ["UNTRUSTED_DOCUMENT"]
    );
    // In parts, too.
    let parts = tests::in_parts(
        &json!({ "query": "mutation($file: Upload!) { x(file: $file) }", "variables": { "file": null } }),
        "a.txt",
        b"text",
    );
    let request = app
        .client()
        .post(app.url("/graphql"))
        .bearer_auth(&token)
        .header("content-type", "multipart/form-data; boundary=x")
        .body(parts);
    assert_eq!(app.send(request).await.codes(), ["UNTRUSTED_DOCUMENT"]);
    // And over a socket, which lives on.
    let mut client = Client::open(&app).await;
    client.init(&token).await;
    client.message().await;
    let ask = async |client: &mut Client, payload: Value| {
        client
            .say(json!({ "type": "subscribe", "id": "1", "payload": payload }))
            .await;
        let message = client.message().await;
        if message["type"] == "next" {
            client.message().await;
        }
        message
    };
    let message = ask(&mut client, json!({ "query": "{ __typename }" })).await;
    assert_eq!(
        message["payload"][0]["extensions"]["code"],
        "UNTRUSTED_DOCUMENT"
    );
    let message = ask(
        &mut client,
        json!({ "documentId": "p1", "variables": variables }),
    )
    .await;
    assert_eq!(message["payload"]["data"]["plan"]["year"], 2022);
    let message = ask(&mut client, json!({ "documentId": "p9" })).await;
    assert_eq!(
        message["payload"][0]["extensions"]["code"],
        "PERSISTED_QUERY_NOT_FOUND"
    );
}

#[tokio::test]
async fn elsewhere_other_documents_run_too() {
    for trust in [Trust::Off, Trust::Log] {
        let app = with(trust).await;
        let office = app.sign_in("office").await;
        assert_eq!(
            office
                .query("{ viewer { user { username } } }")
                .await
                .data("/viewer/user/username"),
            "office"
        );
        let body = json!({ "documentId": "p1", "variables": { "year": 2022 } });
        let answer = post(&app, office.token.as_ref(), body).await;
        assert_eq!(answer.data("/plan/year"), 2022);
        // What Apollo's client does on this code: it sends the document once more, with its text.
        let hash = json!({ "persistedQuery": { "version": 1, "sha256Hash": "nobody" } });
        let answer = post(&app, None, json!({ "extensions": hash })).await;
        assert_eq!(answer.codes(), ["PERSISTED_QUERY_NOT_FOUND"]);
        let answer = post(
            &app,
            None,
            json!({ "extensions": hash, "query": "{ __typename }" }),
        )
        .await;
        assert_eq!(answer.data("/__typename"), "Query");
    }
}

#[tokio::test]
async fn documents_that_could_not_run_stop_the_start() {
    let mut documents = documents(Trust::Enforce);
    for (id, text) in [
        ("1", "query A { nothing }"),
        ("2", "{"),
        ("3", "query C($y: String!) { plan(year: $y) { id } }"),
        (
            "4",
            "query D { plans(first: 100) { nodes { targets(first: 100) { nodes { assignments { unit { targets(first: 100) { nodes { id } } } } } } } } }",
        ),
    ] {
        documents.add("portal", id, text).unwrap();
    }
    let app = App::try_with(Backend::Sqlite, |settings| {
        settings.guard.documents = documents
    });
    let wrong = app
        .await
        .expect("SQLite")
        .err()
        .expect("a refusal")
        .inside()
        .to_owned();
    for part in [
        "portal: query A { nothing }",
        "portal: {",
        "query C",
        "query D",
        "QUERY",
    ] {
        let found = wrong.to_uppercase().contains(&part.to_uppercase());
        assert!(found, "{part} is missing in:\n{wrong}");
    }
    assert!(!wrong.contains("SignOut"), "{wrong}");
}
