// The schema as introspection tells it.

const QUERY = `query Introspection { __schema { queryType { name } mutationType { name } subscriptionType { name } types { kind name description isOneOf
  fields { name description args { name description defaultValue type { ...T } } type { ...T } }
  inputFields { name description defaultValue type { ...T } } enumValues { name description } possibleTypes { name } } } }
  fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { name } } } } }`;

/** Asks for the schema; null when introspection is off. */
export async function load(ask) {
  const answer = await ask(null, QUERY, {});
  const told = answer.body?.data?.__schema;
  return told ? model(told) : null;
}

/** Makes the introspected schema easy to ask. */
export function model(told) {
  const types = new Map(told.types.filter((type) => !type.name.startsWith("__")).map((type) => [type.name, type]));
  return { query: told.queryType.name, mutation: told.mutationType?.name, subscription: told.subscriptionType?.name, types };
}

/** The name below all wrappers. */
export const innermost = (type) => (type.ofType ? innermost(type.ofType) : type.name);

/** A type as documents write it. */
export function print(type) {
  if (type.kind === "NON_NULL") return `${print(type.ofType)}!`;
  if (type.kind === "LIST") return `[${print(type.ofType)}]`;
  return type.name;
}
