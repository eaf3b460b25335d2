//! The only code that can run SQL.
//!
//! A [`Store`] holds the database connection and shows it to nobody. What may be read is read through a [`Call`]: one
//! request of one viewer. What it answers with are [`Seen`] rows, and rows become seen by `Scoped::new` alone, which asks
//! `visible/` for those that the viewer may see, or by the key of a row that is. An act reads what belongs to a row that it has
//! locked through the scope by that row's key. Work without a viewer (signing in, importing, keys) is done by
//! the named methods of [`System`].
//!
//! A connection cannot be had from outside:
//!
//! ```compile_fail
//! fn connection(store: &store::Store) { let _ = &store.inner; }
//! ```
//!
//! and a row cannot be passed off as seen:
//!
//! ```compile_fail
//! fn forge(model: entity::target::Model) -> store::Seen<entity::target::Model> { store::Seen(model) }
//! ```

// A panic loses a request.
#![cfg_attr(
    not(test),
    warn(clippy::expect_used, clippy::panic, clippy::unwrap_used)
)]

mod acknowledging;
mod advisory;
mod audit;
mod call;
pub mod command;
mod connection;
mod digest;
mod error;
mod feed;
mod link;
mod listed;
mod new_target;
pub mod page;
mod read;
mod rules;
mod scoped;
mod search;
mod secrets;
mod seen;
mod settings;
mod standing;
mod system;
#[cfg(any(test, fuzzing))]
pub mod trial;
mod viewer;
mod visible;
mod write;

use std::sync::{Arc, atomic::AtomicU32};

use domain::{Calendar, Clock, Entropy};

pub use audit::{
    Algorithm, ArchiveOutcome, AuditExport, AuditLine, AuditProblem, AuditProblemKind, AuditRules,
    AuditVerification, Head, LEAST_RETENTION_DAYS, verify_archive,
};
pub use call::{Call, Origin};
pub use command::{
    AddTarget, AnswerInstruction, AskOffice, Asked, BegunFactor, CarryOver, CreatePeriods,
    CreateUnit, CreateUser, GiveInstruction, GrantRole, GroupMembers, ImportDocument,
    ImportNumbers, ImportProblem, ImportReport, ImportedUsers, IndicatorChange, IssueNotice,
    LARGEST_DOCUMENT, NewUnit, OneTime, Reading, SaveMilestone, SaveReport, SetLight, StoredFile,
    SucceedLeader, TargetChange, UnitPart, UpdateUser, UploadTo,
};
pub use connection::{Backend, Pool};
pub use error::{BadInput, Error, Fault, Result};
pub use feed::{EventFilter, Newest, SessionWatch};
pub use importer::{CorrectionDraft, Note};
pub use page::{Direction, Edge, LARGEST_PAGE, Page, PageArgs};
pub use read::{
    AccessExplanation, AmendedIndicator, AmendedParts, AmendedSide, AmendedUnit, Amendments,
    AssignmentRow, AuditFilter, AuditKey, AuditUnitKey, DesignationFilter, DisputeFilter,
    InstructionFilter, LatestReport, MilestoneNumbers, PeriodNumbers, ProgressReportFilter,
    ReadingsOf, ReportNumbers, ReportOrder, ReportOrderField, ReportsOf, RequestFilter,
    RoleGrantFilter, Statistics, StatisticsGroup, StatisticsKey, SupervisionNoticeFilter,
    TargetFilter, TargetLife, TargetNumbers, TargetOrder, TargetOrderField, TargetsOf, TrendOf,
    UnitFilter, UnitScore, UserFilter,
};
pub use rules::PlanRules;
pub use secrets::SecretKeys;
pub use seen::{ActorKey, ReportKey, Seen, TargetKey, VersionKey};
pub use settings::SettingRow;
pub use standing::Ground;
pub use system::{
    AccountDraft, GrantDraft, ImportOutcome, ImportPlan, IssuedTokens, Password, SchemaState,
    Sweep, Sweeping, SweptNotice, System, TokenRules, Waiting, username,
};
pub use viewer::{Account, Viewer, grant_of};
pub use write::{Once, Unsuccessful, audited_acts};

/// The database with what every use of it needs. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
    /// Counts what the server itself runs: for one request, where this is the store of a [`System::call`].
    statements: Arc<AtomicU32>,
}

struct Inner {
    connections: connection::Connections,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    rules: TokenRules,
    seal: page::Seal,
    links: link::Links,
    keys: system::KeyRing,
    /// Why nothing can be signed, where the configuration lacks a key.
    missing_key: Option<String>,
    hashing: system::Hashing,
    calendar: Calendar,
    feed: feed::Feed,
    audit: audit::Audit,
    secrets: SecretKeys,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}

/// What a store is opened with.
pub struct Opening {
    /// Where the database is, and how it is used.
    pub pool: Pool,
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
    /// Where randomness comes from.
    pub entropy: Arc<dyn Entropy>,
    /// How tokens are issued and checked.
    pub rules: TokenRules,
    /// Passwords hashed at once; each takes 19 MiB and a core.
    pub hashings_at_once: usize,
    /// The working days.
    pub calendar: Calendar,
    /// How the audit log is kept.
    pub audit: AuditRules,
    /// Under which keys the secrets of second factors are kept, and the server's own.
    pub secrets: SecretKeys,
}

impl Store {
    /// Opens the database, whose schema must be current (see [`SchemaState`]), and makes the secrets that it lacks.
    ///
    /// # Errors
    /// The database cannot be reached, or its schema is not this program's.
    pub async fn open(opening: Opening) -> Result<Self, Fault> {
        let connections = connection::Connections::open(&opening.pool).await?;
        let first = system::first_secrets(
            &connections,
            opening.clock.as_ref(),
            opening.entropy.as_ref(),
            &opening.secrets,
        )
        .await?;
        let hashing = system::Hashing::new(opening.hashings_at_once, Arc::clone(&opening.entropy))?;
        Ok(Self {
            inner: Arc::new(Inner {
                connections,
                clock: opening.clock,
                entropy: opening.entropy,
                rules: opening.rules,
                seal: page::Seal::new(&first.cursor),
                links: link::Links::new(&first.link),
                keys: system::KeyRing::new(first.keys),
                missing_key: first.missing,
                hashing,
                calendar: opening.calendar,
                feed: feed::Feed::default(),
                audit: audit::Audit::new(opening.audit),
                secrets: opening.secrets,
            }),
            statements: Arc::default(),
        })
    }

    /// The named acts of the server itself, which count their statements together, and with the [`System::call`] that
    /// begins there.
    pub fn system(&self) -> System {
        System::new(Self {
            inner: Arc::clone(&self.inner),
            statements: Arc::default(),
        })
    }

    /// How many connections read: so many statements are answered at once.
    pub fn readers(&self) -> u32 {
        self.inner.connections.readers()
    }

    /// Ends all connections, once the transactions under way are done.
    pub async fn close(&self) {
        self.inner.connections.close().await;
    }
}
