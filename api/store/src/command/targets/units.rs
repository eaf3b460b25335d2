//! The units of a target that is being changed. One that is taken off no longer sees it; what a new one owes begins now, as it does
//! for one that is designated or gets a disputed assignment.

use std::collections::HashMap;

use chrono::NaiveDate;
use domain::{Action, Reason, plan::MOST_PARTS, target::Part};
use entity::{
    assignment, designation, dispute,
    ids::{AssignmentId, UnitId},
    kinds::{AssignmentOrigin, AssignmentRole, DisputeStatus},
    unit,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ColumnTrait, EntityTrait, IntoActiveModel,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Set, sea_query::LockType,
};

use super::changing::{Changing, UnitPart};
use crate::{
    AmendedUnit, Result,
    command::{leaving::Leaving, milestones::hand_over},
    listed,
    read::target_facts::part,
    scoped::Scoped,
};

const UNITS: &str = "units";

impl Changing<'_> {
    /// Makes these units responsible, and no others. The act has kept them as they are, before the target's lock.
    pub(super) async fn units(&mut self, given: &[UnitPart]) -> Result<()> {
        let db = self.write.db();
        let wanted = self.wanted(given).await?;
        let mut before = assignment::Entity::find()
            .filter(assignment::Column::TargetId.eq(self.row.id))
            .order_by_asc(assignment::Column::Id)
            // Nobody acknowledges or disputes one of them meanwhile; whoever locks several does so in this order.
            .lock(LockType::NoKeyUpdate)
            .all(db)
            .await?;
        before.sort_by_key(|row| (row.ordinal, row.id));
        let parts: Vec<Part> = before.iter().map(part).collect();
        if parts == wanted {
            return Ok(());
        }
        let names = self.names(&parts, &wanted).await?;
        let told = |part: &Part| AmendedUnit {
            unit: names.get(&part.unit).cloned().unwrap_or_default(),
            role: part.role,
            acting_unit: part
                .acting_unit
                .and_then(|acting| names.get(&acting).cloned()),
        };
        if !before.is_empty() {
            self.parts.before.units = Some(parts.iter().map(told).collect());
        }
        self.parts.after.units = Some(wanted.iter().map(told).collect());
        let gone: Vec<&assignment::Model> = before
            .iter()
            .filter(|row| wanted.iter().all(|part| part.unit != row.unit_id))
            .collect();
        self.take_off(&gone, &wanted).await?;
        if let (true, Some(reason)) = (self.amending, self.reason) {
            let leaving = Leaving {
                write: self.write,
                action: Action::AmendTarget,
                by: self.user,
                at: self.call.now(),
                reason,
                reason_for_leads: reason,
            };
            let ended = leaving.end_open(self.row.id, &parts, &wanted).await?;
            self.ended.extend(ended);
        }
        let acknowledge_by = match self.amending {
            true => {
                let store = self.call.store();
                Some(
                    store
                        .acknowledge_by(db, self.plan.id, self.call.now())
                        .await?,
                )
            }
            false => None,
        };
        let mut new = Vec::new();
        for (wanted, ordinal) in wanted.iter().zip(1..) {
            let Some(row) = before.iter().find(|row| row.unit_id == wanted.unit) else {
                new.push(self.assignment(wanted, ordinal, acknowledge_by));
                continue;
            };
            if part(row) == *wanted && row.ordinal == ordinal {
                continue;
            }
            let mut row = row.clone();
            if part(&row) != *wanted {
                // Another part was accepted, or another unit accepted it.
                row.acknowledged_at = None;
                row.acknowledged_by_id = None;
                row.acknowledge_by = acknowledge_by;
            }
            if self.amending && wanted.role == AssignmentRole::Lead && row.role != wanted.role {
                // Reports are owed by whoever leads, and from then on.
                row.assigned_at = Some(self.call.now());
            }
            row.role = wanted.role;
            row.acting_unit_id = wanted.acting_unit;
            row.ordinal = ordinal;
            assignment::Entity::update(row.into_active_model().reset_all())
                .exec(db)
                .await?;
        }
        if !new.is_empty() {
            assignment::Entity::insert_many(new)
                .exec_without_returning(db)
                .await?;
        }
        if self.amending {
            listed::list_units_of(db, self.row.id).await?;
        }
        Ok(())
    }

    fn assignment(
        &self,
        part: &Part,
        ordinal: i32,
        acknowledge_by: Option<NaiveDate>,
    ) -> assignment::ActiveModel {
        assignment::ActiveModel {
            id: NotSet,
            target_id: Set(self.row.id),
            plan_id: Set(self.plan.id),
            unit_id: Set(part.unit),
            acting_unit_id: Set(part.acting_unit),
            role: Set(part.role),
            ordinal: Set(ordinal),
            origin: Set(AssignmentOrigin::Named),
            group_id: Set(None),
            designation_id: Set(None),
            acknowledged_at: Set(None),
            acknowledged_by_id: Set(None),
            // In a draft, the document assigns.
            assigned_at: Set(self.amending.then(|| self.call.now())),
            acknowledge_by: Set(acknowledge_by),
        }
    }

    /// The parts that are wanted: units that there are, each once, and one that leads.
    async fn wanted(&self, given: &[UnitPart]) -> Result<Vec<Part>> {
        let db = self.write.db();
        if given.is_empty() {
            return Err(Reason::Empty.at(UNITS).into());
        }
        if given.len() > MOST_PARTS {
            return Err(Reason::TooMany { most: MOST_PARTS }.at(UNITS).into());
        }
        let named = given
            .iter()
            .flat_map(|part| [part.unit, part.acting_unit.flatten()]);
        // They are kept as they are: none of them is merged into another meanwhile.
        let named: Vec<UnitId> = named.flatten().collect();
        let known: Vec<UnitId> = Scoped::<unit::Entity>::new(self.call)
            .and(unit::Column::Id.is_in(named))
            .and(unit::Column::MergedIntoId.is_null())
            .all(db)
            .await?
            .iter()
            .map(|unit| unit.id)
            .collect();
        let mut wanted: Vec<Part> = Vec::new();
        for (at, part) in given.iter().enumerate() {
            let found = |id: Option<UnitId>, field: &str| {
                id.filter(|id| known.contains(id))
                    .ok_or_else(|| Reason::NotFound.in_item(UNITS, at, field))
            };
            let unit = found(part.unit, "unitId")?;
            let acting = match part.acting_unit {
                Some(acting) => Some(found(acting, "actingUnitId")?),
                None => None,
            };
            if acting == Some(unit) {
                return Err(Reason::Repeated.in_item(UNITS, at, "actingUnitId").into());
            }
            if wanted.iter().any(|other| other.unit == unit) {
                return Err(Reason::Repeated.in_item(UNITS, at, "unitId").into());
            }
            wanted.push(Part {
                unit,
                role: part.role,
                acting_unit: acting,
            });
        }
        let leads = |part: &Part| part.role == AssignmentRole::Lead;
        if !wanted.iter().any(leads) {
            let to_come = designation::Entity::find()
                .filter(designation::Column::TargetId.eq(self.row.id))
                .filter(designation::Column::Role.eq(AssignmentRole::Lead))
                .filter(designation::Column::ResolvedAt.is_null())
                .count(db)
                .await?;
            if to_come == 0 {
                return Err(Reason::NoLeadUnit.at(UNITS).into());
            }
        }
        Ok(wanted)
    }

    async fn names(&self, before: &[Part], wanted: &[Part]) -> Result<HashMap<UnitId, String>> {
        let both = before.iter().chain(wanted);
        let units = both.flat_map(|part| [Some(part.unit), part.acting_unit]);
        let rows = unit::Entity::find()
            .filter(unit::Column::Id.is_in(units.flatten()))
            .all(self.write.db())
            .await?;
        Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
    }

    /// Takes units off the target. Their reports, and the disputes that were decided, stay theirs; milestones that they have
    /// not reached go to the first lead unit. What is in dispute is decided first.
    async fn take_off(&self, gone: &[&assignment::Model], wanted: &[Part]) -> Result<()> {
        let db = self.write.db();
        if gone.is_empty() {
            return Ok(());
        }
        let ids: Vec<AssignmentId> = gone.iter().map(|row| row.id).collect();
        let open = dispute::Entity::find()
            .filter(dispute::Column::AssignmentId.is_in(ids.iter().copied()))
            .filter(dispute::Column::Status.eq(DisputeStatus::Open))
            .count(db)
            .await?;
        if open > 0 {
            return Err(Reason::Disputed.at(UNITS).into());
        }
        let mut leads = wanted.iter();
        if let Some(lead) = leads.find(|part| part.role == AssignmentRole::Lead) {
            let from = gone.iter().map(|row| row.unit_id);
            hand_over(self.write, self.row.id, from, lead.unit, self.call.now()).await?;
        }
        assignment::Entity::delete_many()
            .filter(assignment::Column::Id.is_in(ids))
            .exec(db)
            .await?;
        Ok(())
    }
}
