//! Nothing of the log can be changed or removed: not by the application, and not by its role in the database.

use sea_orm::{ConnectionTrait, Database, TransactionTrait};
use tests::{App, Backend, both};

use super::{entries, execute, seals, takes, work};

both! {
    async fn the_triggers_refuse_what_is_not_an_insert(app: App) {
        work(&app).await;
        let (before, sealed) = (entries(&app).await, seals(&app).await);
        let mut refused = vec![
            "UPDATE audit_entry SET username = 'x'",
            "UPDATE audit_entry SET changes = changes",
            "DELETE FROM audit_entry",
            "DELETE FROM audit_entry WHERE id = 3",
            "UPDATE audit_seal SET hash = hash",
            "DELETE FROM audit_seal",
            "DELETE FROM audit_seal WHERE sequence = (SELECT MAX(sequence) FROM audit_seal)",
            // An archive that is none.
            "INSERT INTO audit_archive (last_sequence, last_hash, entries, file_name, file_digest, archived_at)
             VALUES (3, 'x', 3, 'x', 'x', '2022-01-01 00:00:00+00:00')",
        ];
        match app.database.backend {
            Backend::Postgres => refused.extend([
                "TRUNCATE audit_entry",
                "TRUNCATE audit_seal",
                "TRUNCATE audit_entry, audit_seal, audit_pending, audit_archive",
            ]),
            Backend::Sqlite => refused.extend([
                "INSERT OR REPLACE INTO audit_entry SELECT * FROM audit_entry WHERE id = 3",
                "INSERT OR REPLACE INTO audit_seal SELECT sequence, entry_id, algorithm, 'x' FROM audit_seal WHERE sequence = 3",
            ]),
        }
        for sql in refused {
            assert!(!takes(&app, sql).await, "{sql}");
        }
        assert_eq!(entries(&app).await, before);
        assert_eq!(seals(&app).await, sealed);
    }

    async fn what_waits_for_its_place_cannot_be_made_to_be_forgotten(app: App) {
        let db = app.database.connect().await;
        for sql in ["DELETE FROM audit_pending", "UPDATE audit_pending SET entry_id = 1"] {
            // In one transaction, so that the server does not seal it in between.
            let writing = db.begin().await.unwrap();
            let insert = "INSERT INTO audit_entry (occurred_at, action, object_type, changes) VALUES ('2022-01-01 00:00:00+00:00', 'X', 'X', '{}')";
            writing.execute_unprepared(insert).await.unwrap();
            assert!(writing.execute_unprepared(sql).await.is_err(), "{sql}");
            writing.rollback().await.unwrap();
        }
    }
}

/// The role that the README gives to the server, which may not do more than it must.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_servers_own_role_is_enough_and_no_more() {
    let Some(app) = App::set_up(Backend::Postgres).await else {
        return;
    };
    let readme = include_str!("../../../README.md");
    let (_, rest) = readme
        .split_once("```sql\n")
        .expect("the README's statements");
    let (sql, _) = rest.split_once("```").expect("their end");
    let role = format!("luoshi_app_{}", std::process::id());
    let sql = sql
        .replace("luoshi_app", &role)
        .replace("PASSWORD '…'", "PASSWORD 'x'");
    execute(&app, &sql).await;
    let url = app.database.url.replace("postgres@", &format!("{role}@"));
    assert_ne!(url, app.database.url);
    let mut pool = app.database.pool();
    pool.url.clone_from(&url);
    // What `serve` asks first must be allowed, too.
    assert_eq!(
        pool.schema_state().await.unwrap(),
        store::SchemaState::Current
    );
    let server = App::with(Backend::Postgres, |settings| settings.pool = pool)
        .await
        .unwrap();
    work(&server).await;
    let found = server
        .parts
        .store()
        .system()
        .verify_audit(None)
        .await
        .unwrap();
    assert!(found.verified() && found.entries > 0, "{found:?}");
    let db = Database::connect(&url).await.unwrap();
    for sql in [
        "UPDATE audit_entry SET username = 'x'",
        "DELETE FROM audit_entry",
        "TRUNCATE audit_entry",
        "DELETE FROM audit_seal",
        "ALTER TABLE audit_entry DISABLE TRIGGER ALL",
        "INSERT INTO audit_archive (last_sequence, last_hash, entries, file_name, file_digest, archived_at)
         SELECT sequence, hash, 1, 'x', 'x', now() FROM audit_seal WHERE sequence = 1",
    ] {
        let error = db.execute_unprepared(sql).await.unwrap_err().to_string();
        assert!(
            error.contains("permission denied") || error.contains("must be owner"),
            "{sql}: {error}"
        );
    }
}
