//! What was tried and refused, for the audit log: whatever the field, and whoever wrote it.
//!
//! A refused act leaves nothing of its own, so the log is written when the request is done, by [`crate::Runner`]. What
//! was tried is read from the document. Why an act was refused is noted where the answer is made ([`crate::error::settle`]); why
//! a query's field is forbidden goes with its error ([`Forbidden`]), whose path says under which root field it arose.

use std::{
    collections::{BTreeSet, HashSet},
    convert::Infallible,
    sync::{Arc, LazyLock, Mutex, MutexGuard},
};

use async_graphql::{
    ID, Name, PathSegment, Positioned, Response, Value, Variables,
    parser::{
        parse_schema,
        types::{
            Directive, ExecutableDocument, Field, OperationDefinition, OperationType, Selection,
            TypeKind, TypeSystemDefinition,
        },
    },
};
use domain::{Code, Reason, Refusal};
use store::{Error, Unsuccessful};

use crate::id::AnyId;

/// The most reasons that one entry tells.
const MOST_REASONS: usize = 20;

/// Why somebody may not ask for what they ask for, in the log's words. It goes with the error that they get, and not into an answer.
#[derive(Clone, Debug)]
pub(crate) struct Forbidden(Vec<String>);

impl Forbidden {
    /// What is forbidden among refusals; none where nothing is.
    pub(crate) fn of(refusals: &[Refusal]) -> Option<Self> {
        let forbidden = |refusal: &Refusal| refusal.reason.code() == Code::Forbidden;
        let any = refusals.iter().any(forbidden);
        any.then(|| Self(refusals.iter().map(told).collect()))
    }
}

/// A refusal in the log's words, such as `FORBIDDEN NotManagerOfUnit assignmentIds.0`.
fn told(refusal: &Refusal) -> String {
    let (code, place) = (word(refusal.reason.code()), refusal.field.join("."));
    let told = format!("{code} {} {place}", refusal.reason.name());
    told.trim_end().to_owned()
}

/// The refusals of an act, as they come.
#[derive(Clone, Default)]
pub(crate) struct Refusals(Arc<Mutex<Noted>>);

#[derive(Default)]
struct Noted {
    reasons: Vec<String>,
    failed: bool,
}

impl Refusals {
    /// Notes an error that a caller gets, other than in a payload.
    pub(crate) fn note(&self, error: &Error) {
        match error {
            Error::Refused(refusals) => {
                if Forbidden::of(refusals).is_some() {
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
    pub(crate) fn refused(&self, refusals: &[Refusal]) {
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
            .map(told);
        self.lock().reasons.extend(told);
    }

    fn lock(&self) -> MutexGuard<'_, Noted> {
        self.0.lock().unwrap_or_else(|poison| poison.into_inner())
    }

    /// What the log is told of an attempt: an act that was refused or failed, or each root field of a query that is not the asker's
    /// to ask for.
    pub(crate) fn of(&self, attempt: &Attempt, response: &Response) -> Vec<Unsuccessful> {
        let Noted { reasons, failed } = std::mem::take(&mut *self.lock());
        if !attempt.act {
            return attempt.forbidden(response);
        }
        let told = failed || !reasons.is_empty();
        let act = attempt.fields.first().filter(|_| told);
        act.map(|act| act.unsuccessful(reasons, Vec::new()))
            .into_iter()
            .collect()
    }

    /// What the log is told of an attempt that ran out of time: an act, whatever became of it, or a query of which something had been
    /// refused by then, nobody knows below which of its fields.
    pub(crate) fn out_of_time(&self, attempt: &Attempt) -> Option<Unsuccessful> {
        let cut = self.left(attempt);
        let mut cut = match (cut, attempt.act) {
            (None, true) => attempt.cut_off(Vec::new()),
            (cut, _) => cut,
        }?;
        cut.reasons.push("OUT_OF_TIME".to_owned());
        Some(cut)
    }

    /// What the log is told of an attempt that has no answer: what had been refused by then.
    pub(crate) fn left(&self, attempt: &Attempt) -> Option<Unsuccessful> {
        let reasons = std::mem::take(&mut *self.lock()).reasons;
        let refused = !reasons.is_empty();
        refused.then(|| attempt.cut_off(reasons)).flatten()
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

/// What a request tries, by its root fields.
pub(crate) struct Attempt {
    fields: Vec<Tried>,
    /// A mutation: its one field is what it does.
    act: bool,
}

/// A root field.
struct Tried {
    /// Under which the answer has it.
    key: Name,
    action: String,
    object: (String, Option<i64>),
}

impl Tried {
    /// Refused for these reasons, of which not too many are told; failed where there are none. What is `beside` is told in any case.
    fn unsuccessful(&self, mut reasons: Vec<String>, beside: Vec<String>) -> Unsuccessful {
        let failed = reasons.is_empty();
        let more = reasons.len().saturating_sub(MOST_REASONS);
        reasons.truncate(MOST_REASONS);
        if more > 0 {
            reasons.push(format!("and {more} more"));
        }
        reasons.extend(beside);
        Unsuccessful {
            action: self.action.clone(),
            object: self.object.clone(),
            failed,
            reasons,
        }
    }
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
        let fields = fields(document, operation, variables).into_iter();
        let fields: Vec<_> = fields
            .map(|field| Tried {
                key: field.response_key().node.clone(),
                action: action(&field.name.node),
                object: object(input(field, variables)),
            })
            .collect();
        (!fields.is_empty()).then_some(Self {
            fields,
            act: operation.ty == OperationType::Mutation,
        })
    }

    /// Whether it is an act.
    pub(crate) const fn acts(&self) -> bool {
        self.act
    }

    /// The root fields of a query below which something is forbidden, as the answer has it: one entry for all of one name. Where that
    /// took the whole answer with it, nobody knows what the fields beside it would have been told: they are named.
    fn forbidden(&self, response: &Response) -> Vec<Unsuccessful> {
        let mut refused: Vec<(&Tried, Vec<String>)> = Vec::new();
        for tried in &self.fields {
            let below = response.errors.iter().filter(|error| {
                matches!(error.path.first(), Some(PathSegment::Field(key)) if *key == tried.key.as_str())
            });
            let forbidden = below.filter_map(|error| error.source::<Forbidden>());
            let reasons: Vec<_> = forbidden.flat_map(|why| why.0.clone()).collect();
            match refused.iter_mut().find(|it| it.0.action == tried.action) {
                _ if reasons.is_empty() => {}
                Some((_, same)) => same.extend(reasons),
                None => refused.push((tried, reasons)),
            }
        }
        let named: Vec<&str> = refused.iter().map(|(tried, _)| &*tried.action).collect();
        let beside = match response.data {
            Value::Null => self.beside(&named),
            _ => Vec::new(),
        };
        let entries = refused.into_iter();
        entries
            .map(|(tried, reasons)| tried.unsuccessful(reasons, beside.clone()))
            .collect()
    }

    /// It has no answer: nobody knows below which of its fields something was refused.
    fn cut_off(&self, reasons: Vec<String>) -> Option<Unsuccessful> {
        let first = self.fields.first()?;
        Some(first.unsuccessful(reasons, self.beside(&[&first.action])))
    }

    /// What else was asked, and not answered.
    fn beside(&self, named: &[&str]) -> Vec<String> {
        let others = self.fields.iter().map(|tried| &*tried.action);
        let others: BTreeSet<&str> = others.filter(|action| !named.contains(action)).collect();
        let others = others.into_iter();
        others.map(|it| format!("NOT_ANSWERED {it}")).collect()
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

/// The root fields of an operation that are not skipped, in their order, however deep in fragments they stand. Each fragment is read
/// once.
fn fields<'d>(
    document: &'d ExecutableDocument,
    operation: &'d OperationDefinition,
    variables: &Variables,
) -> Vec<&'d Field> {
    let mut fields = Vec::new();
    let mut spread = HashSet::new();
    let mut left: Vec<&Positioned<Selection>> = Vec::new();
    left.extend(operation.selection_set.node.items.iter().rev());
    while let Some(item) = left.pop() {
        if item
            .node
            .directives()
            .iter()
            .any(|it| skips(&it.node, variables))
        {
            continue;
        }
        let within = match &item.node {
            Selection::Field(field) => {
                if !field.node.name.node.starts_with("__") {
                    fields.push(&field.node);
                }
                continue;
            }
            Selection::InlineFragment(fragment) => &fragment.node.selection_set,
            Selection::FragmentSpread(fragment) => {
                let name = &fragment.node.fragment_name.node;
                match document.fragments.get(name) {
                    Some(fragment) if spread.insert(name) => &fragment.node.selection_set,
                    _ => continue,
                }
            }
        };
        left.extend(within.node.items.iter().rev());
    }
    fields
}

/// Whether a directive takes away what it stands at.
fn skips(directive: &Directive, variables: &Variables) -> bool {
    let value = |name: Name| variables.get(&name).cloned().ok_or(());
    let condition = directive.get_argument("if").cloned();
    let condition = condition.and_then(|it| it.node.into_const_with(value).ok());
    let condition = condition == Some(Value::Boolean(true));
    match directive.name.node.as_str() {
        "skip" => condition,
        "include" => !condition,
        _ => false,
    }
}

/// The input of a field. A variable that is not given is null: the edge has filled in the defaults.
fn input(field: &Field, variables: &Variables) -> Option<Value> {
    let value = |name: Name| Ok::<_, Infallible>(variables.get(&name).cloned().unwrap_or_default());
    let input = field.get_argument("input")?.node.clone();
    input.into_const_with(value).ok()
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

/// The first thing that an input names by its global ID. What the caller calls the act itself names nothing, and no text does.
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
    let names = |field: &Name| {
        let named = ["id", "Id", "Ids"].iter().any(|end| field.ends_with(end));
        named && field != "clientMutationId"
    };
    let found = fields
        .iter()
        .filter(|(field, _)| names(field))
        .flat_map(|(_, value)| texts(value))
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
        let Attempt { mut fields, act } = Attempt::of(&mut request)?;
        let first = fields.swap_remove(0);
        Some((first.action, first.object.0, first.object.1, act))
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
            // However deep it stands; and a fragment that spreads itself ends.
            (
                format!("mutation {{ {} ...F {} }} fragment F on Mutation {{ ...F ...G }} fragment G on Mutation {{ ...F giveInstruction(input: {{ targetId: \"{}\" }}) {{ a }} }}", "... { ".repeat(12), "} ".repeat(12), *id),
                json!({}),
                ("GIVE_INSTRUCTION", "Target", Some(7), true),
            ),
            // A variable that is not given is null.
            (
                "mutation($t: ID, $c: String) { giveInstruction(input: { targetId: $t, clientMutationId: $c }) { a } }".to_owned(),
                json!({ "t": *id }),
                ("GIVE_INSTRUCTION", "Target", Some(7), true),
            ),
            // What a caller writes names nothing.
            (
                format!("mutation {{ giveInstruction(input: {{ clientMutationId: \"{0}\", body: \"{0}\", targetId: \"{1}\" }}) {{ a }} }}", *TargetId(8).global(), *id),
                json!({}),
                ("GIVE_INSTRUCTION", "Target", Some(7), true),
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
        let skipped = "query($no: Boolean!) { changes @include(if: $no) { a } ... @skip(if: true) { plans { a } } auditEntries { a } }";
        let tried = attempt(skipped, json!({ "no": false })).map(|tried| tried.0);
        assert_eq!(tried.as_deref(), Some("READ_AUDIT"));
        assert_eq!(attempt("{ __typename }", json!({})), None);
        assert_eq!(
            attempt("fragment F on Mutation { a ...F }", json!({})),
            None
        );
    }
}
