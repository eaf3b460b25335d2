//! The access matrix of what the supervision office does with plans: every account, every act, on a plan in force, on a draft
//! and on nothing.

use std::collections::BTreeMap;

use serde_json::json;
use tests::{App, both, world::ACTORS};

use super::{act, import, plan, rows, target};
use crate::parties::{global, outcome};

both! {
    async fn who_may_write_plans(app: App) {
        let office = app.sign_in("office").await;
        let plans = [plan(&office, 2022).await, plan(&office, 2023).await, global("Plan", 99_999)];
        let targets = [target(&office, 2022, 1).await.0, target(&office, 2023, 1).await.0, global("Target", 99_999)];
        let before = (rows(&app, "target").await, rows(&app, "plan").await, rows(&app, "amendment").await);
        let mut table: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for name in ACTORS {
            let actor = app.sign_in(name).await;
            let mut row = Vec::new();
            // Each input is refused for its content alone, if for nothing else.
            for (mutation, on, fields, rest) in [
                ("addTarget", &plans, "target { id }", json!({ "sectionId": "x", "text": "", "leaderIds": [], "units": [] })),
                ("updateTarget", &targets, "target { id }", json!({ "expectedVersion": 0 })),
                ("amendTarget", &targets, "target { id }", json!({ "expectedVersion": 0, "reason": "x" })),
                ("removeTarget", &targets, "plan { id }", json!({ "expectedVersion": 0 })),
                ("cancelTarget", &targets, "target { id }", json!({ "reason": "" })),
                ("carryOverTargets", &targets, "targets { id }", json!({ "toPlanId": plans[1], "reason": "x" })),
            ] {
                let mut cells = Vec::new();
                for (at, id) in on.iter().enumerate() {
                    if mutation == "carryOverTargets" && at == 0 {
                        // It would be done.
                        continue;
                    }
                    let mut input = rest.clone();
                    match mutation {
                        "addTarget" => input["planId"] = json!(id),
                        "carryOverTargets" => input["targetIds"] = json!([id]),
                        _ => input["targetId"] = json!(id),
                    }
                    let answer = act(&actor, mutation, input, fields).await;
                    cells.push(outcome(&answer, mutation).split(' ').next().unwrap_or_default().to_owned());
                }
                row.push(format!("{mutation} {}", cells.join("/")));
            }
            let read = import(&actor, "x".as_bytes(), 2024, true).await;
            row.push(format!("importPlan {}", read.refusals("importPlan").first().map_or("read", String::as_str)));
            let mut cells = Vec::new();
            // Published or archived ones change: those are the office's own tests.
            for id in [&plans[0], &plans[2]] {
                let answer = act(&actor, "publishPlan", json!({ "planId": id }), "plan { id }").await;
                cells.push(outcome(&answer, "publishPlan").split(' ').next().unwrap_or_default().to_owned());
            }
            row.push(format!("publishPlan {}", cells.join("/")));
            let mut cells = Vec::new();
            for id in &plans {
                let answer = act(&actor, "discardPlan", json!({ "planId": id, "reason": "" }), "year").await;
                cells.push(outcome(&answer, "discardPlan").split(' ').next().unwrap_or_default().to_owned());
            }
            row.push(format!("discardPlan {}", cells.join("/")));
            let answer = act(&actor, "archivePlan", json!({ "planId": plans[1] }), "plan { id }").await;
            row.push(format!("archivePlan {}", outcome(&answer, "archivePlan").split(' ').next().unwrap_or_default()));
            table.entry(row.join("\n    ")).or_default().push(name.to_owned());
        }
        let text: Vec<String> = table.into_iter().map(|(row, names)| format!("{}\n    {row}", names.join(" "))).collect();
        insta::assert_snapshot!("who_may_write_plans", text.join("\n"));
        assert_eq!((rows(&app, "target").await, rows(&app, "plan").await, rows(&app, "amendment").await), before);
        let anonymous = app.anonymous();
        let nobody = act(&anonymous, "publishPlan", json!({ "planId": plans[1] }), "plan { id }").await;
        assert_eq!(nobody.codes(), ["UNAUTHENTICATED"]);
        let nobody = act(&anonymous, "discardPlan", json!({ "planId": plans[1], "reason": "x" }), "year").await;
        assert_eq!(nobody.codes(), ["UNAUTHENTICATED"]);
    }
}
