//! Whoever keeps connections open.

use std::time::Duration;

use api::Connections;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{port, with};

/// Whether a new connection is answered; one that is ended at once is not.
pub(super) async fn answered(address: (&str, u16)) -> bool {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let asked = b"GET /health/live HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    let mut answer = Vec::new();
    // What was ended may refuse what is written, or what is read.
    let _ = stream.write_all(asked).await;
    let read = stream.read_to_end(&mut answer);
    let read = tokio::time::timeout(Duration::from_secs(20), read).await;
    let _ = read.expect("it is ended");
    answer.starts_with(b"HTTP/1.1 200")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_address_has_its_number_of_connections_and_a_named_proxy_any() {
    for (proxies, others) in [("", false), ("127.0.0.1", true)] {
        let app = with(|settings| {
            settings.guard.connections.of_address = 2;
            settings.proxies = api::TrustedProxies::parse(proxies).unwrap();
        })
        .await;
        let address = ("127.0.0.1", port(&app));
        let first = TcpStream::connect(address).await.unwrap();
        let _second = TcpStream::connect(address).await.unwrap();
        assert_eq!(answered(address).await, others, "{proxies}");
        // Who goes leaves the place to the next one.
        drop(first);
        let next = async {
            while !answered(address).await {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let next = tokio::time::timeout(Duration::from_secs(20), next).await;
        assert!(next.is_ok());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_refused_while_they_send_reads_why() {
    let app = with(|_| ()).await;
    let address = ("127.0.0.1", port(&app));
    let most = 1024 * 1024;
    let body = format!(
        "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        most + 1
    );
    let head = format!("GET / HTTP/1.1\r\nhost: x\r\nx: {}", "x".repeat(most / 2));
    for (first, status) in [(body, "413"), (head, "431")] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(first.as_bytes()).await.unwrap();
        // The answer is there, and the connection ended, when the rest is sent.
        stream.readable().await.unwrap();
        for _ in 0..most / 4096 {
            stream.write_all(&[b'x'; 4096]).await.expect("it is taken");
        }
        stream.shutdown().await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let begins = format!("HTTP/1.1 {status} ");
        assert!(answer.starts_with(&begins), "{answer}");
        // What was not read is in the way of the next request.
        assert!(answer.contains("\r\nconnection: close\r\n"), "{answer}");
    }
    for answer in [
        app.send(app.client().get(app.url("/health/live"))).await,
        app.anonymous().query("{ __typename }").await,
    ] {
        assert_eq!(answer.status, 200);
        assert!(!answer.headers.contains_key("connection"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_takes_nothing_of_the_answers_is_ended() {
    let app = with(|settings| {
        settings.introspection = true;
        settings.guard.connections.write = Duration::from_millis(500);
    })
    .await;
    let mut stream = TcpStream::connect(("127.0.0.1", port(&app))).await.unwrap();
    let query = "{__schema{types{name,fields{name,description},inputFields{name,description},enumValues{name,description}}}}";
    let request = format!("GET /graphql?query={query} HTTP/1.1\r\nhost: x\r\n\r\n");
    // Nothing is read. What was answered fills the line; then the server waits, and then it does not.
    let asking = async { while stream.write_all(request.as_bytes()).await.is_ok() {} };
    let ended = tokio::time::timeout(Duration::from_secs(60), asking).await;
    assert!(ended.is_ok(), "it is ended");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_says_nothing_is_sent_away_and_the_next_one_is_served() {
    let head = Duration::from_secs(1);
    let app = with(|settings| {
        settings.guard.connections = Connections {
            most: 3,
            head,
            ..Connections::default()
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
    assert!(answered(address).await);
    for mut stream in idle {
        let mut rest = Vec::new();
        let ended =
            tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut rest)).await;
        assert!(ended.is_ok(), "it is ended");
    }
    assert!(answered(address).await);
}
