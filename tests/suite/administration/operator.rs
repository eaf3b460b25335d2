//! What is done at the server's command line: the same acts, audited as such, and no door to business data.

use entity::{ids::UserId, kinds::Role};
use serde_json::{Value, json};
use store::{Error, GrantRole, Origin, PageArgs, TargetFilter, TargetOrder, TargetsOf};
use tests::{App, both};

use super::{done, user};
use crate::parties::audited;

both! {
    async fn the_command_line_acts_as_itself_and_sees_no_targets(app: App) {
        let (system, security) = (app.sign_in("system").await, app.sign_in("security").await);
        done(&system, "changeSetting", json!({ "name": "GRANT_APPROVAL", "value": "true", "reason": "x" })).await;
        let operator = app.parts.store().system().operator(Origin::command("operator"));
        let id = key(&user(&security, "nobody").await);
        let grant = |role| GrantRole {
            user: Some(UserId(id)), role, unit: None, leader: None, plan: None, valid_from: None, valid_until: None, reason: "x".to_owned(),
        };
        // An emergency waits for nobody, but nobody becomes two administrators.
        operator.grant_role(grant(Role::SecurityAdmin), None).await.unwrap();
        let second = operator.grant_role(grant(Role::AuditAdmin), None).await;
        assert!(matches!(second, Err(Error::Refused(_))), "{second:?}");
        assert_eq!(app.sign_in("nobody").await.query("{ viewer { permissions } }").await.data("/viewer/permissions"), &json!(["READ_DIRECTORY", "MANAGE_GRANTS"]));
        let entry = &audited(&app, "GRANT_ROLE").await[0];
        assert_eq!((entry.user_id, &entry.changes["commandLine"], entry.request_id.as_deref()), (None, &json!(true), Some("luoshi operator")));
        let by_hand = &audited(&app, "CHANGE_SETTING").await[0];
        assert_eq!(by_hand.changes.get("commandLine"), None);
        // It reads no target, by whichever door.
        let plans = operator.target_counts(&[TargetsOf::Plan(entity::ids::PlanId(1))], &TargetFilter::default()).await.unwrap();
        assert_eq!(plans, [0]);
        let pages = operator.targets(&[TargetsOf::Plan(entity::ids::PlanId(1))], &TargetFilter::default(), TargetOrder::default(), &PageArgs::default(), false).await.unwrap();
        assert!(pages.into_iter().all(|page| page.unwrap().0.edges.is_empty()));
        assert!(matches!(operator.admitted(), Err(Error::Unauthenticated)));
        let listed = security.query("{ roleGrants(first: 1) { nodes { grantedBy { displayName } role } } }").await;
        assert_eq!(listed.data("/roleGrants/nodes/0"), &json!({ "grantedBy": null, "role": "SECURITY_ADMIN" }));
        assert_ne!(listed.data("/roleGrants"), &Value::Null);
    }
}

/// The key in a global ID.
fn key(global: &str) -> i64 {
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
    let text = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(global).unwrap()).unwrap();
    text.split_once(':').unwrap().1.parse().unwrap()
}
