//! What acts on a target share: finding it within the viewer's sight, locking it, and telling of its change.

use chrono::{DateTime, Utc};
use domain::Reason;
use entity::{
    ids::TargetId,
    kinds::{Audience, EventType},
    target,
};
use sea_orm::{
    ColumnTrait, EntityTrait, Set, Unchanged,
    sea_query::{Query, SimpleExpr},
};

use crate::{
    Call, Fault, Result, Seen,
    scoped::Scoped,
    write::{Told, Write},
};

/// The field of an input that names the target.
pub(super) const TARGET: &str = "targetId";

impl Call {
    /// The target that an act is about, within the viewer's sight.
    pub(super) async fn target_of(
        &self,
        write: &Write,
        id: Option<TargetId>,
    ) -> Result<Seen<target::Model>> {
        let not_found = || Reason::NotFound.at(TARGET);
        let found = self.target(id.ok_or_else(not_found)?).one(write.db());
        Ok(found.await?.ok_or_else(not_found)?)
    }

    /// As [`Self::target_of`], locked.
    pub(super) async fn locked_target(
        &self,
        write: &Write,
        id: Option<TargetId>,
    ) -> Result<Seen<target::Model>> {
        let not_found = || Reason::NotFound.at(TARGET);
        let target = self.target(id.ok_or_else(not_found)?).locked();
        Ok(target.one(write.db()).await?.ok_or_else(not_found)?)
    }

    fn target(&self, id: TargetId) -> Scoped<target::Entity> {
        Scoped::new(self).and(target::Column::Id.eq(id))
    }

    /// Locks the target of something before that itself, as all do who lock both; none where the viewer does not see it. What is
    /// read of it afterwards is what there is.
    pub(super) async fn lock_target_of<C: ColumnTrait>(
        &self,
        write: &Write,
        column: C,
        is_it: SimpleExpr,
    ) -> Result<Option<Seen<target::Model>>> {
        let its = Query::select()
            .column(column)
            .from(C::EntityName::default())
            .and_where(is_it)
            .take();
        Scoped::<target::Entity>::new(self)
            .and(target::Column::Id.in_subquery(its))
            .locked()
            .one(write.db())
            .await
    }
}

/// A change of a target, which is locked.
pub(super) fn changed(target: &target::Model, now: DateTime<Utc>) -> target::ActiveModel {
    target::ActiveModel {
        id: Unchanged(target.id),
        version: Set(target.version + 1),
        updated_at: Set(now),
        ..Default::default()
    }
}

/// What everybody hears who sees the target.
pub(super) fn target_told(target: &target::Model, kind: EventType) -> Told {
    Told {
        kind,
        plan: target.plan_id,
        target: Some(target.id),
        unit: None,
        audience: Audience::Target,
        about: Some(("Target", target.id.0)),
    }
}

/// A target as it is in the transaction, which has locked it: its standing may have changed, too.
pub(super) async fn target_row(write: &Write, target: TargetId) -> Result<Seen<target::Model>> {
    let found = target::Entity::find_by_id(target).one(write.db()).await?;
    Ok(Seen(found.ok_or_else(|| {
        Fault::new("a target that is gone while it is locked")
    })?))
}
