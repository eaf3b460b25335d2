//! Until when units acknowledge (签收期限, domain.md §8): three working days unless the plan's rules say otherwise, from the day on
//! which they were given their part.

use chrono::TimeDelta;
use serde_json::{Value, json};
use tests::{Actor, App, both, desk::act};

const NONE: [&str; 0] = [];

/// The last days of the assignments of a target, by unit.
async fn last_days(actor: &Actor<'_>, year: i32, number: i32) -> Value {
    let query = "query($year: Int!, $number: Int!) { target(by: { number: { year: $year, number: $number } }) {
        assignments { id unit { name } acknowledgeBy acknowledgementOverdue acknowledgedAt } } }";
    let answer = actor
        .ask(query, json!({ "year": year, "number": number }))
        .await;
    answer.data("/target/assignments").clone()
}

/// The numbers of the targets that a filter leaves.
async fn left(actor: &Actor<'_>, filter: &str) -> Vec<i64> {
    let query = format!(
        "{{ plan(year: 2022) {{ targets(first: 100, filter: {{ {filter} }}) {{ nodes {{ number }} }} }} }}"
    );
    let answer = actor.query(&query).await;
    let nodes = answer
        .data("/plan/targets/nodes")
        .as_array()
        .unwrap()
        .clone();
    nodes
        .iter()
        .map(|node| node["number"].as_i64().unwrap())
        .collect()
}

both! {
    async fn what_was_published_is_acknowledged_within_three_working_days(app: App) {
        let (manager, office) = (app.sign_in("fgw-manager").await, app.sign_in("office").await);
        // Published on Wednesday, 15 June: Thursday, Friday, and Monday.
        let before = last_days(&manager, 2022, 1).await;
        for row in before.as_array().unwrap() {
            assert_eq!((&row["acknowledgeBy"], &row["acknowledgementOverdue"]), (&json!("2022-06-20"), &json!(false)), "{row}");
        }
        assert_eq!(last_days(&office, 2023, 1).await[0]["acknowledgeBy"], Value::Null, "a draft");
        app.clock.advance(TimeDelta::days(5));
        let manager = app.sign_in("fgw-manager").await;
        assert_eq!(left(&manager, "acknowledgementOverdue: true").await, [0; 0], "the last day itself is in time");
        app.clock.advance(TimeDelta::days(1));
        let (manager, office) = (app.sign_in("fgw-manager").await, app.sign_in("office").await);
        let all = left(&manager, "").await;
        assert_eq!(left(&manager, "acknowledgementOverdue: true").await, all);
        let late = last_days(&manager, 2022, 1).await;
        let own = late.as_array().unwrap().iter().find(|row| row["unit"]["name"] == "市发展改革委").unwrap();
        assert_eq!(own["acknowledgementOverdue"], true);
        let done = act(&manager, "acknowledgeAssignments", "assignments { acknowledgementOverdue }", json!({ "assignmentIds": [own["id"]] })).await;
        assert_eq!(done.refusals("acknowledgeAssignments"), NONE);
        assert_eq!(done.data("/acknowledgeAssignments/assignments/0/acknowledgementOverdue"), false);
        assert_eq!(left(&manager, "acknowledgementOverdue: true").await, all[1..]);
        assert_eq!(left(&manager, "acknowledgementOverdue: false").await, all[..1]);
        // The other units of the target are late still: the office's to-do list says so.
        assert!(left(&office, "acknowledgementOverdue: true").await.contains(&1));
        let unit = format!("acknowledgementOverdue: true, unitId: {}", unit(&office, "市发展改革委").await);
        assert!(!left(&office, &unit).await.contains(&1));
    }

    async fn what_is_given_later_has_days_of_its_own_by_the_rules_of_then(app: App) {
        let office = app.sign_in("office").await;
        let plan = office.query("{ plan(year: 2022) { id rules { acknowledgeDays } designations(first: 1, filter: { resolved: false }) { nodes { id target { number } } } } }").await;
        assert_eq!(plan.data("/plan/rules/acknowledgeDays"), 3);
        for (days, refused) in [(0, true), (31, true), (30, false), (1, false)] {
            let set = act(&office, "setPlanRules", "plan { rules { acknowledgeDays } }", json!({ "planId": plan.data("/plan/id"), "acknowledgeDays": days })).await;
            assert_eq!(set.refusals("setPlanRules"), if refused { vec!["INVALID acknowledgeDays"] } else { vec![] });
        }
        // On Friday, 17 June: Monday.
        app.clock.advance(TimeDelta::days(2));
        let office = app.sign_in("office").await;
        let designation = plan.data("/plan/designations/nodes/0");
        let linhai = unit(&office, "临海市政府").await;
        let input = json!({ "designationId": designation["id"], "unitIds": [serde_json::from_str::<String>(&linhai).unwrap()] });
        let made = act(&office, "designateUnits", "target { number }", input).await;
        assert_eq!(made.refusals("designateUnits"), NONE);
        let days = last_days(&office, 2022, designation["target"]["number"].as_i64().unwrap() as i32).await;
        let of = |name: &str| days.as_array().unwrap().iter().find(|row| row["unit"]["name"] == name).unwrap()["acknowledgeBy"].clone();
        assert_eq!(of("临海市政府"), "2022-06-20");
        app.clock.advance(TimeDelta::days(10));
        let (manager, office) = (app.sign_in("fgw-manager").await, app.sign_in("office").await);
        // Monday, 27 June: whoever objects, and is told that it stays theirs, has until Tuesday.
        let rows = last_days(&manager, 2022, 1).await;
        let own = rows.as_array().unwrap().iter().find(|row| row["unit"]["name"] == "市发展改革委").unwrap();
        assert_eq!((&own["acknowledgeBy"], &own["acknowledgementOverdue"]), (&json!("2022-06-20"), &json!(true)));
        let raised = act(&manager, "disputeAssignment", "dispute { id }", json!({ "assignmentId": own["id"], "reason": "非我单位职责" })).await;
        let disputed = last_days(&manager, 2022, 1).await;
        let own = disputed.as_array().unwrap().iter().find(|row| row["unit"]["name"] == "市发展改革委").unwrap();
        assert_eq!(own["acknowledgementOverdue"], false, "while the office looks at it, the unit cannot");
        assert!(!left(&manager, "acknowledgementOverdue: true").await.contains(&1));
        let insist = json!({ "disputeId": raised.data("/disputeAssignment/dispute/id"), "decision": "INSIST", "comment": "三定方案已明确" });
        let decided = act(&office, "decideDispute", "dispute { assignment { acknowledgeBy acknowledgementOverdue } }", insist).await;
        assert_eq!(decided.data("/decideDispute/dispute/assignment"), &json!({ "acknowledgeBy": "2022-06-28", "acknowledgementOverdue": false }));
    }

    async fn each_way_to_get_a_part_has_its_last_day(app: App) {
        // On Friday, 17 June: Monday, Tuesday, Wednesday. What was published on Wednesday, the 15th, keeps its day.
        app.clock.advance(TimeDelta::days(2));
        let (office, linhai) = (app.sign_in("office").await, app.sign_in("linhai-manager").await);
        let (before, given) = (json!("2022-06-20"), json!("2022-06-22"));
        let days = async |year: i32, number: i32| -> Vec<(String, Value)> {
            let rows = last_days(&office, year, number).await;
            let rows = rows.as_array().unwrap().clone().into_iter();
            rows.map(|row| (row["unit"]["name"].as_str().unwrap().to_owned(), row["acknowledgeBy"].clone())).collect()
        };
        let drafted = days(2023, 1).await;
        assert!(drafted.len() > 1 && drafted.iter().all(|(_, day)| day.is_null()), "{drafted:?}");
        let draft = office.query("{ plan(year: 2023) { id } }").await;
        let published = act(&office, "publishPlan", "plan { id }", json!({ "planId": draft.data("/plan/id") })).await;
        assert_eq!(published.refusals("publishPlan"), NONE);
        for (unit, day) in days(2023, 1).await {
            assert_eq!(day, given, "{unit}");
        }

        // An amendment: the new unit and the one with another role have days of their own.
        let seen = office.query("{ target(by: { number: { year: 2022, number: 1 } }) { id version assignments { role unit { id name } } } }").await;
        let target = seen.data("/target");
        let renfang: Value = serde_json::from_str(&unit(&office, "市人防办").await).unwrap();
        let mut units: Vec<Value> = target["assignments"].as_array().unwrap().iter().map(|row| {
            let role = if row["unit"]["name"] == "临海市政府" { json!("LEAD") } else { row["role"].clone() };
            json!({ "unitId": row["unit"]["id"], "role": role })
        }).collect();
        units.push(json!({ "unitId": renfang, "role": "SUPPORTING" }));
        let amendment = json!({ "targetId": target["id"], "expectedVersion": target["version"], "reason": "x", "units": units });
        let amended = act(&office, "amendTarget", "target { id }", amendment).await;
        assert_eq!(amended.refusals("amendTarget"), NONE);
        for (unit, day) in days(2022, 1).await {
            let changed = ["临海市政府", "市人防办"].contains(&unit.as_str());
            assert_eq!(day, if changed { given.clone() } else { before.clone() }, "{unit}");
        }

        // A dispute after which the part is another's.
        let rows = last_days(&office, 2022, 2).await;
        let own = rows.as_array().unwrap().iter().find(|row| row["unit"]["name"] == "临海市政府").unwrap();
        assert_eq!(own["acknowledgeBy"], before);
        let raised = act(&linhai, "disputeAssignment", "dispute { id }", json!({ "assignmentId": own["id"], "reason": "非我单位职责" })).await;
        let reassign = json!({ "disputeId": raised.data("/disputeAssignment/dispute/id"), "decision": "REASSIGN", "unitId": renfang });
        let decided = act(&office, "decideDispute", "dispute { assignment { acknowledgeBy acknowledgementOverdue } }", reassign).await;
        assert_eq!(decided.data("/decideDispute/dispute/assignment"), &json!({ "acknowledgeBy": given, "acknowledgementOverdue": false }));
        for (unit, day) in days(2022, 2).await {
            assert_eq!(day, if unit == "市人防办" { given.clone() } else { before.clone() }, "{unit}");
        }
    }
}

/// The ID of a unit, as a literal.
async fn unit(actor: &Actor<'_>, name: &str) -> String {
    let answer = actor
        .ask(
            "query($name: String!) { units(first: 1, filter: { search: $name }) { nodes { id } } }",
            json!({ "name": name }),
        )
        .await;
    answer.data("/units/nodes/0/id").to_string()
}
