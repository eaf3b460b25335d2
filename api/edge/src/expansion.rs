//! How large a document becomes once its fragments stand wherever they are spread, and its variables wherever they are named. The library
//! follows the spreads of every operation, and keeps nothing of where it has been, before it validates; and it copies a variable's value for
//! each place that names it. A page of text could keep it busy for days, or have it copy gigabytes.

use std::collections::HashMap;

use async_graphql_parser::{
    Positioned,
    types::{Directive, ExecutableDocument, Selection, SelectionSet},
};
use async_graphql_value::{ConstValue, Name, Value, Variables};

use crate::{
    Limits,
    complaint::{Complaint, Measure},
    document::LEVELS,
};

/// Refuses what becomes too large, of whichever operation or fragment: what is meant is not all that is followed. Comes before
/// whatever else follows them. A fragment that spreads itself is measured once, and refused later.
pub(crate) fn check(
    document: &ExecutableDocument,
    variables: &Variables,
    limits: &Limits,
) -> Result<(), Complaint> {
    let definitions = document.operations.iter().count() + document.fragments.len();
    at_most(Measure::Definitions, definitions as u64, limits.definitions)?;
    let mut expansion = Expansion {
        document,
        variables,
        fragments: HashMap::new(),
        named: HashMap::new(),
        level: 0,
    };
    for (_, operation) in document.operations.iter() {
        let operation = &operation.node;
        let directives = expansion.directives(&operation.directives);
        let set = expansion.set(&operation.selection_set.node)?;
        directives.and(set).fits(limits)?;
    }
    for name in document.fragments.keys() {
        expansion.fragment(name)?.fits(limits)?;
    }
    Ok(())
}

fn at_most(what: Measure, found: u64, most: usize) -> Result<(), Complaint> {
    let most = most as u64;
    if found > most {
        return Err(Complaint::TooMuch { what, most });
    }
    Ok(())
}

/// What something becomes.
#[derive(Clone, Copy, Default)]
struct Size {
    /// Fields and fragments.
    selections: u64,
    /// Values of arguments.
    values: u64,
    /// Bytes of text in them.
    text: u64,
}

impl Size {
    const SELECTION: Self = Self {
        selections: 1,
        values: 0,
        text: 0,
    };

    const fn value(text: usize) -> Self {
        Self {
            selections: 0,
            values: 1,
            text: text as u64,
        }
    }

    const fn and(self, other: Self) -> Self {
        Self {
            selections: self.selections.saturating_add(other.selections),
            values: self.values.saturating_add(other.values),
            text: self.text.saturating_add(other.text),
        }
    }

    fn fits(self, limits: &Limits) -> Result<(), Complaint> {
        at_most(Measure::Selections, self.selections, limits.tokens)?;
        at_most(Measure::Values, self.values, limits.values)?;
        // A large text may be named twice.
        at_most(Measure::Text, self.text, limits.body.saturating_mul(2))
    }

    fn all(parts: impl Iterator<Item = Self>) -> Self {
        parts.fold(Self::default(), Self::and)
    }
}

struct Expansion<'d> {
    document: &'d ExecutableDocument,
    variables: &'d Variables,
    /// The fragments that have been measured, and nothing for one that is being measured.
    fragments: HashMap<&'d str, Size>,
    /// The variables that have been measured.
    named: HashMap<&'d str, Size>,
    /// Selections in selections, fragments followed.
    level: usize,
}

impl<'d> Expansion<'d> {
    fn set(&mut self, set: &'d SelectionSet) -> Result<Size, Complaint> {
        at_most(Measure::Depth, self.level as u64 + 1, LEVELS)?;
        self.level += 1;
        let mut size = Size::default();
        for item in &set.items {
            let part = match &item.node {
                Selection::Field(field) => {
                    let field = &field.node;
                    let arguments = field.arguments.iter();
                    Size::all(arguments.map(|(_, value)| self.value(&value.node)))
                        .and(self.directives(&field.directives))
                        .and(self.set(&field.selection_set.node)?)
                }
                Selection::InlineFragment(fragment) => self
                    .directives(&fragment.node.directives)
                    .and(self.set(&fragment.node.selection_set.node)?),
                Selection::FragmentSpread(spread) => self
                    .directives(&spread.node.directives)
                    .and(self.fragment(&spread.node.fragment_name.node)?),
            };
            size = size.and(part).and(Size::SELECTION);
        }
        self.level -= 1;
        Ok(size)
    }

    /// Nothing for one that there is not: it is counted where it is spread, and validation names it.
    fn fragment(&mut self, name: &str) -> Result<Size, Complaint> {
        let Some((name, fragment)) = self.document.fragments.get_key_value(name) else {
            return Ok(Size::default());
        };
        if let Some(size) = self.fragments.get(name.as_str()) {
            return Ok(*size);
        }
        self.fragments.insert(name, Size::default());
        let fragment = &fragment.node;
        let directives = self.directives(&fragment.directives);
        let size = directives.and(self.set(&fragment.selection_set.node)?);
        self.fragments.insert(name, size);
        Ok(size)
    }

    fn directives(&mut self, directives: &'d [Positioned<Directive>]) -> Size {
        let arguments = directives.iter().flat_map(|it| &it.node.arguments);
        Size::all(arguments.map(|(_, value)| self.value(&value.node)))
    }

    fn value(&mut self, value: &'d Value) -> Size {
        match value {
            Value::Variable(name) => self.variable(name),
            Value::List(items) => {
                Size::all(items.iter().map(|it| self.value(it))).and(Size::value(0))
            }
            Value::Object(fields) => {
                Size::all(fields.values().map(|it| self.value(it))).and(Size::value(0))
            }
            Value::String(text) => Size::value(text.len()),
            _ => Size::value(0),
        }
    }

    /// What is given for it, or its default: the largest, where several operations define it.
    fn variable(&mut self, name: &'d Name) -> Size {
        let (document, variables) = (self.document, self.variables);
        *self.named.entry(name.as_str()).or_insert_with(|| {
            let given = variables.get(name).map(constant);
            let operations = document.operations.iter();
            let definitions =
                operations.flat_map(|(_, operation)| &operation.node.variable_definitions);
            let defaults = definitions
                .filter(|definition| definition.node.name.node == *name)
                .filter_map(|definition| definition.node.default_value())
                .map(constant);
            given
                .into_iter()
                .chain(defaults)
                .fold(Size::value(0), |largest, size| Size {
                    selections: 0,
                    values: largest.values.max(size.values),
                    text: largest.text.max(size.text),
                })
        })
    }
}

fn constant(value: &ConstValue) -> Size {
    match value {
        ConstValue::List(items) => Size::all(items.iter().map(constant)).and(Size::value(0)),
        ConstValue::Object(fields) => Size::all(fields.values().map(constant)).and(Size::value(0)),
        ConstValue::String(text) => Size::value(text.len()),
        _ => Size::value(0),
    }
}

#[cfg(test)]
mod tests {
    use async_graphql_parser::parse_query;
    use serde_json::json;

    use super::*;

    fn checked(text: &str, variables: serde_json::Value) -> Option<Measure> {
        let document = parse_query(text).unwrap();
        let variables = Variables::from_json(variables);
        match check(&document, &variables, &Limits::default()) {
            Err(Complaint::TooMuch { what, .. }) => Some(what),
            Err(other) => panic!("{other:?}"),
            Ok(()) => None,
        }
    }

    /// Fragments of which each spreads the next one three times, and the last one this.
    fn tripled(last: &str) -> String {
        let spread = |n| {
            format!(
                "fragment F{n} on Query {{ ...F{0} ...F{0} ...F{0} }} ",
                n + 1
            )
        };
        let fragments: String = (0..27).map(spread).collect();
        format!("{fragments} fragment F27 on Query {{ {last} }}")
    }

    #[test]
    fn spreads_are_counted_of_every_operation_and_whatever_they_name() {
        let other = format!(
            "query A {{ __typename }} query B {{ ...F0 }} {}",
            tripled("__typename")
        );
        let nothing = format!("{{ __typename ...F0 }} {}", tripled("...Nope"));
        let empty = format!("mutation {{ ...F0 }} {}", tripled("...{ __typename }"));
        for text in [other, nothing, empty] {
            assert_eq!(
                checked(&text, json!({})),
                Some(Measure::Selections),
                "{text}"
            );
        }
        let unused = format!("{{ __typename }} {}", tripled("__typename"));
        assert_eq!(checked(&unused, json!({})), Some(Measure::Selections));
        let itself = "{ ...F } fragment F on Query { a ...F }";
        assert_eq!(checked(itself, json!({})), None);
        let chain = |n| {
            format!(
                "fragment F{n} on Query {{ a {{ b {{ ...F{} }} }} }} ",
                n + 1
            )
        };
        let deep = format!(
            "{{ ...F0 }} {} fragment F40 on Query {{ a }}",
            (0..40).map(chain).collect::<String>()
        );
        assert_eq!(checked(&deep, json!({})), Some(Measure::Depth));
        let spread = "query A { ...F ...F } query B { ...F } fragment F on Query { a { ...G } } fragment G on T { b c }";
        assert_eq!(checked(spread, json!({})), None);
    }

    #[test]
    fn values_are_counted_wherever_they_are_named() {
        let named =
            |times: usize| format!("query($s: ID!) {{ nodes(ids: [{}]) }}", "$s ".repeat(times));
        let large = json!({ "s": "x".repeat(1_000_000) });
        assert_eq!(checked(&named(2), large.clone()), None);
        assert_eq!(checked(&named(3), large), Some(Measure::Text));
        let many = json!({ "s": vec![1; 9_000] });
        assert_eq!(checked(&named(2), many.clone()), None);
        assert_eq!(checked(&named(3), many), Some(Measure::Values));
        // A default, the argument of a directive, and what stands in a fragment.
        let default = |times: usize| {
            format!(
                "query A {{ a }} query B($s: String = \"{}\") {{ {} }} fragment F on Query {{ a(b: {{ c: $s }}) @d(e: $s) }}",
                "x".repeat(20_000),
                "...F ".repeat(times)
            )
        };
        assert_eq!(checked(&default(50), json!({})), None);
        assert_eq!(checked(&default(53), json!({})), Some(Measure::Text));
    }
}
