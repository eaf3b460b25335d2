//! From an HTTP request, or a message over a socket, to a GraphQL request that may run, or to the answer that refuses it.
//!
//! A request is authorised by its Authorization header alone, never by a cookie: a page of another origin cannot make a
//! browser send one without a preflight, so that plain GET queries are no way in.

use async_graphql::{Request, Response};
use async_graphql_parser::{
    parse_query,
    types::{ExecutableDocument, OperationType},
};
use async_graphql_value::Variables;
use axum::http::{HeaderMap, HeaderName, Method, Uri, header};
use domain::Language;
use serde_json::{Map, Value};

use crate::{
    Limits, Media, Reply,
    complaint::{Complaint, Measure},
    document, expansion, language, merge, path, scan,
    schema::{Priced, Scalar, Schema},
    sign_in::{self, Proving},
    subscription,
    trust::{Documents, Found, Trust},
    typename,
    upload::{self, Form},
    values, variables,
    way::short,
};

/// The most characters of an operation's name that are kept for the log.
const NAME: usize = 100;

/// The edge of a server.
#[derive(Debug)]
pub struct Edge {
    schema: Schema,
    limits: Limits,
    introspection: bool,
    documents: Documents,
}

/// A request that may run.
#[derive(Debug)]
pub struct Accepted {
    /// The request, its document parsed.
    pub request: Request,
    /// What was asked, for when the answer has errors.
    pub asked: Asked,
    /// The operation's name, for the log: its first hundred characters.
    pub operation: Option<String>,
    /// What sort of operation it is.
    pub kind: Kind,
    /// What it costs.
    pub cost: u64,
    /// It is none of the documents that are trusted, and the log is to say so.
    pub untrusted: bool,
    /// What it has passwords hashed for, or goes on with: one for each time.
    pub proving: Vec<Proving>,
}

/// What was asked.
#[derive(Clone, Debug)]
pub struct Asked {
    text: String,
    name: Option<String>,
}

/// The sorts of operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Reads.
    Query,
    /// Changes.
    Mutation,
    /// Answers as often as something happens.
    Subscription,
}

impl Kind {
    /// The word for the log.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Mutation => "mutation",
            Self::Subscription => "subscription",
        }
    }
}

/// How a request came.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transport {
    Get,
    Post,
    Socket,
}

/// The parameters of a request (GraphQL over HTTP, §5.1).
#[derive(Default)]
pub(crate) struct Parameters {
    query: String,
    /// The ID of a document, instead of its text.
    document: Option<String>,
    operation_name: Option<String>,
    /// As they came: what becomes of them is known when it is known which are declared.
    variables: Map<String, Value>,
}

impl Edge {
    /// The edge of a server with this schema, in GraphQL's own language, with the scalars that are its own and the prices that it does not tell.
    ///
    /// # Errors
    /// The schema cannot be read, has a scalar that is not among them, or has no such list.
    pub fn new(
        sdl: &str,
        scalars: &[Scalar],
        priced: &[Priced],
        limits: Limits,
        introspection: bool,
    ) -> Result<Self, String> {
        Ok(Self {
            schema: Schema::read(sdl, scalars, priced)?,
            limits,
            introspection,
            documents: Documents::default(),
        })
    }

    /// The same edge, which trusts these documents.
    ///
    /// # Errors
    /// Each document that could never run as it is, and why not: `client: the text: the reason`.
    pub fn trusting(self, documents: Documents) -> Result<Self, Vec<String>> {
        let wrong: Vec<String> = documents
            .texts()
            .filter_map(|(client, text)| {
                let complaint = self.examine(text).err()?;
                let why = complaint.error(Language::En).message;
                Some(format!("{client}: {}: {why}", opening(text)))
            })
            .collect();
        if wrong.is_empty() {
            Ok(Self { documents, ..self })
        } else {
            Err(wrong)
        }
    }

    /// Looks at a document, without anybody's variables.
    fn examine(&self, text: &str) -> Result<(), Complaint> {
        scan::scan(text, &self.limits)?;
        let document = parse(&scan::plain_escapes(text))?;
        variables::check_definitions(&document, &self.schema)?;
        let none = Variables::default();
        expansion::check(&document, &none, &self.limits)?;
        for (_, operation) in document.operations.iter() {
            let schema = &self.schema;
            let defaults = values::of_operation(Map::new(), &operation.node, 0)?;
            document::check(
                &document,
                &operation.node,
                &defaults,
                schema,
                &self.limits,
                self.introspection,
            )?;
            merge::check(&document, &operation.node, schema, &self.limits)?;
        }
        Ok(())
    }

    /// The limits.
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// In which form and language the answer will be.
    ///
    /// # Errors
    /// The caller accepts no form that there is.
    pub fn reply(headers: &HeaderMap) -> Result<Reply, (Reply, Complaint)> {
        // Several lines are one list (RFC 9110 §5.3).
        let list = |name: HeaderName| {
            let lines = headers.get_all(name);
            let lines = lines.iter().filter_map(|value| value.to_str().ok());
            let lines: Vec<&str> = lines.collect();
            (!lines.is_empty()).then(|| lines.join(","))
        };
        let language: Language = language(list(header::ACCEPT_LANGUAGE).as_deref());
        match Media::accepted(list(header::ACCEPT).as_deref()) {
            Some(media) => Ok(Reply { media, language }),
            None => Err((
                Reply {
                    media: Media::Json,
                    language,
                },
                Complaint::NotAcceptable,
            )),
        }
    }

    /// Looks at the method and the body's type, before the body is read: whether [`Edge::receive`] will read it, or
    /// [`Edge::receive_parts`].
    ///
    /// # Errors
    /// Neither GET nor POST; a body that is neither JSON nor in parts; or one in parts without a header that a page of
    /// another origin can send only after a preflight.
    pub fn admit(method: &Method, headers: &HeaderMap) -> Result<Form, Complaint> {
        match *method {
            Method::GET => Ok(Form::Plain),
            Method::POST if is_json(headers) => Ok(Form::Plain),
            Method::POST => upload::form(headers)?.ok_or(Complaint::MediaType),
            _ => Err(Complaint::Method),
        }
    }

    /// Reads a request and looks at its document.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn receive(&self, method: &Method, uri: &Uri, body: &[u8]) -> Result<Accepted, Complaint> {
        if *method == Method::GET {
            let parameters = Parameters::of_url(uri, self.limits.values)?;
            self.prepare(parameters, Transport::Get, &[])
        } else {
            let parameters = Parameters::of_body(body, self.limits.values)?;
            self.prepare(parameters, Transport::Post, &[])
        }
    }

    /// Looks at the document of a request that came over a socket: as [`Edge::receive`] does, but a subscription may
    /// run, too.
    ///
    /// # Errors
    /// What is wrong with it. [`Complaint::Parameter`] and [`Complaint::NotJson`] are about the form of the message.
    pub fn subscribe(&self, payload: Map<String, Value>) -> Result<Accepted, Complaint> {
        self.prepare(Parameters::of_object(payload)?, Transport::Socket, &[])
    }

    /// Makes the paths of an answer's errors whole: those of fields below a list, which the library cuts.
    pub fn whole_paths(&self, response: &mut Response, asked: &Asked) {
        if !response
            .errors
            .iter()
            .any(|error| path::is_cut(&error.path))
        {
            return;
        }
        let Ok(document) = parse(&asked.text) else {
            return;
        };
        if let Ok(operation) = document::operation(&document, asked.name.as_deref()) {
            path::mend(response, &document, operation, &self.schema);
        }
    }

    /// Looks at a document, and at its variables. `uploads` are the paths that files will come to.
    pub(crate) fn prepare(
        &self,
        parameters: Parameters,
        by: Transport,
        uploads: &[&str],
    ) -> Result<Accepted, Complaint> {
        let Parameters {
            query,
            document,
            operation_name,
            variables: given,
        } = parameters;
        // Before anything is parsed.
        let Found { query, trusted } = self.documents.find(document.as_deref(), query)?;
        let untrusted = !trusted && self.documents.trust() == Trust::Log;
        if query.trim().is_empty() {
            return Err(Complaint::NoQuery);
        }
        scan::scan(&query, &self.limits)?;
        let query = scan::plain_escapes(&query).into_owned();
        let mut document = parse(&query)?;
        // A cycle, or a document that is too large, is found before anything else follows it.
        let operation = document::operation(&document, operation_name.as_deref())?;
        let mut variables = values::of_operation(given, operation, self.limits.values)?;
        expansion::check(&document, &variables, &self.limits)?;
        let cost = document::check(
            &document,
            operation,
            &variables,
            &self.schema,
            &self.limits,
            self.introspection,
        )?;
        merge::check(&document, operation, &self.schema, &self.limits)?;
        variables::check_definitions(&document, &self.schema)?;
        variables::expect_uploads(operation, &mut variables, uploads, &self.schema)?;
        variables::check(&document, operation, &variables, &self.schema)?;
        let proving = sign_in::proving(&document, operation, &variables);
        let kind = match (operation.ty, by) {
            (OperationType::Query, _) => Kind::Query,
            (OperationType::Mutation, Transport::Get) => return Err(Complaint::MutationByGet),
            (OperationType::Mutation, _) => Kind::Mutation,
            (OperationType::Subscription, Transport::Socket) => Kind::Subscription,
            (OperationType::Subscription, _) => return Err(Complaint::NeedsSocket),
        };
        if kind == Kind::Subscription {
            let root = self.schema.root(OperationType::Subscription);
            subscription::settle(&mut document, operation_name.as_deref(), root)?;
        }
        typename::wrap(&mut document)?;
        let asked = Asked {
            text: query.clone(),
            name: operation_name.clone(),
        };
        let mut request = Request::new(query).variables(variables);
        if let Some(name) = &operation_name {
            request = request.operation_name(name);
        }
        let operation = operation_name.or_else(|| {
            let first = document.operations.iter().next();
            first.and_then(|(name, _)| name.map(ToString::to_string))
        });
        let operation = operation.map(|name| name.chars().take(NAME).collect());
        request.set_parsed_query(document);
        Ok(Accepted {
            request,
            asked,
            operation,
            kind,
            cost,
            untrusted,
            proving,
        })
    }
}

/// Parses a document.
fn parse(text: &str) -> Result<ExecutableDocument, Complaint> {
    use async_graphql_parser::Error;
    parse_query(text).map_err(|error| {
        let at = error.positions().next();
        match error {
            Error::OperationDuplicated { operation, .. } => Complaint::OperationTwice {
                name: short(&operation),
                at,
            },
            Error::FragmentDuplicated { fragment, .. } => Complaint::FragmentTwice {
                name: short(&fragment),
                at,
            },
            Error::MultipleOperations { .. } => Complaint::NamelessOperation { at },
            Error::MissingOperation => Complaint::NoOperation,
            Error::RecursionLimitExceeded => Complaint::TooMuch {
                what: Measure::Nesting,
                most: scan::NESTING as u64,
            },
            _ => Complaint::Syntax { at },
        }
    })
}

/// `application/json`, in UTF-8 if a charset is named.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
    else {
        return false;
    };
    let mut parts = value.split(';').map(str::trim);
    let json = parts
        .next()
        .is_some_and(|name| name.eq_ignore_ascii_case("application/json"));
    json && parts.all(|parameter| match parameter.split_once('=') {
        Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
            value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
        }
        _ => true,
    })
}

impl Parameters {
    pub(crate) fn of_body(body: &[u8], most_values: usize) -> Result<Self, Complaint> {
        values::of_text(body, most_values)?;
        match serde_json::from_slice(body) {
            Ok(Value::Object(body)) => Self::of_object(body),
            Ok(Value::Array(_)) => Err(Complaint::Batch),
            Ok(_) | Err(_) => Err(Complaint::NotJson),
        }
    }

    fn of_object(mut body: Map<String, Value>) -> Result<Self, Complaint> {
        if !matches!(
            body.get("extensions"),
            None | Some(Value::Null | Value::Object(_))
        ) {
            return Err(Complaint::Parameter { name: "extensions" });
        }
        let document = document_of(&body)?;
        Ok(Self {
            document,
            query: match body.remove("query") {
                Some(Value::String(query)) => query,
                None | Some(Value::Null) => String::new(),
                Some(_) => return Err(Complaint::Parameter { name: "query" }),
            },
            operation_name: match body.remove("operationName") {
                Some(Value::String(name)) => Some(name).filter(|name| !name.is_empty()),
                None | Some(Value::Null) => None,
                Some(_) => {
                    return Err(Complaint::Parameter {
                        name: "operationName",
                    });
                }
            },
            variables: match body.remove("variables") {
                Some(Value::Object(variables)) => variables,
                None | Some(Value::Null) => Map::new(),
                Some(_) => return Err(Complaint::Parameter { name: "variables" }),
            },
        })
    }

    fn of_url(uri: &Uri, most_values: usize) -> Result<Self, Complaint> {
        let mut parameters = Self::default();
        let query = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(uri)
            .map_err(|_| Complaint::Parameter { name: "query" })?;
        for (name, value) in query.0 {
            if matches!(name.as_str(), "variables" | "extensions") {
                values::of_text(value.as_bytes(), most_values)?;
            }
            match name.as_str() {
                "query" => parameters.query = value,
                "documentId" => parameters.document = Some(value),
                "id" => {
                    parameters.document.get_or_insert(value);
                }
                "operationName" => {
                    parameters.operation_name = Some(value).filter(|name| !name.is_empty());
                }
                "variables" | "extensions" if value.is_empty() => {}
                "variables" => match serde_json::from_str(&value) {
                    Ok(Value::Object(variables)) => parameters.variables = variables,
                    Ok(Value::Null) => {}
                    _ => return Err(Complaint::Parameter { name: "variables" }),
                },
                "extensions" => match serde_json::from_str(&value) {
                    Ok(Value::Object(extensions)) => {
                        if let Some(hash) = persisted(&extensions) {
                            parameters.document.get_or_insert_with(|| hash.to_owned());
                        }
                    }
                    Ok(Value::Null) => {}
                    _ => return Err(Complaint::Parameter { name: "extensions" }),
                },
                _ => {}
            }
        }
        Ok(parameters)
    }
}

/// The ID of the document that a body names: `documentId`, what Apollo calls a persisted query, or Relay's `id`.
fn document_of(body: &Map<String, Value>) -> Result<Option<String>, Complaint> {
    match body.get("documentId") {
        Some(Value::String(id)) => return Ok(Some(id.clone())),
        None | Some(Value::Null) => {}
        Some(_) => return Err(Complaint::Parameter { name: "documentId" }),
    }
    let extensions = body.get("extensions").and_then(Value::as_object);
    let id = extensions
        .and_then(persisted)
        .or_else(|| body.get("id").and_then(Value::as_str));
    Ok(id.map(str::to_owned))
}

fn persisted(extensions: &Map<String, Value>) -> Option<&str> {
    extensions
        .get("persistedQuery")?
        .get("sha256Hash")?
        .as_str()
}

/// How a document begins, for a message.
pub fn opening(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = words.join(" ");
    line.chars().take(60).collect()
}
