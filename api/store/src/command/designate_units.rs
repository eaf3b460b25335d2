//! Designate the units for which a phrase of the document stands.

use domain::{Action, Guarded, Reason};
use entity::{
    assignment, designation,
    ids::{DesignationId, UnitId},
    kinds::{AssignmentOrigin, Audience, EventType, PlanStatus},
    target, unit,
};
use sea_orm::{
    ActiveValue::NotSet, ColumnTrait, EntityTrait, QueryFilter, QuerySelect, Set, sea_query::Expr,
};
use serde_json::json;

use crate::{
    Call, Once, Result, Seen, listed,
    read::designations::designation_facts,
    scoped::Scoped,
    search, standing,
    write::{Begun, Entry, Told},
};

use super::{
    MOST_ITEMS, count_change, keep_units, kept_plan,
    on_target::{TARGET, target_row},
};

const UNITS: &str = "unitIds";
const DESIGNATION: &str = "designationId";

impl Call {
    /// Makes units responsible where the document named none; answers the target. A unit that is assigned to the
    /// target already keeps its assignment. An id that is none is given as `None`.
    ///
    /// # Errors
    /// Refused: a designation or unit that the viewer does not see, an empty list, more than [`MOST_ITEMS`], a viewer
    /// who is not the plan's supervision office, or a designation that was made before.
    pub async fn designate_units(
        &self,
        id: Option<DesignationId>,
        units: &[Option<UnitId>],
        once: Option<&Once>,
    ) -> Result<Seen<target::Model>> {
        let viewer = self.admitted()?.account.id;
        let not_found = || Reason::NotFound.at(DESIGNATION);
        let mut write = match self.begin(once).await? {
            Begun::Fresh(write) => write,
            Begun::Again(target) => return self.again(&target).await,
        };
        let id = id.ok_or_else(not_found)?;
        let find = || Scoped::<designation::Entity>::new(self).and(designation::Column::Id.eq(id));
        let first = find().one(write.db()).await?.ok_or_else(not_found)?;
        // The plan and the units before the target, as all do who lock them. The target's lock orders all designations on it: of two
        // at once the second finds the first made.
        let plan = kept_plan(&write, first.plan_id).await?;
        let plan = plan.ok_or_else(not_found)?;
        keep_units(self, &write, units.iter().flatten().copied()).await?;
        let target = self
            .locked_target(&write, Some(first.target_id))
            .await
            .map_err(|error| error.renamed(TARGET, DESIGNATION))?;
        let seen = find().one(write.db()).await?.ok_or_else(not_found)?;
        designation_facts(&plan, &seen)
            .permit(self.asking()?, Action::DesignateUnits)
            .map_err(|reason| reason.at(DESIGNATION))?;
        if units.is_empty() {
            return Err(Reason::Empty.at(UNITS).into());
        }
        if units.len() > MOST_ITEMS {
            return Err(Reason::TooMany { most: MOST_ITEMS }.at(UNITS).into());
        }
        let known: Vec<UnitId> = Scoped::<unit::Entity>::new(self)
            .and(unit::Column::Id.is_in(units.iter().flatten().copied()))
            .and(unit::Column::MergedIntoId.is_null())
            .all(write.db())
            .await?
            .iter()
            .map(|unit| unit.id)
            .collect();
        let mut wanted: Vec<UnitId> = Vec::new();
        for (at, id) in units.iter().enumerate() {
            let id = id
                .filter(|id| known.contains(id))
                .ok_or_else(|| Reason::NotFound.at_item(UNITS, at))?;
            if !wanted.contains(&id) {
                wanted.push(id);
            }
        }
        let assigned: Vec<UnitId> = assignment::Entity::find()
            .select_only()
            .column(assignment::Column::UnitId)
            .filter(assignment::Column::TargetId.eq(target.id))
            .into_tuple()
            .all(write.db())
            .await?;
        wanted.retain(|unit| !assigned.contains(unit));
        if !wanted.is_empty() {
            // What a draft says begins when it is published.
            let acknowledge_by = match plan.status {
                PlanStatus::Draft => None,
                _ => {
                    let by = self.store().acknowledge_by(write.db(), plan.id, self.now());
                    Some(by.await?)
                }
            };
            let rows = wanted.iter().map(|unit| assignment::ActiveModel {
                id: NotSet,
                target_id: Set(target.id),
                plan_id: Set(target.plan_id),
                unit_id: Set(*unit),
                acting_unit_id: Set(None),
                role: Set(seen.role),
                ordinal: Set(seen.ordinal),
                origin: Set(AssignmentOrigin::Designation),
                group_id: Set(Some(seen.group_id)),
                designation_id: Set(Some(seen.id)),
                acknowledged_at: Set(None),
                acknowledged_by_id: Set(None),
                assigned_at: Set(Some(self.now())),
                acknowledge_by: Set(acknowledge_by),
            });
            assignment::Entity::insert_many(rows)
                .exec(write.db())
                .await?;
            if plan.status != PlanStatus::Draft {
                listed::list_units_of(write.db(), target.id).await?;
            }
        }
        designation::Entity::update_many()
            .col_expr(designation::Column::ResolvedAt, Expr::value(self.now()))
            .col_expr(designation::Column::ResolvedById, Expr::value(viewer))
            .filter(designation::Column::Id.eq(seen.id))
            .exec(write.db())
            .await?;
        count_change(&write, [target.id], self.now()).await?;
        search::index(write.db(), &[target.id]).await?;
        standing::recompute(&mut write, &[target.id], self.now()).await?;
        let target = target_row(&write, target.id).await?;
        let entry = Entry {
            act: Action::DesignateUnits.into(),
            object: "Designation",
            id: Some(seen.id.0),
            changes: json!({ "unitIds": wanted, "targetVersion": target.version }),
            event: Some(Told {
                kind: EventType::UnitsDesignated,
                plan: target.plan_id,
                target: Some(target.id),
                unit: None,
                audience: Audience::Target,
                about: Some(("Designation", seen.id.0)),
            }),
        };
        write.commit_with(json!(target.id), [entry]).await?;
        Ok(target)
    }
}
