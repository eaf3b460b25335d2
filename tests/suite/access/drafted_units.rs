//! Which units and groups are in the directory before a plan is published that names them.

use std::{collections::BTreeMap, time::Duration};

use entity::{unit, unit_group};
use futures_util::future::join_all;
use importer::{TableFiles, Tables};
use sea_orm::{ConnectionTrait, EntityTrait, Statement, TransactionTrait};
use serde_json::{Value, json};
use tests::{App, Backend, both, world::ACTORS};

use super::global;
use crate::{
    administration::{tried, user},
    plans::{self, act, document, done, plan, target},
};

/// Units and groups that the register does not have: the first two come by their group, the third acts for another, the
/// fourth is a group's whose units the office names.
const NEW: [(&str, &str); 5] = [
    ("Unit", "新区甲管委会"),
    ("Unit", "新区乙管委会"),
    ("Unit", "新区丙管委会"),
    ("UnitGroup", "各新区管委会"),
    ("UnitGroup", "相关新区"),
];

/// Imports a draft for 2024 that names them, as an operator does with a reviewed register; their IDs.
async fn drafted(app: &App) -> BTreeMap<&'static str, String> {
    let units = format!(
        "{}{}",
        seeds::TABLES.units,
        "新区甲管委会\t\tDEVELOPMENT_ZONE\t\t甲管委\n新区乙管委会\t\tDEVELOPMENT_ZONE\t\t\n新区丙管委会\t\tDEVELOPMENT_ZONE\t\t\n"
    );
    let groups = format!(
        "{}{}",
        seeds::TABLES.groups,
        "各新区管委会\tMEMBERS\t新区甲管委会|新区乙管委会\n相关新区\tDESIGNATION\t\n"
    );
    let tables = Tables::parse(&TableFiles {
        units: &units,
        groups: &groups,
        ..seeds::TABLES
    });
    let more = "各新区管委会，相关新区，市府办（新区丙管委会），台州湾新区管委会等";
    let document = document(2024).replacen("台州湾新区管委会等", more, 1);
    let draft = importer::read(&document, 2024, &tables.unwrap());
    let draft = draft
        .plan
        .unwrap_or_else(|| panic!("{:?}", draft.report.problems));
    let import = store::ImportPlan {
        draft: &draft,
        document: &document,
        publish: false,
    };
    let system = app.parts.store().system();
    system.import(import, &|_| ()).await.expect("the import");
    let db = app.database.connect().await;
    let units = unit::Entity::find().all(&db).await.unwrap();
    let groups = unit_group::Entity::find().all(&db).await.unwrap();
    let named = |name: &str| {
        let units = units
            .iter()
            .map(|row| (&row.name, global("Unit", row.id.0)));
        let groups = groups
            .iter()
            .map(|row| (&row.name, global("UnitGroup", row.id.0)));
        let mut all = units.chain(groups);
        all.find(|(known, _)| *known == name).unwrap().1
    };
    NEW.iter().map(|(_, name)| (*name, named(name))).collect()
}

/// Which of the new ones an account finds, by whichever path it asks: all paths must agree.
async fn found(app: &App, name: &str, ids: &BTreeMap<&'static str, String>) -> Vec<&'static str> {
    let actor = app.sign_in(name).await;
    let lists = actor
        .query("{ units(first: 100) { totalCount nodes { id name } } unitGroups(first: 100) { totalCount nodes { id name members { name } } } }")
        .await;
    if lists.body["data"].is_null() || lists.body["data"]["units"].is_null() {
        return Vec::new();
    }
    for list in ["units", "unitGroups"] {
        let nodes = lists.data(&format!("/{list}/nodes")).as_array().unwrap();
        assert_eq!(
            lists.data(&format!("/{list}/totalCount")),
            nodes.len(),
            "{name} {list}"
        );
    }
    let mut all = Vec::new();
    for (kind, new) in NEW {
        let id = &ids[new];
        let list = if kind == "Unit" {
            "units"
        } else {
            "unitGroups"
        };
        let nodes = lists.data(&format!("/{list}/nodes")).as_array().unwrap();
        let listed = nodes.iter().any(|node| node["id"] == **id);
        assert_eq!(
            listed,
            nodes.iter().any(|node| node["name"] == new),
            "{name} {new}"
        );
        let node = actor
            .ask(
                "query($id: ID!) { found: node(id: $id) { id } }",
                json!({ "id": id }),
            )
            .await;
        assert_eq!(
            listed,
            node.body["data"]["found"]["id"] == **id,
            "{name} {new}: node"
        );
        if kind == "Unit" {
            let of = actor.ask("query($id: ID!) { found: unit(id: $id) { id aliases targets { totalCount } } }", json!({ "id": id })).await;
            assert_eq!(
                listed,
                of.body["data"]["found"]["id"] == **id,
                "{name} {new}: unit"
            );
            for text in [new, if new == NEW[0].1 { "甲管委" } else { new }] {
                let search = actor.ask("query($s: String) { units(filter: { search: $s }) { totalCount nodes { id } } }", json!({ "s": text })).await;
                assert_eq!(
                    search.data("/units/totalCount"),
                    i64::from(listed),
                    "{name} {text}: search"
                );
            }
        }
        if listed {
            all.push(new);
        }
    }
    all
}

fn all() -> Vec<&'static str> {
    NEW.iter().map(|(_, name)| *name).collect()
}

both! {
    async fn units_that_a_draft_alone_names_are_unknown_until_it_is_published(app: App) {
        let ids = drafted(&app).await;
        let units = unit::Entity::find().all(&app.database.connect().await).await.unwrap();
        assert!(units.iter().all(|row| row.listed != row.name.starts_with("新区")), "the others were listed before");
        for name in ACTORS {
            // The supervision office of all plans, and whoever keeps the directory.
            let expected = if ["office", "system"].contains(&name) { all() } else { vec![] };
            assert_eq!(found(&app, name, &ids).await, expected, "{name}, drafted");
        }
        // Its own text names them to its office.
        let office = app.sign_in("office").await;
        let query = "{ plan(year: 2024) { id targets(first: 1) { nodes { assignments { unit { name } actingUnit { name } group { name } } designations { phrase } } } } }";
        let drafted = office.query(query).await;
        let text = drafted.data("/plan/targets/nodes").to_string();
        for (_, name) in NEW {
            assert!(text.contains(name), "{name}: {text}");
        }
        // Nobody gets a grant for a unit that its granter does not know; no other office gives it a target.
        let security = app.sign_in("security").await;
        let grant = json!({ "userId": user(&security, "nobody").await, "role": "UNIT_REPORTER", "unitId": ids["新区甲管委会"], "reason": "x" });
        assert_eq!(tried(&security, "grantRole", grant).await, "NOT_FOUND unitId");
        let other = app.sign_in("office-2022").await;
        let (one, version) = target(&other, 2022, 1).await;
        let units = json!([{ "unitId": ids["新区甲管委会"], "role": "LEAD" }]);
        let amend = json!({ "targetId": one, "expectedVersion": version, "reason": "x", "units": units });
        assert_eq!(act(&other, "amendTarget", amend, "target { id }").await.refusals("amendTarget"), ["NOT_FOUND units.0.unitId"]);
        let filtered = other.ask("query($u: ID) { plan(year: 2022) { targets(filter: { unitId: $u }) { totalCount } } }", json!({ "u": ids["新区甲管委会"] })).await;
        assert_eq!(filtered.data("/plan/targets/totalCount"), 0);
        done(&office, "publishPlan", json!({ "planId": drafted.data("/plan/id") }), "plan { id }").await;
        for name in ACTORS {
            let expected = if name == "audit" { vec![] } else { all() };
            assert_eq!(found(&app, name, &ids).await, expected, "{name}, published");
        }
    }

    async fn the_office_of_a_draft_knows_its_units_and_a_discarded_one_leaves_none(app: App) {
        let ids = drafted(&app).await;
        let office = app.sign_in("office").await;
        // The office of 2023's draft comes to know a unit by a target there, and no other.
        let (one, version) = target(&office, 2023, 1).await;
        let units = json!([{ "unitId": ids["新区甲管委会"], "role": "LEAD" }, { "unitId": plans::unit(&office, "市府办").await, "role": "SUPPORTING", "actingUnitId": ids["新区丙管委会"] }]);
        done(&office, "updateTarget", json!({ "targetId": one, "expectedVersion": version, "units": units }), "target { id }").await;
        let (office_2023, none): (Vec<&str>, Vec<&str>) = (vec!["新区甲管委会", "新区丙管委会"], vec![]);
        assert_eq!(found(&app, "office-2023", &ids).await, office_2023);
        for name in ["office-2022", "observer-2023", "security", "fgw-manager"] {
            assert_eq!(found(&app, name, &ids).await, none, "{name}");
        }
        done(&office, "discardPlan", json!({ "planId": plan(&office, 2024).await, "reason": "x" }), "year").await;
        assert_eq!(found(&app, "office-2023", &ids).await, office_2023);
        for name in ["office-2022", "security", "fgw-manager", "observer"] {
            assert_eq!(found(&app, name, &ids).await, none, "{name}, discarded");
        }
        // A target of a plan in force that goes to one makes that one known.
        let (issued, version) = target(&office, 2022, 1).await;
        let units = json!([{ "unitId": ids["新区乙管委会"], "role": "LEAD" }]);
        done(&office, "amendTarget", json!({ "targetId": issued, "expectedVersion": version, "reason": "x", "units": units }), "target { id }").await;
        for name in ["security", "fgw-manager", "office-2022", "observer"] {
            assert_eq!(found(&app, name, &ids).await, ["新区乙管委会"], "{name}, amended");
        }
    }

    async fn what_is_designated_or_given_away_in_a_plan_in_force_is_known(app: App) {
        let ids = drafted(&app).await;
        let office = app.sign_in("office").await;
        let open = office.query("{ plan(year: 2022) { designations(first: 1, filter: { resolved: false }) { nodes { id } } } }").await;
        let designation = open.data("/plan/designations/nodes/0/id");
        done(&office, "designateUnits", json!({ "designationId": designation, "unitIds": [ids["新区甲管委会"]] }), "target { id }").await;
        assert_eq!(found(&app, "fgw-manager", &ids).await, ["新区甲管委会"]);
        let manager = app.sign_in("linhai-manager").await;
        let mine = manager.query("{ plan(year: 2022) { targets(first: 1) { nodes { assignments { id unit { name } } } } } }").await;
        let rows = mine.data("/plan/targets/nodes/0/assignments").as_array().unwrap().clone();
        let own = rows.iter().find(|row| row["unit"]["name"] == "临海市政府").unwrap();
        let dispute = done(&manager, "disputeAssignment", json!({ "assignmentId": own["id"], "reason": "x" }), "dispute { id }").await;
        let decided = json!({ "disputeId": dispute["dispute"]["id"], "decision": "REASSIGN", "comment": "x", "unitId": ids["新区乙管委会"] });
        done(&office, "decideDispute", decided, "dispute { id }").await;
        assert_eq!(found(&app, "fgw-manager", &ids).await, ["新区甲管委会", "新区乙管委会"]);
        // A draft makes nobody known.
        let drafted = office.query("{ plan(year: 2024) { designations(first: 1, filter: { resolved: false }) { nodes { id } } } }").await;
        let designation = drafted.data("/plan/designations/nodes/0/id");
        done(&office, "designateUnits", json!({ "designationId": designation, "unitIds": [ids["新区丙管委会"]] }), "target { id }").await;
        assert_eq!(found(&app, "fgw-manager", &ids).await, ["新区甲管委会", "新区乙管委会"]);
    }

    async fn an_administrators_act_puts_a_unit_into_the_directory(app: App) {
        let ids = drafted(&app).await;
        let system = app.sign_in("system").await;
        let by_system = async |mutation: &str, input: Value| crate::administration::done(&system, mutation, input).await;
        // A correction of its name does not.
        by_system("renameUnit", json!({ "unitId": ids["新区乙管委会"], "name": "新区乙委" })).await;
        by_system("renameUnit", json!({ "unitId": ids["新区乙管委会"], "name": "新区乙管委会" })).await;
        assert_eq!(found(&app, "security", &ids).await, [""; 0]);
        by_system("createUser", json!({ "username": "jia", "displayName": "x", "unitId": ids["新区甲管委会"] })).await;
        assert_eq!(found(&app, "security", &ids).await, ["新区甲管委会"]);
        by_system("createUnitGroup", json!({ "name": "x", "resolution": "MEMBERS", "unitIds": [ids["新区丙管委会"]] })).await;
        assert_eq!(found(&app, "security", &ids).await, ["新区甲管委会", "新区丙管委会"]);
        by_system("changeUnitGroup", json!({ "unitGroupId": ids["相关新区"], "unitIds": [] })).await;
        assert_eq!(found(&app, "security", &ids).await, ["新区甲管委会", "新区丙管委会", "相关新区"]);
        // What is known goes on under the other one: it becomes known, too.
        by_system("mergeUnits", json!({ "unitId": ids["新区甲管委会"], "intoUnitId": ids["新区乙管委会"], "reason": "x" })).await;
        let security = app.sign_in("security").await;
        let merged = security.ask("query($id: ID!) { unit(id: $id) { mergedInto { name } } }", json!({ "id": ids["新区甲管委会"] })).await;
        assert_eq!(merged.data("/unit/mergedInto/name"), "新区乙管委会");
        let made = by_system("createUnit", json!({ "name": "市新设局", "kind": "GOVERNMENT_DEPARTMENT" })).await;
        let seen = security.ask("query($id: ID!) { unit(id: $id) { name } }", json!({ "id": made["unit"]["id"] })).await;
        assert_eq!(seen.data("/unit/name"), "市新设局");
    }

    async fn acts_at_the_same_moment_that_bring_a_unit_into_the_directory_wait_for_each_other(app: App) {
        let ids = drafted(&app).await;
        let (office, system) = (app.sign_in("office").await, app.sign_in("system").await);
        let unit = &ids["新区甲管委会"];
        let mut targets = Vec::new();
        for number in 1..=6 {
            targets.push(target(&office, 2022, number).await);
        }
        let amended = targets.iter().map(|(id, version)| {
            let units = json!([{ "unitId": unit, "role": "LEAD" }, { "unitId": ids["新区丙管委会"], "role": "SUPPORTING" }]);
            let amend = json!({ "targetId": id, "expectedVersion": version, "reason": "x", "units": units });
            act(&office, "amendTarget", amend, "target { id }")
        });
        let created = (0..4).map(|at| {
            let account = json!({ "username": format!("jia-{at}"), "displayName": "x", "unitId": unit });
            tried(&system, "createUser", account)
        });
        let (amended, created) = futures_util::future::join(join_all(amended), join_all(created)).await;
        for answer in amended {
            assert_eq!(answer.refusals("amendTarget"), [""; 0]);
        }
        assert_eq!(created, ["done"; 4]);
        assert_eq!(found(&app, "security", &ids).await, ["新区甲管委会", "新区丙管委会"]);
    }

    async fn units_of_a_group_are_locked_in_one_order_whatever_theirs_is(app: App) {
        let ids = drafted(&app).await;
        let system = app.sign_in("system").await;
        let db = app.database.connect().await;
        let input = json!({ "name": "x", "resolution": "MEMBERS", "unitIds": [ids["新区丙管委会"], ids["新区乙管委会"], ids["新区甲管委会"]] });
        let creating = tried(&system, "createUnitGroup", input);
        if app.database.backend == Backend::Sqlite {
            // It has one writer.
            assert_eq!(creating.await, "done");
            return;
        }
        let holding = db.begin().await.unwrap();
        holding.execute_unprepared("SELECT id FROM unit WHERE name = '新区甲管委会' FOR NO KEY UPDATE").await.unwrap();
        let looking = async {
            let waits = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
            let rows = async |sql: &str| db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap().len();
            while rows(waits).await == 0 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            // It waits for the first of them, and holds none of the others.
            let free = rows("SELECT id FROM unit WHERE name LIKE '新区%' FOR NO KEY UPDATE SKIP LOCKED").await;
            holding.rollback().await.unwrap();
            free
        };
        let both = futures_util::future::join(creating, looking);
        let (created, free) = tokio::time::timeout(Duration::from_secs(30), both).await.expect("an end");
        assert_eq!((created.as_str(), free), ("done", 2));
    }

    async fn accounts_of_a_table_put_their_units_into_the_directory(app: App) {
        let ids = drafted(&app).await;
        let system = app.sign_in("system").await;
        let query = "mutation($file: Upload!, $dry: Boolean!) { importUsers(input: { file: $file, dryRun: $dry }) { userErrors { code field } report { problems { message } } } }";
        let table = "username,displayName,unit\njia,x,新区甲管委会\n";
        for (dry, expected) in [(true, vec![]), (false, vec!["新区甲管委会"])] {
            let answer = system.ask_with_file(query, json!({ "dry": dry }), "a.csv", table.as_bytes()).await;
            assert_eq!(answer.data("/importUsers/report/problems"), &json!([]));
            assert_eq!(found(&app, "security", &ids).await, expected);
        }
    }
}
