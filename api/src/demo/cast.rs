//! Who acts in the demo's year: the accounts that visitors sign in with, and a manager for each other assigned unit,
//! so that every report has somebody who hands it in.

use std::collections::{HashMap, HashSet};

use domain::password;
use entity::{
    ids::{LeaderId, UnitId},
    kinds::Role,
};
use store::{AccountDraft, Call, Error, GrantDraft, Origin, Password, Store, System};

use super::Plot;
use crate::http::explorer::DemoAccount;

/// A demo account before its unit or leader has a key.
pub(crate) struct Account {
    /// What the explorer and the terminal show of it.
    pub(crate) shown: DemoAccount,
    role: Role,
    of: Of,
}

/// For whom an account acts.
enum Of {
    Nobody,
    Unit(&'static str),
    Leader(usize),
}

/// The accounts that visitors sign in with, in the order in which they are shown.
pub(crate) fn accounts(leaders: &[String]) -> Vec<Account> {
    let account = |username: String, display_name: String, role: Role, of: Of| Account {
        shown: DemoAccount {
            username,
            display_name,
            role: role.as_str(),
        },
        role,
        of,
    };
    let mut accounts: Vec<Account> = [
        ("system", "系统管理员", Role::SystemAdmin),
        ("security", "安全管理员", Role::SecurityAdmin),
        ("audit", "审计管理员", Role::AuditAdmin),
        ("office", "市政府督查室", Role::Supervisor),
    ]
    .into_iter()
    .map(|(name, shown, role)| account(name.to_owned(), shown.to_owned(), role, Of::Nobody))
    .collect();
    for (number, name) in (1..).zip(leaders.iter().take(seeds::DEMO_LEADERS)) {
        let username = format!("leader-{number}");
        accounts.push(account(
            username,
            name.clone(),
            Role::Leader,
            Of::Leader(number),
        ));
    }
    for (short, unit) in seeds::DEMO_UNITS {
        for (suffix, title, role) in [
            ("manager", "负责人", Role::UnitManager),
            ("reporter", "联络员", Role::UnitReporter),
        ] {
            let name = format!("{short}-{suffix}");
            accounts.push(account(
                name,
                format!("{unit}{title}"),
                role,
                Of::Unit(unit),
            ));
        }
    }
    accounts
}

/// Creates the accounts that visitors sign in with.
///
/// # Errors
/// The database failed.
pub(crate) async fn create(store: &Store, accounts: &[Account]) -> Result<(), Error> {
    let system = store.system();
    let names: Vec<&str> = seeds::DEMO_UNITS.iter().map(|(_, unit)| *unit).collect();
    let units = system.units_by_name(&names).await?;
    let unit = |name: &str| -> Option<UnitId> {
        let at = names.iter().position(|known| *known == name)?;
        units.get(at).copied().flatten()
    };
    let leaders = system.all_leaders().await?;
    let drafts = accounts.iter().map(|account| {
        let (unit, leader) = match account.of {
            Of::Nobody => (None, None),
            Of::Unit(name) => (unit(name), None),
            Of::Leader(number) => (None, leaders.get(number - 1).map(|(leader, _)| *leader)),
        };
        draft(
            &account.shown.username,
            &account.shown.display_name,
            GrantDraft {
                role: account.role,
                unit,
                leader,
                plan: None,
            },
        )
    });
    system.create_accounts(drafts.collect()).await?;
    Ok(())
}

/// An account with one grant, of those for whom it acts.
fn draft(username: &str, display_name: &str, grant: GrantDraft) -> AccountDraft {
    AccountDraft {
        username: username.to_owned(),
        display_name: display_name.to_owned(),
        password: Password::new(password::DEMO.to_owned()),
        must_change_password: false,
        unit: grant.unit,
        leader: grant.leader,
        grants: vec![grant],
        reason: "demo".to_owned(),
    }
}

/// Everybody who acts, signed in.
pub(super) struct Cast {
    store: Store,
    /// The supervision office.
    pub(super) office: Call,
    leaders: HashMap<LeaderId, Call>,
    managers: HashMap<UnitId, Call>,
    reporters: HashMap<UnitId, Call>,
}

impl Cast {
    /// Signs in the supervision office, which knows the plot.
    pub(super) async fn office(store: &Store) -> Result<Call, Error> {
        sign_in(store, "office").await
    }

    /// Gives each unit without a demo account a manager, and signs everybody in.
    pub(super) async fn gather(store: &Store, office: Call, plot: &Plot) -> Result<Self, Error> {
        let system = store.system();
        let names: Vec<&str> = seeds::DEMO_UNITS.iter().map(|(_, unit)| *unit).collect();
        let known = system.units_by_name(&names).await?;
        let mut managers = Vec::new();
        let mut reporters = Vec::new();
        for ((short, _), unit) in seeds::DEMO_UNITS.iter().zip(&known) {
            if let Some(unit) = unit {
                managers.push((*unit, format!("{short}-manager")));
                reporters.push((*unit, format!("{short}-reporter")));
            }
        }
        let with_account: HashSet<UnitId> = known.into_iter().flatten().collect();
        let mut drafts = Vec::new();
        for (unit, name) in plot.units() {
            if !with_account.contains(&unit) {
                let username = format!("unit-{}-manager", unit.0);
                let grant = GrantDraft {
                    role: Role::UnitManager,
                    unit: Some(unit),
                    leader: None,
                    plan: None,
                };
                drafts.push(draft(&username, &format!("{name}负责人"), grant));
                managers.push((unit, username));
            }
        }
        system.create_accounts(drafts).await?;
        let leaders = (1..=seeds::DEMO_LEADERS).map(|number| format!("leader-{number}"));
        let leaders = system
            .all_leaders()
            .await?
            .into_iter()
            .map(|(leader, _)| leader)
            .zip(leaders);
        Ok(Self {
            leaders: all(store, leaders).await?,
            managers: all(store, managers).await?,
            reporters: all(store, reporters).await?,
            store: store.clone(),
            office,
        })
    }

    /// The server.
    pub(super) fn system(&self) -> System {
        self.store.system()
    }

    /// The supervision office, now.
    pub(super) async fn of_office(&self) -> Result<Call, Error> {
        self.now(Some(&self.office)).await
    }

    /// A leader, now.
    pub(super) async fn of_leader(&self, leader: LeaderId) -> Result<Call, Error> {
        self.now(self.leaders.get(&leader)).await
    }

    /// The manager of a unit, now.
    pub(super) async fn of_manager(&self, unit: UnitId) -> Result<Call, Error> {
        self.now(self.managers.get(&unit)).await
    }

    /// Who writes a unit's drafts, now: its reporter, where it has one.
    pub(super) async fn of_writer(&self, unit: UnitId) -> Result<Call, Error> {
        let writer = self
            .reporters
            .get(&unit)
            .or_else(|| self.managers.get(&unit));
        self.now(writer).await
    }

    /// Whether a unit has a reporter.
    pub(super) fn has_reporter(&self, unit: UnitId) -> bool {
        self.reporters.contains_key(&unit)
    }

    /// The next request of somebody, with the grants that hold when it is made.
    async fn now(&self, call: Option<&Call>) -> Result<Call, Error> {
        let call = call.ok_or(Error::Unauthenticated)?;
        let system = self.store.system();
        if let Some(next) = system.renew(call, origin()).await? {
            return Ok(next);
        }
        // Half a day or more has passed since.
        system.refresh_without_token(call).await?;
        let next = system.renew(call, origin()).await?;
        next.ok_or(Error::Unauthenticated)
    }
}

fn origin() -> Origin {
    Origin::command("demo")
}

async fn all<K: std::hash::Hash + Eq>(
    store: &Store,
    accounts: impl IntoIterator<Item = (K, String)>,
) -> Result<HashMap<K, Call>, Error> {
    let calls = accounts
        .into_iter()
        .map(async |(key, username)| Ok((key, sign_in(store, &username).await?)));
    futures_util::future::try_join_all(calls)
        .await
        .map(|calls| calls.into_iter().collect())
}

async fn sign_in(store: &Store, username: &str) -> Result<Call, Error> {
    let system = store.system();
    let password = Password::new(password::DEMO.to_owned());
    let tokens = system.sign_in(username, password, None, &origin()).await?;
    Ok(system.call(Some(&tokens.access_token), origin()).await?)
}
