//! Errors as callers see them. `ApiError` has no `Display` on purpose: nothing can turn another error's text into one.

use std::sync::Arc;

use async_graphql::{Enum, Error, ErrorExtensions, Response, ServerError, SimpleObject};
use domain::{Code, Language, Refusal};

use crate::{
    attempt::Forbidden,
    messages::{self, Trouble},
    request::Request,
};

/// What has no payload to put an error in: a GraphQL error with a code.
#[derive(Clone, Debug)]
pub(crate) struct ApiError {
    code: &'static str,
    message: String,
    /// The argument that is meant, with the way into it, such as `weights.progress`.
    field: Option<String>,
    request_id: Option<String>,
    /// Why it is forbidden, for the audit log.
    forbidden: Option<Forbidden>,
}

impl ApiError {
    /// An error of the store, for a caller. Faults go to the log; the caller gets the request's ID.
    pub(crate) fn of(error: store::Error, language: Language, request_id: &str) -> Self {
        let (code, trouble) = match error {
            store::Error::Unauthenticated => ("UNAUTHENTICATED", Trouble::Unauthenticated),
            store::Error::MustChangePassword => ("FORBIDDEN", Trouble::MustChangePassword),
            store::Error::MustSetUpSecondFactor => ("FORBIDDEN", Trouble::MustSetUpSecondFactor),
            store::Error::BadInput(input) => {
                return Self {
                    code: "BAD_USER_INPUT",
                    message: messages::trouble(Trouble::BadInput(input), language),
                    field: Some(input.argument().to_owned()),
                    request_id: None,
                    forbidden: None,
                };
            }
            store::Error::Refused(refusals) => {
                let worded = |refusal: &Refusal| messages::reason(&refusal.reason, language);
                let messages: Vec<String> = refusals.iter().map(worded).collect();
                let code = refusals
                    .first()
                    .map_or(Code::Invalid, |refusal| refusal.reason.code());
                let named = refusals.first().map(|refusal| refusal.field.join("."));
                return Self {
                    code: code_word(code),
                    message: messages.join(" "),
                    field: named.filter(|name| !name.is_empty()),
                    request_id: None,
                    forbidden: Forbidden::of(&refusals),
                };
            }
            store::Error::Fault(fault) => {
                tracing::error!(request_id, fault = fault.inside(), "a request failed");
                return Self {
                    code: "INTERNAL",
                    message: messages::trouble(Trouble::Internal, language),
                    field: None,
                    request_id: Some(request_id.to_owned()),
                    forbidden: None,
                };
            }
        };
        Self {
            code,
            message: messages::trouble(trouble, language),
            field: None,
            request_id: None,
            forbidden: None,
        }
    }

    /// No such thing, or none that the caller may see: never told apart.
    pub(crate) fn not_found(request: &Request) -> Self {
        Self {
            code: "NOT_FOUND",
            message: messages::trouble(Trouble::NotFound, request.language),
            field: None,
            request_id: None,
            forbidden: None,
        }
    }

    /// An argument that makes no sense.
    pub(crate) fn bad_input(request: &Request, trouble: Trouble<'_>, field: &str) -> Self {
        Self {
            code: "BAD_USER_INPUT",
            message: messages::trouble(trouble, request.language),
            field: Some(field.to_owned()),
            request_id: None,
            forbidden: None,
        }
    }
}

/// The answer when there is nothing but an error.
pub(crate) fn failed(error: ApiError) -> Response {
    let Error {
        message,
        extensions,
        ..
    } = error.into();
    let mut error = ServerError::new(message, None);
    error.extensions = extensions;
    Response::from_errors(vec![error])
}

impl From<ApiError> for Error {
    fn from(error: ApiError) -> Self {
        let forbidden = error.forbidden;
        let mut told = Error::new(error.message).extend_with(|_, extensions| {
            extensions.set("code", error.code);
            if let Some(field) = error.field {
                extensions.set("field", field);
            }
            if let Some(request_id) = error.request_id {
                extensions.set("requestId", request_id);
            }
        });
        told.source = forbidden.map(|why| Arc::new(why) as _);
        told
    }
}

/// What a caller can do about a refusal.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UserErrorCode {
    /// There is no such thing, or none that you may see.
    NotFound,
    /// The input is not acceptable; `field` says which part.
    Invalid,
    /// You see the object, but may not do this to it.
    Forbidden,
    /// The object is not in a state in which this makes sense.
    WrongState,
    /// Somebody else changed the object meanwhile: read `currentVersion` and try again. Or the same `clientMutationId`
    /// came before, with another input.
    Conflict,
    /// The period takes no reports now; the message says until or since when, and by whom or which rule.
    Locked,
    /// More than one request may carry.
    TooLarge,
    /// The password is right, and the account has a second factor: send its code in `secondFactor`, or another one if the one
    /// that you sent was wrong or used before.
    SecondFactorRequired,
}

impl From<Code> for UserErrorCode {
    fn from(code: Code) -> Self {
        match code {
            Code::NotFound => Self::NotFound,
            Code::Invalid => Self::Invalid,
            Code::Forbidden => Self::Forbidden,
            Code::WrongState => Self::WrongState,
            Code::Conflict => Self::Conflict,
            Code::Locked => Self::Locked,
            Code::TooLarge => Self::TooLarge,
            Code::SecondFactorRequired => Self::SecondFactorRequired,
        }
    }
}

const fn code_word(code: Code) -> &'static str {
    match code {
        Code::NotFound => "NOT_FOUND",
        Code::Forbidden => "FORBIDDEN",
        Code::Invalid
        | Code::WrongState
        | Code::Conflict
        | Code::Locked
        | Code::TooLarge
        | Code::SecondFactorRequired => "BAD_USER_INPUT",
    }
}

/// Why a mutation was refused: something that the person who asked can act on.
#[derive(SimpleObject, Debug)]
pub(crate) struct UserError {
    /// What sort of refusal it is.
    code: UserErrorCode,
    /// The place inside `input`, such as `["unitIds", "2"]`; null when the act as a whole is refused.
    field: Option<Vec<String>>,
    /// For people, in the language that Accept-Language asks for: zh-CN (the default) or en.
    message: String,
    /// The version that the object has now, when the refusal is about versions.
    current_version: Option<i32>,
}

impl UserError {
    fn of(refusal: Refusal, language: Language) -> Self {
        Self {
            code: refusal.reason.code().into(),
            current_version: refusal.reason.current_version(),
            message: messages::reason(&refusal.reason, language),
            field: (!refusal.field.is_empty()).then_some(refusal.field),
        }
    }
}

/// Sorts the outcome of an act: its result, or why it was refused, or an error that is not for the payload.
pub(crate) fn settle<T>(
    request: &Request,
    outcome: store::Result<T>,
) -> Result<(Option<T>, Vec<UserError>), ApiError> {
    match outcome {
        Ok(done) => Ok((Some(done), Vec::new())),
        Err(store::Error::Refused(refusals)) => {
            request.refusals.refused(&refusals);
            let told = |refusal| UserError::of(refusal, request.language);
            Ok((None, refusals.into_iter().map(told).collect()))
        }
        Err(error) => Err(request.error(error)),
    }
}
