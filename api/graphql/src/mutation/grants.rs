//! Grants: made, decided and revoked by security administrators; and settings.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use entity::ids::{LeaderId, PlanId, RoleGrantId, UnitId, UserId};

use super::once::once;
use crate::{
    enums::{Role, SettingName},
    error::{ApiError, UserError, settle},
    id::Global,
    request::Request,
    scalar::DateTime,
    types::{RoleGrant, Setting},
};

/// A grant to be made.
#[derive(InputObject)]
pub(crate) struct GrantRoleInput {
    /// To whom; not to yourself.
    user_id: ID,
    /// What.
    role: Role,
    /// The unit for which it holds: needed for UNIT_MANAGER and UNIT_REPORTER, and not taken for others.
    unit_id: Option<ID>,
    /// The leader for whom it holds: needed for LEADER, and not taken for others.
    leader_id: Option<ID>,
    /// The plan for which it holds, for SUPERVISOR and OBSERVER; all plans when not given. Not taken for others.
    plan_id: Option<ID>,
    /// From when on; now when not given.
    valid_from: Option<DateTime>,
    /// Until when (not included); no end when not given.
    valid_until: Option<DateTime>,
    /// Why, at most 500 characters.
    reason: String,
    /// An ID of your own for this act, at most 100 characters: sent again with the same input, it changes nothing twice.
    client_mutation_id: Option<String>,
}

/// Declares the payload of an act on a grant.
macro_rules! payloads {
    ($($payload:ident, $words:literal;)+) => { $(
        #[doc = concat!("What came of ", $words, " a grant.")]
        #[derive(SimpleObject)]
        pub(crate) struct $payload {
            /// The ID that you gave the act.
            client_mutation_id: Option<String>,
            /// The grant; null when refused.
            grant: Option<RoleGrant>,
            /// Why it was refused; empty on success.
            user_errors: Vec<UserError>,
        }
    )+ };
}

payloads! {
    GrantRolePayload, "making";
    RevokeRolePayload, "revoking";
    ApproveGrantPayload, "approving";
    RejectGrantPayload, "rejecting";
}

/// Which grant is revoked.
#[derive(InputObject)]
pub(crate) struct RevokeRoleInput {
    /// The grant; not one of your own.
    grant_id: ID,
    /// Why, at most 500 characters.
    reason: String,
    /// An ID of your own for this act, at most 100 characters: sent again with the same input, it changes nothing twice.
    client_mutation_id: Option<String>,
}

/// Which grant is approved.
#[derive(InputObject)]
pub(crate) struct ApproveGrantInput {
    /// The grant; not one of your own, nor one that you have asked for.
    grant_id: ID,
    /// Why, at most 500 characters.
    reason: Option<String>,
    /// An ID of your own for this act, at most 100 characters: sent again with the same input, it changes nothing twice.
    client_mutation_id: Option<String>,
}

/// Which grant is rejected.
#[derive(InputObject)]
pub(crate) struct RejectGrantInput {
    /// The grant; not one of your own, nor one that you have asked for.
    grant_id: ID,
    /// Why, at most 500 characters.
    reason: String,
    /// An ID of your own for this act, at most 100 characters: sent again with the same input, it changes nothing twice.
    client_mutation_id: Option<String>,
}

/// How something is set.
#[derive(InputObject)]
pub(crate) struct ChangeSettingInput {
    /// What is set.
    name: SettingName,
    /// The value: `true` or `false`, or a whole number within the bounds.
    value: String,
    /// Why, at most 500 characters.
    reason: String,
    /// An ID of your own for this act, at most 100 characters: sent again with the same input, it changes nothing twice.
    client_mutation_id: Option<String>,
}

/// What came of changing a setting.
#[derive(SimpleObject)]
pub(crate) struct ChangeSettingPayload {
    /// The ID that you gave the act.
    client_mutation_id: Option<String>,
    /// The setting; null when refused.
    setting: Option<Setting>,
    /// Why it was refused; empty on success.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub(crate) struct GrantMutation;

#[Object]
impl GrantMutation {
    /// Grants a role (授权): a security administrator's, to somebody else. None of the three administrators has another role
    /// at any moment (三员分立). Where the setting GRANT_APPROVAL says so, a grant of an administrator's role or of SUPERVISOR waits
    /// until another security administrator approves it.
    async fn grant_role(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The grant to be made.")] input: GrantRoleInput,
    ) -> Result<GrantRolePayload, ApiError> {
        let request = Request::of(ctx);
        let outcome = async {
            let once = once("grantRole", &input, input.client_mutation_id.as_deref())?;
            let grant = store::GrantRole {
                user: UserId::local(&input.user_id),
                role: input.role.into(),
                unit: input.unit_id.as_ref().map(UnitId::local),
                leader: input.leader_id.as_ref().map(LeaderId::local),
                plan: input.plan_id.as_ref().map(PlanId::local),
                valid_from: input.valid_from.as_ref().map(|moment| moment.0),
                valid_until: input.valid_until.as_ref().map(|moment| moment.0),
                reason: input.reason.clone(),
            };
            request.call.grant_role(grant, once.as_ref()).await
        };
        let (grant, user_errors) = settle(request, outcome.await)?;
        Ok(GrantRolePayload {
            client_mutation_id: input.client_mutation_id,
            grant: grant.map(RoleGrant::from),
            user_errors,
        })
    }

    /// Ends a grant (收回授权): a security administrator's. It counts on the very next request. One that has not begun never
    /// will, and one that waits for approval is taken back.
    async fn revoke_role(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which grant is revoked.")] input: RevokeRoleInput,
    ) -> Result<RevokeRolePayload, ApiError> {
        let request = Request::of(ctx);
        let outcome = async {
            let once = once("revokeRole", &input, input.client_mutation_id.as_deref())?;
            let grant = RoleGrantId::local(&input.grant_id);
            let call = &request.call;
            call.revoke_role(grant, &input.reason, once.as_ref()).await
        };
        let (grant, user_errors) = settle(request, outcome.await)?;
        Ok(RevokeRolePayload {
            client_mutation_id: input.client_mutation_id,
            grant: grant.map(RoleGrant::from),
            user_errors,
        })
    }

    /// Approves a grant that another security administrator has asked for (复核通过). It holds from now on at the earliest.
    async fn approve_grant(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which grant is approved.")] input: ApproveGrantInput,
    ) -> Result<ApproveGrantPayload, ApiError> {
        let request = Request::of(ctx);
        let outcome = async {
            let once = once("approveGrant", &input, input.client_mutation_id.as_deref())?;
            let grant = RoleGrantId::local(&input.grant_id);
            let reason = input.reason.as_deref();
            let call = &request.call;
            call.approve_grant(grant, reason, once.as_ref()).await
        };
        let (grant, user_errors) = settle(request, outcome.await)?;
        Ok(ApproveGrantPayload {
            client_mutation_id: input.client_mutation_id,
            grant: grant.map(RoleGrant::from),
            user_errors,
        })
    }

    /// Rejects a grant that another security administrator has asked for (复核驳回).
    async fn reject_grant(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which grant is rejected.")] input: RejectGrantInput,
    ) -> Result<RejectGrantPayload, ApiError> {
        let request = Request::of(ctx);
        let outcome = async {
            let once = once("rejectGrant", &input, input.client_mutation_id.as_deref())?;
            let grant = RoleGrantId::local(&input.grant_id);
            let call = &request.call;
            call.reject_grant(grant, &input.reason, once.as_ref()).await
        };
        let (grant, user_errors) = settle(request, outcome.await)?;
        Ok(RejectGrantPayload {
            client_mutation_id: input.client_mutation_id,
            grant: grant.map(RoleGrant::from),
            user_errors,
        })
    }

    /// Changes a setting (系统设置). Whether grants need approval is the system administrator's to set, so that no security
    /// administrator dispenses themselves; how signing in locks is the security administrators'.
    async fn change_setting(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How something is set.")] input: ChangeSettingInput,
    ) -> Result<ChangeSettingPayload, ApiError> {
        let request = Request::of(ctx);
        let outcome = async {
            let once = once("changeSetting", &input, input.client_mutation_id.as_deref())?;
            let (name, value, reason) = (input.name.into(), &input.value, &input.reason);
            let call = &request.call;
            call.change_setting(name, value, reason, once.as_ref())
                .await
        };
        let (setting, user_errors) = settle(request, outcome.await)?;
        Ok(ChangeSettingPayload {
            client_mutation_id: input.client_mutation_id,
            setting: setting.map(Setting::from),
            user_errors,
        })
    }
}
