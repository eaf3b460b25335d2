//! Somebody who asks, on a real database: for this crate's own tests.

use std::sync::Arc;

use domain::{Clock, Entropy};
use store::{Call, Opening, Origin, Password, Store, System};
use tests::{
    Backend, TestDatabase,
    database::Template,
    machine::{TestClock, TestEntropy},
    world,
};

/// A request of somebody who has signed in, and the server that it is of.
pub(crate) struct SignedIn {
    pub(crate) database: TestDatabase,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) system: System,
    pub(crate) call: Call,
}

impl SignedIn {
    /// The supervision office.
    pub(crate) async fn office() -> Self {
        let database = TestDatabase::of(Backend::Sqlite, Template::World)
            .await
            .unwrap();
        let clock = Arc::new(TestClock::default());
        let store = Store::open(Opening {
            pool: database.pool(),
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            entropy: Arc::new(TestEntropy::default()) as Arc<dyn Entropy>,
            rules: world::rules(),
            hashings_at_once: 1,
            calendar: domain::Calendar::default(),
            audit: store::AuditRules::default(),
            secrets: store::SecretKeys::default(),
        })
        .await
        .unwrap();
        let system = store.system();
        let origin = Origin::command("test");
        let password = Password::new(world::PASSWORD.to_owned());
        let tokens = system
            .sign_in("office", password, None, &origin)
            .await
            .unwrap();
        let token = Some(tokens.access_token.as_str());
        let call = system.call(token, origin).await.unwrap();
        Self {
            database,
            clock,
            system,
            call,
        }
    }
}
