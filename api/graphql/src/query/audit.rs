//! The audit log, for audit administrators.

use async_graphql::{Context, Object};

use super::lists;
use crate::{
    connection::AuditEntryConnection,
    error::ApiError,
    types::{AuditFilter, AuditVerification, audit_entries, audit_verification},
};

#[derive(Default)]
pub(crate) struct AuditQuery;

lists! { AuditLists {
    /// The audit log, newest first (审计记录): who did what to what, from where, by which grants, and what came of it. For
    /// audit administrators alone; FORBIDDEN for everybody else. That it was read is itself in the log.
    audit_entries(ctx, args,
        #[graphql(desc = "What an entry must be to stay in the list.")] filter: Option<AuditFilter>,
    ) -> AuditEntryConnection {
        audit_entries(ctx, args, filter.unwrap_or_default()).await
    }
} }

#[Object]
impl AuditQuery {
    /// Whether the audit log is as it was written: walks the whole chain of hashes, and compares it with the anchors that
    /// the server has kept elsewhere (审计校验). For audit administrators alone; FORBIDDEN for everybody else. Takes seconds
    /// for a log of millions of entries.
    async fn audit_verification(&self, ctx: &Context<'_>) -> Result<AuditVerification, ApiError> {
        audit_verification(ctx).await
    }
}
