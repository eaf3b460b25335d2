//! What a refusal tells: nothing of a report that the caller does not see.

use std::collections::{BTreeMap, BTreeSet};

use entity::progress_report;
use sea_orm::{EntityTrait, QueryOrder};
use serde_json::json;
use tests::{
    App, both,
    desk::{on_report, save},
    world::ACTORS,
};

use super::{Desk, HISTORIES, Meant};
use crate::access::global;

both! {
    async fn no_refusal_tells_an_invisible_report_from_none(app: App) {
        let desk = Desk::write(&app).await;
        let before: Vec<(i64, i32)> = desk.reports.iter().map(|report| (report.id.0, report.version)).collect();
        for name in ACTORS {
            let actor = app.sign_in(name).await;
            for mutation in ["requestSignoff", "submitProgressReport", "recallProgressReport", "beginReview", "reviewProgressReport"] {
                let step = async |id: String, version: i32| {
                    let mut input = json!({ "reportId": id, "expectedVersion": version });
                    if mutation == "reviewProgressReport" {
                        input["decision"] = "RETURN".into();
                    }
                    on_report(&actor, mutation, input).await
                };
                let never = step(global("ProgressReport", 999_999), 1).await;
                assert_eq!(never.refusals(mutation), ["NOT_FOUND reportId"]);
                for (at, row) in desk.reports.iter().enumerate() {
                    // Each history, of one pair after the other.
                    if at % HISTORIES.len() != (at / HISTORIES.len()) % HISTORIES.len() {
                        continue;
                    }
                    // Version 0 is nobody's: what is allowed changes nothing. The right one is no key for others, either.
                    let answer = step(global("ProgressReport", row.id.0), 0).await;
                    if desk.sees(name, row) {
                        let refusals = answer.refusals(mutation);
                        assert!(["FORBIDDEN reportId", "WRONG_STATE reportId", "CONFLICT expectedVersion"].contains(&refusals[0].as_str()), "{name} {mutation} {row:?}: {refusals:?}");
                    } else {
                        assert_eq!(answer.body, never.body, "{name} {mutation} {row:?}");
                        assert_eq!(step(global("ProgressReport", row.id.0), row.version).await.body, never.body, "{name} {mutation} {row:?}");
                    }
                }
            }
            // Writing for a unit: what is refused does not depend on whether there is a report, or in which state.
            let mut answers: BTreeMap<(i64, i64), BTreeSet<String>> = BTreeMap::new();
            for row in desk.reports.iter().step_by(4) {
                let own = desk.may(name, row.target_id.0, row.unit_id.0, Meant::Unit);
                if own {
                    continue;
                }
                for version in [None, Some(row.version)] {
                    let input = json!({ "targetId": global("Target", row.target_id.0), "periodId": global("ReportingPeriod", row.period_id.0), "unitId": global("Unit", row.unit_id.0), "progress": "intruder", "expectedVersion": version });
                    let answer = save(&actor, input).await;
                    answers.entry((row.target_id.0, row.unit_id.0)).or_default().insert(answer.text.clone());
                    let visible = desk.world.visible_to(name).contains(&(2022, desk.numbers[&row.target_id.0]));
                    assert_eq!(answer.refusals("saveProgressReport"), [if visible { "FORBIDDEN" } else { "NOT_FOUND targetId" }], "{name} {row:?}");
                }
            }
            for (pair, answers) in answers {
                assert_eq!(answers.len(), 1, "{name} {pair:?}: {answers:?}");
            }
        }
        let after = progress_report::Entity::find().order_by_asc(progress_report::Column::Id).all(&app.database.connect().await).await.unwrap();
        let mut before = before;
        before.sort_unstable();
        assert_eq!(after.iter().map(|report| (report.id.0, report.version)).collect::<Vec<_>>(), before, "nothing changed");
        assert!(after.iter().all(|report| report.progress == "x"));
    }
}
