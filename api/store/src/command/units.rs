//! The register of units: the system administrator's (domain.md §2, §3).
//!
//! A renamed unit is the same unit; its old name becomes an alias. A unit that is merged into another stays for what it
//! did: archived plans and closed targets keep its name, and so do notices and requests that are answered, decided or
//! withdrawn. What is open goes on under the other one: assignments with their reports and disputes, notices that wait for an
//! answer, requests that wait for a decision, periods that are open again for it, accounts, grants, memberships and aliases.
//! Whoever works for the other unit sees and does what the merged one's people did (`domain::grant`).

use std::convert::identity;

use domain::{
    Action, Guarded, Reason,
    action::LONGEST_REASON,
    directory::{LONGEST_FULL_NAME, LONGEST_NAME, Register, UnitFacts},
};
use entity::{ids::UnitId, kinds::UnitKind, unit, unit_alias};
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter,
    Set, sea_query::Expr,
};
use serde_json::{Value, json};

use crate::{
    Call, Fault, Once, Result, Seen,
    advisory::Advisory,
    scoped::Scoped,
    search,
    write::{Begun, Write},
};

use super::{entry, fit_name, text};

/// A unit to be registered.
#[derive(Clone, Debug)]
pub struct CreateUnit {
    /// Its name, at most 100 characters.
    pub name: String,
    /// Its full name, at most 200 characters.
    pub full_name: Option<String>,
    /// What sort of organisation it is.
    pub kind: UnitKind,
    /// The GB/T 2260 code of a county-level government.
    pub code: Option<String>,
}

impl Call {
    /// Registers a unit.
    ///
    /// # Errors
    /// Refused: a viewer who is no system administrator, no name or one that is taken, also as an alias, or a code that is
    /// no six digits or is taken.
    pub async fn create_unit(
        &self,
        input: CreateUnit,
        once: Option<&Once>,
    ) -> Result<Seen<unit::Model>> {
        let write = match self.begin_register(Action::CreateUnit, once).await? {
            Begun::Fresh(write) => write,
            Begun::Again(id) => return self.again(&id).await,
        };
        let name = free_name(&write, &input.name, None).await?;
        let full_name = match &input.full_name {
            Some(full) => Some(fit_name("fullName", full, LONGEST_FULL_NAME)?),
            None => None,
        };
        let code = match input.code.as_deref().map(str::trim) {
            Some(code) => Some(free_code(&write, code).await?),
            None => None,
        };
        let row = unit::ActiveModel {
            id: NotSet,
            name: Set(name),
            full_name: Set(full_name),
            kind: Set(input.kind),
            code: Set(code),
            merged_into_id: Set(None),
            listed: Set(true),
        }
        .insert(write.db())
        .await?;
        let changes = json!({ "name": row.name, "fullName": row.full_name, "kind": row.kind, "code": row.code });
        self.registered(write, row, Action::CreateUnit, changes)
            .await
    }

    /// Gives a unit another name. The old one becomes an alias, and search finds its targets by the new one.
    ///
    /// # Errors
    /// Refused: a viewer who is no system administrator, a unit that there is not or that was merged, no name, or one that
    /// is taken or the same.
    pub async fn rename_unit(
        &self,
        id: Option<UnitId>,
        name: &str,
        full_name: Option<&str>,
        reason: Option<&str>,
        once: Option<&Once>,
    ) -> Result<Seen<unit::Model>> {
        let write = match self.begin(once).await? {
            Begun::Fresh(write) => write,
            Begun::Again(id) => return self.again(&id).await,
        };
        let rename = Action::RenameUnit;
        // Who may not do it locks nothing.
        self.unit_for(&write, rename, id, "unitId", identity)
            .await?;
        lock_register(&write).await?;
        let mut row = self
            .unit_for(&write, rename, id, "unitId", Scoped::locked)
            .await?;
        let name = free_name(&write, name, Some(row.id)).await?;
        if name == row.name {
            return Err(Reason::Unchanged.at("name").into());
        }
        let reason = match reason {
            Some(reason) => Some(text("reason", reason, LONGEST_REASON, true)?),
            None => None,
        };
        let before = std::mem::replace(&mut row.name, name);
        if let Some(full) = full_name {
            row.full_name = Some(fit_name("fullName", full, LONGEST_FULL_NAME)?);
        }
        // A name that it had before is no alias any more.
        unit_alias::Entity::delete_many()
            .filter(unit_alias::Column::UnitId.eq(row.id))
            .filter(unit_alias::Column::Alias.eq(&row.name))
            .exec(write.db())
            .await?;
        add_alias(&write, row.id, &before).await?;
        row.clone()
            .into_active_model()
            .reset_all()
            .update(write.db())
            .await?;
        let targets = super::merging::targets_of(&write, &[row.id]).await?;
        search::index(write.db(), &targets).await?;
        let changes =
            json!({ "name": [before, row.name], "fullName": row.full_name, "reason": reason });
        self.registered(write, row, Action::RenameUnit, changes)
            .await
    }

    /// Merges a unit into another; answers the other one. See the module for what goes where.
    ///
    /// # Errors
    /// Refused: a viewer who is no system administrator, a unit that there is not or that was merged before, the same unit
    /// twice, or no reason.
    pub async fn merge_units(
        &self,
        from: Option<UnitId>,
        into: Option<UnitId>,
        reason: &str,
        once: Option<&Once>,
    ) -> Result<Seen<unit::Model>> {
        let mut write = match self.begin(once).await? {
            Begun::Fresh(write) => write,
            Begun::Again(id) => return self.again(&id).await,
        };
        let merge = Action::MergeUnits;
        // Who may not do it locks nothing.
        for (id, field) in [(from, "unitId"), (into, "intoUnitId")] {
            self.unit_for(&write, merge, id, field, identity).await?;
        }
        lock_register(&write).await?;
        if let Some(from) = from {
            super::merging::lock_accounts(&write, from).await?;
        }
        // Both in one order, whichever goes into which.
        let both = [from, into].into_iter().flatten();
        Scoped::<unit::Entity>::new(self)
            .and(unit::Column::Id.is_in(both))
            .order_by(unit::Column::Id)
            .locked()
            .all(write.db())
            .await?;
        let from = self
            .unit_for(&write, merge, from, "unitId", Scoped::locked)
            .await?;
        let into = self
            .unit_for(&write, merge, into, "intoUnitId", Scoped::locked)
            .await?;
        if from.id == into.id {
            return Err(Reason::MergedIntoItself.at("intoUnitId").into());
        }
        let reason = text("reason", reason, LONGEST_REASON, true)?;
        let by = self.admitted()?.account.id;
        let merged = super::merging::merge(&mut write, &from, &into, by, self.now()).await?;
        let moved = merged.moved;
        let changes = json!({
            "from": from.id, "into": into.id, "reason": reason, "assignments": moved.assignments, "reports": moved.reports,
            "requests": moved.requests, "notices": moved.notices, "lockExceptions": merged.lock_exceptions,
            "accounts": merged.accounts, "grants": merged.grants,
        });
        let entry = entry(self, merge, "Unit", Some(from.id.0), changes);
        let entries = std::iter::once(entry).chain(moved.ended);
        write.commit_with(json!(into.id), entries).await?;
        Ok(Seen(into))
    }

    /// Begins an act on the register as a whole.
    pub(super) async fn begin_register(
        &self,
        action: Action,
        once: Option<&Once>,
    ) -> Result<Begun> {
        Register
            .permit(self.asking()?, action)
            .map_err(Reason::whole)?;
        let begun = self.begin(once).await?;
        if let Begun::Fresh(write) = &begun {
            lock_register(write).await?;
        }
        Ok(begun)
    }

    /// A unit on which the act is permitted: locked in this way.
    async fn unit_for(
        &self,
        write: &Write,
        action: Action,
        id: Option<UnitId>,
        field: &str,
        lock: fn(Scoped<unit::Entity>) -> Scoped<unit::Entity>,
    ) -> Result<unit::Model> {
        let not_found = || Reason::NotFound.at(field);
        let this =
            Scoped::<unit::Entity>::new(self).and(unit::Column::Id.eq(id.ok_or_else(not_found)?));
        let row = lock(this).one(write.db()).await?.ok_or_else(not_found)?.0;
        let merged_into = match row.merged_into_id {
            Some(into) => unit::Entity::find_by_id(into)
                .one(write.db())
                .await?
                .map(|unit| unit.name),
            None => None,
        };
        UnitFacts { merged_into }
            .permit(self.asking()?, action)
            .map_err(|reason| reason.at(field))?;
        Ok(row)
    }

    async fn registered(
        &self,
        write: Write,
        row: unit::Model,
        action: Action,
        changes: Value,
    ) -> Result<Seen<unit::Model>> {
        let entry = entry(self, action, "Unit", Some(row.id.0), changes);
        write.commit_with(json!(row.id), [entry]).await?;
        Ok(Seen(row))
    }
}

/// Waits for whoever else changes the register.
pub(super) async fn lock_register(write: &Write) -> Result<(), Fault> {
    Advisory::Register.hold(write.db()).await
}

/// A name that no unit has, as its name or as an alias; but one's own aliases are free.
async fn free_name(write: &Write, name: &str, own: Option<UnitId>) -> Result<String> {
    let name = fit_name("name", name, LONGEST_NAME)?;
    let named = unit::Entity::find()
        .filter(unit::Column::Name.eq(&name))
        .one(write.db())
        .await?;
    let alias = unit_alias::Entity::find()
        .filter(unit_alias::Column::Alias.eq(&name))
        .one(write.db())
        .await?;
    let taken = named.is_some_and(|unit| Some(unit.id) != own)
        || alias.is_some_and(|alias| Some(alias.unit_id) != own);
    if taken {
        Err(Reason::NameTaken.at("name").into())
    } else {
        Ok(name)
    }
}

/// A code of six digits that no unit has.
async fn free_code(write: &Write, code: &str) -> Result<String> {
    if code.len() != 6 || !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Reason::NotCode.at("code").into());
    }
    let taken = unit::Entity::find()
        .filter(unit::Column::Code.eq(code))
        .one(write.db())
        .await?;
    match taken {
        Some(_) => Err(Reason::NameTaken.at("code").into()),
        None => Ok(code.to_owned()),
    }
}

/// Another name of a unit.
pub(super) async fn add_alias(write: &Write, unit: UnitId, alias: &str) -> Result<(), Fault> {
    let row = unit_alias::ActiveModel {
        id: NotSet,
        unit_id: Set(unit),
        alias: Set(alias.to_owned()),
    };
    row.insert(write.db()).await?;
    Ok(())
}

/// Lets everything that points to a unit by a column point to another.
pub(super) async fn repoint<E: EntityTrait>(
    write: &Write,
    column: E::Column,
    from: UnitId,
    into: UnitId,
) -> Result<u64, Fault> {
    let done = E::update_many()
        .col_expr(column, Expr::value(into))
        .filter(column.eq(from))
        .exec(write.db())
        .await?;
    Ok(done.rows_affected)
}
