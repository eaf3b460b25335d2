//! A panic ends one request: the caller gets INTERNAL with the request's ID and nothing of the inside, an act is undone, and the
//! server lives on. A clock and a randomness that break when a test says so are the way into its middle.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use chrono::{DateTime, Utc};
use domain::{Clock, Entropy};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use tests::{
    Answer, App, Backend, both, machine::TestClock, machine::TestEntropy, world::PASSWORD,
};

use super::client::Client;

/// Secret, and no caller may see it.
const WORDS: &str = "the inside of the machine";

#[derive(Default)]
struct Fragile {
    clock: TestClock,
    entropy: TestEntropy,
    clock_breaks: AtomicBool,
    /// Only where a refresh token is made: in the middle of the transaction that signs somebody in.
    token_breaks: AtomicBool,
}

impl Clock for Fragile {
    fn now(&self) -> DateTime<Utc> {
        assert!(!self.clock_breaks.load(Ordering::SeqCst), "{WORDS}");
        self.clock.now()
    }
}

impl Entropy for Fragile {
    fn fill(&self, buffer: &mut [u8]) {
        let breaks = buffer.len() == 32 && self.token_breaks.load(Ordering::SeqCst);
        assert!(!breaks, "{WORDS}");
        self.entropy.fill(buffer);
    }
}

struct Broken {
    app: App,
    machine: Arc<Fragile>,
}

impl Broken {
    async fn set_up(backend: Backend) -> Option<Self> {
        let machine = Arc::new(Fragile::default());
        let app = App::with(backend, |settings| {
            settings.clock = Arc::clone(&machine) as Arc<dyn Clock>;
            settings.entropy = Arc::clone(&machine) as Arc<dyn Entropy>;
            settings.guard.budgets = edge::BudgetRules::default();
        });
        Some(Self {
            app: app.await?,
            machine,
        })
    }

    async fn count(&self, table: &str) -> i64 {
        let db = self.app.database.connect().await;
        let statement = Statement::from_string(
            db.get_database_backend(),
            format!("SELECT count(*) AS n FROM {table}"),
        );
        let row = db.query_one_raw(statement).await.unwrap().unwrap();
        row.try_get("", "n").unwrap()
    }
}

/// What a caller sees.
fn is_internal(answer: &Answer) {
    assert_eq!(answer.status, 500, "{}", answer.text);
    let error = &answer.body["errors"][0]["extensions"];
    assert_eq!(error["code"], "INTERNAL", "{}", answer.text);
    assert_eq!(
        error["requestId"],
        answer.headers["x-request-id"].to_str().unwrap()
    );
    assert!(answer.body.get("data").is_none() && !answer.text.contains(WORDS));
}

both! {
    async fn a_panic_is_one_request_s(broken: Broken) {
        let (app, machine) = (&broken.app, &broken.machine);
        let office = app.sign_in("office").await;
        let query = "{ viewer { user { username } } }";
        // A query, a mutation, and the other routes: whatever they ask the clock.
        machine.clock_breaks.store(true, Ordering::SeqCst);
        is_internal(&office.query(query).await);
        is_internal(&office.query("mutation { signOut(input: {}) { userErrors { code } } }").await);
        for path in ["/attachments/x", "/audit/export.csv", "/.well-known/jwks.json", "/graphql?query={__typename}"] {
            let request = app.client().get(app.url(path)).bearer_auth(office.token.clone().unwrap());
            is_internal(&app.send(request).await);
        }
        machine.clock_breaks.store(false, Ordering::SeqCst);
        assert_eq!(office.query(query).await.data("/viewer/user/username"), "office");
        // In the middle of a transaction: nothing of it stays.
        let before = (broken.count("session").await, broken.count("refresh_token").await);
        machine.token_breaks.store(true, Ordering::SeqCst);
        is_internal(&app.anonymous().try_sign_in("office", PASSWORD).await);
        // Over a socket it is the operation's error, and the socket lives.
        let mut client = Client::of(app, &office).await;
        let sign_in = "mutation($p: String!) { signIn(input: { username: \"office\", password: $p }) { session { accessToken } userErrors { code } } }";
        client.ask("1", sign_in, json!({ "p": PASSWORD })).await;
        let message = client.message().await;
        assert_eq!((&message["type"], &message["id"]), (&json!("error"), &json!("1")), "{message}");
        let extensions = &message["payload"][0]["extensions"];
        assert_eq!(extensions["code"], "INTERNAL");
        assert!(extensions["requestId"].is_string() && !message.to_string().contains(WORDS));
        assert_eq!((broken.count("session").await, broken.count("refresh_token").await), before);
        machine.token_breaks.store(false, Ordering::SeqCst);
        client.ask("1", sign_in, json!({ "p": PASSWORD })).await;
        assert_eq!(client.message().await["payload"]["data"]["signIn"]["userErrors"], json!([]));
        assert_eq!(client.message().await["type"], "complete");
        client.ask("2", query, Value::Null).await;
        assert_eq!(client.message().await["type"], "next");
        let after = (broken.count("session").await, broken.count("refresh_token").await);
        assert_eq!(after, (before.0 + 1, before.1 + 1));
        // What the server does by itself goes on, too: entries still get their places in the chain.
        let audit = app.sign_in("audit").await;
        app.parts.store().system().finish_audit().await.expect("it is sealed");
        let verified = audit.query("{ auditVerification { __typename } }").await;
        assert_eq!(verified.status, 200, "{}", verified.text);
    }
}
