//! Every path that leads to a target, walked by every account.

use entity::{assignment, designation, indicator, leader, section, target, tenure, unit};
use importer::TargetDraft;
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, Set,
};
use serde_json::{Value, json};
use tests::{Actor, App, both, world::ACTORS};

use super::{Targets, World, global, ids, walk};

both! {
    async fn every_path_leads_to_what_the_rule_says(app: App) {
        let world = World::of(&app).await;
        let db = app.database.connect().await;
        for name in ACTORS {
            let actor = app.sign_in(name).await;
            let expected = world.visible_to(name);
            let of = |year: i32| -> Targets { expected.iter().copied().filter(|target| target.0 == year).collect() };

            // Lists of a plan, both ways, in every order, without gaps or repetitions.
            for year in [2022, 2023] {
                for order in ["{ field: NUMBER, direction: ASC }", "{ field: NUMBER, direction: DESC }", "{ field: SECTION }", "{ field: UPDATED_AT, direction: DESC }"] {
                    let forwards = walk(&actor, year, order, false).await;
                    assert_eq!(world.targets(forwards.clone()), of(year), "{name} {year} {order}");
                    assert_eq!(forwards.len(), of(year).len(), "{name} {year} {order}: repeated");
                    assert_eq!(walk(&actor, year, order, true).await, forwards, "{name} {year} {order}: backwards");
                }
            }

            // Counts.
            let counts = actor.query("{ plans { nodes { year unconfirmedIndicatorCount targets { totalCount } sections { targetCount children { targetCount children { targetCount } } } } } leaders { nodes { name targetCount targets { totalCount } } } }").await;
            for plan in counts.data("/plans/nodes").as_array().unwrap() {
                let count = of(plan["year"].as_i64().unwrap() as i32).len();
                assert_eq!(plan["targets"]["totalCount"], count, "{name}");
                let seen = of(plan["year"].as_i64().unwrap() as i32);
                let open = seen.iter().flat_map(|target| &world.draft(*target).indicators).filter(|indicator| !indicator.confirmed);
                assert_eq!(plan["unconfirmedIndicatorCount"], open.count(), "{name}");
                let sections: i64 = plan["sections"].as_array().unwrap().iter().map(|s| s["targetCount"].as_i64().unwrap()).sum();
                assert_eq!(sections, count as i64, "{name}: sections");
            }
            for leader in counts.data("/leaders/nodes").as_array().unwrap() {
                let count = expected.iter().filter(|target| world.draft(**target).leaders.iter().any(|l| leader["name"] == l.as_str())).count();
                assert_eq!(leader["targetCount"], count, "{name}: {}", leader["name"]);
                assert_eq!(leader["targets"]["totalCount"], count, "{name}: {}", leader["name"]);
            }

            // Nested lists, from every side.
            let mut nested = Vec::new();
            for year in [2022, 2023] {
                let answer = actor.query(&format!("{{ plan(year: {year}) {{ sections {{ targets(first: 100) {{ nodes {{ t: id }} }} children {{ targetCount targets(first: 100) {{ totalCount nodes {{ t: id }} }} }} }} }} }}")).await;
                let Some(sections) = answer.data("").pointer("/plan/sections").and_then(Value::as_array) else { continue };
                nested.extend(sections.iter().flat_map(ids));
                for child in sections.iter().flat_map(|section| section["children"].as_array().unwrap()) {
                    assert_eq!(child["targetCount"], child["targets"]["totalCount"], "{name}");
                    assert_eq!(child["targetCount"], child["targets"]["nodes"].as_array().unwrap().len(), "{name}");
                }
            }
            assert_eq!(world.targets(nested), expected, "{name}: sections");
            let mut of_leaders = Vec::new();
            let mut of_units = Vec::new();
            for half in ["first: 100", "last: 100"] {
                let leaders = actor.query(&format!("{{ leaders {{ nodes {{ targets({half}) {{ nodes {{ t: id }} }} }} }} }}")).await;
                of_leaders.extend(ids(leaders.data("/leaders")));
                let units = actor.query(&format!("{{ units(first: 100) {{ nodes {{ name targets({half}) {{ nodes {{ t: id }} }} }} }} }}")).await;
                of_units.extend(ids(units.data("/units")));
            }
            assert_eq!(world.targets(of_leaders), expected, "{name}: leaders");
            assert_eq!(world.targets(of_units), expected, "{name}: units");
            let designations = actor.query("{ plans { nodes { designations(first: 100) { totalCount nodes { target { t: id } } } } } }").await;
            let with_designation: Targets = expected.iter().copied().filter(|target| !world.draft(*target).designations.is_empty()).collect();
            assert_eq!(world.targets(ids(designations.data("/plans"))), with_designation, "{name}: designations");

            // By ID and by number: there, or the same NOT_FOUND as what there is not.
            let nodes = |of: &'static str, keys: Vec<i64>| {
                let actor = actor.clone();
                async move {
                    let mut found = Vec::new();
                    for part in keys.chunks(100) {
                        let wanted: Vec<String> = part.iter().map(|key| global(of, *key)).collect();
                        let answer = actor.ask("query($ids: [ID!]!) { nodes(ids: $ids) { id ... on Target { t: id } ... on Assignment { target { t: id } } ... on Designation { target { t: id } } } }", json!({ "ids": wanted })).await;
                        found.extend(answer.data("/nodes").as_array().unwrap().clone());
                    }
                    found
                }
            };
            let rows = target::Entity::find().order_by_asc(target::Column::Id).all(&db).await.unwrap();
            let found = nodes("Target", rows.iter().map(|row| row.id.0).collect()).await;
            assert_eq!(world.targets(found.iter().flat_map(ids)), expected, "{name}: nodes");
            let rows = assignment::Entity::find().order_by_asc(assignment::Column::Id).all(&db).await.unwrap();
            let found = nodes("Assignment", rows.iter().map(|row| row.id.0).collect()).await;
            assert_eq!(world.targets(found.iter().flat_map(ids)), expected, "{name}: assignments");
            let rows = indicator::Entity::find().order_by_asc(indicator::Column::Id).all(&db).await.unwrap();
            let found = nodes("Indicator", rows.iter().map(|row| row.id.0).collect()).await;
            for (row, node) in rows.iter().zip(&found) {
                let target = world.by_id[&global("Target", row.target_id.0)];
                assert_eq!(!node.is_null(), expected.contains(&target), "{name}: indicator of {target:?}");
            }
            let rows = designation::Entity::find().order_by_asc(designation::Column::Id).all(&db).await.unwrap();
            let found = nodes("Designation", rows.iter().map(|row| row.id.0).collect()).await;
            for (row, node) in rows.iter().zip(&found) {
                let target = world.by_id[&global("Target", row.target_id.0)];
                assert_eq!(!node.is_null(), expected.contains(&target), "{name}: designation of {target:?}");
            }
            let never = actor.query(&format!("{{ target(id: \"{}\") {{ id }} }}", global("Target", 999_999))).await;
            assert_eq!(never.codes(), ["NOT_FOUND"], "{name}");
            for (target, id) in world.ids.iter().step_by(13) {
                for query in [
                    format!("{{ target(id: \"{id}\") {{ id }} }}"),
                    format!("{{ target(by: {{ id: \"{id}\" }}) {{ id }} }}"),
                    format!("{{ target(by: {{ number: {{ year: {}, number: {} }} }}) {{ id }} }}", target.0, target.1),
                    format!("{{ target: node(id: \"{id}\") {{ id }} }}"),
                ] {
                    let answer = actor.query(&query).await;
                    if expected.contains(target) {
                        assert_eq!(answer.data("/target/id"), id.as_str(), "{name} {query}");
                    } else {
                        assert_eq!(answer.body["errors"][0]["message"], never.body["errors"][0]["message"], "{name} {query}");
                        assert_eq!(answer.codes(), ["NOT_FOUND"], "{name} {query}");
                    }
                }
            }
        }
    }

    async fn filters_and_search_only_narrow(app: App) {
        let world = World::of(&app).await;
        let db = app.database.connect().await;
        let unit = unit::Entity::find().filter(unit::Column::Name.eq("市经信局")).one(&db).await.unwrap().unwrap();
        let chosen = leader::Entity::find().filter(leader::Column::Name.eq("李昌明")).one(&db).await.unwrap().unwrap();
        let outline = section::Entity::find().filter(section::Column::Title.eq("推动绿色低碳发展")).all(&db).await.unwrap();
        let topic = global("Section", outline[0].id.0);
        let cleaned = |text: &str| text.replace([' ', '\u{3000}'], "").to_lowercase();
        let holds = |draft: &TargetDraft, text: &str| {
            let names = draft.assignments.iter().flat_map(|a| std::iter::once(&a.unit).chain(&a.acting_unit)).chain(&draft.leaders);
            std::iter::once(&draft.plain_text).chain(names).any(|piece| cleaned(piece).contains(text))
        };
        type Rule<'a> = Box<dyn Fn(&TargetDraft, &[&str]) -> bool + 'a>;
        // Each filter, and the rule for a target and the viewer's own units.
        let mut filters: Vec<(Value, Rule)> = vec![
            (json!({ "unitId": global("Unit", unit.id.0) }), Box::new(|t, _| t.assignments.iter().any(|a| a.unit == "市经信局"))),
            (json!({ "unitId": global("Unit", unit.id.0), "role": "LEAD" }), Box::new(|t, _| t.assignments.iter().any(|a| a.unit == "市经信局" && a.role.as_str() == "LEAD"))),
            (json!({ "leaderId": global("Leader", chosen.id.0) }), Box::new(|t, _| t.leaders.iter().any(|l| l == "李昌明"))),
            (json!({ "role": "LEAD" }), Box::new(|t, own| t.assignments.iter().any(|a| a.role.as_str() == "LEAD" && (own.is_empty() || own.contains(&a.unit.as_str()) || a.acting_unit.as_deref().is_some_and(|u| own.contains(&u)))))),
            (json!({ "acknowledged": true }), Box::new(|_, _| false)),
            (json!({ "acknowledged": false }), Box::new(|t, own| t.assignments.iter().any(|a| own.is_empty() || own.contains(&a.unit.as_str()) || a.acting_unit.as_deref().is_some_and(|u| own.contains(&u))))),
            (json!({ "state": "NOT_STARTED", "light": "GREEN", "overdue": false }), Box::new(|_, _| true)),
            (json!({ "state": "COMPLETED" }), Box::new(|_, _| false)),
            (json!({ "light": "RED" }), Box::new(|_, _| false)),
            (json!({ "overdue": true }), Box::new(|_, _| false)),
            (json!({ "openEnded": false }), Box::new(|t, _| !t.open_ended)),
            (json!({ "hasIndicator": true }), Box::new(|t, _| !t.indicators.is_empty())),
            (json!({ "hasIndicator": false }), Box::new(|t, _| t.indicators.is_empty())),
            (json!({ "unconfirmedIndicators": true }), Box::new(|t, _| t.indicators.iter().any(|i| !i.confirmed))),
            (json!({ "unconfirmedIndicators": false }), Box::new(|t, _| t.indicators.iter().all(|i| i.confirmed))),
            (json!({ "sectionId": topic }), Box::new(|t, _| t.source_line >= 78 && t.source_line <= 90)),
            (json!({ "any": [{ "hasIndicator": false }, { "openEnded": false }] }), Box::new(|t, _| t.indicators.is_empty() || !t.open_ended)),
            (json!({ "any": [], "hasIndicator": true }), Box::new(|t, _| !t.indicators.is_empty())),
            (json!({ "search": "  ", "hasIndicator": true }), Box::new(|t, _| !t.indicators.is_empty())),
        ];
        for text in ["企业", "台", "市应急管理局", "林先华", "吴", "5g", "pm2.5", "%以上", "0.5个百分点", "等", "“", "绝无此文"] {
            filters.push((json!({ "search": text }), Box::new(move |t, _| holds(t, &cleaned(text)))));
        }
        for name in ["office", "fgw-manager", "yjj-manager", "leader-1", "both", "observer-2023", "system"] {
            let actor = app.sign_in(name).await;
            let own: Vec<&str> = match name {
                "fgw-manager" => vec!["市发展改革委"],
                "yjj-manager" | "both" => vec!["市应急管理局"],
                _ => vec![],
            };
            let visible = world.visible_to(name);
            for (filter, rule) in &filters {
                let mut found = Vec::new();
                let mut counted = 0;
                for year in [2022, 2023] {
                    for half in ["first", "last"] {
                        let query = format!("query($f: TargetFilter) {{ plan(year: {year}) {{ targets({half}: 100, filter: $f) {{ totalCount nodes {{ t: id }} }} }} }}");
                        let answer = actor.ask(&query, json!({ "f": filter })).await;
                        assert!(answer.body.get("errors").is_none(), "{name} {filter}: {}", answer.text);
                        found.extend(ids(&answer.body["data"]));
                        counted += answer.body.pointer("/data/plan/targets/totalCount").and_then(Value::as_i64).unwrap_or(0);
                    }
                }
                let expected: Targets = visible.iter().copied().filter(|target| {
                    // Dates and states are 2022's; the draft of 2023 is not due, either.
                    rule(world.draft(*target), &own) && (filter.get("sectionId").is_none() || target.0 == 2022)
                }).collect();
                assert_eq!(world.targets(found), expected, "{name} {filter}");
                assert_eq!(counted, 2 * expected.len() as i64, "{name} {filter}");
            }
        }
    }

    async fn what_each_account_sees_at_a_glance(app: App) {
        let mut table = String::new();
        for name in ACTORS.iter().chain(&["nobody"]) {
            let actor = app.sign_in(name).await;
            let answer = actor.query("{ viewer { permissions } issued: plan(year: 2022) { targets { totalCount } designations { totalCount } } drafted: plan(year: 2023) { targets { totalCount } } plans { totalCount } units { totalCount } unitGroups { totalCount } leaders { totalCount } }").await;
            assert!(answer.body.get("errors").is_none(), "{}", answer.text);
            let count = |pointer: &str| answer.body.pointer(&format!("/data{pointer}/totalCount")).map_or("-".to_owned(), ToString::to_string);
            table += &format!(
                "{name:<16} 2022: {:>3} targets {:>2} designations | 2023: {:>2} | plans {} units {:>2} groups {} leaders {}\n",
                count("/issued/targets"), count("/issued/designations"), count("/drafted/targets"), count("/plans"), count("/units"), count("/unitGroups"), count("/leaders"),
            );
        }
        insta::assert_snapshot!("what_each_account_sees_at_a_glance", table);
    }

    async fn grants_count_on_the_next_request(app: App) {
        let db = app.database.connect().await;
        let run = async |sql: &str| sea_orm::ConnectionTrait::execute_unprepared(&db, sql).await.unwrap();
        let count = async |actor: &Actor<'_>| {
            let answer = actor.query("{ plan(year: 2022) { targets { totalCount } } }").await;
            answer.body.pointer("/data/plan/targets/totalCount").cloned()
        };
        let manager = app.sign_in("fgw-manager").await;
        assert_eq!(count(&manager).await, Some(json!(39)));
        run("UPDATE role_grant SET valid_until = '2022-06-15T04:00:00+00:00' WHERE user_id = (SELECT id FROM \"user\" WHERE username = 'fgw-manager')").await;
        assert_eq!(count(&manager).await, None, "a grant ended at this moment");
        run("UPDATE role_grant SET valid_until = NULL WHERE user_id = (SELECT id FROM \"user\" WHERE username = 'fgw-manager')").await;
        assert_eq!(count(&manager).await, Some(json!(39)));
        run("UPDATE \"user\" SET active = FALSE WHERE username = 'fgw-manager'").await;
        let answer = manager.query("{ plans { totalCount } }").await;
        assert_eq!(answer.codes(), ["UNAUTHENTICATED"], "a disabled account");
        run("UPDATE \"user\" SET active = TRUE WHERE username = 'fgw-manager'").await;
        run("UPDATE session SET ended_at = created_at").await;
        let answer = manager.query("{ plans { totalCount } }").await;
        assert_eq!(answer.codes(), ["UNAUTHENTICATED"], "an ended session");
    }

    async fn a_successor_takes_over_the_posts_targets(app: App) {
        let db = app.database.connect().await;
        let leaders = leader::Entity::find().order_by_asc(leader::Column::Id).all(&db).await.unwrap();
        let (first, last) = (leaders[0].id, leaders[7].id);
        let (one, eight) = (app.sign_in("leader-1").await, app.sign_in("leader-8").await);
        let query = "{ plan(year: 2022) { targets { totalCount } } target(by: { number: { year: 2022, number: 1 } }) { leaders { name } } }";
        assert_eq!(one.query(query).await.data("/plan/targets/totalCount"), 62);
        let mut before = tenure::Entity::find().filter(tenure::Column::LeaderId.eq(first)).one(&db).await.unwrap().map(tenure::ActiveModel::from).unwrap();
        let post = before.post_id.clone().unwrap();
        before.ends_on = Set("2022-06-15".parse().ok());
        before.update(&db).await.unwrap();
        tenure::ActiveModel { id: NotSet, post_id: Set(post), leader_id: Set(last), starts_on: Set("2022-06-15".parse().ok()), ends_on: Set(None) }.insert(&db).await.unwrap();
        assert_eq!(one.query("{ plan(year: 2022) { targets { totalCount } } }").await.data("/plan/targets/totalCount"), 0);
        let after = eight.query(query).await;
        assert!(after.data("/plan/targets/totalCount").as_i64().unwrap() > 62);
        assert_eq!(after.data("/target/leaders"), &json!([{ "name": "吴晓东" }]));
    }
}
