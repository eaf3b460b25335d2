//! The values of variables, checked before anything runs (GraphQL §6.1.2): the library checks some of them while it
//! executes, when it is too late to refuse the request as a whole.

use std::collections::HashSet;

use async_graphql_parser::types::{
    BaseType, ExecutableDocument, OperationDefinition, Selection, SelectionSet, Type,
};
use async_graphql_value::{ConstValue, Value, Variables};

use crate::{
    complaint::Complaint,
    schema::{Input, Schema, UPLOAD, innermost},
    way::{Way, short},
};

/// Every variable has a value of its type.
pub(crate) fn check(
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    variables: &Variables,
    schema: &Schema,
) -> Result<(), Complaint> {
    let told = |name: &str, wrong| placed(wrong, document, operation, name);
    for definition in &operation.variable_definitions {
        let definition = &definition.node;
        let name = &definition.name.node;
        let ty = &definition.var_type.node;
        let way = Way::Whole(name);
        match variables.get(name) {
            Some(value) => {
                value_of(value, ty, way, schema).map_err(|wrong| told(name, wrong))?;
            }
            None if ty.nullable || definition.default_value.is_some() => {}
            None => return Err(told(name, bad(way, ty))),
        }
    }
    Ok(())
}

/// Every variable of every operation is of a type that there is, and its default is of that type.
pub(crate) fn check_definitions(
    document: &ExecutableDocument,
    schema: &Schema,
) -> Result<(), Complaint> {
    for (_, operation) in document.operations.iter() {
        let operation = &operation.node;
        for definition in &operation.variable_definitions {
            let (at, definition) = (definition.pos, &definition.node);
            let ty = &definition.var_type.node;
            let of = innermost(ty);
            // The library looks at a default of a list of what there is not, and panics.
            if !schema.knows(of) {
                let name = short(of);
                return Err(Complaint::UnknownType { name, at });
            }
            if let Some(default) = &definition.default_value {
                let (name, value) = (&definition.name.node, &default.node);
                no_upload(value, ty, name, schema)
                    .and_then(|()| value_of(value, ty, Way::Whole(name), schema))
                    .map_err(|wrong| placed(wrong, document, operation, name))?;
            }
        }
    }
    Ok(())
}

/// A complaint about a variable's value, with the place of that value in the input: a caller need not know under which name a
/// front end sends it.
fn placed(
    complaint: Complaint,
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    name: &str,
) -> Complaint {
    let argument = argument_of(document, operation, name);
    complaint.with_input(|path| {
        let (argument, inside) = (argument.as_deref()?, path.strip_prefix(name)?);
        Some(short(&format!("{argument}{inside}")))
    })
}

/// Where a variable stands first, if it stands anywhere.
fn argument_of(
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    name: &str,
) -> Option<String> {
    let directives = operation.directives.iter();
    let mut arguments = directives.flat_map(|directive| &directive.node.arguments);
    let place = arguments.find_map(|(argument, value)| {
        value_with(&value.node, name, Way::Whole(argument.node.as_str()))
    });
    let set = &operation.selection_set.node;
    place.or_else(|| set_with(document, set, name, &mut HashSet::new()))
}

fn set_with<'d>(
    document: &'d ExecutableDocument,
    set: &'d SelectionSet,
    name: &str,
    spread: &mut HashSet<&'d str>,
) -> Option<String> {
    set.items.iter().find_map(|selection| {
        let selection = &selection.node;
        let of_field = match selection {
            Selection::Field(field) => field.node.arguments.as_slice(),
            _ => &[],
        };
        let directives = selection.directives().iter();
        let of_directives = directives.flat_map(|directive| &directive.node.arguments);
        let mut arguments = of_field.iter().chain(of_directives);
        let place = arguments.find_map(|(argument, value)| {
            value_with(&value.node, name, Way::Whole(argument.node.as_str()))
        });
        let set = match selection {
            Selection::Field(field) => Some(&field.node.selection_set.node),
            Selection::InlineFragment(fragment) => Some(&fragment.node.selection_set.node),
            Selection::FragmentSpread(fragment) => {
                let fragment = fragment.node.fragment_name.node.as_str();
                let first = spread.insert(fragment);
                let found = document.fragments.get(fragment).filter(|_| first);
                found.map(|fragment| &fragment.node.selection_set.node)
            }
        };
        place.or_else(|| set_with(document, set?, name, spread))
    })
}

fn value_with(value: &Value, name: &str, way: Way<'_>) -> Option<String> {
    match value {
        Value::Variable(variable) => (variable.as_str() == name).then(|| way.told()),
        Value::List(items) => {
            let mut items = items.iter().enumerate();
            items.find_map(|(at, item)| value_with(item, name, Way::Item(&way, at)))
        }
        Value::Object(fields) => {
            let mut fields = fields.iter();
            fields.find_map(|(field, value)| value_with(value, name, Way::Field(&way, field)))
        }
        _ => None,
    }
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
    let known = matches!(schema.input(UPLOAD), Some(Input::Upload));
    (is_upload && known && *value == ConstValue::Null).then_some(value)
}

/// A default holds no file: the library would take it for the number of one.
fn no_upload(value: &ConstValue, ty: &Type, name: &str, schema: &Schema) -> Result<(), Complaint> {
    match (&ty.base, value) {
        (_, ConstValue::Null) => Ok(()),
        (BaseType::List(inner), ConstValue::List(items)) => items
            .iter()
            .try_for_each(|item| no_upload(item, inner, name, schema)),
        (BaseType::List(inner), single) => no_upload(single, inner, name, schema),
        (BaseType::Named(of), _) if of == UPLOAD => Err(bad(Way::Whole(name), ty)),
        (BaseType::Named(of), ConstValue::Object(given)) => match schema.input(of) {
            Some(Input::Object { fields, .. }) => {
                given
                    .iter()
                    .try_for_each(|(field, value)| match fields.get(field.as_str()) {
                        Some(field) => no_upload(value, &field.ty, name, schema),
                        None => Ok(()),
                    })
            }
            _ => Ok(()),
        },
        _ => Ok(()),
    }
}

fn bad(way: Way<'_>, ty: &Type) -> Complaint {
    let path = way.told();
    Complaint::Variable {
        input: path.clone(),
        path,
        expected: ty.to_string(),
        example: None,
    }
}

fn value_of(value: &ConstValue, ty: &Type, way: Way<'_>, schema: &Schema) -> Result<(), Complaint> {
    if matches!(value, ConstValue::Null) {
        return if ty.nullable {
            Ok(())
        } else {
            Err(bad(way, ty))
        };
    }
    match &ty.base {
        BaseType::List(inner) => match value {
            ConstValue::List(items) => items
                .iter()
                .enumerate()
                .try_for_each(|(at, item)| value_of(item, inner, Way::Item(&way, at), schema)),
            // One value stands for a list of one.
            single => value_of(single, inner, way, schema),
        },
        BaseType::Named(name) => named(value, name.as_str(), ty, way, schema),
    }
}

fn named(
    value: &ConstValue,
    name: &str,
    ty: &Type,
    way: Way<'_>,
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
                    let place = Way::Field(&way, field);
                    match fields.get(field.as_str()) {
                        Some(argument) => value_of(value, &argument.ty, place, schema)?,
                        None => {
                            let path = place.told();
                            return Err(Complaint::UnknownField {
                                input: path.clone(),
                                path,
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
                        return Err(bad(Way::Field(&way, field), &argument.ty));
                    }
                }
                !one_of
                    || (given.len() == 1 && given.values().all(|value| *value != ConstValue::Null))
            }
            (Some(Input::Object { .. }), _) => false,
            (Some(Input::Scalar(scalar)), value) => {
                if (scalar.takes)(value) {
                    return Ok(());
                }
                let path = way.told();
                return Err(Complaint::Variable {
                    input: path.clone(),
                    path,
                    expected: ty.to_string(),
                    example: Some(scalar.example),
                });
            }
            // A file comes beside the request, never in a variable itself.
            (Some(Input::Upload), value) => matches!(value, ConstValue::Binary(_)),
            // An object is validation's.
            (None, _) => true,
        },
    };
    if fits { Ok(()) } else { Err(bad(way, ty)) }
}
