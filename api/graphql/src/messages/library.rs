//! What the library says of a document that it refuses, in the caller's language. It says it in English alone, each rule of
//! its validation in one or two shapes: a known shape has a Chinese sentence with the same names in it.

use async_graphql::{ErrorExtensionValues, Response, ServerError};
use domain::Language;

/// What the library says, with a hole for each name, and the same in Chinese.
type Shape = (&'static str, &'static str);

/// The rules, and what is said before and after them.
const SHAPES: [Shape; 35] = [
    ("Unknown type \"{}\"", "没有类型 {0}。"),
    ("Duplicate directive \"{}\"", "指令 {0} 重复。"),
    (
        "Unknown field \"{}\" on type \"{}\".",
        "类型 {1} 没有字段 {0}。",
    ),
    (
        "Fragment \"{}\" cannot condition non composite type \"{}\"",
        "片段 {0} 不能用于类型 {1}：它没有字段。",
    ),
    (
        "Fragment cannot condition non composite type \"{}\"",
        "片段不能用于类型 {0}：它没有字段。",
    ),
    (
        "Unknown argument \"{}\" on field \"{}\" of type \"{}\".",
        "类型 {2} 的字段 {1} 没有参数 {0}。",
    ),
    (
        "Unknown argument \"{}\" on directive \"{}\".",
        "指令 {1} 没有参数 {0}。",
    ),
    (
        "Directive \"{}\" may not be used on \"{}\"",
        "指令 {0} 不能用在此处（{1}）。",
    ),
    ("Unknown directive \"{}\"", "没有指令 {0}。"),
    ("Unknown fragment: \"{}\"", "没有片段 {0}。"),
    ("Cannot spread fragment \"{}\"", "片段 {0} 引用了自身。"),
    (
        "Variable \"${}\" is not defined by operation \"{}\"",
        "操作 {1} 没有定义变量 ${0}。",
    ),
    ("Variable \"${}\" is not defined", "没有定义变量 ${0}。"),
    ("Variable {} is not defined.", "没有定义变量 ${0}。"),
    ("Fragment \"{}\" is never used", "片段 {0} 没有被使用。"),
    (
        "Variable \"${}\" is not used by operation \"{}\"",
        "操作 {1} 没有使用变量 ${0}。",
    ),
    ("Variable \"${}\" is not used", "变量 ${0} 没有被使用。"),
    (
        "Fields \"{}\" conflict because \"{}\" and \"{}\" are different fields. Use different aliases on the fields to fetch both if this was intentional.",
        "结果名 {0} 对应了不同的字段 {1} 与 {2}：如需同时查询，请使用别名。",
    ),
    (
        "Fields \"{}\" conflict because they have differing arguments. Use different aliases on the fields to fetch both if this was intentional.",
        // The library names the field, or the argument that differs.
        "结果名相同而参数不同（{0}）：如需同时查询，请使用别名。",
    ),
    (
        "Fragment \"{}\" cannot be spread here as objects of type \"{}\" can never be of type \"{}\"",
        "片段 {0} 不能用在此处：类型 {1} 的对象不会是 {2}。",
    ),
    (
        "Fragment cannot be spread here as objects of type \"{}\" can never be of type \"{}\"",
        "片段不能用在此处：类型 {0} 的对象不会是 {1}。",
    ),
    (
        "Directive \"@{}\" argument \"{}\" of type \"{}\" is required but not provided",
        "指令 @{0} 缺少参数 {1}（类型 {2}）。",
    ),
    (
        "Field \"{}\" argument \"{}\" of type \"{}\" is required but not provided",
        "类型 {2} 的字段 {0} 缺少参数 {1}。",
    ),
    (
        "Field \"{}\" must not have a selection since type \"{}\" has no subfields",
        "字段 {0} 不能再选择子字段：类型 {1} 没有字段。",
    ),
    (
        "Field \"{}\" of type \"{}\" must have a selection of subfields",
        "字段 {0}（类型 {1}）必须选择子字段。",
    ),
    (
        "There can only be one argument named \"{}\"",
        "参数 {0} 只能出现一次。",
    ),
    (
        "There can only be one variable named \"${}\"",
        "变量 ${0} 只能定义一次。",
    ),
    (
        "The Upload type is only allowed to be defined on a mutation",
        "Upload 类型的变量只能用于变更操作。",
    ),
    (
        "Variable \"{}\" cannot be of non-input type \"{}\"",
        "变量 ${0} 的类型 {1} 不能用于输入。",
    ),
    (
        "Variable \"{}\" of type \"{}\" used in position expecting type \"{}\"",
        "类型为 {1} 的变量 ${0} 不能用在需要 {2} 的位置。",
    ),
    (
        "The recursion depth of the query cannot be greater than `{}`",
        "查询的嵌套不能超过 {0} 层。",
    ),
    ("Unknown operation named \"{}\"", "没有操作 {0}。"),
    (
        "Operation name required in request.",
        "请用 operationName 指明文档中的一个操作。",
    ),
    // While it executes: what the edge should have refused.
    ("Expected input type \"{}\", found {}", "值不符合类型 {0}。"),
    ("Failed to parse \"{}\": {}", "值不符合类型 {0}。"),
];

/// Values in the document that do not fit: the argument with the way into it, and why.
const VALUES: [Shape; 2] = [
    (
        "Invalid value for argument \"{}\", {}",
        "参数 {0} 的值不正确：{1}。",
    ),
    (
        "Invalid default value for argument: \"{}\", {}",
        "变量 {0} 的默认值不正确：{1}。",
    ),
];

/// Why a value does not fit; the last two name the field below the place.
const WHY: [Shape; 6] = [
    ("expected type \"{}\"", "应为类型 {0}"),
    (
        "enumeration type \"{}\" does not contain the value \"{}\"",
        "枚举类型 {0} 没有值 {1}",
    ),
    (
        "Oneof input objects requires have exactly one field",
        "必须且只能给出一个字段",
    ),
    (
        "Oneof Input Objects require that exactly one field must be supplied and that field must not be null",
        "必须且只能给出一个字段，且不能为 null",
    ),
    (
        "field \"{}\" of type \"{}\" is required but not provided",
        "缺少字段 {0}（类型 {1}）",
    ),
    (
        "unknown field \"{}\" of type \"{}\"",
        "类型 {1} 没有字段 {0}",
    ),
];
/// Those that name a field below the place.
const NAMING: std::ops::Range<usize> = 4..6;

/// Puts what the library says into the caller's language, and names the place in the input where it knows one. What the
/// server itself says has a code, and is in that language already.
pub(crate) fn translate(response: &mut Response, language: Language) {
    let coded = |error: &ServerError| {
        let extensions = error.extensions.as_ref();
        extensions.is_some_and(|extensions| extensions.get("code").is_some())
    };
    for error in response.errors.iter_mut().filter(|error| !coded(error)) {
        let (chinese, input) = told(&error.message);
        if let Some(input) = input {
            let extensions = error
                .extensions
                .get_or_insert_with(ErrorExtensionValues::default);
            extensions.set("field", input);
        }
        if language == Language::ZhCn {
            error.message = chinese;
        }
    }
}

/// The same in Chinese, and the place in the input that is meant.
fn told(message: &str) -> (String, Option<String>) {
    for (says, chinese) in VALUES {
        let Some(parts) = holes(says, message) else {
            continue;
        };
        let [place, why] = parts.as_slice() else {
            continue;
        };
        let known = WHY.iter().enumerate().find_map(|(at, (says, chinese))| {
            let parts = holes(says, why)?;
            let below = parts.first().filter(|_| NAMING.contains(&at));
            let place = match below {
                Some(field) => format!("{place}.{field}"),
                None => (*place).to_owned(),
            };
            Some((filled(chinese, &parts), place))
        });
        if let Some((why, at)) = known {
            return (filled(chinese, &[*place, why.as_str()]), Some(at));
        }
    }
    let mut shapes = SHAPES.iter();
    let known = shapes.find_map(|(says, chinese)| {
        let parts = holes(says, message)?;
        let missing = says.starts_with("Field") && says.contains("required");
        let input = parts.get(1).filter(|_| missing);
        Some((
            filled(chinese, &parts),
            input.map(|input| (*input).to_owned()),
        ))
    });
    known.unwrap_or_else(|| (format!("无法执行该查询（{message}）。"), None))
}

/// What stands in the holes of a shape, if the text has it.
fn holes<'t>(shape: &str, text: &'t str) -> Option<Vec<&'t str>> {
    let mut pieces = shape.split("{}");
    let mut rest = text.strip_prefix(pieces.next()?)?;
    let mut pieces = pieces.peekable();
    let mut found = Vec::new();
    while let Some(piece) = pieces.next() {
        // The last hole reaches as far as it can: what a caller wrote may hold anything.
        let end = match pieces.peek() {
            None => rest.len().checked_sub(piece.len())?,
            Some(_) => rest.find(piece)?,
        };
        let (hole, after) = rest.split_at_checked(end)?;
        rest = after.strip_prefix(piece)?;
        found.push(hole);
    }
    rest.is_empty().then_some(found)
}

/// A sentence with its names: `{0}` is the first.
fn filled(sentence: &str, names: &[&str]) -> String {
    let mut pieces = sentence.split('{');
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let named = piece.split_once('}').and_then(|(number, after)| {
            let name = names.get(number.parse::<usize>().ok()?)?;
            Some((name, after))
        });
        match named {
            Some((name, after)) => {
                text += name;
                text += after;
            }
            None => {
                text.push('{');
                text += piece;
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use async_graphql::{Request, Variables};
    use serde_json::json;

    use super::*;

    /// What each rule of the library's validation says, by the library itself: the edge is not asked, which refuses some of
    /// these in words of its own.
    #[tokio::test]
    async fn every_rule_is_told_in_both_languages() {
        let schema = crate::builder().finish();
        for (document, english, chinese, input) in [
            (
                "{ plan(year: \"x\") { id } }",
                "Invalid value for argument \"year\", expected type \"Int\"",
                "参数 year 的值不正确：应为类型 Int。",
                Some("year"),
            ),
            (
                "{ nodes(ids: [\"a\", null]) { id } }",
                "Invalid value for argument \"ids.1\", expected type \"ID\"",
                "参数 ids.1 的值不正确：应为类型 ID。",
                Some("ids.1"),
            ),
            (
                "{ plan(year: 1) { targets(filter: { any: [{ state: \"A\\\" on {0}\" }] }) { totalCount } } }",
                "Invalid value for argument \"filter.any.0.state\", enumeration type \"TargetState\" does not contain the value \"A\" on {0}\"",
                "参数 filter.any.0.state 的值不正确：枚举类型 TargetState 没有值 A\" on {0}。",
                Some("filter.any.0.state"),
            ),
            (
                "{ target(by: {}) { id } }",
                "Invalid value for argument \"by\", Oneof input objects requires have exactly one field",
                "参数 by 的值不正确：必须且只能给出一个字段。",
                Some("by"),
            ),
            (
                "{ target(by: { id: null }) { id } }",
                "Invalid value for argument \"by\", Oneof Input Objects require that exactly one field must be supplied and that field must not be null",
                "参数 by 的值不正确：必须且只能给出一个字段，且不能为 null。",
                Some("by"),
            ),
            (
                "mutation { signIn(input: { username: \"x\" }) { userErrors { code } } }",
                "Invalid value for argument \"input\", field \"password\" of type \"String!\" is required but not provided",
                "参数 input 的值不正确：缺少字段 password（类型 String!）。",
                Some("input.password"),
            ),
            (
                "mutation { signOut(input: { x: 1 }) { userErrors { code } } }",
                "Invalid value for argument \"input\", unknown field \"x\" of type \"SignOutInput\"",
                "参数 input 的值不正确：类型 SignOutInput 没有字段 x。",
                Some("input.x"),
            ),
            (
                "query($y: Int! = \"x\") { plan(year: $y) { id } }",
                "Invalid default value for argument: \"y\", expected type \"Int\"",
                "变量 y 的默认值不正确：应为类型 Int。",
                Some("y"),
            ),
            (
                "query($y: Nothing) { plan(year: $y) { id } }",
                "Unknown type \"Nothing\"",
                "没有类型 Nothing。",
                None,
            ),
            (
                "{ viewer { ... on Nothing { id } } }",
                "Unknown type \"Nothing\"",
                "没有类型 Nothing。",
                None,
            ),
            (
                "{ viewer @skip(if: false) @skip(if: false) { permissions } }",
                "Duplicate directive \"skip\"",
                "指令 skip 重复。",
                None,
            ),
            (
                "{ nothing }",
                "Unknown field \"nothing\" on type \"Query\".",
                "类型 Query 没有字段 nothing。",
                None,
            ),
            (
                "{ ...F } fragment F on Date { x }",
                "Fragment \"F\" cannot condition non composite type \"Date\"",
                "片段 F 不能用于类型 Date：它没有字段。",
                None,
            ),
            (
                "{ viewer { ... on Date { x } } }",
                "Fragment cannot condition non composite type \"Date\"",
                "片段不能用于类型 Date：它没有字段。",
                None,
            ),
            (
                "{ viewer(x: 1) { permissions } }",
                "Unknown argument \"x\" on field \"viewer\" of type \"Query\".",
                "类型 Query 的字段 viewer 没有参数 x。",
                None,
            ),
            (
                "{ viewer @skip(if: true, x: 1) { permissions } }",
                "Unknown argument \"x\" on directive \"skip\".",
                "指令 skip 没有参数 x。",
                None,
            ),
            (
                "query @skip(if: true) { viewer { permissions } }",
                "Directive \"skip\" may not be used on \"QUERY\"",
                "指令 skip 不能用在此处（QUERY）。",
                None,
            ),
            (
                "{ viewer @nothing { permissions } }",
                "Unknown directive \"nothing\"",
                "没有指令 nothing。",
                None,
            ),
            ("{ ...F }", "Unknown fragment: \"F\"", "没有片段 F。", None),
            (
                "query Q { plan(year: $y) { id } }",
                "Variable \"$y\" is not defined by operation \"Q\"",
                "操作 Q 没有定义变量 $y。",
                None,
            ),
            (
                "{ plan(year: $y) { id } }",
                "Variable \"$y\" is not defined",
                "没有定义变量 $y。",
                None,
            ),
            (
                "{ viewer { permissions } } fragment F on Query { viewer { permissions } }",
                "Fragment \"F\" is never used",
                "片段 F 没有被使用。",
                None,
            ),
            (
                "query Q($y: Int) { viewer { permissions } }",
                "Variable \"$y\" is not used by operation \"Q\"",
                "操作 Q 没有使用变量 $y。",
                None,
            ),
            (
                "query($y: Int) { viewer { permissions } }",
                "Variable \"$y\" is not used",
                "变量 $y 没有被使用。",
                None,
            ),
            (
                "{ plan(year: 1) { a: id a: title } }",
                "Fields \"a\" conflict because \"id\" and \"title\" are different fields. Use different aliases on the fields to fetch both if this was intentional.",
                "结果名 a 对应了不同的字段 id 与 title：如需同时查询，请使用别名。",
                None,
            ),
            (
                "{ plan(year: 1) { id } plan(year: 2) { id } }",
                "Fields \"year\" conflict because they have differing arguments. Use different aliases on the fields to fetch both if this was intentional.",
                "结果名相同而参数不同（year）：如需同时查询，请使用别名。",
                None,
            ),
            (
                "{ viewer { ...F } } fragment F on Plan { id }",
                "Fragment \"F\" cannot be spread here as objects of type \"Viewer\" can never be of type \"Plan\"",
                "片段 F 不能用在此处：类型 Viewer 的对象不会是 Plan。",
                None,
            ),
            (
                "{ viewer { ... on Plan { id } } }",
                "Fragment cannot be spread here as objects of type \"Viewer\" can never be of type \"Plan\"",
                "片段不能用在此处：类型 Viewer 的对象不会是 Plan。",
                None,
            ),
            (
                "{ viewer @skip { permissions } }",
                "Directive \"@skip\" argument \"if\" of type \"Boolean!\" is required but not provided",
                "指令 @skip 缺少参数 if（类型 Boolean!）。",
                None,
            ),
            (
                "{ plan { id } }",
                "Field \"plan\" argument \"year\" of type \"Query\" is required but not provided",
                "类型 Query 的字段 plan 缺少参数 year。",
                Some("year"),
            ),
            (
                "{ plan(year: 1) { id { x } } }",
                "Field \"id\" must not have a selection since type \"ID\" has no subfields",
                "字段 id 不能再选择子字段：类型 ID 没有字段。",
                None,
            ),
            (
                "{ plan(year: 1) }",
                "Field \"plan\" of type \"Plan\" must have a selection of subfields",
                "字段 plan（类型 Plan）必须选择子字段。",
                None,
            ),
            (
                "{ plan(year: 1, year: 1) { id } }",
                "There can only be one argument named \"year\"",
                "参数 year 只能出现一次。",
                None,
            ),
            (
                "query($y: Int!, $y: Int!) { plan(year: $y) { id } }",
                "There can only be one variable named \"$y\"",
                "变量 $y 只能定义一次。",
                None,
            ),
            (
                "query($f: Upload) { viewer { permissions } }",
                "The Upload type is only allowed to be defined on a mutation",
                "Upload 类型的变量只能用于变更操作。",
                None,
            ),
            (
                "query($y: Plan) { plan(year: $y) { id } }",
                "Variable \"y\" cannot be of non-input type \"Plan\"",
                "变量 $y 的类型 Plan 不能用于输入。",
                None,
            ),
            (
                "{ ...F } fragment F on Query { ...F }",
                "The recursion depth of the query cannot be greater than `32`",
                "查询的嵌套不能超过 32 层。",
                None,
            ),
            (
                "query A { viewer { permissions } } query B { viewer { permissions } }",
                "Operation name required in request.",
                "请用 operationName 指明文档中的一个操作。",
                None,
            ),
        ] {
            for (language, expected) in [(Language::En, english), (Language::ZhCn, chinese)] {
                let variables = Variables::from_json(json!({}));
                let mut response = schema
                    .execute(Request::new(document).variables(variables))
                    .await;
                let positions = |response: &Response| {
                    let errors = response.errors.iter();
                    errors
                        .map(|error| error.locations.clone())
                        .collect::<Vec<_>>()
                };
                let before = positions(&response);
                translate(&mut response, language);
                assert_eq!(positions(&response), before);
                let found = response
                    .errors
                    .iter()
                    .find(|error| error.message == expected);
                let found = found.unwrap_or_else(|| panic!("{document}: {:?}", response.errors));
                let extensions = found.extensions.as_ref();
                let place = extensions.and_then(|extensions| extensions.get("field"));
                assert_eq!(place, input.map(Into::into).as_ref(), "{document}");
                // Nothing of the answer is in the other language.
                for error in &response.errors {
                    let chinese = error.message.chars().any(|c| matches!(c, '一'..='鿿'));
                    assert_eq!(chinese, language == Language::ZhCn, "{}", error.message);
                    assert!(!error.message.starts_with("无法执行"), "{}", error.message);
                }
            }
        }
    }

    #[test]
    fn what_is_not_known_is_kept_in_brackets_and_what_has_a_code_is_left_alone() {
        let mut response = Response::from_errors(vec![
            ServerError::new("Something \"new\" went wrong", None),
            ServerError::new("Unknown field \"x\" on type \"Query\". Did you mean", None),
            ServerError::new("Cannot spread fragment \"F\"", None),
        ]);
        let mut own = ServerError::new("Unknown type \"x\"", None);
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", "NOT_FOUND");
        own.extensions = Some(extensions);
        response.errors.push(own);
        translate(&mut response, Language::ZhCn);
        let found: Vec<&str> = response
            .errors
            .iter()
            .map(|error| error.message.as_str())
            .collect();
        assert_eq!(
            found,
            [
                "无法执行该查询（Something \"new\" went wrong）。",
                "无法执行该查询（Unknown field \"x\" on type \"Query\". Did you mean）。",
                "片段 F 引用了自身。",
                "Unknown type \"x\"",
            ]
        );
    }
}
