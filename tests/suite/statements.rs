//! What an operation costs: the same statements whatever the size of the page.

use serde_json::json;
use tests::{App, both};

use crate::contract::operation;

both! {
    async fn a_page_costs_the_same_whatever_its_size(app: App) {
        let my_targets = operation("MyTargets");
        for (name, most) in [("fgw-manager", 8), ("office", 8), ("leader-1", 8), ("linhai-manager", 8)] {
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
        assert_eq!(costs, ["Viewer 1", "TargetDetail 20", "Outline 4", "Directory 7", "OpenDesignations 5"]);
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
        assert_eq!(costs, [5, 5]);
    }

    async fn signing_in_is_counted_and_a_failure_costs_the_same_whatever_was_wrong(app: App) {
        let anonymous = app.anonymous();
        let mut costs = Vec::new();
        for (username, password) in [("office", "a wrong password"), ("nobody at all", "a wrong password")] {
            let answer = anonymous.ask(&operation("SignIn"), json!({ "username": username, "password": password })).await;
            assert_eq!(answer.refusals("signIn"), ["INVALID"]);
            costs.push(answer.statements());
        }
        assert_eq!(costs, [4, 4]);
        let signed = anonymous.ask(&operation("SignIn"), json!({ "username": "office", "password": tests::world::PASSWORD })).await;
        let refreshed = anonymous
            .ask(&operation("RefreshSession"), json!({ "refreshToken": signed.data("/signIn/session/refreshToken") }))
            .await;
        assert_eq!([signed.statements(), refreshed.statements()], [6, 6]);
    }
}
