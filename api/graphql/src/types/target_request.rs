//! Requests about targets: ExtensionRequest (延期申请) and ClosureRequest (办结申请).

use async_graphql::{Context, ID, InputObject, Interface, Object};
use entity::{
    ids::{TargetId, UnitId},
    kinds, target_request,
};
use store::Seen;

use super::{
    Actor, Attachment, AvailableAction, Node, Target, Unit, actor, available_actions,
    target_filter::key,
};
use crate::{
    enums::{RequestKind, RequestStatus},
    error::ApiError,
    id::Global,
    loader::{AttachmentsOfRequest, RequestFactsOf},
    request::Request,
    scalar::{Date, DateTime},
};

/// What a lead unit asks of the supervision office about a target.
#[derive(Interface, Clone)]
#[expect(
    clippy::duplicated_attributes,
    reason = "two fields of an interface may have the same type"
)]
#[graphql(
    field(name = "id", ty = "ID", desc = "The ID of the request."),
    field(
        name = "status",
        ty = "RequestStatus",
        desc = "The state of the request."
    ),
    field(
        name = "target",
        ty = "Option<Result<Target, ApiError>>",
        desc = "The target."
    ),
    field(
        name = "unit",
        ty = "Option<Result<Unit, ApiError>>",
        desc = "The lead unit that asks."
    ),
    field(name = "requested_at", ty = "DateTime", desc = "When it was asked."),
    field(
        name = "requested_by",
        ty = "Option<Result<Actor, ApiError>>",
        desc = "Who asked."
    ),
    field(
        name = "comment",
        ty = "Option<String>",
        desc = "What the supervision office said, or the unit when it took the request back."
    ),
    field(
        name = "decided_at",
        ty = "Option<DateTime>",
        desc = "When it was decided or taken back; null while it is pending."
    ),
    field(
        name = "decided_by",
        ty = "Option<Result<Actor, ApiError>>",
        desc = "Who decided it or took it back."
    ),
    field(
        name = "available_actions",
        ty = "Vec<AvailableAction>",
        desc = "What you may do to it now."
    )
)]
pub(crate) enum TargetRequest {
    ExtensionRequest(ExtensionRequest),
    ClosureRequest(ClosureRequest),
}

impl From<Seen<target_request::Model>> for TargetRequest {
    fn from(row: Seen<target_request::Model>) -> Self {
        match row.kind {
            kinds::RequestKind::Extension => ExtensionRequest(row).into(),
            kinds::RequestKind::Closure => ClosureRequest(row).into(),
        }
    }
}

impl From<TargetRequest> for Node {
    fn from(request: TargetRequest) -> Self {
        match request {
            TargetRequest::ExtensionRequest(request) => request.into(),
            TargetRequest::ClosureRequest(request) => request.into(),
        }
    }
}

/// Declares an object over a request: what both have, and its own.
macro_rules! request {
    ($(#[$doc:meta])* $name:ident { $($own:tt)* }) => {
        #[derive(Clone)]
        pub(crate) struct $name(Seen<target_request::Model>);

        impl From<Seen<target_request::Model>> for $name {
            fn from(row: Seen<target_request::Model>) -> Self {
                Self(row)
            }
        }

        $(#[$doc])*
        #[Object]
        impl $name {
            /// The ID of the request.
            pub(crate) async fn id(&self) -> ID {
                self.0.id.global()
            }

            /// The state of the request.
            async fn status(&self) -> RequestStatus {
                self.0.status.into()
            }

            /// The target.
            async fn target(&self, ctx: &Context<'_>) -> Option<Result<Target, ApiError>> {
                Request::of(ctx).one(self.0.target_id).await
            }

            /// The lead unit that asks.
            async fn unit(&self, ctx: &Context<'_>) -> Option<Result<Unit, ApiError>> {
                Request::of(ctx).one(self.0.unit_id).await
            }

            /// When it was asked.
            async fn requested_at(&self) -> DateTime {
                DateTime(self.0.requested_at)
            }

            /// Who asked.
            async fn requested_by(&self, ctx: &Context<'_>) -> Option<Result<Actor, ApiError>> {
                actor(ctx, Some(self.0.requested_by())).await
            }

            /// What the supervision office said, or the unit when it took the request back.
            async fn comment(&self) -> Option<String> {
                self.0.comment.clone()
            }

            /// When it was decided or taken back; null while it is pending.
            async fn decided_at(&self) -> Option<DateTime> {
                self.0.decided_at.map(DateTime)
            }

            /// Who decided it or took it back.
            async fn decided_by(&self, ctx: &Context<'_>) -> Option<Result<Actor, ApiError>> {
                actor(ctx, self.0.decided_by()).await
            }

            /// What you may do to it now.
            async fn available_actions(
                &self,
                ctx: &Context<'_>,
            ) -> Result<Vec<AvailableAction>, ApiError> {
                let request = Request::of(ctx);
                match request.loaded(RequestFactsOf(self.0.id)).await? {
                    Some(facts) => available_actions(request, &*facts),
                    None => Ok(Vec::new()),
                }
            }

            $($own)*
        }
    };
}

request! {
    /// A lead unit's request for a later due date (延期申请), asked for before the due date has passed. Seen by the lead
    /// units, the supervision office and the leaders.
    ExtensionRequest {
        /// Why a later day is needed.
        async fn reason(&self) -> &str {
            &self.0.text
        }

        /// The due date when it was asked.
        async fn old_due_on(&self) -> Option<Date> {
            self.0.old_due_on.map(Date)
        }

        /// The due date that is asked for.
        async fn new_due_on(&self) -> Option<Date> {
            self.0.new_due_on.map(Date)
        }
    }
}

request! {
    /// A lead unit's request that a target be closed (办结申请). Seen by the lead units, the supervision office and the
    /// leaders.
    ClosureRequest {
        /// What was achieved.
        async fn summary(&self) -> &str {
            &self.0.text
        }

        /// The evidence (佐证材料), in the order of uploading.
        async fn attachments(&self, ctx: &Context<'_>) -> Result<Vec<Attachment>, ApiError> {
            Request::of(ctx).list(AttachmentsOfRequest(self.0.id)).await
        }

        /// When the supervision office opened the target again that this had closed; null otherwise.
        async fn reopened_at(&self) -> Option<DateTime> {
            self.0.reopened_at.map(DateTime)
        }

        /// Who opened it again.
        async fn reopened_by(&self, ctx: &Context<'_>) -> Option<Result<Actor, ApiError>> {
            actor(ctx, self.0.reopened_by()).await
        }

        /// Why it was opened again.
        async fn reopen_reason(&self) -> Option<&str> {
            self.0.reopen_reason.as_deref()
        }
    }
}

/// What a request must be to stay in the list: all that is given. A filter only narrows what you may see.
#[derive(InputObject, Default)]
pub(crate) struct RequestFilter {
    /// What is asked for.
    kind: Option<RequestKind>,
    /// The state.
    status: Option<RequestStatus>,
    /// The lead unit that asks.
    unit_id: Option<ID>,
    /// The target.
    target_id: Option<ID>,
    /// The year of the plan.
    plan_year: Option<i32>,
}

impl RequestFilter {
    /// The filter with its IDs read.
    pub(crate) fn read(self, request: &Request) -> Result<store::RequestFilter, ApiError> {
        Ok(store::RequestFilter {
            kind: self.kind.map(Into::into),
            status: self.status.map(Into::into),
            unit: key::<UnitId>(request, self.unit_id)?,
            target: key::<TargetId>(request, self.target_id)?,
            plan_year: self.plan_year,
        })
    }
}
