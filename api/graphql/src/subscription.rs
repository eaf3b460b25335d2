//! What can be waited for. How events are answered is told in `live`.

use async_graphql::{Context, Error, ID, Subscription as GraphqlSubscription};
use entity::ids::{EventId, TargetId};
use futures_util::stream::{self, Stream};
use store::{EventFilter, Newest};

use crate::{enums::EventType, id::Global, live::Subscriber, request::Request, types::Event};

/// What can be waited for, over `graphql-transport-ws`.
#[derive(Default)]
pub struct Subscription;

/// What can be waited for, over `graphql-transport-ws`.
#[GraphqlSubscription]
impl Subscription {
    /// Everything that happens from now on to what you may see, in the order of `changes`. What you may see is asked anew
    /// for each event, at the moment of its delivery. An event that you do not take in time ends the socket: read `changes` from
    /// the last one that you know of, and subscribe again.
    async fn events<'c>(
        &self,
        ctx: &Context<'c>,
        #[graphql(desc = "Events of these types only; of all types when not given.")] types: Option<
            Vec<EventType>,
        >,
        #[graphql(desc = "Events on this target only.")] target_id: Option<ID>,
    ) -> Result<impl Stream<Item = Result<Event, Error>> + use<'c>, Error> {
        let request = Request::of(ctx);
        let call = request.admitted()?;
        let mut newest = call
            .newest_event()
            .await
            .map_err(|error| request.error(error))?;
        let waiting = Waiting {
            subscriber: Subscriber::of(ctx),
            filter: EventFilter {
                types: types.map(|types| types.into_iter().map(Into::into).collect()),
                target: target_id.map(|id| TargetId::local(&id)),
            },
            last: newest.number(),
            newest,
        };
        Ok(stream::try_unfold(waiting, Waiting::next))
    }
}

/// Where somebody who waits for events is.
struct Waiting<'c> {
    subscriber: &'c Subscriber,
    filter: EventFilter,
    /// The last event that was looked at.
    last: EventId,
    newest: Newest,
}

impl Waiting<'_> {
    /// Waits for the next event that is for the viewer; none when the session has ended, or the server stops.
    async fn next(mut self) -> Result<Option<(Event, Self)>, Error> {
        loop {
            let up_to = self.newest.number();
            if up_to > self.last {
                let Some(call) = self.subscriber.call().await? else {
                    return Ok(None);
                };
                let found = call.next_event(self.last, up_to, &self.filter).await;
                let found = found.map_err(|error| self.subscriber.error(error))?;
                let Some(event) = found else {
                    self.last = up_to;
                    self.subscriber.pass();
                    continue;
                };
                self.last = event.id;
                return Ok(Some((event.into(), self)));
            }
            if !self.newest.newer().await {
                return Ok(None);
            }
        }
    }
}
