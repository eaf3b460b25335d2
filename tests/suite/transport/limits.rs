//! What the log says of limits that somebody has reached, for whoever raises an alarm.

use std::sync::{Arc, Mutex};

use entity::user;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use tests::App;
use tokio::net::TcpStream;
use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

use super::{connections::answered, port, with};
use crate::client::Client;

/// Warnings of limits: the setting, its number, the address, the user.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<String>>>);

impl Heard {
    fn sorted(&self) -> Vec<String> {
        let mut all = self.0.lock().unwrap().clone();
        all.sort();
        all
    }
}

impl<S: Subscriber> Layer<S> for Heard {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut told = Told::default();
        event.record(&mut told);
        if *event.metadata().level() == Level::WARN && !told.0[0].is_empty() {
            self.0.lock().unwrap().push(told.0.join(" "));
        }
    }
}

#[derive(Default)]
struct Told([String; 4]);

impl Visit for Told {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let names = ["setting", "most", "address", "user"];
        if let Some(at) = names.iter().position(|name| *name == field.name()) {
            self.0[at] = format!("{value:?}").trim_matches('"').to_owned();
        }
    }
}

/// The status of a socket that is refused.
async fn refused(app: &App) -> bool {
    Client::try_open(app, Some("graphql-transport-ws"))
        .await
        .is_err()
}

/// On one thread, so that what this test hears is its own.
#[tokio::test]
async fn whoever_reaches_a_limit_is_named_in_the_log() {
    let heard = Heard::default();
    let listening = tracing_subscriber::registry().with(heard.clone());
    let _listening = tests::hearing::hear(listening);

    let narrow = with(|settings| settings.guard.connections.of_address = 1).await;
    let address = ("127.0.0.1", port(&narrow));
    let _first = TcpStream::connect(address).await.unwrap();
    for _ in 0..2 {
        assert!(!answered(address).await);
    }

    let narrow = with(|settings| settings.sockets.most = 1).await;
    let _first = Client::open(&narrow).await;
    for _ in 0..2 {
        assert!(refused(&narrow).await);
    }

    let app = with(|settings| {
        settings.sockets.of_address = 3;
        settings.sockets.of_user = 2;
        settings.sockets.subscriptions_of_user = 0;
        settings.guard.requests = api::Requests(1);
    })
    .await;
    let office = app.sign_in("office").await;
    let mut one = Client::of(&app, &office).await;
    let _two = Client::of(&app, &office).await;
    let mut third = Client::open(&app).await;
    third.init(office.token.as_deref().unwrap()).await;
    assert_eq!(third.end().await, Some(1013));
    drop(third);
    let _third = loop {
        if let Ok(client) = Client::try_open(&app, Some("graphql-transport-ws")).await {
            break client;
        }
        tokio::task::yield_now().await;
    };
    for _ in 0..2 {
        assert!(refused(&app).await);
        let events = "subscription { events { id } }";
        one.ask("1", events, Value::Null).await;
        assert_eq!(one.message().await["type"], "error");
        let slow = "mutation { signIn(input: { username: \"nobody\", password: \"x\" }) { userErrors { code } } }";
        let ask = |id: &str| json!({ "type": "subscribe", "id": id, "payload": { "query": slow } });
        one.send_together(&[ask("1"), ask("2")]).await;
        assert_eq!(one.message().await["type"], "error");
        assert_eq!(one.message().await["type"], "next");
        assert_eq!(one.message().await["type"], "complete");
    }

    let db = app.database.connect().await;
    let office = user::Entity::find().filter(user::Column::Username.eq("office"));
    let office = office.one(&db).await.unwrap().unwrap().id.0;
    assert_eq!(
        heard.sorted(),
        [
            "http.connections_of_address 1 127.0.0.1 ".to_owned(),
            "http.requests 1 127.0.0.1 ".to_owned(),
            "http.sockets 1 127.0.0.1 ".to_owned(),
            "http.sockets_of_address 3 127.0.0.1 ".to_owned(),
            format!("http.sockets_of_user 2 127.0.0.1 {office}"),
            format!("http.subscriptions_of_user 0 127.0.0.1 {office}"),
        ]
    );
}
