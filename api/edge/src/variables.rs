//! The values of variables, checked before anything runs (GraphQL §6.1.2): the library checks some of them while it
//! executes, when it is too late to refuse the request as a whole.

use async_graphql_parser::types::{BaseType, OperationDefinition, Type};
use async_graphql_value::{ConstValue, Variables};

use crate::{
    complaint::Complaint,
    schema::{Input, Schema, UPLOAD},
};

/// Every variable has a value of its type.
pub(crate) fn check(
    operation: &OperationDefinition,
    variables: &Variables,
    schema: &Schema,
) -> Result<(), Complaint> {
    for definition in &operation.variable_definitions {
        let definition = &definition.node;
        let name = &definition.name.node;
        let ty = &definition.var_type.node;
        if let Some(default) = &definition.default_value {
            no_upload(&default.node, ty, name, schema)?;
        }
        match variables.get(name) {
            Some(value) => value_of(value, ty, name, schema)?,
            None if ty.nullable || definition.default_value.is_some() => {}
            None => return Err(bad(name, ty)),
        }
    }
    Ok(())
}

/// Marks the places that files will come to, as values that no JSON can be: each must be the null of an `Upload`.
pub(crate) fn expect_uploads(
    operation: &OperationDefinition,
    variables: &mut Variables,
    paths: &[&str],
    schema: &Schema,
) -> Result<(), Complaint> {
    for path in paths {
        let place = place(operation, variables, path, schema)
            .ok_or_else(|| Complaint::UploadPath { path: short(path) })?;
        *place = ConstValue::Binary(Default::default());
    }
    Ok(())
}

/// The null of an `Upload` to which a path leads, such as `variables.files.2`.
fn place<'v>(
    operation: &OperationDefinition,
    variables: &'v mut Variables,
    path: &str,
    schema: &Schema,
) -> Option<&'v mut ConstValue> {
    let mut steps = path.strip_prefix("variables.")?.split('.');
    let name = steps.next()?;
    let definition = operation
        .variable_definitions
        .iter()
        .find(|definition| definition.node.name.node.as_str() == name)?;
    let mut ty = &definition.node.var_type.node;
    let mut value = variables.get_mut(name)?;
    for step in steps {
        (ty, value) = match (&ty.base, value) {
            (BaseType::List(inner), ConstValue::List(items)) => {
                (&**inner, items.get_mut(step.parse::<usize>().ok()?)?)
            }
            (BaseType::Named(name), ConstValue::Object(given)) => {
                let Input::Object { fields, .. } = schema.input(name)? else {
                    return None;
                };
                (&fields.get(step)?.ty, given.get_mut(step)?)
            }
            _ => return None,
        };
    }
    let is_upload = matches!(&ty.base, BaseType::Named(name) if name == UPLOAD);
    let known = matches!(schema.input(UPLOAD), Some(Input::Scalar));
    (is_upload && known && *value == ConstValue::Null).then_some(value)
}

/// A default holds no file: the library would take it for the number of one.
fn no_upload(value: &ConstValue, ty: &Type, path: &str, schema: &Schema) -> Result<(), Complaint> {
    match (&ty.base, value) {
        (_, ConstValue::Null) => Ok(()),
        (BaseType::List(inner), ConstValue::List(items)) => items
            .iter()
            .try_for_each(|item| no_upload(item, inner, path, schema)),
        (BaseType::List(inner), single) => no_upload(single, inner, path, schema),
        (BaseType::Named(name), _) if name == UPLOAD => Err(bad(path, ty)),
        (BaseType::Named(name), ConstValue::Object(given)) => match schema.input(name) {
            Some(Input::Object { fields, .. }) => {
                given
                    .iter()
                    .try_for_each(|(name, value)| match fields.get(name.as_str()) {
                        Some(field) => no_upload(value, &field.ty, path, schema),
                        None => Ok(()),
                    })
            }
            _ => Ok(()),
        },
        _ => Ok(()),
    }
}

fn bad(path: &str, ty: &Type) -> Complaint {
    Complaint::Variable {
        path: short(path),
        expected: ty.to_string(),
    }
}

/// What a caller wrote, no longer than an answer should repeat it.
fn short(text: &str) -> String {
    text.chars().take(200).collect()
}

fn value_of(value: &ConstValue, ty: &Type, path: &str, schema: &Schema) -> Result<(), Complaint> {
    if matches!(value, ConstValue::Null) {
        return if ty.nullable {
            Ok(())
        } else {
            Err(bad(path, ty))
        };
    }
    match &ty.base {
        BaseType::List(inner) => match value {
            ConstValue::List(items) => items
                .iter()
                .enumerate()
                .try_for_each(|(at, item)| value_of(item, inner, &format!("{path}.{at}"), schema)),
            // One value stands for a list of one.
            single => value_of(single, inner, path, schema),
        },
        BaseType::Named(name) => named(value, name.as_str(), ty, path, schema),
    }
}

fn named(
    value: &ConstValue,
    name: &str,
    ty: &Type,
    path: &str,
    schema: &Schema,
) -> Result<(), Complaint> {
    let fits = match (name, value) {
        ("Int", ConstValue::Number(number)) => number
            .as_i64()
            .is_some_and(|number| i32::try_from(number).is_ok()),
        ("Float", ConstValue::Number(_)) => true,
        ("String", ConstValue::String(_)) | ("Boolean", ConstValue::Boolean(_)) => true,
        ("ID", ConstValue::String(_)) => true,
        ("ID", ConstValue::Number(number)) => number.is_i64() || number.is_u64(),
        ("Int" | "Float" | "String" | "Boolean" | "ID", _) => false,
        _ => match (schema.input(name), value) {
            (Some(Input::Enum(words)), ConstValue::String(word)) => words.contains(word),
            (Some(Input::Enum(words)), ConstValue::Enum(word)) => {
                words.iter().any(|known| known == word.as_str())
            }
            (Some(Input::Enum(_)), _) => false,
            (Some(Input::Object { fields, one_of }), ConstValue::Object(given)) => {
                for (field, value) in given {
                    let place = format!("{path}.{field}");
                    match fields.get(field.as_str()) {
                        Some(argument) => value_of(value, &argument.ty, &place, schema)?,
                        None => {
                            return Err(Complaint::UnknownField {
                                path: short(&place),
                                field: short(field),
                                of: name.to_owned(),
                            });
                        }
                    }
                }
                for (field, argument) in fields {
                    if !argument.ty.nullable
                        && !argument.default
                        && !given.contains_key(field.as_str())
                    {
                        return Err(bad(&format!("{path}.{field}"), &argument.ty));
                    }
                }
                !one_of
                    || (given.len() == 1 && given.values().all(|value| *value != ConstValue::Null))
            }
            (Some(Input::Object { .. }), _) => false,
            // A file comes beside the request, never in a variable itself.
            (Some(Input::Scalar), value) if name == UPLOAD => {
                matches!(value, ConstValue::Binary(_))
            }
            // A scalar of our own is read when it is used; an unknown type is validation's.
            (Some(Input::Scalar) | None, _) => true,
        },
    };
    if fits { Ok(()) } else { Err(bad(path, ty)) }
}
