//! The accounts that nobody grants: those of the first start, and the demo's.

use std::collections::BTreeSet;

use entity::{
    ids::{LeaderId, PlanId, UnitId, UserId},
    kinds::Role,
    leader, plan, role_grant, unit, user,
};
use sea_orm::{ActiveValue::NotSet, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, Set};
use serde_json::json;

use super::{System, hashing::Password, sign_in::username};
use crate::{
    Result, listed,
    write::{Act, Entry, Write},
};

/// An account to be created with its grants.
#[derive(Clone, Debug)]
pub struct AccountDraft {
    /// Sign-in name.
    pub username: String,
    /// Name shown to others.
    pub display_name: String,
    /// Its first password.
    pub password: Password,
    /// Whether that must be changed before anything else.
    pub must_change_password: bool,
    /// The unit the person works in.
    pub unit: Option<UnitId>,
    /// The leader the person is.
    pub leader: Option<LeaderId>,
    /// What the account may do.
    pub grants: Vec<GrantDraft>,
    /// Why, for the audit log and the grants.
    pub reason: String,
}

/// A grant to be made with an account.
#[derive(Clone, Copy, Debug)]
pub struct GrantDraft {
    /// What.
    pub role: Role,
    /// Scope of UNIT_MANAGER and UNIT_REPORTER.
    pub unit: Option<UnitId>,
    /// Scope of LEADER.
    pub leader: Option<LeaderId>,
    /// Scope of SUPERVISOR and OBSERVER.
    pub plan: Option<PlanId>,
}

impl System {
    /// Whether there is no account yet: the first start.
    ///
    /// # Errors
    /// The database failed.
    pub async fn is_first_start(&self) -> Result<bool> {
        let reader = self.store.inner.connections.reader(&Default::default());
        Ok(user::Entity::find().one(&reader).await?.is_none())
    }

    /// Creates those of the accounts whose names are not taken yet, all in one transaction; answers how many.
    ///
    /// # Errors
    /// The database failed.
    pub async fn create_accounts(&self, drafts: Vec<AccountDraft>) -> Result<usize> {
        let taken: Vec<String> = user::Entity::find()
            .filter(
                user::Column::Username.is_in(drafts.iter().map(|draft| username(&draft.username))),
            )
            .all(&self.store.inner.connections.reader(&Default::default()))
            .await?
            .into_iter()
            .map(|user| user.username)
            .collect();
        let mut hashed: Vec<(AccountDraft, String)> = Vec::new();
        for draft in drafts {
            if taken.contains(&username(&draft.username)) {
                continue;
            }
            // One hash serves all who have the same password: only the demo does.
            let same = hashed
                .iter()
                .find(|(other, _)| other.password == draft.password);
            let hash = match same {
                Some((_, hash)) => hash.clone(),
                None => {
                    self.store
                        .inner
                        .hashing
                        .hash(draft.password.clone())
                        .await?
                }
            };
            hashed.push((draft, hash));
        }
        let now = self.store.now();
        let write = Write::of_system(&self.store, None).await?;
        let of_grants = |(draft, _): &(AccountDraft, String)| {
            let grants = draft.grants.iter().filter_map(|grant| grant.unit);
            grants.chain(draft.unit).collect::<Vec<_>>()
        };
        let units: BTreeSet<UnitId> = hashed.iter().flat_map(of_grants).collect();
        listed::list_units(write.db(), units).await?;
        let mut entries = Vec::new();
        for (draft, hash) in hashed {
            let id = user::Entity::insert(user::ActiveModel {
                id: NotSet,
                username: Set(username(&draft.username)),
                display_name: Set(draft.display_name),
                unit_id: Set(draft.unit),
                leader_id: Set(draft.leader),
                password_hash: Set(hash),
                password_changed_at: Set(now),
                must_change_password: Set(draft.must_change_password),
                active: Set(true),
                locked_until: Set(None),
                locked_everywhere_until: Set(None),
                second_factor_at: Set(None),
                created_at: Set(now),
            })
            .exec(write.db())
            .await?
            .last_insert_id;
            for grant in &draft.grants {
                role_grant::Entity::insert(role_grant::ActiveModel {
                    id: NotSet,
                    user_id: Set(id),
                    role: Set(grant.role),
                    unit_id: Set(grant.unit),
                    leader_id: Set(grant.leader),
                    plan_id: Set(grant.plan),
                    valid_from: Set(now),
                    valid_until: Set(None),
                    granted_by_id: Set(None),
                    reason: Set(draft.reason.clone()),
                    created_at: Set(now),
                    ..Default::default()
                })
                .exec(write.db())
                .await?;
            }
            let roles: Vec<&str> = draft
                .grants
                .iter()
                .map(|grant| grant.role.as_str())
                .collect();
            entries.push(Entry {
                act: Act::CreateAccount,
                object: "User",
                id: Some(id.0),
                changes: json!({ "username": username(&draft.username), "roles": roles }),
                event: None,
            });
        }
        let created = entries.len();
        write.commit(entries).await?;
        Ok(created)
    }

    /// The three administrators of the first start, with the one-time passwords to be printed once.
    ///
    /// # Errors
    /// The database failed.
    pub async fn create_first_administrators(&self) -> Result<Vec<(String, String)>> {
        let administrators = [
            ("system", "系统管理员", Role::SystemAdmin),
            ("security", "安全管理员", Role::SecurityAdmin),
            ("audit", "审计管理员", Role::AuditAdmin),
        ];
        let mut drafts = Vec::new();
        let mut printed = Vec::new();
        for (name, display_name, role) in administrators {
            let password = self.store.one_time_password();
            printed.push((name.to_owned(), password.clone()));
            drafts.push(AccountDraft {
                username: name.to_owned(),
                display_name: display_name.to_owned(),
                password: Password::new(password),
                must_change_password: true,
                unit: None,
                leader: None,
                grants: vec![GrantDraft {
                    role,
                    unit: None,
                    leader: None,
                    plan: None,
                }],
                reason: "first start".to_owned(),
            });
        }
        self.create_accounts(drafts).await?;
        Ok(printed)
    }

    /// The units of these names, in their order; none where there is no such unit.
    ///
    /// # Errors
    /// The database failed.
    pub async fn units_by_name(&self, names: &[&str]) -> Result<Vec<Option<UnitId>>> {
        let rows = unit::Entity::find()
            .filter(unit::Column::Name.is_in(names.iter().copied()))
            .all(&self.store.inner.connections.reader(&Default::default()))
            .await?;
        let id = |name: &&str| rows.iter().find(|row| row.name == **name).map(|row| row.id);
        Ok(names.iter().map(id).collect())
    }

    /// The account of a sign-in name.
    ///
    /// # Errors
    /// The database failed.
    pub async fn user_by_name(&self, name: &str) -> Result<Option<UserId>> {
        let row = user::Entity::find()
            .filter(user::Column::Username.eq(username(name)))
            .one(&self.store.inner.connections.reader(&Default::default()))
            .await?;
        Ok(row.map(|row| row.id))
    }

    /// The plan of a year.
    ///
    /// # Errors
    /// The database failed.
    pub async fn plan_by_year(&self, year: i32) -> Result<Option<PlanId>> {
        let row = plan::Entity::find()
            .filter(plan::Column::Year.eq(year))
            .one(&self.store.inner.connections.reader(&Default::default()))
            .await?;
        Ok(row.map(|row| row.id))
    }

    /// All leaders, in the order in which they first appeared.
    ///
    /// # Errors
    /// The database failed.
    pub async fn all_leaders(&self) -> Result<Vec<(LeaderId, String)>> {
        let rows = leader::Entity::find()
            .order_by_asc(leader::Column::Id)
            .all(&self.store.inner.connections.reader(&Default::default()))
            .await?;
        Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
    }
}
