//! Pages of other origins: whose may ask, and whose may open a socket.

use api::{Origins, TrustedProxies};
use serde_json::json;
use tests::App;
use tokio_tungstenite::{
    connect_async,
    tungstenite::{Error, client::IntoClientRequest, http::HeaderValue},
};

use super::{header, with};

const PORTAL: &str = "https://portal.example.gov.cn";

#[tokio::test]
async fn pages_of_named_origins_may_ask_and_no_others() {
    let named = with(|settings| {
        settings.guard.origins = Origins::parse(PORTAL).unwrap();
        settings.guard.budgets = edge::BudgetRules {
            requests: 4,
            ..edge::BudgetRules::NONE
        };
    })
    .await;
    let preflight = async |app: &App, origin: &str| {
        let request = app
            .client()
            .request("OPTIONS".parse().unwrap(), app.url("/graphql"))
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header(
                "access-control-request-headers",
                "authorization,content-type",
            );
        app.send(request).await
    };
    let answer = preflight(&named, PORTAL).await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        header(&answer.headers, "access-control-allow-origin"),
        PORTAL
    );
    assert_eq!(
        header(&answer.headers, "access-control-allow-methods"),
        "GET,POST"
    );
    assert_eq!(header(&answer.headers, "access-control-max-age"), "3600");
    let allowed = header(&answer.headers, "access-control-allow-headers");
    assert!(
        ["authorization", "content-type", "luoshi-cost"]
            .iter()
            .all(|it| allowed.contains(it)),
        "{allowed}"
    );
    assert!(
        !answer
            .headers
            .contains_key("access-control-allow-credentials")
    );
    for other in [
        "https://evil.example",
        "http://portal.example.gov.cn",
        "https://portal.example.gov.cn.evil.example",
        "null",
    ] {
        let answer = preflight(&named, other).await;
        assert!(
            !answer.headers.contains_key("access-control-allow-origin"),
            "{other}"
        );
    }
    let ask = async |origin: &str| {
        let request = named
            .client()
            .post(named.url("/graphql"))
            .header("origin", origin);
        named
            .send(request.json(&json!({ "query": "{ __typename }" })))
            .await
    };
    let answer = ask(PORTAL).await;
    assert_eq!(
        header(&answer.headers, "access-control-allow-origin"),
        PORTAL
    );
    let vary: Vec<String> = answer
        .headers
        .get_all("vary")
        .iter()
        .map(|it| it.to_str().unwrap().to_ascii_lowercase())
        .collect();
    let vary = vary.join(",");
    assert!(
        ["origin", "accept", "authorization"]
            .iter()
            .all(|it| vary.contains(it)),
        "{vary}"
    );
    assert!(header(&answer.headers, "access-control-expose-headers").contains("x-request-id"));
    let answer = ask("https://evil.example").await;
    assert!(!answer.headers.contains_key("access-control-allow-origin"));
    // Preflights were not counted; and a page can read that it asks too often.
    ask(PORTAL).await;
    ask(PORTAL).await;
    let answer = ask(PORTAL).await;
    assert_eq!(answer.status, 429);
    assert_eq!(
        header(&answer.headers, "access-control-allow-origin"),
        PORTAL
    );
    // Where none is named there is nothing to be had.
    let plain = with(|_| ()).await;
    let answer = preflight(&plain, PORTAL).await;
    assert_eq!(answer.status, 405);
    assert!(!answer.headers.contains_key("access-control-allow-origin"));
}

#[tokio::test]
async fn a_socket_is_opened_by_pages_of_the_own_host_or_a_named_origin() {
    let app = with(|settings| settings.guard.origins = Origins::parse(PORTAL).unwrap()).await;
    let own = app.url("");
    for (origin, host, status) in [
        (None, None, 101),
        (Some(own.as_str()), None, 101),
        (Some(PORTAL), None, 101),
        (Some("https://evil.example"), None, 403),
        (Some("null"), None, 403),
        (Some("https://luoshi.example.gov.cn"), None, 403),
        // Nobody believes a host that a page, or who knows who, has forwarded.
        (Some("https://evil.example"), Some("evil.example"), 403),
    ] {
        assert_eq!(socket(&app, origin, host).await, status, "{origin:?}");
    }
    // But the one that a named proxy tells of.
    let behind =
        with(|settings| settings.proxies = TrustedProxies::parse("127.0.0.1").unwrap()).await;
    let host = Some("luoshi.example.gov.cn");
    assert_eq!(
        socket(&behind, Some("https://luoshi.example.gov.cn"), host).await,
        101
    );
    assert_eq!(
        socket(&behind, Some("https://evil.example"), host).await,
        403
    );
    assert_eq!(socket(&behind, Some(PORTAL), None).await, 403);
}

async fn socket(app: &App, origin: Option<&str>, host: Option<&str>) -> u16 {
    let mut request = app
        .url("/graphql")
        .replacen("http", "ws", 1)
        .into_client_request()
        .unwrap();
    let headers = request.headers_mut();
    headers.insert(
        "sec-websocket-protocol",
        HeaderValue::from_static("graphql-transport-ws"),
    );
    for (name, value) in [("origin", origin), ("x-forwarded-host", host)] {
        if let Some(value) = value {
            headers.insert(name, value.parse().unwrap());
        }
    }
    match connect_async(request).await {
        Ok((_, response)) => response.status().as_u16(),
        Err(Error::Http(response)) => response.status().as_u16(),
        Err(other) => panic!("{other}"),
    }
}
