//! What a field costs, and how often what lies below it may come.

use async_graphql_parser::{Positioned, types::OperationType};
use async_graphql_value::{ConstValue, Name, Value};

use super::Given;
use crate::{complaint::Complaint, schema::Field};

/// What a page is taken to hold when a request does not say.
const PAGE: u64 = 20;
/// The most that a page holds.
const LARGEST: u64 = 100;
/// What a list without pages is taken to hold, where nobody knows better.
const LIST: u64 = 8;
/// What one in such a list is: it may be the same again, and so on.
const INNER: u64 = 32;
/// What each filter in a filter costs: it is held against every row of a list, however few of them are asked for.
const ALTERNATIVE: u64 = 100;
/// What a count costs: a statement of its own.
const COUNT: u64 = 10;
/// What a mutation costs for each item of its input, and where there is none: statements of its own.
const ACT: u64 = 10;

/// Where a selection stands, as far as it is priced by that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Place {
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

impl Place {
    /// The same, in which a list without pages holds so many, where that is known.
    pub(super) fn holding(self, list: Option<u64>) -> Self {
        Self {
            list: list.unwrap_or(self.list),
            ..self
        }
    }
}

impl Given<'_> {
    /// Where what lies below a field stands, and how often it may come.
    pub(super) fn price(
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
    pub(super) fn own(
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
                apart: 0,
                list: Some(input.longest.max(LIST)),
            };
        }
        let filters = held(&|name| name == "filter").objects.max(1);
        let cost = match name {
            "totalCount" => COUNT,
            _ => self.schema.field(of, name).map_or(1, |field| field.cost),
        };
        Own {
            cost,
            as_often: filters,
            apart: (filters - 1).saturating_mul(ALTERNATIVE),
            list: None,
        }
    }

    /// What a value holds, with what is in its variables.
    fn held(&self, value: &Value) -> Held {
        match value {
            Value::Object(fields) => Held::object(fields.values().map(|it| self.held(it))),
            Value::List(items) => Held::list(items.iter().map(|it| self.held(it))),
            Value::Variable(name) => self
                .variables
                .get(name)
                .map_or_else(Held::default, Held::of),
            _ => Held::default(),
        }
    }

    /// The number that an argument is, or its variable's value; none where there is none, or where it is none of an `Int`, which is
    /// told by whoever looks at types.
    fn number(&self, value: &Value) -> Option<i64> {
        match value {
            Value::Number(number) => number.as_i64(),
            Value::Variable(name) => match self.variables.get(name)? {
                ConstValue::Number(number) => number.as_i64(),
                _ => None,
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
}

/// What a field costs, without what lies below it.
pub(super) struct Own {
    pub(super) cost: u64,
    /// How often, with what lies below it.
    pub(super) as_often: u64,
    /// What it costs besides, once, whatever lies below it.
    pub(super) apart: u64,
    /// What a list below it is taken to hold, if it says so.
    pub(super) list: Option<u64>,
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
