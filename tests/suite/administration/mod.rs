//! Administration: accounts, grants, settings, units and posts, as the three administrators manage them over GraphQL.

mod accounts;
mod directory;
mod grants;
mod handover;
mod importing;
mod matrix;
mod operator;
mod setting_up;
mod together;
mod wording;

use serde_json::{Value, json};
use tests::{Actor, Answer, desk::act};

use crate::parties::outcome;

pub(crate) const USER: &str = "user { id username displayName active lockedUntil mustChangePassword unit { name } leader { name } }";
pub(crate) const GRANT: &str =
    "grant { id role state validFrom validUntil unit { name } leader { name } plan { year } }";

/// Runs an act of an administrator.
pub(crate) async fn attempt(actor: &Actor<'_>, mutation: &str, input: Value) -> Answer {
    let fields = match mutation {
        "createUser" | "resetPassword" => format!("{USER} oneTimePassword"),
        "disableUser" | "enableUser" | "unlockUser" | "endSessions" | "resetSecondFactor"
        | "updateUser" => USER.to_owned(),
        "grantRole" | "revokeRole" | "approveGrant" | "rejectGrant" => GRANT.to_owned(),
        "changeSetting" => "setting { name value }".to_owned(),
        "createUnit" | "renameUnit" | "mergeUnits" => {
            "unit { id name fullName code aliases }".to_owned()
        }
        "createUnitGroup" | "changeUnitGroup" => {
            "unitGroup { id name members { name } }".to_owned()
        }
        "createLeader" | "succeedLeader" => "leader { id name title targetCount }".to_owned(),
        other => panic!("{other}"),
    };
    act(actor, mutation, &fields, input).await
}

/// An act that must not be refused: what it answers.
pub(crate) async fn done(actor: &Actor<'_>, mutation: &str, input: Value) -> Value {
    let answer = attempt(actor, mutation, input).await;
    assert_eq!(outcome(&answer, mutation), "done", "{}", answer.text);
    answer.data(&format!("/{mutation}")).clone()
}

/// The first refusal of an act, or "done".
pub(crate) async fn tried(actor: &Actor<'_>, mutation: &str, input: Value) -> String {
    outcome(&attempt(actor, mutation, input).await, mutation)
}

/// The ID of an account, as an administrator finds it.
pub(crate) async fn user(actor: &Actor<'_>, username: &str) -> String {
    let query = "query($s: String) { users(filter: { search: $s }) { nodes { id username } } }";
    let answer = actor.ask(query, json!({ "s": username })).await;
    let nodes = answer.data("/users/nodes").as_array().cloned();
    let found = nodes.unwrap_or_default().into_iter();
    found
        .filter(|node| node["username"] == username)
        .map(|node| text(&node["id"]))
        .next()
        .unwrap_or_else(|| panic!("{username}: {}", answer.text))
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// A new account that has changed its one-time password to `password`, and its ID.
pub(crate) async fn newcomer(system: &Actor<'_>, username: &str) -> (String, String) {
    let input = json!({ "username": username, "displayName": format!("账号 {username}") });
    let made = done(system, "createUser", input).await;
    (text(&made["user"]["id"]), text(&made["oneTimePassword"]))
}
