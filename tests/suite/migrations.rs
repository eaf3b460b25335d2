//! The schema's steps, on both databases.

use entity::*;
use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, EntityTrait, IdenStatic, Iterable, Statement};
use store::SchemaState;
use tests::{Backend, TestDatabase, both};

both! {
    async fn up_down_and_up_again(database: TestDatabase) {
        let db = database.connect().await;
        Migrator::up(&db, None).await.unwrap();
        Migrator::up(&db, None).await.unwrap();
        Migrator::down(&db, None).await.unwrap();
        Migrator::up(&db, None).await.unwrap();
        assert_eq!(Migrator::get_pending_migrations(&db).await.unwrap().len(), 0);
    }

    async fn a_newer_schema_is_told_from_an_older(database: TestDatabase) {
        let pool = database.pool();
        assert!(matches!(pool.schema_state().await.unwrap(), SchemaState::Older(steps) if steps > 0));
        assert!(pool.migrate().await.unwrap() > 0);
        assert_eq!(pool.schema_state().await.unwrap(), SchemaState::Current);
        assert_eq!(pool.migrate().await.unwrap(), 0);
        let db = database.connect().await;
        db.execute_unprepared("INSERT INTO seaql_migrations (version, applied_at) VALUES ('m29990101_0001_later', 1)").await.unwrap();
        let newer = SchemaState::Newer(vec!["m29990101_0001_later".to_owned()]);
        assert_eq!(pool.schema_state().await.unwrap(), newer);
        assert!(pool.migrate().await.is_err());
    }

    async fn entities_and_tables_have_the_same_columns(database: TestDatabase) {
        let db = database.connect().await;
        Migrator::up(&db, None).await.unwrap();
        macro_rules! compare {
            ($($table:ident),+) => { $( same_columns::<$table::Entity>(&database, &db).await; )+ };
        }
        compare!(
            assignment, audit_entry, designation, indicator, leader, plan, post, refresh_token, role_grant, section,
            server_secret, session, signing_key, target, target_post, tenure, unit, unit_alias, unit_group,
            unit_group_member, user
        );
        compare!(
            instruction, supervision_notice
        );
        compare!(plan_rule, sweep_run);
        compare!(target_request, refinement, milestone, dispute, pause);
        compare!(attachment);
        compare!(setting, setting_change);
        compare!(second_factor, recovery_code, sign_in_failure, unknown_name);
        compare!(
            audit_archive, audit_pending, audit_seal
        );
    }

    async fn units_that_were_there_before_are_in_the_directory_unless_drafts_alone_name_them(database: TestDatabase) {
        let db = database.connect().await;
        let steps = Migrator::migrations();
        let before = steps.iter().position(|step| step.name().contains("_0024_")).unwrap();
        Migrator::up(&db, Some(u32::try_from(before).unwrap())).await.unwrap();
        let run = async |sql: String| db.execute_unprepared(&sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        let at = "'2022-01-01 00:00:00+00:00'";
        let units = ["issued", "acting", "drafted", "drafted acting", "a grant", "an account", "by hand", "drafted by hand", "a member", "a drafted member", "merged", "of the merged", "never named"];
        for (id, name) in (1..).zip(units) {
            run(format!("INSERT INTO unit (id, name, kind) VALUES ({id}, '{name}', 'SCHOOL')")).await;
        }
        run("UPDATE unit SET merged_into_id = 12 WHERE id = 11".to_owned()).await;
        let groups = ["issued group", "drafted group", "designated", "drafted designation", "group by hand"];
        for (id, name) in (1..).zip(groups) {
            run(format!("INSERT INTO unit_group (id, name, resolution) VALUES ({id}, '{name}', 'MEMBERS')")).await;
        }
        run("INSERT INTO unit_group_member (group_id, unit_id, ordinal) VALUES (1, 9, 1), (2, 10, 1)".to_owned()).await;
        for (plan, status, published) in [(1, "PUBLISHED", at), (2, "DRAFT", "NULL")] {
            run(format!("INSERT INTO plan (id, year, title, document_number, issuer, issued_on, status, published_at, source_digest, created_at, updated_at)
                VALUES ({plan}, 202{plan}, 'x', 'x', 'x', '2022-01-01', '{status}', {published}, 'x', {at}, {at})")).await;
            run(format!("INSERT INTO section (id, plan_id, level, ordinal, position, last_position, title, path) VALUES ({plan}, {plan}, 1, 1, 1, 1, 'x', '[]')")).await;
            run(format!("INSERT INTO target (id, plan_id, number, section_id, section_position, text, plain_text, source_line, open_ended, due_on, version, created_at, updated_at)
                VALUES ({plan}, {plan}, 1, {plan}, 1, 'x', 'x', 1, FALSE, '2022-12-31', 1, {at}, {at})")).await;
        }
        for (plan, unit, acting, group) in [(1, 1, "2", "1"), (2, 3, "4", "2"), (2, 5, "NULL", "NULL"), (2, 6, "NULL", "NULL"), (2, 8, "NULL", "NULL"), (2, 9, "NULL", "NULL"), (2, 10, "NULL", "2"), (1, 11, "NULL", "NULL"), (2, 12, "NULL", "NULL")] {
            let origin = if group == "NULL" { "NAMED" } else { "GROUP" };
            run(format!("INSERT INTO assignment (target_id, plan_id, unit_id, acting_unit_id, role, ordinal, origin, group_id) VALUES ({plan}, {plan}, {unit}, {acting}, 'LEAD', 1, '{origin}', {group})")).await;
        }
        for (plan, group) in [(1, 3), (2, 4)] {
            run(format!("INSERT INTO designation (target_id, plan_id, group_id, phrase, role, ordinal) VALUES ({plan}, {plan}, {group}, 'x', 'LEAD', 1)")).await;
        }
        run(format!("INSERT INTO \"user\" (id, username, display_name, password_hash, must_change_password, active, created_at, unit_id) VALUES (1, 'zhang', 'x', 'x', FALSE, TRUE, {at}, 6)")).await;
        run(format!("INSERT INTO role_grant (user_id, role, unit_id, valid_from, reason, created_at) VALUES (1, 'UNIT_MANAGER', 5, {at}, 'x', {at})")).await;
        run(format!("INSERT INTO audit_entry (occurred_at, action, object_type, object_id, outcome, changes) VALUES ({at}, 'CREATE_UNIT', 'Unit', 7, 'SUCCEEDED', '{{}}'), ({at}, 'CREATE_UNIT', 'Unit', 8, 'SUCCEEDED', '{{}}')")).await;
        for _ in 0..2 {
            Migrator::up(&db, Some(1)).await.unwrap();
            let unlisted = async |table: &str| -> Vec<String> {
                let sql = format!("SELECT name FROM {table} WHERE NOT listed ORDER BY id");
                let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
                rows.iter().map(|row| row.try_get("", "name").unwrap()).collect()
            };
            assert_eq!(unlisted("unit").await, ["drafted", "drafted acting", "a drafted member"]);
            assert_eq!(unlisted("unit_group").await, ["drafted group", "drafted designation"]);
            Migrator::down(&db, Some(1)).await.unwrap();
        }
    }

    async fn notices_by_rule_are_of_the_date_for_which_they_were_issued(database: TestDatabase) {
        let db = database.connect().await;
        let steps = Migrator::migrations();
        let before = steps.iter().position(|step| step.name().contains("_0026_")).unwrap();
        Migrator::up(&db, Some(u32::try_from(before).unwrap())).await.unwrap();
        let run = async |sql: String| db.execute_unprepared(&sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        let at = |month: u32| format!("'2022-{month:02}-01 00:00:00+00:00'");
        let on = |month: u32| format!("'2022-{month:02}-28'");
        run("INSERT INTO unit (id, name, kind) VALUES (1, 'x', 'SCHOOL')".to_owned()).await;
        for (id, name) in [(1, "zhang"), (2, "wang")] {
            run(format!("INSERT INTO \"user\" (id, username, display_name, password_hash, must_change_password, active, created_at) VALUES ({id}, '{name}', 'x', 'x', FALSE, TRUE, {})", at(1))).await;
        }
        run(format!("INSERT INTO plan (id, year, title, document_number, issuer, issued_on, status, published_at, source_digest, created_at, updated_at)
            VALUES (1, 2022, 'x', 'x', 'x', '2022-01-01', 'PUBLISHED', {0}, 'x', {0}, {0})", at(1))).await;
        run("INSERT INTO section (id, plan_id, level, ordinal, position, last_position, title, path) VALUES (1, 1, 1, 1, 1, 1, 'x', '[]')".to_owned()).await;
        // Nothing changed; put off before the notice, after it, and twice; amended after it, in that and in something else.
        for target in 1..=6 {
            run(format!("INSERT INTO target (id, plan_id, number, section_id, section_position, text, plain_text, source_line, open_ended, due_on, version, created_at, updated_at)
                VALUES ({target}, 1, {target}, 1, 1, 'x', 'x', 1, FALSE, {}, 1, {at}, {at})", on(12), at = at(1))).await;
            run(format!("INSERT INTO supervision_notice (plan_id, target_id, unit_id, colour, body, reply_due_on, issued_at, status, rung)
                VALUES (1, {target}, 1, 'BLUE', 'x', {}, {at}, 'OPEN', 'DUE_SOON'), (1, {target}, 1, 'YELLOW', 'x', {}, {at}, 'OPEN', 'BEHIND')", on(7), on(7), at = at(6))).await;
        }
        for (target, old, new, month, status) in [(2, 4, 12, 5, "APPROVED"), (3, 7, 12, 7, "APPROVED"), (4, 9, 12, 9, "APPROVED"), (4, 7, 9, 8, "APPROVED"), (4, 6, 9, 7, "REJECTED")] {
            run(format!("INSERT INTO target_request (plan_id, target_id, unit_id, kind, status, text, old_due_on, new_due_on, requested_at, requested_by_id, decided_at, decided_by_id)
                VALUES (1, {target}, 1, 'EXTENSION', '{status}', 'x', {}, {}, {at}, 1, {at}, 2)", on(old), on(new), at = at(month))).await;
        }
        for (target, changes, month) in [(5, "{\"before\":{\"text\":\"x\"},\"after\":{\"text\":\"y\"}}", 7), (5, "{\"before\":{\"dueOn\":\"2022-08-28\"},\"after\":{\"dueOn\":\"2022-12-28\"}}", 8), (6, "{\"before\":{\"dueOn\":\"2022-02-28\"},\"after\":{\"dueOn\":\"2022-12-28\"}}", 5)] {
            run(format!("INSERT INTO amendment (plan_id, target_id, reason, changes, amended_at, amended_by_id) VALUES (1, {target}, 'x', '{changes}', {}, 1)", at(month))).await;
        }
        for _ in 0..2 {
            Migrator::up(&db, Some(1)).await.unwrap();
            let notices = supervision_notice::Entity::find().all(&db).await.unwrap();
            let mut dates: Vec<_> = notices.iter().filter_map(|row| Some((row.target_id.0, row.due_on?.to_string()))).collect();
            dates.sort();
            let expected = [(1, 12), (2, 12), (3, 7), (4, 7), (5, 8), (6, 12)].map(|(target, month)| (target, format!("2022-{month:02}-28")));
            assert_eq!(dates, expected);
            Migrator::down(&db, Some(1)).await.unwrap();
        }
        Migrator::up(&db, None).await.unwrap();
    }

    async fn refined_plans_in_force_without_a_decision_keep_none_of_an_earlier_one(database: TestDatabase) {
        let db = database.connect().await;
        let steps = Migrator::migrations();
        let before = steps.iter().position(|step| step.name().contains("_0027_")).unwrap();
        Migrator::up(&db, Some(u32::try_from(before).unwrap())).await.unwrap();
        let run = async |sql: String| db.execute_unprepared(&sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        let at = "'2022-01-01 00:00:00+00:00'";
        let later = "'2022-01-01 00:00:00.5+00:00'";
        run(format!("INSERT INTO plan (id, year, title, document_number, issuer, issued_on, status, published_at, source_digest, created_at, updated_at)
            VALUES (1, 2022, 'x', 'x', 'x', '2022-01-01', 'PUBLISHED', {at}, 'x', {at}, {at})")).await;
        run("INSERT INTO section (id, plan_id, level, ordinal, position, last_position, title, path) VALUES (1, 1, 1, 1, 1, 1, 'x', '[]')".to_owned()).await;
        run(format!("INSERT INTO \"user\" (id, username, display_name, password_hash, must_change_password, active, created_at) VALUES (1, 'zhang', 'x', 'x', FALSE, TRUE, {at})")).await;
        // Sent back and then in force at once; approved; waiting; sent back; never decided.
        let plans = [("APPROVED", later, at), ("APPROVED", at, later), ("SUBMITTED", later, at), ("RETURNED", at, later), ("APPROVED", at, "NULL")];
        for (id, (status, submitted, decided)) in (1..).zip(plans) {
            run(format!("INSERT INTO target (id, plan_id, number, section_id, section_position, text, plain_text, source_line, open_ended, due_on, version, created_at, updated_at)
                VALUES ({id}, 1, {id}, 1, 1, 'x', 'x', 1, FALSE, '2022-12-31', 1, {at}, {at})")).await;
            let (by, comment) = if decided == "NULL" { ("NULL", "NULL") } else { ("1", "'x'") };
            run(format!("INSERT INTO refinement (target_id, plan_id, status, submitted_at, submitted_by_id, decided_at, decided_by_id, comment, version)
                VALUES ({id}, 1, '{status}', {submitted}, 1, {decided}, {by}, {comment}, 1)")).await;
        }
        Migrator::up(&db, Some(1)).await.unwrap();
        let rows = refinement::Entity::find().all(&db).await.unwrap();
        let mut kept: Vec<i64> = rows.iter().filter(|row| row.comment.is_some() && row.decided_at.is_some() && row.decided_by_id.is_some()).map(|row| row.target_id.0).collect();
        kept.sort_unstable();
        assert_eq!(kept, [2, 3, 4]);
        assert!(rows.iter().filter(|row| !kept.contains(&row.target_id.0)).all(|row| row.comment.is_none() && row.decided_at.is_none() && row.decided_by_id.is_none()));
    }

    async fn passwords_are_as_old_as_the_log_knows_or_as_the_account(database: TestDatabase) {
        let db = database.connect().await;
        let steps = Migrator::migrations();
        let before = steps.iter().position(|step| step.name().contains("_0029_")).unwrap();
        Migrator::up(&db, Some(u32::try_from(before).unwrap())).await.unwrap();
        let run = async |sql: String| db.execute_unprepared(&sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        for (id, name) in [(1, "zhang"), (2, "li"), (3, "wang")] {
            run(format!("INSERT INTO \"user\" (id, username, display_name, password_hash, must_change_password, active, created_at) VALUES ({id}, '{name}', 'x', 'x', FALSE, TRUE, '2022-01-01 00:00:00+00:00')")).await;
        }
        for (user, act, outcome, month) in [(1, "CHANGE_PASSWORD", "SUCCEEDED", 2), (1, "CHANGE_PASSWORD", "SUCCEEDED", 3), (1, "CHANGE_PASSWORD", "REFUSED", 4), (2, "CHANGE_PASSWORD", "REFUSED", 5), (3, "SIGN_IN", "SUCCEEDED", 6)] {
            run(format!("INSERT INTO audit_entry (occurred_at, user_id, action, object_type, changes, outcome) VALUES ('2022-0{month}-01 00:00:00+00:00', {user}, '{act}', 'User', '{{}}', '{outcome}')")).await;
        }
        Migrator::up(&db, Some(1)).await.unwrap();
        let mut rows = user::Entity::find().all(&db).await.unwrap();
        rows.sort_by_key(|row| row.id);
        let since: Vec<String> = rows.iter().map(|row| row.password_changed_at.date_naive().to_string()).collect();
        assert_eq!(since, ["2022-03-01", "2022-01-01", "2022-01-01"]);
    }

    async fn the_database_refuses_what_must_not_be(database: TestDatabase) {
        let db = database.connect().await;
        Migrator::up(&db, None).await.unwrap();
        let run = async |sql: &str| db.execute_unprepared(sql).await.is_ok();
        if database.backend == Backend::Sqlite {
            assert!(run("PRAGMA foreign_keys = ON").await);
        }
        let user = |id: i64, name: &str| format!(
            "INSERT INTO \"user\" (id, username, display_name, password_hash, must_change_password, active, created_at)
             VALUES ({id}, '{name}', 'x', 'x', FALSE, TRUE, '2022-01-01 00:00:00+00:00')"
        );
        let grant = |role: &str, unit: &str, by: &str| format!(
            "INSERT INTO role_grant (user_id, role, unit_id, valid_from, granted_by_id, reason, created_at)
             VALUES (1, '{role}', {unit}, '2022-01-01 00:00:00+00:00', {by}, 'x', '2022-01-01 00:00:00+00:00')"
        );
        assert!(run(&user(1, "zhang")).await);
        assert!(run("INSERT INTO unit (id, name, kind) VALUES (1, 'x', 'SCHOOL')").await);
        assert!(run("INSERT INTO leader (id, name) VALUES (1, 'x')").await);
        assert!(run("INSERT INTO post (id) VALUES (1)").await);
        assert!(run("INSERT INTO tenure (post_id, leader_id) VALUES (1, 1)").await);
        assert!(run(&grant("UNIT_MANAGER", "1", "NULL")).await);
        for (why, sql) in [
            ("a name in capitals", user(2, "Zhang")),
            ("a name that is taken", user(2, "zhang")),
            ("an unknown kind", "INSERT INTO unit (id, name, kind) VALUES (2, 'y', 'OFFICE')".to_owned()),
            ("a second holder of a post", "INSERT INTO tenure (post_id, leader_id) VALUES (1, 1)".to_owned()),
            ("a manager of no unit", grant("UNIT_MANAGER", "NULL", "NULL")),
            ("an administrator of a unit", grant("SYSTEM_ADMIN", "1", "NULL")),
            ("an unknown role", grant("KING", "NULL", "NULL")),
            ("a grant to oneself", grant("UNIT_REPORTER", "1", "1")),
            ("a unit that there is not", grant("UNIT_REPORTER", "9", "NULL")),
            ("a unit merged into itself", "UPDATE unit SET merged_into_id = id".to_owned()),
            ("a decision on one's own grant", "UPDATE role_grant SET decided_by_id = user_id, decided_at = created_at".to_owned()),
            ("a decision by nobody", "UPDATE role_grant SET decided_at = created_at".to_owned()),
            ("an unknown state of a grant", "UPDATE role_grant SET status = 'MAYBE'".to_owned()),
            ("a revocation without a reason", "UPDATE role_grant SET revoked_at = created_at".to_owned()),
        ] {
            assert!(!run(&sql).await, "{why}");
        }

        assert!(run("INSERT INTO plan (id, year, title, document_number, issuer, issued_on, status, source_digest, created_at, updated_at)
            VALUES (1, 2022, 'x', 'x', 'x', '2022-01-01', 'DRAFT', 'x', '2022-01-01 00:00:00+00:00', '2022-01-01 00:00:00+00:00')").await);
        assert!(run("INSERT INTO section (id, plan_id, level, ordinal, position, last_position, title, path) VALUES (1, 1, 1, 1, 1, 1, 'x', '[]')").await);
        assert!(run("INSERT INTO target (id, plan_id, number, section_id, section_position, text, plain_text, source_line, open_ended, due_on, version, created_at, updated_at)
            VALUES (1, 1, 1, 1, 1, 'x', 'x', 1, FALSE, '2022-12-31', 1, '2022-01-01 00:00:00+00:00', '2022-01-01 00:00:00+00:00')").await);
        let notice = |columns: &str, values: &str| format!(
            "INSERT INTO supervision_notice (plan_id, target_id, unit_id, colour, body, reply_due_on, issued_at, {columns})
             VALUES (1, 1, 1, 'RED', 'x', '2022-12-31', '2022-01-01 00:00:00+00:00', {values})"
        );
        let at = "'2022-01-01 00:00:00+00:00'";
        let instruction = |columns: &str, values: &str| format!(
            "INSERT INTO instruction (plan_id, target_id, leader_id, body, issued_at, issued_by_id, {columns}) VALUES (1, 1, 1, 'x', {at}, 1, {values})"
        );
        assert!(run(&notice("status, issued_by_id", "'OPEN', 1")).await);
        assert!(run(&notice("status, rung", "'OPEN', 'PAST_DUE'")).await);
        for due_on in ["2022-12-31", "2023-03-31"] {
            assert!(run(&notice("status, rung, due_on", &format!("'OPEN', 'PAST_DUE', '{due_on}'"))).await);
        }
        assert!(run(&notice("status, issued_by_id, answer, answered_at, answered_by_id", &format!("'ANSWERED', 1, 'x', {at}, 1"))).await);
        assert!(run(&instruction("reply_due_on", "NULL")).await);
        for (why, sql) in [
            ("answered without an answer", notice("status, issued_by_id", "'ANSWERED', 1")),
            ("an answer to an open one", notice("status, issued_by_id, answer, answered_at, answered_by_id", &format!("'OPEN', 1, 'x', {at}, 1"))),
            ("an answer of nobody", notice("status, issued_by_id, answer, answered_at", &format!("'ANSWERED', 1, 'x', {at}"))),
            ("withdrawn without a reason", notice("status, issued_by_id, withdrawn_at", &format!("'WITHDRAWN', 1, {at}"))),
            ("issued by nobody and by no rule", notice("status", "'OPEN'")),
            ("issued by somebody and by rule", notice("status, issued_by_id, rung", "'OPEN', 1, 'BEHIND'")),
            ("issued by the same rule again", notice("status, rung", "'OPEN', 'PAST_DUE'")),
            ("issued by the same rule again for a date", notice("status, rung, due_on", "'OPEN', 'PAST_DUE', '2022-12-31'")),
            ("issued by no rule for a date", notice("status, issued_by_id, due_on", "'OPEN', 1, '2022-12-31'")),
            ("answered by no unit", instruction("answer, answered_at, answered_by_id", &format!("'x', {at}, 1"))),
        ] {
            assert!(!run(&sql).await, "{why}");
        }
    }
}

async fn same_columns<E: EntityTrait>(database: &TestDatabase, db: &sea_orm::DatabaseConnection) {
    let table = E::default();
    let name = table.table_name();
    let sql = match database.backend {
        Backend::Sqlite => format!("SELECT name FROM pragma_table_info('{name}')"),
        Backend::Postgres => {
            format!(
                "SELECT column_name AS name FROM information_schema.columns WHERE table_name = '{name}' AND table_schema = 'public'"
            )
        }
    };
    let rows = db
        .query_all_raw(Statement::from_string(db.get_database_backend(), sql))
        .await
        .unwrap();
    let mut columns: Vec<String> = rows
        .iter()
        .map(|row| row.try_get("", "name").unwrap())
        .collect();
    let mut known: Vec<String> = E::Column::iter()
        .map(|column| column.as_str().to_owned())
        .collect();
    columns.sort();
    known.sort();
    assert_eq!(columns, known, "{name}");
    E::find().all(db).await.unwrap();
}
