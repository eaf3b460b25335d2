//! Acts at the same moment that lock the same rows: one waits for the other, and none of them fails for it.

use entity::{kinds::NoticeStatus, supervision_notice, unit};
use futures_util::future::{join, join_all};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, TransactionTrait,
};
use serde_json::{Value, json};
use tests::{
    Actor, App, Backend, both,
    desk::{create_periods, report, save},
};

use crate::{
    administration::attempt,
    parties::outcome,
    plans::{self, import, whole},
    scene::act,
};

/// The lock of whoever changes the register (PostgreSQL).
pub(crate) const REGISTER: &str = "SELECT pg_advisory_xact_lock(119251636807799)";

/// What came of it: `outcome` takes no internal error.
async fn came(actor: &Actor<'_>, mutation: &str, input: Value, fields: &str) -> String {
    outcome(&act(actor, mutation, input, fields).await, mutation)
}

/// Targets in which an account's unit has a part.
async fn targets(actor: &Actor<'_>, role: &str) -> Vec<Value> {
    let query = format!(
        "{{ plan(year: 2022) {{ targets(first: 12, filter: {{ role: {role} }}) {{ nodes {{ id assignments {{ role unit {{ id name }} actingUnit {{ id }} }} }} }} }} }}"
    );
    let answer = actor.query(&query).await;
    let nodes = answer.data("/plan/targets/nodes").as_array();
    nodes.unwrap().clone()
}

/// The units of a target as an amendment has them.
fn units(target: &Value) -> Vec<Value> {
    let rows = target["assignments"].as_array().unwrap().iter();
    rows.map(|row| json!({ "unitId": row["unit"]["id"], "role": row["role"], "actingUnitId": row["actingUnit"].get("id") }))
        .collect()
}

async fn amend(actor: &Actor<'_>, target: &Value, units: &[Value]) -> String {
    let query = "query($id: ID!) { target(id: $id) { version } }";
    let seen = actor.ask(query, json!({ "id": target["id"] })).await;
    let input = json!({ "targetId": target["id"], "expectedVersion": seen.data("/target/version"), "reason": "x", "units": units });
    came(actor, "amendTarget", input, "target { id }").await
}

#[track_caller]
fn among(found: &str, expected: &[&str]) {
    assert!(expected.contains(&found), "{found}, not {expected:?}");
}

both! {
    async fn acts_on_notices_and_amendments_of_their_targets(app: App) {
        let (office, other, linhai) = (app.sign_in("office").await, app.sign_in("office-2022").await, app.sign_in("linhai-manager").await);
        let db = app.database.connect().await;
        let unit = unit::Entity::find().filter(unit::Column::Name.eq("临海市政府")).one(&db).await.unwrap().unwrap();
        let notice = |target: &Value, unit: &Value| json!({ "targetId": target["id"], "unitId": unit, "colour": "RED", "body": "x", "replyDueOn": "2022-07-01" });
        let issued = async |target: &Value, unit: &Value| plans::done(&office, "issueNotice", notice(target, unit), "notice { id }").await["notice"]["id"].clone();
        for target in targets(&linhai, "SUPPORTING").await.iter().take(8) {
            let all = units(target);
            let is_linhai = |part: &&Value| target["assignments"].as_array().unwrap().iter().any(|row| row["unit"]["id"] == part["unitId"] && row["unit"]["name"] == "临海市政府");
            let own = all.iter().find(is_linhai).unwrap()["unitId"].clone();
            let fewer: Vec<Value> = all.iter().filter(|part| !is_linhai(part)).cloned().collect();
            // Red it stays, so that what is done to the others changes nothing of the target's version.
            issued(target, &all[0]["unitId"]).await;
            for _ in 0..2 {
                let (one, two) = (issued(target, &own).await, issued(target, &own).await);
                let (answered, withdrawn, again, amended) = tokio::join!(
                    came(&linhai, "answerNotice", json!({ "noticeId": one, "body": "x" }), "notice { id }"),
                    came(&office, "withdrawNotice", json!({ "noticeId": two, "reason": "x" }), "notice { id }"),
                    came(&office, "issueNotice", notice(target, &own), "notice { id }"),
                    amend(&other, target, &fewer),
                );
                among(&answered, &["done", "WRONG_STATE noticeId", "NOT_FOUND noticeId"]);
                among(&withdrawn, &["done", "WRONG_STATE noticeId"]);
                among(&again, &["done", "INVALID unitId"]);
                assert_eq!(amended, "done");
                // Whichever came first: nothing is left open of the unit that has gone.
                let open = supervision_notice::Entity::find()
                    .filter(supervision_notice::Column::UnitId.eq(unit.id))
                    .filter(supervision_notice::Column::Status.eq(NoticeStatus::Open));
                assert_eq!(open.count(&db).await.unwrap(), 0);
                assert_eq!(amend(&other, target, &all).await, "done");
            }
        }
    }

    async fn steps_of_reports_amendments_and_merging_their_units(app: App) {
        let (office, manager, system) = (app.sign_in("office").await, app.sign_in("fgw-manager").await, app.sign_in("system").await);
        let periods = create_periods(&office).await;
        let led = targets(&manager, "LEAD").await;
        let mut drafts = Vec::new();
        for target in &led {
            let saved = save(&manager, json!({ "targetId": target["id"], "periodId": periods["2022年6月"], "progress": "x" })).await;
            drafts.push(report(&saved, "saveProgressReport"));
        }
        let (from, into) = (plans::unit(&office, "市发展改革委").await, plans::unit(&office, "市人防办").await);
        let merging = async { outcome(&attempt(&system, "mergeUnits", json!({ "unitId": from, "intoUnitId": into, "reason": "x" })).await, "mergeUnits") };
        let submitting = drafts.iter().map(|draft| came_of_step(&manager, draft.input()));
        let amending = led.iter().map(|target| {
            let mut units = units(target);
            units.rotate_right(1);
            let office = &office;
            async move { amend(office, target, &units).await }
        });
        let (merged, (submitted, amended)) = join(merging, join(join_all(submitting), join_all(amending))).await;
        assert_eq!(merged, "done");
        for outcome in &submitted {
            // Its version stays, whoever hands it in; but who asked as the unit that is no more finds nothing of it.
            among(outcome, &["done", "NOT_FOUND reportId"]);
        }
        for outcome in &amended {
            let of_unit = outcome.starts_with("NOT_FOUND units.");
            assert!(of_unit || ["done", "CONFLICT expectedVersion"].contains(&outcome.as_str()), "{outcome}");
        }
    }

    async fn who_carries_targets_over_waits_for_whoever_merges_units(app: App) {
        let office = app.sign_in("office").await;
        let db = app.database.connect().await;
        let holding = db.begin().await.unwrap();
        if app.database.backend == Backend::Sqlite {
            return;
        }
        holding.execute_unprepared("SELECT pg_advisory_xact_lock(119251636807799)").await.unwrap();
        let draft = plans::plan(&office, 2023).await;
        let (target, _) = plans::target(&office, 2022, 1).await;
        let input = json!({ "targetIds": [target], "toPlanId": draft, "reason": "x" });
        let mut carrying = std::pin::pin!(came(&office, "carryOverTargets", input, "targets { id }"));
        let early = tokio::time::timeout(std::time::Duration::from_secs(1), &mut carrying).await;
        assert!(early.is_err(), "its units may be merged away meanwhile");
        holding.rollback().await.unwrap();
        assert_eq!(carrying.await, "done");
    }

    async fn who_may_not_do_it_waits_for_nobody_and_holds_nobody_up(app: App) {
        let (office, manager) = (app.sign_in("office").await, app.sign_in("fgw-manager").await);
        let (unit, other) = (plans::unit(&office, "市发展改革委").await, plans::unit(&office, "市人防办").await);
        let seen = office.query("{ plan(year: 2022) { id } leaders { nodes { id } } unitGroups(first: 1) { nodes { id } } }").await;
        let leader = |at: usize| seen.data(&format!("/leaders/nodes/{at}/id")).clone();
        let db = app.database.connect().await;
        let holding = db.begin().await.unwrap();
        if app.database.backend == Backend::Postgres {
            // Whoever changes the register holds this lock, and these rows.
            for sql in [REGISTER, "SELECT id FROM unit FOR NO KEY UPDATE", "SELECT id FROM \"user\" FOR NO KEY UPDATE"] {
                holding.execute_unprepared(sql).await.unwrap();
            }
        }
        for (mutation, input, field) in [
            ("renameUnit", json!({ "unitId": unit, "name": "x" }), "unitId"),
            ("mergeUnits", json!({ "unitId": unit, "intoUnitId": other, "reason": "x" }), "unitId"),
            ("changeUnitGroup", json!({ "unitGroupId": seen.data("/unitGroups/nodes/0/id"), "unitIds": [unit] }), "unitGroupId"),
            ("succeedLeader", json!({ "predecessorId": leader(0), "successorId": leader(1), "on": "2022-06-20", "reason": "x" }), "predecessorId"),
            ("publishPlan", json!({ "planId": seen.data("/plan/id") }), "planId"),
            ("carryOverTargets", json!({ "targetIds": ["x"], "toPlanId": seen.data("/plan/id"), "reason": "x" }), "toPlanId"),
        ] {
            let attempt = act(&manager, mutation, input, "clientMutationId");
            let refused = tokio::time::timeout(std::time::Duration::from_secs(10), attempt).await;
            let refused = refused.unwrap_or_else(|_| panic!("{mutation} waits"));
            assert_eq!(refused.refusals(mutation), [format!("FORBIDDEN {field}")], "{mutation}");
        }
        holding.rollback().await.unwrap();
    }

    async fn who_changes_the_register_does_not_stop_the_sealing_of_the_audit_log(app: App) {
        let db = app.database.connect().await;
        let holding = db.begin().await.unwrap();
        if app.database.backend == Backend::Postgres {
            holding.execute_unprepared(REGISTER).await.unwrap();
        }
        app.sign_in("office").await;
        let system = app.parts.store().system();
        let sealing = tokio::time::timeout(std::time::Duration::from_secs(10), system.finish_audit());
        sealing.await.expect("it waits for the register").unwrap();
        holding.rollback().await.unwrap();
    }

    async fn work_on_a_draft_that_is_taken_apart_or_discarded(app: App) {
        let office = app.sign_in("office").await;
        import(&office, whole(2024).as_bytes(), 2024, false).await;
        let query = "{ plan(year: 2024) { id designations(first: 24, filter: { resolved: false }) { nodes { id target { id version } } } } }";
        let draft = office.query(query).await;
        let plan = draft.data("/plan/id");
        let open = draft.data("/plan/designations/nodes").as_array().unwrap();
        assert!(open.len() > 16, "{}", draft.text);
        let unit = plans::unit(&office, "市人防办").await;
        let designate = |row: &Value| json!({ "designationId": row["id"], "unitIds": [unit] });
        let (removed, left) = open.split_at(open.len() / 2);
        for row in removed {
            let target = &row["target"];
            let remove = json!({ "targetId": target["id"], "expectedVersion": target["version"] });
            let (designated, removed) = join(
                came(&office, "designateUnits", designate(row), "target { id }"),
                came(&office, "removeTarget", remove, "plan { id }"),
            ).await;
            among(&designated, &["done", "NOT_FOUND designationId"]);
            among(&removed, &["done", "CONFLICT expectedVersion"]);
        }
        let periods = plans::done(&office, "createReportingPeriods", json!({ "planId": plan, "kind": "MONTH" }), "reportingPeriods { id }").await;
        let periods = periods["reportingPeriods"].as_array().unwrap().clone();
        let discarding = came(&office, "discardPlan", json!({ "planId": plan, "reason": "x" }), "year");
        let designating = join_all(left.iter().map(|row| came(&office, "designateUnits", designate(row), "target { id }")));
        let opening = join_all(periods.iter().map(|period| came(&office, "openReportingPeriod", json!({ "periodId": period["id"] }), "reportingPeriod { id }")));
        let (discarded, (designated, opened)) = join(discarding, join(designating, opening)).await;
        assert_eq!(discarded, "done");
        for outcome in &designated {
            among(outcome, &["done", "NOT_FOUND designationId"]);
        }
        for outcome in &opened {
            among(outcome, &["done", "NOT_FOUND periodId"]);
        }
    }
}

async fn came_of_step(actor: &Actor<'_>, input: Value) -> String {
    const STEP: &str = "submitProgressReport";
    outcome(&tests::desk::on_report(actor, STEP, input).await, STEP)
}
