//! Grants (授权): made, decided and revoked by security administrators, never for themselves (domain.md §4).
//!
//! Whatever happens to a user's grants happens under the lock of the user's row, so that of two grants at once the
//! second sees the first.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    Action, Guarded, Reason, account,
    action::LONGEST_REASON,
    granting::{Held, Span, check_scope, check_together, wants_approval},
};
use entity::{
    ids::{LeaderId, PlanId, RoleGrantId, UnitId, UserId},
    kinds::{GrantStatus, Role, SettingName},
    plan, role_grant, user,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter,
    Set,
};
use serde_json::{Value, json};

use crate::{
    Call, Fault, Once, Result, Seen,
    read::grants::{grant_facts, not_over},
    scoped::Scoped,
    settings,
    write::{Begun, Write},
};

use super::{directory_unit, entry, text};

const GRANT: &str = "grantId";
/// How far ahead a grant may begin or end.
const AHEAD: TimeDelta = TimeDelta::days(36_525);

/// A grant to be made.
#[derive(Clone, Debug)]
pub struct GrantRole {
    /// To whom; none when the ID is none.
    pub user: Option<UserId>,
    /// What.
    pub role: Role,
    /// Scope of UNIT_MANAGER and UNIT_REPORTER, where one is given; the inner none when the ID is none.
    pub unit: Option<Option<UnitId>>,
    /// Scope of LEADER, likewise.
    pub leader: Option<Option<LeaderId>>,
    /// Scope of SUPERVISOR and OBSERVER, likewise; not given for all plans.
    pub plan: Option<Option<PlanId>>,
    /// From when on; now when not given.
    pub valid_from: Option<DateTime<Utc>>,
    /// Until when (not included).
    pub valid_until: Option<DateTime<Utc>>,
    /// Why, at most [`LONGEST_REASON`] characters.
    pub reason: String,
}

impl Call {
    /// What an act on a grant that comes again shows: as it is now, which is a reading of its own.
    async fn grant_again(&self, id: &Value) -> Result<Seen<role_grant::Model>> {
        let seen = self.again(id).await?;
        self.note_grants(std::slice::from_ref(&seen)).await?;
        Ok(seen)
    }

    /// Grants a role, or asks for it where a second security administrator must approve (see
    /// [`SettingName::GrantApproval`]); the command line, for emergencies, needs nobody.
    ///
    /// # Errors
    /// Refused: an account that the viewer does not see, their own, or one that is disabled; a viewer who is no security
    /// administrator; a scope that the role does not want, or that there is not; a time that lies in the past or ends
    /// before it begins; no reason; a second administrator's role, or the same grant again, for any moment of that time.
    pub async fn grant_role(
        &self,
        input: GrantRole,
        once: Option<&Once>,
    ) -> Result<Seen<role_grant::Model>> {
        let write = match self.begin(once).await? {
            Begun::Fresh(write) => write,
            Begun::Again(id) => return self.grant_again(&id).await,
        };
        let user = self.user_locked(&write, input.user).await?;
        let facts = account::Facts {
            user: user.id,
            active: user.active,
            locked: false,
            second_factor: false,
            administrator: false,
        };
        facts
            .permit(self.asking()?, Action::GrantRole)
            .map_err(|reason| reason.at("userId"))?;
        let wanted = self.wanted(&write, &input).await?;
        let reason = text("reason", &input.reason, LONGEST_REASON, true)?;
        self.together(&write, user.id, None, &wanted).await?;
        let pending = wants_approval(input.role)
            && !self.is_operators()
            && settings::is_on(write.db(), SettingName::GrantApproval).await?;
        let status = if pending {
            GrantStatus::Pending
        } else {
            GrantStatus::Granted
        };
        let row = role_grant::Entity::insert(role_grant::ActiveModel {
            id: NotSet,
            user_id: Set(user.id),
            role: Set(wanted.role),
            unit_id: Set(wanted.unit),
            leader_id: Set(wanted.leader),
            plan_id: Set(wanted.plan),
            valid_from: Set(wanted.span.from),
            valid_until: Set(wanted.span.until),
            granted_by_id: Set(self.viewer().map(|viewer| viewer.account.id)),
            reason: Set(reason),
            created_at: Set(self.now()),
            status: Set(status),
            ..Default::default()
        })
        .exec_with_returning(write.db())
        .await?;
        let changes = json!({
            "userId": row.user_id, "role": row.role, "unitId": row.unit_id, "leaderId": row.leader_id, "planId": row.plan_id,
            "validFrom": row.valid_from, "validUntil": row.valid_until, "status": row.status, "reason": row.reason,
        });
        self.granted(write, row, Action::GrantRole, changes).await
    }

    /// Ends a grant now, or before it begins; or takes back what waits for approval.
    ///
    /// # Errors
    /// Refused: a grant that the viewer does not see, their own, or one that is over; a viewer who is no security
    /// administrator; no reason.
    pub async fn revoke_role(
        &self,
        id: Option<RoleGrantId>,
        reason: &str,
        once: Option<&Once>,
    ) -> Result<Seen<role_grant::Model>> {
        let (write, mut row) = match self.on_grant(Action::RevokeRole, id, once).await? {
            Begun::Fresh(begun) => begun,
            Begun::Again(row) => return Ok(row),
        };
        let reason = text("reason", reason, LONGEST_REASON, true)?;
        let before = row.valid_until;
        row.valid_until = Some(self.now().max(row.valid_from));
        row.revoked_at = Some(self.now());
        row.revoked_by_id = self.viewer().map(|viewer| viewer.account.id);
        row.revocation_reason = Some(reason.clone());
        let changes = json!({
            "userId": row.user_id, "role": row.role, "validUntil": [before, row.valid_until], "reason": reason,
        });
        self.update_grant(write, row, Action::RevokeRole, changes)
            .await
    }

    /// Approves a grant that another security administrator has asked for. It holds from now on at the earliest.
    ///
    /// # Errors
    /// Refused: a grant that the viewer does not see, their own, or that they have asked for; one that does not wait; a
    /// disabled account; or one that has got another administrator's role, or the same grant, meanwhile.
    pub async fn approve_grant(
        &self,
        id: Option<RoleGrantId>,
        reason: Option<&str>,
        once: Option<&Once>,
    ) -> Result<Seen<role_grant::Model>> {
        let (write, mut row) = match self.on_grant(Action::ApproveGrant, id, once).await? {
            Begun::Fresh(begun) => begun,
            Begun::Again(row) => return Ok(row),
        };
        let reason = reason.map(|reason| text("reason", reason, LONGEST_REASON, false));
        row.status = GrantStatus::Granted;
        row.valid_from = row.valid_from.max(self.now());
        self.together(&write, row.user_id, Some(row.id), &held(&row))
            .await?;
        self.decide(&mut row, reason.transpose()?);
        let changes = json!({
            "userId": row.user_id, "role": row.role, "status": [GrantStatus::Pending, row.status], "reason": row.decision_reason,
        });
        self.update_grant(write, row, Action::ApproveGrant, changes)
            .await
    }

    /// Rejects a grant that another security administrator has asked for.
    ///
    /// # Errors
    /// Refused: a grant that the viewer does not see, their own, or that they have asked for; one that does not wait; no
    /// reason.
    pub async fn reject_grant(
        &self,
        id: Option<RoleGrantId>,
        reason: &str,
        once: Option<&Once>,
    ) -> Result<Seen<role_grant::Model>> {
        let (write, mut row) = match self.on_grant(Action::RejectGrant, id, once).await? {
            Begun::Fresh(begun) => begun,
            Begun::Again(row) => return Ok(row),
        };
        let reason = text("reason", reason, LONGEST_REASON, true)?;
        row.status = GrantStatus::Rejected;
        self.decide(&mut row, Some(reason));
        let changes = json!({
            "userId": row.user_id, "role": row.role, "status": [GrantStatus::Pending, row.status], "reason": row.decision_reason,
        });
        self.update_grant(write, row, Action::RejectGrant, changes)
            .await
    }

    fn decide(&self, row: &mut role_grant::Model, reason: Option<String>) {
        row.decided_at = Some(self.now());
        row.decided_by_id = self.viewer().map(|viewer| viewer.account.id);
        row.decision_reason = reason.filter(|reason| !reason.is_empty());
    }

    /// What is asked for, when it makes sense.
    async fn wanted(&self, write: &Write, input: &GrantRole) -> Result<Held> {
        check_scope(
            input.role,
            input.unit.is_some(),
            input.leader.is_some(),
            input.plan.is_some(),
        )?;
        let unit = match input.unit {
            Some(unit) => Some(directory_unit(self, write, unit, "unitId").await?),
            None => None,
        };
        let leader = match input.leader {
            Some(leader) => Some(self.leader_named(write, leader).await?),
            None => None,
        };
        let plan = match input.plan {
            Some(plan) => Some(self.plan_named(write, plan).await?),
            None => None,
        };
        Ok(Held {
            role: input.role,
            unit,
            leader,
            plan,
            span: self.span(input.valid_from, input.valid_until)?,
        })
    }

    fn span(&self, from: Option<DateTime<Utc>>, until: Option<DateTime<Utc>>) -> Result<Span> {
        let now = self.now();
        let latest = now + AHEAD;
        for (field, moment) in [("validFrom", from), ("validUntil", until)] {
            let Some(moment) = moment else { continue };
            if moment < now {
                return Err(Reason::InThePast.at(field).into());
            }
            if moment > latest {
                let day = domain::clock::day;
                let (earliest, latest) = (day(now), day(latest));
                return Err(Reason::DayOutOfRange { earliest, latest }.at(field).into());
            }
        }
        let from = domain::clock::stored(from.unwrap_or(now));
        let until = until.map(domain::clock::stored);
        if until.is_some_and(|until| until <= from) {
            return Err(Reason::EndsBeforeItBegins.at("validUntil").into());
        }
        Ok(Span { from, until })
    }

    async fn plan_named(&self, write: &Write, id: Option<PlanId>) -> Result<PlanId> {
        let not_found = || Reason::NotFound.at("planId");
        let found = Scoped::<plan::Entity>::new(self)
            .and(plan::Column::Id.eq(id.ok_or_else(not_found)?))
            // It is not discarded meanwhile.
            .kept()
            .one(write.db())
            .await?;
        Ok(found.ok_or_else(not_found)?.id)
    }

    /// Whether the user may hold this beside what they hold, will hold or are proposed for.
    async fn together(
        &self,
        write: &Write,
        user: UserId,
        but: Option<RoleGrantId>,
        wanted: &Held,
    ) -> Result<()> {
        let rows = role_grant::Entity::find()
            .filter(role_grant::Column::UserId.eq(user))
            .filter(not_over(self.now()))
            .all(write.db())
            .await?;
        let rows: Vec<Held> = rows
            .iter()
            .filter(|row| Some(row.id) != but)
            .map(held)
            .collect();
        let field = if but.is_some() { GRANT } else { "role" };
        Ok(check_together(&rows, wanted).map_err(|reason| reason.at(field))?)
    }

    /// Begins an act on a grant, under the locks of its user and its row, once its guard permits it.
    async fn on_grant(
        &self,
        action: Action,
        id: Option<RoleGrantId>,
        once: Option<&Once>,
    ) -> Result<Begun<(Write, role_grant::Model), Seen<role_grant::Model>>> {
        let write = match self.begin(once).await? {
            Begun::Fresh(write) => write,
            Begun::Again(id) => return Ok(Begun::Again(self.grant_again(&id).await?)),
        };
        let not_found = || Reason::NotFound.at(GRANT);
        let id = id.ok_or_else(not_found)?;
        let grant = || Scoped::<role_grant::Entity>::new(self).and(role_grant::Column::Id.eq(id));
        let user = grant()
            .one(write.db())
            .await?
            .ok_or_else(not_found)?
            .user_id;
        // The user first, as whoever grants does.
        let user = lock_user(&write, user).await?;
        let active = user.is_some_and(|user| user.active);
        let row = grant()
            .locked()
            .one(write.db())
            .await?
            .ok_or_else(not_found)?
            .0;
        grant_facts(&row, active, self.now())
            .permit(self.asking()?, action)
            .map_err(|reason| reason.at(GRANT))?;
        Ok(Begun::Fresh((write, row)))
    }

    async fn update_grant(
        &self,
        write: Write,
        row: role_grant::Model,
        action: Action,
        changes: Value,
    ) -> Result<Seen<role_grant::Model>> {
        row.clone()
            .into_active_model()
            .reset_all()
            .update(write.db())
            .await?;
        self.granted(write, row, action, changes).await
    }

    async fn granted(
        &self,
        write: Write,
        row: role_grant::Model,
        action: Action,
        changes: Value,
    ) -> Result<Seen<role_grant::Model>> {
        let entry = entry(self, action, "RoleGrant", Some(row.id.0), changes);
        write.commit_with(json!(row.id), [entry]).await?;
        Ok(Seen(row))
    }
}

fn held(row: &role_grant::Model) -> Held {
    Held {
        role: row.role,
        unit: row.unit_id,
        leader: row.leader_id,
        plan: row.plan_id,
        span: Span {
            from: row.valid_from,
            until: row.valid_until,
        },
    }
}

/// Locks the row of a user whose grants are looked at (PostgreSQL; SQLite has one writer); answers it.
pub(crate) async fn lock_user(write: &Write, user: UserId) -> Result<Option<user::Model>, Fault> {
    use sea_orm::{QuerySelect, sea_query::LockType};
    Ok(user::Entity::find_by_id(user)
        .lock(LockType::NoKeyUpdate)
        .one(write.db())
        .await?)
}
