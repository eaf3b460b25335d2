//! Mutations that a client may send again (`clientMutationId`): nothing is done twice.

use async_graphql::InputType;
use domain::Reason;
use store::Once;

/// The most characters of a `clientMutationId`.
const LONGEST: usize = 100;

/// What tells a mutation from others: its name and its whole input. None when the client gave it no ID.
///
/// # Errors
/// Refused: an ID that is empty or too long.
pub(crate) fn once(
    mutation: &str,
    input: &impl InputType,
    client_mutation_id: Option<&str>,
) -> store::Result<Option<Once>> {
    let Some(id) = client_mutation_id else {
        return Ok(None);
    };
    if id.is_empty() {
        return Err(Reason::Blank.at("clientMutationId").into());
    }
    if id.contains('\0') {
        return Err(Reason::UnfitCharacter { character: '\0' }
            .at("clientMutationId")
            .into());
    }
    if id.chars().count() > LONGEST {
        return Err(Reason::TextTooLong { most: LONGEST }
            .at("clientMutationId")
            .into());
    }
    let input = input.to_value().to_string();
    Ok(Some(Once::new(id, mutation, &input)))
}

/// Runs an act, once for each `clientMutationId` of its input; a refused ID is the act's outcome.
macro_rules! acted {
    ($mutation:literal, $input:ident, |$once:ident| $act:expr) => {
        match $crate::mutation::once::once($mutation, &$input, $input.client_mutation_id.as_deref())
        {
            Ok(kept) => {
                let $once = kept.as_ref();
                $act.await
            }
            Err(error) => Err(error),
        }
    };
}
pub(super) use acted;
