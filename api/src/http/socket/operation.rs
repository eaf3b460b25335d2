//! One operation of a socket, in a task of its own.

use std::{
    future::poll_fn,
    panic::AssertUnwindSafe,
    sync::{Arc, OnceLock},
    time::Instant,
};

use domain::Language;
use edge::{
    Accepted, Complaint, CostTold, Kind,
    socket::{Said, Ticket, say, say_complaint, say_failure},
};
use futures_util::{FutureExt, StreamExt};
use store::{Call, Origin};
use tokio::sync::{OwnedSemaphorePermit, mpsc};

use crate::{
    App,
    http::guard::{self, Charge, SignIns},
};

/// What an operation tells its socket.
pub(super) enum Word {
    /// A message for the client.
    Said(Said),
    /// The session has ended.
    Forbidden,
}

pub(super) struct Operation {
    pub(super) app: App,
    pub(super) ticket: Ticket,
    pub(super) kind: Kind,
    pub(super) name: Option<String>,
    pub(super) language: Language,
    pub(super) request_id: String,
    /// The socket's own ID.
    pub(super) socket: String,
    pub(super) speaker: mpsc::Sender<(Ticket, Word)>,
    pub(super) user: Option<i64>,
    /// What it costs, if the client asks.
    pub(super) cost: Option<CostTold>,
    /// What it costs once more for each event, beside the looks for events.
    pub(super) charge: Charge,
}

/// Writes the line of the log when an operation ends, however it does: never variables, never tokens.
struct Told<'o> {
    operation: &'o Operation,
    begun: Instant,
    outcome: &'static str,
    answers: u64,
    statements: Option<u32>,
}

impl Drop for Told<'_> {
    fn drop(&mut self) {
        let Operation {
            request_id,
            socket,
            kind,
            name,
            user,
            ..
        } = self.operation;
        tracing::info!(
            request_id,
            socket,
            kind = kind.word(),
            operation = name,
            user,
            outcome = self.outcome,
            answers = self.answers,
            statements = self.statements,
            duration_ms = self.begun.elapsed().as_secs_f64() * 1000.0,
            "operation ends"
        );
    }
}

impl Operation {
    /// Runs to its end, or until the socket drops it. Its place among those that run at once is given back as soon as its answer is there, or
    /// it waits for events: whoever takes answers slowly keeps nobody out.
    pub(super) async fn run(self, call: Call, accepted: Accepted, place: OwnedSemaphorePermit) {
        tracing::info!(
            request_id = self.request_id,
            socket = self.socket,
            kind = self.kind.word(),
            operation = self.name,
            user = self.user,
            "operation begins"
        );
        if accepted.untrusted {
            let (request_id, operation) = (&self.request_id, &self.name);
            tracing::warn!(request_id, operation, "a document that is not trusted");
        }
        let mut told = Told {
            operation: &self,
            begun: Instant::now(),
            outcome: "stopped",
            answers: 0,
            statements: None,
        };
        let word = self.answer(&call, accepted, place, &mut told).await;
        told.outcome = match &word {
            Word::Said(Said::Error(_)) => "failed",
            Word::Said(_) => "done",
            Word::Forbidden => "forbidden",
        };
        self.tell(word).await;
    }

    /// Answers; the last word is left to be said.
    async fn answer(
        &self,
        call: &Call,
        accepted: Accepted,
        place: OwnedSemaphorePermit,
        told: &mut Told<'_>,
    ) -> Word {
        let call = match self.renew(call).await {
            Ok(call) => call,
            Err(word) => return word,
        };
        match guard::sign_ins(&self.app.parts.budgets, &accepted, &call).await {
            Err(complaint) => {
                Word::Said(say_complaint(self.ticket.id(), &complaint, self.language))
            }
            Ok(_) if self.kind == Kind::Subscription => {
                self.subscribe(call, accepted, place, told).await
            }
            Ok(sign_ins) => self.execute(call, accepted, &sign_ins, place, told).await,
        }
    }

    /// The viewer as they are now; otherwise what there is to say.
    async fn renew(&self, call: &Call) -> Result<Call, Word> {
        let origin = Origin {
            request_id: self.request_id.as_str().into(),
            address: call.origin().address,
        };
        match self.app.store().system().renew(call, origin).await {
            Ok(Some(call)) => Ok(call),
            Ok(None) => Err(Word::Forbidden),
            Err(fault) => {
                let (request_id, fault) = (&self.request_id, fault.inside());
                tracing::error!(request_id, fault, "the viewer could not be read");
                Err(self.failure())
            }
        }
    }

    /// A query or a mutation: one answer.
    async fn execute(
        &self,
        call: Call,
        accepted: Accepted,
        sign_ins: &SignIns,
        place: OwnedSemaphorePermit,
        told: &mut Told<'_>,
    ) -> Word {
        let parts = &self.app.parts;
        let answering = parts.runner.answer(
            accepted.request,
            call.clone(),
            self.app.store().system(),
            self.language,
            parts.timeout,
        );
        // A panic is our fault, and one operation's: the socket lives on.
        let answer = AssertUnwindSafe(answering).catch_unwind().await;
        drop(place);
        told.statements = Some(call.statements());
        let said = match answer {
            Ok(Ok(mut answered)) => {
                let response = &mut answered.response;
                parts.edge.whole_paths(response, &accepted.asked);
                sign_ins.done(&parts.budgets, answered.signed_in);
                let response = match self.cost {
                    Some(cost) => cost.tell(answered.response),
                    None => answered.response,
                };
                say(self.ticket.id(), self.kind, response)
            }
            Ok(Err(why)) => {
                let complaint = guard::unanswered(&self.app, why, &call);
                say_complaint(self.ticket.id(), &complaint, self.language)
            }
            Err(_) => return self.panicked(),
        };
        if said.is_last() {
            return Word::Said(said);
        }
        told.answers += 1;
        self.tell(Word::Said(said)).await;
        Word::Said(Said::complete(self.ticket.id()))
    }

    /// A subscription: an answer as often as something happens.
    async fn subscribe(
        &self,
        call: Call,
        accepted: Accepted,
        place: OwnedSemaphorePermit,
        told: &mut Told<'_>,
    ) -> Word {
        let system = self.app.store().system();
        let live = &self.app.parts.live;
        let Accepted { request, asked, .. } = accepted;
        // Why it was not allowed another look, if it has ended for that.
        let unpaid: Arc<OnceLock<Complaint>> = Arc::default();
        let toll = {
            let (app, look) = (self.app.clone(), self.charge.of_look());
            let unpaid = Arc::clone(&unpaid);
            move || {
                let refused = look.take(&app).err();
                refused.map(|complaint| unpaid.set(complaint)).is_none()
            }
        };
        let answers = live.subscribe(request, call.clone(), system, self.language, toll);
        let mut answers = std::pin::pin!(answers);
        let mut place = Some(place);
        let last = loop {
            let next = poll_fn(|context| {
                let polled = answers.poll_next_unpin(context);
                // Its document is validated by now, and it waits.
                drop(place.take());
                polled
            });
            let answer = AssertUnwindSafe(next).catch_unwind().await;
            let said = match answer {
                Ok(Some(mut response)) => {
                    self.app.parts.edge.whole_paths(&mut response, &asked);
                    say(self.ticket.id(), self.kind, response)
                }
                Ok(None) => {
                    let id = self.ticket.id();
                    break Word::Said(match unpaid.get() {
                        Some(complaint) => say_complaint(id, complaint, self.language),
                        None => Said::complete(id),
                    });
                }
                Err(_) => return self.panicked(),
            };
            if said.is_last() {
                break Word::Said(said);
            }
            if let Err(complaint) = self.charge.take(&self.app) {
                let refused = say_complaint(self.ticket.id(), &complaint, self.language);
                break Word::Said(refused);
            }
            told.answers += 1;
            self.tell(Word::Said(said)).await;
        };
        // It may have ended because the session has.
        match self.renew(&call).await {
            Err(Word::Forbidden) => Word::Forbidden,
            _ => last,
        }
    }

    fn panicked(&self) -> Word {
        tracing::error!(request_id = self.request_id, "an operation panicked");
        self.failure()
    }

    fn failure(&self) -> Word {
        Word::Said(say_failure(
            self.ticket.id(),
            &self.request_id,
            self.language,
        ))
    }

    /// Waits until the socket takes it. It goes unheard only when the socket has ended, and this operation with it.
    async fn tell(&self, word: Word) {
        let _ = self.speaker.send((self.ticket.clone(), word)).await;
    }
}
