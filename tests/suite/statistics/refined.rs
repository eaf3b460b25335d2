//! Refined plans, and targets that were closed or suspended for a while, in the year under way.

use entity::{
    assignment, ids::UserId, kinds::RefinementStatus, milestone, pause, refinement,
    reporting_period, target,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ColumnTrait, DatabaseConnection, EntityTrait,
    QueryFilter, QueryOrder, Set,
};

use super::world::{World, day, global, moment};

impl World {
    /// Targets that were closed or suspended for a while: over the due time of April, which is the moment at which it began
    /// for some, and up to that of May, which is the moment at which it ended for others.
    pub(super) async fn pause(&mut self, db: &DatabaseConnection, targets: &[target::Model]) {
        for row in targets.iter().filter(|row| row.number % 6 == 0) {
            let (begun, ended) = match row.number % 12 {
                0 => ("2022-04-25T00:00:00Z", "2022-04-26T00:00:00Z"),
                _ => ("2022-04-01T00:00:00Z", "2022-05-25T00:00:00Z"),
            };
            let (begun, ended) = (moment(begun), moment(ended));
            let pause = pause::ActiveModel {
                id: NotSet,
                target_id: Set(row.id),
                begun_at: Set(begun),
                ended_at: Set(Some(ended)),
            };
            pause.insert(db).await.unwrap();
            let id = global("Target", row.id.0);
            self.pauses.insert(id, (begun, ended));
        }
    }

    /// Whether a target was closed or suspended when a period was due, and was opened or taken up again since.
    pub(super) fn paused(&self, target: &str, period: &reporting_period::Model) -> bool {
        let pause = self.pauses.get(target);
        pause.is_some_and(|(begun, ended)| *begun <= period.due_at && period.due_at < *ended)
    }
}

/// Refined plans in every state, with milestones of the first unit and of the last one, in time and late.
pub(super) async fn refine(db: &DatabaseConnection, targets: &[target::Model], user: UserId) {
    let at = moment("2022-02-01T00:00:00Z");
    for row in targets {
        let assignments = assignment::Entity::find()
            .filter(assignment::Column::TargetId.eq(row.id))
            .order_by_asc(assignment::Column::Id)
            .all(db)
            .await
            .unwrap();
        let (Some(first), Some(last)) = (assignments.first(), assignments.last()) else {
            continue;
        };
        let status = match row.number % 4 {
            0 => RefinementStatus::Draft,
            1 => RefinementStatus::Submitted,
            _ => RefinementStatus::Approved,
        };
        let refinement = refinement::ActiveModel {
            target_id: Set(row.id),
            plan_id: Set(row.plan_id),
            status: Set(status),
            submitted_at: Set(Some(at)),
            submitted_by_id: Set(Some(user)),
            decided_at: Set(None),
            decided_by_id: Set(None),
            comment: Set(None),
            version: Set(1),
        };
        refinement.insert(db).await.unwrap();
        for (due_on, done_on, unit) in [
            ("2022-03-31", Some("2022-04-30"), first.unit_id),
            ("2022-06-14", None, last.unit_id),
            ("2022-06-15", None, first.unit_id),
            ("2022-12-31", Some("2022-06-01"), last.unit_id),
        ] {
            let milestone = milestone::ActiveModel {
                id: NotSet,
                target_id: Set(row.id),
                plan_id: Set(row.plan_id),
                title: Set("x".to_owned()),
                due_on: Set(day(due_on)),
                unit_id: Set(unit),
                done_on: Set(done_on.map(day)),
                version: Set(1),
                created_by_id: Set(user),
                created_at: Set(at),
                updated_at: Set(at),
            };
            milestone.insert(db).await.unwrap();
        }
    }
}
