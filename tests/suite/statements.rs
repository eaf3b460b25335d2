//! What an operation costs: the same statements whatever the size of the page.

use serde_json::json;
use tests::{
    App, Backend, both,
    desk::{create_periods, report, save},
};

use crate::{
    attachments::try_upload,
    contract::operation,
    plans::{done, import, unit, whole},
};

both! {
    async fn a_page_costs_the_same_whatever_its_size(app: App) {
        let my_targets = operation("MyTargets");
        for (name, most) in [("fgw-manager", 7), ("office", 7), ("leader-1", 7), ("linhai-manager", 7)] {
            let actor = app.sign_in(name).await;
            for first in [1, 10, 100] {
                let answer = actor.ask(&my_targets, json!({ "year": 2022, "first": first })).await;
                assert!(!answer.data("/plan/targets/edges").as_array().unwrap().is_empty());
                assert_eq!(answer.statements(), most, "{name}, first {first}");
            }
        }
    }

    async fn other_operations_cost_what_they_cost(app: App) {
        let office = app.sign_in("office").await;
        let target = office.query("{ target(by: { number: { year: 2022, number: 12 } }) { id } }").await;
        let target = target.data("/target/id").clone();
        let mut costs = Vec::new();
        for (name, variables) in [
            ("Viewer", json!({})),
            ("TargetDetail", json!({ "id": target })),
            ("Outline", json!({ "year": 2022 })),
            ("Directory", json!({ "first": 100, "search": "市" })),
            ("OpenDesignations", json!({ "year": 2022 })),
        ] {
            let answer = office.ask(&operation(name), variables).await;
            assert!(answer.body.get("errors").is_none(), "{}", answer.text);
            costs.push(format!("{name} {}", answer.statements()));
        }
        assert_eq!(costs, ["Viewer 1", "TargetDetail 25", "Outline 4", "Directory 7", "OpenDesignations 5"]);
    }

    async fn reports_cost_what_they_cost_however_many_there_are(app: App) {
        let office = app.sign_in("office").await;
        let periods = create_periods(&office).await;
        let (manager, linhai) = (app.sign_in("fgw-manager").await, app.sign_in("linhai-manager").await);
        let mine = manager.query("{ plan(year: 2022) { targets(first: 12, filter: { role: LEAD }) { nodes { id indicators { id } } } } }").await;
        let mut acts = std::collections::BTreeSet::new();
        let mut costs = Vec::new();
        let mut lists = Vec::new();
        for (at, node) in mine.data("/plan/targets/nodes").as_array().unwrap().iter().enumerate() {
            let mut input = json!({ "targetId": node["id"], "periodId": periods["2022年6月"], "progress": "x", "percentComplete": 50 });
            let saved = manager.ask(&operation("SaveProgressReport"), json!({ "input": input })).await;
            let draft = report(&saved, "saveProgressReport");
            input["expectedVersion"] = 1.into();
            input["progress"] = "y".into();
            let changed = manager.ask(&operation("SaveProgressReport"), json!({ "input": input })).await;
            let changed_report = report(&changed, "saveProgressReport");
            let step = json!({ "reportId": draft.id, "expectedVersion": changed_report.version });
            let submitted = manager.ask(&operation("SubmitProgressReport"), step).await;
            let review = json!({ "reportId": draft.id, "expectedVersion": 3, "decision": "ACCEPT" });
            let reviewed = office.ask(&operation("ReviewProgressReport"), review).await;
            report(&reviewed, "reviewProgressReport");
            acts.insert([saved.statements(), changed.statements(), submitted.statements(), reviewed.statements()]);
            if [0, 11].contains(&at) {
                for actor in [&office, &manager, &linhai] {
                    for (name, variables) in [
                        ("Reports", json!({ "first": 100 })),
                        ("MyTargets", json!({ "year": 2022, "first": 100 })),
                        ("TargetDetail", json!({ "id": mine.data("/plan/targets/nodes/0/id") })),
                        ("Changes", json!({ "first": 100 })),
                        ("ReportingPeriods", json!({ "year": 2022 })),
                    ] {
                        let answer = actor.ask(&operation(name), variables).await;
                        assert!(answer.body.get("errors").is_none(), "{name}: {}", answer.text);
                        costs.push(format!("{name} {}", answer.statements()));
                    }
                    let query = "{ progressReports { nodes { availableActions { action } versions { totalCount nodes { version readings { value } } } reviews { id } readings { value period { label availableActions { action } } } } } }";
                    costs.push(format!("everything {}", actor.query(query).await.statements()));
                }
                lists.push(std::mem::take(&mut costs));
            }
        }
        // PostgreSQL takes a lock, in a statement of its own, to number events.
        let lock = u32::from(app.database.backend == Backend::Postgres);
        assert_eq!(Vec::from_iter(acts), [[17, 17, 26, 29].map(|cost| cost + lock)]);
        let costs = ["Reports 6", "MyTargets 7", "TargetDetail 30", "Changes 3", "ReportingPeriods 3", "everything 12"];
        let of_unit = ["Reports 6", "MyTargets 7", "TargetDetail 30", "Changes 4", "ReportingPeriods 3", "everything 12"];
        let expected = [costs, of_unit, costs].concat();
        assert_eq!(lists, [expected.clone(), expected], "one report costs what twelve cost");
    }

    async fn files_cost_what_they_cost_however_many_there_are(app: App) {
        let office = app.sign_in("office").await;
        let periods = create_periods(&office).await;
        let manager = app.sign_in("fgw-manager").await;
        let mine = manager.query("{ plan(year: 2022) { targets(first: 6, filter: { role: LEAD }) { nodes { id } } } }").await;
        let mut acts = std::collections::BTreeSet::new();
        let mut lists = Vec::new();
        for (at, node) in mine.data("/plan/targets/nodes").as_array().unwrap().iter().enumerate() {
            let target = node["id"].as_str().unwrap();
            let mut ids = Vec::new();
            for text in ["a", "b"] {
                let uploaded = try_upload(&manager, target, "a.txt", text.as_bytes()).await;
                ids.push(uploaded.data("/uploadAttachment/attachment/id").clone());
                acts.insert(("upload", uploaded.statements()));
            }
            let mut input = json!({ "targetId": target, "periodId": periods["2022年6月"], "progress": "x", "attachmentIds": ids });
            let saved = save(&manager, input.clone()).await;
            input["attachmentIds"] = json!([ids[0]]);
            input["expectedVersion"] = 1.into();
            let changed = save(&manager, input.clone()).await;
            input["attachmentIds"] = json!([]);
            input["expectedVersion"] = 2.into();
            let emptied = save(&manager, input).await;
            report(&emptied, "saveProgressReport").step(&manager, "submitProgressReport").await;
            acts.extend([("attach", saved.statements()), ("take off", changed.statements()), ("take off all", emptied.statements())]);
            if [0, 5].contains(&at) {
                let mut costs = Vec::new();
                for actor in [&manager, &office] {
                    for fields in ["attachments { id url }", "attachments { uploadedBy { displayName } }", "versions { nodes { attachments { url } } }"] {
                        costs.push(actor.query(&format!("{{ progressReports {{ nodes {{ {fields} }} }} }}")).await.statements());
                    }
                }
                lists.push(costs);
            }
        }
        let lock = u32::from(app.database.backend == Backend::Postgres);
        assert_eq!(Vec::from_iter(acts), [("attach", 20 + lock), ("take off", 20 + lock), ("take off all", 18 + lock), ("upload", 12)]);
        assert_eq!(lists, [[3, 3, 4, 3, 3, 4], [3, 3, 4, 3, 3, 4]]);
    }

    async fn plans_cost_what_they_cost_however_much_was_amended(app: App) {
        let office = app.sign_in("office").await;
        let plans = office.query("{ issued: plan(year: 2022) { targets(first: 4) { nodes { id version } } } draft: plan(year: 2023) { id } }").await;
        let draft = plans.data("/draft/id").clone();
        let lock = u32::from(app.database.backend == Backend::Postgres);
        let mut acts = std::collections::BTreeSet::new();
        let mut lists = Vec::new();
        let read = "query($n: Int) { plan(year: 2022) { targets(first: $n) { nodes { amendments(first: 5) { totalCount nodes { reason amendedBy { displayName } before { text } } } carriedFrom { id } carriedTo { id } } } } }";
        let carry = "mutation($targetIds: [ID!]!, $planId: ID!, $reason: String!) { carryOverTargets(input: { targetIds: $targetIds, toPlanId: $planId, reason: $reason }) { targets { id number carriedFrom { id number } } userErrors { code field message } } }";
        for node in plans.data("/issued/targets/nodes").as_array().unwrap() {
            let input = json!({ "input": { "targetId": node["id"], "expectedVersion": node["version"], "reason": "x", "dueOn": "2023-03-31" } });
            let amended = office.ask(&operation("AmendTarget"), input).await;
            assert_eq!(amended.refusals("amendTarget"), [""; 0]);
            let carried = office.ask(carry, json!({ "targetIds": [node["id"]], "planId": draft, "reason": "x" })).await;
            assert_eq!(carried.refusals("carryOverTargets"), [""; 0]);
            acts.insert([amended.statements(), carried.statements() - lock]);
            lists.push([1, 4, 100].map(|n| office.ask(read, json!({ "n": n }))));
        }
        let mut costs = std::collections::BTreeSet::new();
        for list in lists.into_iter().flatten() {
            costs.insert(list.await.statements());
        }
        let published = office.ask(&operation("PublishPlan"), json!({ "planId": draft })).await;
        assert_eq!(published.refusals("publishPlan"), [""; 0]);
        // SQLite writes a search document in two statements. Who carries over, or publishes, locks the register of units, too.
        let search = 1 - lock;
        insta::assert_snapshot!("plans_cost", format!("{:?} {costs:?} {}", acts.iter().map(|acts| acts.map(|cost| cost - lock - search)).collect::<Vec<_>>(), published.statements() - 2 * lock));
    }

    async fn merging_moves_all_that_there_is_of_the_unit_at_once(app: App) {
        let (system, office) = (app.sign_in("system").await, app.sign_in("office").await);
        let query = "query($unit: ID!) { plan(year: 2022) { targets(first: 100, filter: { unitId: $unit }) { nodes { id } } } }";
        let mut costs = Vec::new();
        let mut sizes = Vec::new();
        for (from, into) in [("市人防办", "市应急管理局"), ("临海市政府", "市发展改革委")] {
            let (from, into) = (unit(&office, from).await, unit(&office, into).await);
            let theirs = office.ask(query, json!({ "unit": from })).await;
            let targets = theirs.data("/plan/targets/nodes").as_array().unwrap();
            for target in targets {
                let notice = json!({ "targetId": target["id"], "unitId": from, "colour": "BLUE", "body": "x", "replyDueOn": "2022-07-01" });
                done(&office, "issueNotice", notice, "notice { id }").await;
            }
            let input = json!({ "unitId": from, "intoUnitId": into, "reason": "x" });
            let merged = crate::administration::attempt(&system, "mergeUnits", input).await;
            assert_eq!(merged.refusals("mergeUnits"), [""; 0]);
            costs.push(merged.statements());
            sizes.push(targets.len());
        }
        assert!(sizes[0] > 0 && sizes[1] > 10 * sizes[0], "{sizes:?}");
        // Target by target are written what the search finds, and how the target stands.
        let more = u32::try_from(sizes[1] - sizes[0]).unwrap();
        let most = if app.database.backend == Backend::Postgres { 2 } else { 3 };
        assert!(costs[1] - costs[0] <= most * more, "{costs:?} for {sizes:?}");
    }

    async fn a_group_and_a_discarded_draft_cost_the_same_however_much_is_in_them(app: App) {
        let (system, office) = (app.sign_in("system").await, app.sign_in("office").await);
        let units = system.query("{ units(first: 100) { nodes { id } } }").await;
        let ids: Vec<_> = units.data("/units/nodes").as_array().unwrap().iter().map(|node| node["id"].clone()).collect();
        let mut costs = Vec::new();
        for count in [1, 40] {
            let input = json!({ "name": format!("x{count}"), "resolution": "MEMBERS", "unitIds": ids[..count] });
            let made = crate::administration::attempt(&system, "createUnitGroup", input).await;
            assert_eq!(made.refusals("createUnitGroup"), [""; 0]);
            costs.push(made.statements());
        }
        assert_eq!(costs[0], costs[1]);
        let draft = office.query("{ plan(year: 2023) { id targets(first: 1) { totalCount nodes { id version } } } }").await;
        import(&office, whole(2024).as_bytes(), 2024, false).await;
        let other = office.query("{ plan(year: 2024) { id targets(first: 1) { totalCount } } }").await;
        assert_ne!(draft.data("/plan/targets/totalCount"), other.data("/plan/targets/totalCount"));
        let costs = [draft.data("/plan/id"), other.data("/plan/id")].map(|plan| {
            let (office, input) = (&office, json!({ "planId": plan, "reason": "x" }));
            async move {
                let discarded = crate::scene::act(office, "discardPlan", input, "year").await;
                assert_eq!(discarded.refusals("discardPlan"), Vec::<String>::new(), "{}", discarded.text);
                discarded.statements()
            }
        });
        let [one, other] = costs;
        assert_eq!(one.await, other.await);
    }

    async fn lists_in_lists_are_one_statement_each(app: App) {
        let office = app.sign_in("office").await;
        let query = "query($n: Int) { leaders(first: $n) { nodes { targets(first: 2) { totalCount nodes { number section { title } } } } } }";
        let mut costs = Vec::new();
        for n in [1, 8] {
            let answer = office.ask(query, json!({ "n": n })).await;
            assert_eq!(answer.data("/leaders/nodes").as_array().unwrap().len(), n);
            costs.push(answer.statements());
        }
        assert_eq!(costs, [4, 4]);
    }

    async fn signing_in_is_counted_and_a_failure_costs_the_same_whatever_was_wrong(app: App) {
        let anonymous = app.anonymous();
        let mut costs = Vec::new();
        for _ in 0..5 {
            anonymous.try_sign_in("linhai-manager", "a wrong password").await;
        }
        crate::audit::execute(&app, "UPDATE \"user\" SET active = FALSE WHERE username = 'observer'").await;
        let right = tests::world::PASSWORD;
        for (username, password) in [("office", "a wrong password"), ("nobody at all", "a wrong password"), ("linhai-manager", right), ("linhai-manager", "a wrong password"), ("observer", right), ("observer", "a wrong password")] {
            let answer = anonymous.ask(&operation("SignIn"), json!({ "username": username, "password": password })).await;
            assert_eq!(answer.refusals("signIn"), ["INVALID"]);
            costs.push(answer.statements());
        }
        assert_eq!(costs, [8; 6]);
        if app.database.backend == Backend::Postgres {
            // And each locks a row, which PostgreSQL writes down: the commit of one waits for the disk as that of the others does.
            use sea_orm::{ConnectionTrait, Statement};
            let db = app.database.connect().await;
            let locked = "SELECT COUNT(*) AS n FROM unknown_name WHERE xmax::text <> '0'";
            let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), locked)).await.unwrap().unwrap();
            assert_eq!(row.try_get::<i64>("", "n").unwrap(), 1);
        }
        let signed = anonymous.ask(&operation("SignIn"), json!({ "username": "office", "password": tests::world::PASSWORD })).await;
        let refreshed = anonymous
            .ask(&operation("RefreshSession"), json!({ "refreshToken": signed.data("/signIn/session/refreshToken") }))
            .await;
        // One of each asks whether a second factor must be set up first, and one how long a password is good.
        assert_eq!([signed.statements(), refreshed.statements()], [10, 10]);
    }
}
