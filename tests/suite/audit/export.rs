//! Files: the export, which is whole and can be checked, and the archive, the only way out of the log.

use chrono::TimeDelta;
use domain::Clock;
use entity::audit_archive;
use sea_orm::EntityTrait;
use serde_json::{Value, json};
use store::{AuditProblemKind::*, AuditRules, verify_archive};
use tests::{Actor, Answer, App, Backend, both};

use super::{another, disarm, entries, execute, newest, seals, takes, work};

async fn exported(app: &App, actor: &Actor<'_>, path: &str) -> Answer {
    let request = app.client().get(app.url(path));
    app.send(request.bearer_auth(actor.token.as_deref().unwrap()))
        .await
}

both! {
    async fn an_export_is_the_whole_chain_and_can_be_checked(app: App) {
        work(&app).await;
        let audit = app.sign_in("audit").await;
        let answer = exported(&app, &audit, "/audit/export.jsonl").await;
        assert_eq!(answer.headers["content-type"], "application/jsonl; charset=utf-8");
        assert_eq!(answer.headers["cache-control"], "no-store");
        let entry = newest(&app, "EXPORT_AUDIT").await;
        assert_eq!(entry.username.as_deref(), Some("audit"));
        assert_eq!(entry.request_id.as_deref(), answer.headers["x-request-id"].to_str().ok());
        let lines: Vec<&str> = answer.text.lines().collect();
        // All that was there when it began; its own entry came after.
        assert_eq!(entry.changes, json!({ "format": "jsonl", "filter": {}, "lastSequence": lines.len() }));
        assert_eq!(lines.len(), entries(&app).await.len() - 1);
        let seals = seals(&app).await;
        for (line, seal) in lines.iter().zip(&seals) {
            let line: Value = serde_json::from_str(line).unwrap();
            assert_eq!((line["sequence"].as_i64(), line["hash"].as_str()), (Some(seal.sequence), Some(&*seal.hash)));
            assert_eq!(line["id"], seal.entry_id.0);
        }
        let narrowed = exported(&app, &audit, "/audit/export.jsonl?outcome=REFUSED&username=%EF%BC%A6GW-manager").await;
        assert_eq!(narrowed.text.lines().count(), 1);
        assert!(narrowed.text.contains("NotManagerOfUnit"));
        let wrong = exported(&app, &audit, "/audit/export.csv?colour=red").await;
        assert_eq!((wrong.status.as_u16(), wrong.codes()), (400, vec!["BAD_USER_INPUT"]));
        let entry = newest(&app, "EXPORT_AUDIT").await;
        assert_eq!((entry.outcome.as_str(), entry.changes), ("REFUSED", json!({ "reasons": ["INVALID filter"] })));
        for (by, status, code) in [("office", 403, "FORBIDDEN"), ("system", 403, "FORBIDDEN")] {
            let refused = exported(&app, &app.sign_in(by).await, "/audit/export.csv").await;
            assert_eq!((refused.status.as_u16(), refused.codes()), (status, vec![code]), "{}", refused.text);
        }
        let nobody = app.send(app.client().get(app.url("/audit/export.csv"))).await;
        assert_eq!((nobody.status.as_u16(), nobody.codes()), (401, vec!["UNAUTHENTICATED"]), "{}", nobody.text);
    }

    async fn a_table_is_for_spreadsheets_and_no_cell_a_formula(app: App) {
        work(&app).await;
        // Somebody may send what they like as a request's ID: the log takes what is fit, a formula is not.
        let audit = app.sign_in("audit").await;
        let answer = exported(&app, &audit, "/audit/export.csv").await;
        assert_eq!(answer.headers["content-disposition"], "attachment; filename=\"luoshi-audit.csv\"");
        let text = answer.text.strip_prefix('\u{feff}').unwrap_or(&answer.text);
        let mut lines = text.split("\r\n");
        assert_eq!(lines.next(), Some("sequence,occurredAt,username,unit,grants,ipAddress,requestId,action,objectType,object,outcome,changes,hash"));
        assert_eq!(lines.clone().filter(|line| !line.is_empty()).count(), entries(&app).await.len() - 1);
        assert!(lines.all(|line| line.split(',').all(|cell| !cell.trim_start_matches('"').starts_with(['=', '+', '-', '@']))));
    }

    async fn many_entries_are_exported_page_by_page(app: App) {
        // More than two pages of 500, in the form in which an act leaves them.
        let values: Vec<String> = (0..1_200).map(|at| format!("('2022-06-15 03:00:00+00:00', 'SWEEP', 'X', {at}, '{{}}')")).collect();
        execute(&app, &format!("INSERT INTO audit_entry (occurred_at, action, object_type, object_id, changes) VALUES {}", values.join(","))).await;
        let audit = app.sign_in("audit").await;
        let answer = exported(&app, &audit, "/audit/export.jsonl?actions=SWEEP&objectType=X").await;
        let keys: Vec<i64> = answer.text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["objectId"].as_i64().unwrap()).collect();
        assert_eq!(keys, (0..1_200).collect::<Vec<_>>());
        let answer = exported(&app, &audit, "/audit/export.jsonl?actions=SWEEP,NONSENSE").await;
        assert_eq!((answer.status.as_u16(), answer.codes()), (400, vec!["BAD_USER_INPUT"]));
        assert_eq!(answer.body["errors"][0]["message"], "查询条件无法识别：actions=NONSENSE。");
    }

    async fn old_entries_leave_through_a_sealed_file_and_the_chain_goes_on(app: App) {
        work(&app).await;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("2022.jsonl");
        let system = app.parts.store().system();
        let count = entries(&app).await.len() as i64;
        // Too young to leave.
        let now = app.clock.now();
        let error = system.archive_audit(now, &file).await.unwrap_err();
        assert!(error.inside().contains("366 days"), "{}", error.inside());
        assert_eq!(system.archive_audit(now - TimeDelta::days(366), &file).await.unwrap(), None);
        assert!(!file.exists());
        app.clock.advance(TimeDelta::days(367));
        work(&app).await;
        let before = app.clock.now() - TimeDelta::days(366);
        std::fs::write(&file, "somebody's").unwrap();
        assert!(system.archive_audit(before, &file).await.is_err());
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "somebody's");
        std::fs::remove_file(&file).unwrap();

        let moved = system.archive_audit(before, &file).await.unwrap().unwrap();
        assert_eq!((moved.entries, moved.after.sequence, moved.last.sequence), (count, 0, count));
        assert_eq!(seals(&app).await[0].sequence, count + 1);
        let left = entries(&app).await;
        assert!(left.iter().all(|entry| entry.occurred_at >= before));
        let told = newest(&app, "ARCHIVE_AUDIT").await;
        assert_eq!(told.changes["lastSequence"], count);
        assert_eq!(told.request_id.as_deref(), Some("luoshi audit archive"));
        let fresh = another(&app, AuditRules::default()).await;
        let found = fresh.system().verify_audit(None).await.unwrap();
        assert!(found.verified() && found.base == moved.last, "{found:?}");
        work(&app).await;
        assert!(fresh.system().verify_audit(None).await.unwrap().verified());
        // The file stands by itself, and any change of it shows.
        assert_eq!(verify_archive(file.clone()).await.unwrap(), moved);
        let text = std::fs::read_to_string(&file).unwrap();
        assert_eq!(text.lines().count() as i64, count + 2);
        let half = &text[..text.len() / 2];
        for other in [text.replacen("IMPORT_PLAN", "PUBLISH_PLAN", 1), text.replacen("\"entries\":", "\"entries\":1", 1), half.to_owned(), text.clone() + "{}\n"] {
            std::fs::write(&file, other).unwrap();
            assert!(verify_archive(file.clone()).await.is_err());
        }
        // Once more, and the first archive's seal is followed by the second's.
        app.clock.advance(TimeDelta::days(400));
        let second = folder.path().join("2023.jsonl");
        let before = app.clock.now() - TimeDelta::days(366);
        let next = system.archive_audit(before, &second).await.unwrap().unwrap();
        assert_eq!(next.after, moved.last);
        assert!(fresh.system().verify_audit(None).await.unwrap().verified());
        let db = app.database.connect().await;
        assert_eq!(audit_archive::Entity::find().all(&db).await.unwrap().len(), 2);
    }

    async fn the_triggers_let_nothing_young_go_and_a_feigned_archive_is_found(app: App) {
        work(&app).await;
        let seal = seals(&app).await.last().unwrap().clone();
        let archive = format!(
            "INSERT INTO audit_archive (last_sequence, last_hash, entries, file_name, file_digest, archived_at)
             VALUES ({}, '{}', 1, 'x', 'x', '2022-01-01 00:00:00+00:00')",
            seal.sequence, seal.hash
        );
        let young = match app.database.backend {
            Backend::Sqlite => "datetime('now')",
            Backend::Postgres => "now()",
        };
        disarm_and_age(&app, seal.entry_id.0, young).await;
        assert!(takes(&app, &archive).await);
        // The last one is of today; those before may go, for an archive says that it holds them.
        assert!(!takes(&app, &format!("DELETE FROM audit_entry WHERE id = {}", seal.entry_id.0)).await);
        assert!(!takes(&app, "DELETE FROM audit_seal WHERE sequence = 1").await, "its entry is still there");
        assert!(takes(&app, &format!("DELETE FROM audit_entry WHERE id < {}", seal.entry_id.0)).await);
        let fresh = another(&app, AuditRules::default()).await;
        let found = fresh.system().verify_audit(None).await.unwrap();
        assert_eq!(found.problems.iter().map(|it| it.kind).collect::<Vec<_>>(), [UnknownArchive]);
    }
}

/// Makes an entry as old as the database thinks that today is, and arms the triggers again.
async fn disarm_and_age(app: &App, id: i64, moment: &str) {
    let sql = format!("UPDATE audit_entry SET occurred_at = {moment} WHERE id = {id}");
    match app.database.backend {
        Backend::Postgres => {
            disarm(app).await;
            execute(app, &sql).await;
            for table in [
                "audit_entry",
                "audit_seal",
                "audit_pending",
                "audit_archive",
            ] {
                execute(app, &format!("ALTER TABLE {table} ENABLE TRIGGER ALL")).await;
            }
        }
        Backend::Sqlite => {
            use sea_orm::{ConnectionTrait, Statement};
            let db = app.database.connect().await;
            let find = "SELECT sql FROM sqlite_master WHERE name = 'audit_entry_update'";
            let row = db
                .query_one_raw(Statement::from_string(db.get_database_backend(), find))
                .await
                .unwrap()
                .unwrap();
            let trigger: String = row.try_get("", "sql").unwrap();
            execute(app, "DROP TRIGGER audit_entry_update").await;
            execute(app, &sql).await;
            execute(app, &trigger).await;
        }
    }
}
