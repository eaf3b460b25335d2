//! Acknowledge assignments (签收).

use std::collections::HashMap;

use domain::{Action, Guarded, Reason};
use entity::{
    assignment,
    ids::AssignmentId,
    kinds::{Audience, EventType},
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, sea_query::Expr};
use serde_json::json;

use crate::{
    AssignmentRow, Call, Fault, Once, Result, Seen,
    read::disputes::assignment_facts,
    scoped::Scoped,
    write::{Begun, Entry, Told},
};

use super::MOST_ITEMS;

const FIELD: &str = "assignmentIds";

impl Call {
    /// Acknowledges assignments for the viewer's unit, all or none of them. One that is acknowledged already stays as
    /// it is. An id that is none is given as `None`.
    ///
    /// # Errors
    /// Refused: an empty list, more than [`MOST_ITEMS`], an assignment that the viewer does not see, or one of a unit
    /// that the viewer does not manage.
    pub async fn acknowledge_assignments(
        &self,
        ids: &[Option<AssignmentId>],
        once: Option<&Once>,
    ) -> Result<Vec<AssignmentRow>> {
        let viewer = self.admitted()?.account.id;
        if ids.is_empty() {
            return Err(Reason::Empty.at(FIELD).into());
        }
        if ids.len() > MOST_ITEMS {
            return Err(Reason::TooMany { most: MOST_ITEMS }.at(FIELD).into());
        }
        let write = match self.begin(once).await? {
            Begun::Fresh(write) => write,
            Begun::Again(before) => {
                let keys = serde_json::from_value::<Vec<AssignmentId>>(before);
                let keys = keys.map_err(|error| Fault::new(error.to_string()))?;
                let rows = self.acknowledged(&keys, &self.reader()).await?;
                // Nothing is left that they may see: as with every other act that comes again.
                return if rows.is_empty() {
                    Err(Reason::NotFound.whole().into())
                } else {
                    Ok(rows)
                };
            }
        };
        let seen: HashMap<AssignmentId, Seen<assignment::Model>> =
            Scoped::<assignment::Entity>::new(self)
                .and(assignment::Column::Id.is_in(ids.iter().flatten().copied()))
                .order_by(assignment::Column::Id)
                .locked()
                .all(write.db())
                .await?
                .into_iter()
                .map(|row| (row.id, row))
                .collect();
        let rows: Vec<&assignment::Model> = seen.values().map(|row| &**row).collect();
        let facts = assignment_facts(write.db(), &rows).await?;
        for (at, id) in ids.iter().enumerate() {
            let row = id.and_then(|id| seen.get(&id));
            let row = row.ok_or_else(|| Reason::NotFound.at_item(FIELD, at))?;
            let facts = facts
                .get(&row.id)
                .ok_or_else(|| Fault::new("an assignment without facts"))?;
            facts
                .permit(self.asking()?, Action::AcknowledgeAssignment)
                .map_err(|reason| reason.at_item(FIELD, at))?;
        }
        let mut fresh: Vec<AssignmentId> = seen
            .values()
            .filter(|row| row.acknowledged_at.is_none())
            .map(|row| row.id)
            .collect();
        fresh.sort_unstable();
        if !fresh.is_empty() {
            assignment::Entity::update_many()
                .col_expr(assignment::Column::AcknowledgedAt, Expr::value(self.now()))
                .col_expr(assignment::Column::AcknowledgedById, Expr::value(viewer))
                .filter(assignment::Column::Id.is_in(fresh.iter().copied()))
                .exec(write.db())
                .await?;
        }
        let keys: Vec<AssignmentId> = ids.iter().flatten().copied().collect();
        let rows = self.acknowledged(&keys, write.db()).await?;
        let entries = fresh.iter().filter_map(|id| seen.get(id)).map(|row| Entry {
            act: Action::AcknowledgeAssignment.into(),
            object: "Assignment",
            id: Some(row.id.0),
            changes: json!({ "acknowledgedAt": [null, self.now()] }),
            event: Some(Told {
                kind: EventType::AssignmentAcknowledged,
                plan: row.plan_id,
                target: Some(row.target_id),
                unit: Some(row.unit_id),
                audience: Audience::Target,
                about: Some(("Assignment", row.id.0)),
            }),
        });
        write.commit_with(json!(keys), entries).await?;
        Ok(rows)
    }

    /// The assignments in the order in which they were named.
    async fn acknowledged(
        &self,
        keys: &[AssignmentId],
        db: &impl ConnectionTrait,
    ) -> Result<Vec<AssignmentRow>> {
        let mut rows = self.assignments_within(keys, db).await?;
        rows.sort_by_key(|row| keys.iter().position(|id| *id == row.assignment.id));
        Ok(rows)
    }
}
