//! One walk over a document: its size, its depth, its cost. A fragment is looked at once, however often it is spread, so
//! that a document of fragments in fragments is refused in no time.

mod position;
mod price;

use std::collections::HashMap;

use async_graphql_parser::{
    Positioned,
    types::{
        Directive, ExecutableDocument, FragmentDefinition, OperationDefinition, OperationType,
        Selection, SelectionSet, VariableDefinition,
    },
};
use async_graphql_value::{Name, Variables};

use crate::{
    Limits,
    complaint::{Complaint, Measure},
    schema::Schema,
    way::Way,
};
use price::Place;

/// Lists of introspection that may lie in one another, as the standard introspection query needs.
const INTROSPECTION: usize = 3;

/// Selections in selections that are followed at all: whoever goes deeper is over every limit.
pub(crate) const LEVELS: usize = 100;

/// What a selection adds up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sum {
    /// Fields of the set itself, fragments followed.
    pub(crate) roots: u64,
    /// Fields at any level.
    pub(crate) fields: u64,
    pub(crate) aliases: u64,
    pub(crate) directives: u64,
    pub(crate) depth: usize,
    pub(crate) cost: u64,
    /// Lists of introspection in lists of introspection.
    pub(crate) introspection: usize,
    /// Whether the schema is asked about.
    pub(crate) asks_schema: bool,
}

impl Sum {
    fn add(&mut self, other: Self) {
        self.roots = self.roots.saturating_add(other.roots);
        self.fields = self.fields.saturating_add(other.fields);
        self.aliases = self.aliases.saturating_add(other.aliases);
        self.directives = self.directives.saturating_add(other.directives);
        self.depth = self.depth.max(other.depth);
        self.cost = self.cost.saturating_add(other.cost);
        self.introspection = self.introspection.max(other.introspection);
        self.asks_schema |= other.asks_schema;
    }
}

/// The operation that is meant: the one of the name, or the only one.
pub(crate) fn operation<'d>(
    document: &'d ExecutableDocument,
    name: Option<&str>,
) -> Result<&'d OperationDefinition, Complaint> {
    let mut operations = document.operations.iter();
    let found = match name {
        Some(wanted) => {
            operations.find(|(name, _)| name.is_some_and(|name| name.as_str() == wanted))
        }
        None => {
            let first = operations.next();
            first.filter(|_| operations.next().is_none())
        }
    };
    found
        .map(|(_, operation)| &operation.node)
        .ok_or(Complaint::Operation)
}

/// Looks at a document and the operation that is meant, and says what it costs.
pub(crate) fn check(
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    variables: &Variables,
    schema: &Schema,
    limits: &Limits,
    introspection: bool,
) -> Result<u64, Complaint> {
    let root = schema.root(operation.ty);
    let mut walk = Walk {
        fragments: &document.fragments,
        given: Given {
            schema,
            variables,
            definitions: &operation.variable_definitions,
        },
        known: HashMap::new(),
        level: 0,
    };
    let mut sum = walk.set(&operation.selection_set.node, root, Place::default())?;
    sum.directives = sum
        .directives
        .saturating_add(operation.directives.len() as u64);
    // Every fragment is looked at, used or not: validation would follow it.
    for name in document.fragments.keys() {
        walk.fragment(name, Place::default())?;
    }
    for (what, found, most) in [
        (Measure::Depth, sum.depth as u64, limits.depth as u64),
        (Measure::Fields, sum.fields, limits.fields as u64),
        (Measure::Aliases, sum.aliases, limits.aliases as u64),
        (
            Measure::Directives,
            sum.directives,
            limits.directives as u64,
        ),
        (
            Measure::Roots,
            sum.roots,
            match operation.ty {
                OperationType::Mutation => 1,
                // A subscription has one: `subscription` counts them as the specification does.
                OperationType::Subscription | OperationType::Query => limits.roots as u64,
            },
        ),
        (
            Measure::Introspection,
            sum.introspection as u64,
            INTROSPECTION as u64,
        ),
    ] {
        at_most(what, found, most)?;
    }
    let (cost, most) = (sum.cost, limits.cost);
    if cost > most {
        return Err(Complaint::TooDear { cost, most });
    }
    if sum.asks_schema && !introspection {
        return Err(Complaint::Introspection);
    }
    Ok(cost)
}

fn at_most(what: Measure, found: u64, most: u64) -> Result<(), Complaint> {
    if found > most {
        Err(Complaint::TooMuch { what, most })
    } else {
        Ok(())
    }
}

struct Walk<'d> {
    fragments: &'d HashMap<Name, Positioned<FragmentDefinition>>,
    given: Given<'d>,
    /// The fragments looked at, by their places; none while one is being looked at.
    known: HashMap<(&'d str, Place), Option<Sum>>,
    /// Selections in selections, fragments followed.
    level: usize,
}

impl<'d> Walk<'d> {
    fn set(&mut self, set: &'d SelectionSet, of: &str, place: Place) -> Result<Sum, Complaint> {
        if self.level == LEVELS {
            return Err(Complaint::TooMuch {
                what: Measure::Depth,
                most: LEVELS as u64,
            });
        }
        self.level += 1;
        let mut sum = Sum::default();
        for selection in &set.items {
            let part = match &selection.node {
                Selection::Field(field) => {
                    let field = &field.node;
                    let name = field.name.node.as_str();
                    let definition = self.given.schema.field(of, name);
                    if let Some(definition) = definition {
                        for (argument, value) in &field.arguments {
                            if let Some(place) = definition.arguments.get(argument.node.as_str()) {
                                let way = Way::Whole(argument.node.as_str());
                                self.given.position(&value.node, value.pos, place, way)?;
                            }
                        }
                    }
                    let own = self.given.own(of, name, &field.arguments);
                    let place = place.holding(own.list);
                    let (below, times) = match definition {
                        Some(definition) => {
                            self.given
                                .price(definition, name, &field.arguments, place)?
                        }
                        None => (Place::default(), 1),
                    };
                    let inner = definition.map_or("", |definition| definition.of.as_str());
                    let children = self.set(&field.selection_set.node, inner, below)?;
                    let asks_schema = matches!(name, "__schema" | "__type");
                    let is_list = matches!(
                        name,
                        "fields" | "inputFields" | "interfaces" | "possibleTypes" | "types"
                    );
                    Sum {
                        roots: 1,
                        fields: children.fields.saturating_add(1),
                        aliases: children
                            .aliases
                            .saturating_add(field.alias.is_some().into()),
                        directives: children.directives,
                        depth: children.depth + 1,
                        cost: (children.cost.saturating_mul(times))
                            .saturating_add(own.cost)
                            .saturating_mul(own.as_often)
                            .saturating_add(own.apart),
                        introspection: children.introspection
                            + usize::from(is_list && definition.is_none()),
                        asks_schema: asks_schema || children.asks_schema,
                    }
                }
                Selection::InlineFragment(fragment) => {
                    let of = fragment
                        .node
                        .type_condition
                        .as_ref()
                        .map_or(of, |condition| condition.node.on.node.as_str());
                    self.set(&fragment.node.selection_set.node, of, place)?
                }
                Selection::FragmentSpread(spread) => {
                    self.fragment(spread.node.fragment_name.node.as_str(), place)?
                }
            };
            sum.add(part);
            let directives: &[Positioned<Directive>] = selection.node.directives();
            sum.directives = sum.directives.saturating_add(directives.len() as u64);
            for directive in directives {
                for (argument, value) in &directive.node.arguments {
                    let way = Way::Whole(argument.node.as_str());
                    self.given.condition(value, way)?;
                }
            }
        }
        self.level -= 1;
        Ok(sum)
    }

    fn fragment(&mut self, name: &str, place: Place) -> Result<Sum, Complaint> {
        let Some((name, fragment)) = self.fragments.get_key_value(name) else {
            // Validation says it better.
            return Ok(Sum::default());
        };
        let key = (name.as_str(), place);
        match self.known.get(&key) {
            Some(Some(sum)) => return Ok(*sum),
            Some(None) => {
                return Err(Complaint::FragmentCycle {
                    name: name.to_string(),
                });
            }
            None => {}
        }
        self.known.insert(key, None);
        let of = fragment.node.type_condition.node.on.node.as_str();
        let sum = self.set(&fragment.node.selection_set.node, of, place)?;
        self.known.insert(key, Some(sum));
        Ok(sum)
    }
}

/// What an operation is given beside its selections.
#[derive(Clone, Copy)]
struct Given<'d> {
    schema: &'d Schema,
    variables: &'d Variables,
    definitions: &'d [Positioned<VariableDefinition>],
}

impl<'d> Given<'d> {
    fn definition(&self, name: &Name) -> Option<&'d VariableDefinition> {
        self.definitions
            .iter()
            .find(|definition| definition.node.name.node == *name)
            .map(|definition| &definition.node)
    }
}
