//! The audit log for a file: `/audit/export.csv` and `/audit/export.jsonl`, with the token of an audit administrator.
//!
//! It is read page by page as the client takes it, so that a log of any size needs the memory of a page. The lines of
//! `.jsonl` are what the chain's hashes are over: they can be checked with any tool (README).

use std::{collections::BTreeMap, io, time::Instant};

use axum::{
    Extension,
    body::Body,
    extract::{Query, Request, State, rejection::QueryRejection},
    http::{HeaderValue, Response, header},
};
use edge::{Complaint, Edge};
use entity::kinds::AuditOutcome;
use futures_util::stream;
use store::{AuditExport, AuditFilter, AuditLine, Call, Error, Origin};

use super::{
    graphql::bearer,
    guard::{Charge, FILE},
    refused,
    request_id::RequestId,
};
use crate::App;

/// What stands behind the path, if it can be read.
type Filter = Result<Query<BTreeMap<String, String>>, QueryRejection>;

/// How the file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Csv,
    Jsonl,
}

impl Format {
    const fn word(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
        }
    }

    const fn media(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Jsonl => "application/jsonl; charset=utf-8",
        }
    }
}

/// `/audit/export.csv`
pub(super) async fn csv(
    app: State<App>,
    id: Extension<RequestId>,
    filter: Filter,
    request: Request,
) -> Response<Body> {
    export(app, id, filter, request, Format::Csv).await
}

/// `/audit/export.jsonl`
pub(super) async fn jsonl(
    app: State<App>,
    id: Extension<RequestId>,
    filter: Filter,
    request: Request,
) -> Response<Body> {
    export(app, id, filter, request, Format::Jsonl).await
}

async fn export(
    State(app): State<App>,
    Extension(RequestId(id)): Extension<RequestId>,
    filter: Filter,
    request: Request,
    format: Format,
) -> Response<Body> {
    let begun = Instant::now();
    let (head, _) = request.into_parts();
    let mut told = Told::default();
    let origin = Origin {
        request_id: id.as_str().into(),
        address: app.parts.proxies.client(&head),
    };
    let reply = match Edge::reply(&head.headers) {
        // Whoever saves a file accepts what it is.
        Ok(reply) | Err((reply, _)) => reply,
    };
    let token = bearer(&head.headers);
    let begun_to = begin(&app, token, origin, filter, format, &mut told).await;
    let mut response = match begun_to {
        Ok(body) => {
            let mut response = Response::new(body);
            let name = format!("attachment; filename=\"luoshi-audit.{}\"", format.word());
            let headers = response.headers_mut();
            headers.insert(
                header::CONTENT_TYPE,
                HeaderValue::from_static(format.media()),
            );
            if let Ok(name) = HeaderValue::from_str(&name) {
                headers.insert(header::CONTENT_DISPOSITION, name);
            }
            response
        }
        Err(No::Theirs(complaint)) => reply.refuse(&complaint),
        Err(No::Ours(fault)) => {
            tracing::error!(request_id = id, fault, "an export failed");
            reply.fail(&id)
        }
    };
    let headers = response.headers_mut();
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let status = response.status().as_u16();
    // What follows is read page by page as it is taken.
    tracing::info!(
        request_id = id,
        operation = "audit export",
        format = format.word(),
        user = told.user,
        status,
        statements = told.statements,
        duration_ms = begun.elapsed().as_secs_f64() * 1000.0,
        "request"
    );
    response
}

/// What the log says of an export, once it is known.
#[derive(Default)]
struct Told {
    user: Option<i64>,
    statements: u32,
}

/// Why there is no export.
enum No {
    /// Something that the caller can do something about.
    Theirs(Complaint),
    /// Our own fault, for the log.
    Ours(String),
}

impl From<store::Fault> for No {
    fn from(fault: store::Fault) -> Self {
        Self::Ours(fault.inside().to_owned())
    }
}

impl From<Error> for No {
    fn from(error: Error) -> Self {
        match error {
            Error::Unauthenticated => Self::Theirs(Complaint::SignIn),
            Error::MustChangePassword => Self::Theirs(Complaint::MustChangePassword),
            Error::MustSetUpSecondFactor => Self::Theirs(Complaint::MustSetUpSecondFactor),
            Error::Refused(_) => Self::Theirs(Complaint::NotAuditAdministrator),
            Error::Fault(fault) => fault.into(),
            other => Self::Ours(format!("{other:?}")),
        }
    }
}

async fn begin(
    app: &App,
    token: Option<&str>,
    origin: Origin,
    filter: Filter,
    format: Format,
    told: &mut Told,
) -> Result<Body, No> {
    let call = app.store().system().call(token, origin).await?;
    told.user = call.viewer().map(|viewer| viewer.account.id.0);
    let opened = open(app, &call, filter, format).await;
    told.statements = call.statements();
    opened
}

/// Begins the file, for who may have it.
async fn open(app: &App, call: &Call, filter: Filter, format: Format) -> Result<Body, No> {
    if let Err(error) = call.audit_administrator() {
        if let Some(reason) = refused::why(&error) {
            refused(call, reason).await;
        }
        return Err(error.into());
    }
    let filter = match filter {
        Ok(Query(filter)) => {
            read(filter).map_err(|name| No::Theirs(Complaint::ExportFilter { name }))
        }
        Err(_) => Err(No::Theirs(Complaint::Parameter { name: "query" })),
    };
    let filter = match filter {
        Ok(filter) => filter,
        Err(no) => {
            refused(call, "INVALID filter".to_owned()).await;
            return Err(no);
        }
    };
    let charged = Charge::of(FILE, call).take(app);
    charged.map_err(No::Theirs)?;
    let Ok(place) = app.parts.exports.clone().try_acquire_owned() else {
        refused(call, "TOO_MANY_EXPORTS".to_owned()).await;
        return Err(No::Theirs(Complaint::TooManyExports));
    };
    let export = call.export_audit(&filter, format.word()).await?;
    let timeout = app.parts.timeout;
    let first = match format {
        // Spreadsheets take text without the mark for another encoding.
        Format::Csv => Some(format!("\u{feff}{}\r\n", COLUMNS.join(","))),
        Format::Jsonl => None,
    };
    let pages = stream::try_unfold(
        (export, place, first),
        move |(mut export, place, first)| async move {
            if let Some(first) = first {
                return Ok(Some((first.into_bytes(), (export, place, None))));
            }
            let page = tokio::time::timeout(timeout, next(&mut export, format)).await;
            let page = page.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
            Ok::<_, io::Error>(page.map(|page| (page, (export, place, None))))
        },
    );
    Ok(Body::from_stream(pages))
}

/// Writes down that somebody tried.
async fn refused(call: &Call, reason: String) {
    let object = ("AuditEntry".to_owned(), None);
    refused::record(call, "EXPORT_AUDIT", object, reason).await;
}

/// The next part of the file; none at its end. A part that fails ends the answer in the middle, so that nobody takes it for
/// the whole.
async fn next(export: &mut AuditExport, format: Format) -> io::Result<Option<Vec<u8>>> {
    let lines = export.next().await.map_err(|error| {
        tracing::warn!(?error, "an audit export ended early");
        io::Error::other("the export ended early")
    })?;
    if lines.is_empty() {
        return Ok(None);
    }
    match format {
        Format::Jsonl => {
            let lines = lines
                .into_iter()
                .flat_map(|line| [line.json, "\n".to_owned()]);
            Ok(Some(lines.collect::<String>().into_bytes()))
        }
        Format::Csv => table(&lines).map(Some),
    }
}

const COLUMNS: [&str; 13] = [
    "sequence",
    "occurredAt",
    "username",
    "unit",
    "grants",
    "ipAddress",
    "requestId",
    "action",
    "objectType",
    "object",
    "outcome",
    "changes",
    "hash",
];

fn table(lines: &[AuditLine]) -> io::Result<Vec<u8>> {
    let mut out = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    for line in lines {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let number = |number: Option<i64>| number.map(|number| number.to_string());
        let cells: [String; COLUMNS.len()] = [
            line.sequence.to_string(),
            line.occurred_at.to_rfc3339(),
            text(&line.username),
            number(line.unit).unwrap_or_default(),
            line.grants.clone(),
            text(&line.address),
            text(&line.request_id),
            line.action.clone(),
            line.object_type.clone(),
            number(line.object_id).unwrap_or_default(),
            line.outcome.clone(),
            line.changes.clone(),
            line.hash.clone(),
        ];
        out.write_record(cells.map(harmless))
            .map_err(io::Error::other)?;
    }
    out.into_inner().map_err(|error| error.into_error())
}

/// A cell that no spreadsheet takes for a formula: what could be one gets an apostrophe before it.
fn harmless(cell: String) -> String {
    let formula = |c: char| "=+-@＝＋－＠|%".contains(c);
    let first = cell.chars().find(|c| !c.is_whitespace());
    if first.is_some_and(formula) || cell.starts_with(char::is_control) {
        format!("'{cell}")
    } else {
        cell
    }
}

/// The filter of the query: the names of `auditEntries(filter:)`, but that acts are one text with commas.
fn read(given: BTreeMap<String, String>) -> Result<AuditFilter, String> {
    let mut filter = AuditFilter::default();
    for (name, value) in given {
        let wrong = || format!("{name}={value}");
        let moment = || graphql::moment(&value).ok_or_else(wrong);
        if value.contains('\0') {
            return Err(wrong());
        }
        match name.as_str() {
            "actorId" => filter.actor = Some(graphql::audited_user(&value)),
            "username" => filter.username = Some(value),
            "actions" => {
                let words = value.split(',').map(|word| {
                    let word = word.trim();
                    let known = graphql::is_audited(word);
                    known
                        .then(|| word.to_owned())
                        .ok_or_else(|| format!("{name}={word}"))
                });
                filter.actions = Some(words.collect::<Result<_, _>>()?);
            }
            "objectId" => {
                let (of, id) = graphql::audited_object(&value);
                filter.object_types.push(of);
                filter.object_id = Some(id);
            }
            "objectType" => filter.object_types.push(value),
            "outcome" => {
                filter.outcome = Some(AuditOutcome::from_word(&value).ok_or_else(wrong)?);
            }
            "from" => filter.from = Some(moment()?),
            "until" => filter.until = Some(moment()?),
            "requestId" => filter.request_id = Some(value),
            "ipAddress" => filter.address = Some(value),
            _ => return Err(name),
        }
    }
    Ok(filter)
}

#[cfg(test)]
mod tests {
    use entity::ids::UserId;

    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for (cell, expected) in [
            ("", ""),
            ("SIGN_IN", "SIGN_IN"),
            ("{\"a\":1}", "{\"a\":1}"),
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            (" =1", "' =1"),
            ("\t=1", "'\t=1"),
            ("\rx", "'\rx"),
            ("＝1", "'＝1"),
            ("|cmd", "'|cmd"),
        ] {
            assert_eq!(harmless(cell.to_owned()), expected, "{cell}");
        }
    }

    #[test]
    fn a_filter_is_read_or_refused() {
        let given = |pairs: &[(&str, &str)]| {
            let pairs = pairs
                .iter()
                .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()));
            read(pairs.collect())
        };
        let filter = given(&[
            ("username", " Office"),
            ("actions", "SIGN_IN, SIGN_OUT"),
            ("outcome", "REFUSED"),
            ("from", "2022-06-01T00:00:00+08:00"),
        ]);
        let filter = filter.unwrap();
        // The store brings it to its one form.
        assert_eq!(filter.username.as_deref(), Some(" Office"));
        assert_eq!(filter.actions.unwrap(), ["SIGN_IN", "SIGN_OUT"]);
        assert_eq!(filter.outcome, Some(AuditOutcome::Refused));
        assert_eq!(
            filter.from.unwrap().to_rfc3339(),
            "2022-05-31T16:00:00+00:00"
        );
        // `User:7` and `Target:9`.
        let filter = given(&[
            ("actorId", "VXNlcjo3"),
            ("objectId", "VGFyZ2V0Ojk"),
            ("objectType", "Target"),
        ]);
        let filter = filter.unwrap();
        assert_eq!(filter.actor, Some(Some(UserId(7))));
        assert_eq!(filter.object_types, ["Target", "Target"]);
        assert_eq!(filter.object_id, Some(9));
        for nobodys in ["x", "VGFyZ2V0Ojk"] {
            let filter = given(&[("actorId", nobodys)]).unwrap();
            assert_eq!(filter.actor, Some(None));
        }
        let filter = given(&[("objectId", "x")]).unwrap();
        assert_eq!(filter.object_types, [""]);
        for (name, value) in [
            ("outcome", "x"),
            ("from", "today"),
            ("colour", "red"),
            ("actions", "SIGN_IN,NONSENSE"),
        ] {
            assert!(given(&[(name, value)]).unwrap_err().contains(name));
        }
    }
}
