//! Settings: what they are now, their history, and changing them.

use chrono::{DateTime, Utc};
use domain::{Action, Guarded, Reason, action::LONGEST_REASON, setting};
use entity::{kinds::SettingName, setting as row, setting_change};
use sea_orm::{
    ActiveValue::NotSet, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Set,
    sea_query::OnConflict,
};
use serde_json::json;

use crate::{
    Call, Error, Fault, Once, Result, Seen,
    command::{entry, text},
    scoped::Scoped,
    write::Begun,
};

/// A setting as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingRow {
    /// Which one.
    pub name: SettingName,
    /// Its value.
    pub value: String,
    /// When it was set; none while it has its default.
    pub changed_at: Option<DateTime<Utc>>,
}

/// The values of settings, in the order asked for. Costs one statement.
pub(crate) async fn values(
    db: &impl ConnectionTrait,
    names: &[SettingName],
) -> Result<Vec<SettingRow>, Fault> {
    let rows = row::Entity::find()
        .filter(row::Column::Name.is_in(names.iter().copied()))
        .all(db)
        .await?;
    let of = |name: &SettingName| {
        let found = rows.iter().find(|row| row.name == *name);
        SettingRow {
            name: *name,
            value: found.map_or_else(
                || setting::default(*name).to_owned(),
                |row| row.value.clone(),
            ),
            changed_at: found.map(|row| row.changed_at),
        }
    };
    Ok(names.iter().map(of).collect())
}

/// Whether a setting of two values is on.
pub(crate) async fn is_on(db: &impl ConnectionTrait, name: SettingName) -> Result<bool, Fault> {
    let rows = values(db, &[name]).await?;
    Ok(rows.iter().any(|row| row.value == "true"))
}

impl Call {
    /// All settings, for the system and the security administrators; nothing for others.
    ///
    /// # Errors
    /// The database failed, or nobody is signed in.
    pub async fn settings(&self) -> Result<Vec<SettingRow>> {
        let reach = self.asking()?.reach;
        if reach.administers || reach.secures {
            Ok(values(&self.reader(), SettingName::ALL).await?)
        } else {
            Ok(Vec::new())
        }
    }

    /// The changes of settings, newest first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn setting_changes(
        &self,
        names: &[SettingName],
    ) -> Result<Vec<Seen<setting_change::Model>>> {
        let mut rows = Scoped::<setting_change::Entity>::new(self)
            .and(setting_change::Column::Name.is_in(names.iter().copied()))
            .order_by(setting_change::Column::Id)
            .all(&self.reader())
            .await?;
        rows.reverse();
        let of = |row: &Seen<setting_change::Model>| (row.changed_by_id, row.id.0);
        self.note_rows("SettingChange", &rows, of).await?;
        Ok(rows)
    }

    /// Changes a setting.
    ///
    /// # Errors
    /// Refused: a viewer whose setting it is not, a value that it may not have, or no reason.
    pub async fn change_setting(
        &self,
        name: SettingName,
        value: &str,
        reason: &str,
        once: Option<&Once>,
    ) -> Result<SettingRow> {
        setting::Facts { name }
            .permit(self.asking()?, Action::ChangeSetting)
            .map_err(|reason| reason.at("name"))?;
        let value = setting::read(name, value).map_err(|reason| reason.at("value"))?;
        let reason = text("reason", reason, LONGEST_REASON, true)?;
        // Nobody could set one up, and whoever needs one could do nothing, not even this.
        let asks = name == SettingName::SecondFactorRoles && !value.is_empty();
        if asks && self.store().inner.secrets.is_empty() {
            return Err(Reason::SecondFactorUnavailable.at("value").into());
        }
        let write = match self.begin(once).await? {
            Begun::Fresh(write) => write,
            Begun::Again(_) => return self.setting(name).await,
        };
        let before = values(write.db(), &[name]).await?.pop();
        let before = before.map_or_else(String::new, |row| row.value);
        row::Entity::insert(row::ActiveModel {
            name: Set(name),
            value: Set(value.clone()),
            changed_at: Set(self.now()),
        })
        .on_conflict(
            OnConflict::column(row::Column::Name)
                .update_columns([row::Column::Value, row::Column::ChangedAt])
                .to_owned(),
        )
        .exec_without_returning(write.db())
        .await?;
        setting_change::Entity::insert(setting_change::ActiveModel {
            id: NotSet,
            name: Set(name),
            old_value: Set(before.clone()),
            new_value: Set(value.clone()),
            reason: Set(reason.clone()),
            changed_at: Set(self.now()),
            changed_by_id: Set(self.viewer().map(|viewer| viewer.account.id)),
        })
        .exec(write.db())
        .await?;
        let changes = json!({ "name": name, "value": [before, value], "reason": reason });
        let entry = entry(self, Action::ChangeSetting, "Setting", None, changes);
        write.commit([entry]).await?;
        self.setting(name).await
    }

    async fn setting(&self, name: SettingName) -> Result<SettingRow> {
        let rows = values(&self.reader(), &[name]).await?;
        let missing = || Error::from(Reason::NotFound.at("name"));
        rows.into_iter().next().ok_or_else(missing)
    }
}
