//! Jinzhai county's plan of 2025, by the states that its bulletin counts.

use entity::{
    kinds::{PlanStatus, TargetState},
    plan, section, target,
};
use sea_orm::{ActiveModelTrait, ActiveValue::NotSet, DatabaseConnection, EntityTrait, Set};

use super::world::{day, moment};

pub(super) async fn jinzhai(db: &DatabaseConnection, bulletin: &[(&str, usize, f64)]) {
    let now = moment("2025-07-01T00:00:00Z");
    let plan = plan::ActiveModel {
        id: NotSet,
        year: Set(2025),
        title: Set("金寨县".to_owned()),
        document_number: Set("x".to_owned()),
        issuer: Set("x".to_owned()),
        issued_on: Set(day("2025-01-01")),
        status: Set(PlanStatus::Published),
        published_at: Set(Some(now)),
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
    let states = bulletin
        .iter()
        .flat_map(|(state, count, _)| std::iter::repeat_n(TargetState::from_word(state), *count));
    let rows = (1..).zip(states).map(|(number, state)| {
        let state = state.unwrap();
        let settled = [
            TargetState::Completed,
            TargetState::Other,
            TargetState::NotStarted,
        ];
        let measured = !settled.contains(&state);
        // The tests' clock stands in 2022: what has happened by then has happened.
        let from = |from: bool| Set(from.then(|| day("2022-01-01")));
        target::ActiveModel {
            id: NotSet,
            plan_id: Set(plan.id),
            number: Set(number),
            section_id: Set(heading.id),
            section_position: Set(1),
            text: Set("x".to_owned()),
            plain_text: Set("x".to_owned()),
            source_line: Set(number),
            open_ended: Set(false),
            due_on: Set(day("2025-12-31")),
            original_due_on: Set(None),
            closed_at: Set((state == TargetState::Completed).then_some(now)),
            suspended_reason: Set((state == TargetState::Other).then(|| "x".to_owned())),
            settled_state: Set((!measured).then_some(state)),
            on_schedule_from: from(measured && state != TargetState::Ahead),
            behind_from: from(state == TargetState::Behind),
            percent_complete: Set(None),
            version: Set(1),
            created_at: Set(now),
            updated_at: Set(now),
            ..Default::default()
        }
    });
    target::Entity::insert_many(rows).exec(db).await.unwrap();
}
