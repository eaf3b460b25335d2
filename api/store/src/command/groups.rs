//! The register of unit groups: phrases that stand for several units, or name nobody yet (domain.md §3).

use domain::{
    Action, Guarded, Reason,
    directory::{LONGEST_NAME, Register},
};
use entity::{
    ids::{UnitGroupId, UnitId},
    kinds::GroupResolution,
    unit_group, unit_group_member,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter,
    Set,
};
use serde_json::json;

use crate::{
    Call, Once, Result, Seen,
    scoped::Scoped,
    write::{Begun, Write},
};

use super::{MOST_ITEMS, directory_units, entry, fit_name, units::lock_register};

/// A group as it shall be.
#[derive(Clone, Debug)]
pub struct GroupMembers<'a> {
    /// Its members in their order; none where an ID is none.
    pub units: &'a [Option<UnitId>],
}

impl Call {
    /// Registers a unit group: a phrase that stands for its members, or names nobody yet.
    ///
    /// # Errors
    /// Refused: a viewer who is no system administrator, no phrase or one that is taken, a unit that there is not or that
    /// was merged, members of a phrase that names nobody, or none of one that stands for its members.
    pub async fn create_unit_group(
        &self,
        name: &str,
        resolution: GroupResolution,
        members: GroupMembers<'_>,
        once: Option<&Once>,
    ) -> Result<Seen<unit_group::Model>> {
        let write = match self.begin_register(Action::CreateUnitGroup, once).await? {
            Begun::Fresh(write) => write,
            Begun::Again(id) => return self.again(&id).await,
        };
        let name = fit_name("name", name, LONGEST_NAME)?;
        let taken = unit_group::Entity::find()
            .filter(unit_group::Column::Name.eq(&name))
            .one(write.db())
            .await?;
        if taken.is_some() {
            return Err(Reason::NameTaken.at("name").into());
        }
        let row = unit_group::ActiveModel {
            id: NotSet,
            name: Set(name),
            resolution: Set(resolution),
            listed: Set(true),
        }
        .insert(write.db())
        .await?;
        let units = self.set_members(&write, &row, members).await?;
        let changes = json!({ "name": row.name, "resolution": row.resolution, "unitIds": units });
        let id = row.id.0;
        let entry = entry(
            self,
            Action::CreateUnitGroup,
            "UnitGroup",
            Some(id),
            changes,
        );
        write.commit_with(json!(id), [entry]).await?;
        Ok(Seen(row))
    }

    /// Changes the members of a unit group, from the next document on: assignments that came of it stay.
    ///
    /// # Errors
    /// As [`Call::create_unit_group`], or a group that there is not.
    pub async fn change_unit_group(
        &self,
        id: Option<UnitGroupId>,
        members: GroupMembers<'_>,
        once: Option<&Once>,
    ) -> Result<Seen<unit_group::Model>> {
        let write = match self.begin(once).await? {
            Begun::Fresh(write) => write,
            Begun::Again(id) => return self.again(&id).await,
        };
        let not_found = || Reason::NotFound.at("unitGroupId");
        let id = id.ok_or_else(not_found)?;
        let find = || Scoped::<unit_group::Entity>::new(self).and(unit_group::Column::Id.eq(id));
        find().one(write.db()).await?.ok_or_else(not_found)?;
        Register
            .permit(self.asking()?, Action::ChangeUnitGroup)
            .map_err(|reason| reason.at("unitGroupId"))?;
        // Who may not do it locks nothing.
        lock_register(&write).await?;
        let row = find().locked().one(write.db()).await?;
        let mut row = row.ok_or_else(not_found)?;
        if !row.listed {
            // From now on it is the administrator's, whatever becomes of the draft that named it first.
            let mut change = row.0.clone().into_active_model();
            change.listed = Set(true);
            row.0 = change.update(write.db()).await?;
        }
        let units = self.set_members(&write, &row, members).await?;
        let id = row.id.0;
        let changes = json!({ "unitIds": units });
        let entry = entry(
            self,
            Action::ChangeUnitGroup,
            "UnitGroup",
            Some(id),
            changes,
        );
        write.commit_with(json!(id), [entry]).await?;
        Ok(row)
    }

    async fn set_members(
        &self,
        write: &Write,
        group: &unit_group::Model,
        members: GroupMembers<'_>,
    ) -> Result<Vec<UnitId>> {
        const UNITS: &str = "unitIds";
        let given = members.units;
        match group.resolution {
            GroupResolution::Designation if !given.is_empty() => {
                return Err(Reason::GroupWithoutMembers.at(UNITS).into());
            }
            GroupResolution::Members if given.is_empty() => {
                return Err(Reason::Empty.at(UNITS).into());
            }
            _ if given.len() > MOST_ITEMS => {
                return Err(Reason::TooMany { most: MOST_ITEMS }.at(UNITS).into());
            }
            _ => {}
        }
        for (at, id) in given.iter().enumerate() {
            if id.is_some() && given.iter().take(at).any(|other| other == id) {
                return Err(Reason::Repeated.at_item(UNITS, at).into());
            }
        }
        let units = directory_units(self, write, given, |reason, at| reason.at_item(UNITS, at));
        let units = units.await?;
        unit_group_member::Entity::delete_many()
            .filter(unit_group_member::Column::GroupId.eq(group.id))
            .exec(write.db())
            .await?;
        if !units.is_empty() {
            let rows =
                units
                    .iter()
                    .zip(1..)
                    .map(|(unit, ordinal)| unit_group_member::ActiveModel {
                        group_id: Set(group.id),
                        unit_id: Set(*unit),
                        ordinal: Set(ordinal),
                    });
            unit_group_member::Entity::insert_many(rows)
                .exec_without_returning(write.db())
                .await?;
        }
        Ok(units)
    }
}
