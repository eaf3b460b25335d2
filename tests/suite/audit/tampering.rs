//! Somebody has the whole database in their hands, and alters, removes, swaps, cuts off or writes anew: verification tells.

use std::path::Path;

use sea_orm::{ConnectionTrait, Statement};
use store::{AuditProblemKind::*, AuditRules, AuditVerification};
use tests::{App, Backend, both};

use super::{another, disarm, execute, seals, work};

async fn verify(app: &App) -> AuditVerification {
    app.parts.store().system().verify_audit(None).await.unwrap()
}

/// What is wrong: the kinds with their places.
fn wrong(found: &AuditVerification) -> Vec<(store::AuditProblemKind, i64)> {
    found
        .problems
        .iter()
        .map(|it| (it.kind, it.sequence))
        .collect()
}

/// Puts everything back as it was kept.
async fn restore(app: &App) {
    for table in ["audit_entry", "audit_seal"] {
        execute(app, &format!("DELETE FROM {table}")).await;
        execute(
            app,
            &format!("INSERT INTO {table} SELECT * FROM kept_{table}"),
        )
        .await;
    }
    execute(app, "DELETE FROM audit_pending").await;
}

async fn keep(app: &App) {
    disarm(app).await;
    for table in ["audit_entry", "audit_seal"] {
        execute(
            app,
            &format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}"),
        )
        .await;
    }
}

both! {
    async fn each_way_of_tampering_is_found(app: App) {
        work(&app).await;
        keep(&app).await;
        assert_eq!(wrong(&verify(&app).await), []);
        let seals = seals(&app).await;
        let last = seals.last().unwrap().sequence;
        // The refused act: every column has something.
        let at = last - 1;
        let entry = |sequence: i64| seals.iter().find(|seal| seal.sequence == sequence).unwrap().entry_id.0;
        let json = |expression: &str| match app.database.backend {
            Backend::Postgres => format!("CAST({expression} AS JSON)"),
            Backend::Sqlite => expression.to_owned(),
        };
        let set = |column: &str, value: &str| format!("UPDATE audit_entry SET {column} = {value} WHERE id = {}", entry(at));
        let text = |column: &str| format!("CAST({column} AS TEXT)");
        let altered = vec![(Altered, at)];
        let swap = |table: &str, key: &str, one: i64, other: i64| {
            format!("UPDATE {table} SET {key} = 900000 WHERE {key} = {one}; UPDATE {table} SET {key} = {one} WHERE {key} = {other}; UPDATE {table} SET {key} = {other} WHERE {key} = 900000")
        };
        let cases: Vec<(&str, String, Vec<_>)> = vec![
            ("when", set("occurred_at", "'2021-01-01 00:00:00+00:00'"), altered.clone()),
            ("who", set("user_id", "CASE user_id WHEN 1 THEN 2 ELSE 1 END"), altered.clone()),
            ("nobody", set("user_id", "NULL"), altered.clone()),
            ("name", set("username", "'office'"), altered.clone()),
            ("unit", set("unit_id", "COALESCE(unit_id, 0) + 1"), altered.clone()),
            ("grants", set("grants", "'[]'"), altered.clone()),
            ("address", set("address", "'127.0.0.2'"), altered.clone()),
            ("request", set("request_id", "request_id || '0'"), altered.clone()),
            ("act", set("action", "'SIGN_OUT'"), altered.clone()),
            ("object type", set("object_type", "'Target'"), altered.clone()),
            ("object", set("object_id", "object_id + 1"), altered.clone()),
            ("outcome", set("outcome", "'SUCCEEDED'"), altered.clone()),
            ("changes", set("changes", "'{}'"), altered.clone()),
            ("one letter of the changes", set("changes", &json(&format!("REPLACE({}, 'M', 'N')", text("changes")))), altered.clone()),
            ("a space after the changes", set("changes", &json(&format!("{} || ' '", text("changes")))), altered.clone()),
            ("the entry's number", set("id", "id + 100000"), vec![(EntryRemoved, at), (Unchained, last + 1)]),
            ("the hash", format!("UPDATE audit_seal SET hash = REPLACE(hash, 'a', 'b') WHERE sequence = {at}"), vec![(Altered, at), (Altered, last)]),
            ("the algorithm", format!("UPDATE audit_seal SET algorithm = 'SM3' WHERE sequence = {at}"), altered.clone()),
            ("an entry removed", format!("DELETE FROM audit_entry WHERE id = {}", entry(at)), vec![(EntryRemoved, at)]),
            ("an entry removed with its place", format!("DELETE FROM audit_entry WHERE id = {}; DELETE FROM audit_seal WHERE sequence = {at}", entry(at)), vec![(SealRemoved, at)]),
            ("the first one removed", format!("DELETE FROM audit_entry WHERE id = {}; DELETE FROM audit_seal WHERE sequence = 1", entry(1)), vec![(SealRemoved, 1)]),
            ("a place removed", format!("DELETE FROM audit_seal WHERE sequence = {at}"), vec![(SealRemoved, at), (Unchained, last + 1)]),
            ("removed, and the rest moved up", format!("DELETE FROM audit_entry WHERE id = {}; DELETE FROM audit_seal WHERE sequence = {at}; UPDATE audit_seal SET sequence = {at} WHERE sequence = {last}", entry(at)), vec![(Altered, at), (Truncated, last)]),
            ("two places swapped", swap("audit_seal", "sequence", at, last), vec![(Altered, at), (Altered, last), (Rewritten, last)]),
            ("two entries swapped", swap("audit_entry", "id", entry(at), entry(last)), vec![(Altered, at), (Altered, last)]),
            ("the last cut off", format!("DELETE FROM audit_entry WHERE id = {}; DELETE FROM audit_seal WHERE sequence = {last}", entry(last)), vec![(Truncated, last)]),
            ("everything cut off", "DELETE FROM audit_entry; DELETE FROM audit_seal".to_owned(), vec![(Truncated, 1)]),
            ("an entry slipped in", "INSERT INTO audit_entry (occurred_at, action, object_type, changes) VALUES ('2022-01-01 00:00:00+00:00', 'X', 'X', '{}')".to_owned(), vec![(Unchained, last + 1)]),
            ("a waiting entry removed", "INSERT INTO audit_pending (entry_id) VALUES (99999)".to_owned(), vec![(PendingRemoved, last + 1)]),
        ];
        for (name, sql, expected) in cases {
            execute(&app, &sql).await;
            let found = verify(&app).await;
            assert_eq!(wrong(&found), expected, "{name}");
            assert_eq!(found.first_broken(), expected.iter().map(|(_, at)| *at).min(), "{name}");
            restore(&app).await;
            assert_eq!(wrong(&verify(&app).await), [], "after {name}");
        }
    }

    async fn any_flipped_letter_of_any_entry_is_found(app: App) {
        work(&app).await;
        keep(&app).await;
        let seals = seals(&app).await;
        let db = app.database.connect().await;
        let mut random = 7u64;
        let mut next = |most: usize| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (random >> 33) as usize % most
        };
        let columns = ["username", "grants", "address", "request_id", "action", "object_type", "changes"];
        let mut flipped = 0;
        for _ in 0..60 {
            let seal = &seals[next(seals.len())];
            let column = columns[next(columns.len())];
            let read = format!("SELECT CAST({column} AS TEXT) AS it FROM audit_entry WHERE id = {}", seal.entry_id.0);
            let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), read)).await.unwrap().unwrap();
            let Some(text) = row.try_get::<Option<String>>("", "it").unwrap().filter(|text| !text.is_empty()) else {
                continue;
            };
            let at = next(text.chars().count());
            let other: String = text.chars().enumerate().map(|(i, c)| match (i == at, c) {
                (false, c) => c,
                (true, 'x') => 'y',
                (true, _) => 'x',
            }).collect();
            let write = format!("UPDATE audit_entry SET {column} = '{}' WHERE id = {}", other.replace('\'', "''"), seal.entry_id.0);
            // PostgreSQL keeps nothing that is not JSON.
            if db.execute_unprepared(&write).await.is_err() {
                continue;
            }
            flipped += 1;
            assert_eq!(wrong(&verify(&app).await), [(Altered, seal.sequence)], "{column}: {text} became {other}");
            restore(&app).await;
        }
        assert!(flipped > 20, "{flipped}");
    }

    async fn what_is_cut_off_or_written_anew_is_found_by_the_anchors(app: App) {
        let folder = tempfile::tempdir().unwrap();
        let anchors = folder.path().join("anchors");
        let rules = |file: &Path| AuditRules { anchor_file: Some(file.to_owned()), ..AuditRules::default() };
        work(&app).await;
        another(&app, rules(&anchors)).await.system().finish_audit().await.unwrap();
        let head = seals(&app).await.last().unwrap().clone();
        let line = std::fs::read_to_string(&anchors).unwrap();
        assert!(line.starts_with(&format!("{} {} 2022-06-15T", head.sequence, head.hash)), "{line}");
        // Further work, and everything stands.
        work(&app).await;
        let fresh = async |file: Option<&Path>| {
            let rules = file.map_or_else(AuditRules::default, rules);
            another(&app, rules).await.system().verify_audit(None).await
        };
        let found = fresh(Some(&anchors)).await.unwrap();
        assert!(found.verified() && found.anchors == 1, "{found:?}");

        keep(&app).await;
        let cut = head.sequence - 1;
        execute(&app, &format!("DELETE FROM audit_entry WHERE id IN (SELECT entry_id FROM audit_seal WHERE sequence >= {cut}); DELETE FROM audit_seal WHERE sequence >= {cut}")).await;
        // Without anchors nobody can know.
        assert!(fresh(None).await.unwrap().verified());
        assert_eq!(wrong(&fresh(Some(&anchors)).await.unwrap()), [(Truncated, cut)]);
        // The server that sealed them knows, too.
        assert_eq!(wrong(&verify(&app).await), [(Truncated, cut)]);
        restore(&app).await;

        // One entry altered, and the whole chain written anew: it is right in itself.
        execute(&app, &format!("UPDATE audit_entry SET username = 'x' WHERE id = {}", head.entry_id.0)).await;
        execute(&app, "DELETE FROM audit_seal; INSERT INTO audit_pending (entry_id) SELECT id FROM audit_entry").await;
        another(&app, AuditRules::default()).await.system().finish_audit().await.unwrap();
        assert!(fresh(None).await.unwrap().verified());
        assert_eq!(wrong(&fresh(Some(&anchors)).await.unwrap()), [(Rewritten, head.sequence)]);
        assert!(!verify(&app).await.verified());
        // Anchors that are gone are no comfort.
        std::fs::remove_file(&anchors).unwrap();
        assert!(fresh(Some(&anchors)).await.is_err());
    }
}
