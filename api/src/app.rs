//! A server's parts, built once; what tests start, too.

use std::{sync::Arc, time::Duration};

use axum::Router;
use chrono::{DateTime, Utc};
use domain::{Calendar, Clock, Entropy};
use edge::{BudgetRules, Budgets, Documents, Edge, Limits};
use files::Files;
use graphql::{EventTurns, IN_LINE, LuoshiLive, LuoshiRunner, Turns};
use store::{AuditRules, Fault, Opening, Pool, SecretKeys, Store, TokenRules};
use tokio::{
    sync::{Mutex, Semaphore, oneshot},
    task::JoinHandle,
};

use crate::{Connections, Origins, http, limit::Limit, seldom::Seldom};

/// Exports of the audit log at once; others are refused.
const EXPORTS_AT_ONCE: usize = 2;

/// What a server is built from.
pub struct Settings {
    /// The database.
    pub pool: Pool,
    /// The evidence files.
    pub files: Files,
    /// The working days.
    pub calendar: Calendar,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// How tokens are issued and checked.
    pub rules: TokenRules,
    /// Passwords hashed at once.
    pub hashings_at_once: usize,
    /// How large and costly a request may be.
    pub limits: Limits,
    /// Whether the schema can be asked about.
    pub introspection: bool,
    /// Whether the explorer is served.
    pub explorer: bool,
    /// The accounts that the explorer offers.
    pub demo: Option<http::explorer::Demo>,
    /// The longest that a request may take, but for the reading of its files.
    pub timeout: Duration,
    /// The longest that the reading of a request's files may take.
    pub upload_timeout: Duration,
    /// How many sockets there may be, and how long they wait.
    pub sockets: http::socket::SocketRules,
    /// How the audit log is kept.
    pub audit: AuditRules,
    /// Under which keys the secrets of second factors are kept, and the server's own.
    pub secrets: SecretKeys,
    /// The proxies that are believed about where a request came from.
    pub proxies: http::client::TrustedProxies,
    /// What faces the outside.
    pub guard: Guard,
}

/// How a server faces the outside.
#[derive(Clone, Debug, Default)]
pub struct Guard {
    /// How much each caller may use in a minute.
    pub budgets: BudgetRules,
    /// How connections are taken.
    pub connections: Connections,
    /// Requests and operations that are read and run at once; more are refused.
    pub requests: Requests,
    /// The origins whose pages may ask.
    pub origins: Origins,
    /// The documents of front ends.
    pub documents: Documents,
    /// Where whoever runs the server wants to hear of weaknesses.
    pub contact: Option<http::security_txt::Contact>,
}

/// Requests of `/graphql` at once, from the moment at which their bodies are there, and operations of sockets while they run or wait for
/// their turn: a subscription until it waits for events.
#[derive(Clone, Copy, Debug)]
pub struct Requests(pub u32);

impl Default for Requests {
    fn default() -> Self {
        Self(512)
    }
}

/// A server's parts. Cheap to clone.
#[derive(Clone)]
pub struct App {
    pub(crate) parts: Arc<Parts>,
}

pub(crate) struct Parts {
    pub(crate) store: Store,
    pub(crate) files: Files,
    pub(crate) bodies: http::body::Bodies,
    pub(crate) uploads: http::uploads::Uploads,
    pub(crate) runner: LuoshiRunner,
    pub(crate) live: LuoshiLive,
    pub(crate) edge: Edge,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) timeout: Duration,
    pub(crate) upload_timeout: Duration,
    pub(crate) sockets: http::socket::Sockets,
    pub(crate) proxies: http::client::TrustedProxies,
    sealing: Mutex<Option<(oneshot::Sender<()>, JoinHandle<()>)>>,
    pub(crate) unnamed_proxy: Seldom,
    /// When it was last said that an address has used up its requests.
    pub(crate) used_up: Seldom,
    pub(crate) budgets: Budgets,
    pub(crate) connections: Connections,
    pub(crate) origins: http::origins::Origins,
    pub(crate) exports: Arc<Semaphore>,
    pub(crate) contact: Option<http::security_txt::Contact>,
    pub(crate) running: Arc<Semaphore>,
    pub(crate) requests: Limit,
    pub(crate) turns: Limit,
    pub(crate) in_line: Limit,
    pub(crate) readiness: http::health::Readiness,
    pub(crate) explorer: Option<http::explorer::Explorer>,
}

impl App {
    /// Opens the database, whose schema must be current, and builds the server.
    ///
    /// # Errors
    /// The database cannot be used.
    pub async fn open(settings: Settings) -> Result<Self, Fault> {
        let entropy = Arc::clone(&settings.entropy);
        let clock = Arc::clone(&settings.clock);
        let wait = settings.pool.wait;
        let store = Store::open(Opening {
            pool: settings.pool,
            clock: settings.clock,
            entropy: settings.entropy,
            rules: settings.rules,
            hashings_at_once: settings.hashings_at_once,
            calendar: settings.calendar,
            audit: settings.audit,
            secrets: settings.secrets,
        })
        .await?;
        tokio::spawn(store.keep_looking());
        let (stop_sealing, stopped) = oneshot::channel::<()>();
        // It ends, too, when nobody is left who could tell it to.
        let task = tokio::spawn(store.keep_sealing(stopped));
        let sealing = Mutex::new(Some((stop_sealing, task)));
        let (limits, documents) = (settings.limits, settings.guard.documents);
        let edge = edge_trusting(limits, settings.introspection, documents)
            .map_err(|wrong| Fault::new(wrong.join("\n")))?;
        let builder = || {
            let builder = graphql::serving(settings.files.clone());
            match settings.introspection {
                true => builder,
                false => builder.disable_introspection(),
            }
        };
        let at_once = settings.guard.requests.0;
        let readers = store.readers();
        Ok(Self {
            parts: Arc::new(Parts {
                runner: LuoshiRunner::new(builder(), Turns::new(readers), wait),
                live: LuoshiLive::new(builder(), EventTurns::new(readers)),
                store,
                sealing,
                bodies: http::body::Bodies::default(),
                uploads: http::uploads::Uploads::default(),
                files: settings.files,
                edge,
                budgets: Budgets::new(settings.guard.budgets, Arc::clone(&clock), &*entropy),
                connections: settings.guard.connections,
                origins: settings.guard.origins,
                clock,
                entropy,
                sockets: http::socket::Sockets::new(settings.sockets),
                timeout: settings.timeout,
                upload_timeout: settings.upload_timeout,
                proxies: settings.proxies,
                unnamed_proxy: Seldom::default(),
                used_up: Seldom::default(),
                contact: settings.guard.contact,
                exports: Arc::new(Semaphore::new(EXPORTS_AT_ONCE)),
                running: Arc::new(Semaphore::new(at_once as usize)),
                requests: Limit::new("http.requests", at_once),
                turns: Limit::new("database.connections", readers),
                in_line: Limit::new("queries, or acts, of a user that wait", IN_LINE as u32),
                readiness: http::health::Readiness::default(),
                explorer: settings
                    .explorer
                    .then(|| http::explorer::Explorer::new(settings.demo.as_ref())),
            }),
        })
    }

    /// The moment, by the server's clock.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.parts.clock.now()
    }

    /// The store.
    pub fn store(&self) -> &Store {
        &self.parts.store
    }

    /// The evidence files.
    pub fn files(&self) -> &Files {
        &self.parts.files
    }

    /// Ends every socket, and takes no more. Requests go on.
    pub fn stop_sockets(&self) {
        self.parts.sockets.stop();
    }

    /// Waits until the audit log has what was refused, also to whoever has gone away since.
    pub async fn refusals_written(&self) {
        self.store().system().refusals_written().await;
    }

    /// Ends the sealing of the audit log, and waits for it: what happens from then on waits to be sealed
    /// ([`store::System::finish_audit`]).
    pub async fn stop_sealing(&self) {
        let sealing = self.parts.sealing.lock().await.take();
        if let Some((stop, task)) = sealing {
            drop(stop);
            if task.await.is_err() {
                tracing::error!("the sealing of the audit log panicked");
            }
        }
    }

    /// Waits until every socket has ended, for a few seconds at most.
    pub async fn sockets_stopped(&self) {
        self.parts.sockets.stopped().await;
    }

    /// What answers HTTP requests.
    pub fn router(&self) -> Router {
        http::router(self.clone())
    }
}

/// The edge that trusts these documents.
///
/// # Errors
/// Each document that could not run, and why not.
pub(crate) fn edge_trusting(
    limits: Limits,
    introspection: bool,
    documents: Documents,
) -> Result<Edge, Vec<String>> {
    let scalars = graphql::SCALARS.map(|(name, example, takes)| edge::Scalar {
        name,
        takes,
        example,
    });
    let priced = graphql::PRICES.map(|(of, field, most, cost)| edge::Priced {
        of,
        field,
        most,
        cost,
    });
    let edge = Edge::new(&graphql::sdl(), &scalars, &priced, limits, introspection)
        .map_err(|error| vec![format!("the edge cannot read the schema: {error}")])?;
    let mut wrong = Vec::new();
    if documents.texts().next().is_some() {
        let validator = graphql::Validator::default();
        for (client, text) in documents.texts() {
            for why in validator.wrong(&edge::plain_escapes(text)) {
                wrong.push(format!("{client}: {}: {why}", edge::opening(text)));
            }
        }
    }
    match edge.trusting(documents) {
        Ok(edge) if wrong.is_empty() => Ok(edge),
        Ok(_) => Err(wrong),
        Err(more) => Err(wrong.into_iter().chain(more).collect()),
    }
}
