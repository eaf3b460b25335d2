//! The transport: TLS with a certificate that is renewed, security headers, other origins, and whoever keeps connections open.

mod connections;
mod limits;
mod origins;
mod tls;

use std::net::SocketAddr;

use api::TrustedProxies;
use reqwest::header::HeaderMap;
use serde_json::json;
use tests::{Answer, App, Backend};

async fn with(change: impl FnOnce(&mut api::Settings)) -> App {
    App::with(Backend::Sqlite, change).await.expect("SQLite")
}

fn port(app: &App) -> u16 {
    let url = app.url("");
    let address: SocketAddr = url.trim_start_matches("http://").parse().unwrap();
    address.port()
}

fn header<'h>(headers: &'h HeaderMap, name: &str) -> &'h str {
    headers
        .get(name)
        .map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn every_answer_tells_browsers_what_they_may_not_do() {
    let app = with(|settings| settings.explorer = true).await;
    let get = async |path: &str| app.send(app.client().get(app.url(path))).await;
    for path in [
        "/graphql?query={__typename}",
        "/graphql?query={",
        "/attachments/x",
        "/audit/export.csv",
        "/nowhere",
        "/health/live",
        "/.well-known/jwks.json",
        "/",
        "/explorer",
        "/explorer/app.js",
    ] {
        let Answer { headers, .. } = get(path).await;
        assert_eq!(
            header(&headers, "x-content-type-options"),
            "nosniff",
            "{path}"
        );
        assert_eq!(header(&headers, "referrer-policy"), "no-referrer", "{path}");
        assert!(
            header(&headers, "content-security-policy").contains("default-src 'none'"),
            "{path}"
        );
        assert!(
            header(&headers, "content-security-policy").contains("frame-ancestors 'none'"),
            "{path}"
        );
        assert!(
            !headers.contains_key("set-cookie")
                && !headers.contains_key("strict-transport-security"),
            "{path}"
        );
        assert!(
            !headers.contains_key("access-control-allow-origin"),
            "{path}"
        );
        assert!(headers.contains_key("x-request-id"), "{path}");
        let page = header(&headers, "content-type").starts_with("text/html");
        assert_eq!(page, matches!(path, "/" | "/explorer"), "{path}");
        for (name, value) in [
            ("x-frame-options", "DENY"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(
                page && header(&headers, name) == value,
                page,
                "{path} {name}"
            );
        }
        assert_eq!(
            header(&headers, "permissions-policy").contains("camera=()"),
            page,
            "{path}"
        );
        let kept = match path {
            "/.well-known/jwks.json" => "max-age=60",
            "/" | "/explorer" | "/explorer/app.js" => "no-cache",
            _ => "no-store",
        };
        assert_eq!(header(&headers, "cache-control"), kept, "{path}");
    }
    // A cookie is nothing.
    let office = app.sign_in("office").await;
    let cookie = format!(
        "authorization=Bearer {0}; token={0}",
        office.token.clone().unwrap()
    );
    let request = app
        .client()
        .get(app.url("/graphql?query={viewer{user{username}}}"));
    let answer = app.send(request.header("cookie", cookie)).await;
    assert_eq!(
        answer.body["data"]["viewer"],
        json!(null),
        "{}",
        answer.text
    );
}

#[tokio::test]
async fn a_named_proxy_tells_of_tls_and_nobody_else() {
    for (trusted, hsts) in [("", ""), ("127.0.0.1", "max-age=31536000")] {
        let app = with(|settings| settings.proxies = TrustedProxies::parse(trusted).unwrap()).await;
        let request = app.client().get(app.url("/health/live"));
        let answer = app.send(request.header("x-forwarded-proto", "https")).await;
        assert_eq!(header(&answer.headers, "strict-transport-security"), hsts);
        let request = app.client().get(app.url("/health/live"));
        let answer = app.send(request.header("x-forwarded-proto", "http")).await;
        assert_eq!(header(&answer.headers, "strict-transport-security"), "");
    }
}

#[tokio::test]
async fn where_weaknesses_are_reported_stands_where_people_look() {
    let path = "/.well-known/security.txt";
    let app = with(|_| ()).await;
    let answer = app.send(app.client().get(app.url(path))).await;
    assert_eq!(answer.status, 404, "nobody has said where");
    let app = with(|settings| {
        settings.guard.contact = api::Contact::parse("mailto:security@example.gov.cn").ok();
    })
    .await;
    let answer = app.send(app.client().get(app.url(path))).await;
    assert_eq!(
        header(&answer.headers, "content-type"),
        "text/plain; charset=utf-8"
    );
    assert_eq!(
        answer.text,
        "Contact: mailto:security@example.gov.cn\nExpires: 2022-09-13T04:00:00Z\nPreferred-Languages: zh, en\n"
    );
}
