//! Statistics, trend and assessment: every number is what one counts by hand in the lists that the same account gets.

mod bulletin;
mod lists;
mod refined;
mod world;

use std::collections::{BTreeMap, BTreeSet};

use entity::{assignment, ids::UnitId, kinds::AssignmentRole, plan, user};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};
use tests::{App, both, world::ACTORS};

use crate::contract::{offered, operation};
use bulletin::jinzhai;
use lists::{Listed, Lists, average, by_key, rate, text, without};
use world::{STORIES, World, global, period, write};

const REPORTS: &str = "reportsDue reportsSubmitted reportsOnTime reportsLate reportsReturned reportsAccepted timelinessRate firstTimeAcceptanceRate";

both! {
    async fn every_number_is_what_the_same_account_counts_in_lists(app: App) {
        let world = World::make(&app).await;
        let past: Vec<_> = world.periods[..5].iter().collect();
        let opened: Vec<_> = world.periods[..6].iter().collect();
        let mut counted = BTreeMap::new();
        for name in ACTORS {
            let actor = app.sign_in(name).await;
            let lists = Lists::of(&world, &actor).await;
            let statistics = offered("Statistics");
            for (period, asked) in [
                (None, past.clone()),
                (Some(2), vec![&world.periods[2]]),
                (Some(5), vec![&world.periods[5]]),
                (Some(6), vec![]),
            ] {
                let due = lists.due(&world, &asked);
                let id = period.map(|at: usize| global("ReportingPeriod", world.periods[at].id.0));
                for group in ["NONE", "SECTION", "LEADER", "UNIT"] {
                    let answer = actor.ask(&statistics, json!({ "year": 2022, "groupBy": group, "periodId": id })).await;
                    let Some(rows) = answer.body.pointer("/data/plan/statistics") else {
                        // Who does not see the plan sees no numbers.
                        assert!(lists.targets.is_empty(), "{name}: {}", answer.text);
                        continue;
                    };
                    assert_eq!(by_key(rows), lists.statistics(group, &due), "{name} by {group}, period {period:?}");
                    if group == "NONE" && period.is_none() {
                        counted.insert(name, [rows[0]["targets"].as_i64().unwrap(), rows[0]["reportsDue"].as_i64().unwrap(), rows[0]["reportsSubmitted"].as_i64().unwrap(), rows[0]["reportsReturned"].as_i64().unwrap()]);
                    }
                }
            }

            // The trend, of all and of one section, leader and unit.
            let mut trends = vec![(json!({}), "NONE", "-".to_owned())];
            if let Some(target) = lists.targets.iter().find(|it| it["state"] != "OTHER") {
                for (group, field) in [("SECTION", "sectionId"), ("LEADER", "leaderId"), ("UNIT", "unitId")] {
                    let key = Lists::groups(target, group).pop_first().unwrap();
                    trends.push((json!({ field: key }), group, key));
                }
            }
            for (of, group, key) in trends {
                let answer = actor.ask(&operation("Trend"), json!({ "year": 2022, "of": of })).await;
                let Some(rows) = answer.body.pointer("/data/plan/trend").and_then(Value::as_array) else {
                    assert!(lists.targets.is_empty(), "{name}: {}", answer.text);
                    continue;
                };
                assert_eq!(rows.len(), 7, "{name}");
                for (row, period) in rows.iter().zip(&world.periods) {
                    assert_eq!(row["period"]["label"], period.label.as_str());
                    let asked: Vec<_> = opened.iter().copied().filter(|it| it.id == period.id).collect();
                    let due = lists.due(&world, &asked);
                    let expected = lists.statistics(group, &due).remove(&key).unwrap_or_else(|| lists.numbers(&[], &[]));
                    let of_targets = ["targets", "byState", "byLight", "averagePercentComplete", "milestones", "milestonesReached", "milestonesOverdue"];
                    let found = without(row.clone(), &["period", "averagePercentComplete"]);
                    assert_eq!(found, without(expected, &of_targets), "{name} {of} {}", period.label);
                }
            }
        }
        // The accounts differ as they should: the office and its reports, an observer with accepted ones alone, a unit with a part,
        // an administrator with nothing.
        let [office, observer, fgw] = ["office", "observer", "fgw-manager"].map(|name| counted[name]);
        assert_eq!((office[0], office[1]), (194, observer[1]));
        assert!(office[2] > observer[2] && observer[2] > 0 && office[3] > 0 && observer[3] == 0, "{counted:?}");
        assert!(fgw[0] < office[0] && fgw[2] > 0, "{counted:?}");
        assert_eq!(counted["system"], [0, 0, 0, 0]);
        assert!(!counted.contains_key("audit"));
    }

    async fn the_average_of_a_period_is_of_its_accepted_reports(app: App) {
        let world = World::make(&app).await;
        for name in ["office", "observer", "yjj-manager"] {
            let actor = app.sign_in(name).await;
            let lists = Lists::of(&world, &actor).await;
            let answer = actor.ask(&operation("Trend"), json!({ "year": 2022 })).await;
            for (row, period) in answer.data("/plan/trend").as_array().unwrap().iter().zip(&world.periods[..6]) {
                let due = lists.due(&world, &[period]);
                let accepted = due.iter().filter_map(|key| lists.reports.get(key)).filter(|it| it.status == "ACCEPTED");
                let percents: Vec<i64> = accepted.filter_map(|it| it.percent).collect();
                assert_eq!(row["averagePercentComplete"], average(&percents), "{name} {}", period.label);
            }
        }
    }

    async fn scores_follow_from_a_units_own_reports_and_the_state_of_its_targets(app: App) {
        let world = World::make(&app).await;
        let office = app.sign_in("office").await;
        let lists = Lists::of(&world, &office).await;
        let due = lists.due(&world, &world.periods[..5].iter().collect::<Vec<_>>());
        let weights = [40.0, 20.0, 40.0];
        let answer = office.ask(&operation("UnitRanking"), json!({ "year": 2022 })).await;
        let rows = answer.data("/plan/unitRanking").as_array().unwrap().clone();

        // The units with a target that they lead and that is not suspended, each once.
        let leads = |unit: &str| -> Vec<&Value> {
            lists.targets.iter().filter(|it| {
                let mut assignments = it["assignments"].as_array().unwrap().iter();
                it["state"] != "OTHER" && assignments.any(|a| a["role"] == "LEAD" && a["unit"]["id"] == unit)
            }).collect()
        };
        let units: BTreeSet<String> = rows.iter().map(|row| text(&row["unit"]["id"])).collect();
        assert_eq!(units.len(), rows.len());
        let mut expected: BTreeSet<String> = BTreeSet::new();
        for target in &lists.targets {
            expected.extend(Lists::groups(target, "UNIT").into_iter().filter(|unit| !leads(unit).is_empty()));
        }
        assert_eq!(units, expected);

        for row in &rows {
            let unit = text(&row["unit"]["id"]);
            let targets = leads(&unit);
            let good = targets.iter().filter(|it| ["COMPLETED", "AHEAD", "ON_SCHEDULE"].iter().any(|state| it["state"] == *state)).count();
            let own: Vec<&[String; 3]> = due.iter().filter(|[_, of, _]| *of == unit).collect();
            let reports: Vec<&Listed> = own.iter().filter_map(|key| lists.reports.get(*key)).collect();
            let reviewed = reports.iter().filter(|it| !it.reviews.is_empty()).count();
            let at_first = reports.iter().filter(|it| it.reviews.first().is_some_and(|first| first == "ACCEPT")).count();
            let on_time = reports.iter().filter(|it| !it.late).count();
            let parts = [(on_time, own.len()), (at_first, reviewed), (good, targets.len())];
            let weighed: f64 = parts.iter().zip(weights).filter(|((_, asked), _)| *asked > 0).map(|(_, weight)| weight).sum();
            let mut sum = 0.0;
            for (((achieved, asked), weight), part) in parts.iter().zip(weights).zip(row["parts"].as_array().unwrap()) {
                assert_eq!((&part["achieved"], &part["asked"]), (&json!(achieved), &json!(asked)), "{row}");
                assert_eq!(part["rate"], rate(*achieved, *asked));
                let most = if *asked > 0 { 100.0 * weight / weighed } else { 0.0 };
                let points = if *asked > 0 { most * *achieved as f64 / *asked as f64 } else { 0.0 };
                assert!((part["weight"].as_f64().unwrap() - most).abs() < 0.0051, "{part} {most}");
                assert!((part["points"].as_f64().unwrap() - points).abs() < 0.0051, "{part} {points}");
                sum += points;
            }
            assert!((row["score"].as_f64().unwrap() - sum).abs() < 0.0051, "{row} {sum}");
            // Ties share a rank: one more than there are better ones.
            let score = row["score"].as_f64().unwrap();
            let better = rows.iter().filter(|other| other["score"].as_f64().unwrap() > score).count();
            assert_eq!(row["rank"], better + 1);
        }
        let scores: Vec<f64> = rows.iter().map(|row| row["score"].as_f64().unwrap()).collect();
        assert!(scores.is_sorted_by(|one, next| one >= next), "the best first");
        assert!(scores.first() > scores.last());

        // Other weights, another order; a part that weighs nothing gives nothing.
        let answer = office.ask(&operation("UnitRanking"), json!({ "year": 2022, "weights": { "timeliness": 0, "firstTimeAcceptance": 0, "progress": 7 } })).await;
        for row in answer.data("/plan/unitRanking").as_array().unwrap() {
            let progress = &row["parts"][2];
            assert_eq!(row["score"], progress["points"]);
            assert_eq!(progress["weight"], 100.0);
            assert_eq!(row["parts"][0]["points"], 0.0);
        }
        // A period alone.
        let june = global("ReportingPeriod", world.periods[5].id.0);
        let answer = office.ask(&operation("UnitRanking"), json!({ "year": 2022, "periodId": june })).await;
        let asked: i64 = answer.data("/plan/unitRanking").as_array().unwrap().iter().map(|row| row["parts"][0]["asked"].as_i64().unwrap()).sum();
        assert_eq!(asked as usize, lists.due(&world, &[&world.periods[5]]).len());
    }

    async fn the_ranking_is_the_offices_and_a_units_own_score_is_its_own(app: App) {
        World::make(&app).await;
        let ranking = operation("UnitRanking");
        let of_office = app.sign_in("office").await.ask(&ranking, json!({ "year": 2022 })).await;
        let of_office = of_office.data("/plan/unitRanking").as_array().unwrap().clone();
        assert!(of_office.len() > 20);
        for (name, own) in [
            ("office-2022", None),
            ("office-2023", Some(vec![])),
            ("observer", Some(vec![])),
            ("leader-1", Some(vec![])),
            ("system", Some(vec![])),
            ("fgw-manager", Some(vec!["市发展改革委"])),
            ("fgw-reporter", Some(vec!["市发展改革委"])),
            ("linhai-manager", Some(vec!["临海市政府"])),
            ("renfang-reporter", Some(vec!["市人防办"])),
            // Works for a unit and is a leader, who sees more targets than the unit leads.
            ("both", Some(vec!["市应急管理局"])),
        ] {
            let answer = app.sign_in(name).await.ask(&ranking, json!({ "year": 2022 })).await;
            let rows = answer.body.pointer("/data/plan/unitRanking").and_then(Value::as_array).cloned().unwrap_or_default();
            let expected: Vec<Value> = match &own {
                None => of_office.clone(),
                Some(own) => of_office.iter().filter(|row| own.iter().any(|name| row["unit"]["name"] == *name)).map(|row| {
                    let mut row = row.clone();
                    row["rank"] = Value::Null;
                    row
                }).collect(),
            };
            assert_eq!(rows, expected, "{name}");
            assert_eq!(expected.is_empty(), own.is_some_and(|own| own.is_empty()), "{name}");
        }
    }

    /// An extension puts off what the state says; in the assessment the first due date counts (domain.md §8).
    async fn what_was_put_off_is_assessed_by_its_first_due_date(app: App) {
        World::make(&app).await;
        let db = app.database.connect().await;
        let office = app.sign_in("office").await;
        let unit = "市发展改革委";
        let progress = async || {
            let ranking = office.ask(&operation("UnitRanking"), json!({ "year": 2022 })).await;
            let rows = ranking.data("/plan/unitRanking").as_array().unwrap().clone();
            let row = rows.into_iter().find(|row| row["unit"]["name"] == unit).unwrap();
            let part = row["parts"][2].clone();
            (part["achieved"].as_i64().unwrap(), part["asked"].as_i64().unwrap())
        };
        let manager = app.sign_in("fgw-manager").await;
        let mine = manager.query("{ plan(year: 2022) { targets(first: 100, filter: { role: LEAD }) { nodes { id number state } } } }").await;
        let mine = mine.data("/plan/targets/nodes").as_array().unwrap().clone();
        let before = progress().await;
        let statistics = async || office.ask(&offered("Statistics"), json!({ "year": 2022, "groupBy": "UNIT" })).await.data("/plan/statistics").clone();
        let numbers = statistics().await;
        for (state, counts) in [("ON_SCHEDULE", true), ("AHEAD", true), ("COMPLETED", false), ("BEHIND", false), ("OTHER", false)] {
            let number = &mine.iter().find(|it| it["state"] == state).unwrap()["number"];
            let first_due = async |day: &str| {
                let set = format!("UPDATE target SET original_due_on = {day} WHERE number = {number} AND plan_id = (SELECT id FROM plan WHERE year = 2022)");
                db.execute_unprepared(&set).await.unwrap();
            };
            first_due("'2022-06-15'").await;
            assert_eq!(progress().await, before, "{state}: today is its last day");
            first_due("'2022-06-14'").await;
            assert_eq!(progress().await, (before.0 - i64::from(counts), before.1), "{state}");
            assert_eq!(statistics().await, numbers, "{state}");
            first_due("NULL").await;
        }
    }

    /// Another unit of the target reports late, or not at all, or is sent back: nothing of it shows in the lead unit's numbers.
    async fn a_unit_that_reports_late_does_not_cost_the_lead_unit(app: App) {
        let db = app.database.connect().await;
        let author = user::Entity::find().one(&db).await.unwrap().unwrap().id;
        let plan = plan::Entity::find().filter(plan::Column::Year.eq(2022)).one(&db).await.unwrap().unwrap();
        let may = period(&db, plan.id, 2022, 5).await;
        let rows = assignment::Entity::find().filter(assignment::Column::PlanId.eq(plan.id)).order_by_asc(assignment::Column::Id).all(&db).await.unwrap();
        // A target with two lead units and a supporting one.
        let mut of_target: BTreeMap<i64, Vec<&assignment::Model>> = BTreeMap::new();
        for row in &rows {
            of_target.entry(row.target_id.0).or_default().push(row);
        }
        let leading = |row: &&&assignment::Model| row.role == AssignmentRole::Lead;
        let together = of_target.values().find(|rows| rows.iter().filter(leading).count() > 1 && rows.iter().any(|row| row.role == AssignmentRole::Supporting)).unwrap();
        let leads: Vec<_> = together.iter().filter(leading).collect();
        let supporting = together.iter().find(|row| row.role == AssignmentRole::Supporting).unwrap();
        write(&db, leads[0], &may, STORIES[4], false, None, author).await;
        let office = app.sign_in("office").await;
        let numbers = async |unit: UnitId| {
            let id = global("Unit", unit.0);
            let statistics = office.ask(&offered("Statistics"), json!({ "year": 2022, "groupBy": "UNIT" })).await;
            let ranking = office.ask(&operation("UnitRanking"), json!({ "year": 2022 })).await;
            let scores = ranking.data("/plan/unitRanking").as_array().unwrap().clone();
            let score = scores.into_iter().find(|row| row["unit"]["id"] == id.as_str()).map(|row| without(row, &["rank"]));
            (by_key(statistics.data("/plan/statistics"))[&id].clone(), score)
        };
        let before = numbers(leads[0].unit_id).await;
        assert_eq!(before.0["reportsAccepted"], 1);
        let of_other = numbers(leads[1].unit_id).await;
        write(&db, leads[1], &may, STORIES[3], true, None, author).await;
        write(&db, supporting, &may, STORIES[5], true, None, author).await;
        assert_eq!(numbers(leads[0].unit_id).await, before);
        let after = numbers(leads[1].unit_id).await;
        assert_eq!((&after.0["reportsLate"], &after.0["reportsReturned"]), (&json!(1), &json!(1)));
        assert!(after.1.unwrap()["score"].as_f64() <= of_other.1.unwrap()["score"].as_f64());
        // Nor does it bring the supporting unit anything: its reports are not due.
        assert_eq!(numbers(supporting.unit_id).await.0["reportsLate"], 0);
    }

    async fn numbers_cost_the_same_statements_whatever_they_count(app: App) {
        let world = World::make(&app).await;
        let june = global("ReportingPeriod", world.periods[5].id.0);
        for name in ["office", "fgw-manager", "leader-8", "observer", "both"] {
            let actor = app.sign_in(name).await;
            let mut costs = Vec::new();
            for group in ["NONE", "SECTION", "LEADER", "UNIT"] {
                for period in [Value::Null, json!(june)] {
                    let answer = actor.ask(&offered("Statistics"), json!({ "year": 2022, "groupBy": group, "periodId": period })).await;
                    answer.data("/plan/statistics");
                    costs.push(answer.statements());
                }
            }
            // Who asks, the plan, three that count, the groups; and the period.
            assert_eq!(costs, [5, 6, 6, 7, 6, 7, 6, 7], "{name}");
            assert_eq!(actor.ask(&operation("Trend"), json!({ "year": 2022 })).await.statements(), 4, "{name}");
            assert_eq!(actor.ask(&operation("UnitRanking"), json!({ "year": 2022 })).await.statements(), 5, "{name}");
        }
        // Of many plans as of one, and each its own.
        let db = app.database.connect().await;
        let draft = plan::Entity::find().filter(plan::Column::Year.eq(2023)).one(&db).await.unwrap().unwrap();
        let of_draft = period(&db, draft.id, 2022, 3).await;
        let office = app.sign_in("office").await;
        let fields = format!("year statistics(groupBy: LEADER) {{ key {{ ... on Leader {{ id }} }} targets {REPORTS} }} trend {{ reportsDue }} unitRanking {{ rank score unit {{ id }} }}");
        let all = office.query(&format!("{{ plans {{ nodes {{ {fields} }} }} }}")).await;
        assert_eq!(all.statements(), 11);
        let plans = all.data("/plans/nodes").as_array().unwrap();
        assert_eq!(plans.len(), 2);
        for of_all in plans {
            let alone = office.query(&format!("{{ plan(year: {}) {{ {fields} }} }}", of_all["year"])).await;
            assert_eq!(alone.data("/plan"), of_all);
            assert!(of_all["statistics"][0]["reportsDue"].as_i64().unwrap() > 0);
        }
        // A period of another plan is none of this one.
        for id in [global("ReportingPeriod", of_draft.id.0), global("ReportingPeriod", 999_999), global("Plan", 1), "nonsense".to_owned()] {
            for query in ["Statistics", "UnitRanking"] {
                let answer = office.ask(&operation(query), json!({ "year": 2022, "groupBy": "NONE", "periodId": id })).await;
                assert_eq!(answer.codes(), ["NOT_FOUND"], "{query} {id}");
            }
        }
        for of in [json!({ "unitId": "nonsense" }), json!({ "sectionId": global("Unit", 1) }), json!({ "leaderId": "" })] {
            assert_eq!(office.ask(&operation("Trend"), json!({ "year": 2022, "of": of })).await.codes(), ["NOT_FOUND"], "{of}");
        }
    }

    async fn weights_that_make_no_sense_are_refused_by_name(app: App) {
        let office = app.sign_in("office").await;
        for (weights, field) in [
            (json!({ "timeliness": -1 }), "weights.timeliness"),
            (json!({ "firstTimeAcceptance": 1001 }), "weights.firstTimeAcceptance"),
            (json!({ "progress": -40, "timeliness": 1 }), "weights.progress"),
            (json!({ "timeliness": 0, "firstTimeAcceptance": 0, "progress": 0 }), "weights"),
        ] {
            let answer = office.ask(&operation("UnitRanking"), json!({ "year": 2022, "weights": weights })).await;
            assert_eq!(answer.codes(), ["BAD_USER_INPUT"], "{weights}");
            assert_eq!(answer.body["errors"][0]["extensions"]["field"], field);
        }
    }

    /// Jinzhai county's bulletin of the first half of 2025: 222 items.
    async fn a_published_bulletins_table_can_be_rebuilt(app: App) {
        let bulletin = [("ON_SCHEDULE", 162, 72.9), ("BEHIND", 17, 7.7), ("AHEAD", 10, 4.5), ("COMPLETED", 24, 10.8), ("OTHER", 9, 4.1), ("NOT_STARTED", 0, 0.0)];
        let db = app.database.connect().await;
        jinzhai(&db, &bulletin).await;
        let office = app.sign_in("office").await;
        let answer = office.ask(&offered("Statistics"), json!({ "year": 2025, "groupBy": "NONE" })).await;
        let items = answer.data("/plan/statistics/0/targets").as_i64().unwrap();
        assert_eq!(items, 222);
        let states = answer.data("/plan/statistics/0/byState").as_array().unwrap();
        assert_eq!(states.len(), bulletin.len());
        for (state, count, percent) in bulletin {
            let row = states.iter().find(|row| row["state"] == state).unwrap();
            assert_eq!(row["count"], count, "{state}");
            // The bulletin cuts 72.97 off, and rounds the others.
            assert!((100.0 * count as f64 / items as f64 - percent).abs() < 0.1, "{state}");
        }
    }
}
