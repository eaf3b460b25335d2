//! The databases: so many plans of the 2022 document, and users of many units.

use std::sync::Arc;

use api::{MachineClock, MachineEntropy};
use entity::kinds::Role;
use sea_orm::{ConnectionTrait, Database};
use store::{AccountDraft, GrantDraft, ImportPlan, Opening, Password, Pool, Store, TokenRules};
use tempfile::TempDir;

pub(crate) const PASSWORD: &str = "measured by the bench";
/// The units whose users ask.
pub(crate) const UNITS: [&str; 8] = [
    "市发展改革委",
    "市经信局",
    "市建设局",
    "市科技局",
    "椒江区政府",
    "临海市政府",
    "温岭市政府",
    "台州湾新区管委会",
];

pub(crate) struct Bench {
    pub(crate) url: String,
    pub(crate) plans: i32,
    /// The unit's key of each user `user-N`.
    pub(crate) units: Vec<i64>,
    pub(crate) postgres: bool,
    folder: TempDir,
}

impl Bench {
    pub(crate) async fn make(backend: &str, plans: i32) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let postgres = backend == "postgres";
        let url = if postgres {
            let cluster = tests::cluster::cluster().expect("PostgreSQL");
            let name = format!("bench_{plans}");
            let admin = Database::connect(cluster.url("postgres"))
                .await
                .expect("the cluster");
            admin
                .execute_unprepared(&format!("CREATE DATABASE {name}"))
                .await
                .expect("a database");
            cluster.url(&name)
        } else {
            format!(
                "sqlite://{}?mode=rwc",
                folder.path().join("bench.db").display()
            )
        };
        let pool = Pool {
            url: url.clone(),
            connections: 4,
            wait: std::time::Duration::from_secs(30),
            statement: std::time::Duration::from_secs(60),
        };
        pool.migrate().await.expect("the schema");
        let store = Store::open(Opening {
            pool,
            clock: Arc::new(MachineClock),
            entropy: Arc::new(MachineEntropy),
            rules: TokenRules {
                issuer: "luoshi".to_owned(),
                audience: "luoshi".to_owned(),
                demo_password: false,
            },
            hashings_at_once: 2,
            calendar: api::config::shipped_calendar(),
        })
        .await
        .expect("the store");
        let mut draft = tests::world::plan_2022();
        for year in 2022..2022 + plans {
            draft.year = year;
            let import = ImportPlan {
                draft: &draft,
                document: &year.to_string(),
                publish: true,
            };
            store
                .system()
                .import(import, &|_| ())
                .await
                .expect("a plan");
        }
        let units = store
            .system()
            .units_by_name(&UNITS)
            .await
            .expect("the units");
        let accounts = (0..).zip(&units).map(|(at, unit)| AccountDraft {
            username: format!("user-{at}"),
            display_name: "x".to_owned(),
            password: Password::new(PASSWORD.to_owned()),
            must_change_password: false,
            unit: *unit,
            leader: None,
            grants: vec![GrantDraft {
                role: Role::UnitManager,
                unit: *unit,
                leader: None,
                plan: None,
            }],
            reason: "bench".to_owned(),
        });
        store
            .system()
            .create_accounts(accounts.collect())
            .await
            .expect("the users");
        store.close().await;
        let db = Database::connect(&url).await.expect("the database");
        db.execute_unprepared("ANALYZE").await.expect("statistics");
        db.close().await.expect("closed");
        Self {
            url,
            plans,
            units: units.into_iter().flatten().map(|unit| unit.0).collect(),
            postgres,
            folder,
        }
    }

    pub(crate) fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// A year in the middle of the plans.
    pub(crate) fn year(&self) -> i32 {
        2022 + self.plans / 2
    }
}
