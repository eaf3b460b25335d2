//! Queries and mutations: one answer for each request.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use async_graphql::{ObjectType, Response, Schema, SchemaBuilder, SubscriptionType};
use domain::Language;
use store::{Call, System, Unsuccessful};
use tokio::{
    task::JoinHandle,
    time::{Instant, timeout_at},
};

use crate::{
    attempt::{Attempt, Refusals},
    batches::Loads,
    error::{ApiError, failed},
    messages,
    request::Request,
    turns::{NoTurn, Turns},
};

/// The schema as queries and mutations are run.
pub struct Runner<Q, M, S> {
    schema: Schema<Q, M, S>,
    turns: Turns,
    patience: Duration,
}

/// What came of a request.
#[derive(Debug)]
pub struct Answered {
    /// Its answer.
    pub response: Response,
    /// Somebody has signed in.
    pub signed_in: bool,
}

/// Why a request has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unanswered {
    /// As many queries of its user wait as may, or as many acts, or those before it take too long: nothing was read or done.
    OwnLine,
    /// Others hold the turns: nothing was read or done.
    Busy,
    /// It took too long.
    OutOfTime,
}

impl<Q, M, S> Runner<Q, M, S>
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    /// The schema of a builder. As many run at once as there are turns; others wait for theirs, so long at most.
    pub fn new(builder: SchemaBuilder<Q, M, S>, turns: Turns, patience: Duration) -> Self {
        Self {
            schema: builder.finish(),
            turns,
            patience,
        }
    }

    /// Answers one request of one viewer, unless that takes longer than `most`. What was refused has an entry in the audit log then, too, and
    /// so has an act that was not answered in time, whatever became of it. The loaders live as long as the request.
    ///
    /// # Errors
    /// There is no answer in time.
    pub async fn answer(
        &self,
        mut request: async_graphql::Request,
        call: Call,
        system: System,
        language: Language,
        most: Duration,
    ) -> Result<Answered, Unanswered> {
        let deadline = Instant::now() + most;
        let loads = Loads::default();
        let own = Request::new(call.clone(), system, language, &loads);
        let signed_in = Arc::clone(&own.signed_in);
        let mut unwritten = Unwritten {
            attempt: Attempt::of(&mut request),
            refusals: own.refusals.clone(),
            refused: Vec::new(),
            call: &call,
        };
        let acts = unwritten.attempt.as_ref().is_some_and(Attempt::acts);
        let turn = self.turns.take(&call, acts, self.patience.min(most)).await;
        let turn = turn.map_err(|none| match none {
            NoTurn::OwnLine => Unanswered::OwnLine,
            NoTurn::TooLate => Unanswered::Busy,
        })?;
        let answering = async {
            let mut response = loads.drive(self.schema.execute(request.data(own))).await;
            // What is left to be written waits for the writer, and keeps nobody from reading.
            drop(turn);
            unwritten.hear(&response);
            // Of a request that has acted nothing is left to be written: its answer, a one-time password perhaps, cannot get lost here.
            if let Err(error) = call.record_reads().await {
                response = failed(ApiError::of(error, language, call.request_id()));
            }
            messages::translate(&mut response, language);
            response
        };
        let Ok(response) = timeout_at(deadline, answering).await else {
            unwritten.out_of_time();
            return Err(Unanswered::OutOfTime);
        };
        // Nobody waits longer for an entry: the database, which may be what is slow, has it when it can.
        let refused = std::mem::take(&mut unwritten.refused);
        if let Some(written) = record(&call, refused) {
            let _ = timeout_at(deadline, written).await;
        }
        Ok(Answered {
            response,
            signed_in: signed_in.load(Ordering::Relaxed),
        })
    }
}

/// What is to be written of an attempt, and is not yet: it is written, once, also when whoever asked has gone away meanwhile. Of a question
/// that they broke off before its answer was there nothing is.
struct Unwritten<'c> {
    attempt: Option<Attempt>,
    refusals: Refusals,
    refused: Vec<Unsuccessful>,
    call: &'c Call,
}

impl Unwritten<'_> {
    /// The answer is there.
    fn hear(&mut self, response: &Response) {
        let attempt = self.attempt.as_ref();
        let refused = attempt.map(|it| self.refusals.of(it, response));
        self.refused.extend(refused.into_iter().flatten());
    }

    /// There will be no answer. What an answer that was there has told is not told again.
    fn out_of_time(&mut self) {
        if !self.refused.is_empty() {
            return;
        }
        let late = self.attempt.as_ref();
        let late = late.and_then(|attempt| self.refusals.out_of_time(attempt));
        self.refused.extend(late);
    }
}

impl Drop for Unwritten<'_> {
    fn drop(&mut self) {
        let acted = self.attempt.as_ref().filter(|attempt| attempt.acts());
        let left = acted.and_then(|attempt| self.refusals.left(attempt));
        self.refused.extend(left);
        record(self.call, std::mem::take(&mut self.refused));
    }
}

/// Has it written, if there is anything.
fn record(call: &Call, refused: Vec<Unsuccessful>) -> Option<JoinHandle<()>> {
    (!refused.is_empty())
        .then(|| call.record(refused))
        .flatten()
}

#[cfg(test)]
mod tests {
    use async_graphql::{Context, EmptySubscription, Object};
    use sea_orm::{ConnectionTrait, Statement, TransactionTrait};
    use serde_json::json;
    use store::Origin;
    use tokio::time::timeout;

    use super::*;
    use crate::signed_in::SignedIn;

    struct Query;

    #[Object]
    impl Query {
        async fn asked(&self) -> bool {
            true
        }
    }

    struct Mutation;

    #[Object]
    impl Mutation {
        async fn done(&self) -> bool {
            true
        }

        /// Is refused.
        async fn refused(&self, ctx: &Context<'_>) -> bool {
            let refusals = &Request::of(ctx).refusals;
            refusals.note(&store::Error::Unauthenticated);
            false
        }

        /// Is refused, and answers nobody.
        async fn held(&self, ctx: &Context<'_>) -> bool {
            let refusals = &Request::of(ctx).refusals;
            refusals.note(&store::Error::Unauthenticated);
            std::future::pending().await
        }
    }

    #[tokio::test]
    async fn queries_and_acts_wait_for_their_own_turns_and_strangers_for_none() {
        let SignedIn {
            database: _database,
            system,
            call,
            ..
        } = SignedIn::office().await;
        let turns = Turns::so_many(1);
        let runner = |patience| {
            let builder = Schema::build(Query, Mutation, EmptySubscription);
            Runner::new(builder, turns.clone(), Duration::from_millis(patience))
        };
        let answer = async |patience: u64, call: &Call, document: &str| {
            let (runner, most) = (runner(patience), Duration::from_secs(60));
            let request = async_graphql::Request::new(document);
            let (call, system) = (call.clone(), system.clone());
            let answering = runner.answer(request, call, system, Language::En, most);
            let answered = answering.await.map(|answered| answered.response.data);
            answered.map(|data| serde_json::to_value(data).unwrap())
        };
        let asked = Ok(json!({ "asked": true }));
        assert_eq!(answer(60_000, &call, "{ asked }").await, asked);
        assert_eq!(turns.queries().left(), 1, "the turn is given back");
        let taken = turns.queries().taken();
        assert_eq!(answer(100, &call, "{ asked }").await, Err(Unanswered::Busy));
        let done = answer(100, &call, "mutation { done }").await;
        assert_eq!(done, Ok(json!({ "done": true })));
        let stranger = system.call(None, Origin::command("test")).await.unwrap();
        assert_eq!(answer(100, &stranger, "{ asked }").await, asked);
        let its_turn = async {
            tokio::task::yield_now().await;
            drop(taken);
        };
        let (waited, ()) = tokio::join!(answer(60_000, &call, "{ asked }"), its_turn);
        assert_eq!(waited, asked);
        assert_eq!(turns.queries().left(), 1);
    }

    /// How often the log has what somebody tried who goes away a moment after asking, while another writes.
    async fn tried_and_gone(act: &str) -> (i64, String) {
        let asked = SignedIn::office().await;
        let db = asked.database.connect().await;
        let holding = db.begin().await.unwrap();
        let writes = "UPDATE unit SET name = name WHERE FALSE";
        holding.execute_unprepared(writes).await.unwrap();
        let builder = Schema::build(Query, Mutation, EmptySubscription);
        let runner = Runner::new(builder, Turns::so_many(1), Duration::from_secs(60));
        let answering = runner.answer(
            async_graphql::Request::new(format!("mutation {{ {act} }}")),
            asked.call.clone(),
            asked.system.clone(),
            Language::En,
            Duration::from_secs(60),
        );
        let gone = timeout(Duration::from_millis(200), answering).await;
        assert!(gone.is_err());
        holding.rollback().await.unwrap();
        asked.system.refusals_written().await;
        let entries = format!(
            "SELECT COUNT(*) AS n, MIN(outcome) AS outcome FROM audit_entry WHERE action = '{}'",
            act.to_uppercase()
        );
        let entries = Statement::from_string(db.get_database_backend(), entries);
        let entries = db.query_one_raw(entries).await.unwrap().unwrap();
        let outcome = entries.try_get("", "outcome").unwrap();
        (entries.try_get("", "n").unwrap(), outcome)
    }

    #[tokio::test]
    async fn what_was_refused_is_written_once_when_its_asker_has_gone_away() {
        for act in ["held", "refused"] {
            let written = tried_and_gone(act).await;
            assert_eq!(written, (1, "REFUSED".to_owned()), "{act}");
        }
    }
}
