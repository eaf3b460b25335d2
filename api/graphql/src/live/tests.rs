//! Two events, and what changes in between: data, grants, the session.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_graphql::{
    Context, EmptyMutation, Object, Request as GraphqlRequest, Response, Schema, Subscription,
};
use chrono::TimeDelta;
use domain::Language;
use entity::ids::UnitId;
use futures_util::{Stream, StreamExt, stream};
use sea_orm::{ConnectionTrait, DatabaseConnection};
use serde_json::{Value, json};
use store::Call;
use tests::{TestDatabase, machine::TestClock};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::{Live, Subscriber};
use crate::{
    error::ApiError, request::Request, signed_in::SignedIn, turns::EventTurns, types::Unit,
};

struct Query;

#[Object]
impl Query {
    async fn nothing(&self) -> bool {
        true
    }
}

/// Something happened to a unit. It holds the key, and the call that let it pass if there was one.
struct Happened {
    unit: UnitId,
    call: Option<Call>,
}

#[Object]
impl Happened {
    async fn unit(&self, ctx: &Context<'_>) -> Option<Result<Unit, ApiError>> {
        Request::of(ctx).one(self.unit).await
    }

    /// Whether the resolvers have the call that let the event pass.
    async fn same(&self, ctx: &Context<'_>) -> bool {
        let now = Request::of(ctx).call.now();
        self.call.as_ref().is_some_and(|call| call.now() == now)
    }

    async fn panics(&self) -> bool {
        assert!(self.unit.0 < 0, "a resolver panics");
        true
    }
}

struct Source {
    events: Mutex<Option<Receiver<UnitId>>>,
    clock: Arc<TestClock>,
}

struct Happenings;

#[Subscription]
impl Happenings {
    /// Looks at each event as it goes out.
    async fn plain<'c>(&self, ctx: &Context<'c>) -> impl Stream<Item = Happened> + 'c {
        events(ctx).map(|unit| Happened { unit, call: None })
    }

    /// Looks at each event before it yields it.
    async fn filtered<'c>(&self, ctx: &Context<'c>) -> impl Stream<Item = Happened> + 'c {
        let subscriber = Subscriber::of(ctx);
        let clock = &ctx.data_unchecked::<Source>().clock;
        events(ctx)
            .then(async move |unit| {
                let call = subscriber.call().await.ok()??;
                // A call made after this one would be of another moment.
                clock.advance(TimeDelta::seconds(1));
                Some(Happened {
                    unit,
                    call: Some(call),
                })
            })
            .take_while(|event| std::future::ready(event.is_some()))
            .filter_map(std::future::ready)
    }
}

fn events(ctx: &Context<'_>) -> impl Stream<Item = UnitId> + use<> {
    let events = ctx.data_unchecked::<Source>().events.lock().unwrap().take();
    stream::unfold(events.unwrap(), async |mut events| {
        let event = events.recv().await?;
        Some((event, events))
    })
}

struct Fixture {
    _database: TestDatabase,
    db: DatabaseConnection,
    happen: Sender<UnitId>,
    answers: std::pin::Pin<Box<dyn Stream<Item = Response> + Send>>,
    unit: UnitId,
    /// One event at once.
    turns: EventTurns,
}

impl Fixture {
    async fn subscribe(query: &str) -> Self {
        let SignedIn {
            database,
            clock,
            system,
            call,
        } = SignedIn::office().await;
        let unit = system.units_by_name(&["市人防办"]).await.unwrap()[0].unwrap();
        let (happen, events) = channel(1);
        let source = Source {
            events: Mutex::new(Some(events)),
            clock,
        };
        let turns = EventTurns::so_many(1);
        let schema = Schema::build(Query, EmptyMutation, Happenings).data(source);
        let live = Live::new(schema, turns.clone());
        let request = GraphqlRequest::new(query);
        let answers = live.subscribe(request, call, system, Language::En, || true);
        Self {
            db: database.connect().await,
            _database: database,
            happen,
            answers: Box::pin(answers),
            unit,
            turns,
        }
    }

    async fn next(&mut self) -> Option<Value> {
        self.happen.send(self.unit).await.unwrap();
        let answer = self.answers.next().await?;
        Some(serde_json::to_value(answer).unwrap())
    }

    async fn run(&self, sql: &str) {
        self.db.execute_unprepared(sql).await.unwrap();
    }
}

const RENAME: &str = "UPDATE unit SET name = '市国防动员办' WHERE name = '市人防办'";
const REVOKE: &str =
    "DELETE FROM role_grant WHERE user_id = (SELECT id FROM \"user\" WHERE username = 'office')";
const END: &str = "UPDATE session SET ended_at = created_at WHERE ended_at IS NULL";

#[tokio::test]
async fn each_event_reads_anew() {
    for field in ["plain", "filtered"] {
        let query = format!(
            "subscription {{ event: {field} {{ a: unit {{ name }} b: unit {{ name }} same }} }}"
        );
        let mut fixture = Fixture::subscribe(&query).await;
        let expected = |name: &str| {
            let unit = json!({ "name": name });
            Some(
                json!({ "data": { "event": { "a": unit, "b": unit, "same": field == "filtered" } } }),
            )
        };
        assert_eq!(fixture.next().await, expected("市人防办"), "{field}");
        fixture.run(RENAME).await;
        assert_eq!(fixture.next().await, expected("市国防动员办"), "{field}");
    }
}

#[tokio::test]
async fn each_event_is_authorised_anew() {
    for (field, last) in [("plain", Some("UNAUTHENTICATED")), ("filtered", None)] {
        let query = format!("subscription {{ event: {field} {{ unit {{ name }} }} }}");
        let mut fixture = Fixture::subscribe(&query).await;
        let answer = fixture.next().await.unwrap();
        assert_eq!(answer["data"]["event"]["unit"]["name"], "市人防办");
        fixture.run(REVOKE).await;
        let answer = fixture.next().await.unwrap();
        assert_eq!(answer["data"]["event"]["unit"], Value::Null, "{answer}");
        fixture.run(END).await;
        let answer = fixture.next().await;
        let code = answer.map(|answer| answer["errors"][0]["extensions"]["code"].clone());
        assert_eq!(
            code.as_ref().map(|code| code.as_str().unwrap()),
            last,
            "{field}"
        );
    }
}

#[tokio::test]
async fn what_cannot_be_answered_is_an_error() {
    let mut fixture = Fixture::subscribe("subscription { nothing }").await;
    let answer = fixture.next().await.unwrap();
    assert!(
        answer["data"].is_null() && answer["errors"].is_array(),
        "{answer}"
    );
    let mut fixture = Fixture::subscribe("subscription { plain { panics } }").await;
    fixture.happen.send(fixture.unit).await.unwrap();
    let task = tokio::spawn(async move { fixture.answers.next().await });
    assert!(task.await.unwrap_err().is_panic());
}

#[tokio::test]
async fn an_event_waits_for_its_turn_and_whoever_waits_for_events_has_none() {
    for field in ["plain", "filtered"] {
        let query = format!("subscription {{ {field} {{ unit {{ name }} }} }}");
        let mut fixture = Fixture::subscribe(&query).await;
        for _ in 0..2 {
            assert!(fixture.next().await.is_some(), "{field}");
            assert_eq!(fixture.turns.lines().left(), 1, "{field}");
        }
        let turns = fixture.turns.clone();
        let taken = turns.lines().taken();
        fixture.happen.send(fixture.unit).await.unwrap();
        let waiting = tokio::time::timeout(Duration::from_millis(200), fixture.answers.next());
        assert!(waiting.await.is_err(), "{field}: it has no turn");
        // What holds when its turn comes is what counts, not what held when it happened.
        fixture.run(REVOKE).await;
        drop(taken);
        let answer = fixture.answers.next().await.unwrap();
        let answer = serde_json::to_value(answer).unwrap();
        assert_eq!(answer["data"][field]["unit"], Value::Null, "{answer}");
        assert_eq!(turns.lines().left(), 1, "{field}");
    }
}
