//! Failed sign-ins lock an account for the address they come from, and from many addresses for all.

use chrono::TimeDelta;
use serde_json::{Value, json};
use tests::{Answer, App, Backend, both, world::PASSWORD};

/// A server behind a proxy that it believes.
struct Behind(App);

impl Behind {
    async fn set_up(backend: Backend) -> Option<Self> {
        let app = App::with(backend, |settings| {
            settings.proxies = api::TrustedProxies::parse("127.0.0.1").unwrap();
        });
        app.await.map(Self)
    }

    async fn sign_in(&self, from: &str, name: &str, password: &str) -> Answer {
        let query = "mutation($n: String!, $p: String!) { signIn(input: { username: $n, password: $p }) { session { accessToken } userErrors { code field message } } }";
        let body = json!({ "query": query, "variables": { "n": name, "p": password } });
        let request = self.0.client().post(self.0.url("/graphql"));
        let request = request.header("x-forwarded-for", from).json(&body);
        self.0.send(request).await
    }

    async fn fail(&self, from: &str, name: &str, times: usize) {
        for _ in 0..times {
            assert!(!self.passes_with(from, name, "wrong").await);
        }
    }

    async fn passes(&self, from: &str, name: &str) -> bool {
        self.passes_with(from, name, PASSWORD).await
    }

    async fn passes_with(&self, from: &str, name: &str, password: &str) -> bool {
        let answer = self.sign_in(from, name, password).await;
        answer.data("/signIn/session").is_object()
    }
}

async fn locked(app: &App) -> Value {
    let security = app.sign_in("security").await;
    let query = "{ users(filter: { locked: true }) { nodes { username lockedUntil } } }";
    security.query(query).await.data("/users/nodes").clone()
}

async fn rows(app: &App) -> i64 {
    use sea_orm::{ConnectionTrait, Statement};
    let db = app.database.connect().await;
    let count = "SELECT COUNT(*) AS n FROM sign_in_failure";
    let statement = Statement::from_string(db.get_database_backend(), count);
    let row = db.query_one_raw(statement).await.unwrap().unwrap();
    row.try_get("", "n").unwrap()
}

const OWNER: &str = "10.0.0.1";
const THIEF: &str = "10.0.0.66";

both! {
    async fn who_fails_elsewhere_does_not_keep_the_owner_out(behind: Behind) {
        for name in ["fgw-manager", "security"] {
            behind.fail(THIEF, name, 5).await;
            // There the right password is of no use, and the answer says nothing.
            let refused = behind.sign_in(THIEF, name, PASSWORD).await;
            assert_eq!(refused.body, behind.sign_in(THIEF, "nobody-at-all", PASSWORD).await.body);
            assert!(behind.passes(OWNER, name).await);
            // Nor has the owner's success let the other one in.
            assert!(!behind.passes(THIEF, name).await);
            // Who goes on while the address is locked is not counted on.
            behind.fail(THIEF, name, 60).await;
            assert!(behind.passes(OWNER, name).await);
        }
        let names = locked(&behind.0).await;
        assert_eq!(names, json!([
            { "username": "security", "lockedUntil": "2022-06-15T04:15:00Z" },
            { "username": "fgw-manager", "lockedUntil": "2022-06-15T04:15:00Z" },
        ]));
        behind.0.clock.advance(TimeDelta::minutes(15));
        assert!(behind.passes(THIEF, "fgw-manager").await);
        assert_eq!(locked(&behind.0).await, json!([]));
    }

    async fn the_owner_s_own_failures_count_for_the_owner(behind: Behind) {
        behind.fail(OWNER, "office", 4).await;
        // Neither a success nor failures elsewhere begin the count anew, nor a few hours.
        assert!(behind.passes("10.0.0.2", "office").await);
        behind.fail("10.0.0.2", "office", 4).await;
        behind.0.clock.advance(TimeDelta::hours(5));
        behind.fail(OWNER, "office", 1).await;
        assert!(!behind.passes(OWNER, "office").await);
        assert!(behind.passes("10.0.0.2", "office").await);
        // A network of IPv6 is one address, and so is an IPv4 address in the form of IPv6.
        for host in 1..=5 {
            behind.fail(&format!("2001:db8::{host}"), "office", 1).await;
        }
        assert!(!behind.passes("2001:db8::77", "office").await);
        assert!(behind.passes("2001:db8:0:1::77", "office").await);
        assert!(!behind.passes("::ffff:10.0.0.1", "office").await);
    }

    async fn many_addresses_together_lock_the_account_for_all(behind: Behind) {
        for host in 1..=9 {
            behind.fail(&format!("10.9.0.{host}"), "office", 5).await;
        }
        behind.fail("10.9.0.10", "office", 4).await;
        assert!(behind.passes(OWNER, "office").await);
        behind.fail("10.9.0.11", "office", 1).await;
        let locked = behind.sign_in(OWNER, "office", PASSWORD).await;
        assert_eq!(locked.body, behind.sign_in(OWNER, "nobody-at-all", PASSWORD).await.body);
        // Whoever goes on, from wherever, neither prolongs it nor fills the table.
        let kept = rows(&behind.0).await;
        for host in 1..=20 {
            behind.fail(&format!("10.8.0.{host}"), "office", 1).await;
        }
        assert_eq!(rows(&behind.0).await, kept);
        assert!(behind.passes(OWNER, "fgw-manager").await, "others' accounts are theirs");
        behind.0.clock.advance(TimeDelta::minutes(15) - TimeDelta::seconds(1));
        assert!(!behind.passes(OWNER, "office").await);
        behind.0.clock.advance(TimeDelta::seconds(1));
        assert!(behind.passes(OWNER, "office").await);
        // What was long ago is forgotten, with the next attempt.
        behind.0.clock.advance(TimeDelta::days(1));
        assert!(behind.passes(OWNER, "office").await);
        assert_eq!(rows(&behind.0).await, 0);
    }

    async fn failures_that_count_no_more_go_with_the_sweep_of_the_day(behind: Behind) {
        let sweep = async |how| {
            let on = domain::clock::day(domain::Clock::now(&*behind.0.clock));
            behind.0.parts.store().system().sweep(on, how).await.unwrap()
        };
        behind.fail(OWNER, "fgw-manager", 5).await;
        behind.fail(THIEF, "security", 1).await;
        behind.0.clock.advance(TimeDelta::hours(23));
        behind.fail(THIEF, "office", 4).await;
        // What may count still is kept: both addresses of yesterday until a day has passed.
        behind.0.clock.advance(TimeDelta::minutes(59) + TimeDelta::seconds(59));
        sweep(store::Sweep::OnDemand).await;
        assert_eq!(rows(&behind.0).await, 3);
        behind.0.clock.advance(TimeDelta::seconds(1));
        sweep(store::Sweep::DryRun).await;
        assert_eq!(rows(&behind.0).await, 3, "looking changes nothing");
        sweep(store::Sweep::OnDemand).await;
        assert_eq!(rows(&behind.0).await, 1);
        let told = crate::parties::audited(&behind.0, "SWEEP").await;
        let told: Vec<&Value> = told.iter().map(|entry| &entry.changes["signInFailures"]).collect();
        assert_eq!(told, [&json!(0), &json!(2)]);
        // The account's that was tried an hour ago still counts: one more failure locks it.
        behind.fail(THIEF, "office", 1).await;
        assert!(!behind.passes(THIEF, "office").await);
        assert!(behind.passes(THIEF, "security").await && behind.passes(OWNER, "fgw-manager").await);
        behind.0.clock.advance(TimeDelta::days(1));
        assert!(!sweep(store::Sweep::Daily).await.done_before);
        assert_eq!(rows(&behind.0).await, 0);
    }

    async fn unlocking_is_for_every_address(behind: Behind) {
        for host in 1..=10 {
            behind.fail(&format!("10.9.0.{host}"), "office", 5).await;
        }
        assert!(!behind.passes(OWNER, "office").await);
        let security = behind.0.sign_in("security").await;
        let id = security.query("{ users(filter: { locked: true }) { nodes { id } } }").await.data("/users/nodes/0/id").clone();
        let unlock = "mutation($id: ID!) { unlockUser(input: { userId: $id }) { user { lockedUntil } userErrors { code } } }";
        let unlocked = security.ask(unlock, json!({ "id": id })).await;
        assert_eq!(unlocked.data("/unlockUser"), &json!({ "user": { "lockedUntil": null }, "userErrors": [] }));
        assert_eq!(rows(&behind.0).await, 0);
        for from in [OWNER, "10.9.0.1", "10.9.0.10"] {
            assert!(behind.passes(from, "office").await, "{from}");
        }
        // One address alone is unlocked as well, and the count begins anew.
        behind.fail(OWNER, "office", 5).await;
        security.ask(unlock, json!({ "id": id })).await;
        behind.fail(OWNER, "office", 4).await;
        assert!(behind.passes(OWNER, "office").await);
    }
}
