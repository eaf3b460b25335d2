//! A client that speaks `graphql-transport-ws`.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tests::{Actor, App};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{
        Error, Message, client::IntoClientRequest, http::HeaderValue, protocol::CloseFrame,
    },
};

/// A socket of a client.
pub(crate) struct Client(pub(crate) WebSocketStream<MaybeTlsStream<TcpStream>>);

/// What comes: a message, or the end with its code.
#[derive(Debug, PartialEq)]
pub(crate) enum Heard {
    Message(Value),
    End(Option<u16>),
}

impl Client {
    pub(crate) async fn try_open(app: &App, protocol: Option<&'static str>) -> Result<Self, Error> {
        Self::try_open_in(app, protocol, "en").await
    }

    /// The same, in a language.
    pub(crate) async fn try_open_in(
        app: &App,
        protocol: Option<&'static str>,
        language: &'static str,
    ) -> Result<Self, Error> {
        let url = app.url("/graphql").replacen("http", "ws", 1);
        let mut request = url.into_client_request()?;
        let headers = request.headers_mut();
        headers.insert("accept-language", HeaderValue::from_static(language));
        if let Some(protocol) = protocol {
            headers.insert("sec-websocket-protocol", HeaderValue::from_static(protocol));
        }
        let (socket, response) = connect_async(request).await?;
        assert_eq!(
            response.headers()["sec-websocket-protocol"],
            "graphql-transport-ws"
        );
        assert!(response.headers().contains_key("x-request-id"));
        Ok(Self(socket))
    }

    pub(crate) async fn open(app: &App) -> Self {
        Self::try_open(app, Some("graphql-transport-ws"))
            .await
            .expect("a socket")
    }

    /// A socket of somebody, acknowledged.
    pub(crate) async fn of(app: &App, actor: &Actor<'_>) -> Self {
        let mut client = Self::open(app).await;
        client.init(actor.token.as_deref().unwrap()).await;
        assert_eq!(
            client.heard().await,
            Heard::Message(json!({ "type": "connection_ack" }))
        );
        client
    }

    pub(crate) async fn init(&mut self, token: &str) {
        self.say(json!({ "type": "connection_init", "payload": bearer(token) }))
            .await;
    }

    pub(crate) async fn say(&mut self, message: Value) {
        self.send_together(&[message]).await;
    }

    pub(crate) async fn ask(&mut self, id: &str, query: &str, variables: Value) {
        let payload = json!({ "query": query, "variables": variables });
        self.say(json!({ "type": "subscribe", "id": id, "payload": payload }))
            .await;
    }

    /// Sends messages at once, so that the server has the last before it has answered the first.
    pub(crate) async fn send_together(&mut self, messages: &[Value]) {
        for message in messages {
            self.0
                .feed(Message::text(message.to_string()))
                .await
                .expect("it is taken");
        }
        self.0.flush().await.expect("it is sent");
    }

    pub(crate) async fn heard(&mut self) -> Heard {
        let wait = async {
            loop {
                match self.0.next().await {
                    Some(Ok(Message::Text(text))) => {
                        return Heard::Message(serde_json::from_str(&text).expect("JSON"));
                    }
                    Some(Ok(Message::Close(frame))) => {
                        let code = |frame: CloseFrame| {
                            assert!(!frame.reason.is_empty());
                            frame.code.into()
                        };
                        return Heard::End(frame.map(code));
                    }
                    Some(Ok(_)) => {}
                    None | Some(Err(_)) => return Heard::End(None),
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(30), wait)
            .await
            .expect("something is heard")
    }

    pub(crate) async fn message(&mut self) -> Value {
        match self.heard().await {
            Heard::Message(message) => message,
            Heard::End(code) => panic!("the end: {code:?}"),
        }
    }

    /// How it ends, whatever is heard before.
    pub(crate) async fn end(&mut self) -> Option<u16> {
        loop {
            if let Heard::End(code) = self.heard().await {
                return code;
            }
        }
    }
}

pub(crate) fn bearer(token: &str) -> Value {
    json!({ "authorization": format!("Bearer {token}") })
}
