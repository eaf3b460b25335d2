//! Every act that the schema has, tried by those who may do none of them: refused for who they are, with an entry in the audit log. The
//! acts and their inputs are read from the schema, so that a new one is tried without being named here.

use entity::{audit_entry, kinds::AuditOutcome};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::Value;
use tests::{Actor, Answer, App, Backend};

use super::global;
use crate::introspected::{Schema, bare, name};

/// What everybody does with their own session and their own second factor.
const OWN: [&str; 8] = [
    "signIn",
    "signOut",
    "refreshSession",
    "changePassword",
    "beginSecondFactor",
    "confirmSecondFactor",
    "endSecondFactor",
    "replaceRecoveryCodes",
];

/// Who may take no act at all: without a grant, with one to look, with one to read the log.
const IDLE: [&str; 3] = ["nobody", "observer", "audit"];

/// Of which type the object is that an input names.
fn named(field: &str) -> &'static str {
    match field.trim_end_matches("Ids").trim_end_matches("Id") {
        "target" => "Target",
        "plan" | "toPlan" => "Plan",
        "section" => "Section",
        "unit" | "intoUnit" | "actingUnit" => "Unit",
        "unitGroup" => "UnitGroup",
        "leader" | "predecessor" | "successor" => "Leader",
        "post" => "Post",
        "user" => "User",
        "grant" => "RoleGrant",
        "period" => "ReportingPeriod",
        "report" => "ProgressReport",
        "request" => "TargetRequest",
        "notice" => "SupervisionNotice",
        "instruction" => "Instruction",
        "milestone" => "Milestone",
        "dispute" => "Dispute",
        "designation" => "Designation",
        "assignment" => "Assignment",
        "indicator" => "Indicator",
        "attachment" => "Attachment",
        "entry" => "AuditEntry",
        other => panic!("what does {other} name?"),
    }
}

/// A value of a type, as a document has it: of an object what it needs, and the first object of each type that is named.
fn value(schema: &Schema, field: &str, of: &Value) -> String {
    match of["kind"].as_str() {
        Some("NON_NULL") => return value(schema, field, &of["ofType"]),
        Some("LIST") => return format!("[{}]", value(schema, field, &of["ofType"])),
        _ => {}
    }
    let of = bare(of);
    if let Some(fields) = schema.0[of]["inputFields"].as_array() {
        let needed = fields
            .iter()
            .filter(|field| field["type"]["kind"] == "NON_NULL" && field["defaultValue"].is_null());
        let given = needed.map(|field| {
            let of = value(schema, name(field), &field["type"]);
            format!("{}: {of}", name(field))
        });
        return format!("{{ {} }}", given.collect::<Vec<_>>().join(", "));
    }
    match of {
        "ID" => format!("\"{}\"", global(named(field), 1)),
        "String" => "\"x\"".to_owned(),
        "Int" => "1".to_owned(),
        "Boolean" => "true".to_owned(),
        "Decimal" => "\"1\"".to_owned(),
        "Date" => "\"2022-06-20\"".to_owned(),
        "DateTime" => "\"2022-06-20T08:00:00Z\"".to_owned(),
        "Upload" => "$file".to_owned(),
        other => {
            let words = schema.words(other);
            words
                .first()
                .unwrap_or_else(|| panic!("what is a {other}?"))
                .clone()
        }
    }
}

/// Tries an act with a value for all that it needs.
async fn tried(actor: &Actor<'_>, schema: &Schema, act: &Value) -> Answer {
    let input = value(schema, "input", &act["args"][0]["type"]);
    let payload = &schema.0[bare(&act["type"])];
    let fields = payload["fields"].as_array().unwrap();
    let rows = match fields.iter().any(|field| name(field) == "results") {
        true => "results { userErrors { code field } }",
        false => "",
    };
    let body = format!(
        "{}(input: {input}) {{ {rows} userErrors {{ code field }} }}",
        name(act)
    );
    if body.contains("$file") {
        let query = format!("mutation($file: Upload!) {{ {body} }}");
        return actor
            .ask_with_file(&query, serde_json::json!({}), "x.txt", b"x")
            .await;
    }
    actor.query(&format!("mutation {{ {body} }}")).await
}

/// The codes of the first refusal of an act as a whole, or of each of its rows; none where it was done.
fn refused(answer: &Answer, act: &str) -> Vec<String> {
    let payload = answer.data(&format!("/{act}"));
    let rows = payload["results"].as_array().into_iter().flatten();
    let errors = std::iter::once(payload)
        .chain(rows)
        .filter_map(|of| of["userErrors"][0]["code"].as_str());
    errors.map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_may_nothing_is_refused_every_act_and_the_log_knows_it() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let all_listed = |settings: &mut api::Settings| settings.audit.refusals_per_minute = 10_000;
        let Some(app) = App::with(backend, all_listed).await else {
            continue;
        };
        let schema = Schema::of(&app).await;
        let acts = schema.0["Mutation"]["fields"].as_array().unwrap();
        let acts = acts.iter().filter(|act| !OWN.contains(&name(act)));
        let acts: Vec<&Value> = acts.collect();
        assert!(acts.len() > 60, "{}", acts.len());
        let db = app.database.connect().await;
        let mut wrong = Vec::new();
        for who in IDLE {
            let actor = app.sign_in(who).await;
            for act in &acts {
                let answer = tried(&actor, &schema, act).await;
                let codes = refused(&answer, name(act));
                let for_who_asks = |code: &String| ["FORBIDDEN", "NOT_FOUND"].contains(&&**code);
                let of_request = audit_entry::Column::RequestId
                    .eq(answer.headers["x-request-id"].to_str().unwrap());
                let entries = audit_entry::Entity::find().filter(of_request);
                let entries = entries.all(&db).await.unwrap();
                let logged = !entries.is_empty()
                    && entries.iter().all(|entry| {
                        entry.outcome == AuditOutcome::Refused
                            && entry.username.as_deref() == Some(who)
                    });
                if codes.is_empty() || !codes.iter().all(for_who_asks) || !logged {
                    let entries: Vec<_> =
                        entries.iter().map(|it| (&it.action, it.outcome)).collect();
                    wrong.push(format!("{who} {}: {} {entries:?}", name(act), answer.text));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        let nobody = app.anonymous();
        for act in &acts {
            let answer = tried(&nobody, &schema, act).await;
            assert_eq!(
                answer.codes(),
                ["UNAUTHENTICATED"],
                "{}: {}",
                name(act),
                answer.text
            );
        }
    }
}
