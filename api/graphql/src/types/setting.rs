//! Setting: what can be set for the whole installation, with type, bounds and history.

use async_graphql::{Context, Object};
use domain::setting::{self, Facts, Kind};
use entity::setting_change;
use store::{Seen, SettingRow};

use super::{Actor, AvailableAction, actor, available_actions};
use crate::{
    enums::{SettingKind, SettingName},
    error::ApiError,
    loader::ChangesOf,
    request::Request,
    scalar::DateTime,
};

/// The most changes of a history.
const HISTORY: usize = 100;

#[derive(Clone)]
pub(crate) struct Setting(SettingRow);

impl From<SettingRow> for Setting {
    fn from(row: SettingRow) -> Self {
        Self(row)
    }
}

/// Something that can be set for the whole installation (系统设置). The system and the security administrators see it.
#[Object]
impl Setting {
    /// Which one.
    async fn name(&self) -> SettingName {
        self.0.name.into()
    }

    /// What sort of value it has.
    async fn kind(&self) -> SettingKind {
        match setting::kind(self.0.name) {
            Kind::Boolean => SettingKind::Boolean,
            Kind::Integer { .. } => SettingKind::Integer,
            Kind::Roles => SettingKind::Roles,
        }
    }

    /// The value: `true` or `false`, a whole number, or roles with commas between them.
    async fn value(&self) -> &str {
        &self.0.value
    }

    /// The value that it has until somebody sets it.
    async fn default_value(&self) -> &str {
        setting::default(self.0.name)
    }

    /// The least value; null where there are no bounds.
    async fn least(&self) -> Option<i64> {
        match setting::kind(self.0.name) {
            Kind::Integer { least, .. } => Some(least),
            Kind::Boolean | Kind::Roles => None,
        }
    }

    /// The greatest value; null where there are no bounds.
    async fn most(&self) -> Option<i64> {
        match setting::kind(self.0.name) {
            Kind::Integer { most, .. } => Some(most),
            Kind::Boolean | Kind::Roles => None,
        }
    }

    /// When it was last set; null while it has its default.
    async fn changed_at(&self) -> Option<DateTime> {
        self.0.changed_at.map(DateTime)
    }

    /// Its changes, newest first; the last hundred.
    async fn history(&self, ctx: &Context<'_>) -> Result<Vec<SettingChange>, ApiError> {
        let mut changes: Vec<SettingChange> = Request::of(ctx).list(ChangesOf(self.0.name)).await?;
        changes.truncate(HISTORY);
        Ok(changes)
    }

    /// What you may do to it now.
    async fn available_actions(&self, ctx: &Context<'_>) -> Result<Vec<AvailableAction>, ApiError> {
        let name = self.0.name;
        available_actions(Request::of(ctx), &Facts { name })
    }
}

#[derive(Clone)]
pub(crate) struct SettingChange(Seen<setting_change::Model>);

impl From<Seen<setting_change::Model>> for SettingChange {
    fn from(row: Seen<setting_change::Model>) -> Self {
        Self(row)
    }
}

/// One change of a setting.
#[Object]
impl SettingChange {
    /// The value before.
    async fn old_value(&self) -> &str {
        &self.0.old_value
    }

    /// The value from then on.
    async fn new_value(&self) -> &str {
        &self.0.new_value
    }

    /// Why it was changed.
    async fn reason(&self) -> &str {
        &self.0.reason
    }

    /// When it was changed.
    async fn changed_at(&self) -> DateTime {
        DateTime(self.0.changed_at)
    }

    /// Who changed it; null for the command line.
    async fn changed_by(&self, ctx: &Context<'_>) -> Option<Result<Actor, ApiError>> {
        actor(ctx, self.0.changed_by()).await
    }
}
