//! Create the accounts of a table at once: all of its rows, or none.

use std::collections::{BTreeSet, HashMap, HashSet};

use domain::{
    Action, Guarded, Reason,
    account::{LONGEST_NAME, check_username},
    directory::Register,
};
use entity::{
    ids::{UnitId, UserId},
    unit, unit_alias, user,
};
use importer::accounts::{self, AccountTable, Unreadable};
use sea_orm::{
    ActiveValue::NotSet, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Set,
    sea_query::OnConflict,
};
use serde_json::{Value, json};

use crate::{
    Account, Call, Fault, Once, OneTime, Password, Result,
    digest::sha256,
    listed,
    scoped::Scoped,
    system::username,
    write::{Begun, Entry, Write},
};

use super::{entry, fit_name, units::lock_register};

/// Where the file stands in the input.
const FILE: &str = "file";

/// What came of a table of accounts.
#[derive(Clone, Debug, Default)]
pub struct ImportedUsers {
    /// Rows whose accounts were created; after a dry run, that would be.
    pub created: usize,
    /// Rows whose accounts there are already, just so.
    pub unchanged: usize,
    /// What is wrong with the rows: with any of these, nothing is created.
    pub problems: Vec<ImportProblem>,
    /// The accounts that were created, in the order of the rows, with their one-time passwords.
    pub accounts: Vec<OneTime>,
}

/// What is wrong with a row, or with the headings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportProblem {
    /// The line or row, from 1.
    pub line: u32,
    /// The heading of the column, as it stands there.
    pub column: String,
    /// What is wrong.
    pub reason: Reason,
}

/// A row that says what an account is to be.
struct Wanted {
    username: String,
    display_name: String,
    unit: Option<UnitId>,
}

/// What is to be done for a table.
#[derive(Default)]
struct Planned {
    fresh: Vec<Wanted>,
    unchanged: usize,
    problems: Vec<ImportProblem>,
}

impl Call {
    /// Creates the accounts of a table (.csv or .xlsx) with one-time passwords: all of them, or none. They may do nothing until
    /// they are granted roles. A row whose account there is already, just so, changes nothing.
    ///
    /// # Errors
    /// Refused: a viewer who is no system administrator, or a file that cannot be read as a table of accounts. What is wrong with
    /// rows is no error, but the answer.
    pub async fn import_users(
        &self,
        file: Vec<u8>,
        dry_run: bool,
        once: Option<&Once>,
    ) -> Result<ImportedUsers> {
        Register
            .permit(self.asking()?, Action::ImportUsers)
            .map_err(Reason::whole)?;
        let digest = sha256(&file);
        let once = once.map(|once| once.with(&digest));
        if !dry_run && let Some(before) = self.done_before(once.as_ref()).await? {
            // What has happened since to what it did is not asked again.
            return self.imported_again(&before).await;
        }
        // Apart from the threads that answer requests; a file that a library stumbles over is one that we cannot read.
        let table = tokio::task::spawn_blocking(move || accounts::read(&file)).await;
        let table = table.unwrap_or(Err(Unreadable::NoTable));
        let table = table.map_err(|why| unreadable(why).at(FILE))?;
        let planned = self.planned(&self.reader(), &table).await?;
        if dry_run || !planned.problems.is_empty() {
            return Ok(planned.told());
        }
        // Hashed before the transaction begins, one by one, so that others can sign in meanwhile.
        let mut passwords = HashMap::new();
        for wanted in &planned.fresh {
            let made = self.new_password().await?;
            passwords.insert(wanted.username.clone(), made);
        }
        let write = match self.begin(once.as_ref()).await? {
            Begun::Fresh(write) => write,
            Begun::Again(before) => return self.imported_again(&before).await,
        };
        // Units stay as they are until it is done; and what somebody else did meanwhile counts.
        lock_register(&write).await?;
        let planned = self.planned(write.db(), &table).await?;
        if !planned.problems.is_empty() {
            return Ok(planned.told());
        }
        let created = self.created(&write, &planned.fresh, &passwords).await?;
        let mut entries: Vec<Entry> = Vec::new();
        let mut accounts = Vec::new();
        for row in created {
            let changes = json!({
                "username": row.username, "displayName": row.display_name, "unitId": row.unit_id, "imported": true,
            });
            let id = Some(row.id.0);
            entries.push(entry(self, Action::CreateUser, "User", id, changes));
            accounts.push(OneTime {
                password: passwords
                    .remove(&row.username)
                    .map(|(password, _)| password),
                account: row.into(),
            });
        }
        let (created, unchanged) = (accounts.len(), planned.unchanged);
        let changes = json!({ "file": digest, "created": created, "unchanged": unchanged });
        entries.push(entry(self, Action::ImportUsers, "User", None, changes));
        let ids: Vec<UserId> = accounts.iter().map(|one| one.account.id).collect();
        let result = json!({ "created": ids, "unchanged": unchanged });
        write.commit_with(result, entries).await?;
        Ok(ImportedUsers {
            created,
            unchanged,
            problems: Vec::new(),
            accounts,
        })
    }

    /// What is to be done for a table, as the database is now.
    async fn planned(&self, db: &impl ConnectionTrait, table: &AccountTable) -> Result<Planned> {
        let units = self.units_by_any_name(db).await?;
        let names: Vec<String> = table
            .rows
            .iter()
            .map(|row| username(&row.username))
            .collect();
        let there: HashMap<String, Account> = Scoped::<user::Entity>::new(self)
            .and(user::Column::Username.is_in(&names))
            .all(db)
            .await?
            .into_iter()
            .map(|row| (row.username.clone(), row.0.into()))
            .collect();
        let mut planned = Planned::default();
        let unknown = table.unknown.iter().map(|heading| ImportProblem {
            line: table.heading_line,
            column: heading.clone(),
            reason: Reason::ColumnUnknown,
        });
        planned.problems.extend(unknown);
        let mut seen = HashSet::new();
        for (row, name) in table.rows.iter().zip(names) {
            let before = planned.problems.len();
            let mut wrong = |column: usize, reason: Reason| {
                planned.problems.push(ImportProblem {
                    line: row.line,
                    column: table.headings[column].clone(),
                    reason,
                });
            };
            match check_username(&name) {
                Err(reason) => wrong(0, reason),
                Ok(()) if !seen.insert(name.clone()) => wrong(0, Reason::Repeated),
                Ok(()) => {}
            }
            let display_name = fit_name("", &row.display_name, LONGEST_NAME);
            let display_name = display_name.unwrap_or_else(|refusal| {
                wrong(1, refusal.reason);
                String::new()
            });
            let unit = match &row.unit {
                None => None,
                Some(unit) => match units.get(unit) {
                    Some(unit) => Some(*unit),
                    None => {
                        wrong(2, Reason::UnitUnknown { name: unit.clone() });
                        None
                    }
                },
            };
            let same =
                |account: &Account| account.display_name == display_name && account.unit == unit;
            match there.get(&name) {
                _ if planned.problems.len() > before => {}
                Some(account) if same(account) => planned.unchanged += 1,
                Some(_) => planned.problems.push(ImportProblem {
                    line: row.line,
                    column: table.headings[0].clone(),
                    reason: Reason::AccountDiffers,
                }),
                None => planned.fresh.push(Wanted {
                    username: name,
                    display_name,
                    unit,
                }),
            }
        }
        Ok(planned)
    }

    /// The units that there are, by their names, full names and aliases.
    async fn units_by_any_name(
        &self,
        db: &impl ConnectionTrait,
    ) -> Result<HashMap<String, UnitId>> {
        let rows = Scoped::<unit::Entity>::new(self)
            .and(unit::Column::MergedIntoId.is_null())
            .all(db)
            .await?;
        let ids: Vec<UnitId> = rows.iter().map(|row| row.id).collect();
        let aliases = unit_alias::Entity::find()
            .filter(unit_alias::Column::UnitId.is_in(ids))
            .all(db)
            .await?;
        // The name of one goes before what another is called, too.
        let aliases = aliases.into_iter().map(|row| (row.alias, row.unit_id));
        let full = rows
            .iter()
            .filter_map(|row| Some((row.full_name.clone()?, row.id)));
        let names = rows.iter().map(|row| (row.name.clone(), row.id));
        Ok(aliases.chain(full).chain(names).collect())
    }

    /// Creates the accounts, and answers them in the order of the rows.
    async fn created(
        &self,
        write: &Write,
        wanted: &[Wanted],
        passwords: &HashMap<String, (Password, String)>,
    ) -> Result<Vec<user::Model>> {
        let mut rows = Vec::new();
        for wanted in wanted {
            let (_, hash) = passwords
                .get(&wanted.username)
                .ok_or_else(|| Fault::new("an account is gone"))?;
            rows.push(user::ActiveModel {
                id: NotSet,
                username: Set(wanted.username.clone()),
                display_name: Set(wanted.display_name.clone()),
                unit_id: Set(wanted.unit),
                leader_id: Set(None),
                password_hash: Set(hash.clone()),
                password_changed_at: Set(self.now()),
                must_change_password: Set(true),
                active: Set(true),
                locked_until: Set(None),
                locked_everywhere_until: Set(None),
                second_factor_at: Set(None),
                created_at: Set(self.now()),
            });
        }
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let units: BTreeSet<UnitId> = wanted.iter().filter_map(|wanted| wanted.unit).collect();
        listed::list_units(write.db(), units).await?;
        let fresh = user::Entity::insert_many(rows)
            .on_conflict(
                OnConflict::column(user::Column::Username)
                    .do_nothing()
                    .to_owned(),
            )
            .exec_without_returning(write.db())
            .await?;
        if fresh != wanted.len() as u64 {
            // Somebody created one of them at this very moment.
            return Err(Reason::NameTaken.at(FILE).into());
        }
        let names = wanted.iter().map(|wanted| &wanted.username);
        let mut made: HashMap<String, user::Model> = user::Entity::find()
            .filter(user::Column::Username.is_in(names))
            .all(write.db())
            .await?
            .into_iter()
            .map(|row| (row.username.clone(), row))
            .collect();
        let mut in_order = wanted.iter();
        Ok(in_order
            .by_ref()
            .filter_map(|wanted| made.remove(&wanted.username))
            .collect())
    }

    /// What came of an import that comes again. Nobody keeps the passwords.
    async fn imported_again(&self, before: &Value) -> Result<ImportedUsers> {
        let ids = before["created"].as_array();
        let ids: Vec<UserId> = ids
            .into_iter()
            .flatten()
            .filter_map(|id| id.as_i64().map(UserId))
            .collect();
        let mut accounts = self.accounts_by_id(&ids).await?;
        accounts.sort_by_key(|account| ids.iter().position(|id| *id == account.id));
        let unchanged = before["unchanged"].as_u64().unwrap_or_default();
        Ok(ImportedUsers {
            created: ids.len(),
            unchanged: usize::try_from(unchanged).unwrap_or_default(),
            problems: Vec::new(),
            accounts: accounts
                .into_iter()
                .map(|account| OneTime {
                    account,
                    password: None,
                })
                .collect(),
        })
    }
}

impl Planned {
    /// What would come of it, or what is wrong.
    fn told(self) -> ImportedUsers {
        ImportedUsers {
            created: if self.problems.is_empty() {
                self.fresh.len()
            } else {
                0
            },
            unchanged: self.unchanged,
            problems: self.problems,
            accounts: Vec::new(),
        }
    }
}

/// Why a file is refused.
fn unreadable(why: Unreadable) -> Reason {
    match why {
        Unreadable::TooLarge => Reason::TableTooLarge {
            most: accounts::LARGEST,
        },
        Unreadable::NoTable => Reason::NoTable,
        Unreadable::Encoding => Reason::TableEncoding,
        Unreadable::NoColumn(column) => Reason::ColumnMissing { column },
        Unreadable::NoRows => Reason::Empty,
        Unreadable::TooManyRows => Reason::TooMany {
            most: accounts::MOST_ROWS,
        },
    }
}
