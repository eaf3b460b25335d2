//! `schema.graphql` is what the server serves.

#[test]
fn schema_graphql_is_the_schema() {
    let recorded = include_str!("../../schema.graphql");
    assert!(
        recorded == graphql::sdl(),
        "schema.graphql is not the schema any more: run `cargo run -- schema > schema.graphql` and look at the difference"
    );
}

#[test]
fn everything_in_the_schema_is_described() {
    use async_graphql_parser::types::{TypeKind, TypeSystemDefinition};
    let document = async_graphql_parser::parse_schema(graphql::sdl()).unwrap();
    let mut silent = Vec::new();
    for definition in document.definitions {
        let TypeSystemDefinition::Type(of) = definition else {
            continue;
        };
        let of = of.node;
        let name = of.name.node.to_string();
        let mut check = |place: String, described: bool| {
            if !described {
                silent.push(place);
            }
        };
        check(name.clone(), of.description.is_some());
        let fields = match of.kind {
            TypeKind::Object(of) => of.fields,
            TypeKind::Interface(of) => of.fields,
            TypeKind::Enum(of) => {
                for value in of.values {
                    check(
                        format!("{name}.{}", value.node.value.node),
                        value.node.description.is_some(),
                    );
                }
                continue;
            }
            TypeKind::InputObject(of) => {
                for field in of.fields {
                    check(
                        format!("{name}.{}", field.node.name.node),
                        field.node.description.is_some(),
                    );
                }
                continue;
            }
            _ => continue,
        };
        for field in fields {
            let field = field.node;
            let place = format!("{name}.{}", field.name.node);
            check(place.clone(), field.description.is_some());
            for argument in field.arguments {
                check(
                    format!("{place}({})", argument.node.name.node),
                    argument.node.description.is_some(),
                );
            }
        }
    }
    assert_eq!(silent, Vec::<String>::new());
}
