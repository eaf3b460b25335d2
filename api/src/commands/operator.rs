//! `luoshi user` and `luoshi grant`: what the system and the security administrator do, from the server's command line,
//! for the first set-up and for emergencies. The same acts, audited as such.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use entity::{
    ids::{LeaderId, PlanId, RoleGrantId, UnitId, UserId},
    kinds::Role,
};
use store::{Call, CreateUser, GrantRole, NewUnit, OneTime, Origin, Store, UpdateUser};

use super::{
    Settings, failed,
    given::{day_and_hour, grant_number, year},
    keys::open,
};
use crate::plain::unreadable;

#[derive(Debug, Subcommand)]
pub(super) enum User {
    /// Create an account; its one-time password is printed once.
    Create {
        /// The sign-in name.
        username: String,
        /// The name shown to others.
        #[arg(long, value_name = "NAME")]
        display_name: String,
        /// The unit in which the person works, by name.
        #[arg(long, value_name = "NAME")]
        unit: Option<String>,
        #[command(flatten)]
        settings: Settings,
    },
    /// Create the accounts of a table, .csv or .xlsx.
    ///
    /// Their one-time passwords are printed once.
    Import {
        /// The file, with the headings username, displayName and unit (or 用户名, 姓名, 单位).
        file: PathBuf,
        /// Report what would be done, and do nothing.
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        settings: Settings,
    },
    /// Change an account's shown name or unit; its grants stay as they are.
    Update {
        /// The sign-in name.
        username: String,
        /// The new name shown to others.
        #[arg(long, value_name = "NAME")]
        display_name: Option<String>,
        /// The unit in which the person works from now on, by name.
        #[arg(long, value_name = "NAME")]
        unit: Option<String>,
        /// Why, for the audit log.
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        #[command(flatten)]
        settings: Settings,
    },
    /// Disable an account: its sessions end at once.
    Disable(OnUser),
    /// Enable a disabled account again.
    Enable(OnUser),
    /// Give an account, an administrator's, too, a new one-time password.
    ///
    /// It is printed once.
    ResetPassword(OnUser),
    /// Unlock an account that failed sign-ins have locked.
    Unlock(OnUser),
    /// End all sessions of an account.
    EndSessions(OnUser),
    /// Take the second factor from an account whose owner has lost it.
    ResetSecondFactor(OnUser),
}

/// Which account, and why.
#[derive(Args, Debug)]
pub(super) struct OnUser {
    /// The sign-in name.
    username: String,
    /// Why, for the audit log.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Debug, Subcommand)]
pub(super) enum Grant {
    /// Grant a role; nobody's approval is needed here.
    Add {
        /// The sign-in name of whom it is granted to.
        username: String,
        /// The role, such as SECURITY_ADMIN.
        #[arg(value_parser = role)]
        role: Role,
        /// The unit for UNIT_MANAGER and UNIT_REPORTER, by name.
        #[arg(long, value_name = "NAME")]
        unit: Option<String>,
        /// The leader for LEADER, by name.
        #[arg(long, value_name = "NAME")]
        leader: Option<String>,
        /// The plan for SUPERVISOR and OBSERVER, by year; all plans when not given.
        #[arg(long, value_name = "YEAR", value_parser = year)]
        plan: Option<i32>,
        /// Until when, such as 2022-12-31T16:00:00Z.
        #[arg(long, value_name = "MOMENT", value_parser = day_and_hour)]
        until: Option<DateTime<Utc>>,
        /// Why.
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        settings: Settings,
    },
    /// List an account's grants that hold, will hold, or wait for approval.
    List {
        /// The sign-in name.
        username: String,
        #[command(flatten)]
        settings: Settings,
    },
    /// End a grant.
    Revoke {
        /// The number of the grant, as `list` prints it.
        #[arg(value_parser = grant_number)]
        grant: i64,
        /// Why.
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        settings: Settings,
    },
}

fn role(word: &str) -> Result<Role, String> {
    Role::from_word(&word.to_uppercase()).ok_or_else(|| {
        let words: Vec<&str> = Role::ALL.iter().map(|role| role.as_str()).collect();
        format!("one of {}", words.join(", "))
    })
}

/// The store, and the command line's own door to its acts.
struct Desk {
    store: Store,
    call: Call,
}

impl Desk {
    async fn open(settings: &Settings) -> Result<Self, String> {
        let store = open(&settings.read()?).await?;
        let origin = Origin::command("operator");
        let call = store.system().operator(origin);
        Ok(Self { store, call })
    }

    async fn user(&self, username: &str) -> Result<UserId, String> {
        let found = self.store.system().user_by_name(username).await;
        found
            .map_err(failed)?
            .ok_or_else(|| format!("there is no account {username}"))
    }

    async fn unit(&self, name: &str) -> Result<UnitId, String> {
        let found = self.store.system().units_by_name(&[name]).await;
        let found = found.map_err(failed)?.into_iter().flatten().next();
        found.ok_or_else(|| format!("there is no unit {name}"))
    }

    async fn leader(&self, name: &str) -> Result<LeaderId, String> {
        let all = self.store.system().all_leaders().await.map_err(failed)?;
        let mut named = all.iter().filter(|(_, known)| known == name);
        match (named.next(), named.next()) {
            (Some((leader, _)), None) => Ok(*leader),
            (None, _) => Err(format!("there is no leader {name}")),
            _ => Err(format!("there are several leaders {name}: use GraphQL")),
        }
    }

    async fn plan(&self, year: i32) -> Result<PlanId, String> {
        let found = self.store.system().plan_by_year(year).await;
        found
            .map_err(failed)?
            .ok_or_else(|| format!("there is no plan of {year}"))
    }

    async fn close(self) {
        self.store.close().await;
    }
}

/// Why an act was refused, for an operator.
fn refused(error: store::Error) -> String {
    match error {
        store::Error::Refused(refusals) => {
            let told = refusals.iter().map(|refusal| {
                let words = graphql::words(&refusal.reason, domain::Language::En);
                match refusal.field.as_slice() {
                    [] => words,
                    field => format!("{}: {words}", field.join(".")),
                }
            });
            told.collect::<Vec<_>>().join(" ")
        }
        other => failed(other),
    }
}

fn print_once(done: OneTime) {
    println!("{} (id {})", done.account.username, done.account.id.0);
    if let Some(password) = done.password {
        println!(
            "One-time password, printed once, to be changed at the first sign-in: {}",
            password.shown_once()
        );
    }
}

/// Creates the accounts of a table, or tells what is wrong with it.
async fn import(file: &Path, dry_run: bool, settings: &Settings) -> Result<(), String> {
    let bytes = std::fs::read(file).map_err(|error| unreadable(file, &error))?;
    let desk = Desk::open(settings).await?;
    let done = desk.call.import_users(bytes, dry_run, None).await;
    desk.close().await;
    let done = done.map_err(refused)?;
    for problem in &done.problems {
        let words = graphql::words(&problem.reason, domain::Language::En);
        println!("line {} ({}): {words}", problem.line, problem.column);
    }
    if !done.problems.is_empty() {
        let count = done.problems.len();
        return Err(format!("{count} problems: no account was created"));
    }
    let verb = if dry_run { "would be" } else { "were" };
    println!(
        "{} accounts {verb} created; {} are there already.",
        done.created, done.unchanged
    );
    if !done.accounts.is_empty() {
        println!("One-time passwords, printed once, to be changed at the first sign-in:");
    }
    for OneTime { account, password } in done.accounts {
        let password = password.map(|password| password.shown_once());
        println!("{}\t{}", account.username, password.unwrap_or_default());
    }
    Ok(())
}

impl User {
    pub(super) async fn run(self) -> Result<(), String> {
        let (on, act) = match self {
            Self::Create {
                username,
                display_name,
                unit,
                settings,
            } => {
                let desk = Desk::open(&settings).await?;
                let unit = match unit {
                    Some(name) => Some(Some(desk.unit(&name).await?)),
                    None => None,
                };
                let create = CreateUser {
                    username,
                    display_name,
                    unit,
                    leader: None,
                };
                let done = desk.call.create_user(create, None).await;
                print_once(done.map_err(refused)?);
                desk.close().await;
                return Ok(());
            }
            Self::Import {
                file,
                dry_run,
                settings,
            } => return import(&file, dry_run, &settings).await,
            Self::Update {
                username,
                display_name,
                unit,
                reason,
                settings,
            } => {
                let desk = Desk::open(&settings).await?;
                let update = UpdateUser {
                    user: Some(desk.user(&username).await?),
                    display_name,
                    unit: match unit {
                        Some(name) => NewUnit::In(Some(desk.unit(&name).await?)),
                        None => NewUnit::Same,
                    },
                    reason,
                };
                let account = desk.call.update_user(update, None).await;
                println!("{} is changed.", account.map_err(refused)?.username);
                desk.close().await;
                return Ok(());
            }
            Self::Disable(on) => (on, "disabled"),
            Self::Enable(on) => (on, "enabled"),
            Self::ResetPassword(on) => (on, "reset"),
            Self::Unlock(on) => (on, "unlocked"),
            Self::EndSessions(on) => (on, "signed out everywhere"),
            Self::ResetSecondFactor(on) => (on, "without a second factor"),
        };
        let desk = Desk::open(&on.settings).await?;
        let (user, reason) = (Some(desk.user(&on.username).await?), on.reason.as_deref());
        let call = &desk.call;
        let account = match act {
            "disabled" => call.disable_user(user, reason, None).await,
            "enabled" => call.enable_user(user, reason, None).await,
            "unlocked" => call.unlock_user(user, reason, None).await,
            "without a second factor" => call.reset_second_factor(user, reason, None).await,
            "reset" => {
                let done = call.reset_password(user, reason, None).await;
                print_once(done.map_err(refused)?);
                desk.close().await;
                return Ok(());
            }
            _ => call.end_user_sessions(user, reason, None).await,
        };
        println!("{} is {act}.", account.map_err(refused)?.username);
        desk.close().await;
        Ok(())
    }
}

impl Grant {
    pub(super) async fn run(self) -> Result<(), String> {
        match self {
            Self::Add {
                username,
                role,
                unit,
                leader,
                plan,
                until,
                reason,
                settings,
            } => {
                let desk = Desk::open(&settings).await?;
                let unit = match unit {
                    Some(name) => Some(Some(desk.unit(&name).await?)),
                    None => None,
                };
                let leader = match leader {
                    Some(name) => Some(Some(desk.leader(&name).await?)),
                    None => None,
                };
                let plan = match plan {
                    Some(year) => Some(Some(desk.plan(year).await?)),
                    None => None,
                };
                let grant = GrantRole {
                    user: Some(desk.user(&username).await?),
                    role,
                    unit,
                    leader,
                    plan,
                    valid_from: None,
                    valid_until: until,
                    reason,
                };
                let done = desk.call.grant_role(grant, None).await.map_err(refused)?;
                println!("Granted: {} {} to {username}.", done.id.0, role.as_str());
                desk.close().await;
            }
            Self::List { username, settings } => {
                let desk = Desk::open(&settings).await?;
                let user = desk.user(&username).await?;
                let grants = desk.call.grants_of(&[user], false).await.map_err(failed)?;
                for grant in grants {
                    let state = desk.call.grant_state(&grant);
                    let until = grant.valid_until.map_or_else(String::new, |until| {
                        format!(" until {}", until.to_rfc3339())
                    });
                    println!(
                        "{:>6} {:<15} {state:?} from {}{until}: {}",
                        grant.id.0,
                        grant.role.as_str(),
                        grant.valid_from.to_rfc3339(),
                        grant.reason
                    );
                }
                desk.close().await;
            }
            Self::Revoke {
                grant,
                reason,
                settings,
            } => {
                let desk = Desk::open(&settings).await?;
                let grant = Some(RoleGrantId(grant));
                let done = desk.call.revoke_role(grant, &reason, None).await;
                let done = done.map_err(refused)?;
                println!("Revoked: {} {}.", done.id.0, done.role.as_str());
                desk.close().await;
            }
        }
        Ok(())
    }
}
