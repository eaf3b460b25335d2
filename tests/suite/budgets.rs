//! Budgets of addresses, users and sign-ins, over HTTP and over sockets: what is too much is RATE_LIMITED, and nobody else suffers.

use chrono::TimeDelta;
use edge::BudgetRules;
use serde_json::{Value, json};
use tests::{Actor, Answer, App, Backend, world::PASSWORD};

use super::client::Client;

const ME: &str = "{ viewer { user { username } } }";

async fn with(budgets: BudgetRules) -> App {
    with_settings(budgets, |_| ()).await
}

async fn with_settings(budgets: BudgetRules, change: impl FnOnce(&mut api::Settings)) -> App {
    let app = App::with(Backend::Sqlite, |settings| {
        settings.guard.budgets = budgets;
        change(settings);
    });
    app.await.expect("SQLite")
}

/// What a caller sees of a budget that is used up; after how many seconds there is more.
fn limited(answer: &Answer) -> Option<u64> {
    if answer.status != 429 {
        return None;
    }
    assert_eq!(answer.codes(), ["RATE_LIMITED"], "{}", answer.text);
    assert!(answer.body.get("data").is_none(), "{}", answer.text);
    let seconds = answer.body["errors"][0]["extensions"]["retryAfter"].as_u64();
    let header = answer.headers["retry-after"].to_str().unwrap();
    assert_eq!(header.parse().ok(), seconds);
    assert!(answer.headers.contains_key("x-request-id"));
    seconds
}

async fn from(app: &App, address: &str, path: &str) -> Answer {
    let request = app
        .client()
        .get(app.url(path))
        .header("x-forwarded-for", address);
    app.send(request).await
}

#[tokio::test]
async fn the_requests_of_an_address_are_counted_before_anything_is_read() {
    let rules = BudgetRules {
        requests: 5,
        ..BudgetRules::NONE
    };
    let app = with_settings(rules, |settings| {
        settings.proxies = api::TrustedProxies::parse("127.0.0.1").unwrap();
    })
    .await;
    // Whatever the route, and whatever comes of it.
    for (path, status) in [
        ("/graphql?query={__typename}", 200),
        ("/graphql?query={", 200),
        ("/nowhere", 404),
        ("/.well-known/jwks.json", 200),
        ("/attachments/x", 401),
    ] {
        let answer = from(&app, "10.9.8.7", path).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.text);
    }
    // The body of this one is never read: it is no JSON, and too large.
    let request = app.client().post(app.url("/graphql"));
    let request = request.header("x-forwarded-for", "10.9.8.7");
    let answer = app.send(request.body("x".repeat(2_000_000))).await;
    assert_eq!(limited(&answer), Some(12));
    for path in ["/attachments/x", "/.well-known/jwks.json", "/nowhere"] {
        assert_eq!(limited(&from(&app, "10.9.8.7", path).await), Some(12));
    }
    // Who looks whether the server lives is not counted, and others have budgets of their own.
    assert_eq!(from(&app, "10.9.8.7", "/health/live").await.status, 200);
    assert_eq!(from(&app, "10.9.8.8", "/nowhere").await.status, 404);
    // Of IPv6 the network counts.
    for host in 1..=5 {
        let answer = from(&app, &format!("2001:db8::{host}"), "/nowhere").await;
        assert_eq!(answer.status, 404);
    }
    assert!(limited(&from(&app, "2001:db8::6", "/nowhere").await).is_some());
    assert_eq!(from(&app, "2001:db8:0:1::6", "/nowhere").await.status, 404);
    // Who waits as long as they are told gets on.
    app.clock.advance(TimeDelta::seconds(12));
    assert_eq!(from(&app, "10.9.8.7", "/nowhere").await.status, 404);
    assert!(limited(&from(&app, "10.9.8.7", "/nowhere").await).is_some());
}

#[tokio::test]
async fn what_operations_cost_is_each_user_s_own() {
    const DEAR: &str = "{ plan(year: 2022) { targets(first: 100) { nodes { id number text units: assignments { unit { name } } } } } }";
    let rules = BudgetRules {
        cost: 50_000,
        ..BudgetRules::NONE
    };
    let app = with(rules).await;
    let (manager, office) = (
        app.sign_in("fgw-manager").await,
        app.sign_in("office").await,
    );
    let first = manager.query(DEAR).await;
    let statements = first.statements();
    let mut served = 1;
    let refused = loop {
        let answer = manager.query(DEAR).await;
        if answer.status == 429 {
            break answer;
        }
        assert!(served < 1000, "{}", answer.text);
        served += 1;
    };
    assert!(served > 5, "{served}");
    assert!(limited(&refused).is_some());
    // Nothing ran but the look at who asks.
    assert_eq!(refused.statements(), 1);
    assert!(statements > 1);
    // A small one still passes, and so does everybody else.
    let cheap = manager.query("{ __typename }").await;
    assert!(cheap.status == 200 || limited(&cheap) == Some(1));
    assert_eq!(office.query(DEAR).await.status, 200);
    assert_eq!(app.anonymous().query(ME).await.status, 200);
    app.clock.advance(TimeDelta::seconds(60));
    assert_eq!(manager.query(DEAR).await.status, 200);
}

#[tokio::test]
async fn the_cost_is_told_to_who_asks() {
    let rules = BudgetRules {
        cost: 60_000,
        ..BudgetRules::NONE
    };
    let app = with(rules).await;
    let manager = app.sign_in("fgw-manager").await;
    let ask = async |header: Option<&str>| {
        let mut request = app
            .client()
            .post(app.url("/graphql"))
            .bearer_auth(manager.token.clone().unwrap())
            .json(&json!({ "query": "{ plan(year: 2022) { targets(first: 10) { nodes { id number } } } }" }));
        if let Some(value) = header {
            request = request.header("luoshi-cost", value);
        }
        app.send(request).await
    };
    assert_eq!(ask(None).await.body.get("extensions"), None);
    assert_eq!(ask(Some("0")).await.body.get("extensions"), None);
    let cost = ask(Some("1")).await.body["extensions"]["cost"].clone();
    // A plan, its targets, the list of them, and two fields of each of ten.
    assert_eq!(cost["requested"], 23);
    assert_eq!(cost["limit"], 50_000);
    assert_eq!(cost["remaining"], 60_000 - 3 * 23);
    assert_eq!(cost["resetAt"], "2022-06-15T04:00:00.069Z");
    // Where nothing is counted, there is nothing left to tell.
    let app = with(BudgetRules::NONE).await;
    let request = app.client().get(app.url("/graphql?query={__typename}"));
    let answer = app.send(request.header("luoshi-cost", "1")).await;
    assert_eq!(
        answer.body["extensions"]["cost"],
        json!({ "requested": 1, "limit": 50_000 })
    );
}

#[tokio::test]
async fn guessing_is_counted_by_name_and_by_address_and_listed_in_the_log() {
    let rules = BudgetRules {
        sign_ins: 8,
        sign_ins_of_name: 3,
        ..BudgetRules::NONE
    };
    let app = with(rules).await;
    let stranger = app.anonymous();
    let audit = app.sign_in("audit").await;
    // However the name is written, it is one name; and in parallel as one after the other.
    let attempts = ["office", "OFFICE", " Office ", "ｏｆｆｉｃｅ", "office"]
        .map(|name| stranger.try_sign_in(name, "wrong password"));
    let [a, b, c, d, e] = attempts;
    let (a, b, c, d, e) = tokio::join!(a, b, c, d, e);
    let refused = [a, b, c, d, e]
        .iter()
        .filter(|it| limited(it).is_some())
        .count();
    assert_eq!(refused, 2);
    // Not the right password either: nobody learns which one it would have been.
    assert!(limited(&stranger.try_sign_in("office", PASSWORD).await).is_some());
    // By an alias, in a fragment, or with the input as one variable.
    for (query, variables) in [
        (
            "mutation { a: signIn(input: { username: \"office\", password: \"x\" }) { userErrors { code } } }",
            Value::Null,
        ),
        (
            "mutation($i: SignInInput!) { ...F } fragment F on Mutation { signIn(input: $i) { userErrors { code } } }",
            json!({ "i": { "username": "office", "password": "x" } }),
        ),
    ] {
        let answer = stranger.ask(query, variables).await;
        assert!(limited(&answer).is_some(), "{}", answer.text);
    }
    // By now the address has used up its own, whatever the name.
    assert!(limited(&stranger.try_sign_in("fgw-manager", PASSWORD).await).is_some());
    let entries = audit
        .query("{ auditEntries(first: 20, filter: { actions: [\"SIGN_IN\"], outcome: REFUSED }) { nodes { changes } } }")
        .await;
    let listed = entries
        .data("/auditEntries/nodes")
        .as_array()
        .unwrap()
        .len();
    assert_eq!(listed, 6, "{}", entries.text);
    // A minute later everything is as before.
    app.clock.advance(TimeDelta::minutes(1));
    app.sign_in("fgw-manager").await;
}

/// Whoever guesses from elsewhere does not use up what the owner may try, and whoever signs in uses up nothing.
#[tokio::test]
async fn a_name_s_budget_is_each_address_s_and_failures_alone_are_charged() {
    let rules = BudgetRules {
        sign_ins_of_name: 2,
        ..BudgetRules::NONE
    };
    let app = with_settings(rules, |settings| {
        settings.proxies = api::TrustedProxies::parse("127.0.0.1").unwrap();
    })
    .await;
    let try_from = async |from: &str, password: &str| {
        let query = "mutation($p: String!) { a: signIn(input: { username: \"office\", password: $p }) { userErrors { code } } }";
        let request = app.client().post(app.url("/graphql"));
        let request = request.header("x-forwarded-for", from);
        let body = json!({ "query": query, "variables": { "p": password } });
        app.send(request.json(&body)).await
    };
    for _ in 0..2 {
        assert_eq!(try_from("10.0.0.66", "wrong").await.status, 200);
    }
    assert!(limited(&try_from("10.0.0.66", PASSWORD).await).is_some());
    for _ in 0..6 {
        let answer = try_from("10.0.0.1", PASSWORD).await;
        assert_eq!(answer.data("/a/userErrors"), &json!([]));
    }
    // Over a socket, too: two failures are left, and no more.
    let actor = app.sign_in("fgw-manager").await;
    let mut client = Client::of(&app, &actor).await;
    for (password, kind) in [
        (PASSWORD, "next"),
        (PASSWORD, "next"),
        (PASSWORD, "next"),
        ("wrong", "next"),
        ("wrong", "next"),
        (PASSWORD, "error"),
    ] {
        let query = "mutation($p: String!) { signIn(input: { username: \"audit\", password: $p }) { userErrors { code } } }";
        client.ask("1", query, json!({ "p": password })).await;
        let message = client.message().await;
        assert_eq!(message["type"], kind, "{password}: {message}");
        if kind == "next" {
            assert_eq!(client.message().await["type"], "complete");
        }
    }
}

/// Each refresh is a row for as long as the session lives: one session has so many a minute, whoever asks and however.
#[tokio::test]
async fn a_session_has_its_number_of_refreshes() {
    let rules = BudgetRules {
        sign_ins_of_name: 3,
        ..BudgetRules::NONE
    };
    let app = with(rules).await;
    let (office, other) = (app.sign_in("office").await, app.sign_in("office").await);
    let refresh = async |actor: &Actor<'_>, token: &str| {
        let query = "mutation($i: RefreshSessionInput!) { ...F } fragment F on Mutation { x: refreshSession(input: $i) { session { refreshToken } userErrors { code } } }";
        actor
            .ask(query, json!({ "i": { "refreshToken": token } }))
            .await
    };
    let next = |answer: &Answer| {
        let token = answer.data("/x/session/refreshToken").as_str();
        token.unwrap().to_owned()
    };
    let mut token = office.refresh_token.clone();
    for _ in 0..3 {
        token = next(&refresh(&app.anonymous(), &token).await);
    }
    // As a stranger, signed in as somebody else, and over a socket.
    for actor in [&app.anonymous(), &office, &other] {
        assert_eq!(limited(&refresh(actor, &token).await), Some(20));
    }
    let mut client = Client::of(&app, &other).await;
    let query = "mutation($t: String!) { refreshSession(input: { refreshToken: $t }) { userErrors { code } } }";
    client.ask("1", query, json!({ "t": token })).await;
    assert_eq!(client.message().await["type"], "error");
    let audit = app.sign_in("audit").await;
    let entries = audit
        .query("{ auditEntries(first: 20, filter: { actions: [\"REFRESH_SESSION\"], outcome: REFUSED }) { nodes { objectType } } }")
        .await;
    let listed = entries.data("/auditEntries/nodes").as_array().unwrap();
    assert_eq!(listed.len(), 4, "{}", entries.text);
    // Others have their own, what is no token is refused as ever, and a third of a minute later there is one more.
    next(&refresh(&office, &other.refresh_token).await);
    let nonsense = refresh(&app.anonymous(), "nonsense").await;
    assert_eq!(nonsense.refusals("x"), ["INVALID"]);
    app.clock.advance(TimeDelta::seconds(20));
    token = next(&refresh(&app.anonymous(), &token).await);
    assert!(limited(&refresh(&app.anonymous(), &token).await).is_some());
}

/// Whoever is signed in has no more passwords hashed than whoever tries to be: the acts that ask for theirs are counted as sign-ins.
#[tokio::test]
async fn proving_one_s_password_is_counted_under_one_s_name() {
    let rules = BudgetRules {
        sign_ins_of_name: 3,
        ..BudgetRules::NONE
    };
    let app = with(rules).await;
    let (manager, office) = (
        app.sign_in("fgw-manager").await,
        app.sign_in("office").await,
    );
    let change = "mutation($n: String!) { ...F } fragment F on Mutation { x: changePassword(input: { currentPassword: \"wrong\", newPassword: $n }) { userErrors { code } } }";
    for new in ["a long enough one", "another long one"] {
        let answer = manager.ask(change, json!({ "n": new })).await;
        assert_eq!(answer.data("/x/userErrors/0/code"), "INVALID");
    }
    // What succeeds costs as much to hash, and as much of the budget.
    let begin = format!(
        "mutation {{ beginSecondFactor(input: {{ currentPassword: \"{PASSWORD}\" }}) {{ secret userErrors {{ code }} }} }}"
    );
    let begun = manager.query(&begin).await;
    assert!(begun.data("/beginSecondFactor/secret").is_string());
    for query in [
        change,
        begin.as_str(),
        "mutation { endSecondFactor(input: { currentPassword: \"x\", code: \"1\" }) { userErrors { code } } }",
        "mutation { replaceRecoveryCodes(input: { currentPassword: \"x\", code: \"1\" }) { userErrors { code } } }",
    ] {
        let answer = manager
            .ask(query, json!({ "n": "a long enough one" }))
            .await;
        assert!(limited(&answer).is_some(), "{query}: {}", answer.text);
    }
    let mut client = Client::of(&app, &manager).await;
    client.ask("1", &begin, Value::Null).await;
    let message = client.message().await;
    assert_eq!(message["payload"][0]["extensions"]["code"], "RATE_LIMITED");
    let entry = crate::audit::newest(&app, "CHANGE_PASSWORD").await;
    assert_eq!(entry.username.as_deref(), Some("fgw-manager"));
    assert_eq!(entry.changes, json!({ "reasons": ["RATE_LIMITED"] }));
    // Others have their own.
    let answer = office
        .ask(change, json!({ "n": "a long enough one" }))
        .await;
    assert_eq!(answer.data("/x/userErrors/0/code"), "INVALID");
    let nobody = app
        .anonymous()
        .ask(change, json!({ "n": "a long enough one" }))
        .await;
    assert_eq!(nobody.codes(), ["UNAUTHENTICATED"]);
}

#[tokio::test]
async fn an_operation_that_is_too_much_is_an_error_and_the_socket_lives() {
    let rules = BudgetRules {
        requests: 6,
        ..BudgetRules::NONE
    };
    let app = with(rules).await;
    let actor = app.sign_in("fgw-manager").await;
    let mut client = Client::of(&app, &actor).await;
    // Two requests are gone: to sign in, and for the socket.
    for id in ["1", "2", "3", "4"] {
        client.ask(id, "{ __typename }", Value::Null).await;
        assert_eq!(client.message().await["type"], "next");
        assert_eq!(client.message().await["type"], "complete");
    }
    client.ask("5", "{ __typename }", Value::Null).await;
    let message = client.message().await;
    assert_eq!(
        (&message["type"], &message["id"]),
        (&json!("error"), &json!("5"))
    );
    let extensions = &message["payload"][0]["extensions"];
    assert_eq!(extensions["code"], "RATE_LIMITED");
    assert_eq!(extensions["retryAfter"], 10);
    app.clock.advance(TimeDelta::seconds(10));
    client.ask("5", "{ __typename }", Value::Null).await;
    assert_eq!(client.message().await["type"], "next");
    assert_eq!(client.message().await["type"], "complete");
    // A new token on an old socket asks the database: that is counted, too.
    let token = actor.token.clone().unwrap();
    client
        .say(json!({ "type": "ping", "payload": super::client::bearer(&token) }))
        .await;
    assert_eq!(client.end().await, Some(1013));
}

#[tokio::test]
async fn a_socket_s_operations_cost_and_sign_in_as_others_do() {
    let rules = BudgetRules {
        cost: 50_000,
        sign_ins_of_name: 1,
        ..BudgetRules::NONE
    };
    let app = with(rules).await;
    let actor = app.sign_in("fgw-manager").await;
    let mut client = Client::of(&app, &actor).await;
    let guess = "mutation { signIn(input: { username: \"fgw-manager\", password: \"x\" }) { userErrors { code } } }";
    // The one that succeeded cost nothing; one failure is free.
    client.ask("0", guess, Value::Null).await;
    assert_eq!(client.message().await["type"], "next");
    assert_eq!(client.message().await["type"], "complete");
    client.ask("1", guess, Value::Null).await;
    let message = client.message().await;
    assert_eq!(message["type"], "error", "{message}");
    assert_eq!(message["payload"][0]["extensions"]["code"], "RATE_LIMITED");
    let dear =
        "{ plans(first: 100) { nodes { targets(first: 100) { nodes { id number text } } } } }";
    client.ask("2", dear, Value::Null).await;
    assert_eq!(client.message().await["type"], "next");
    assert_eq!(client.message().await["type"], "complete");
    client.ask("3", dear, Value::Null).await;
    let message = client.message().await;
    assert_eq!(message["type"], "error", "{message}");
    assert_eq!(message["payload"][0]["extensions"]["code"], "RATE_LIMITED");
    // Over HTTP the user has no other budget.
    assert!(limited(&actor.query(dear).await).is_some());
    client.ask("4", ME, Value::Null).await;
    assert_eq!(client.message().await["type"], "next");
}

#[tokio::test]
async fn the_cost_is_told_when_it_is_why_nothing_runs() {
    let rules = BudgetRules {
        cost: 60_000,
        ..BudgetRules::NONE
    };
    let app = with(rules).await;
    let manager = app.sign_in("fgw-manager").await;
    let ask = async |header: &str, query: &str| {
        let request = app.client().post(app.url("/graphql"));
        let request = request.bearer_auth(manager.token.clone().unwrap());
        let request = request.header("luoshi-cost", header);
        app.send(request.json(&json!({ "query": query }))).await
    };
    let dear = "{ plans(first: 100) { nodes { targets(first: 100) { nodes { id number text dueDate } } } } }";
    let half =
        "{ plans(first: 100) { nodes { targets(first: 100) { nodes { id number text } } } } }";
    // One that costs too much for anybody: nobody was asked what is left.
    let too_dear = dear.replace("dueDate", "dueDate light state");
    let refused = ask("1", &too_dear).await;
    assert_eq!(refused.codes(), ["QUERY_TOO_COMPLEX"]);
    assert_eq!(
        refused.body["extensions"]["cost"],
        json!({ "requested": 60_202, "limit": 50_000 })
    );
    assert_eq!(ask("0", &too_dear).await.body.get("extensions"), None);
    assert_eq!(ask("1", half).await.status, 200);
    let refused = ask("1", dear).await;
    assert!(limited(&refused).is_some());
    let cost = &refused.body["extensions"]["cost"];
    assert_eq!(cost["requested"], 40_202, "{}", refused.text);
    let left = cost["remaining"].as_u64().unwrap();
    assert!((29_000..30_000).contains(&left), "{}", refused.text);
    assert!(cost["resetAt"].is_string());
    assert_eq!(ask("0", dear).await.body.get("extensions"), None);
}

#[tokio::test]
async fn files_and_exports_are_their_user_s_to_pay() {
    let rules = BudgetRules {
        cost: 3500,
        ..BudgetRules::NONE
    };
    let app = with(rules).await;
    for (name, path, served) in [
        ("audit", "/audit/export.csv", 200),
        ("office", "/attachments/x", 404),
    ] {
        let token = app.sign_in(name).await.token.unwrap();
        let get = async || {
            let request = app.client().get(app.url(path));
            app.send(request.bearer_auth(&token)).await
        };
        for _ in 0..3 {
            assert_eq!(get().await.status, served, "{path}");
        }
        assert!(limited(&get().await).is_some(), "{path}");
    }
    // Who is nobody is told so, and pays nothing.
    for _ in 0..5 {
        let request = app.client().get(app.url("/attachments/x"));
        assert_eq!(app.send(request).await.status, 401);
    }
}

/// However many addresses try a name, there is one budget above theirs.
#[tokio::test]
async fn a_name_has_a_looser_budget_over_all_addresses() {
    let rules = BudgetRules {
        sign_ins_of_name: 1,
        ..BudgetRules::NONE
    };
    let app = with_settings(rules, |settings| {
        settings.proxies = api::TrustedProxies::parse("127.0.0.1").unwrap();
    })
    .await;
    let try_from = async |host: usize| {
        let query = "mutation { signIn(input: { username: \"nobody\", password: \"x\" }) { userErrors { code } } }";
        let request = app.client().post(app.url("/graphql"));
        let request = request.header("x-forwarded-for", format!("10.0.1.{host}"));
        app.send(request.json(&json!({ "query": query }))).await
    };
    for host in 1..=10 {
        assert_eq!(try_from(host).await.status, 200);
    }
    assert!(limited(&try_from(11).await).is_some());
}

/// A department at half past eight, behind one address, with a clock that stands still.
#[tokio::test]
async fn the_defaults_leave_a_department_alone() {
    let app = with(BudgetRules::default()).await;
    for _ in 0..10 {
        let manager = app.sign_in("fgw-manager").await;
        for _ in 0..20 {
            let answer = manager
                .ask(
                    &super::contract::operation("MyTargets"),
                    json!({ "year": 2022, "first": 50 }),
                )
                .await;
            assert_eq!(answer.status, 200, "{}", answer.text);
        }
    }
}
