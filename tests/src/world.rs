//! The world of the tests: the 2022 plan, a draft for 2023, and an account for each role and each sort of scope.

use std::sync::Arc;

use domain::{Clock, Entropy};
use entity::{ids::PlanId, kinds::Role};
use importer::{PlanDraft, Tables};
use store::{
    AccountDraft, GrantDraft, ImportOutcome, ImportPlan, Opening, Password, SecretKeys, Store,
    TokenRules,
};

use crate::{
    database::pool,
    machine::{TestClock, TestEntropy},
};

/// The password of every account but `newcomer`, whose one-time password it is, too.
pub const PASSWORD: &str = "六月的台州湾有风";

/// Units of which there are accounts: `NAME-manager` and `NAME-reporter`.
pub const UNITS: [(&str, &str); 4] = [
    ("fgw", "市发展改革委"),
    ("linhai", "临海市政府"),
    ("yjj", "市应急管理局"),
    ("renfang", "市人防办"),
];

/// Every account that can sign in and has a live grant, one for each sort of scope.
pub const ACTORS: [&str; 17] = [
    "system",
    "security",
    "audit",
    "office",
    "office-2022",
    "office-2023",
    "observer",
    "observer-2022",
    "observer-2023",
    "leader-1",
    "leader-8",
    "fgw-manager",
    "fgw-reporter",
    "linhai-manager",
    "yjj-manager",
    "renfang-reporter",
    "both",
];

/// The reviewed tables of 2022.
pub fn tables() -> Tables {
    Tables::parse(&seeds::TABLES).expect("the seed tables")
}

/// The 2022 plan as the importer reads it: what the tests hold the server's answers against.
pub fn plan_2022() -> PlanDraft {
    importer::read(seeds::DOCUMENT, 2022, &tables())
        .plan
        .expect("the seed plan")
}

/// The document of the draft: the first table of 2022's, for 2023.
pub fn document_2023() -> String {
    seeds::DOCUMENT
        .replace("政府工作报告 2022 年", "政府工作报告 2023 年")
        .replace("2022〕9号", "2023〕1号")
        .lines()
        .take(35)
        .collect::<Vec<_>>()
        .join("\n")
}

/// How the tests' servers issue tokens.
pub fn rules() -> TokenRules {
    TokenRules {
        issuer: "luoshi".to_owned(),
        audience: "luoshi-tests".to_owned(),
        demo_password: false,
    }
}

/// The keys under which the tests' servers keep secrets.
pub fn secrets() -> SecretKeys {
    SecretKeys::parse(&("A".repeat(43) + "=")).expect("a key")
}

/// Makes the world in an empty database.
pub(crate) async fn fill(url: String) {
    let pool = pool(url);
    pool.migrate().await.expect("the schema");
    let store = Store::open(Opening {
        pool,
        clock: Arc::new(TestClock::default()) as Arc<dyn Clock>,
        entropy: Arc::new(TestEntropy::default()) as Arc<dyn Entropy>,
        rules: rules(),
        hashings_at_once: 2,
        calendar: api::config::shipped_calendar(),
        audit: store::AuditRules::default(),
        secrets: SecretKeys::default(),
    })
    .await
    .expect("the store");
    let issued = import(&store, &plan_2022(), seeds::DOCUMENT, true).await;
    let document = document_2023();
    // The reviews are of 2022's numbers, which the shorter document shares as far as it goes.
    let draft = importer::read(&document, 2023, &tables());
    let draft = draft
        .plan
        .unwrap_or_else(|| panic!("{:?}", draft.report.problems));
    let drafted = import(&store, &draft, &document, false).await;
    accounts(&store, issued, drafted).await;
    store.close().await;
}

async fn import(store: &Store, draft: &PlanDraft, document: &str, publish: bool) -> PlanId {
    let import = ImportPlan {
        draft,
        document,
        publish,
    };
    match store
        .system()
        .import(import, &|_| ())
        .await
        .expect("the import")
    {
        ImportOutcome::Imported(plan) => plan,
        other => panic!("{other:?}"),
    }
}

async fn accounts(store: &Store, issued: PlanId, drafted: PlanId) {
    let system = store.system();
    let leaders = system.all_leaders().await.expect("the leaders");
    let names: Vec<&str> = UNITS.iter().map(|(_, unit)| *unit).collect();
    let units = system.units_by_name(&names).await.expect("the units");
    let anywhere = |role| GrantDraft {
        role,
        unit: None,
        leader: None,
        plan: None,
    };
    let of_plan = |role, plan| GrantDraft {
        plan: Some(plan),
        ..anywhere(role)
    };
    let of_unit = |role, at: usize| GrantDraft {
        unit: units[at],
        ..anywhere(role)
    };
    let of_leader = |at: usize| GrantDraft {
        leader: Some(leaders[at].0),
        ..anywhere(Role::Leader)
    };
    let mut accounts = vec![
        ("system".to_owned(), vec![anywhere(Role::SystemAdmin)]),
        ("security".to_owned(), vec![anywhere(Role::SecurityAdmin)]),
        ("audit".to_owned(), vec![anywhere(Role::AuditAdmin)]),
        ("office".to_owned(), vec![anywhere(Role::Supervisor)]),
        (
            "office-2022".to_owned(),
            vec![of_plan(Role::Supervisor, issued)],
        ),
        (
            "office-2023".to_owned(),
            vec![of_plan(Role::Supervisor, drafted)],
        ),
        ("observer".to_owned(), vec![anywhere(Role::Observer)]),
        (
            "observer-2022".to_owned(),
            vec![of_plan(Role::Observer, issued)],
        ),
        (
            "observer-2023".to_owned(),
            vec![of_plan(Role::Observer, drafted)],
        ),
        ("leader-1".to_owned(), vec![of_leader(0)]),
        ("leader-8".to_owned(), vec![of_leader(7)]),
        ("nobody".to_owned(), vec![]),
        // Somebody who works for a unit and is a leader, too: what either sees, and no more.
        (
            "both".to_owned(),
            vec![of_unit(Role::UnitReporter, 2), of_leader(7)],
        ),
    ];
    for (at, (short, _)) in UNITS.iter().enumerate() {
        accounts.push((
            format!("{short}-manager"),
            vec![of_unit(Role::UnitManager, at)],
        ));
        accounts.push((
            format!("{short}-reporter"),
            vec![of_unit(Role::UnitReporter, at)],
        ));
    }
    accounts.push(("newcomer".to_owned(), vec![anywhere(Role::Supervisor)]));
    let drafts = accounts
        .into_iter()
        .map(|(username, grants)| AccountDraft {
            display_name: format!("账号 {username}"),
            password: Password::new(PASSWORD.to_owned()),
            must_change_password: username == "newcomer",
            unit: grants.first().and_then(|grant| grant.unit),
            leader: grants.first().and_then(|grant| grant.leader),
            username,
            grants,
            reason: "test".to_owned(),
        })
        .collect();
    system.create_accounts(drafts).await.expect("the accounts");
}
