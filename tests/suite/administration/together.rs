//! Many at the same moment: of two grants that exclude one another one is made, whichever.

use futures_util::future::join_all;
use serde_json::json;
use tests::{App, both};

use super::{attempt, done, grants::second, newcomer, tried, user};
use crate::parties::outcome;

const ROLES: [&str; 3] = ["SYSTEM_ADMIN", "SECURITY_ADMIN", "AUDIT_ADMIN"];

both! {
    async fn at_the_same_moment_one_administrators_role_is_granted(app: App) {
        let (system, security) = (app.sign_in("system").await, app.sign_in("security").await);
        for round in 0..5 {
            let (id, _) = newcomer(&system, &format!("fresh-{round}")).await;
            let asked = (0..9).map(|at| {
                let input = json!({ "userId": id, "role": ROLES[at % 3], "reason": "x" });
                let security = &security;
                async move { attempt(security, "grantRole", input).await }
            });
            let outcomes: Vec<String> = join_all(asked).await.iter().map(|answer| outcome(answer, "grantRole")).collect();
            assert_eq!(outcomes.iter().filter(|outcome| *outcome == "done").count(), 1, "{outcomes:?}");
            assert!(outcomes.iter().all(|outcome| ["done", "FORBIDDEN role", "WRONG_STATE role"].contains(&outcome.as_str())), "{outcomes:?}");
            let held = security.ask("query($id: ID!) { user(id: $id) { grants { role } } }", json!({ "id": id })).await;
            assert_eq!(held.data("/user/grants").as_array().unwrap().len(), 1);
        }
    }

    async fn granting_and_disabling_at_the_same_moment_leave_nobody_in(app: App) {
        let (system, security) = (app.sign_in("system").await, app.sign_in("security").await);
        let id = user(&security, "office").await;
        // Whoever signs in while the account is disabled is out when it is.
        let signing = (0..6).map(|_| async { app.anonymous().try_sign_in("office", tests::world::PASSWORD).await });
        let disabling = async { tried(&system, "disableUser", json!({ "userId": id })).await };
        let (sessions, disabled) = futures_util::future::join(join_all(signing), disabling).await;
        assert_eq!(disabled, "done");
        for session in sessions {
            let Some(token) = session.data("/signIn/session").get("accessToken").and_then(|token| token.as_str().map(str::to_owned)) else { continue };
            let actor = app.anonymous().with_token(token);
            assert_eq!(actor.query("{ plans { totalCount } }").await.codes(), ["UNAUTHENTICATED"]);
        }
    }

    async fn one_decision_is_made_of_many(app: App) {
        let (system, security) = (app.sign_in("system").await, app.sign_in("security").await);
        let other = second(&app, &system, &security).await;
        done(&system, "changeSetting", json!({ "name": "GRANT_APPROVAL", "value": "true", "reason": "x" })).await;
        for round in 0..4 {
            let (id, _) = newcomer(&system, &format!("fresh-{round}")).await;
            let pending = done(&security, "grantRole", json!({ "userId": id, "role": "AUDIT_ADMIN", "reason": "x" })).await["grant"].clone();
            let decide = ["approveGrant", "rejectGrant", "approveGrant", "rejectGrant", "revokeRole"].map(|act| {
                let input = json!({ "grantId": pending["id"], "reason": "x" });
                let other = &other;
                async move { (act, outcome(&attempt(other, act, input).await, act)) }
            });
            let outcomes = join_all(decide).await;
            let decided = outcomes.iter().filter(|(act, outcome)| *act != "revokeRole" && outcome == "done").count();
            let revoked = outcomes.iter().any(|(act, outcome)| *act == "revokeRole" && outcome == "done");
            // Revoking may come before a decision, or after an approval; a decision is made once at most.
            assert!(decided == 1 || (decided == 0 && revoked), "{outcomes:?}");
        }
    }
}
