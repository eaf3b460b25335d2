//! What the edge knows of the schema: enough to price a field and to check a variable.

use std::collections::{HashMap, HashSet};

use async_graphql::Value;
use async_graphql_parser::{
    Positioned, parse_schema,
    types::{BaseType, InputValueDefinition, OperationType, Type, TypeKind, TypeSystemDefinition},
};

/// The scalar of a file that comes beside the request.
pub(crate) const UPLOAD: &str = "Upload";

/// A scalar of a schema that is not built in.
#[derive(Clone, Copy, Debug)]
pub struct Scalar {
    /// Its name.
    pub name: &'static str,
    /// Whether a value is one of it.
    pub takes: fn(&Value) -> bool,
    /// What one looks like, for whoever sent a value that is none.
    pub example: &'static str,
}

/// A field of a schema of whose price the schema's own language tells too little.
#[derive(Clone, Copy, Debug)]
pub struct Priced {
    /// The type whose field it is; `*` for every type that has one of this name.
    pub of: &'static str,
    /// The field.
    pub field: &'static str,
    /// The most that it holds: of a list without pages.
    pub most: Option<u64>,
    /// What it costs by itself.
    pub cost: u64,
}

/// The types of a schema.
#[derive(Debug, Default)]
pub(crate) struct Schema {
    outputs: HashMap<String, HashMap<String, Field>>,
    inputs: HashMap<String, Input>,
    interfaces: HashSet<String>,
    query: String,
    mutation: String,
    subscription: String,
}

/// A field of an object or interface.
#[derive(Debug)]
pub(crate) struct Field {
    /// The type below all lists.
    pub(crate) of: String,
    pub(crate) list: bool,
    /// The most that the list holds, where that is known.
    pub(crate) most: Option<u64>,
    /// What it costs by itself.
    pub(crate) cost: u64,
    /// Its lists and nulls, and the type's name where it is a leaf: what an answer looks like.
    pub(crate) shape: String,
    pub(crate) arguments: HashMap<String, Argument>,
}

/// An argument, or a field of an input object.
#[derive(Debug)]
pub(crate) struct Argument {
    pub(crate) ty: Type,
    pub(crate) default: bool,
}

/// An input type that is not a built-in scalar.
#[derive(Debug)]
pub(crate) enum Input {
    /// The words of an enum.
    Enum(Vec<String>),
    /// The fields of an input object, and whether exactly one of them is wanted.
    Object {
        fields: HashMap<String, Argument>,
        one_of: bool,
    },
    /// A scalar of the schema's own.
    Scalar(Scalar),
    /// The scalar of a file.
    Upload,
}

impl Schema {
    /// Reads a schema from its own language. Each scalar of its own must be among the scalars, and what is priced must be its own.
    pub(crate) fn read(sdl: &str, scalars: &[Scalar], priced: &[Priced]) -> Result<Self, String> {
        let document = parse_schema(sdl).map_err(|error| error.to_string())?;
        let mut schema = Self {
            query: "Query".to_owned(),
            mutation: "Mutation".to_owned(),
            subscription: "Subscription".to_owned(),
            ..Self::default()
        };
        for definition in document.definitions {
            match definition {
                TypeSystemDefinition::Schema(roots) => {
                    let name = |root: Option<Positioned<_>>, default: &str| {
                        root.map_or_else(
                            || default.to_owned(),
                            |root: Positioned<async_graphql_value::Name>| root.node.to_string(),
                        )
                    };
                    schema.query = name(roots.node.query, "Query");
                    schema.mutation = name(roots.node.mutation, "Mutation");
                    schema.subscription = name(roots.node.subscription, "Subscription");
                }
                TypeSystemDefinition::Type(definition) => {
                    let one_of = definition
                        .node
                        .directives
                        .iter()
                        .any(|directive| directive.node.name.node.as_str() == "oneOf");
                    schema.add(
                        definition.node.name.node.to_string(),
                        definition.node.kind,
                        one_of,
                        scalars,
                    )?;
                }
                TypeSystemDefinition::Directive(_) => {}
            }
        }
        schema.shapes();
        for priced in priced {
            schema.price(priced)?;
        }
        Ok(schema)
    }

    fn price(&mut self, priced: &Priced) -> Result<(), String> {
        let Priced {
            of,
            field,
            most,
            cost,
        } = *priced;
        let types = self.outputs.iter_mut();
        let types = types.filter(|(name, _)| of == "*" || of == name.as_str());
        let mut found = types
            .filter_map(|(_, fields)| fields.get_mut(field))
            .filter(|field| most.is_none() || field.list)
            .peekable();
        if found.peek().is_none() {
            return Err(format!("there is no field {of}.{field}, or it is no list"));
        }
        found.for_each(|field| (field.most, field.cost) = (most, cost));
        Ok(())
    }

    /// What an object is called makes no difference to the shape of an answer.
    fn shapes(&mut self) {
        let objects: HashSet<String> = self.outputs.keys().cloned().collect();
        for field in self.outputs.values_mut().flat_map(HashMap::values_mut) {
            if objects.contains(&field.of) {
                field.shape = field.shape.replace(&field.of, "{}");
            }
        }
    }

    /// The type that an operation selects from.
    pub(crate) fn root(&self, operation: OperationType) -> &str {
        match operation {
            OperationType::Query => &self.query,
            OperationType::Mutation => &self.mutation,
            OperationType::Subscription => &self.subscription,
        }
    }

    /// Whether a type is an object: two different ones are never the same thing.
    pub(crate) fn is_object(&self, name: &str) -> bool {
        self.outputs.contains_key(name) && !self.interfaces.contains(name)
    }

    fn add(
        &mut self,
        name: String,
        kind: TypeKind,
        one_of: bool,
        scalars: &[Scalar],
    ) -> Result<(), String> {
        let fields = match kind {
            TypeKind::Object(object) => object.fields,
            TypeKind::Interface(interface) => {
                self.interfaces.insert(name.clone());
                interface.fields
            }
            // What is selected from a union may be selected from any of its objects, as from an interface.
            TypeKind::Union(_) => {
                self.interfaces.insert(name.clone());
                Vec::new()
            }
            TypeKind::Scalar => {
                let scalar = match scalars.iter().find(|scalar| scalar.name == name) {
                    _ if name == UPLOAD => Input::Upload,
                    Some(scalar) => Input::Scalar(*scalar),
                    None => return Err(format!("nobody reads the scalar {name}")),
                };
                self.inputs.insert(name, scalar);
                return Ok(());
            }
            TypeKind::Enum(words) => {
                let words = words
                    .values
                    .iter()
                    .map(|word| word.node.value.node.to_string());
                self.inputs.insert(name, Input::Enum(words.collect()));
                return Ok(());
            }
            TypeKind::InputObject(object) => {
                let fields = arguments(object.fields);
                self.inputs.insert(name, Input::Object { fields, one_of });
                return Ok(());
            }
        };
        let fields = fields.into_iter().map(|field| {
            let field = field.node;
            let read = Field {
                of: innermost(&field.ty.node).to_owned(),
                list: matches!(field.ty.node.base, BaseType::List(_)),
                most: None,
                cost: 1,
                shape: field.ty.node.to_string(),
                arguments: arguments(field.arguments),
            };
            (field.name.node.to_string(), read)
        });
        self.outputs.insert(name, fields.collect());
        Ok(())
    }

    /// A field of a type, if there is one.
    pub(crate) fn field(&self, of: &str, name: &str) -> Option<&Field> {
        self.outputs.get(of)?.get(name)
    }

    /// Whether there is a type of this name.
    pub(crate) fn knows(&self, name: &str) -> bool {
        matches!(name, "Int" | "Float" | "String" | "Boolean" | "ID")
            || self.inputs.contains_key(name)
            || self.outputs.contains_key(name)
    }

    /// An input type, if there is one and it is not built in.
    pub(crate) fn input(&self, name: &str) -> Option<&Input> {
        self.inputs.get(name)
    }
}

fn arguments(definitions: Vec<Positioned<InputValueDefinition>>) -> HashMap<String, Argument> {
    definitions
        .into_iter()
        .map(|definition| {
            let definition = definition.node;
            let argument = Argument {
                ty: definition.ty.node,
                default: definition.default_value.is_some(),
            };
            (definition.name.node.to_string(), argument)
        })
        .collect()
}

/// The name below all lists.
pub(crate) fn innermost(ty: &Type) -> &str {
    match &ty.base {
        BaseType::Named(name) => name.as_str(),
        BaseType::List(inner) => innermost(inner),
    }
}
