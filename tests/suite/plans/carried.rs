//! Targets that go on in the next year, and who sees the link.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tests::{App, both};

use super::{NONE, act, available, done, plan, publish, sees, target, text, unit};
use crate::{administration, scene::audited};

const LINKS: &str = "query($id: ID!) { target(id: $id) { number carriedReason carriedFrom { id number } carriedTo { id number } } }";

both! {
    async fn unfinished_targets_go_on_in_the_next_years_draft(app: App) {
        let (office, manager) = (app.sign_in("office").await, app.sign_in("fgw-manager").await);
        let draft = plan(&office, 2023).await;
        let ((one, version), (last, _)) = (target(&office, 2022, 1).await, target(&office, 2022, 194).await);
        let parts = "number text dueOn version sourceLine openEnded section { title } leaders { name } assignments { role assignedAt acknowledgedAt unit { name } actingUnit { name } group { name } }
            designations { phrase resolved } indicators { name goal confirmed phrase }";
        let of = async |id: &str| office.ask(&format!("query($id: ID!) {{ target(id: $id) {{ {parts} }} }}"), json!({ "id": id })).await.data("/target").clone();
        let before = (of(&one).await, of(&last).await);
        let count = office.query("{ plan(year: 2023) { targets { totalCount } } }").await.data("/plan/targets/totalCount").as_i64().unwrap();
        let input = json!({ "targetIds": [last, one], "toPlanId": draft, "reason": "跨年度项目", "clientMutationId": "a" });
        let fields = format!("targets {{ id {parts} }}");
        let carried = done(&office, "carryOverTargets", input.clone(), &fields).await;
        let carried = carried["targets"].as_array().unwrap();
        for (at, (new, old)) in carried.iter().zip([&before.1, &before.0]).enumerate() {
            let mut expected = old.clone();
            expected["id"] = new["id"].clone();
            expected["number"] = json!(count + 1 + at as i64);
            (expected["dueOn"], expected["version"], expected["sourceLine"]) = (json!("2023-12-31"), json!(1), json!(0));
            // The draft has the first heading alone; what stood under another goes under one of its own.
            expected["section"]["title"] = if at == 1 { old["section"]["title"].clone() } else { "2022年结转目标任务".into() };
            assert_eq!(new, &expected);
        }
        assert_eq!(of(&one).await, before.0, "nothing of the old one changes");
        // Sent again, they are the same; once more, they were carried over.
        assert_eq!(done(&office, "carryOverTargets", input.clone(), &fields).await["targets"], json!(carried));
        let mut again = input.clone();
        again["clientMutationId"] = Value::Null;
        assert_eq!(act(&office, "carryOverTargets", again, "targets { id }").await.refusals("carryOverTargets"), ["WRONG_STATE targetIds.0"]);
        assert_eq!(audited(&app, "CARRY_OVER_TARGET").await, 2);
        // And who may carry over is told so beforehand, also of a draft that they do not see.
        let (other, _) = target(&office, 2022, 2).await;
        for username in ["office", "office-2022"] {
            let actor = app.sign_in(username).await;
            for (id, expected) in [(&one, "WRONG_STATE"), (&last, "WRONG_STATE"), (&other, "allowed")] {
                let offered = available(&actor, id).await;
                assert!(offered.contains(&("CARRY_OVER_TARGET".to_owned(), expected.to_owned())), "{username}: {offered:?}");
            }
        }

        // The link is seen by who sees the other end: of a draft, the office of both alone.
        let new = text(&carried[1]["id"]);
        let link = async |username: &str, id: &str| app.sign_in(username).await.ask(LINKS, json!({ "id": id })).await.body.pointer("/data/target").cloned();
        let to = |seen: bool| json!(seen.then(|| json!({ "id": new, "number": count + 2 })));
        for (username, seen) in [("office", true), ("office-2022", false), ("fgw-manager", false), ("leader-1", false), ("observer", false)] {
            if let Some(found) = link(username, &one).await.filter(|found| !found.is_null()) {
                assert_eq!(found["carriedTo"], to(seen), "{username}");
            }
        }
        assert_eq!(link("office-2023", &new).await.unwrap(), json!({ "number": count + 2, "carriedReason": "跨年度项目", "carriedFrom": null, "carriedTo": null }));
        assert!(!sees(&manager, &new).await);
        publish(&office, &draft).await;
        assert_eq!(link("fgw-manager", &one).await.unwrap()["carriedTo"], to(true));
        assert_eq!(link("fgw-manager", &new).await.unwrap()["carriedFrom"], json!({ "id": one, "number": 1 }));
        assert_eq!(target(&office, 2022, 1).await.1, version);
        let (outline, counts) = (office.query("{ plan(year: 2023) { sections { title targetCount } } }").await, carried.len());
        let own = outline.data("/plan/sections").as_array().unwrap().iter().find(|section| section["title"] == "2022年结转目标任务").cloned().unwrap();
        assert_eq!((own["targetCount"].as_u64(), counts), (Some(1), 2));
    }

    async fn carried_targets_are_those_of_the_units_that_there_are(app: App) {
        const FROM: &str = "临海市政府";
        const THROUGH: &str = "市人防办";
        const INTO: &str = "市发展改革委";
        let (office, system) = (app.sign_in("office").await, app.sign_in("system").await);
        let (issued, draft) = (plan(&office, 2022).await, plan(&office, 2023).await);
        let ((one, version), (two, other)) = (target(&office, 2022, 1).await, target(&office, 2022, 2).await);
        let mut ids = BTreeMap::new();
        for name in [FROM, THROUGH, INTO, "市科技局", "市经信局"] {
            ids.insert(name, unit(&office, name).await);
        }
        let part = |unit: &str, role: &str, acting: Option<&str>| json!({ "unitId": ids[unit], "role": role, "actingUnitId": acting.map(|acting| &ids[acting]) });
        for (target, version, units) in [
            // The one that leads is merged into one that supports, for which it acts elsewhere.
            (&one, version, [part(FROM, "LEAD", Some("市科技局")), part("市经信局", "SUPPORTING", Some(FROM)), part(INTO, "SUPPORTING", Some(THROUGH))]),
            // Two that are merged into one that has no part.
            (&two, other, [part("市科技局", "LEAD", None), part(THROUGH, "SUPPORTING", None), part(FROM, "LEAD", None)]),
        ] {
            let input = json!({ "targetId": target, "expectedVersion": version, "reason": "x", "units": units });
            done(&office, "amendTarget", input, "target { id }").await;
        }
        done(&office, "archivePlan", json!({ "planId": issued }), "plan { id }").await;
        // One after the other: what was merged first is merged again.
        for (from, into) in [(FROM, THROUGH), (THROUGH, INTO)] {
            administration::done(&system, "mergeUnits", json!({ "unitId": ids[from], "intoUnitId": ids[into], "reason": "机构改革" })).await;
        }
        let parts = "assignments { role unit { id name } actingUnit { name } }";
        let named = async |id: &str| {
            let seen = office.ask(&format!("query($id: ID!) {{ target(id: $id) {{ {parts} }} }}"), json!({ "id": id })).await;
            let rows = seen.data("/target/assignments").as_array().unwrap().clone();
            rows.iter().map(|row| (text(&row["unit"]["name"]), text(&row["role"]), text(&row["actingUnit"]["name"]))).collect::<Vec<_>>()
        };
        let parts = |parts: &[(&str, &str, &str)]| parts.iter().map(|(unit, role, acting)| ((*unit).to_owned(), (*role).to_owned(), (*acting).to_owned())).collect::<Vec<_>>();
        let archived = parts(&[(FROM, "LEAD", "市科技局"), ("市经信局", "SUPPORTING", FROM), (INTO, "SUPPORTING", THROUGH)]);
        assert_eq!(named(&one).await, archived);
        let input = json!({ "targetIds": [one, two], "toPlanId": draft, "reason": "x" });
        let carried = done(&office, "carryOverTargets", input, "targets { id }").await;
        let new = |at: usize| text(&carried["targets"][at]["id"]);
        assert_eq!(named(&new(0)).await, parts(&[("市经信局", "SUPPORTING", INTO), (INTO, "LEAD", "")]));
        assert_eq!(named(&new(1)).await, parts(&[("市科技局", "LEAD", ""), (INTO, "LEAD", "")]));
        assert_eq!(named(&one).await, archived, "nothing of the old one changes");
        // And the unit that there is sees them once they are published.
        publish(&office, &draft).await;
        let manager = app.sign_in("fgw-manager").await;
        assert!(sees(&manager, &new(0)).await && sees(&manager, &new(1)).await);
    }

    async fn what_is_not_carried_over(app: App) {
        let office = app.sign_in("office").await;
        let (issued, draft) = (plan(&office, 2022).await, plan(&office, 2023).await);
        let ((one, _), (two, _), (of_draft, _)) = (target(&office, 2022, 1).await, target(&office, 2022, 2).await, target(&office, 2023, 1).await);
        done(&office, "cancelTarget", json!({ "targetId": two, "reason": "x" }), "target { id }").await;
        for (targets, to, reason, expected) in [
            (json!([]), &draft, "x", "INVALID targetIds"),
            (json!(vec![one.as_str(); 101]), &draft, "x", "TOO_LARGE targetIds"),
            (json!([one]), &draft, " ", "INVALID reason"),
            (json!([one, one]), &draft, "x", "INVALID targetIds.1"),
            (json!([one, "x"]), &draft, "x", "NOT_FOUND targetIds.1"),
            (json!([one]), &issued, "x", "WRONG_STATE toPlanId"),
            (json!([one]), &"x".to_owned(), "x", "NOT_FOUND toPlanId"),
            (json!([two]), &draft, "x", "WRONG_STATE targetIds.0"),
            (json!([of_draft]), &draft, "x", "WRONG_STATE targetIds.0"),
        ] {
            let input = json!({ "targetIds": targets, "toPlanId": to, "reason": reason });
            assert_eq!(act(&office, "carryOverTargets", input.clone(), "targets { id }").await.refusals("carryOverTargets"), [expected], "{input}");
        }
        // An office of one of the plans is none of the other.
        let input = json!({ "targetIds": [one], "toPlanId": draft, "reason": "x" });
        for (username, expected) in [("office-2022", "NOT_FOUND toPlanId"), ("office-2023", "NOT_FOUND targetIds.0"), ("fgw-manager", "NOT_FOUND toPlanId"), ("system", "NOT_FOUND toPlanId")] {
            let actor = app.sign_in(username).await;
            assert_eq!(act(&actor, "carryOverTargets", input.clone(), "targets { id }").await.refusals("carryOverTargets"), [expected], "{username}");
        }
        let offered = available(&office, &two).await;
        assert!(offered.contains(&("CARRY_OVER_TARGET".to_owned(), "WRONG_STATE".to_owned())), "{offered:?}");
        assert_eq!(act(&office, "carryOverTargets", input, "targets { id }").await.refusals("carryOverTargets"), NONE);
    }
}
