//! Whether a document could run, without running it: the library's own validation, and nothing after it.

use std::sync::Arc;

use async_graphql::{
    Request, Response, Schema,
    extensions::{Extension, ExtensionContext, ExtensionFactory, NextExecute},
    parser::parse_query,
};

use futures_util::FutureExt;

use crate::{Mutation, Query, Subscription, builder};

/// Stops a request that validation has let through.
struct Stop;

impl ExtensionFactory for Stop {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_graphql::async_trait::async_trait]
impl Extension for Stop {
    async fn execute(
        &self,
        _: &ExtensionContext<'_>,
        _: Option<&str>,
        _: NextExecute<'_>,
    ) -> Response {
        Response::default()
    }
}

/// Looks at documents as the server would, without running them.
pub struct Validator(Schema<Query, Mutation, Subscription>);

impl Default for Validator {
    fn default() -> Self {
        Self(builder().extension(Stop).finish())
    }
}

impl Validator {
    /// What is wrong with a document, in the library's words; nothing when each of its operations could run.
    pub fn wrong(&self, document: &str) -> Vec<String> {
        let names: Vec<Option<String>> = match parse_query(document) {
            Ok(parsed) => {
                let operations = parsed.operations.iter();
                operations
                    .map(|(name, _)| name.map(ToString::to_string))
                    .collect()
            }
            Err(error) => return vec![error.to_string()],
        };
        let mut wrong = Vec::new();
        for name in names {
            let mut request = Request::new(document);
            request.operation_name = name;
            // Nothing is waited for: what would wait is not run.
            let response = self.0.execute(request).now_or_never();
            let errors = response.into_iter().flat_map(|response| response.errors);
            let messages = errors.map(|error| error.message);
            wrong.extend(
                messages
                    .filter(|message| !wrong.contains(message))
                    .collect::<Vec<_>>(),
            );
        }
        wrong
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_looked_at_and_not_run() {
        let validator = Validator::default();
        for (document, part) in [
            ("query($y: Int!) { plan(year: $y) { id } }", None),
            (
                "mutation { signOut(input: {}) { userErrors { code } } }",
                None,
            ),
            (
                "query A { viewer { permissions } } query B { nothing }",
                Some("nothing"),
            ),
            ("{ plan(year: \"x\") { id } }", Some("Int")),
            ("{ plan { id } }", Some("year")),
            ("{ ...F }", Some("F")),
            ("{", Some("expected")),
        ] {
            let wrong = validator.wrong(document);
            match part {
                None => assert_eq!(wrong, Vec::<String>::new(), "{document}"),
                Some(part) => assert!(
                    wrong.iter().any(|it| it.contains(part)),
                    "{document}: {wrong:?}"
                ),
            }
        }
    }
}
