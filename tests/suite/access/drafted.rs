//! Who is in the directory before a plan is published that names them.

use serde_json::{Value, json};
use tests::{App, both, world::ACTORS};

use crate::plans::{self, act, document, done, plan, target};

const NEWCOMER: &str = "赵新来";

/// What an account sees of a leader: in the list, by ID, counted, with the posts.
async fn paths(app: &App, name: &str, id: &Value, post: &Value) -> Vec<bool> {
    let actor = app.sign_in(name).await;
    let answer = actor
        .query("{ leaders { totalCount nodes { id name } edges { cursor } } }")
        .await;
    let Some(list) = answer
        .body
        .pointer("/data/leaders")
        .filter(|list| !list.is_null())
    else {
        return vec![false; 4];
    };
    let nodes = list["nodes"].as_array().unwrap();
    let listed = nodes.iter().any(|node| node["name"] == NEWCOMER);
    assert_eq!(list["totalCount"], nodes.len(), "{name}");
    assert_eq!(listed, nodes.iter().any(|node| node["id"] == *id));
    let found = async |query: &str, id: &Value| {
        let answer = actor.ask(query, json!({ "id": id })).await;
        let node = answer.body.pointer("/data/found").cloned();
        node.is_some_and(|node| !node.is_null())
    };
    vec![
        listed,
        found(
            "query($id: ID!) { found: leader(id: $id) { id posts { id } } }",
            id,
        )
        .await,
        found("query($id: ID!) { found: node(id: $id) { id } }", id).await,
        found("query($id: ID!) { found: node(id: $id) { id } }", post).await,
    ]
}

both! {
    async fn a_leader_whom_drafts_alone_name_is_unknown_until_one_is_published(app: App) {
        let office = app.sign_in("office").await;
        let (_, first) = plans::leader(&office, 0).await;
        let document = document(2024).replace(&first, NEWCOMER);
        assert!(document.contains(NEWCOMER), "{first}");
        let imported = plans::import(&office, document.as_bytes(), 2024, false).await;
        assert_eq!(imported.refusals("importPlan"), plans::NONE, "{}", imported.text);
        let drafted = imported.data("/importPlan/plan/id").clone();
        let answer = office.query("{ leaders { nodes { id name posts { id } } } }").await;
        let row = answer.data("/leaders/nodes").as_array().unwrap().iter().find(|row| row["name"] == NEWCOMER).unwrap().clone();
        let (id, post) = (row["id"].clone(), row["posts"][0]["id"].clone());
        for name in ACTORS {
            // The supervision office of all plans, and whoever keeps the directory.
            let sees = ["office", "system"].contains(&name);
            assert_eq!(paths(&app, name, &id, &post).await, [sees; 4], "{name}, drafted");
        }
        // Nobody gets a grant for somebody whom its granter does not know.
        let security = app.sign_in("security").await;
        let user = crate::administration::user(&security, "nobody").await;
        let grant = json!({ "userId": user, "role": "LEADER", "leaderId": id, "reason": "x" });
        assert_eq!(act(&security, "grantRole", grant, "grant { id }").await.refusals("grantRole"), ["NOT_FOUND leaderId"]);
        done(&office, "publishPlan", json!({ "planId": drafted }), "plan { id }").await;
        for name in ACTORS {
            assert_eq!(paths(&app, name, &id, &post).await, [name != "audit"; 4], "{name}, published");
        }
    }

    async fn the_office_of_a_draft_knows_whom_it_names_and_an_amendment_makes_them_known(app: App) {
        let office = app.sign_in("office").await;
        let (_, first) = plans::leader(&office, 0).await;
        let imported = plans::import(&office, document(2024).replace(&first, NEWCOMER).as_bytes(), 2024, false).await;
        let answer = office.query("{ leaders { nodes { id name posts { id } } } }").await;
        let row = answer.data("/leaders/nodes").as_array().unwrap().iter().find(|row| row["name"] == NEWCOMER).unwrap().clone();
        let (id, post) = (row["id"].clone(), row["posts"][0]["id"].clone());
        // The office of 2023's draft alone comes to know of them by a target there.
        let (one, version) = target(&office, 2023, 1).await;
        done(&office, "updateTarget", json!({ "targetId": one, "expectedVersion": version, "leaderIds": [id] }), "target { id }").await;
        for (name, sees) in [("office-2023", true), ("office-2022", false), ("observer-2023", false), ("security", false), ("fgw-manager", false)] {
            assert_eq!(paths(&app, name, &id, &post).await, [sees; 4], "{name}");
        }
        // A discarded draft leaves nobody behind for others to find.
        done(&office, "discardPlan", json!({ "planId": imported.data("/importPlan/plan/id"), "reason": "x" }), "year").await;
        assert_eq!(paths(&app, "fgw-manager", &id, &post).await, [false; 4]);
        let (issued, version) = target(&office, 2022, 1).await;
        let amend = json!({ "targetId": issued, "expectedVersion": version, "reason": "分工调整", "leaderIds": [id] });
        done(&office, "amendTarget", amend, "target { id }").await;
        for name in ["fgw-manager", "security", "office-2022", "renfang-reporter"] {
            assert_eq!(paths(&app, name, &id, &post).await, [true; 4], "{name}");
        }
        assert!(plan(&office, 2022).await.len() > 1);
    }
}
