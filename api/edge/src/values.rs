//! How many values a request brings. One of two letters takes some seventy bytes when it has been read, so that they are counted in the
//! text, before it is; and what an operation does not declare is let go.

use async_graphql_parser::types::OperationDefinition;
use async_graphql_value::{ConstValue, Variables};
use serde_json::{Map, Value};

use crate::complaint::{Complaint, Measure};

fn at_most(found: usize, most: usize) -> Result<(), Complaint> {
    if found > most {
        let (what, most) = (Measure::Values, most as u64);
        return Err(Complaint::TooMuch { what, most });
    }
    Ok(())
}

/// Whether a text of JSON holds no more values than may be: each but the first stands behind a bracket or a comma.
pub(crate) fn of_text(text: &[u8], most: usize) -> Result<(), Complaint> {
    let (mut found, mut in_string, mut escaped) = (1, false, false);
    for byte in text {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b',' | b'[' | b'{' if !in_string => found += 1,
            _ => {}
        }
    }
    at_most(found, most)
}

/// The values of the variables that an operation declares, of which there are no more than may be: those that are given, and the
/// defaults of others (GraphQL §6.1.2). The library forgets defaults where it skips and includes.
pub(crate) fn of_operation(
    mut given: Map<String, Value>,
    operation: &OperationDefinition,
    most: usize,
) -> Result<Variables, Complaint> {
    let mut declared = Map::new();
    for definition in &operation.variable_definitions {
        let name = definition.node.name.node.as_str();
        if let Some(value) = given.remove(name) {
            declared.insert(name.to_owned(), value);
        }
    }
    drop(given);
    at_most(declared.values().map(count).sum(), most)?;
    let mut variables = match ConstValue::from_json(Value::Object(declared)) {
        Ok(ConstValue::Object(variables)) => variables,
        Ok(_) => return Err(Complaint::Parameter { name: "variables" }),
        // Values in values are as limited as brackets in brackets.
        Err(_) => {
            return Err(Complaint::TooMuch {
                what: Measure::Nesting,
                most: 128,
            });
        }
    };
    for definition in &operation.variable_definitions {
        let (name, default) = (&definition.node.name, &definition.node.default_value);
        if let Some(default) = default {
            let value = variables.entry(name.node.clone());
            value.or_insert_with(|| default.node.clone());
        }
    }
    Ok(Variables::from_value(ConstValue::Object(variables)))
}

/// A value, and the values in it.
fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(fields) => fields.values().map(count).sum(),
        _ => 0,
    }
}
