//! Subscriptions: each event is answered as a request of its own, of the viewer as they are at that moment.
//!
//! async-graphql runs the selections of every event with the data of the one request that subscribed. Loaders kept
//! there would answer the second event with what they read for the first, and a [`Call`] kept there would see with grants
//! that may be gone. But before each event the library asks the schema's extensions for data of this run alone, and that
//! data is found first. So the extension here puts a [`Request`] there: a new call, new loaders. Every resolver finds it by
//! `Request::of(ctx)`, as ever; none can tell that it belongs to an event. The extension is not in the schema that answers
//! queries, where it would cost every field something.
//!
//! A field of the subscription type does this, and nothing else:
//!
//! 1. `Request::of(ctx).admitted()?`: who may subscribe at all.
//! 2. For each thing that happened, `Subscriber::of(ctx).call()`: the viewer now, or an end of the stream when there is
//!    none any more. It decides, and filters, through this call alone.
//! 3. It yields an object that holds keys, not rows. What the object's resolvers read, they read through
//!    `Request::of(ctx)`, which is of the call of step 2: nobody is asked twice.
//!
//! It must not read through `Request::of(ctx)` for a later event: in the field itself that is the request that
//! subscribed.
//!
//! ```text
//! async fn events<'c>(&self, ctx: &Context<'c>) -> Result<impl Stream<Item = Event> + 'c> {
//!     Request::of(ctx).admitted()?;
//!     let subscriber = Subscriber::of(ctx);
//!     Ok(stream::unfold(source, async move |mut source| loop {
//!         let happened = source.next().await?;
//!         let call = subscriber.call().await.ok()??;
//!         if call.may_see(&happened) { return Some((Event::of(happened), source)) }
//!         subscriber.pass();
//!     }))
//! }
//! ```
//!
//! One subscription has one root field (the edge sees to it), so the events of a stream come one after another.

#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex};

use async_graphql::{
    Context, Data, Error, ObjectType, Response, Schema, SchemaBuilder, SubscriptionType,
    extensions::{Extension, ExtensionContext, ExtensionFactory, NextExecute},
};
use domain::Language;
use futures_util::{Stream, StreamExt};
use store::{Call, System};

use crate::{
    batches::Loads,
    error::{ApiError, failed},
    lines::Place,
    messages::translate,
    request::Request,
    turns::EventTurns,
};

/// A schema as its subscriptions are run.
#[derive(Clone)]
pub struct Live<Q, M, S> {
    schema: Schema<Q, M, S>,
    turns: EventTurns,
}

impl<Q, M, S> Live<Q, M, S>
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    /// The schema of a builder. As many events are answered at once as there are turns; others wait.
    pub fn new(builder: SchemaBuilder<Q, M, S>, turns: EventTurns) -> Self {
        let schema = builder.extension(PerEvent).finish();
        Self { schema, turns }
    }

    /// Answers a subscription, as often as something happens. Nothing happens while nobody polls: an event that is not
    /// taken holds up the next. Before each look at the database for what happened the toll is asked, whether or not anything comes
    /// of it; the subscription ends when it says no.
    pub fn subscribe<T: Fn() -> bool + Send + Sync + 'static>(
        &self,
        request: async_graphql::Request,
        call: Call,
        system: System,
        language: Language,
        toll: T,
    ) -> impl Stream<Item = Response> + Send + use<Q, M, S, T> {
        let loads = Loads::default();
        let request = request
            .data(Request::new(call.clone(), system.clone(), language, &loads))
            .data(Subscriber {
                call,
                system,
                language,
                loads: loads.clone(),
                turns: self.turns.clone(),
                next: Mutex::default(),
                toll: Box::new(toll),
            });
        let answers = loads.drive_all(self.schema.execute_stream(request));
        answers.map(move |mut answer| {
            translate(&mut answer, language);
            answer
        })
    }
}

/// Who has subscribed.
pub struct Subscriber {
    /// The call that subscribed.
    call: Call,
    system: System,
    language: Language,
    loads: Loads,
    turns: EventTurns,
    /// The event that is on its way.
    next: Mutex<Option<Next>>,
    /// Whether another look at the database is paid for.
    toll: Box<dyn Fn() -> bool + Send + Sync>,
}

/// An event on its way, from the moment at which its viewer was read: whoever had to wait then would hear what they may hear no more.
struct Next {
    call: Call,
    _turn: Option<Place>,
}

impl Subscriber {
    /// The subscriber, for a field of the subscription type.
    pub fn of<'c>(ctx: &Context<'c>) -> &'c Self {
        // `Live::subscribe` is the only way to run a subscription, and puts it there.
        ctx.data_unchecked()
    }

    /// The viewer now, for one event: to decide whether it is for them. The event that is yielded next is answered through
    /// this call. None when the session has ended or the account is disabled, or when the look is not paid for. Costs one statement,
    /// and waits for a turn among the events that are answered at once; one that is not for them is [passed](Self::pass).
    ///
    /// # Errors
    /// The database failed; told to the log.
    pub async fn call(&self) -> Result<Option<Call>, Error> {
        self.pass();
        if !(self.toll)() {
            return Ok(None);
        }
        let next = self.renew().await?;
        let call = next.as_ref().map(|next| next.call.clone());
        *self.next() = next;
        Ok(call)
    }

    /// Gives back the turn of an event that is not for the viewer.
    pub fn pass(&self) {
        *self.next() = None;
    }

    /// An error of the store, in the subscriber's language.
    pub(crate) fn error(&self, error: store::Error) -> ApiError {
        ApiError::of(error, self.language, self.call.request_id())
    }

    async fn renew(&self) -> Result<Option<Next>, ApiError> {
        let turn = self.turns.wait(&self.call).await;
        let origin = self.call.origin().clone();
        let renewed = self.system.renew(&self.call, origin).await;
        let call = renewed.map_err(|fault| self.error(fault.into()))?;
        Ok(call.map(|call| Next { call, _turn: turn }))
    }

    fn next(&self) -> std::sync::MutexGuard<'_, Option<Next>> {
        self.next
            .lock()
            .unwrap_or_else(|poison| poison.into_inner())
    }

    /// The event that is to be answered.
    async fn event(&self) -> Result<Next, ApiError> {
        let decided = self.next().take();
        let event = match decided {
            Some(event) => Some(event),
            None => self.renew().await?,
        };
        event.ok_or_else(|| self.error(store::Error::Unauthenticated))
    }

    /// The request of an event.
    fn request(&self, call: Call) -> Request {
        Request::new(call, self.system.clone(), self.language, &self.loads)
    }
}

/// Gives each event its own request.
struct PerEvent;

impl ExtensionFactory for PerEvent {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_graphql::async_trait::async_trait]
impl Extension for PerEvent {
    async fn execute(
        &self,
        ctx: &ExtensionContext<'_>,
        operation_name: Option<&str>,
        next: NextExecute<'_>,
    ) -> Response {
        let Some(subscriber) = ctx.data_opt::<Subscriber>() else {
            return next.run(ctx, operation_name).await;
        };
        match subscriber.event().await {
            Ok(event) => {
                let mut data = Data::default();
                data.insert(subscriber.request(event.call.clone()));
                let response = next.run_with_data(ctx, operation_name, data).await;
                match event.call.record_reads().await {
                    Ok(()) => response,
                    Err(error) => failed(subscriber.error(error)),
                }
            }
            Err(error) => failed(error),
        }
    }
}
