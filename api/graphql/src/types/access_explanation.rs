//! AccessExplanation: who may read a target, and why.

use async_graphql::SimpleObject;
use entity::role_grant;
use store::Seen;

use super::{RoleGrant, User};
use crate::{messages, request::Request};

/// Whether somebody may read a target now, and why: asked of the rule by which they read it. It tells nothing of the target
/// itself.
#[derive(SimpleObject)]
pub(crate) struct AccessExplanation {
    /// Whose access.
    user: User,
    /// They may read the target: one of the grants opens it, the account is not disabled, no password has to be
    /// changed first, and where one of the grants needs a second factor, it is set up.
    allowed: bool,
    /// The grants that hold now, oldest first.
    grants: Vec<GrantAccess>,
}

/// What a grant has to do with a target.
#[derive(SimpleObject)]
pub(crate) struct GrantAccess {
    /// The grant.
    grant: RoleGrant,
    /// It opens the target, by itself.
    opens: bool,
    /// Why, for people, in the language that Accept-Language asks for: zh-CN (the default) or en.
    explanation: String,
}

impl AccessExplanation {
    pub(crate) fn of(request: &Request, found: store::AccessExplanation) -> Self {
        let access = |(row, opens): (Seen<role_grant::Model>, bool)| GrantAccess {
            explanation: messages::access(row.role, opens, request.language),
            grant: row.into(),
            opens,
        };
        Self {
            allowed: found.allowed(),
            grants: found.grants.into_iter().map(access).collect(),
            user: found.user.into(),
        }
    }
}
