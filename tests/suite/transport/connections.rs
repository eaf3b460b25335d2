//! Whoever keeps connections open.

use std::time::Duration;

use api::Connections;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{port, with};

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
