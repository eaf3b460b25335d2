//! What is refused outside of the schema, for the audit log.

use domain::Code;
use store::{Call, Error, Unsuccessful};

/// Why something is refused, as the log keeps it; none where it is not: a fault of ours, or an input that makes no sense.
pub(super) fn why(error: &Error) -> Option<String> {
    let word = match error {
        Error::Unauthenticated => "UNAUTHENTICATED",
        Error::MustChangePassword => "MUST_CHANGE_PASSWORD",
        Error::MustSetUpSecondFactor => "MUST_SET_UP_SECOND_FACTOR",
        Error::Refused(refusals) => {
            let reason = &refusals.first()?.reason;
            let code = match reason.code() {
                Code::Forbidden => "FORBIDDEN",
                Code::NotFound => "NOT_FOUND",
                _ => "INVALID",
            };
            return Some(format!("{code} {}", reason.name()));
        }
        Error::BadInput(_) | Error::Fault(_) => return None,
    };
    Some(word.to_owned())
}

/// Writes down that somebody tried, up to the log's limit. The answer says the same without it; an operator must know.
pub(super) async fn record(
    call: &Call,
    action: &str,
    object: (String, Option<i64>),
    reason: String,
) {
    let tried = Unsuccessful {
        action: action.to_owned(),
        object,
        failed: false,
        reasons: vec![reason],
    };
    if let Some(written) = call.record(vec![tried]) {
        let _ = written.await;
    }
}
