//! The chain: every entry gets its place, whoever writes at once; by either hash; and the audit administrator can see it.

use std::time::Duration;

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};
use store::{Algorithm, AuditRules};
use tests::{App, Backend, both, world::PASSWORD};
use tokio::{sync::oneshot, time::timeout};

use super::{another, entries, execute, newest, seals, work};

both! {
    async fn every_entry_gets_its_place_whoever_writes_at_once(app: App) {
        let others = join_all((0..3).map(|_| another(&app, AuditRules::default()))).await;
        let system = app.parts.store().system();
        let origin = store::Origin::command("test");
        let password = || store::Password::new(PASSWORD.to_owned());
        let mut tokens = Vec::new();
        for name in ["office", "observer", "leader-1", "fgw-manager"] {
            tokens.push(system.sign_in(name, password(), None, &origin).await.unwrap().refresh_token);
        }
        // Four writers, and four servers that seal all the while.
        let writers = tokens.into_iter().map(|mut token| {
            let (system, origin) = (app.parts.store().system(), &origin);
            async move {
                for _ in 0..25 {
                    token = system.refresh_session(&token, origin).await.unwrap().refresh_token;
                }
            }
        });
        let sealers = others.iter().map(|other| async {
            for _ in 0..25 {
                other.system().finish_audit().await.unwrap();
            }
        });
        futures_util::join!(join_all(writers), join_all(sealers));
        system.finish_audit().await.unwrap();
        let (entries, seals) = (entries(&app).await, seals(&app).await);
        let places: Vec<i64> = seals.iter().map(|seal| seal.sequence).collect();
        assert_eq!(places, (1..=entries.len() as i64).collect::<Vec<_>>());
        let mut sealed: Vec<_> = seals.iter().map(|seal| seal.entry_id).collect();
        sealed.sort();
        assert_eq!(sealed, entries.iter().map(|entry| entry.id).collect::<Vec<_>>());
        for store in others.iter().chain([app.parts.store()]) {
            let found = store.system().verify_audit(None).await.unwrap();
            assert!(found.verified(), "{found:?}");
            assert_eq!((found.entries, found.unsealed), (entries.len() as i64, 0));
        }
    }

    async fn what_gets_its_place_while_the_chain_is_walked_is_met_once(app: App) {
        let other = another(&app, AuditRules::default()).await;
        for _ in 0..60 {
            execute(&app, "INSERT INTO audit_entry (occurred_at, action, object_type, object_id, changes) VALUES ('2022-06-15 03:00:00+00:00', 'X', 'X', 1, '{}')").await;
            let there = entries(&app).await.len() as i64;
            let (walker, sealer) = (app.parts.store().system(), other.system());
            let (found, sealed) = futures_util::join!(walker.verify_audit(None), sealer.finish_audit());
            sealed.unwrap();
            let found = found.unwrap();
            assert!(found.verified(), "{found:?}");
            assert_eq!(found.entries + found.unsealed, there, "{found:?}");
        }
    }

    /// Each seal is another entry here, as if people wrote faster than anybody can seal.
    async fn who_goes_on_writing_keeps_nobody_waiting_for_the_log(app: App) {
        const MOST: Duration = Duration::from_secs(20);
        work(&app).await;
        let insert = "INSERT INTO audit_entry (occurred_at, action, object_type, changes) VALUES ('2022-06-15 03:00:00+00:00', 'X', 'X', '{}')";
        match app.database.backend {
            Backend::Sqlite => execute(&app, &format!("CREATE TRIGGER and_on AFTER INSERT ON audit_seal BEGIN {insert}; END")).await,
            Backend::Postgres => {
                execute(&app, &format!("CREATE FUNCTION and_on() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {insert}; RETURN NULL; END $$")).await;
                execute(&app, "CREATE TRIGGER and_on AFTER INSERT ON audit_seal FOR EACH ROW EXECUTE FUNCTION and_on()").await;
            }
        }
        execute(&app, insert).await;
        let answered = timeout(MOST, async {
            app.parts.store().system().finish_audit().await.unwrap();
            let audit = app.sign_in("audit").await;
            let listed = audit.query("{ auditEntries(first: 1) { nodes { sequence } } }").await;
            listed.data("/auditEntries/nodes/0").clone()
        });
        assert!(answered.await.expect("it ends").is_object());
        // A server that seals by itself anchors what it has sealed meanwhile, and ends when it is told.
        let folder = tempfile::tempdir().unwrap();
        let anchors = folder.path().join("anchors");
        let rules = AuditRules { anchor_file: Some(anchors.clone()), anchor_every: Duration::ZERO, ..AuditRules::default() };
        let (stop, stopped) = oneshot::channel::<()>();
        let other = another(&app, rules).await;
        let sealing = tokio::spawn(other.keep_sealing(stopped));
        let anchored = async {
            while std::fs::read_to_string(&anchors).unwrap_or_default().lines().count() < 2 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(MOST, anchored).await.expect("it is anchored");
        stop.send(()).unwrap();
        timeout(MOST, sealing).await.expect("it ends").unwrap();
    }

    async fn the_hash_can_be_changed_and_the_chain_goes_on(app: App) {
        work(&app).await;
        let sm3 = another(&app, AuditRules { algorithm: Algorithm::Sm3, ..AuditRules::default() }).await;
        sm3.system().rotate_keys().await.unwrap();
        // Whichever of the two seals it, the other one reads it.
        sm3.system().finish_audit().await.unwrap();
        sm3.system().rotate_keys().await.unwrap();
        sm3.system().finish_audit().await.unwrap();
        let seals = seals(&app).await;
        assert!(seals.iter().any(|seal| seal.algorithm == "SHA-256"));
        let found = app.parts.store().system().verify_audit(None).await.unwrap();
        assert!(found.verified(), "{found:?}");
        assert_eq!(found.head.hash, seals.last().unwrap().hash);
    }

    async fn what_was_undone_leaves_a_gap_that_is_no_removal(app: App) {
        work(&app).await;
        let db = app.database.connect().await;
        use sea_orm::{ConnectionTrait, TransactionTrait};
        let undone = db.begin().await.unwrap();
        undone.execute_unprepared("INSERT INTO audit_entry (occurred_at, action, object_type, changes) VALUES ('2022-01-01 00:00:00+00:00', 'X', 'X', '{}')").await.unwrap();
        undone.rollback().await.unwrap();
        work(&app).await;
        let found = app.parts.store().system().verify_audit(None).await.unwrap();
        assert!(found.verified(), "{found:?}");
    }

    async fn the_audit_administrator_verifies_and_nobody_else(app: App) {
        work(&app).await;
        const VERIFY: &str = "{ auditVerification { verified entries firstBrokenSequence unsealed archivedTo headSequence headHash anchors problems { kind sequence entryId } } }";
        let audit = app.sign_in("audit").await;
        app.clock.advance(TimeDelta::seconds(1));
        let answer = audit.query(VERIFY).await;
        let found = answer.data("/auditVerification");
        assert_eq!(found["verified"], true);
        assert_eq!(found["firstBrokenSequence"], Value::Null);
        assert_eq!(found["entries"], entries(&app).await.len() - 1);
        assert_eq!(newest(&app, "VERIFY_AUDIT").await.changes["verified"], true);
        let office = app.sign_in("office").await;
        let refused = office.query(VERIFY).await;
        assert_eq!(refused.codes(), ["FORBIDDEN"]);
        let entry = newest(&app, "VERIFY_AUDIT").await;
        assert_eq!(entry.changes, json!({ "reasons": ["FORBIDDEN NotAuditAdministrator"] }));
        assert_eq!(entry.username.as_deref(), Some("office"));
    }
}
