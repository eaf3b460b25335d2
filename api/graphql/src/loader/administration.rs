//! Loading accounts, their grants, and the history of settings.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use entity::{
    ids::{RoleGrantId, UserId},
    kinds::SettingName,
    role_grant, setting_change,
};
use store::{Account, Error, Seen};

use super::{CallLoader, Loader, alike};

impl Loader<UserId> for CallLoader {
    type Value = Account;

    async fn load(&self, keys: &[UserId]) -> Result<HashMap<UserId, Account>, Error> {
        let rows = self.call.accounts_by_id(keys).await?;
        Ok(rows.into_iter().map(|row| (row.id, row)).collect())
    }
}

impl Loader<RoleGrantId> for CallLoader {
    type Value = Seen<role_grant::Model>;

    async fn load(
        &self,
        keys: &[RoleGrantId],
    ) -> Result<HashMap<RoleGrantId, Seen<role_grant::Model>>, Error> {
        let rows = self.call.grants_by_id(keys).await?;
        Ok(rows.into_iter().map(|row| (row.id, row)).collect())
    }
}

/// The grants of a user that are not over, or all there ever were.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct GrantsOf {
    pub(crate) user: UserId,
    pub(crate) ended: bool,
}

impl Loader<GrantsOf> for CallLoader {
    type Value = Arc<[Seen<role_grant::Model>]>;

    async fn load(&self, keys: &[GrantsOf]) -> Result<HashMap<GrantsOf, Self::Value>, Error> {
        let mut lists = HashMap::new();
        for (ended, keys) in alike(keys, |key| key.ended) {
            let users: Vec<UserId> = keys.iter().map(|key| key.user).collect();
            let mut of: HashMap<UserId, Vec<_>> = HashMap::new();
            for row in self.call.grants_of(&users, ended).await? {
                of.entry(row.user_id).or_default().push(row);
            }
            let list = |key: GrantsOf| {
                let rows = of.remove(&key.user).unwrap_or_default();
                (key, Arc::from(rows))
            };
            lists.extend(keys.into_iter().map(list));
        }
        Ok(lists)
    }
}

/// Whether a user has an administrator's role now, will have one, or is proposed for one.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct IsAdministrator(pub(crate) UserId);

impl Loader<IsAdministrator> for CallLoader {
    type Value = bool;

    async fn load(
        &self,
        keys: &[IsAdministrator],
    ) -> Result<HashMap<IsAdministrator, bool>, Error> {
        let users: Vec<UserId> = keys.iter().map(|key| key.0).collect();
        let found: HashSet<UserId> = self.call.administrators(&users).await?;
        Ok(keys
            .iter()
            .map(|key| (*key, found.contains(&key.0)))
            .collect())
    }
}

/// The changes of a setting, newest first.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ChangesOf(pub(crate) SettingName);

impl Loader<ChangesOf> for CallLoader {
    type Value = Arc<[Seen<setting_change::Model>]>;

    async fn load(&self, keys: &[ChangesOf]) -> Result<HashMap<ChangesOf, Self::Value>, Error> {
        let names: Vec<SettingName> = keys.iter().map(|key| key.0).collect();
        let mut lists: HashMap<SettingName, Vec<_>> = HashMap::new();
        for row in self.call.setting_changes(&names).await? {
            lists.entry(row.name).or_default().push(row);
        }
        let list = |key: &ChangesOf| {
            let rows = lists.remove(&key.0).unwrap_or_default();
            (*key, Arc::from(rows))
        };
        Ok(keys.iter().map(list).collect())
    }
}
