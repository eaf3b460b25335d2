//! Every list, filter and sort has its index: what they run is explained by the database itself. The lists, and what each can be
//! asked, are read from the schema, so that a new one is looked at without being named here.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use sea_orm::{ConnectionTrait, DatabaseConnection, QueryResult, Statement};
use serde_json::{Value, json};
use tests::{
    App, Backend,
    desk::{create_periods, report, save},
};
use tracing::field::{Field, Visit};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

use crate::{
    contract::operation,
    introspected::{Schema, bare, name},
};

/// Tables that stay small whatever happens: a few hundred rows in a large city, read whole at times.
const SMALL: &[&str] = &[
    "signing_key",
    "leader",
    "plan",
    "post",
    "setting",
    "tenure",
    "unit",
    "unit_alias",
    "unit_group",
    "unit_group_member",
];

/// Who asks: each kind of reach.
const VIEWERS: [&str; 8] = [
    "office",
    "office-2022",
    "observer",
    "leader-1",
    "fgw-manager",
    "security",
    "system",
    "audit",
];

/// Keeps the statements that this thread runs.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<BTreeSet<String>>>);

impl<S: tracing::Subscriber> Layer<S> for Heard {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == "luoshi::sql" {
            event.record(&mut self.clone());
        }
    }
}

impl Visit for Heard {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "sql" {
            self.0.lock().unwrap().insert(value.to_owned());
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}

impl Schema {
    /// Every list that is asked page by page: the type it is on, and the field.
    fn lists(&self) -> Vec<(String, Value)> {
        let mut lists = Vec::new();
        for (of, all) in &self.0 {
            for field in all["fields"].as_array().into_iter().flatten() {
                let mut arguments = field["args"].as_array().unwrap().iter();
                if arguments.any(|argument| name(argument) == "first") {
                    lists.push((of.clone(), field.clone()));
                }
            }
        }
        lists
    }

    /// What an argument can be asked: each word of a filter and a sort by itself.
    fn choices(&self, argument: &Value, samples: &Samples) -> Vec<String> {
        let of = &self.0[bare(&argument["type"])];
        let Some(fields) = of["inputFields"].as_array() else {
            let values = self.values("an argument", name(argument), &argument["type"], samples);
            let named = |value| format!("{}: {value}", name(argument));
            return values.into_iter().map(named).collect();
        };
        let mut choices = Vec::new();
        for field in fields.iter().map(|field| (name(field), &field["type"])) {
            match (name(argument), field) {
                ("orderBy", ("field", words)) => {
                    for word in self.words(bare(words)) {
                        choices.push(format!("orderBy: {{ field: {word}, direction: ASC }}"));
                        choices.push(format!("orderBy: {{ field: {word}, direction: DESC }}"));
                    }
                }
                ("orderBy", _) => {}
                // What each alternative can be is tried by itself.
                ("filter", ("any", _)) => choices.push(
                    "filter: { any: [{ search: \"企业\" }, { openEnded: true }] }".to_owned(),
                ),
                ("filter", (field, kind)) => {
                    for value in self.values(name(of), field, kind, samples) {
                        choices.push(format!("filter: {{ {field}: {value} }}"));
                    }
                }
                (other, _) => panic!("what is asked by {other}?"),
            }
        }
        choices
    }

    fn values(&self, of: &str, field: &str, kind: &Value, samples: &Samples) -> Vec<String> {
        let one = match (bare(kind), field) {
            ("Boolean", _) => return vec!["true".to_owned(), "false".to_owned()],
            ("Int", "planYear") => "2022".to_owned(),
            ("ID", _) => json!(samples.id(of, field)).to_string(),
            ("DateTime", _) => json!("2022-06-15T00:00:00Z").to_string(),
            ("String", "search") => json!("企业").to_string(),
            ("String", "ipAddress") => json!("127.0.0.1").to_string(),
            ("String", "objectType") => json!("Target").to_string(),
            ("String", "username" | "requestId") => json!("x").to_string(),
            ("String", "actions") => json!("SIGN_IN").to_string(),
            (other, _) => {
                let words = self.words(other);
                assert!(!words.is_empty(), "what is a sample of {of}.{field}?");
                return words;
            }
        };
        vec![one]
    }
}

/// An object of each type that has lists, or that a filter names.
struct Samples(BTreeMap<&'static str, String>);

impl Samples {
    async fn of(app: &App) -> Self {
        let office = app.sign_in("office").await;
        let manager = app.sign_in("fgw-manager").await;
        let period = create_periods(&office).await["2022年6月"].clone();
        let query = "{ plan(year: 2022) { id targets(first: 1, filter: { role: LEAD, hasIndicator: true }) { nodes {
            id section { id } leaders { id } assignments { unit { id } } indicators { id } } } } }";
        let seen = manager.query(query).await;
        let at = |pointer: &str| {
            seen.data(&format!("/plan{pointer}"))
                .as_str()
                .unwrap()
                .to_owned()
        };
        let of_target = |pointer: &str| at(&format!("/targets/nodes/0{pointer}"));
        let input = json!({ "targetId": of_target("/id"), "periodId": period, "progress": "x", "percentComplete": 50 });
        let draft = report(&save(&manager, input).await, "saveProgressReport");
        let draft = draft.step(&manager, "submitProgressReport").await;
        draft.reviewed(&office, "ACCEPT").await;
        let me = manager.query("{ viewer { user { id } } }").await;
        Self(BTreeMap::from([
            ("Plan", at("/id")),
            ("Section", of_target("/section/id")),
            ("Leader", of_target("/leaders/0/id")),
            ("Unit", of_target("/assignments/0/unit/id")),
            ("Indicator", of_target("/indicators/0/id")),
            (
                "User",
                me.data("/viewer/user/id").as_str().unwrap().to_owned(),
            ),
            ("ReportingPeriod", period),
            ("ProgressReport", draft.id),
            ("Target", of_target("/id")),
        ]))
    }

    fn id(&self, of: &str, field: &str) -> &str {
        let of = match field {
            "planId" => "Plan",
            "sectionId" => "Section",
            "leaderId" => "Leader",
            "unitId" => "Unit",
            "periodId" => "ReportingPeriod",
            "targetId" | "objectId" => "Target",
            "userId" | "actorId" => "User",
            other => panic!("what is a sample of {of}.{other}?"),
        };
        &self.0[of]
    }
}

/// The statements of every list, asked in every way by everybody.
async fn statements(app: &App, heard: &Heard) -> BTreeSet<String> {
    let schema = Schema::of(app).await;
    let samples = Samples::of(app).await;
    let mut viewers = Vec::new();
    for viewer in VIEWERS {
        viewers.push(app.sign_in(viewer).await);
    }
    heard.0.lock().unwrap().clear();
    for (of, list) in schema.lists() {
        let mut asked = vec![String::new(), "last: 5".to_owned()];
        for argument in list["args"].as_array().unwrap() {
            if !["first", "last", "after", "before"].contains(&name(argument)) {
                asked.extend(schema.choices(argument, &samples));
            }
        }
        let connection = &schema.0[bare(&list["type"])]["fields"];
        let counts = connection
            .as_array()
            .unwrap()
            .iter()
            .any(|field| name(field) == "totalCount");
        for argument in asked {
            let argument = if argument.is_empty() {
                argument
            } else {
                format!("({argument})")
            };
            // Who counts everything reads everything; what belongs to one object is few rows, which an index leads to.
            let few = of != "Query" || argument.contains("Id:");
            let count = if counts && few { "totalCount" } else { "" };
            let list = name(&list);
            let fields = format!(
                "{list}{argument} {{ nodes {{ __typename }} pageInfo {{ hasNextPage }} {count} }}"
            );
            let query = match &*of {
                "Query" => format!("{{ {fields} }}"),
                parent => {
                    let sample = samples.0.get(parent).unwrap_or_else(|| {
                        panic!("what is a sample of {parent}, which has {list}?")
                    });
                    format!("{{ node(id: \"{sample}\") {{ ... on {parent} {{ {fields} }} }} }}")
                }
            };
            let mut answered = false;
            for viewer in &viewers {
                let answer = viewer.query(&query).await;
                answered |= answer.body.get("errors").is_none();
            }
            assert!(answered, "nobody is answered {query}");
        }
    }
    std::mem::take(&mut *heard.0.lock().unwrap())
}

/// PostgreSQL's plan of a statement for any values.
async fn explained(db: &DatabaseConnection, sql: &str, explain: &str) -> Vec<QueryResult> {
    let places = (1..)
        .take_while(|at| sql.contains(&format!("${at}")))
        .count();
    let given = match places {
        0 => String::new(),
        places => format!("({})", vec!["NULL"; places].join(", ")),
    };
    db.execute_unprepared(&format!("PREPARE asked AS {sql}"))
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
    let asked = format!("{explain} EXECUTE asked{given}");
    let asked = Statement::from_string(db.get_database_backend(), asked);
    let plan = db.query_all_raw(asked).await.unwrap();
    db.execute_unprepared("DEALLOCATE asked").await.unwrap();
    plan
}

/// A connection that asks whether there is an index, and not whether 194 rows are worth one.
async fn one_connection(app: &App) -> DatabaseConnection {
    let options = sea_orm::ConnectOptions::new(&app.database.url)
        .max_connections(1)
        .to_owned();
    let db = sea_orm::Database::connect(options).await.unwrap();
    if app.database.backend == Backend::Postgres {
        for setting in [
            "enable_seqscan = off",
            "plan_cache_mode = force_generic_plan",
        ] {
            db.execute_unprepared(&format!("SET {setting}"))
                .await
                .unwrap();
        }
    }
    db
}

/// The lines of the database's explanation that read a table whole.
async fn whole_tables(backend: Backend, db: &DatabaseConnection, sql: &str) -> Vec<String> {
    let lines = |rows: Vec<QueryResult>, column: &str| -> Vec<String> {
        rows.iter()
            .map(|row| row.try_get::<String>("", column).unwrap())
            .collect()
    };
    let query = async |sql: String| {
        let found = db
            .query_all_raw(Statement::from_string(
                db.get_database_backend(),
                sql.clone(),
            ))
            .await;
        found.unwrap_or_else(|error| panic!("{sql}: {error}"))
    };
    match backend {
        Backend::Sqlite => {
            let plan = lines(query(format!("EXPLAIN QUERY PLAN {sql}")).await, "detail");
            // In the order of its keys, and no further than the page.
            let ordered =
                sql.contains(" LIMIT ") && !plan.iter().any(|line| line.contains("TEMP B-TREE"));
            plan.into_iter()
                .filter(|line| {
                    !ordered
                        && line.starts_with("SCAN ")
                        // An index may give the order; one that is read instead of the table is read whole, too.
                        && (!line.contains(" USING ") || line.contains(" USING COVERING "))
                        && !line.contains("VIRTUAL TABLE")
                        && !line.contains("CONSTANT ROW")
                })
                .filter(|line| {
                    let alias = line.split(' ').nth(1).unwrap_or_default();
                    table_of(sql, alias).is_some_and(|table| !SMALL.contains(&&*table))
                })
                .collect()
        }
        Backend::Postgres => {
            let plan = lines(explained(db, sql, "EXPLAIN").await, "QUERY PLAN");
            plan.into_iter()
                .filter(|line| {
                    let table = line
                        .split("Seq Scan on ")
                        .nth(1)
                        .and_then(|rest| rest.split(' ').next());
                    table.is_some_and(|table| !SMALL.contains(&table.trim_matches('"')))
                })
                .collect()
        }
    }
}

/// The table behind an alias; none for what is no table.
fn table_of(sql: &str, alias: &str) -> Option<String> {
    let words: Vec<&str> = sql
        .split([' ', '\n', ',', '(', ')'])
        .filter(|word| !word.is_empty())
        .collect();
    let plain = |word: &str| word.trim_matches('"').to_owned();
    let named = |word: &&str| matches!(word.to_uppercase().as_str(), "FROM" | "JOIN");
    words
        .iter()
        .enumerate()
        .filter(|(_, word)| named(word))
        .find_map(|(at, _)| {
            let table = plain(words.get(at + 1)?);
            let next = words.get(at + 2).copied().unwrap_or_default();
            let other = if next.eq_ignore_ascii_case("AS") {
                words.get(at + 3).copied().unwrap_or_default()
            } else {
                next
            };
            (table == alias || plain(other) == alias).then_some(table)
        })
}

async fn no_list_reads_a_table_whole(backend: Backend, heard: Heard) {
    let Some(app) = App::set_up(backend).await else {
        return;
    };
    let asked = statements(&app, &heard).await;
    assert!(asked.len() > 100, "{}", asked.len());
    let db = one_connection(&app).await;
    let mut found = Vec::new();
    for sql in &asked {
        let lines = whole_tables(backend, &db, sql).await;
        if !lines.is_empty() {
            found.push(format!("{}\n    {sql}", lines.join("\n")));
        }
    }
    assert!(
        found.is_empty(),
        "{} of {}:\n{}",
        found.len(),
        asked.len(),
        found.join("\n")
    );
}

/// The look-ups of assignments, in the conditions of a statement as the database plans it, that are neither of a plan nor of a target, but of
/// all years. Where it joins them to the targets of a plan it may read so few whole.
fn of_all_years(plan: &Value, in_condition: bool) -> Vec<String> {
    let mut found = Vec::new();
    let word = |key: &str| plan[key].as_str().unwrap_or_default();
    let in_condition = in_condition || word("Parent Relationship") == "SubPlan";
    let whole = word("Relation Name") == "assignment" && word("Node Type") == "Seq Scan";
    let condition = word("Index Cond");
    let narrow = condition.contains("plan_id =") || condition.contains("target_id =");
    let looked_up = word("Index Name").starts_with("assignment_");
    if in_condition && (whole || looked_up && !narrow) {
        found.push(format!("{} {condition}", word("Node Type")));
    }
    let below = plan["Plans"].as_array().into_iter().flatten();
    found.extend(below.flat_map(|below| of_all_years(below, in_condition)));
    found
}

/// The statistics of one plan look at that plan, however many years there are: PostgreSQL would else hash the assignments of a unit,
/// and those of all lead units, of all years.
async fn statistics_of_a_plan_look_at_no_other(heard: Heard) {
    let Some(app) = App::set_up(Backend::Postgres).await else {
        return;
    };
    let db = one_connection(&app).await;
    create_periods(&app.sign_in("office").await).await;
    // A year of reports: of a few PostgreSQL asks one by one.
    let reports = "INSERT INTO progress_report (plan_id, target_id, period_id, due_at, unit_id, status, progress, problems, next_steps, author_id,
            submitted_at, first_submitted_at, filed_at, first_decision, accepted_at, created_at, updated_at)
        SELECT a.plan_id, a.target_id, p.id, p.due_at, a.unit_id, 'ACCEPTED', 'x', '', '', (SELECT MIN(id) FROM \"user\"),
            p.due_at, p.due_at, p.due_at, 'RETURN', p.due_at, p.due_at, p.due_at
        FROM assignment a JOIN reporting_period p ON p.plan_id = a.plan_id WHERE a.role = 'LEAD'";
    for sql in [reports, "ANALYZE"] {
        db.execute_unprepared(sql).await.unwrap();
    }
    let mut asked = BTreeSet::new();
    for viewer in [
        "fgw-manager",
        "linhai-manager",
        "renfang-reporter",
        "both",
        "office",
        "observer",
        "leader-1",
    ] {
        let actor = app.sign_in(viewer).await;
        heard.0.lock().unwrap().clear();
        for (name, variables) in [
            ("Statistics", json!({ "year": 2022, "groupBy": "UNIT" })),
            ("Statistics", json!({ "year": 2022, "groupBy": "SECTION" })),
            ("Trend", json!({ "year": 2022 })),
            ("UnitRanking", json!({ "year": 2022 })),
        ] {
            let answer = actor.ask(&operation(name), variables).await;
            assert!(answer.body.get("errors").is_none(), "{}", answer.text);
        }
        let of_assignments = |sql: &String| sql.contains("\"assignment\"");
        let all = std::mem::take(&mut *heard.0.lock().unwrap());
        asked.extend(all.into_iter().filter(of_assignments));
    }
    assert!(asked.len() > 5, "{}", asked.len());
    let mut found = Vec::new();
    for sql in &asked {
        let plan = explained(&db, sql, "EXPLAIN (FORMAT JSON)").await;
        let plan: Value = plan[0].try_get("", "QUERY PLAN").unwrap();
        let years = of_all_years(&plan[0]["Plan"], false);
        if !years.is_empty() {
            found.push(format!("{years:?}\n    {sql}"));
        }
    }
    assert!(
        found.is_empty(),
        "{} of {}:\n{}",
        found.len(),
        asked.len(),
        found.join("\n")
    );
}

/// On one thread, so that the statements of this test are told from those of others.
fn alone<F: Future<Output = ()>>(test: impl FnOnce(Heard) -> F) {
    let heard = Heard::default();
    let subscriber = tracing_subscriber::registry().with(heard.clone());
    let _listening = tests::hearing::hear(subscriber);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(test(heard));
}

#[test]
fn no_list_reads_a_table_whole_on_sqlite() {
    alone(|heard| no_list_reads_a_table_whole(Backend::Sqlite, heard));
}

#[test]
fn no_list_reads_a_table_whole_on_postgres() {
    alone(|heard| no_list_reads_a_table_whole(Backend::Postgres, heard));
}

#[test]
fn statistics_of_a_plan_look_at_no_other_on_postgres() {
    alone(statistics_of_a_plan_look_at_no_other);
}
