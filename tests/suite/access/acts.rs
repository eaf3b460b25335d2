//! Every act that the schema has, tried by those who may do none of them: refused for who they are, with an entry in the audit log. The
//! acts and their inputs are read from the schema, so that a new one is tried without being named here.

use std::collections::BTreeMap;

use entity::{audit_entry, kinds::AuditOutcome};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use tests::{
    Actor, Answer, App, Backend,
    desk::{create_periods, report, save},
};

use crate::{
    introspected::{Schema, bare, name},
    scene::act,
};

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

/// An object of each type that an input names, with what has been asked, written and said about one target.
struct Samples(BTreeMap<&'static str, String>);

impl Samples {
    async fn of(app: &App) -> Self {
        let (office, lead) = (
            app.sign_in("office").await,
            app.sign_in("fgw-manager").await,
        );
        let (other, leader) = (
            app.sign_in("linhai-manager").await,
            app.sign_in("leader-1").await,
        );
        let security = app.sign_in("security").await;
        let seen = office
            .query(
                "{ plan(year: 2022) { id sections { id } designations(first: 1) { nodes { id } } targets(first: 1) { nodes {
                    id leaders { id } indicators { id } assignments { id unit { id name } } } } }
                    unitGroups(first: 1) { nodes { id } } }",
            )
            .await;
        let at = |pointer: &str| seen.data(pointer).as_str().unwrap().to_owned();
        let target = at("/plan/targets/nodes/0/id");
        let assignments = seen.data("/plan/targets/nodes/0/assignments");
        let mut assignments = assignments.as_array().unwrap().iter();
        let theirs = assignments
            .find(|it| it["unit"]["name"] == "临海市政府")
            .unwrap();
        let unit = at("/plan/targets/nodes/0/assignments/0/unit/id");
        let people = security
            .query("{ users(first: 100) { nodes { id username } } roleGrants(first: 1) { nodes { id } } }")
            .await;
        let mut users = people.data("/users/nodes").as_array().unwrap().iter();
        let user = users.find(|it| it["username"] == "nobody").unwrap();
        let period = create_periods(&office).await["2022年6月"].clone();
        let draft = json!({ "targetId": target, "periodId": period, "progress": "x", "percentComplete": 1 });
        let draft = report(&save(&lead, draft).await, "saveProgressReport");
        let done = async |actor: &Actor<'_>, mutation: &str, input: Value, of: &str| {
            let answer = act(actor, mutation, input, &format!("{of} {{ id }}")).await;
            let id = answer.data(&format!("/{mutation}/{of}/id"));
            id.as_str()
                .unwrap_or_else(|| panic!("{}", answer.text))
                .to_owned()
        };
        let notice = json!({ "targetId": target, "unitId": unit, "colour": "YELLOW", "body": "x", "replyDueOn": "2022-12-01" });
        let extension = json!({ "targetId": target, "newDueOn": "2023-03-31", "reason": "x" });
        let milestone = json!({ "targetId": target, "title": "x", "dueOn": "2022-06-30" });
        let dispute = json!({ "assignmentId": theirs["id"], "reason": "x" });
        let instruction = json!({ "targetId": target, "body": "x", "replyDueOn": "2022-12-01" });
        Self(BTreeMap::from([
            ("plan", at("/plan/id")),
            ("section", at("/plan/sections/0/id")),
            ("leader", at("/plan/targets/nodes/0/leaders/0/id")),
            ("unit", unit),
            ("unitGroup", at("/unitGroups/nodes/0/id")),
            ("user", user["id"].as_str().unwrap().to_owned()),
            (
                "grant",
                people
                    .data("/roleGrants/nodes/0/id")
                    .as_str()
                    .unwrap()
                    .to_owned(),
            ),
            ("period", period),
            ("report", draft.id),
            (
                "request",
                done(&lead, "requestExtension", extension, "extensionRequest").await,
            ),
            (
                "notice",
                done(&office, "issueNotice", notice, "notice").await,
            ),
            (
                "instruction",
                done(&leader, "giveInstruction", instruction, "instruction").await,
            ),
            (
                "milestone",
                done(&lead, "saveMilestone", milestone, "milestone").await,
            ),
            (
                "dispute",
                done(&other, "disputeAssignment", dispute, "dispute").await,
            ),
            ("designation", at("/plan/designations/nodes/0/id")),
            ("assignment", at("/plan/targets/nodes/0/assignments/0/id")),
            ("indicator", at("/plan/targets/nodes/0/indicators/0/id")),
            ("target", target),
        ]))
    }

    fn id(&self, field: &str) -> &str {
        let of = match field.trim_end_matches("Ids").trim_end_matches("Id") {
            "toPlan" => "plan",
            "intoUnit" | "actingUnit" => "unit",
            "predecessor" | "successor" => "leader",
            other => other,
        };
        self.0
            .get(of)
            .unwrap_or_else(|| panic!("what does {field} name?"))
    }
}

/// A value of a type, as a document has it: of an object what it needs, and a sample of each that is named.
fn value(schema: &Schema, samples: &Samples, field: &str, of: &Value) -> String {
    match of["kind"].as_str() {
        Some("NON_NULL") => return value(schema, samples, field, &of["ofType"]),
        Some("LIST") => return format!("[{}]", value(schema, samples, field, &of["ofType"])),
        _ => {}
    }
    let of = bare(of);
    if let Some(fields) = schema.0[of]["inputFields"].as_array() {
        let needed = fields
            .iter()
            .filter(|field| field["type"]["kind"] == "NON_NULL" && field["defaultValue"].is_null());
        let given = needed.map(|field| {
            let of = value(schema, samples, name(field), &field["type"]);
            format!("{}: {of}", name(field))
        });
        return format!("{{ {} }}", given.collect::<Vec<_>>().join(", "));
    }
    match of {
        "ID" => format!("\"{}\"", samples.id(field)),
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
async fn tried(actor: &Actor<'_>, schema: &Schema, samples: &Samples, act: &Value) -> Answer {
    let input = value(schema, samples, "input", &act["args"][0]["type"]);
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
        return actor.ask_with_file(&query, json!({}), "x.txt", b"x").await;
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
        let samples = Samples::of(&app).await;
        let acts = schema.0["Mutation"]["fields"].as_array().unwrap();
        let acts = acts.iter().filter(|act| !OWN.contains(&name(act)));
        let mut acts: Vec<&Value> = acts.collect();
        // What is removed is there for the others.
        acts.sort_by_key(|act| name(act).starts_with("remove"));
        assert!(acts.len() > 60, "{}", acts.len());
        let db = app.database.connect().await;
        let mut wrong = Vec::new();
        for who in IDLE {
            let actor = app.sign_in(who).await;
            for act in &acts {
                let answer = tried(&actor, &schema, &samples, act).await;
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
                            && graphql::is_audited(&entry.action)
                            && is_of(&entry.action, name(act))
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
            let answer = tried(&nobody, &schema, &samples, act).await;
            let codes = answer.codes();
            assert_eq!(codes, ["UNAUTHENTICATED"], "{}: {}", name(act), answer.text);
        }
        // The samples are there: each act is refused for something else, or done, where somebody sees what it is on.
        let mut unseen: Vec<&str> = acts.iter().map(|act| name(act)).collect();
        for who in ["fgw-manager", "leader-1", "security", "system", "office"] {
            let actor = app.sign_in(who).await;
            for act in acts.iter().filter(|act| name(act) != "endSessions") {
                let codes = refused(&tried(&actor, &schema, &samples, act).await, name(act));
                if !codes.iter().any(|code| code == "NOT_FOUND") {
                    unseen.retain(|it| *it != name(act));
                }
            }
        }
        assert_eq!(unseen, ["endSessions"]);
    }
}

/// Whether an entry is of an act: both begin with the same verb, however the object is called.
fn is_of(word: &str, act: &str) -> bool {
    let verb: String = act.chars().take_while(char::is_ascii_lowercase).collect();
    word.starts_with(&verb.to_ascii_uppercase())
}
