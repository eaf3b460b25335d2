//! Publishing: from that moment on departments see their targets, and hear of it over sockets that were open before.

use sea_orm::{ConnectionTrait, TransactionTrait};
use serde_json::{Value, json};
use tests::{App, both};

use super::{NONE, act, available, done, plan, publish, sees, target, text};
use crate::events::{event, listen, settle};
use crate::scene::audited;

both! {
    async fn what_is_published_is_seen_and_heard_of_at_once(app: App) {
        let (office, manager, outsider) = (app.sign_in("office").await, app.sign_in("fgw-manager").await, app.sign_in("renfang-reporter").await);
        let draft = plan(&office, 2023).await;
        let (one, version) = target(&office, 2023, 1).await;
        assert!(!sees(&manager, &one).await);
        let types = json!({ "types": ["PLAN_PUBLISHED", "DRAFT_CHANGED", "PLAN_ARCHIVED"] });
        let (mut of_office, mut of_manager, mut of_audit) = (listen(&app, &office, types.clone()).await, listen(&app, &manager, types.clone()).await, listen(&app, &app.sign_in("audit").await, types).await);
        // Of a draft the office alone hears; when it is published, those who may see plans.
        done(&office, "updateTarget", json!({ "targetId": one, "expectedVersion": version, "dueOn": "2023-06-30" }), "target { version }").await;
        assert_eq!(event(&mut of_office).await["type"], "DRAFT_CHANGED");
        app.clock.advance(chrono::TimeDelta::minutes(1));
        let published = publish(&office, &draft).await;
        assert_eq!(published.refusals("publishPlan"), NONE);
        assert_eq!(published.data("/publishPlan/plan"), &json!({ "id": draft, "status": "PUBLISHED", "publishedAt": "2022-06-15T04:01:00Z" }));
        assert_eq!(event(&mut of_office).await["type"], "PLAN_PUBLISHED");
        assert_eq!(event(&mut of_manager).await["type"], "PLAN_PUBLISHED");
        settle(&mut of_audit).await;
        assert!(sees(&manager, &one).await && !sees(&outsider, &one).await);
        // What happened to the draft stays the office's.
        let heard = "{ changes(last: 100) { totalCount nodes { type } } }";
        assert_eq!(manager.query(heard).await.data("/changes"), &json!({ "totalCount": 1, "nodes": [{ "type": "PLAN_PUBLISHED" }] }));
        assert_eq!(office.query(heard).await.data("/changes/totalCount"), 2);
        assert_eq!(publish(&office, &draft).await.refusals("publishPlan"), ["WRONG_STATE planId"]);
        assert_eq!(audited(&app, "PUBLISH_PLAN").await, 2, "the world's, and this");
    }

    /// Whoever writes into the draft has the plan, and publishing waits: the plan is published when it gets it.
    async fn what_publishing_waits_for_happened_before(app: App) {
        let (office, manager) = (app.sign_in("office").await, app.sign_in("fgw-manager").await);
        let draft = plan(&office, 2023).await;
        let db = app.database.connect().await;
        let edit = db.begin().await.unwrap();
        // Its lock, or that of the whole database.
        edit.execute_unprepared("UPDATE plan SET updated_at = updated_at WHERE year = 2023").await.unwrap();
        let (published, ()) = tokio::join!(publish(&office, &draft), async {
            tokio::time::sleep(std::time::Duration::from_millis(500)).await;
            app.clock.advance(chrono::TimeDelta::minutes(1));
            edit.execute_unprepared(
                "INSERT INTO event (type, occurred_at, plan_id, audience, object_type, object_id)
                 SELECT 'PLAN_RULES_SET', '2022-06-15 04:00:30+00:00', id, 'PLAN', 'Plan', id FROM plan WHERE year = 2023",
            ).await.unwrap();
            edit.commit().await.unwrap();
        });
        assert_eq!(published.data("/publishPlan/plan/publishedAt"), "2022-06-15T04:01:00Z");
        let heard = "{ changes(last: 100) { nodes { type occurredAt } } }";
        let of_publishing = json!({ "type": "PLAN_PUBLISHED", "occurredAt": "2022-06-15T04:01:00Z" });
        assert_eq!(manager.query(heard).await.data("/changes/nodes"), &json!([of_publishing]));
        let before = json!({ "type": "PLAN_RULES_SET", "occurredAt": "2022-06-15T04:00:30Z" });
        assert_eq!(office.query(heard).await.data("/changes/nodes"), &json!([before, of_publishing]));
    }

    async fn an_empty_draft_is_not_published(app: App) {
        let office = app.sign_in("office-2023").await;
        let draft = plan(&office, 2023).await;
        let allowed = async || {
            let acts = available(&office, &draft).await;
            acts.iter().find(|(act, _)| act == "PUBLISH_PLAN").unwrap().1.clone()
        };
        assert_eq!(allowed().await, "allowed");
        loop {
            let found = office.query("{ plan(year: 2023) { targets(first: 1) { nodes { id version } } } }").await;
            let Some(node) = found.data("/plan/targets/nodes").get(0).cloned() else { break };
            done(&office, "removeTarget", json!({ "targetId": node["id"], "expectedVersion": node["version"] }), "plan { id }").await;
        }
        assert_eq!(allowed().await, "WRONG_STATE");
        assert_eq!(publish(&office, &draft).await.refusals("publishPlan"), ["WRONG_STATE planId"]);
    }

    async fn publishing_sent_again_is_done_once(app: App) {
        let office = app.sign_in("office").await;
        let input = json!({ "planId": plan(&office, 2023).await, "clientMutationId": "x" });
        for _ in 0..2 {
            let answer = act(&office, "publishPlan", input.clone(), "plan { status }").await;
            assert_eq!((text(answer.data("/publishPlan/plan/status")), answer.refusals("publishPlan")), ("PUBLISHED".to_owned(), vec![]));
        }
        assert_eq!(audited(&app, "PUBLISH_PLAN").await, 2);
        let nothing: Value = office.query("{ plan(year: 2023) { availableActions { action allowed } } }").await.data("/plan/availableActions").clone();
        let allowed: Vec<&Value> = nothing.as_array().unwrap().iter().filter(|act| act["allowed"] == true).map(|act| &act["action"]).collect();
        assert_eq!(allowed, ["CREATE_PERIODS", "SET_PLAN_RULES", "ARCHIVE_PLAN"], "it is no draft to be discarded");
    }
}
