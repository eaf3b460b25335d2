//! Targets with random assignments and posts: seen by the rule, whatever they are.

use entity::{
    assignment,
    ids::{SectionId, TargetId},
    kinds::PlanStatus,
    plan, post, section, target, target_post, tenure, unit,
};
use proptest::{prelude::*, strategy::ValueTree};
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, DatabaseConnection, EntityTrait, QueryOrder, Set,
};
use serde_json::{Value, json};
use tests::{
    Actor, App, both,
    world::{ACTORS, UNITS},
};

use super::all;
use crate::parties::global;

both! {
    async fn random_assignments_are_seen_by_the_rule(app: App) {
        let db = app.database.connect().await;
        let mut runner = proptest::test_runner::TestRunner::deterministic();
        let actors: Vec<(&str, Actor<'_>)> = {
            let mut actors = Vec::new();
            for name in ACTORS {
                actors.push((name, app.sign_in(name).await));
            }
            actors
        };
        let unit_ids: Vec<_> = {
            let rows = unit::Entity::find().all(&db).await.unwrap();
            UNITS.iter().map(|(_, name)| rows.iter().find(|row| row.name == *name).unwrap().id).collect()
        };
        let posts: Vec<_> = tenure::Entity::find().order_by_asc(tenure::Column::LeaderId).all(&db).await.unwrap();
        let left = post::ActiveModel { id: NotSet, title: Set(None), listed: Set(true) }.insert(&db).await.unwrap().id;
        for (leader, from, to) in [(posts[0].leader_id, None, Some("2022-06-01")), (posts[7].leader_id, Some("2022-06-01"), None)] {
            let day = |text: Option<&str>| text.and_then(|text| text.parse().ok());
            tenure::ActiveModel { id: NotSet, post_id: Set(left), leader_id: Set(leader), starts_on: Set(day(from)), ends_on: Set(day(to)) }.insert(&db).await.unwrap();
        }
        let post_ids = [posts[0].post_id, posts[7].post_id, left];
        // A target: for each unit whether it is assigned, for each who acts, and which posts answer.
        let target_strategy = (proptest::collection::vec((any::<bool>(), 0..8usize), 4), proptest::collection::vec(any::<bool>(), 3));
        let strategy = (0..3usize, proptest::collection::vec(target_strategy, 1..6));
        for case in 0..10 {
            let (status, targets) = strategy.new_tree(&mut runner).unwrap().current();
            let status = PlanStatus::ALL[status];
            let year = 2100 + case;
            let (heading, ids) = random_plan(&db, year, status, &targets, &unit_ids, &post_ids).await;
            let asked: Vec<String> = ids.iter().map(|id| global("Target", id.0)).collect();
            let sides: Vec<String> = unit_ids.iter().map(|id| global("Unit", id.0)).chain([posts[0].leader_id, posts[7].leader_id].map(|id| global("Leader", id.0))).collect();
            for (name, actor) in &actors {
                let sees = |(units, posts): &RandomTarget| {
                    let issued = status != PlanStatus::Draft;
                    let of_unit = |at: usize| issued && units.iter().enumerate().any(|(unit, (assigned, acting))| *assigned && (unit == at || *acting == at));
                    let of_leader_1 = issued && posts[0];
                    let of_leader_8 = issued && (posts[1] || posts[2]);
                    match *name {
                        "office" => true,
                        "observer" => issued,
                        "leader-1" => of_leader_1,
                        "leader-8" => of_leader_8,
                        "both" => of_unit(2) || of_leader_8,
                        other => UNITS.iter().position(|(short, _)| other.starts_with(&format!("{short}-"))).is_some_and(of_unit),
                    }
                };
                let expected: Vec<i64> = (1..).zip(&targets).filter(|(_, target)| sees(target)).map(|(number, _)| number).collect();
                let query = format!("{{ plan(year: {year}) {{ targets {{ totalCount nodes {{ number }} }} sections {{ targetCount targets {{ nodes {{ number }} }} }} }} }}");
                let answer = actor.query(&query).await;
                let mut found = [Vec::new(), Vec::new()];
                for (found, pointer) in found.iter_mut().zip(["/data/plan/targets", "/data/plan/sections"]) {
                    let mut numbers = Vec::new();
                    all(answer.body.pointer(pointer).unwrap_or(&Value::Null), "number", &mut numbers);
                    found.extend(numbers.iter().filter_map(Value::as_i64));
                }
                assert_eq!(found, [expected.clone(), expected.clone()], "{name}, case {case}: {status:?} {targets:?}");
                // By its ID, alone and in a list, and by its number.
                let each: Vec<String> = asked.iter().zip(1..).map(|(id, number)| format!("a{number}: node(id: \"{id}\") {{ id }} b{number}: target(id: \"{id}\") {{ id }} c{number}: target(by: {{ number: {{ year: {year}, number: {number} }} }}) {{ id }}")).collect();
                let walked = actor.ask(&format!("query($ids: [ID!]!) {{ nodes(ids: $ids) {{ id }} {} }}", each.join(" ")), json!({ "ids": asked })).await;
                for (number, id) in (1..).zip(&asked) {
                    let seen = expected.contains(&number);
                    let listed = walked.body.pointer(&format!("/data/nodes/{}/id", number - 1)).and_then(Value::as_str);
                    assert_eq!(listed == Some(id), seen, "{name}, case {case}, nodes: {number}");
                    for path in ["a", "b", "c"] {
                        let found = walked.body.pointer(&format!("/data/{path}{number}/id")).and_then(Value::as_str);
                        assert_eq!(found == Some(id), seen, "{name}, case {case}, {path}: {number}");
                    }
                }
                // From the side of each unit and leader: those of them, of those that are seen.
                let query = "query($ids: [ID!]!, $section: ID!) { nodes(ids: $ids) { ... on Unit { targets(first: 100, filter: { sectionId: $section }) { totalCount nodes { number } } } ... on Leader { targets(first: 100, filter: { sectionId: $section }) { totalCount nodes { number } } } } }";
                let walked = actor.ask(query, json!({ "ids": sides, "section": global("Section", heading.0) })).await;
                for side in 0..sides.len() {
                    let theirs = |(units, posts): &RandomTarget| match side {
                        0..4 => units.iter().enumerate().any(|(unit, (assigned, acting))| *assigned && (unit == side || *acting == side)),
                        4 => posts[0],
                        _ => posts[1] || posts[2],
                    };
                    let expected: Vec<i64> = (1..).zip(&targets).filter(|(_, target)| sees(target) && theirs(target)).map(|(number, _)| number).collect();
                    let mut found = Vec::new();
                    all(walked.body.pointer(&format!("/data/nodes/{side}")).unwrap_or(&Value::Null), "number", &mut found);
                    let found: Vec<i64> = found.iter().filter_map(Value::as_i64).collect();
                    assert_eq!(found, expected, "{name}, case {case}, side {side}");
                    let count = walked.body.pointer(&format!("/data/nodes/{side}/targets/totalCount")).and_then(Value::as_i64);
                    assert_eq!(count.unwrap_or(0), expected.len() as i64, "{name}, case {case}, side {side}");
                }
                let counts = ["/data/plan/targets/totalCount", "/data/plan/sections/0/targetCount"];
                for count in counts {
                    let count = answer.body.pointer(count).and_then(Value::as_i64).unwrap_or(0);
                    assert_eq!(count, expected.len() as i64, "{name}, case {case}");
                }
            }
        }
    }
}

/// For each unit whether it is assigned and who acts for it, and for each post whether it answers.
type RandomTarget = (Vec<(bool, usize)>, Vec<bool>);

/// Writes a plan as no act can: with whatever assignments and posts.
async fn random_plan(
    db: &DatabaseConnection,
    year: i32,
    status: PlanStatus,
    targets: &[RandomTarget],
    units: &[entity::ids::UnitId],
    posts: &[entity::ids::PostId],
) -> (SectionId, Vec<TargetId>) {
    let now = "2022-06-15T04:00:00Z".parse().unwrap();
    let plan = plan::ActiveModel {
        id: NotSet,
        year: Set(year),
        title: Set("x".to_owned()),
        document_number: Set("x".to_owned()),
        issuer: Set("x".to_owned()),
        issued_on: Set("2022-06-15".parse().unwrap()),
        status: Set(status),
        published_at: Set((status != PlanStatus::Draft).then_some(now)),
        source_digest: Set("x".repeat(64)),
        created_at: Set(now),
        updated_at: Set(now),
    }
    .insert(db)
    .await
    .unwrap();
    let heading = section::ActiveModel {
        id: NotSet,
        plan_id: Set(plan.id),
        parent_id: Set(None),
        level: Set(1),
        ordinal: Set(1),
        position: Set(1),
        last_position: Set(1),
        title: Set("x".to_owned()),
        path: Set(entity::titles::Titles(vec!["x".to_owned()])),
    }
    .insert(db)
    .await
    .unwrap();
    let mut ids = Vec::new();
    for (number, (assigned, answering)) in (1..).zip(targets) {
        let target = target::ActiveModel {
            id: NotSet,
            plan_id: Set(plan.id),
            number: Set(number),
            section_id: Set(heading.id),
            section_position: Set(1),
            text: Set("x".to_owned()),
            plain_text: Set("x".to_owned()),
            source_line: Set(1),
            open_ended: Set(false),
            due_on: Set("2022-12-31".parse().unwrap()),
            settled_state: Set(Some(entity::kinds::TargetState::NotStarted)),
            percent_complete: Set(None),
            version: Set(1),
            created_at: Set(now),
            updated_at: Set(now),
            ..Default::default()
        }
        .insert(db)
        .await
        .unwrap();
        ids.push(target.id);
        for (at, (is_assigned, acting)) in assigned.iter().enumerate() {
            if *is_assigned {
                assignment::ActiveModel {
                    id: NotSet,
                    target_id: Set(target.id),
                    plan_id: Set(plan.id),
                    unit_id: Set(units[at]),
                    acting_unit_id: Set(units
                        .get(*acting)
                        .copied()
                        .filter(|unit| *unit != units[at])),
                    role: Set(entity::kinds::AssignmentRole::Lead),
                    ordinal: Set(1),
                    origin: Set(entity::kinds::AssignmentOrigin::Named),
                    group_id: Set(None),
                    designation_id: Set(None),
                    acknowledged_at: Set(None),
                    acknowledged_by_id: Set(None),
                    assigned_at: Set(None),
                    acknowledge_by: Set(None),
                }
                .insert(db)
                .await
                .unwrap();
            }
        }
        for (ordinal, at) in (1..).zip(
            answering
                .iter()
                .enumerate()
                .filter(|(_, yes)| **yes)
                .map(|(at, _)| at),
        ) {
            target_post::ActiveModel {
                target_id: Set(target.id),
                post_id: Set(posts[at]),
                ordinal: Set(ordinal),
            }
            .insert(db)
            .await
            .unwrap();
        }
    }
    (heading.id, ids)
}
