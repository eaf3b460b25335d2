//! Fields of the same response name must be the same field (GraphQL §5.3.2): the library compares the fields of one
//! set, and not those of the sets below them.

use std::{cell::Cell, collections::HashMap};

use async_graphql_parser::{
    Pos,
    types::{ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet},
};
use async_graphql_value::Value;

use crate::{
    Limits,
    complaint::{Complaint, Measure},
    schema::Schema,
};

/// How often each field that a document may have is looked at, all in all: what is selected from several types that may be one is
/// compared with each of them, on each level anew. Arguments, and the values in them, are looked at like fields.
const LOOKS: usize = 20;

/// A set of selections, with the type that it selects from.
type Set<'d> = (&'d SelectionSet, &'d str);

/// A field where it stands, with the type that it is selected from.
#[derive(Clone, Copy)]
struct Selected<'d> {
    field: &'d Field,
    at: Pos,
    of: &'d str,
}

/// Every response name of an operation stands for one field. The operation's size has been limited before; what it takes to compare
/// its fields is limited here.
pub(crate) fn check(
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    schema: &Schema,
    limits: &Limits,
) -> Result<(), Complaint> {
    let root = schema.root(operation.ty);
    let most = limits.fields.saturating_mul(LOOKS);
    let merge = Merge {
        document,
        schema,
        most,
        left: Cell::new(most),
    };
    merge.sets(&[(&operation.selection_set.node, root)], Strictness::Same)
}

/// What fields of one name must have in common.
#[derive(Clone, Copy, PartialEq)]
enum Strictness {
    /// Name, arguments and shape: they may select from the same object.
    Same,
    /// Shape alone: they never select from the same object.
    Shape,
}

struct Merge<'d> {
    document: &'d ExecutableDocument,
    schema: &'d Schema,
    /// Selections that may be looked at, each as often as it is.
    most: usize,
    /// Those of them that are left.
    left: Cell<usize>,
}

impl<'d> Merge<'d> {
    fn sets(&self, sets: &[Set<'d>], strictness: Strictness) -> Result<(), Complaint> {
        let mut names: HashMap<&str, Vec<Selected<'d>>> = HashMap::new();
        for (set, of) in sets {
            self.collect(set, of, &mut Vec::new(), &mut names)?;
        }
        for (name, fields) in &names {
            // One field alone is compared with nothing, but what lies below it may meet itself.
            self.shapes(name, fields)?;
            if strictness == Strictness::Shape {
                self.below(fields.iter(), Strictness::Shape)?;
                continue;
            }
            let mut types: Vec<&str> = fields.iter().map(|selected| selected.of).collect();
            types.sort_unstable();
            types.dedup();
            for of in &types {
                self.look(fields.len())?;
                // What is selected from an interface may be selected from any object.
                let together = || {
                    fields.iter().filter(|selected| {
                        selected.of == *of
                            || !self.schema.is_object(selected.of)
                            || !self.schema.is_object(of)
                    })
                };
                let mut same = together();
                if let Some(first) = same.next() {
                    for other in same {
                        if !self.is_same(first.field, other.field)? {
                            return Err(conflict(name, other.at));
                        }
                    }
                }
                self.below(together(), Strictness::Same)?;
            }
            if types.len() > 1 {
                self.below(fields.iter(), Strictness::Shape)?;
            }
        }
        Ok(())
    }

    /// The same field with the same arguments.
    fn is_same(&self, one: &Field, other: &Field) -> Result<bool, Complaint> {
        // What a fragment selects meets itself wherever the fragment is spread.
        if std::ptr::eq(one, other) {
            return Ok(true);
        }
        if one.name.node != other.name.node || one.arguments.len() != other.arguments.len() {
            return Ok(false);
        }
        let values = one.arguments.iter().map(|(_, value)| count(&value.node));
        self.look(values.sum())?;
        Ok(arguments(one) == arguments(other))
    }

    /// So many selections are looked at.
    fn look(&self, selections: usize) -> Result<(), Complaint> {
        let left = self.left.get().checked_sub(selections);
        let left = left.ok_or(Complaint::TooMuch {
            what: Measure::Comparisons,
            most: self.most as u64,
        })?;
        self.left.set(left);
        Ok(())
    }

    /// The sets below fields of one name, taken together.
    fn below<'s>(
        &self,
        fields: impl Iterator<Item = &'s Selected<'d>>,
        strictness: Strictness,
    ) -> Result<(), Complaint>
    where
        'd: 's,
    {
        let sets: Vec<Set<'d>> = fields
            .filter(|selected| !selected.field.selection_set.node.items.is_empty())
            .map(|selected| {
                let name = selected.field.name.node.as_str();
                let of = self
                    .schema
                    .field(selected.of, name)
                    .map_or("", |field| field.of.as_str());
                (&selected.field.selection_set.node, of)
            })
            .collect();
        if sets.is_empty() {
            Ok(())
        } else {
            self.sets(&sets, strictness)
        }
    }

    /// Fields of one name answer in one shape: the same lists and nulls, and the same type where it is a leaf.
    fn shapes(&self, name: &str, fields: &[Selected<'d>]) -> Result<(), Complaint> {
        let shape = |selected: &Selected<'d>| {
            let field = self
                .schema
                .field(selected.of, selected.field.name.node.as_str())?;
            Some(field.shape.as_str())
        };
        let mut shapes = fields
            .iter()
            .filter_map(|selected| Some((selected.at, shape(selected)?)));
        let Some((_, first)) = shapes.next() else {
            return Ok(());
        };
        match shapes.find(|(_, other)| *other != first) {
            Some((at, _)) => Err(conflict(name, at)),
            None => Ok(()),
        }
    }

    fn collect(
        &self,
        set: &'d SelectionSet,
        of: &'d str,
        spread: &mut Vec<&'d str>,
        names: &mut HashMap<&'d str, Vec<Selected<'d>>>,
    ) -> Result<(), Complaint> {
        self.look(set.items.len())?;
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => names
                    .entry(field.node.response_key().node.as_str())
                    .or_default()
                    .push(Selected {
                        field: &field.node,
                        at: selection.pos,
                        of,
                    }),
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref();
                    let of = condition.map_or(of, |condition| condition.node.on.node.as_str());
                    self.collect(&fragment.node.selection_set.node, of, spread, names)?;
                }
                Selection::FragmentSpread(fragment) => {
                    let name = fragment.node.fragment_name.node.as_str();
                    if let Some(fragment) = self.document.fragments.get(name)
                        && !spread.contains(&name)
                    {
                        spread.push(name);
                        let of = fragment.node.type_condition.node.on.node.as_str();
                        self.collect(&fragment.node.selection_set.node, of, spread, names)?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// The arguments of a field by their names.
fn arguments(field: &Field) -> HashMap<&str, &Value> {
    let named = field.arguments.iter();
    named
        .map(|(name, value)| (name.node.as_str(), &value.node))
        .collect()
}

/// A value, and the values in it.
fn count(value: &Value) -> usize {
    1 + match value {
        Value::List(items) => items.iter().map(count).sum(),
        Value::Object(fields) => fields.values().map(count).sum(),
        _ => 0,
    }
}

fn conflict(name: &str, at: Pos) -> Complaint {
    Complaint::Conflict {
        name: name.chars().take(100).collect(),
        at,
    }
}
