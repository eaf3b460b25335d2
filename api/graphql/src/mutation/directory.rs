//! The register of units, unit groups and leaders: the system administrator's.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use entity::ids::{LeaderId, PostId, UnitGroupId, UnitId};
use store::{CreateUnit, GroupMembers, SucceedLeader};

use super::once::once;
use crate::{
    enums::{GroupResolution, UnitKind},
    error::{ApiError, UserError, settle},
    id::Global,
    request::Request,
    scalar::Date,
    types::{Leader, Unit, UnitGroup},
};

/// A unit to be registered.
#[derive(InputObject)]
pub(crate) struct CreateUnitInput {
    /// The name as documents use it, at most 100 characters; no other unit's, nor another unit's alias.
    name: String,
    /// The full official name, at most 200 characters, where it is known for certain.
    full_name: Option<String>,
    /// What sort of organisation it is.
    kind: UnitKind,
    /// The GB/T 2260 code of a county-level government: six digits.
    code: Option<String>,
    /// An ID of your own for this act, at most 100 characters: sent again with the same input, it changes nothing twice.
    client_mutation_id: Option<String>,
}

/// Which unit gets which name.
#[derive(InputObject)]
pub(crate) struct RenameUnitInput {
    /// The unit.
    unit_id: ID,
    /// The new name, at most 100 characters; no other unit's, nor another unit's alias.
    name: String,
    /// The new full name, at most 200 characters; it stays when not given.
    full_name: Option<String>,
    /// Why, at most 500 characters; the audit log keeps it.
    reason: Option<String>,
    /// An ID of your own for this act, at most 100 characters: sent again with the same input, it changes nothing twice.
    client_mutation_id: Option<String>,
}

/// Which unit is merged into which.
#[derive(InputObject)]
pub(crate) struct MergeUnitsInput {
    /// The unit that ends.
    unit_id: ID,
    /// The unit that goes on.
    into_unit_id: ID,
    /// Why, at most 500 characters.
    reason: String,
    /// An ID of your own for this act, at most 100 characters: sent again with the same input, it changes nothing twice.
    client_mutation_id: Option<String>,
}

/// A unit group to be registered.
#[derive(InputObject)]
pub(crate) struct CreateUnitGroupInput {
    /// The phrase, at most 100 characters.
    name: String,
    /// What the phrase does when a document uses it.
    resolution: GroupResolution,
    /// The members in their order, at most 100: at least one for MEMBERS, none for DESIGNATION.
    #[graphql(default)]
    unit_ids: Vec<ID>,
    /// An ID of your own for this act, at most 100 characters: sent again with the same input, it changes nothing twice.
    client_mutation_id: Option<String>,
}

/// Which members a unit group has.
#[derive(InputObject)]
pub(crate) struct ChangeUnitGroupInput {
    /// The group.
    unit_group_id: ID,
    /// All of its members in their order, at most 100.
    unit_ids: Vec<ID>,
    /// An ID of your own for this act, at most 100 characters: sent again with the same input, it changes nothing twice.
    client_mutation_id: Option<String>,
}

/// A leader to be registered.
#[derive(InputObject)]
pub(crate) struct CreateLeaderInput {
    /// The name, at most 100 characters.
    name: String,
    /// An ID of your own for this act, at most 100 characters: sent again with the same input, it changes nothing twice.
    client_mutation_id: Option<String>,
}

/// Who takes over from whom, and when.
#[derive(InputObject)]
pub(crate) struct SucceedLeaderInput {
    /// The leader who leaves.
    predecessor_id: ID,
    /// The leader who takes over.
    successor_id: ID,
    /// Which of the posts that the other holds, at most 100: to let several leaders take over. All of them when not given.
    post_ids: Option<Vec<ID>>,
    /// The first day on which the successor holds them: at most 366 days from today, and after the predecessor's first day.
    on: Date,
    /// The title of the posts, at most 200 characters; it stays when not given.
    title: Option<String>,
    /// Why, at most 500 characters.
    reason: String,
    /// An ID of your own for this act, at most 100 characters: sent again with the same input, it changes nothing twice.
    client_mutation_id: Option<String>,
}

/// Declares the payload of an act on the register.
macro_rules! payloads {
    ($($payload:ident, $field:ident: $of:ident, $words:literal, $what:literal;)+) => { $(
        #[doc = concat!("What came of ", $words, ".")]
        #[derive(SimpleObject)]
        pub(crate) struct $payload {
            /// The ID that you gave the act.
            client_mutation_id: Option<String>,
            #[doc = $what]
            $field: Option<$of>,
            /// Why it was refused; empty on success.
            user_errors: Vec<UserError>,
        }
    )+ };
}

payloads! {
    CreateUnitPayload, unit: Unit, "registering a unit", "The unit; null when refused.";
    RenameUnitPayload, unit: Unit, "renaming a unit", "The unit; null when refused.";
    MergeUnitsPayload, unit: Unit, "merging units", "The unit that goes on; null when refused.";
    CreateUnitGroupPayload, unit_group: UnitGroup, "registering a unit group", "The group; null when refused.";
    ChangeUnitGroupPayload, unit_group: UnitGroup, "changing a unit group", "The group; null when refused.";
    CreateLeaderPayload, leader: Leader, "registering a leader", "The leader; null when refused.";
    SucceedLeaderPayload, leader: Leader, "a succession", "The successor; null when refused.";
}

fn keys(ids: &[ID]) -> Vec<Option<UnitId>> {
    ids.iter().map(UnitId::local).collect()
}

#[derive(Default)]
pub(crate) struct DirectoryMutation;

#[Object]
impl DirectoryMutation {
    /// Registers a unit (新建单位): the system administrator's.
    async fn create_unit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The unit to be registered.")] input: CreateUnitInput,
    ) -> Result<CreateUnitPayload, ApiError> {
        let request = Request::of(ctx);
        let outcome = async {
            let once = once("createUnit", &input, input.client_mutation_id.as_deref())?;
            let create = CreateUnit {
                name: input.name.clone(),
                full_name: input.full_name.clone(),
                kind: input.kind.into(),
                code: input.code.clone(),
            };
            request.call.create_unit(create, once.as_ref()).await
        };
        let (unit, user_errors) = settle(request, outcome.await)?;
        Ok(CreateUnitPayload {
            client_mutation_id: input.client_mutation_id,
            unit: unit.map(Unit::from),
            user_errors,
        })
    }

    /// Gives a unit another name (更名): the system administrator's. The old name becomes an alias, and search finds the unit's
    /// targets by the new one.
    async fn rename_unit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which unit gets which name.")] input: RenameUnitInput,
    ) -> Result<RenameUnitPayload, ApiError> {
        let request = Request::of(ctx);
        let outcome = async {
            let once = once("renameUnit", &input, input.client_mutation_id.as_deref())?;
            let unit = UnitId::local(&input.unit_id);
            let full_name = input.full_name.as_deref();
            let call = &request.call;
            let reason = input.reason.as_deref();
            call.rename_unit(unit, &input.name, full_name, reason, once.as_ref())
                .await
        };
        let (unit, user_errors) = settle(request, outcome.await)?;
        Ok(RenameUnitPayload {
            client_mutation_id: input.client_mutation_id,
            unit: unit.map(Unit::from),
            user_errors,
        })
    }

    /// Merges a unit into another (合并): the system administrator's. Open targets with their reports and disputes, notices that
    /// wait for an answer, requests that wait for a decision, periods that are open again for it, accounts, grants, group
    /// memberships and aliases go on under the other unit. Archived plans and closed targets keep the old one, and so do notices
    /// and requests that are answered, decided or withdrawn; whoever works for the other unit sees them.
    async fn merge_units(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which unit is merged into which.")] input: MergeUnitsInput,
    ) -> Result<MergeUnitsPayload, ApiError> {
        let request = Request::of(ctx);
        let outcome = async {
            let once = once("mergeUnits", &input, input.client_mutation_id.as_deref())?;
            let (from, into) = (
                UnitId::local(&input.unit_id),
                UnitId::local(&input.into_unit_id),
            );
            let call = &request.call;
            call.merge_units(from, into, &input.reason, once.as_ref())
                .await
        };
        let (unit, user_errors) = settle(request, outcome.await)?;
        Ok(MergeUnitsPayload {
            client_mutation_id: input.client_mutation_id,
            unit: unit.map(Unit::from),
            user_errors,
        })
    }

    /// Registers a unit group (新建单位组): the system administrator's.
    async fn create_unit_group(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The group to be registered.")] input: CreateUnitGroupInput,
    ) -> Result<CreateUnitGroupPayload, ApiError> {
        let request = Request::of(ctx);
        let outcome = async {
            let id = input.client_mutation_id.as_deref();
            let once = once("createUnitGroup", &input, id)?;
            let units = keys(&input.unit_ids);
            let (resolution, members) = (input.resolution.into(), GroupMembers { units: &units });
            let call = &request.call;
            call.create_unit_group(&input.name, resolution, members, once.as_ref())
                .await
        };
        let (group, user_errors) = settle(request, outcome.await)?;
        Ok(CreateUnitGroupPayload {
            client_mutation_id: input.client_mutation_id,
            unit_group: group.map(UnitGroup::from),
            user_errors,
        })
    }

    /// Changes the members of a unit group (调整单位组), from the next document on: the system administrator's.
    async fn change_unit_group(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which members the group has.")] input: ChangeUnitGroupInput,
    ) -> Result<ChangeUnitGroupPayload, ApiError> {
        let request = Request::of(ctx);
        let outcome = async {
            let id = input.client_mutation_id.as_deref();
            let once = once("changeUnitGroup", &input, id)?;
            let units = keys(&input.unit_ids);
            let group = UnitGroupId::local(&input.unit_group_id);
            let call = &request.call;
            call.change_unit_group(group, GroupMembers { units: &units }, once.as_ref())
                .await
        };
        let (group, user_errors) = settle(request, outcome.await)?;
        Ok(ChangeUnitGroupPayload {
            client_mutation_id: input.client_mutation_id,
            unit_group: group.map(UnitGroup::from),
            user_errors,
        })
    }

    /// Registers a leader (新建责任领导): the system administrator's. A leader answers for nothing until they take over a post,
    /// or a document names them.
    async fn create_leader(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The leader to be registered.")] input: CreateLeaderInput,
    ) -> Result<CreateLeaderPayload, ApiError> {
        let request = Request::of(ctx);
        let outcome = async {
            let once = once("createLeader", &input, input.client_mutation_id.as_deref())?;
            request.call.create_leader(&input.name, once.as_ref()).await
        };
        let (leader, user_errors) = settle(request, outcome.await)?;
        Ok(CreateLeaderPayload {
            client_mutation_id: input.client_mutation_id,
            leader: leader.map(Leader::from),
            user_errors,
        })
    }

    /// Lets a leader take over another's posts from a day on (接任), and with them all of the targets: the system
    /// administrator's. What the predecessor wrote stays theirs; grants are for persons, and a security administrator's.
    async fn succeed_leader(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who takes over from whom, and when.")] input: SucceedLeaderInput,
    ) -> Result<SucceedLeaderPayload, ApiError> {
        let request = Request::of(ctx);
        let outcome = async {
            let once = once("succeedLeader", &input, input.client_mutation_id.as_deref())?;
            let succeed = SucceedLeader {
                predecessor: LeaderId::local(&input.predecessor_id),
                successor: LeaderId::local(&input.successor_id),
                posts: input
                    .post_ids
                    .as_ref()
                    .map(|posts| posts.iter().map(PostId::local).collect()),
                on: input.on.0,
                title: input.title.clone(),
                reason: input.reason.clone(),
            };
            request.call.succeed_leader(succeed, once.as_ref()).await
        };
        let (leader, user_errors) = settle(request, outcome.await)?;
        Ok(SucceedLeaderPayload {
            client_mutation_id: input.client_mutation_id,
            leader: leader.map(Leader::from),
            user_errors,
        })
    }
}
