//! What was tried and refused, for the audit log: whatever the field, and whoever wrote it.
//!
//! A refused act leaves nothing of its own, so the log is written when the request is done, by [`crate::execute`]. What
//! was tried is read from the document; why it was refused is noted where the answer is made ([`crate::error::settle`]).

use std::{
    collections::HashSet,
    sync::{Arc, LazyLock, Mutex, MutexGuard},
};

use async_graphql::{
    ID, Value, Variables,
    parser::{
        parse_schema,
        types::{
            ExecutableDocument, Field, OperationDefinition, OperationType, Selection, TypeKind,
            TypeSystemDefinition,
        },
    },
};
use domain::{Code, Reason};
use store::{Call, Error, Unsuccessful};

use crate::id::AnyId;

/// The most reasons that one entry tells.
const MOST_REASONS: usize = 20;
/// How deep a root field is looked for in fragments.
const DEEPEST: usize = 8;

/// The refusals of a request, as they come.
#[derive(Clone, Default)]
pub(crate) struct Refusals(Arc<Mutex<Noted>>);

#[derive(Default)]
struct Noted {
    reasons: Vec<String>,
    failed: bool,
    /// Somebody asked for what is not theirs to ask for, a query even.
    forbidden: bool,
}

impl Refusals {
    /// Notes an error that a caller gets, other than in a payload.
    pub(crate) fn note(&self, error: &Error) {
        match error {
            Error::Refused(refusals) => {
                if refusals
                    .iter()
                    .any(|refusal| refusal.reason.code() == Code::Forbidden)
                {
                    self.lock().forbidden = true;
                    self.refused(refusals);
                }
            }
            Error::Unauthenticated => self.lock().reasons.push("UNAUTHENTICATED".to_owned()),
            Error::MustChangePassword => {
                self.lock().reasons.push("MUST_CHANGE_PASSWORD".to_owned());
            }
            Error::MustSetUpSecondFactor => {
                let mut noted = self.lock();
                noted.reasons.push("MUST_SET_UP_SECOND_FACTOR".to_owned());
            }
            Error::Fault(_) => self.lock().failed = true,
            Error::BadInput(_) => {}
        }
    }

    /// Notes the refusals of a mutation.
    pub(crate) fn refused(&self, refusals: &[domain::Refusal]) {
        let told = refusals
            .iter()
            // Those that are failed sign-ins have left their entries already.
            .filter(|refusal| {
                !matches!(
                    refusal.reason,
                    Reason::BadCredentials
                        | Reason::WrongPassword
                        | Reason::SecondFactorMissing
                        | Reason::SecondFactorWrong
                )
            })
            .map(|refusal| {
                let place = refusal.field.join(".");
                let told = format!(
                    "{} {} {place}",
                    word(refusal.reason.code()),
                    refusal.reason.name()
                );
                told.trim_end().to_owned()
            });
        self.lock().reasons.extend(told);
    }

    fn lock(&self) -> MutexGuard<'_, Noted> {
        self.0.lock().unwrap_or_else(|poison| poison.into_inner())
    }

    /// Writes down what came of an attempt, if it was an act that was refused or failed.
    pub(crate) async fn record(&self, attempt: Option<Attempt>, call: &Call) {
        let noted = std::mem::take(&mut *self.lock());
        let Some(attempt) = attempt.filter(|attempt| attempt.act || noted.forbidden) else {
            return;
        };
        let mut reasons = noted.reasons;
        if reasons.is_empty() && !noted.failed {
            return;
        }
        let more = reasons.len().saturating_sub(MOST_REASONS);
        reasons.truncate(MOST_REASONS);
        if more > 0 {
            reasons.push(format!("and {more} more"));
        }
        let unsuccessful = Unsuccessful {
            action: attempt.action,
            object: attempt.object,
            reasons,
        };
        // The answer says the same without it; an operator must know.
        if let Err(fault) = call.record(vec![unsuccessful]).await {
            let request_id = call.request_id();
            tracing::error!(
                request_id,
                fault = fault.inside(),
                "a refusal is missing in the audit log"
            );
        }
    }
}

const fn word(code: Code) -> &'static str {
    match code {
        Code::NotFound => "NOT_FOUND",
        Code::Invalid => "INVALID",
        Code::Forbidden => "FORBIDDEN",
        Code::WrongState => "WRONG_STATE",
        Code::Conflict => "CONFLICT",
        Code::Locked => "LOCKED",
        Code::TooLarge => "TOO_LARGE",
        Code::SecondFactorRequired => "SECOND_FACTOR_REQUIRED",
    }
}

/// What a request tries, by its first root field.
pub(crate) struct Attempt {
    action: String,
    object: (String, Option<i64>),
    /// A mutation.
    act: bool,
}

impl Attempt {
    /// What a request tries; none where it is not clear, and so nothing runs.
    pub(crate) fn of(request: &mut async_graphql::Request) -> Option<Self> {
        // Parsed by the edge: this only looks.
        request.parsed_query().ok()?;
        let variables = std::mem::take(&mut request.variables);
        let attempt = Self::read(request, &variables);
        request.variables = variables;
        attempt
    }

    fn read(request: &mut async_graphql::Request, variables: &Variables) -> Option<Self> {
        let name = request.operation_name.clone();
        let document = request.parsed_query().ok()?;
        let operation = operation(document, name.as_deref())?;
        let field = field(document, &operation.selection_set.node.items, 0)?;
        let input = field.get_argument("input").and_then(|input| {
            let input = input.node.clone();
            input
                .into_const_with(|name| variables.get(&name).cloned().ok_or(()))
                .ok()
        });
        Some(Self {
            action: action(&field.name.node),
            object: object(input),
            act: operation.ty == OperationType::Mutation,
        })
    }
}

fn operation<'d>(
    document: &'d ExecutableDocument,
    name: Option<&str>,
) -> Option<&'d OperationDefinition> {
    let mut operations = document.operations.iter();
    let found = match name {
        None => operations.next(),
        Some(name) => operations.find(|(own, _)| own.is_some_and(|own| own == name)),
    };
    found.map(|(_, operation)| &operation.node)
}

fn field<'d>(
    document: &'d ExecutableDocument,
    items: &'d [async_graphql::Positioned<Selection>],
    depth: usize,
) -> Option<&'d Field> {
    let within = |items| {
        (depth < DEEPEST)
            .then(|| field(document, items, depth + 1))
            .flatten()
    };
    items.iter().find_map(|item| match &item.node {
        Selection::Field(field) => (!field.node.name.node.starts_with("__")).then_some(&field.node),
        Selection::InlineFragment(fragment) => within(&fragment.node.selection_set.node.items),
        Selection::FragmentSpread(spread) => {
            let fragment = document.fragments.get(&spread.node.fragment_name.node)?;
            within(&fragment.node.selection_set.node.items)
        }
    })
}

/// The act of a root field, by the word under which it is in the log when it is done. Where one field takes several acts,
/// or its word is its name, that is its name in capitals.
fn action(field: &str) -> String {
    let word = match field {
        "acknowledgeAssignments" => "ACKNOWLEDGE_ASSIGNMENT",
        "createReportingPeriods" => "CREATE_PERIODS",
        "openReportingPeriod" => "OPEN_PERIOD",
        "lockReportingPeriod" => "LOCK_PERIOD",
        "reopenReportingPeriod" => "REOPEN_PERIOD",
        "saveProgressReport" | "saveProgressReports" => "SAVE_REPORT",
        "submitProgressReport" => "SUBMIT_REPORT",
        "recallProgressReport" => "RECALL_REPORT",
        "carryOverTargets" => "CARRY_OVER_TARGET",
        "auditEntries" => "READ_AUDIT",
        "auditVerification" => "VERIFY_AUDIT",
        other => return capitals(other),
    };
    word.to_owned()
}

/// Whether the audit log can hold an act of this word: one that is done, or one that is tried, which may have no other name than
/// its root field's.
pub fn is_audited(word: &str) -> bool {
    static TRIED: LazyLock<HashSet<String>> = LazyLock::new(|| {
        let document = parse_schema(crate::sdl());
        let definitions = document.map_or_else(|_| Vec::new(), |document| document.definitions);
        let fields = definitions.into_iter().filter_map(|definition| {
            let TypeSystemDefinition::Type(definition) = definition else {
                return None;
            };
            match definition.node.kind {
                TypeKind::Object(object) if is_root(&definition.node.name.node) => {
                    Some(object.fields)
                }
                _ => None,
            }
        });
        let fields = fields.flatten();
        fields.map(|field| action(&field.node.name.node)).collect()
    });
    store::audited_acts().contains(&word) || TRIED.contains(word)
}

fn is_root(name: &str) -> bool {
    matches!(name, "Query" | "Mutation" | "Subscription")
}

/// `giveInstruction` becomes `GIVE_INSTRUCTION`; no longer than the log keeps it.
fn capitals(name: &str) -> String {
    let mut word = String::new();
    for letter in name.chars().take(48) {
        if letter.is_ascii_uppercase() && !word.is_empty() {
            word.push('_');
        }
        word.push(letter.to_ascii_uppercase());
    }
    word.chars().take(64).collect()
}

/// The first thing that an input names by its global ID.
fn object(input: Option<Value>) -> (String, Option<i64>) {
    let texts = |value: &Value| match value {
        Value::String(text) => vec![text.clone()],
        Value::List(items) => items
            .iter()
            .take(1)
            .filter_map(|item| match item {
                Value::String(text) => Some(text.clone()),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    };
    let Some(Value::Object(fields)) = input else {
        return (String::new(), None);
    };
    let found = fields
        .values()
        .flat_map(texts)
        .find_map(|text| AnyId::read(&ID(text)));
    found.map_or((String::new(), None), |id| {
        let (of, key) = id.parts();
        (of.to_owned(), Some(key))
    })
}

#[cfg(test)]
mod tests {
    use async_graphql::Request;
    use entity::ids::TargetId;
    use serde_json::json;

    use super::*;
    use crate::id::Global;

    fn attempt(
        query: &str,
        variables: serde_json::Value,
    ) -> Option<(String, String, Option<i64>, bool)> {
        let mut request = Request::new(query).variables(Variables::from_json(variables));
        Attempt::of(&mut request).map(|it| (it.action, it.object.0, it.object.1, it.act))
    }

    #[test]
    fn the_log_holds_acts_and_nothing_else() {
        for (word, held) in [
            ("SIGN_IN_FAILED", true),
            ("CREATE_PERIODS", true),
            ("ISSUE_NOTICE_BY_RULE", true),
            // Done under other words, and refused under the field's own.
            ("REVIEW_PROGRESS_REPORT", true),
            ("ROLE_GRANTS", true),
            ("EVENTS", true),
            ("NONSENSE", false),
            ("sign_in", false),
            ("", false),
            ("CREATE_REPORTING_PERIODS", false),
        ] {
            assert_eq!(is_audited(word), held, "{word}");
        }
    }

    #[test]
    fn what_is_tried_is_read_from_the_document() {
        let id = TargetId(7).global();
        for (query, variables, expected) in [
            (
                format!("mutation {{ x: giveInstruction(input: {{ body: \"y\", targetId: \"{}\" }}) {{ a }} }}", *id),
                json!({}),
                ("GIVE_INSTRUCTION", "Target", Some(7), true),
            ),
            (
                "mutation($i: I!) { ...F } fragment F on Mutation { submitProgressReport(input: $i) { a } }".to_owned(),
                json!({ "i": { "reportId": *id } }),
                ("SUBMIT_REPORT", "Target", Some(7), true),
            ),
            (
                "mutation($i: [ID!]!) { acknowledgeAssignments(input: { assignmentIds: $i }) { a } }".to_owned(),
                json!({ "i": [*id, "x"] }),
                ("ACKNOWLEDGE_ASSIGNMENT", "Target", Some(7), true),
            ),
            (
                "mutation { signOut(input: {}) { a } }".to_owned(),
                json!({}),
                ("SIGN_OUT", "", None, true),
            ),
            (
                "{ __typename auditEntries { totalCount } }".to_owned(),
                json!({}),
                ("READ_AUDIT", "", None, false),
            ),
        ] {
            let (action, of, key, act) = expected;
            let expected = Some((action.to_owned(), of.to_owned(), key, act));
            assert_eq!(attempt(&query, variables), expected, "{query}");
        }
        assert_eq!(attempt("{ __typename }", json!({})), None);
        assert_eq!(
            attempt("fragment F on Mutation { a ...F }", json!({})),
            None
        );
    }
}
