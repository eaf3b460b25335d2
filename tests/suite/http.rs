//! GraphQL over HTTP: media types, methods, statuses, limits. The codes in brackets are the public audit's and draft's.

use serde_json::{Value, json};
use tests::{Answer, App, Backend, both};

const GRAPHQL: &str = "application/graphql-response+json";
const JSON: &str = "application/json";

async fn post(app: &App, accept: &str, content_type: &str, body: impl Into<String>) -> Answer {
    let request = app
        .client()
        .post(app.url("/graphql"))
        .header("accept", accept)
        .header("content-type", content_type)
        .body(body.into());
    app.send(request).await
}

async fn query(app: &App, accept: &str, text: &str) -> Answer {
    post(app, accept, JSON, json!({ "query": text }).to_string()).await
}

both! {
    async fn forms_of_requests_and_answers(app: App) {
        let fine = json!({ "query": "{ viewer { permissions } }" }).to_string();
        // [4655, 47DE, 80D8, D03, D06, D23] What is accepted decides the form; what cannot be made is 406.
        for (accept, status, content_type) in [
            (GRAPHQL, 200, "application/graphql-response+json; charset=utf-8"),
            (JSON, 200, "application/json; charset=utf-8"),
            ("*/*", 200, "application/json; charset=utf-8"),
            ("text/html", 406, "application/json; charset=utf-8"),
        ] {
            let answer = post(&app, accept, JSON, fine.clone()).await;
            assert_eq!((answer.status.as_u16(), answer.headers["content-type"].to_str().unwrap()), (status, content_type), "{accept}");
        }
        // [9ABE, D60-D65] Only JSON bodies, in UTF-8: everything that a form could send is 415.
        for content_type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json; charset=gbk", "application/graphql"] {
            let answer = post(&app, GRAPHQL, content_type, fine.clone()).await;
            assert_eq!((answer.status.as_u16(), answer.codes()), (415, vec!["BAD_USER_INPUT"]), "{content_type}");
        }
        assert_eq!(post(&app, GRAPHQL, "application/json;charset=UTF-8", fine.clone()).await.status, 200);
        // Malformed requests are 400 whatever is accepted.
        for body in ["", "{", "null", "\"x\"", "[]", "[{\"query\":\"{viewer{permissions}}\"}]", "{}", "{\"query\":7}", "{\"query\":\"\"}",
            "{\"query\":\"{viewer{permissions}}\",\"variables\":[]}", "{\"query\":\"{viewer{permissions}}\",\"operationName\":1}", "{\"query\":\"{viewer{permissions}}\",\"extensions\":\"x\"}"] {
            for accept in [GRAPHQL, JSON] {
                let answer = post(&app, accept, JSON, body).await;
                assert_eq!((answer.status.as_u16(), answer.codes(), answer.body.get("data")), (400, vec!["BAD_USER_INPUT"], None), "{body}");
            }
        }
        // [865D, 556A, 51FE, 74FF, 86EE, D10-D17, D586, 5E5B] A document that is refused: 400 and no data; 200 for who accepts JSON alone.
        for text in ["{", "{ nothing }", "{ viewer }", "query A { viewer { permissions } } query B { viewer { permissions } }", "{ plan(year: 99999999999) { id } }", "{ ...F } fragment F on Query { ...F }"] {
            for (accept, status) in [(GRAPHQL, 400), (JSON, 200)] {
                let answer = query(&app, accept, text).await;
                assert_eq!((answer.status.as_u16(), answer.body.get("data")), (status, None), "{text}: {}", answer.text);
                assert!(!answer.codes().is_empty() && answer.codes().iter().all(|code| *code == "BAD_USER_INPUT"), "{text}: {}", answer.text);
            }
        }
        // A field that fails is not a request that fails.
        let answer = query(&app, GRAPHQL, "{ plan(year: 2022) { id } viewer { permissions } }").await;
        assert_eq!((answer.status.as_u16(), &answer.body["data"]), (200, &json!({ "plan": null, "viewer": null })));
        // Variables are checked before anything runs.
        for variables in [json!({}), json!({ "y": null }), json!({ "y": "2022" }), json!({ "y": 3_000_000_000i64 }), json!({ "y": 1.5 })] {
            let body = json!({ "query": "query($y: Int!) { plan(year: $y) { id } }", "variables": variables });
            let answer = post(&app, GRAPHQL, JSON, body.to_string()).await;
            assert_eq!((answer.status.as_u16(), answer.codes(), answer.body.get("data")), (400, vec!["BAD_USER_INPUT"], None), "{variables}");
        }
        // A field that the input does not have is named, and not told as a wrong type.
        for (language, expected) in [
            ("en", "$i.remark cannot be used: there is no field remark on the input type SignOutInput."),
            ("zh-CN", "变量 $i.remark 不可用：输入类型 SignOutInput 没有字段 remark。"),
        ] {
            let mut actor = app.anonymous();
            actor.language = language;
            let answer = actor.ask("mutation($i: SignOutInput!) { signOut(input: $i) { userErrors { code } } }", json!({ "i": { "remark": "x" } })).await;
            assert_eq!((answer.codes(), &answer.body["errors"][0]["message"]), (vec!["BAD_USER_INPUT"], &json!(expected)));
        }
        // Keys come in the order of the query.
        let answer = query(&app, GRAPHQL, "{ viewer { permissions } b: __typename a: __typename }").await;
        assert_eq!(answer.text, r#"{"data":{"viewer":null,"b":"Query","a":"Query"}}"#);
    }

    async fn methods(app: App) {
        let get = async |parameters: &[(&str, &str)]| app.send(app.client().get(app.url("/graphql")).header("accept", GRAPHQL).query(parameters)).await;
        let two = "query A { a: __typename } query B($v: Boolean!) { b: __typename @include(if: $v) }";
        assert_eq!(get(&[("query", "{ __typename }")]).await.text, r#"{"data":{"__typename":"Query"}}"#);
        // [D34-D36] camelCase names, and empty parameters.
        assert_eq!(get(&[("query", two), ("operationName", "B"), ("variables", "{\"v\":true}")]).await.text, r#"{"data":{"b":"Query"}}"#);
        assert_eq!(get(&[("query", "{ __typename }"), ("variables", ""), ("operationName", ""), ("extensions", "")]).await.status, 200);
        assert_eq!(get(&[]).await.status, 400);
        assert_eq!(get(&[("query", "{ __typename }"), ("variables", "[]")]).await.status, 400);
        // [9C48, D31] Nothing changes by GET.
        let answer = get(&[("query", "mutation { signOut(input: {}) { userErrors { code } } }")]).await;
        assert_eq!((answer.status.as_u16(), answer.headers["allow"].to_str().unwrap()), (405, "POST"));
        for method in ["PUT", "DELETE", "PATCH", "OPTIONS"] {
            let method = method.parse().unwrap();
            let answer = app.send(app.client().request(method, app.url("/graphql"))).await;
            assert_eq!((answer.status.as_u16(), answer.headers["allow"].to_str().unwrap()), (405, "GET, POST"));
        }
    }

    async fn what_is_too_large_is_refused_before_it_runs(app: App) {
        let deep = |levels: usize| format!("{{ plan(year: 2022) {{ sections {{ {} id {} }} }} }}", "children { ".repeat(levels), " }".repeat(levels));
        let bomb: String = (0..20).map(|n| format!("fragment F{n} on Query {{ ...F{m} ...F{m} ...F{m} }} ", m = n + 1)).collect();
        let cases = [
            ("aliases", format!("{{ {} }}", (0..1000).map(|n| format!("a{n}: __typename ")).collect::<String>())),
            ("few aliases", format!("{{ {} }}", (0..31).map(|n| format!("a{n}: __typename ")).collect::<String>())),
            ("depth", deep(100)),
            ("some depth", deep(20)),
            ("fields", format!("{{ {} }}", "__typename ".repeat(2500))),
            ("tokens", format!("{{ {} }}", "a ".repeat(10_000))),
            ("brackets", "{".repeat(5000)),
            ("lists", format!("{{ nodes(ids: {}) {{ id }} }}", "[".repeat(3000))),
            ("directives", format!("{{ viewer {{ permissions {} }} }}", "@include(if: true) ".repeat(200))),
            ("directives on __typename", format!("{{ __typename {} }}", "@include(if: true) ".repeat(200))),
            ("fragments in fragments", format!("{{ ...F0 }} {bomb} fragment F20 on Query {{ viewer {{ permissions }} }}")),
            ("operations", (0..60).map(|n| format!("query Q{n} {{ __typename }} ")).collect::<String>()),
            ("root fields", format!("{{ {} }}", (0..21).map(|n| format!("a{n}: viewer {{ permissions }} ")).collect::<String>())),
            ("two mutations", "mutation { a: signOut(input: {}) { userErrors { code } } b: signOut(input: {}) { userErrors { code } } }".to_owned()),
            ("two mutations in a fragment", "mutation { ...F } fragment F on Mutation { a: signOut(input: {}) { userErrors { code } } b: signOut(input: {}) { userErrors { code } } }".to_owned()),
            ("pages in pages", "{ plans(first: 100) { nodes { targets(first: 100) { nodes { assignments { unit { targets(first: 100) { nodes { id } } } } } } } } }".to_owned()),
            ("circular introspection", "{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }".to_owned()),
            ("a long text", format!("{{ __typename }} # {}", "x".repeat(40_000))),
        ];
        for (what, text) in &cases {
            let name = json!({ "query": text, "operationName": what.eq(&"operations").then_some("Q1") }).to_string();
            let answer = post(&app, GRAPHQL, JSON, name).await;
            assert_eq!((answer.status.as_u16(), answer.codes(), answer.statements()), (400, vec!["QUERY_TOO_COMPLEX"], 0), "{what}: {}", answer.text);
        }
        let answer = post(&app, GRAPHQL, JSON, "x".repeat(1024 * 1024 + 1)).await;
        assert_eq!((answer.status.as_u16(), answer.codes()), (413, vec!["QUERY_TOO_COMPLEX"]));
        // What front ends send passes.
        let office = app.sign_in("office").await;
        let introspection = include_str!("introspection.graphql");
        let answer = office.query(introspection).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert!(answer.data("/__schema/types").as_array().unwrap().len() > 40);
        let answer = office.ask(&crate::contract::operation("MyTargets"), json!({ "year": 2022, "first": 100 })).await;
        assert_eq!(answer.data("/plan/targets/edges").as_array().unwrap().len(), 100);
    }

    async fn requests_in_parts(app: App) {
        let part = |name: &str, content: &str| format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{content}\r\n");
        let parts = |query: &str, variables: Value, map: Value| {
            let file = if map == json!({}) { String::new() } else { part("0\"; filename=\"a.txt", "text") };
            let operations = json!({ "query": query, "variables": variables }).to_string();
            format!("{}{}{file}--x--\r\n", part("operations", &operations), part("map", &map.to_string()))
        };
        let send = async |header: Option<(&str, &str)>, body: String| {
            let mut request = app.client().post(app.url("/graphql")).header("accept", GRAPHQL).header("content-type", "multipart/form-data; boundary=x").body(body);
            if let Some((name, value)) = header {
                request = request.header(name, value);
            }
            app.send(request).await
        };
        let viewer = || parts("{ viewer { permissions } }", Value::Null, json!({}));
        let office = app.sign_in("office").await;
        let token = format!("Bearer {}", office.token.clone().unwrap());
        let signed_in = Some(("authorization", token.as_str()));
        // A page of another origin can send the body, and not the header.
        assert_eq!(send(None, viewer()).await.status, 415);
        // Files are read from somebody who is signed in, and from nobody else.
        for header in [("graphql-preflight", "1"), ("authorization", "Bearer x")] {
            let answer = send(Some(header), viewer()).await;
            assert_eq!((answer.status.as_u16(), answer.codes()), (401, vec!["UNAUTHENTICATED"]), "{header:?}");
            assert_eq!(answer.headers["www-authenticate"], "Bearer");
        }
        let answer = send(signed_in, viewer()).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert!(answer.data("/viewer/permissions").is_array());
        // No variable but an upload takes a file, and nobody's statement is spent on finding out.
        let query = "query($id: ID) { node(id: $id) { id } }";
        for (variables, path) in [(json!({ "id": null }), "variables.id"), (json!({}), "variables.file")] {
            let answer = send(signed_in, parts(query, variables, json!({ "0": [path] }))).await;
            assert_eq!((answer.status.as_u16(), answer.codes(), answer.statements()), (400, vec!["BAD_USER_INPUT"], 0), "{}", answer.text);
        }
        // A body that says that it is larger than all files may be is not waited for.
        let head = format!("POST /graphql HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: {token}\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 63963137\r\n\r\n");
        let address = app.url("").replace("http://", "");
        let answer = tokio::task::spawn_blocking(move || {
            use std::io::{Read, Write};
            let mut socket = std::net::TcpStream::connect(address).unwrap();
            socket.write_all(head.as_bytes()).unwrap();
            let mut answer = String::new();
            socket.read_to_string(&mut answer).unwrap();
            answer
        });
        let answer = answer.await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 413") && answer.contains("QUERY_TOO_COMPLEX"), "{answer}");
    }

    async fn documents_that_the_library_misjudges(app: App) {
        let ask = async |text: &str, variables: Value| {
            let body = json!({ "query": text, "variables": variables }).to_string();
            let answer = post(&app, GRAPHQL, JSON, body).await;
            (answer.status.as_u16(), answer.body["data"].clone())
        };
        // Directives on __typename: applied, and checked.
        assert_eq!(ask("query($a: Boolean!) { viewer { permissions } __typename @include(if: $a) }", json!({ "a": false })).await, (200, json!({ "viewer": null })));
        assert_eq!(ask("{ __typename @skip(if: false) }", json!({})).await, (200, json!({ "__typename": "Query" })));
        assert_eq!(ask("{ viewer { permissions } __typename @skip(if: true) }", json!({})).await, (200, json!({ "viewer": null })));
        // So are defaults, where something is skipped or included.
        for (value, field) in [(true, "viewer { permissions }"), (false, "viewer { permissions }"), (true, "__typename"), (false, "__typename")] {
            for place in [format!("{field} @skip(if: $a)").replace(" { permissions } @skip(if: $a)", " @skip(if: $a) { permissions }"), format!("... @skip(if: $a) {{ {field} }}"), "...F @skip(if: $a)".to_owned()] {
                for (place, left) in [(place.clone(), !value), (place.replace("@skip", "@include"), value)] {
                    let fragment = if place.contains("...F") { format!("fragment F on Query {{ {field} }}") } else { String::new() };
                    let text = format!("query($a: Boolean = {value}) {{ {place} }} {fragment}");
                    let all = if field == "__typename" { json!({ "__typename": "Query" }) } else { json!({ "viewer": null }) };
                    assert_eq!(ask(&text, json!({})).await, (200, if left { all } else { json!({}) }), "{text}");
                }
            }
        }
        let office = app.sign_in("office").await;
        let answer = office.query("{ plan(year: 2022) { __typename @skip(if: true) } }").await;
        assert_eq!(answer.data("/plan"), &json!({}));
        for text in ["{ __typename @nothing }", "{ __typename @skip }", "{ __typename @skip(if: \"x\") }", "{ __typename @skip(if: true) @skip(if: true) }", "{ __typename @include(when: true) }"] {
            assert_eq!(ask(text, json!({})).await, (400, Value::Null), "{text}");
        }
        // Variables where their type is not allowed.
        for text in ["query($a: String!) { node(id: $a) { id } }", "query($a: Int) { plan(year: $a) { id } }", "query($a: ID) { nodes(ids: [$a]) { id } }", "query($a: Boolean) { viewer @skip(if: $a) { permissions } }"] {
            assert_eq!(ask(text, json!({ "a": null })).await, (400, Value::Null), "{text}");
        }
        assert_eq!(ask("query($a: Int = 2022) { plan(year: $a) { id } }", json!({})).await, (200, json!({ "plan": null })));
    }

    async fn a_fault_shows_the_requests_id_and_nothing_of_the_inside(app: App) {
        use sea_orm::ConnectionTrait;
        let office = app.sign_in("office").await;
        app.database.connect().await.execute_unprepared("ALTER TABLE unit_alias RENAME TO elsewhere").await.unwrap();
        let answer = office.query("{ units(first: 1) { nodes { name aliases } } }").await;
        assert_eq!(answer.codes(), ["INTERNAL"]);
        // The library's path ends at the index.
        assert_eq!(answer.body["errors"][0]["path"], json!(["units", "nodes", 0, "aliases"]));
        assert_eq!(answer.body["errors"][0]["extensions"]["requestId"].as_str(), answer.headers["x-request-id"].to_str().ok());
        for word in ["unit_alias", "SELECT", "table", "relation", "sqlx"] {
            assert!(!answer.text.contains(word), "{}", answer.text);
        }
    }

    async fn a_fault_before_the_request_runs_is_a_500(app: App) {
        use sea_orm::ConnectionTrait;
        let office = app.sign_in("office").await;
        app.database.connect().await.execute_unprepared("ALTER TABLE session RENAME TO elsewhere").await.unwrap();
        let answer = office.query("{ plans { totalCount } }").await;
        assert_eq!((answer.status.as_u16(), answer.codes(), answer.body.get("data")), (500, vec!["INTERNAL"], None));
        assert!(!answer.text.contains("session"), "{}", answer.text);
        assert_eq!(app.send(app.client().get(app.url("/health/ready"))).await.status, 200);
    }

    async fn values_are_counted_before_they_take_room(app: App) {
        let zeros = |count: usize| json!({ "query": "{ __typename }", "variables": { "a": vec![0; count] } }).to_string();
        // What is not declared is let go; what is too much is not even read.
        assert_eq!(post(&app, GRAPHQL, JSON, zeros(1000)).await.text, r#"{"data":{"__typename":"Query"}}"#);
        let answer = post(&app, GRAPHQL, JSON, zeros(500_000)).await;
        assert_eq!((answer.status.as_u16(), answer.codes(), answer.statements()), (400, vec!["QUERY_TOO_COMPLEX"], 0));
        assert_eq!(answer.body["errors"][0]["extensions"]["limit"], 20_000);
    }

    async fn what_there_is_not_is_told_in_the_form_of_its_clients(app: App) {
        let asked = async |method: &str, path: &str| app.send(app.client().request(method.parse().unwrap(), app.url(path))).await;
        for path in ["/graphql/x", "/attachments", "/attachments/x/y", "/audit", "/audit/export.xml"] {
            let answer = asked("GET", path).await;
            assert_eq!((answer.status.as_u16(), answer.codes()), (404, vec!["NOT_FOUND"]), "{path}");
        }
        for path in ["/attachments/x", "/audit/export.csv"] {
            let answer = asked("POST", path).await;
            assert_eq!((answer.status.as_u16(), answer.codes()), (405, vec!["BAD_USER_INPUT"]), "{path}");
            assert!(answer.headers["allow"].to_str().unwrap().contains("GET"), "{path}");
        }
        for (method, path, status) in [("GET", "/graphqlx", 404), ("GET", "/nowhere", 404), ("POST", "/health/live", 405)] {
            let answer = asked(method, path).await;
            assert_eq!((answer.status.as_u16(), answer.text.as_str()), (status, ""), "{path}");
        }
        // What cannot be read behind a path, and a path that is no text.
        let audit = app.sign_in("audit").await;
        for (path, status, code) in [("/audit/export.csv?a=1&a=2", 400, "BAD_USER_INPUT"), ("/attachments/%ff", 404, "NOT_FOUND")] {
            let request = app.client().get(app.url(path)).bearer_auth(audit.token.clone().unwrap());
            let answer = app.send(request).await;
            assert_eq!((answer.status.as_u16(), answer.codes()), (status, vec![code]), "{path}: {}", answer.text);
        }
    }

    async fn a_lost_database_is_told_and_asked_once_a_second(app: App) {
        let ready = async || {
            let answer = app.send(app.client().get(app.url("/health/ready"))).await;
            (answer.status.as_u16(), answer.body["status"].as_str().map(str::to_owned))
        };
        let word = |status: u16, word: &str| (status, Some(word.to_owned()));
        assert_eq!(ready().await, word(200, "READY"));
        app.parts.store().close().await;
        // The clock stands still.
        assert_eq!(ready().await, word(200, "READY"));
        app.clock.advance(chrono::TimeDelta::seconds(1));
        assert_eq!(ready().await, word(503, "DATABASE_UNAVAILABLE"));
        assert_eq!(app.send(app.client().get(app.url("/health/live"))).await.status, 200);
    }

    async fn health(app: App) {
        assert_eq!(app.send(app.client().get(app.url("/health/live"))).await.status, 200);
        assert_eq!(app.send(app.client().get(app.url("/health/ready"))).await.status, 200);
        assert_eq!(app.send(app.client().get(app.url("/"))).await.status, 404, "no explorer unless it is on");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn introspection_and_the_explorer_are_off_unless_they_are_on() {
    let closed = App::with(Backend::Sqlite, |settings| settings.introspection = false)
        .await
        .unwrap();
    for text in [
        "{ __schema { types { name } } }",
        "{ ...F } fragment F on Query { t: __type(name: \"Plan\") { name } }",
    ] {
        let answer = query(&closed, GRAPHQL, text).await;
        assert_eq!(
            (answer.status.as_u16(), answer.codes()),
            (400, vec!["FORBIDDEN"]),
            "{text}"
        );
    }
    assert_eq!(query(&closed, GRAPHQL, "{ __typename }").await.status, 200);
    let open = App::with(Backend::Sqlite, |settings| settings.explorer = true)
        .await
        .unwrap();
    let page = open.send(open.client().get(open.url("/"))).await;
    assert_eq!(page.status, 200);
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(
        policy.starts_with("default-src 'none'") && !policy.contains("unsafe"),
        "{policy}"
    );
    for document in crate::contract::documents() {
        let path = format!("operations/{}", document.name);
        assert!(page.text.contains(&path), "the page does not know {path}");
        let served = open
            .send(open.client().get(open.url(&format!("/explorer/{path}"))))
            .await;
        assert_eq!(served.status, 200, "{path}");
    }
    assert_eq!(
        open.send(open.client().get(open.url("/explorer/nothing.js")))
            .await
            .status,
        404
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_beyond_the_number_at_once_are_sent_away() {
    for (most, status) in [(0, 503), (1, 200)] {
        let app = App::with(Backend::Sqlite, |settings| {
            settings.guard.requests = api::Requests(most);
        })
        .await
        .unwrap();
        for _ in 0..3 {
            let answer = query(&app, GRAPHQL, "{ __typename }").await;
            assert_eq!(answer.status.as_u16(), status);
            let code: &[&str] = if status == 503 { &["UNAVAILABLE"] } else { &[] };
            assert_eq!(answer.codes(), code);
        }
        // A document that comes with files is not read either; where there is a place, it is given back while they come.
        for (query, then) in [
            ("{", "BAD_USER_INPUT"),
            (
                "mutation($file: Upload!) { uploadAttachment(input: { targetId: \"x\", file: $file }) { userErrors { code } } }",
                "UNAUTHENTICATED",
            ),
        ] {
            for _ in 0..2 {
                let answer = app
                    .anonymous()
                    .ask_with_file(query, json!({}), "x.txt", b"x")
                    .await;
                let code = if most == 0 { "UNAVAILABLE" } else { then };
                assert_eq!(answer.codes(), [code], "{query}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_takes_too_long_is_told_so() {
    let app = App::with(Backend::Sqlite, |settings| {
        settings.timeout = std::time::Duration::ZERO
    })
    .await
    .unwrap();
    // Signing in waits for the database at once, and this server waits for nothing.
    let answer = app.anonymous().try_sign_in("office", "x").await;
    assert_eq!(
        (answer.status.as_u16(), answer.codes()),
        (504, vec!["QUERY_TOO_COMPLEX"])
    );
}
