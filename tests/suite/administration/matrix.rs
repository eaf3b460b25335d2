//! The access matrix of administration: every account, every operation, on themselves, on another and on nobody.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tests::{App, both, world::ACTORS};

use super::{tried, user};
use crate::parties::{global, outcome};

const ON_USER: [&str; 8] = [
    "updateUser",
    "disableUser",
    "enableUser",
    "resetPassword",
    "unlockUser",
    "endSessions",
    "resetSecondFactor",
    "grantRole",
];
const ON_GRANT: [&str; 3] = ["revokeRole", "approveGrant", "rejectGrant"];

both! {
    async fn who_may_administer_what(app: App) {
        let security = app.sign_in("security").await;
        let mut table: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let other = user(&security, "nobody").await;
        let grants = security.query("{ roleGrants(first: 100) { nodes { id user { username } } } }").await;
        let grant_of = |name: &str| {
            let nodes = grants.data("/roleGrants/nodes").as_array().unwrap();
            nodes.iter().find(|node| node["user"]["username"] == name).unwrap()["id"].clone()
        };
        let foreign = grant_of("newcomer");
        // Those who may nothing first: what is done to others must not get in their way.
        let last = ["system", "security"];
        for name in ACTORS.iter().filter(|name| !last.contains(name)).chain(&last) {
            let own = user(&security, name).await;
            let actor = app.sign_in(name).await;
            let mut row = Vec::new();
            for act in ON_USER {
                let mut cells = Vec::new();
                for id in [own.clone(), other.clone(), global("User", 99_999)] {
                    let input = match act {
                        "grantRole" => json!({ "userId": id, "role": "OBSERVER", "reason": "x" }),
                        "updateUser" => json!({ "userId": id, "displayName": "x" }),
                        _ => json!({ "userId": id }),
                    };
                    cells.push(short(&tried(&actor, act, input).await).to_owned());
                }
                row.push(format!("{act} {}", cells.join("/")));
            }
            for act in ON_GRANT {
                let mut cells = Vec::new();
                for id in [grant_of(name), foreign.clone(), json!(global("RoleGrant", 99_999))] {
                    cells.push(short(&tried(&actor, act, json!({ "grantId": id, "reason": "x" })).await).to_owned());
                }
                row.push(format!("{act} {}", cells.join("/")));
            }
            for (act, input) in whole() {
                row.push(format!("{act} {}", short(&tried(&actor, act, input).await)));
            }
            for (act, field, of) in [("renameUnit", "unitId", "Unit"), ("mergeUnits", "unitId", "Unit"), ("changeUnitGroup", "unitGroupId", "UnitGroup"), ("succeedLeader", "predecessorId", "Leader")] {
                let mut cells = Vec::new();
                for id in [global(of, 1), global(of, 99_999)] {
                    let mut input = match act {
                        "renameUnit" => json!({ "name": "" }),
                        "mergeUnits" => json!({ "intoUnitId": global("Unit", 2), "reason": "" }),
                        "changeUnitGroup" => json!({ "unitIds": ["x"] }),
                        _ => json!({ "successorId": global("Leader", 2), "on": "2022-06-15", "reason": "" }),
                    };
                    input[field] = id.into();
                    cells.push(short(&tried(&actor, act, input).await).to_owned());
                }
                row.push(format!("{act} {}", cells.join("/")));
            }
            let importing = "mutation($file: Upload!) { importUsers(input: { file: $file, dryRun: true }) { report { created } userErrors { code field } } }";
            let imported = actor.ask_with_file(importing, json!({}), "users.csv", b"username").await;
            row.push(format!("importUsers {}", short(&outcome(&imported, "importUsers"))));
            let explained = actor.ask("query($user: ID!, $target: ID!) { accessExplanation(userId: $user, targetId: $target) { allowed } }", json!({ "user": other, "target": global("Target", 1) })).await;
            row.push(format!("accessExplanation {}", explained.codes().first().map_or("told", |code| code)));
            let lists = actor.query("{ users { totalCount } roleGrants { totalCount } settings { name } }").await;
            let count = |value: &Value| if value == &json!(0) || value == &json!([]) { "none" } else { "all" };
            for list in ["users/totalCount", "roleGrants/totalCount", "settings"] {
                row.push(format!("{list} {}", count(lists.data(&format!("/{list}")))));
            }
            let seen = actor.ask("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", json!({ "ids": [own, other, grant_of(name), foreign] })).await;
            let seen: Vec<&str> = seen.data("/nodes").as_array().unwrap().iter().map(|node| if node.is_null() { "-" } else { "seen" }).collect();
            row.push(format!("nodes {}", seen.join("/")));
            table.entry(row.join("\n    ")).or_default().push((*name).to_owned());
        }
        let text: Vec<String> = table.into_iter().map(|(row, names)| format!("{}\n    {row}", names.join(" "))).collect();
        insta::assert_snapshot!("who_may_administer_what", text.join("\n"));
        assert_eq!(app.anonymous().query("{ users { totalCount } }").await.codes(), ["UNAUTHENTICATED"]);
        assert_eq!(app.anonymous().query("{ roleGrants { totalCount } }").await.codes(), ["UNAUTHENTICATED"]);
        assert_eq!(app.anonymous().query("{ settings { name } }").await.codes(), ["UNAUTHENTICATED"]);
        assert_eq!(app.anonymous().query("{ accessExplanation(userId: \"x\", targetId: \"y\") { allowed } }").await.codes(), ["UNAUTHENTICATED"]);
    }
}

/// The acts that are on nothing yet, each with an input that is refused for its content alone.
fn whole() -> Vec<(&'static str, Value)> {
    vec![
        ("createUser", json!({ "username": "", "displayName": "x" })),
        (
            "changeSetting",
            json!({ "name": "GRANT_APPROVAL", "value": "x", "reason": "x" }),
        ),
        (
            "changeSetting",
            json!({ "name": "SIGN_IN_FAILURES", "value": "x", "reason": "x" }),
        ),
        (
            "changeSetting",
            json!({ "name": "SECOND_FACTOR_ROLES", "value": "x", "reason": "x" }),
        ),
        ("createUnit", json!({ "name": "", "kind": "SCHOOL" })),
        (
            "createUnitGroup",
            json!({ "name": "", "resolution": "MEMBERS" }),
        ),
        ("createLeader", json!({ "name": "" })),
    ]
}

/// The code alone.
fn short(outcome: &str) -> &str {
    outcome.split(' ').next().unwrap_or_default()
}
