//! AuditEntry (审计记录), and the verification of the log.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use entity::{
    audit_entry, audit_seal,
    ids::{AuditEntryId, LeaderId, PlanId, RoleGrantId, UnitId, UserId},
};
use store::{PageArgs, Seen};

use crate::{
    attempt::is_audited,
    connection::{AuditEntryConnection, Counted},
    enums::{AuditOutcome, AuditProblemKind, Role},
    error::ApiError,
    id::{Global, any, of_any},
    messages::Trouble,
    request::Request,
    scalar::{DateTime, Json},
};

/// The most acts that a filter names.
const MOST_ACTIONS: usize = 100;

#[derive(Clone)]
pub(crate) struct AuditEntry(Seen<audit_entry::Model>);

impl From<Seen<audit_entry::Model>> for AuditEntry {
    fn from(row: Seen<audit_entry::Model>) -> Self {
        Self(row)
    }
}

/// One line of who did what, when, from where and by which right (审计记录). Written in the transaction of the act and never
/// changed; its hash covers it and every entry before it. Audit administrators see it, and nobody else does.
#[Object]
impl AuditEntry {
    /// The ID of the entry.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// Its place in the chain: 1, 2, 3 and so on, without gaps. Null in the moment before it gets one.
    async fn sequence(&self, ctx: &Context<'_>) -> Result<Option<i64>, ApiError> {
        Ok(self.seal(ctx).await?.map(|seal| seal.sequence))
    }

    /// The hash over this entry and all before it, in hexadecimal. Null in the moment before it gets its place.
    async fn hash(&self, ctx: &Context<'_>) -> Result<Option<String>, ApiError> {
        Ok(self.seal(ctx).await?.map(|seal| seal.hash))
    }

    /// The hash's algorithm: `SHA-256` or `SM3` (国密). Null in the moment before the entry gets its place.
    async fn hash_algorithm(&self, ctx: &Context<'_>) -> Result<Option<String>, ApiError> {
        Ok(self.seal(ctx).await?.map(|seal| seal.algorithm))
    }

    /// When the request came to which it belongs.
    async fn occurred_at(&self) -> DateTime {
        DateTime(self.0.occurred_at)
    }

    /// Who did it, as they were then; null for the server itself, for a command at its terminal, and for whoever was not
    /// signed in.
    async fn actor(&self) -> Option<AuditActor> {
        self.0.user_id?;
        Some(AuditActor(self.0.clone()))
    }

    /// The act, as the log names it: `SUBMIT_REPORT`, `SIGN_IN_FAILED`. Of what was refused, the act that was tried.
    async fn action(&self) -> &str {
        &self.0.action
    }

    /// What came of it.
    async fn outcome(&self) -> AuditOutcome {
        self.0.outcome.into()
    }

    /// The type of the object to which it happened, such as `ProgressReport`; empty where there was none.
    async fn object_type(&self) -> &str {
        &self.0.object_type
    }

    /// The global ID of the object; null where there was none, or several.
    async fn object_id(&self) -> Option<ID> {
        Some(of_any(&self.0.object_type, self.0.object_id?))
    }

    /// What changed: for each field its value, or the value before and the one after, as a list of two. Secrets are masked
    /// whole, and personal data but for the first character. Of what was refused: `reasons`. Of what would be longer than
    /// 16 KiB, `leftOut` with its length and its SHA-256 alone.
    async fn changes(&self) -> Json {
        Json(self.0.changes.clone())
    }

    /// The client's network address, behind trusted proxies the one that they tell of; null for a command at the server's
    /// terminal.
    async fn ip_address(&self) -> Option<&str> {
        self.0.address.as_deref()
    }

    /// The ID of the request, as in the `x-request-id` header and the server's log; or the command, such as
    /// `luoshi audit archive`.
    async fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }
}

impl AuditEntry {
    async fn seal(&self, ctx: &Context<'_>) -> Result<Option<audit_seal::Model>, ApiError> {
        Request::of(ctx).loaded(self.0.key()).await
    }
}

/// Who did something, as the audit log keeps it.
pub(crate) struct AuditActor(Seen<audit_entry::Model>);

/// Who did something, as the audit log keeps it: as they were then, whatever has become of the account.
#[Object]
impl AuditActor {
    /// The ID of the user.
    async fn id(&self) -> Option<ID> {
        self.0.user_id.map(Global::global)
    }

    /// The sign-in name.
    async fn username(&self) -> Option<&str> {
        self.0.username.as_deref()
    }

    /// The name of the unit in which the person worked, if any.
    async fn unit_name(&self, ctx: &Context<'_>) -> Result<Option<String>, ApiError> {
        match self.0.unit() {
            Some(unit) => Request::of(ctx).loaded(unit).await,
            None => Ok(None),
        }
    }

    /// The grants by which it was allowed: usually one; several where each would have been enough; none for what everybody
    /// may do with their own session. Of what was refused, all that the user had.
    async fn grants(&self) -> Vec<AuditGrant> {
        let grants = self.0.grants.as_array();
        grants.into_iter().flatten().filter_map(grant).collect()
    }
}

/// A grant as the audit log keeps it.
#[derive(SimpleObject)]
pub(crate) struct AuditGrant {
    /// The ID of the grant.
    id: ID,
    /// What it allowed.
    role: Role,
    /// The unit for which it held.
    unit_id: Option<ID>,
    /// The leader for whom it held.
    leader_id: Option<ID>,
    /// The plan for which it held.
    plan_id: Option<ID>,
}

fn grant(told: &serde_json::Value) -> Option<AuditGrant> {
    let scope = |name: &str| told[name].as_i64();
    Some(AuditGrant {
        id: RoleGrantId(scope("id")?).global(),
        role: entity::kinds::Role::from_word(told["role"].as_str()?)?.into(),
        unit_id: scope("unitId").map(|id| UnitId(id).global()),
        leader_id: scope("leaderId").map(|id| LeaderId(id).global()),
        plan_id: scope("planId").map(|id| PlanId(id).global()),
    })
}

/// What an audit entry must be to stay in the list: all that is given.
#[derive(InputObject, Default)]
pub(crate) struct AuditFilter {
    /// Of this user.
    actor_id: Option<ID>,
    /// Of the user of this sign-in name.
    username: Option<String>,
    /// One of these acts, such as `SUBMIT_REPORT`; at most 100, each of them one that there is. An empty list finds nothing.
    actions: Option<Vec<String>>,
    /// On objects of this type, such as `ProgressReport`.
    object_type: Option<String>,
    /// On the object of this global ID.
    object_id: Option<ID>,
    /// With this outcome.
    outcome: Option<AuditOutcome>,
    /// From this moment on.
    from: Option<DateTime>,
    /// Before this moment.
    until: Option<DateTime>,
    /// Of the request of this ID.
    request_id: Option<String>,
    /// From this network address.
    ip_address: Option<String>,
}

/// The object of a global ID, by its type and key in the log; one that there is not, where the ID is none.
pub fn audited_object(id: &str) -> (String, i64) {
    any(&ID(id.to_owned())).unwrap_or_default()
}

/// The user of a global ID; none where it is no user's.
pub fn audited_user(id: &str) -> Option<UserId> {
    UserId::local(&ID(id.to_owned()))
}

/// A page of the log, for an audit administrator.
pub(crate) async fn audit_entries(
    ctx: &Context<'_>,
    args: PageArgs,
    filter: AuditFilter,
) -> Result<AuditEntryConnection, ApiError> {
    let request = Request::of(ctx);
    // Who may not read the log is told so first.
    let allowed = request.call.audit_administrator();
    allowed.map_err(|error| request.error(error))?;
    if let Some(actions) = &filter.actions {
        if actions.len() > MOST_ACTIONS {
            let trouble = Trouble::TooManyActs { most: MOST_ACTIONS };
            return Err(ApiError::bad_input(request, trouble, "filter.actions"));
        }
        let unknown = |(_, word): &(usize, &String)| !is_audited(word);
        if let Some((at, word)) = actions.iter().enumerate().find(unknown) {
            let field = format!("filter.actions.{at}");
            let trouble = Trouble::UnknownAct(word);
            return Err(ApiError::bad_input(request, trouble, &field));
        }
    }
    let (of, object_id) = filter.object_id.map(|id| audited_object(&id)).unzip();
    let filter = store::AuditFilter {
        actor: filter.actor_id.map(|id| audited_user(&id)),
        username: filter.username,
        actions: filter.actions,
        object_types: filter.object_type.into_iter().chain(of).collect(),
        object_id,
        outcome: filter.outcome.map(Into::into),
        from: filter.from.map(|moment| moment.0),
        until: filter.until.map(|moment| moment.0),
        request_id: filter.request_id,
        address: filter.ip_address,
    };
    let page = request.call.audit_entries(&filter, &args).await;
    let page = page.map_err(|error| request.error(error))?;
    let counted = Counted::AuditEntries(Box::new(filter));
    Ok(AuditEntryConnection::new(&page, counted))
}

/// What came of verifying the audit log.
#[derive(SimpleObject)]
pub(crate) struct AuditVerification {
    /// Nothing is wrong.
    verified: bool,
    /// How many entries of the chain were looked at.
    entries: i64,
    /// The first place in the chain where something is wrong; null when nothing is.
    first_broken_sequence: Option<i64>,
    /// What is wrong, up to a hundred things.
    problems: Vec<AuditProblem>,
    /// Entries that wait for their place in the chain: some at most, of the last moments. They are not protected by it yet.
    unsealed: i64,
    /// The last place that has left the log for an archive; 0 when none has. The chain goes on from there.
    archived_to: i64,
    /// The last place of the chain.
    head_sequence: i64,
    /// Its hash. Kept elsewhere, it shows later whether anything up to it was changed.
    head_hash: String,
    /// How many heads that were kept elsewhere, or by this server, the chain was compared with.
    anchors: i64,
}

/// Something that is wrong with the audit log.
#[derive(SimpleObject)]
pub(crate) struct AuditProblem {
    /// What is wrong.
    kind: AuditProblemKind,
    /// The place in the chain; the place after the last one for what has none.
    sequence: i64,
    /// The ID of the entry, where one is meant.
    entry_id: Option<ID>,
}

/// Verifies the log, for an audit administrator.
pub(crate) async fn audit_verification(ctx: &Context<'_>) -> Result<AuditVerification, ApiError> {
    let request = Request::of(ctx);
    let found = request.admitted()?.verify_audit().await;
    let found = found.map_err(|error| request.error(error))?;
    Ok(AuditVerification {
        verified: found.verified(),
        entries: found.entries,
        first_broken_sequence: found.first_broken(),
        unsealed: found.unsealed,
        archived_to: found.base.sequence,
        head_sequence: found.head.sequence,
        head_hash: found.head.hash,
        anchors: i64::try_from(found.anchors).unwrap_or(i64::MAX),
        problems: found
            .problems
            .into_iter()
            .map(|problem| AuditProblem {
                kind: problem.kind.into(),
                sequence: problem.sequence,
                entry_id: problem.entry.map(AuditEntryId::global),
            })
            .collect(),
    })
}
