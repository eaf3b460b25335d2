//! Events on their way from the outbox to subscribers: reports are submitted, four at a time, and each subscriber is told
//! of each.

use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio_tungstenite::{
    connect_async,
    tungstenite::{Message, client::IntoClientRequest, http::HeaderValue},
};

use crate::{
    data::Bench,
    drive::User,
    process::Server,
    reports::{Report, Step},
};

const EVENTS: &str = "subscription { events(types: [REPORT_SUBMITTED]) { id type target { id number } report { id status } } }";

/// Submits these reports while so many subscribers of the office listen, and prints what was told and when.
pub(crate) async fn measure(
    server: &Server,
    bench: &Bench,
    office: &User,
    subscribers: usize,
    reports: &mut [Report<'_>],
) {
    for report in reports.iter_mut() {
        report.take(server, report.by, Step::Save).await;
    }
    let expected = reports.len();
    let mut listening = Vec::new();
    for _ in 0..subscribers {
        let socket = subscribe(server, office).await;
        listening.push(tokio::spawn(heard(socket, expected)));
    }
    // Subscriptions begin when the server has taken them up; nothing tells a client when that is.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let (before, begun) = (server.cpu(bench), Instant::now());
    let writers = reports
        .chunks_mut(expected.div_ceil(4))
        .map(|part| async move {
            for report in part {
                report.take(server, report.by, Step::Submit).await;
            }
        });
    futures_util::future::join_all(writers).await;
    let written = begun.elapsed();
    for listener in listening {
        listener.await.expect("a subscriber");
    }
    let told = begun.elapsed();
    let deliveries = (expected * subscribers) as u64;
    let cpu = server.cpu(bench).each_since(before, deliveries);
    println!(
        "| {} | {} | events: {expected} to {subscribers} subscribers, {:.0} written/s, all told {:.0} ms after the last commit | 4 | {:.0} | {:.2} | {:.2} + {:.2} | – | – | – | – | {:.0} |",
        bench.backend(),
        bench.plans,
        expected as f64 / written.as_secs_f64(),
        (told - written).as_secs_f64() * 1000.0,
        deliveries as f64 / told.as_secs_f64(),
        cpu.all(),
        cpu.server,
        cpu.database,
        server.resident_mib(),
    );
}

type Socket =
    tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

async fn subscribe(server: &Server, user: &User) -> Socket {
    let url = server.url("/graphql").replacen("http", "ws", 1);
    let mut request = url.into_client_request().expect("a request");
    let protocol = HeaderValue::from_static("graphql-transport-ws");
    request
        .headers_mut()
        .insert("sec-websocket-protocol", protocol);
    let (mut socket, _) = connect_async(request).await.expect("a socket");
    let bearer = format!("Bearer {}", user.token);
    let init = json!({ "type": "connection_init", "payload": { "authorization": bearer } });
    say(&mut socket, &init).await;
    assert_eq!(next(&mut socket).await["type"], "connection_ack");
    let payload = json!({ "query": EVENTS });
    say(
        &mut socket,
        &json!({ "type": "subscribe", "id": "1", "payload": payload }),
    )
    .await;
    socket
}

async fn say(socket: &mut Socket, message: &Value) {
    let message = Message::text(message.to_string());
    socket.send(message).await.expect("it is taken");
}

async fn next(socket: &mut Socket) -> Value {
    loop {
        match socket.next().await.expect("a message").expect("a message") {
            Message::Text(text) => return serde_json::from_str(&text).expect("JSON"),
            Message::Close(frame) => panic!("the socket ended: {frame:?}"),
            _ => {}
        }
    }
}

/// Hears so many events.
async fn heard(mut socket: Socket, events: usize) {
    let mut count = 0;
    while count < events {
        let message = next(&mut socket).await;
        match message["type"].as_str() {
            Some("next") => count += 1,
            Some("ping") => say(&mut socket, &json!({ "type": "pong" })).await,
            _ => panic!("{message}"),
        }
    }
}
