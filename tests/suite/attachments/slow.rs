//! Files that take their time: the time that a request may take does not count while they come, but they have a limit of their
//! own, and access is read again when they are there.

use std::time::Duration;

use serde_json::json;
use tests::{App, Backend, desk::target, in_parts};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{stored, upload_operation};

/// An upload over a plain connection: its first half, and then its second, when it is wanted.
struct Slow {
    connection: TcpStream,
    rest: Vec<u8>,
}

impl Slow {
    async fn begin(app: &App, token: &str, target: &str) -> Self {
        let operations =
            json!({ "query": upload_operation(), "variables": { "target": target, "file": null } });
        let body = in_parts(&operations, "a.txt", &[b'a'; 100_000]);
        let head = format!(
            "POST /graphql HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {token}\r\nAccept-Language: en\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let address = app.url("").replace("http://", "");
        let mut connection = TcpStream::connect(address).await.unwrap();
        connection.write_all(head.as_bytes()).await.unwrap();
        connection.write_all(&body[..50_000]).await.unwrap();
        Self {
            connection,
            rest: body[50_000..].to_owned(),
        }
    }

    async fn send_rest(&mut self) {
        self.connection.write_all(&self.rest).await.unwrap();
    }

    async fn answer(mut self) -> String {
        let mut answer = String::new();
        self.connection.read_to_string(&mut answer).await.unwrap();
        answer
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_have_a_time_of_their_own() {
    let of_request = Duration::from_secs(8);
    let app = App::with(Backend::Sqlite, |settings| settings.timeout = of_request);
    let app = app.await.unwrap();
    let manager = app.sign_in("fgw-manager").await;
    let id = target(&manager, 1).await;
    let mut slow = Slow::begin(&app, manager.token.as_deref().unwrap(), &id).await;
    tokio::time::sleep(of_request + Duration::from_secs(1)).await;
    slow.send_rest().await;
    let answer = slow.answer().await;
    assert!(
        answer.starts_with("HTTP/1.1 200") && answer.contains("\"userErrors\":[]"),
        "{answer}"
    );
    assert_eq!(stored(&app), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_that_do_not_come_are_not_waited_for() {
    let app = App::with(Backend::Sqlite, |settings| {
        settings.upload_timeout = Duration::from_millis(300);
    });
    let app = app.await.unwrap();
    let manager = app.sign_in("fgw-manager").await;
    let id = target(&manager, 1).await;
    let slow = Slow::begin(&app, manager.token.as_deref().unwrap(), &id).await;
    let answer = slow.answer().await;
    assert!(answer.starts_with("HTTP/1.1 504"), "{answer}");
    assert_eq!(stored(&app), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn access_is_what_it_is_when_the_files_are_there() {
    let app = App::set_up(Backend::Sqlite).await.unwrap();
    let manager = app.sign_in("fgw-manager").await;
    let id = target(&manager, 1).await;
    let mut slow = Slow::begin(&app, manager.token.as_deref().unwrap(), &id).await;
    // The server has read who asks by then, or reads it after the session has ended: the answer is the same.
    tokio::time::sleep(Duration::from_millis(500)).await;
    manager
        .query("mutation { signOut(input: {}) { userErrors { code } } }")
        .await;
    slow.send_rest().await;
    let answer = slow.answer().await;
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    assert_eq!(stored(&app), 0);
}
