//! Where an error of a field is, whole. The library writes the path anew at each list that the error leaves, so that of one below a list
//! the path ends at an index; the place in the document says which field it was.

use async_graphql::{PathSegment, Response};
use async_graphql_parser::{
    Pos,
    types::{ExecutableDocument, OperationDefinition, Selection, SelectionSet},
};

use crate::schema::Schema;

/// Whether a path may end too early.
pub(crate) fn is_cut(path: &[PathSegment]) -> bool {
    matches!(path.last(), Some(PathSegment::Index(_)))
}

/// Adds to each path that was cut what is missing. One that leads through another list stays as it is: nobody knows the index.
pub(crate) fn mend(
    response: &mut Response,
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    schema: &Schema,
) {
    for error in response.errors.iter_mut().filter(|it| is_cut(&it.path)) {
        let Some(at) = error.locations.first() else {
            continue;
        };
        let mut search = Search {
            document,
            schema,
            at: *at,
            way: Vec::new(),
            found: Vec::new(),
        };
        let set = &operation.selection_set.node;
        search.set(set, schema.root(operation.ty), &error.path);
        search.found.dedup();
        if let [rest] = &mut *search.found {
            let rest = std::mem::take(rest);
            error.path.extend(rest.into_iter().map(PathSegment::Field));
        }
    }
}

struct Search<'d> {
    document: &'d ExecutableDocument,
    schema: &'d Schema,
    at: Pos,
    /// The way from where the path ends.
    way: Vec<String>,
    found: Vec<Vec<String>>,
}

impl Search<'_> {
    /// `known` is what is left of the path. Fragments have no cycles, and the fields are no more than may be.
    fn set(&mut self, set: &SelectionSet, of: &str, known: &[PathSegment]) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => {
                    let key = field.node.response_key().node.as_str();
                    let definition = self.schema.field(of, field.node.name.node.as_str());
                    let (inner, list) = definition.map_or(("", false), |it| (&it.of, it.list));
                    let set = &field.node.selection_set.node;
                    match known {
                        [PathSegment::Field(name), rest @ ..] if name == key => {
                            let indices = rest.iter().take_while(|it| is_index(it)).count();
                            self.set(set, inner, rest.get(indices..).unwrap_or_default());
                        }
                        [] => {
                            self.way.push(key.to_owned());
                            if field.pos == self.at {
                                self.found.push(self.way.clone());
                            } else if !list {
                                self.set(set, inner, known);
                            }
                            self.way.pop();
                        }
                        _ => {}
                    }
                }
                Selection::InlineFragment(fragment) => {
                    let on = fragment.node.type_condition.as_ref();
                    let of = on.map_or(of, |on| on.node.on.node.as_str());
                    self.set(&fragment.node.selection_set.node, of, known);
                }
                Selection::FragmentSpread(spread) => {
                    let fragments = &self.document.fragments;
                    if let Some(fragment) = fragments.get(&spread.node.fragment_name.node) {
                        let of = fragment.node.type_condition.node.on.node.as_str();
                        self.set(&fragment.node.selection_set.node, of, known);
                    }
                }
            }
        }
    }
}

const fn is_index(segment: &PathSegment) -> bool {
    matches!(segment, PathSegment::Index(_))
}
