//! Writing: one named act, one transaction, and the audit entry in it.

mod between;
mod grants;
mod refused;

use domain::{Action, Grant, Reason};
use entity::{
    audit_entry, event,
    ids::{PlanId, TargetId, UnitId, UserId},
    kinds::{Audience, AuditOutcome, EventType, Role},
    mutation_receipt, user,
};
use sea_orm::{
    ActiveValue::NotSet,
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, Set,
    sea_query::{Expr, OnConflict},
};
use serde_json::Value;

use crate::{
    Backend, Call, Fault, Result, Store,
    audit::{masked, without_texts},
    call::Origin,
    connection::Metered,
    digest::sha256,
    feed::CHANNEL,
};

pub use refused::Unsuccessful;

pub(crate) use between::Between;

use grants::used;

/// Declares the acts with the words under which the audit log knows them.
macro_rules! acts {
    ($($(#[$doc:meta])* $name:ident = $word:literal),+ $(,)?) => {
        /// Every act there is, as the audit log names it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Act {
            $($(#[$doc])* $name,)+
            /// An act on a plan, a target, or what belongs to one.
            Of(Action),
        }

        impl Act {
            pub(crate) const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)+
                    Self::Of(action) => action.as_str(),
                }
            }
        }

        /// The words of all acts that the audit log may hold: what its tests are held against.
        pub fn audited_acts() -> Vec<&'static str> {
            let acts = [$($word),+].into_iter();
            acts.chain(Action::ALL.iter().map(|action| action.as_str())).collect()
        }
    };
}

acts! {
    SignIn = "SIGN_IN",
    SignInFailed = "SIGN_IN_FAILED",
    SignOut = "SIGN_OUT",
    RefreshSession = "REFRESH_SESSION",
    RefreshTokenReused = "REFRESH_TOKEN_REUSED",
    ChangePassword = "CHANGE_PASSWORD",
    BeginSecondFactor = "BEGIN_SECOND_FACTOR",
    ConfirmSecondFactor = "CONFIRM_SECOND_FACTOR",
    EndSecondFactor = "END_SECOND_FACTOR",
    ReplaceRecoveryCodes = "REPLACE_RECOVERY_CODES",
    ReencryptSecrets = "REENCRYPT_SECRETS",
    CreateAccount = "CREATE_ACCOUNT",
    RotateKeys = "ROTATE_KEYS",
    Sweep = "SWEEP",
    /// A notice was issued by the daily sweep.
    IssueByRule = "ISSUE_NOTICE_BY_RULE",
    UploadAttachment = "UPLOAD_ATTACHMENT",
    DownloadAttachment = "DOWNLOAD_ATTACHMENT",
    CollectAttachment = "COLLECT_ATTACHMENT",
    /// An administrator read what is others'.
    Read = "READ",
    /// Entries of the audit log were read.
    ReadAudit = "READ_AUDIT",
    /// The audit log was exported.
    ExportAudit = "EXPORT_AUDIT",
    /// The audit log was verified.
    VerifyAudit = "VERIFY_AUDIT",
    /// Entries left the audit log for a file.
    ArchiveAudit = "ARCHIVE_AUDIT",
    /// Refusals that are not listed one by one, for there were too many.
    CountRefusals = "COUNT_REFUSALS",
}

impl From<Action> for Act {
    fn from(action: Action) -> Self {
        Self::Of(action)
    }
}

impl Act {
    /// What an entry keeps of what the act changed: of the administrators' own data what they wrote, of the business, which
    /// no administrator sees (domain.md §4), that it changed.
    fn kept(self, changes: Value) -> Value {
        let business = match self {
            Self::UploadAttachment
            | Self::DownloadAttachment
            | Self::CollectAttachment
            | Self::Sweep
            | Self::IssueByRule => true,
            Self::Of(action) => !action.is_administrators(),
            Self::SignIn
            | Self::SignInFailed
            | Self::SignOut
            | Self::RefreshSession
            | Self::RefreshTokenReused
            | Self::ChangePassword
            | Self::BeginSecondFactor
            | Self::ConfirmSecondFactor
            | Self::EndSecondFactor
            | Self::ReplaceRecoveryCodes
            | Self::ReencryptSecrets
            | Self::CreateAccount
            | Self::RotateKeys
            | Self::Read
            | Self::ReadAudit
            | Self::ExportAudit
            | Self::VerifyAudit
            | Self::ArchiveAudit
            | Self::CountRefusals => false,
        };
        if business {
            without_texts(changes)
        } else {
            changes
        }
    }

    /// What came of it: some acts are refusals by themselves.
    const fn outcome(self) -> AuditOutcome {
        match self {
            Self::SignInFailed | Self::RefreshTokenReused | Self::CountRefusals => {
                AuditOutcome::Refused
            }
            _ => AuditOutcome::Succeeded,
        }
    }

    /// The roles by which it is allowed: empty for what everybody may do with their own session, and `None` where it is not
    /// known, so that each grant of the user may be the one.
    fn roles(self) -> Option<Vec<Role>> {
        match self {
            Self::SignIn
            | Self::SignInFailed
            | Self::SignOut
            | Self::RefreshSession
            | Self::RefreshTokenReused
            | Self::ChangePassword
            | Self::BeginSecondFactor
            | Self::ConfirmSecondFactor
            | Self::EndSecondFactor
            | Self::ReplaceRecoveryCodes => Some(Vec::new()),
            Self::Read => Some(vec![Role::SystemAdmin, Role::SecurityAdmin]),
            Self::ReadAudit | Self::ExportAudit | Self::VerifyAudit => Some(vec![Role::AuditAdmin]),
            Self::Of(action) => Some(action.roles()).filter(|roles| !roles.is_empty()),
            _ => None,
        }
    }
}

/// What was done to what: the audit entry, and the event that others hear of.
pub(crate) struct Entry {
    pub(crate) act: Act,
    pub(crate) object: &'static str,
    pub(crate) id: Option<i64>,
    pub(crate) changes: Value,
    /// None for what the audit log alone is told: of accounts, sessions, grants and the register, of what the server does by
    /// itself, and of drafts that are gone; and where another event of the same act says it.
    pub(crate) event: Option<Told>,
}

/// An event: what happened, where, and for whom it is meant.
pub(crate) struct Told {
    pub(crate) kind: EventType,
    pub(crate) plan: PlanId,
    pub(crate) target: Option<TargetId>,
    pub(crate) unit: Option<UnitId>,
    pub(crate) audience: Audience,
    pub(crate) about: Option<(&'static str, i64)>,
}

/// A mutation that its client may send again: changes nothing twice.
#[derive(Clone, Debug)]
pub struct Once {
    client_mutation_id: String,
    /// Tells the mutation and its input from others.
    digest: String,
}

impl Once {
    /// A mutation with its whole input, under the ID that the client gave it.
    pub fn new(client_mutation_id: &str, mutation: &str, input: &str) -> Self {
        Self {
            client_mutation_id: client_mutation_id.to_owned(),
            digest: sha256(format!("{mutation} {input}")),
        }
    }

    /// The same with what an input has beside its text: a file, by its digest.
    pub(crate) fn with(&self, file: &str) -> Self {
        Self {
            client_mutation_id: self.client_mutation_id.clone(),
            digest: sha256(format!("{} {file}", self.digest)),
        }
    }
}

/// A transaction that writes. It can be committed in one way only: with its audit entries. Dropped, it leaves nothing.
pub(crate) struct Write {
    db: Metered<DatabaseTransaction>,
    now: sea_orm::prelude::DateTimeUtc,
    who: Box<Who>,
    once: Option<Once>,
    events: Vec<Told>,
    store: Store,
    /// The request of which it is, if it is one's.
    call: Option<Call>,
}

/// Who writes, and from where.
#[derive(Default)]
struct Who {
    user: Option<UserId>,
    username: Option<String>,
    unit: Option<UnitId>,
    /// The grants that the user has now.
    grants: Vec<Grant>,
    origin: Option<Origin>,
}

/// How a mutation begins.
pub(crate) enum Begun {
    /// It is to be done.
    Fresh(Write),
    /// It was done before: what came of it.
    Again(Value),
}

/// Held while events get their numbers, until they are committed: they are numbered in the order in which they can be
/// seen, so that a reader who goes by the numbers misses none (PostgreSQL; SQLite has one writer).
const EVENT_LOCK: i64 = 0x6c75_6f73_6876;

impl Write {
    /// A transaction of the server, or of somebody who is not signed in yet.
    pub(crate) async fn of_system(store: &Store, origin: Option<&Origin>) -> Result<Self> {
        Ok(Self {
            db: store.inner.connections.begin(&store.statements).await?,
            now: store.now(),
            who: Box::new(Who {
                origin: origin.cloned(),
                ..Who::default()
            }),
            once: None,
            events: Vec::new(),
            store: store.clone(),
            call: None,
        })
    }

    /// The transaction, to read and write in.
    pub(crate) fn db(&self) -> &Metered<DatabaseTransaction> {
        &self.db
    }

    /// Names the user of an act that began without one.
    pub(crate) fn by(&mut self, user: &user::Model) {
        self.who.user = Some(user.id);
        self.who.username = Some(user.username.clone());
        self.who.unit = user.unit_id;
    }

    /// What the act tells and writes happened now, not when the request came: it may have waited for others, and comes after
    /// them.
    pub(crate) fn stamp(&mut self) -> sea_orm::prelude::DateTimeUtc {
        self.now = self.store.now();
        self.now
    }

    /// An event that comes of the act, beside the act's own.
    pub(crate) fn tell(&mut self, event: Told) {
        self.events.push(event);
    }

    /// Takes back the events that came of the act so far: what it tells by itself says it all.
    pub(crate) fn untell(&mut self) {
        self.events.clear();
    }

    /// The row of an audit entry.
    fn row(
        &self,
        action: &str,
        object: (&str, Option<i64>),
        outcome: AuditOutcome,
        changes: Value,
        grants: Value,
    ) -> audit_entry::ActiveModel {
        let origin = self.who.origin.as_ref();
        let address = origin.and_then(|origin| origin.address);
        audit_entry::ActiveModel {
            id: NotSet,
            occurred_at: Set(self.now),
            user_id: Set(self.who.user),
            action: Set(action.to_owned()),
            object_type: Set(object.0.to_owned()),
            object_id: Set(object.1),
            changes: Set(masked(changes)),
            request_id: Set(origin.map(|origin| origin.request_id.to_string())),
            username: Set(self.who.username.clone()),
            unit_id: Set(self.who.unit),
            grants: Set(grants),
            address: Set(address.map(|address| address.to_canonical().to_string())),
            outcome: Set(outcome),
        }
    }

    /// Writes the audit entries and commits.
    pub(crate) async fn commit(self, entries: impl IntoIterator<Item = Entry>) -> Result<()> {
        self.commit_with(Value::Null, entries).await
    }

    /// Writes what came of it for whoever sends it again, the audit entries and the events, and commits.
    pub(crate) async fn commit_with(
        mut self,
        result: Value,
        entries: impl IntoIterator<Item = Entry>,
    ) -> Result<()> {
        let mut rows = Vec::new();
        let mut events = Vec::new();
        let mut named = Vec::new();
        // What was read before the act is written down with it.
        let read = self.call.iter().flat_map(Call::reads);
        for entry in read.chain(entries) {
            named.extend(entry.id.map(|id| (entry.object, id)));
            let grants = used(&self.who.grants, entry.act, entry.event.as_ref());
            events.extend(entry.event);
            rows.push(self.row(
                entry.act.as_str(),
                (entry.object, entry.id),
                entry.act.outcome(),
                entry.act.kept(entry.changes),
                grants,
            ));
        }
        for rows in parts(rows) {
            audit_entry::Entity::insert_many(rows)
                .exec(&self.db)
                .await?;
        }
        if let (Some(once), Some(user)) = (&self.once, self.who.user) {
            mutation_receipt::Entity::update_many()
                .col_expr(mutation_receipt::Column::Result, Expr::value(result))
                .filter(mutation_receipt::Column::UserId.eq(user))
                .filter(mutation_receipt::Column::ClientMutationId.eq(&once.client_mutation_id))
                .exec(&self.db)
                .await?;
        }
        events.append(&mut self.events);
        self.publish(events).await?;
        self.db.commit().await?;
        if let Some(call) = &self.call {
            call.acted(named);
        }
        self.store.inner.feed.look().notify_one();
        self.store.inner.audit.wake();
        Ok(())
    }

    /// Writes events, last of all.
    async fn publish(&self, events: Vec<Told>) -> Result<()> {
        if events.is_empty() {
            return Ok(());
        }
        if Backend::of(&self.db) == Backend::Postgres {
            self.db
                .execute_unprepared(&format!(
                    "SELECT pg_advisory_xact_lock({EVENT_LOCK}), pg_notify('{CHANNEL}', '')"
                ))
                .await?;
        }
        let rows = events.into_iter().map(|told| event::ActiveModel {
            id: NotSet,
            r#type: Set(told.kind),
            occurred_at: Set(self.now),
            user_id: Set(self.who.user.filter(|_| told.kind.tells_who())),
            plan_id: Set(told.plan),
            target_id: Set(told.target),
            unit_id: Set(told.unit),
            audience: Set(told.audience),
            object_type: Set(told.about.map(|(of, _)| of.to_owned())),
            object_id: Set(told.about.map(|(_, id)| id)),
        });
        for rows in parts(rows) {
            event::Entity::insert_many(rows).exec(&self.db).await?;
        }
        Ok(())
    }
}

/// Rows in parts of which each fits into one INSERT: a statement has at most 32,766 parameters (SQLite). Acts of people are
/// one part; a sweep may be many.
fn parts<T>(rows: impl IntoIterator<Item = T>) -> impl Iterator<Item = Vec<T>> {
    let mut rows = rows.into_iter();
    std::iter::from_fn(move || {
        let part: Vec<T> = rows.by_ref().take(1000).collect();
        (!part.is_empty()).then_some(part)
    })
}

impl Call {
    /// Begins a transaction of the viewer.
    pub(crate) async fn write(&self) -> Result<Write> {
        Ok(self.open().await?)
    }

    async fn open(&self) -> Result<Write, Fault> {
        let viewer = self.viewer();
        Ok(Write {
            db: self.store().inner.connections.begin(self.counter()).await?,
            now: self.now(),
            who: Box::new(Who {
                user: viewer.map(|viewer| viewer.account.id),
                username: viewer.map(|viewer| viewer.account.username.clone()),
                unit: viewer.and_then(|viewer| viewer.account.unit),
                grants: viewer
                    .map(|viewer| viewer.grants.clone())
                    .unwrap_or_default(),
                origin: Some(self.origin().clone()),
            }),
            once: None,
            events: Vec::new(),
            store: self.store().clone(),
            call: Some(self.clone()),
        })
    }

    /// What came of a mutation that came before, and is done; none when it is to be done, or being done at this moment: then
    /// [`Call::begin`] knows. For what is costly before a transaction begins.
    ///
    /// # Errors
    /// As [`Call::begin`].
    pub(crate) async fn done_before(&self, once: Option<&Once>) -> Result<Option<Value>> {
        match once {
            Some(once) => receipt(&self.reader(), self.acting()?, once).await,
            None => Ok(None),
        }
    }

    /// Begins a mutation that may come again. Of two at the same moment the second waits for the first.
    ///
    /// # Errors
    /// Refused with [`Reason::OtherInput`] when the same ID came with another input.
    pub(crate) async fn begin(&self, once: Option<&Once>) -> Result<Begun> {
        let user = self.acting()?;
        let mut write = self.write().await?;
        let Some(once) = once else {
            return Ok(Begun::Fresh(write));
        };
        let fresh = mutation_receipt::Entity::insert(mutation_receipt::ActiveModel {
            user_id: Set(user),
            client_mutation_id: Set(once.client_mutation_id.clone()),
            digest: Set(once.digest.clone()),
            result: Set(Value::Null),
            created_at: Set(self.now()),
        })
        .on_conflict(
            OnConflict::columns([
                mutation_receipt::Column::UserId,
                mutation_receipt::Column::ClientMutationId,
            ])
            .do_nothing()
            .to_owned(),
        )
        .exec_without_returning(write.db())
        .await?;
        if fresh > 0 {
            write.once = Some(once.clone());
            return Ok(Begun::Fresh(write));
        }
        let before = receipt(write.db(), user, once).await?;
        let other = || Reason::OtherInput.at("clientMutationId").into();
        before.map(Begun::Again).ok_or_else(other)
    }
}

/// What came of a mutation that came before under the same ID, if any did.
async fn receipt(db: &impl ConnectionTrait, user: UserId, once: &Once) -> Result<Option<Value>> {
    let key = (user, once.client_mutation_id.clone());
    let before = mutation_receipt::Entity::find_by_id(key).one(db).await?;
    match before {
        Some(before) if before.digest != once.digest => {
            Err(Reason::OtherInput.at("clientMutationId").into())
        }
        before => Ok(before.map(|before| before.result)),
    }
}
