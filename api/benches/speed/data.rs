//! The databases: so many plans of the 2022 document with a year of reports, users of many units, and the office.

use std::sync::Arc;

use api::{MachineClock, MachineEntropy};
use entity::kinds::Role;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection};
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
    /// The unit's key of each user `user-N`. The user after the last is the supervision office.
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
            durable: false,
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
            audit: store::AuditRules::default(),
            secrets: store::SecretKeys::default(),
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
        let office = (Role::Supervisor, None);
        let people = units.iter().map(|unit| (Role::UnitManager, *unit));
        let accounts = (0..)
            .zip(people.chain([office]))
            .map(|(at, (role, unit))| AccountDraft {
                username: format!("user-{at}"),
                display_name: "x".to_owned(),
                password: Password::new(PASSWORD.to_owned()),
                must_change_password: false,
                unit,
                leader: None,
                grants: vec![GrantDraft {
                    role,
                    unit,
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
        reports(&db).await;
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

    pub(crate) const fn backend(&self) -> &'static str {
        if self.postgres { "postgres" } else { "sqlite" }
    }

    pub(crate) fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// A year in the middle of the plans.
    pub(crate) fn year(&self) -> i32 {
        2022 + self.plans / 2
    }
}

/// Twelve months of each plan, with nine of ten reports of lead units accepted, and their versions. Written as no act
/// can, because they are many.
async fn reports(db: &DatabaseConnection) {
    let text = "进".repeat(200);
    let at = "'2022-01-25T00:00:00+00:00'";
    for month in 1..=12 {
        let sql = format!(
            "INSERT INTO reporting_period (plan_id, kind, ordinal, label, starts_on, ends_on, opens_at, due_at, locks_at, created_at)
             SELECT id, 'MONTH', {month}, '{month}月', '2022-{month:02}-01', '2022-{month:02}-28', '2022-{month:02}-01T00:00:00+00:00',
             '2022-{month:02}-25T00:00:00+00:00', '2022-{month:02}-28T00:00:00+00:00', {at} FROM plan"
        );
        db.execute_unprepared(&sql).await.expect("periods");
    }
    // Quarters, in which reports can be written as long as the bench lives.
    for quarter in 1..=4 {
        let sql = format!(
            "INSERT INTO reporting_period (plan_id, kind, ordinal, label, starts_on, ends_on, opens_at, due_at, locks_at, created_at)
             SELECT id, 'QUARTER', {quarter}, '{quarter}季', '2022-01-01', '2022-12-31', '2022-01-01T00:00:00+00:00',
             '2099-12-25T00:00:00+00:00', '2099-12-28T00:00:00+00:00', {at} FROM plan"
        );
        db.execute_unprepared(&sql).await.expect("periods");
    }
    let sql = format!(
        "INSERT INTO progress_report (plan_id, target_id, period_id, due_at, unit_id, status, version, progress, problems, next_steps,
             percent_complete, author_id, submitted_at, first_submitted_at, filed_at, late, first_decision, accepted_at, created_at, updated_at)
         SELECT a.plan_id, a.target_id, p.id, p.due_at, a.unit_id, 'ACCEPTED', 3, '{text}', '', '', (a.id + p.id) % 101, u.id, {at}, {at}, {at},
             (a.id + p.id) % 7 = 0, CASE WHEN (a.id + p.id) % 5 = 0 THEN 'RETURN' ELSE 'ACCEPT' END, {at}, {at}, {at}
         FROM assignment a JOIN reporting_period p ON p.plan_id = a.plan_id AND p.kind = 'MONTH' JOIN \"user\" u ON u.username = 'user-0'
         WHERE a.role = 'LEAD' AND (a.id + p.id) % 10 > 0"
    );
    db.execute_unprepared(&sql).await.expect("reports");
    for (version, status) in [(1, "DRAFT"), (2, "SUBMITTED"), (3, "ACCEPTED")] {
        let sql = format!(
            "INSERT INTO report_version (report_id, plan_id, target_id, unit_id, version, action, status, progress, problems, next_steps,
                 percent_complete, readings, user_id, recorded_at)
             SELECT id, plan_id, target_id, unit_id, {version}, 'x', '{status}', progress, '', '', percent_complete, '[]', author_id, {at}
             FROM progress_report"
        );
        db.execute_unprepared(&sql).await.expect("versions");
    }
}
