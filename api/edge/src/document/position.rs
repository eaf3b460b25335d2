//! Whether a variable, a whole number or a scalar may stand where it stands.

use async_graphql_parser::{
    Pos, Positioned,
    types::{BaseType, Type, VariableDefinition},
};
use async_graphql_value::{ConstValue, Name, Value};

use super::Given;
use crate::{
    complaint::Complaint,
    schema::{Argument, Input, UPLOAD, innermost},
    way::Way,
};

impl Given<'_> {
    /// The `if` of a directive: as any other place, and no null that a variable was given, which the library would take for false.
    pub(super) fn condition(
        &self,
        value: &Positioned<Value>,
        way: Way<'_>,
    ) -> Result<(), Complaint> {
        let place = Argument {
            ty: Type {
                base: BaseType::Named(Name::new("Boolean")),
                nullable: false,
            },
            default: false,
        };
        let at = value.pos;
        match &value.node {
            Value::Variable(name) if self.variables.get(name) == Some(&ConstValue::Null) => {
                Err(Complaint::VariablePosition {
                    input: way.told(),
                    name: name.to_string(),
                    expected: place.ty.to_string(),
                    at,
                })
            }
            value => self.position(value, at, &place, way),
        }
    }

    /// A variable must fit the place where it stands (GraphQL §5.8.5), and so must a whole number, and a scalar of the schema's
    /// own: of these the library finds out while it executes, when it is too late to refuse the request as a whole.
    pub(super) fn position(
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
