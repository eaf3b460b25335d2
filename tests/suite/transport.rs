//! The transport: TLS with a certificate that is renewed, security headers, other origins, and whoever keeps connections open.

use std::{net::SocketAddr, path::Path, sync::Arc, time::Duration};

use api::{Certificate, Connections, Origins, TrustedProxies};
use base64::Engine;
use reqwest::header::HeaderMap;
use serde_json::json;
use tests::{Answer, App, Backend};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{
        ClientConfig, RootCertStore,
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, ServerName, pem::PemObject},
    },
};
use tokio_tungstenite::{
    connect_async,
    tungstenite::{Error, client::IntoClientRequest, http::HeaderValue},
};

async fn with(change: impl FnOnce(&mut api::Settings)) -> App {
    App::with(Backend::Sqlite, change).await.expect("SQLite")
}

/// A new certificate for localhost, and its key.
fn new_certificate() -> (String, String) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = made.signing_key.serialize_der();
    (
        pem("CERTIFICATE", made.cert.der()),
        pem("PRIVATE KEY", &key),
    )
}

fn pem(what: &str, der: &[u8]) -> String {
    let text = base64::prelude::BASE64_STANDARD.encode(der);
    let lines: Vec<&str> = (0..text.len())
        .step_by(64)
        .map(|at| &text[at..text.len().min(at + 64)])
        .collect();
    format!(
        "-----BEGIN {what}-----\n{}\n-----END {what}-----\n",
        lines.join("\n")
    )
}

/// Writes a new certificate, and its key; the certificate as PEM.
fn write_certificate(folder: &Path) -> String {
    let (certificate, key) = new_certificate();
    std::fs::write(folder.join("key.pem"), key).unwrap();
    std::fs::write(folder.join("chain.pem"), &certificate).unwrap();
    certificate
}

fn port(app: &App) -> u16 {
    let url = app.url("");
    let address: SocketAddr = url.trim_start_matches("http://").parse().unwrap();
    address.port()
}

/// A request over TLS from somebody who trusts one certificate; the whole answer, or why there is none.
async fn over_tls(app: &App, trusted: &str) -> Result<String, std::io::Error> {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(trusted.as_bytes()).unwrap())
        .unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(("127.0.0.1", port(app))).await?;
    let name = ServerName::try_from("localhost").unwrap();
    let mut stream = TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await?;
    stream
        .write_all(b"GET /health/live HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
        .await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tls_with_a_certificate_that_is_renewed_while_the_server_runs() {
    let folder = tempfile::tempdir().unwrap();
    let first = write_certificate(folder.path());
    let (chain, key) = (
        folder.path().join("chain.pem"),
        folder.path().join("key.pem"),
    );
    let certificate = Arc::new(Certificate::open(&chain, &key).unwrap());
    let app =
        with(|settings| settings.guard.connections.certificate = Some(Arc::clone(&certificate)))
            .await;
    let answer = over_tls(&app, &first).await.unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("live"),
        "{answer}"
    );
    assert!(
        answer.contains("strict-transport-security: max-age=31536000"),
        "{answer}"
    );
    // Nobody gets on without TLS, and the next one does.
    assert!(
        app.client()
            .get(app.url("/health/live"))
            .send()
            .await
            .is_err()
    );
    assert!(over_tls(&app, &first).await.is_ok());
    // A file that is broken, or a key of another certificate, changes nothing.
    assert!(!certificate.is_stale());
    std::fs::write(&chain, "half a cert").unwrap();
    assert!(certificate.is_stale());
    assert!(certificate.reload().unwrap_err().contains("chain.pem"));
    assert!(!certificate.is_stale(), "what is broken is looked at once");
    assert!(over_tls(&app, &first).await.is_ok());
    std::fs::write(&chain, &first).unwrap();
    std::fs::write(&key, new_certificate().1).unwrap();
    assert!(certificate.reload().is_err());
    assert!(over_tls(&app, &first).await.is_ok());
    // The renewed one counts for the next connection.
    let second = write_certificate(folder.path());
    assert!(certificate.is_stale());
    certificate.reload().unwrap();
    assert!(over_tls(&app, &first).await.is_err());
    assert!(over_tls(&app, &second).await.is_ok());
    assert!(
        Certificate::open(Path::new("/no/such.pem"), &key)
            .unwrap_err()
            .contains("/no/such.pem")
    );
}

/// What a running server does by itself: it looks at the files, and at SIGHUP whatever they look like.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_renewed_certificate_is_found_by_itself_and_at_sighup() {
    let folder = tempfile::tempdir().unwrap();
    write_certificate(folder.path());
    let (chain, key) = (
        folder.path().join("chain.pem"),
        folder.path().join("key.pem"),
    );
    let certificate = Arc::new(Certificate::open(&chain, &key).unwrap());
    let app =
        with(|settings| settings.guard.connections.certificate = Some(Arc::clone(&certificate)))
            .await;
    let served = async |trusted: String| {
        while over_tls(&app, &trusted).await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let wait = Duration::from_secs(20);
    let second = write_certificate(folder.path());
    let keeping = tokio::spawn(Arc::clone(&certificate).keep_fresh());
    tokio::time::timeout(wait, served(second))
        .await
        .expect("it is found");
    // From now on the signal is heard, and so does not end this process.
    let third = write_certificate(folder.path());
    let told = std::process::Command::new("kill")
        .args(["-HUP", &std::process::id().to_string()])
        .status();
    assert!(told.unwrap().success());
    tokio::time::timeout(wait, served(third))
        .await
        .expect("it is read");
    keeping.abort();
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_says_nothing_is_sent_away_and_the_next_one_is_served() {
    let head = Duration::from_millis(300);
    let app = with(|settings| {
        settings.guard.connections = Connections {
            most: 3,
            head,
            certificate: None,
        };
    })
    .await;
    let address = ("127.0.0.1", port(&app));
    // All places are taken by connections that say nothing, or say it for ever.
    let mut idle = Vec::new();
    for said in [
        &b""[..],
        b"GET / HT",
        b"GET /health/live HTTP/1.1\r\nhost: x\r\nx: ",
    ] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(said).await.unwrap();
        idle.push(stream);
    }
    let waiting = app.client().get(app.url("/health/live")).send();
    let answer = tokio::time::timeout(Duration::from_secs(20), waiting).await;
    assert_eq!(answer.expect("in time").unwrap().status(), 200);
    for mut stream in idle {
        let mut rest = Vec::new();
        let ended =
            tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut rest)).await;
        assert!(ended.is_ok(), "it is ended");
    }
    // A head that is too large, and a body that never comes, cost no more.
    let mut stream = TcpStream::connect(address).await.unwrap();
    let long = format!(
        "GET /health/live HTTP/1.1\r\nx: {}\r\n",
        "x".repeat(200_000)
    );
    let _ = stream.write_all(long.as_bytes()).await;
    let mut answer = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut answer))
        .await
        .expect("it is ended");
    assert!(
        answer.is_empty() || answer.starts_with(b"HTTP/1.1 431"),
        "{}",
        String::from_utf8_lossy(&answer)
    );
    assert_eq!(
        app.client()
            .get(app.url("/health/live"))
            .send()
            .await
            .unwrap()
            .status(),
        200
    );
}
