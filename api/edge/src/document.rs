//! One walk over a document: its size, its depth, its cost. A fragment is looked at once, however often it is spread, so
//! that a document of fragments in fragments is refused in no time.

use std::collections::HashMap;

use async_graphql_parser::{
    Pos, Positioned,
    types::{
        BaseType, Directive, ExecutableDocument, FragmentDefinition, OperationDefinition,
        OperationType, Selection, SelectionSet, Type, VariableDefinition,
    },
};
use async_graphql_value::{ConstValue, Name, Value, Variables};

use crate::{
    Limits,
    complaint::{Complaint, Measure},
    schema::{Argument, Field, Input, Schema, UPLOAD, innermost},
    way::Way,
};

/// What a page is taken to hold when a request does not say.
const PAGE: u64 = 20;
/// The most that a page holds.
const LARGEST: u64 = 100;
/// What a list without pages is taken to hold, where nobody knows better.
const LIST: u64 = 8;
/// What one in such a list is: it may be the same again, and so on.
const INNER: u64 = 32;
/// What a count costs: a statement of its own.
const COUNT: u64 = 10;
/// What a mutation costs for each item of its input, and where there is none: statements of its own.
const ACT: u64 = 10;
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
        schema,
        variables,
        definitions: &operation.variable_definitions,
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

/// Where a selection stands, as far as it is priced by that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Place {
    /// The size of the page, in a connection.
    page: Option<u64>,
    /// What a list without pages is taken to hold: below a mutation, and in no other list, as much as its input.
    list: u64,
    /// Lists without pages that it lies in: up to two, for more of them make no difference.
    lists: u8,
}

impl Default for Place {
    fn default() -> Self {
        Self {
            page: None,
            list: LIST,
            lists: 0,
        }
    }
}

struct Walk<'d> {
    fragments: &'d HashMap<Name, Positioned<FragmentDefinition>>,
    schema: &'d Schema,
    variables: &'d Variables,
    definitions: &'d [Positioned<VariableDefinition>],
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
                    let definition = self.schema.field(of, name);
                    if let Some(definition) = definition {
                        for (argument, value) in &field.arguments {
                            if let Some(place) = definition.arguments.get(argument.node.as_str()) {
                                let way = Way::Whole(argument.node.as_str());
                                self.position(&value.node, value.pos, place, way)?;
                            }
                        }
                    }
                    let own = self.own(of, name, &field.arguments);
                    let place = Place {
                        list: own.list.unwrap_or(place.list),
                        ..place
                    };
                    let (below, times) = match definition {
                        Some(definition) => {
                            self.price(definition, name, &field.arguments, place)?
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
                            .saturating_mul(own.as_often),
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
                    self.position(&value.node, value.pos, &condition(), way)?;
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

    /// Where what lies below a field stands, and how often it may come.
    fn price(
        &self,
        definition: &Field,
        name: &str,
        arguments: &[(Positioned<Name>, Positioned<Value>)],
        place: Place,
    ) -> Result<(Place, u64), Complaint> {
        let given = |wanted: &str| {
            arguments
                .iter()
                .find(|(name, _)| name.node.as_str() == wanted)
                .map(|(_, value)| value)
        };
        if definition.arguments.contains_key("first") {
            let mut page = PAGE;
            for argument in ["last", "first"] {
                let Some(value) = given(argument) else {
                    continue;
                };
                let Some(size) = self.number(&value.node) else {
                    continue;
                };
                page = u64::try_from(size)
                    .ok()
                    .filter(|size| *size <= LARGEST)
                    .ok_or(Complaint::PageSize {
                        argument,
                        most: LARGEST,
                        at: value.pos,
                    })?;
            }
            let page = Some(page);
            return Ok((Place { page, ..place }, 1));
        }
        if !definition.list {
            let page = None;
            return Ok((Place { page, ..place }, 1));
        }
        let below = |lists: u8| Place {
            lists,
            ..Place::default()
        };
        if let ("edges" | "nodes", Some(page)) = (name, place.page) {
            return Ok((below(place.lists), page));
        }
        let known = match given("ids") {
            Some(ids) => Some(self.length(&ids.node)),
            None => definition.most,
        };
        Ok(match (known, place.lists) {
            (Some(known), lists) => (below(lists), known),
            (None, 0) => (below(1), place.list),
            (None, 1) => (below(2), place.list.max(INNER)),
            (None, lists) => (below(lists), LARGEST),
        })
    }

    /// What a field costs, without what lies below it. A filter of many filters makes a statement of as many parts. A mutation acts
    /// for each item of its input, once; what it answers with are lists of as many, and other things of which there is one.
    fn own(
        &self,
        of: &str,
        name: &str,
        arguments: &[(Positioned<Name>, Positioned<Value>)],
    ) -> Own {
        let held = |wanted: &dyn Fn(&str) -> bool| {
            let wanted = arguments
                .iter()
                .filter(|(name, _)| wanted(name.node.as_str()));
            Held::all(wanted.map(|(_, value)| self.held(&value.node)))
        };
        if of == self.schema.root(OperationType::Mutation) {
            let input = held(&|_| true);
            return Own {
                cost: input.items.max(1).saturating_mul(ACT),
                as_often: 1,
                list: Some(input.longest.max(LIST)),
            };
        }
        let cost = match name {
            "totalCount" => COUNT,
            _ => self.schema.field(of, name).map_or(1, |field| field.cost),
        };
        Own {
            cost,
            as_often: held(&|name| name == "filter").objects.max(1),
            list: None,
        }
    }

    /// What a value holds, with what is in its variables.
    fn held(&self, value: &Value) -> Held {
        match value {
            Value::Object(fields) => Held::object(fields.values().map(|it| self.held(it))),
            Value::List(items) => Held::list(items.iter().map(|it| self.held(it))),
            Value::Variable(name) => self.value(name).map_or_else(Held::default, Held::of),
            _ => Held::default(),
        }
    }

    /// A variable's value, or its default; none where it has neither.
    fn value(&self, name: &Name) -> Option<&'d ConstValue> {
        let given = self.variables.get(name);
        given.or_else(|| self.definition(name)?.default_value())
    }

    /// The number that an argument is, or its variable's value or default; none where there is none, or where it is none of
    /// an `Int`, which is told by whoever looks at types.
    fn number(&self, value: &Value) -> Option<i64> {
        match value {
            Value::Number(number) => number.as_i64(),
            Value::Variable(name) => match self.variables.get(name) {
                Some(ConstValue::Number(number)) => number.as_i64(),
                Some(_) => None,
                None => {
                    let default = self.definition(name)?.default_value()?.clone().into_value();
                    self.number(&default)
                }
            },
            _ => None,
        }
    }

    fn length(&self, value: &Value) -> u64 {
        match value {
            Value::List(items) => items.len() as u64,
            Value::Variable(name) => match self.variables.get(name) {
                Some(ConstValue::List(items)) => items.len() as u64,
                Some(_) => 1,
                None => LARGEST,
            },
            _ => 1,
        }
    }

    fn definition(&self, name: &Name) -> Option<&'d VariableDefinition> {
        self.definitions
            .iter()
            .find(|definition| definition.node.name.node == *name)
            .map(|definition| &definition.node)
    }

    /// A variable must fit the place where it stands (GraphQL §5.8.5), and so must a whole number, and a scalar of the schema's
    /// own: of these the library finds out while it executes, when it is too late to refuse the request as a whole.
    fn position(
        &self,
        value: &Value,
        at: Pos,
        place: &Argument,
        way: Way<'_>,
    ) -> Result<(), Complaint> {
        let literal = |example| {
            Err(Complaint::Literal {
                input: way.told(),
                expected: place.ty.to_string(),
                example,
                at,
            })
        };
        match value {
            Value::Variable(name) => {
                let Some(definition) = self.definition(name) else {
                    return Ok(());
                };
                return if fits(definition, place) {
                    Ok(())
                } else {
                    Err(Complaint::VariablePosition {
                        input: way.told(),
                        name: name.to_string(),
                        expected: place.ty.to_string(),
                        at,
                    })
                };
            }
            Value::Null => return Ok(()),
            Value::List(items) => {
                if let BaseType::List(inner) = &place.ty.base {
                    let inner = Argument {
                        ty: (**inner).clone(),
                        default: false,
                    };
                    return items.iter().enumerate().try_for_each(|(index, item)| {
                        self.position(item, at, &inner, Way::Item(&way, index))
                    });
                }
            }
            _ => {}
        }
        // One value stands for a list of one.
        match (innermost(&place.ty), value) {
            // The library would take a text for the number of a file.
            (UPLOAD, Value::String(_)) => {
                let input = way.told();
                Err(Complaint::UploadLiteral { input, at })
            }
            ("Int", Value::Number(number)) => {
                let fits = |number| i32::try_from(number).is_ok();
                if number.as_i64().is_some_and(fits) {
                    Ok(())
                } else {
                    literal(None)
                }
            }
            (name, value) => match (self.schema.input(name), value) {
                (Some(Input::Scalar(scalar)), value) => match value.clone().into_const() {
                    Some(value) if !(scalar.takes)(&value) => literal(Some(scalar.example)),
                    _ => Ok(()),
                },
                (Some(Input::Object { fields: places, .. }), Value::Object(fields)) => fields
                    .iter()
                    .try_for_each(|(name, value)| match places.get(name.as_str()) {
                        Some(place) => self.position(value, at, place, Way::Field(&way, name)),
                        None => Ok(()),
                    }),
                _ => Ok(()),
            },
        }
    }
}

/// What a field costs, without what lies below it.
struct Own {
    cost: u64,
    /// How often, with what lies below it.
    as_often: u64,
    /// What a list below it is taken to hold, if it says so.
    list: Option<u64>,
}

/// What a value holds.
#[derive(Clone, Copy, Default)]
struct Held {
    /// Objects, itself counted.
    objects: u64,
    /// Items of lists, those of lists in lists counted.
    items: u64,
    /// The length of its longest list.
    longest: u64,
}

impl Held {
    fn of(value: &ConstValue) -> Self {
        match value {
            ConstValue::Object(fields) => Self::object(fields.values().map(Self::of)),
            ConstValue::List(items) => Self::list(items.iter().map(Self::of)),
            _ => Self::default(),
        }
    }

    fn object(fields: impl Iterator<Item = Self>) -> Self {
        let inside = Self::all(fields);
        Self {
            objects: inside.objects + 1,
            ..inside
        }
    }

    fn list(items: impl ExactSizeIterator<Item = Self>) -> Self {
        let length = items.len() as u64;
        let inside = Self::all(items);
        Self {
            items: inside.items + length,
            longest: inside.longest.max(length),
            ..inside
        }
    }

    fn all(parts: impl Iterator<Item = Self>) -> Self {
        parts.fold(Self::default(), |all, part| Self {
            objects: all.objects + part.objects,
            items: all.items + part.items,
            longest: all.longest.max(part.longest),
        })
    }
}

/// The `if` of `@skip` and `@include`.
fn condition() -> Argument {
    Argument {
        ty: Type {
            base: BaseType::Named(Name::new("Boolean")),
            nullable: false,
        },
        default: false,
    }
}

/// Whether a variable's type is allowed in a place: not looser, but for a null that a default takes the place of.
fn fits(definition: &VariableDefinition, place: &Argument) -> bool {
    let variable = &definition.var_type.node;
    let has_default =
        matches!(&definition.default_value, Some(value) if value.node != ConstValue::Null);
    if !place.ty.nullable && variable.nullable {
        (has_default || place.default) && same(&variable.base, &place.ty.base)
    } else {
        same(&variable.base, &place.ty.base)
    }
}

fn same(variable: &BaseType, place: &BaseType) -> bool {
    match (variable, place) {
        (BaseType::Named(variable), BaseType::Named(place)) => variable == place,
        (BaseType::List(variable), BaseType::List(place)) => {
            (place.nullable || !variable.nullable) && same(&variable.base, &place.base)
        }
        _ => false,
    }
}
