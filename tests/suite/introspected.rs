//! The schema as a client reads it, for tests that look at all of it.

use std::collections::BTreeMap;

use serde_json::Value;
use tests::App;

/// The types by their names, as introspection tells them.
pub(crate) struct Schema(pub(crate) BTreeMap<String, Value>);

impl Schema {
    pub(crate) async fn of(app: &App) -> Self {
        let office = app.sign_in("office").await;
        let answer = office.query(include_str!("introspection.graphql")).await;
        let types = answer.data("/__schema/types").as_array().unwrap();
        let named = types.iter().map(|of| (name(of).to_owned(), of.clone()));
        Self(named.collect())
    }

    /// The words of an enum; none of any other type.
    pub(crate) fn words(&self, of: &str) -> Vec<String> {
        let values = self.0[of]["enumValues"].as_array();
        let words = values
            .into_iter()
            .flatten()
            .map(|word| name(word).to_owned());
        words.collect()
    }
}

pub(crate) fn name(of: &Value) -> &str {
    of["name"].as_str().unwrap_or_default()
}

/// The name of a type, whatever it is wrapped in.
pub(crate) fn bare(of: &Value) -> &str {
    of["name"].as_str().unwrap_or_else(|| bare(&of["ofType"]))
}
