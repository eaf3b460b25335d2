//! Drafts: targets are changed, added and taken out by the supervision office, and found by their new words.

use serde_json::{Value, json};
use tests::{App, both};

use super::{act, done, leader, plan, publish, sees, target, text, unit};
use crate::scene::audited;

const WHOLE: &str = "target { number text plainText dueOn version sourceLine section { title } leaders { name }
    assignments { role assignedAt unit { name } actingUnit { name } } indicators { name goal confirmed phrase } }";

both! {
    async fn a_target_of_a_draft_is_changed_in_all_its_parts(app: App) {
        let office = app.sign_in("office-2023").await;
        let (one, version) = target(&office, 2023, 1).await;
        let (first, first_name) = leader(&office, 0).await;
        let (last, last_name) = leader(&office, 7).await;
        let (lead, acting, other) = (unit(&office, "市安委办").await, unit(&office, "市应急管理局").await, unit(&office, "市人防办").await);
        let sections = office.query("{ plan(year: 2023) { sections { id title } } }").await;
        let section = sections.data("/plan/sections").as_array().unwrap().last().unwrap().clone();
        let changed = done(&office, "updateTarget", json!({
            "targetId": one, "expectedVersion": version, "text": " 建成 PM<sub>2.5</sub> 监测站 12 个。 ", "sectionId": section["id"], "dueOn": "2024-03-31",
            "leaderIds": [last, first],
            "units": [{ "unitId": lead, "role": "LEAD", "actingUnitId": acting }, { "unitId": other, "role": "SUPPORTING" }],
            "indicators": [{ "name": "监测站", "comparison": "AT_LEAST", "goal": "12.0", "unitOfMeasure": "个", "kind": "COUNT", "phrase": "12 个" }],
        }), WHOLE).await;
        assert_eq!(changed["target"], json!({
            "number": 1, "text": "建成 PM<sub>2.5</sub> 监测站 12 个。", "plainText": changed["target"]["plainText"], "dueOn": "2024-03-31", "version": version + 1,
            "sourceLine": changed["target"]["sourceLine"], "section": { "title": section["title"] }, "leaders": [{ "name": last_name }, { "name": first_name }],
            "assignments": [
                { "role": "LEAD", "assignedAt": null, "unit": { "name": "市安委办" }, "actingUnit": { "name": "市应急管理局" } },
                { "role": "SUPPORTING", "assignedAt": null, "unit": { "name": "市人防办" }, "actingUnit": null },
            ],
            "indicators": [{ "name": "监测站", "goal": "12", "confirmed": true, "phrase": "12 个" }],
        }));
        // It is found by its new words and names, and by its old ones no more.
        let found = async |words: &str| office.ask("query($s: String) { plan(year: 2023) { targets(filter: { search: $s }) { nodes { number } } } }", json!({ "s": words })).await.data("/plan/targets/nodes").as_array().unwrap().iter().any(|node| node["number"] == 1);
        assert!(found("监测站").await && found("市人防办").await && found(&last_name).await);
        assert!(!found("生产总值增长").await);
        // The same once more changes nothing, and what was seen is not written over.
        let refused = async |input: Value| act(&office, "updateTarget", input, "target { id }").await.refusals("updateTarget");
        assert_eq!(refused(json!({ "targetId": one, "expectedVersion": version + 1, "dueOn": "2024-03-31", "leaderIds": [last, first] })).await, ["INVALID"]);
        assert_eq!(refused(json!({ "targetId": one, "expectedVersion": version, "dueOn": "2024-04-30" })).await, ["CONFLICT expectedVersion"]);
        assert_eq!(audited(&app, "UPDATE_TARGET").await, 1);
        // Published, the new units see it.
        publish(&office, &plan(&office, 2023).await).await;
        assert!(sees(&app.sign_in("renfang-reporter").await, &one).await && sees(&app.sign_in("yjj-manager").await, &one).await);
        assert!(!sees(&app.sign_in("fgw-manager").await, &one).await);
        assert_eq!(refused(json!({ "targetId": one, "expectedVersion": version + 1, "dueOn": "2024-04-30" })).await, ["WRONG_STATE targetId"]);
        assert_eq!(act(&office, "addTarget", json!({ "planId": plan(&office, 2023).await, "sectionId": section["id"], "text": "x", "leaderIds": [], "units": [] }), "target { id }").await.refusals("addTarget"), ["WRONG_STATE planId"]);
    }

    async fn parts_that_are_not_acceptable_are_told_with_their_place(app: App) {
        let office = app.sign_in("office").await;
        let (one, version) = target(&office, 2023, 1).await;
        let (own, other) = (unit(&office, "市科技局").await, unit(&office, "市人防办").await);
        let (who, _) = leader(&office, 0).await;
        let foreign = office.query("{ plan(year: 2022) { sections { id } } target(by: { number: { year: 2022, number: 1 } }) { indicators { id } } }").await;
        let indicator = |change: Value| {
            let mut whole = json!({ "name": "x", "comparison": "AT_LEAST", "goal": "7", "unitOfMeasure": "%", "kind": "RATE", "phrase": "生产总值增长" });
            whole.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            json!({ "indicators": [whole] })
        };
        for (change, expected) in [
            (json!({ "text": "  " }), "INVALID text"),
            (json!({ "text": "长".repeat(4001) }), "TOO_LARGE text"),
            // The text's number is an indicator: both change together.
            (json!({ "text": "别的。" }), "INVALID indicators"),
            (json!({ "sectionId": foreign.data("/plan/sections/0/id") }), "NOT_FOUND sectionId"),
            (json!({ "dueOn": "2022-12-31" }), "INVALID dueOn"),
            (json!({ "dueOn": "2025-01-01" }), "INVALID dueOn"),
            (json!({ "leaderIds": [] }), "INVALID leaderIds"),
            (json!({ "leaderIds": [who, who] }), "INVALID leaderIds.1"),
            (json!({ "leaderIds": [who, own] }), "NOT_FOUND leaderIds.1"),
            (json!({ "units": [] }), "INVALID units"),
            (json!({ "units": [{ "unitId": own, "role": "SUPPORTING" }] }), "INVALID units"),
            (json!({ "units": [{ "unitId": own, "role": "LEAD" }, { "unitId": own, "role": "SUPPORTING" }] }), "INVALID units.1.unitId"),
            (json!({ "units": [{ "unitId": own, "role": "LEAD", "actingUnitId": own }] }), "INVALID units.0.actingUnitId"),
            (json!({ "units": [{ "unitId": own, "role": "LEAD", "actingUnitId": who }] }), "NOT_FOUND units.0.actingUnitId"),
            (json!({ "units": vec![json!({ "unitId": other, "role": "LEAD" }); 101] }), "TOO_LARGE units"),
            (indicator(json!({ "phrase": "没有的话" })), "INVALID indicators.0.phrase"),
            (indicator(json!({ "unitOfMeasure": "长".repeat(33) })), "TOO_LARGE indicators.0.unitOfMeasure"),
            (indicator(json!({ "indicatorId": foreign.data("/target/indicators/0/id") })), "NOT_FOUND indicators.0.indicatorId"),
        ] {
            let mut input = json!({ "targetId": one, "expectedVersion": version });
            input.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            let answer = act(&office, "updateTarget", input, "target { id }").await;
            assert_eq!(answer.refusals("updateTarget"), [expected], "{change}");
        }
        assert_eq!(target(&office, 2023, 1).await, (one, version));
        assert_eq!(audited(&app, "UPDATE_TARGET").await, 0);
    }

    async fn targets_are_added_and_taken_out_and_the_numbers_stay_whole(app: App) {
        let office = app.sign_in("office").await;
        let numbers = async || {
            let answer = office.query("{ plan(year: 2023) { targets(first: 100) { nodes { number text } } } }").await;
            let nodes = answer.data("/plan/targets/nodes").as_array().unwrap().clone();
            assert_eq!(nodes.iter().map(|node| node["number"].as_u64().unwrap() as usize).collect::<Vec<_>>(), (1..=nodes.len()).collect::<Vec<_>>());
            nodes.iter().map(|node| text(&node["text"])).collect::<Vec<_>>()
        };
        let before = numbers().await;
        let (who, _) = leader(&office, 0).await;
        let section = office.query("{ plan(year: 2023) { id sections { id } } }").await;
        let input = json!({
            "planId": section.data("/plan/id"), "sectionId": section.data("/plan/sections/0/id"), "text": "新增小微企业1.8万家。", "leaderIds": [who],
            "units": [{ "unitId": unit(&office, "市科技局").await, "role": "LEAD" }], "clientMutationId": "a",
        });
        let added = done(&office, "addTarget", input.clone(), WHOLE).await;
        let of = &added["target"];
        assert_eq!((&of["number"], &of["sourceLine"], &of["dueOn"], &of["version"]), (&json!(before.len() + 1), &json!(0), &json!("2023-12-31"), &json!(1)));
        assert_eq!(of["indicators"], json!([{ "name": "新增小微企业", "goal": "18000", "confirmed": false, "phrase": "新增小微企业1.8万家" }]));
        // Sent again, it is the same target.
        done(&office, "addTarget", input, WHOLE).await;
        assert_eq!(numbers().await.len(), before.len() + 1);
        let (two, version) = target(&office, 2023, 2).await;
        let removal = json!({ "targetId": two, "expectedVersion": version });
        assert_eq!(act(&office, "removeTarget", json!({ "targetId": two, "expectedVersion": version + 1 }), "plan { id }").await.refusals("removeTarget"), ["CONFLICT expectedVersion"]);
        done(&office, "removeTarget", removal.clone(), "plan { id }").await;
        assert_eq!(act(&office, "removeTarget", removal, "plan { id }").await.refusals("removeTarget"), ["NOT_FOUND targetId"]);
        let after = numbers().await;
        assert_eq!(after[0], before[0]);
        assert_eq!(after[1..after.len() - 1], before[2..]);
        // The search knows it no more.
        let found = office.ask("query($s: String) { plan(year: 2023) { targets(filter: { search: $s }) { totalCount } } }", json!({ "s": before[1] })).await;
        assert_eq!(found.data("/plan/targets/totalCount"), 0);
        assert_eq!((audited(&app, "ADD_TARGET").await, audited(&app, "REMOVE_TARGET").await), (1, 1));
        let (of_issued, version) = target(&office, 2022, 1).await;
        assert_eq!(act(&office, "removeTarget", json!({ "targetId": of_issued, "expectedVersion": version }), "plan { id }").await.refusals("removeTarget"), ["WRONG_STATE targetId"]);
    }
}
