//! Grants (授权): who has what, from the side of the user and from the side of the role, and who reads a target and why.

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    Reach, Reason,
    granting::{Facts, GrantState, Span, state},
    second_factor,
};
use entity::{
    ids::{LeaderId, PlanId, RoleGrantId, TargetId, UnitId, UserId},
    kinds::{GrantStatus, Role, SettingName},
    role_grant, target, unit,
};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{Condition, Expr, ExprTrait, SelectStatement},
};
use serde_json::{Value, json};

use crate::{
    Account, Call, Direction, Page, PageArgs, Result, Seen, grant_of,
    page::{Key, Sort, by},
    scoped::{Scoped, count, page, rows_of},
    settings,
    visible::Visible,
};

use super::others::without_nulls;

/// Narrowing a list of grants: all that is given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct RoleGrantFilter {
    /// What.
    pub role: Option<Role>,
    /// Whose.
    pub user: Option<UserId>,
    /// For this unit.
    pub unit: Option<UnitId>,
    /// For this leader.
    pub leader: Option<LeaderId>,
    /// For this plan by name.
    pub plan: Option<PlanId>,
    /// How it stands now.
    pub state: Option<GrantState>,
}

impl RoleGrantFilter {
    fn condition(self, now: DateTime<Utc>) -> Condition {
        use role_grant::Column::{LeaderId, PlanId, Role, UnitId, UserId};
        Condition::all()
            .add_option(self.role.map(|role| Role.eq(role)))
            .add_option(self.user.map(|user| UserId.eq(user)))
            .add_option(self.unit.map(|unit| UnitId.eq(unit)))
            .add_option(self.leader.map(|leader| LeaderId.eq(leader)))
            .add_option(self.plan.map(|plan| PlanId.eq(plan)))
            .add_option(self.state.map(|state| stands(state, now)))
    }

    /// As the audit log keeps it.
    fn told(self) -> Value {
        without_nulls(json!({
            "role": self.role, "userId": self.user, "unitId": self.unit, "leaderId": self.leader, "planId": self.plan,
            "state": self.state.map(GrantState::as_str),
        }))
    }
}

/// `domain::granting::state` in SQL.
fn stands(state: GrantState, now: DateTime<Utc>) -> Condition {
    use role_grant::Column::{RevokedAt, Status, ValidFrom, ValidUntil};
    let not_revoked = || Condition::all().add(RevokedAt.is_null());
    let open = || {
        Condition::any()
            .add(ValidUntil.is_null())
            .add(ValidUntil.gt(now))
    };
    match state {
        GrantState::Revoked => Condition::all().add(RevokedAt.is_not_null()),
        GrantState::Rejected => not_revoked().add(Status.eq(GrantStatus::Rejected)),
        GrantState::Expired => not_revoked()
            .add(Status.ne(GrantStatus::Rejected))
            .add(ValidUntil.lte(now)),
        GrantState::Pending => not_revoked()
            .add(Status.eq(GrantStatus::Pending))
            .add(open()),
        GrantState::Scheduled => not_revoked()
            .add(Status.eq(GrantStatus::Granted))
            .add(ValidFrom.gt(now))
            .add(open()),
        GrantState::Live => not_revoked()
            .add(Status.eq(GrantStatus::Granted))
            .add(ValidFrom.lte(now))
            .add(open()),
    }
}

/// Grants that hold, will hold, or wait for approval.
pub(crate) fn not_over(now: DateTime<Utc>) -> Condition {
    use role_grant::Column::{Status, ValidUntil};
    Condition::all().add(Status.ne(GrantStatus::Rejected)).add(
        Condition::any()
            .add(ValidUntil.is_null())
            .add(ValidUntil.gt(now)),
    )
}

/// How a grant stands.
fn grant_state(row: &role_grant::Model, now: DateTime<Utc>) -> GrantState {
    let span = Span {
        from: row.valid_from,
        until: row.valid_until,
    };
    state(row.status, span, row.revoked_at.is_some(), now)
}

/// What the acts on a grant depend on, whose account is active or not.
pub(crate) fn grant_facts(row: &role_grant::Model, active: bool, now: DateTime<Utc>) -> Facts {
    Facts {
        user: row.user_id,
        granted_by: row.granted_by_id,
        state: grant_state(row, now),
        active,
    }
}

/// Whether a user may read a target, and what each of their grants has to do with it.
#[derive(Clone, Debug)]
pub struct AccessExplanation {
    /// Who.
    pub user: Account,
    /// The grants that hold now, each with whether it opens the target by itself.
    pub grants: Vec<(Seen<role_grant::Model>, bool)>,
    /// One of the grants needs a second factor, and they have none: no grant opens anything before they have set one up.
    pub must_set_up_second_factor: bool,
}

impl AccessExplanation {
    /// Whether the user may read the target now.
    pub fn allowed(&self) -> bool {
        self.user.active
            && !self.user.must_change_password
            && !self.must_set_up_second_factor
            && self.grants.iter().any(|(_, opens)| *opens)
    }
}

impl Call {
    /// The grants of seen accounts, oldest first: those that are not over, or all there ever were.
    pub async fn grants_of(
        &self,
        users: &[UserId],
        ended: bool,
    ) -> Result<Vec<Seen<role_grant::Model>>> {
        let mut rows = Scoped::<role_grant::Entity>::new(self)
            .and(role_grant::Column::UserId.is_in(users.iter().copied()));
        if !ended {
            rows = rows.and(not_over(self.now()));
        }
        let rows = rows
            .order_by(role_grant::Column::Id)
            .all(&self.reader())
            .await?;
        self.note_grants(&rows).await?;
        Ok(rows)
    }

    /// Grants by key.
    pub async fn grants_by_id(&self, ids: &[RoleGrantId]) -> Result<Vec<Seen<role_grant::Model>>> {
        let rows = Scoped::<role_grant::Entity>::new(self)
            .and(role_grant::Column::Id.is_in(ids.iter().copied()))
            .all(&self.reader())
            .await?;
        self.note_grants(&rows).await?;
        Ok(rows)
    }

    /// Notes that others' grants are read.
    pub(crate) async fn note_grants(&self, rows: &[Seen<role_grant::Model>]) -> Result<()> {
        let of = |row: &Seen<role_grant::Model>| (Some(row.user_id), row.id.0);
        self.note_rows("RoleGrant", rows, of).await
    }

    /// Notes that a list of grants is asked for, unless it holds the viewer's own alone.
    async fn note_grants_listed(&self, filter: RoleGrantFilter, counted: bool) -> Result<()> {
        let own = filter.user.is_some() && filter.user == self.reach().user;
        if own || !self.reach().secures {
            return Ok(());
        }
        self.note_list("RoleGrant", filter.told(), counted).await
    }

    /// A page of the grants, newest first.
    pub async fn role_grants(
        &self,
        filter: RoleGrantFilter,
        args: &PageArgs,
    ) -> Result<Page<Seen<role_grant::Model>>> {
        let rows = self.managed_grants(filter);
        let sort = Sort {
            columns: vec![by(role_grant::Entity, role_grant::Column::Id)],
            direction: Direction::Descending,
        };
        let keys = |row: &role_grant::Model| vec![Key::Number(row.id.0)];
        let page = page(self, "role grants", rows, args, &sort, keys).await?;
        let rows: Vec<_> = page.edges.iter().map(|edge| edge.node.clone()).collect();
        self.note_grants_listed(filter, false).await?;
        self.note_grants(&rows).await?;
        Ok(page)
    }

    /// How many grants there are.
    pub async fn role_grant_count(&self, filter: RoleGrantFilter) -> Result<i64> {
        self.note_grants_listed(filter, true).await?;
        count(self, self.managed_grants(filter)).await
    }

    /// The grants that the viewer manages: no list for those who see their own alone.
    fn managed_grants(&self, filter: RoleGrantFilter) -> Scoped<role_grant::Entity> {
        Scoped::new(self)
            .and(filter.condition(self.now()))
            .and(Expr::val(self.reach().secures).eq(true))
    }

    /// How a seen grant stands now.
    pub fn grant_state(&self, grant: &Seen<role_grant::Model>) -> GrantState {
        grant_state(grant, self.now())
    }

    /// What the acts on a seen grant depend on, whose account is active or not.
    pub fn grant_facts(&self, grant: &Seen<role_grant::Model>, active: bool) -> Facts {
        grant_facts(grant, active, self.now())
    }

    /// Whether a user may read a target, and why: asked of the very rule by which they read it ([`Visible`]), for each of
    /// their grants by itself. Nothing of the target is told but that.
    ///
    /// # Errors
    /// Refused: a viewer who is no security administrator, or an account or a target that there is not.
    pub async fn access_explanation(
        &self,
        user: Option<UserId>,
        target: Option<TargetId>,
    ) -> Result<AccessExplanation> {
        if !self.asking()?.reach.secures {
            return Err(Reason::NotSecurityAdmin.whole().into());
        }
        let no_user = || Reason::NotFound.at("userId");
        let no_target = || Reason::NotFound.at("targetId");
        let user = self
            .accounts_by_id(&[user.ok_or_else(no_user)?])
            .await?
            .pop()
            .ok_or_else(no_user)?;
        let target = target.ok_or_else(no_target)?;
        let mut grants = self.grants_of(&[user.id], false).await?;
        grants.retain(|row| self.grant_state(row) == GrantState::Live);
        let merged = unit::Entity::find()
            .filter(unit::Column::MergedIntoId.is_in(grants.iter().filter_map(|row| row.unit_id)))
            .all(&self.reader())
            .await?;
        // The target itself, and then the target through each grant.
        let mut arms = vec![(0, the_target(target))];
        for (at, row) in grants.iter().enumerate() {
            let mut grant = grant_of(row);
            let theirs =
                |unit: &&unit::Model| grant.unit.is_some() && unit.merged_into_id == grant.unit;
            let units: Vec<UnitId> = merged.iter().filter(theirs).map(|unit| unit.id).collect();
            grant.merged = units;
            let reach = Reach::of(&[grant]);
            arms.push((at + 1, through(&reach, self.today(), target)));
        }
        let mut opens = vec![false; arms.len()];
        for (arm, _) in rows_of(self, arms).await? {
            if let Some(found) = opens.get_mut(arm) {
                *found = true;
            }
        }
        let mut opens = opens.into_iter();
        if opens.next() != Some(true) {
            return Err(no_target().into());
        }
        self.note_access(user.id, target).await?;
        let needing = settings::values(&self.reader(), &[SettingName::SecondFactorRoles]).await?;
        let needing = needing.first().map_or("", |row| row.value.as_str());
        let roles = grants.iter().map(|grant| grant.role);
        Ok(AccessExplanation {
            must_set_up_second_factor: user.second_factor_at.is_none()
                && second_factor::needed(needing, roles),
            user,
            grants: grants.into_iter().zip(opens).collect(),
        })
    }
}

fn the_target(target: TargetId) -> SelectStatement {
    target::Entity::find()
        .select_only()
        .column(target::Column::Id)
        .filter(target::Column::Id.eq(target))
        .into_query()
}

/// The target, if this reach sees it on this day.
fn through(reach: &Reach, today: NaiveDate, target: TargetId) -> SelectStatement {
    let mut statement = the_target(target);
    statement.cond_where(target::Entity::visible(reach, today));
    statement
}
