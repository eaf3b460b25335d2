//! Every rule of who sees which rows (domain.md §4): one function per table. What the rules are
//! made of stands in `audience` and `terms`.
//!
//! The rules are computed from what the viewer's grants reach, never from what a request asks for, and there is no
//! rule that answers "all" for want of a grant. A statement that is about some plans alone says so (`Scoped::of_plans`): the same
//! rules then look nothing up in others.

mod audience;
mod terms;

use chrono::NaiveDate;
use domain::Reach;
use entity::{
    amendment, assignment, attachment, audit_entry, designation, dispute, event, indicator,
    indicator_reading, instruction,
    kinds::{
        AssignmentRole, Audience, EventType, GrantStatus, PlanStatus, RefinementStatus,
        ReviewDecision,
    },
    leader, milestone, plan, plan_rule, post, progress_report, refinement, report_version,
    reporting_period, review, role_grant, section, setting_change, supervision_notice, target,
    target_request, tenure, unit, unit_group, user,
};
use sea_orm::{
    ColumnTrait, EntityTrait,
    sea_query::{Condition, Expr, ExprTrait, Query, SelectStatement, SimpleExpr},
};

use crate::page::by;
use audience::{Place, addressed, by_status, meant, seen_plan, seen_target};
use terms::{
    answered_by, any, asked, assigned_in, assigned_to, named_in, no, one_of, phrase_of, within, yes,
};

pub(crate) use terms::{in_office, same_post};

/// A table whose rows are seen by some and not by others.
pub(crate) trait Visible: EntityTrait {
    /// The rows that may be seen with this reach, on this day.
    fn visible(reach: &Reach, today: NaiveDate) -> Condition;
}

/// Plans: drafts for their supervision office; issued ones for whoever has business with plans.
impl Visible for plan::Entity {
    fn visible(reach: &Reach, _: NaiveDate) -> Condition {
        let issued = || plan::Column::Status.ne(PlanStatus::Draft);
        let within = |plans| within(by(plan::Entity, plan::Column::Id), plans);
        any([
            within(&reach.supervised),
            within(&reach.observed).map(|plans| plans.and(issued())),
            within(&reach.outlines).map(|plans| plans.and(issued())),
        ])
    }
}

/// The outline goes with its plan.
impl Visible for section::Entity {
    fn visible(reach: &Reach, today: NaiveDate) -> Condition {
        Condition::all().add(section::Column::PlanId.in_subquery(plans(reach, today)))
    }
}

/// Targets, the heart of it. The supervision office sees all of its plans, drafts too. Of issued plans, an observer
/// sees what the grant names, a department what its unit is assigned to or acts for, and a leader what the posts
/// answer for that the leader holds today.
impl Visible for target::Entity {
    fn visible(reach: &Reach, today: NaiveDate) -> Condition {
        let id = || by(target::Entity, target::Column::Id);
        let of_plan = || by(target::Entity, target::Column::PlanId);
        let of_unit = assigned_to(reach, of_plan(), id(), None);
        let of_leader = answered_by(id(), &reach.leaders, today);
        let issued = target::Column::PlanId.in_subquery(
            Query::select()
                .column(plan::Column::Id)
                .from(plan::Entity)
                .and_where(plan::Column::Status.ne(PlanStatus::Draft))
                .take(),
        );
        let among_issued = any([of_unit, of_leader, within(of_plan(), &reach.observed)]);
        match within(of_plan(), &reach.supervised) {
            None => Condition::all().add(issued).add(among_issued),
            Some(supervised) => Condition::any()
                .add(supervised)
                .add(Condition::all().add(issued).add(among_issued)),
        }
    }
}

/// An amendment is seen with its target, by whoever sees that now.
impl Visible for amendment::Entity {
    fn visible(reach: &Reach, today: NaiveDate) -> Condition {
        on_seen_target(
            reach,
            today,
            by(amendment::Entity, amendment::Column::TargetId),
        )
    }
}

/// A designation is seen with its target.
impl Visible for designation::Entity {
    fn visible(reach: &Reach, today: NaiveDate) -> Condition {
        on_seen_target(
            reach,
            today,
            by(designation::Entity, designation::Column::TargetId),
        )
    }
}

/// An assignment is seen with its target, whichever unit's it is.
impl Visible for assignment::Entity {
    fn visible(reach: &Reach, today: NaiveDate) -> Condition {
        on_seen_target(
            reach,
            today,
            by(assignment::Entity, assignment::Column::TargetId),
        )
    }
}

/// An indicator is seen with its target.
impl Visible for indicator::Entity {
    fn visible(reach: &Reach, today: NaiveDate) -> Condition {
        on_seen_target(
            reach,
            today,
            by(indicator::Entity, indicator::Column::TargetId),
        )
    }
}

/// The directory is open to everybody with a grant, but not to the audit administrator. A unit that drafts alone name is
/// seen by the supervision office of such a draft, and by the system administrator, whose the directory is; whoever works
/// for it sees it, too.
impl Visible for unit::Entity {
    fn visible(reach: &Reach, _: NaiveDate) -> Condition {
        let id = || by(unit::Entity, unit::Column::Id);
        let own = !reach.units.is_empty();
        directory(reach).add(any([
            Some(by(unit::Entity, unit::Column::Listed).eq(true)),
            reach.administers.then(yes),
            own.then(|| id().is_in(reach.units.iter().copied())),
            assigned_in(id(), &reach.supervised),
        ]))
    }
}

/// As for units.
impl Visible for unit_group::Entity {
    fn visible(reach: &Reach, _: NaiveDate) -> Condition {
        let id = by(unit_group::Entity, unit_group::Column::Id);
        directory(reach).add(any([
            Some(by(unit_group::Entity, unit_group::Column::Listed).eq(true)),
            reach.administers.then(yes),
            phrase_of(id, &reach.supervised),
        ]))
    }
}

/// As for units: a post is a place in the directory, whoever holds it.
impl Visible for post::Entity {
    fn visible(reach: &Reach, _: NaiveDate) -> Condition {
        let id = by(post::Entity, post::Column::Id);
        let its = by(tenure::Entity, tenure::Column::PostId).eq(id);
        directory(reach).add(any([
            Some(by(post::Entity, post::Column::Listed).eq(true)),
            reach.administers.then(yes),
            named_in(its, &reach.supervised),
        ]))
    }
}

/// As for posts; leaders see themselves.
impl Visible for leader::Entity {
    fn visible(reach: &Reach, _: NaiveDate) -> Condition {
        let id = || by(leader::Entity, leader::Column::Id);
        let theirs = by(tenure::Entity, tenure::Column::LeaderId).eq(id());
        let own = !reach.leaders.is_empty();
        directory(reach).add(any([
            Some(by(leader::Entity, leader::Column::Listed).eq(true)),
            reach.administers.then(yes),
            own.then(|| id().is_in(reach.leaders.iter().copied())),
            named_in(theirs, &reach.supervised),
        ]))
    }
}

fn directory(reach: &Reach) -> Condition {
    Condition::all().add(if reach.directory { yes() } else { no() })
}

/// Accounts are for the system and the security administrators; everybody sees their own.
impl Visible for user::Entity {
    fn visible(reach: &Reach, _: NaiveDate) -> Condition {
        let own = reach.user.map(|user| user::Column::Id.eq(user));
        any([(reach.administers || reach.secures).then(yes), own])
    }
}

/// Grants are for the security administrators; everybody sees their own, once they are granted.
impl Visible for role_grant::Entity {
    fn visible(reach: &Reach, _: NaiveDate) -> Condition {
        let granted = || role_grant::Column::Status.eq(GrantStatus::Granted);
        let own = reach
            .user
            .map(|user| role_grant::Column::UserId.eq(user).and(granted()));
        any([reach.secures.then(yes), own])
    }
}

/// The history of settings is for the system and the security administrators.
impl Visible for setting_change::Entity {
    fn visible(reach: &Reach, _: NaiveDate) -> Condition {
        any([(reach.administers || reach.secures).then(yes)])
    }
}

fn plans(reach: &Reach, today: NaiveDate) -> SelectStatement {
    Query::select()
        .column(plan::Column::Id)
        .from(plan::Entity)
        .cond_where(plan::Entity::visible(reach, today))
        .take()
}

/// The viewer sees the target. Asked of each row rather than once of all targets there are: a page has few rows, and years
/// of targets grow.
fn on_seen_target(reach: &Reach, today: NaiveDate, target: SimpleExpr) -> Condition {
    let seen = Query::select()
        .expr(Expr::cust("1"))
        .from(target::Entity)
        .and_where(by(target::Entity, target::Column::Id).eq(target))
        .and_where_option(asked(by(target::Entity, target::Column::PlanId), reach))
        .cond_where(target::Entity::visible(reach, today))
        .take();
    Condition::all().add(Expr::exists(seen))
}

/// A period is seen with its plan.
impl Visible for reporting_period::Entity {
    fn visible(reach: &Reach, today: NaiveDate) -> Condition {
        Condition::all().add(reporting_period::Column::PlanId.in_subquery(plans(reach, today)))
    }
}

/// The rules of a plan are seen with it: whoever is measured by them may know them.
impl Visible for plan_rule::Entity {
    fn visible(reach: &Reach, today: NaiveDate) -> Condition {
        Condition::all().add(plan_rule::Column::PlanId.in_subquery(plans(reach, today)))
    }
}

/// A report: its unit sees it always; others from its submission on, as far as it is addressed to them. A draft never
/// leaves the unit, one that is written anew after it was returned neither.
impl Visible for progress_report::Entity {
    fn visible(reach: &Reach, today: NaiveDate) -> Condition {
        use progress_report::Column::{PlanId, Status, TargetId, UnitId};
        let place = Place::of(progress_report::Entity, PlanId, TargetId, UnitId);
        by_status(reach, today, by(progress_report::Entity, Status), &place)
    }
}

/// A version of a report is seen as the report was, when it was that version.
impl Visible for report_version::Entity {
    fn visible(reach: &Reach, today: NaiveDate) -> Condition {
        use report_version::Column::{PlanId, Status, TargetId, UnitId};
        let place = Place::of(report_version::Entity, PlanId, TargetId, UnitId);
        by_status(reach, today, by(report_version::Entity, Status), &place)
    }
}

/// A file is seen by who sees a version of its report that has it, or the request that has it; one that waits to be attached
/// by its unit alone, as a draft is.
impl Visible for attachment::Entity {
    fn visible(reach: &Reach, today: NaiveDate) -> Condition {
        use attachment::Column::{
            FromVersion, PlanId, ReportId, RequestId, TargetId, UnitId, UntilVersion,
        };
        let column = |column| by(attachment::Entity, column);
        let version = || by(report_version::Entity, report_version::Column::Version);
        let place = Place::of(attachment::Entity, PlanId, TargetId, UnitId);
        let waiting = addressed(reach, today, Audience::Unit, &place).add(waiting());
        let version = Query::select()
            .expr(Expr::cust("1"))
            .from(report_version::Entity)
            .and_where(
                by(report_version::Entity, report_version::Column::ReportId).eq(column(ReportId)),
            )
            .and_where(version().gte(column(FromVersion)))
            .and_where(
                column(UntilVersion)
                    .is_null()
                    .or(version().lt(column(UntilVersion))),
            )
            .cond_where(report_version::Entity::visible(reach, today))
            .take();
        let request = Query::select()
            .expr(Expr::cust("1"))
            .from(target_request::Entity)
            .and_where(by(target_request::Entity, target_request::Column::Id).eq(column(RequestId)))
            .cond_where(target_request::Entity::visible(reach, today))
            .take();
        Condition::any()
            .add(waiting)
            .add(Expr::exists(version))
            .add(Expr::exists(request))
    }
}

/// The files that wait to be attached: neither a report's nor a request's.
pub(crate) fn waiting() -> Condition {
    let column = |column| by(attachment::Entity, column);
    Condition::all()
        .add(column(attachment::Column::ReportId).is_null())
        .add(column(attachment::Column::RequestId).is_null())
}

/// A reading is seen with its report.
impl Visible for indicator_reading::Entity {
    fn visible(reach: &Reach, today: NaiveDate) -> Condition {
        let report = by(
            indicator_reading::Entity,
            indicator_reading::Column::ReportId,
        );
        let seen = progress_report::Entity::visible(reach, today);
        Condition::all().add(of_report(report, seen))
    }
}

/// An acceptance is seen with the accepted report; what was said when a report was returned is for those who see reports
/// from their submission on.
impl Visible for review::Entity {
    fn visible(reach: &Reach, today: NaiveDate) -> Condition {
        let report = || by(review::Entity, review::Column::ReportId);
        let seen = progress_report::Entity::visible(reach, today);
        let returns = returns_shown(reach, today);
        Condition::all().add(of_report(report(), seen)).add(
            review::Column::Decision
                .eq(ReviewDecision::Accept)
                .or(of_report(report(), returns)),
        )
    }
}

/// The report meets a condition. Asked of each row, as [`on_seen_target`] does.
fn of_report(report: SimpleExpr, condition: Condition) -> SimpleExpr {
    let meets = Query::select()
        .expr(Expr::cust("1"))
        .from(progress_report::Entity)
        .and_where(by(progress_report::Entity, progress_report::Column::Id).eq(report))
        .cond_where(condition)
        .take();
    Expr::exists(meets)
}

/// A notice is between its unit, the supervision office and the target's leaders.
impl Visible for supervision_notice::Entity {
    fn visible(reach: &Reach, today: NaiveDate) -> Condition {
        use supervision_notice::Column::{PlanId, TargetId, UnitId};
        let place = Place::of(supervision_notice::Entity, PlanId, TargetId, UnitId);
        addressed(reach, today, Audience::Parties, &place)
    }
}

/// An instruction is between the target's leaders, its lead units and the supervision office.
impl Visible for instruction::Entity {
    fn visible(reach: &Reach, today: NaiveDate) -> Condition {
        use instruction::Column::{AnsweringUnitId, PlanId, TargetId};
        // It is no unit's: which one answered says nothing of who sees it.
        let place = Place::of(instruction::Entity, PlanId, TargetId, AnsweringUnitId);
        addressed(reach, today, Audience::LeadUnits, &place)
    }
}

/// A request is between the lead units, the supervision office and the leaders.
impl Visible for target_request::Entity {
    fn visible(reach: &Reach, today: NaiveDate) -> Condition {
        use target_request::Column::{PlanId, TargetId, UnitId};
        let place = Place::of(target_request::Entity, PlanId, TargetId, UnitId);
        addressed(reach, today, Audience::Leads, &place)
    }
}

/// A dispute is between the unit, the supervision office and the leaders.
impl Visible for dispute::Entity {
    fn visible(reach: &Reach, today: NaiveDate) -> Condition {
        use dispute::Column::{PlanId, TargetId, UnitId};
        let place = Place::of(dispute::Entity, PlanId, TargetId, UnitId);
        addressed(reach, today, Audience::Parties, &place)
    }
}

/// A refined plan: in force, it is seen with its target; handed in, or sent back, by the lead units, the supervision
/// office and the leaders; a draft never leaves the lead units.
impl Visible for refinement::Entity {
    fn visible(reach: &Reach, today: NaiveDate) -> Condition {
        use refinement::Column::{PlanId, Status, TargetId};
        let column = |column| by(refinement::Entity, column);
        let target = || column(TargetId);
        let of_plan = || column(PlanId);
        let leads = || {
            let role = Some(AssignmentRole::Lead);
            assigned_to(reach, of_plan(), target(), role)
        };
        let office = within(of_plan(), &reach.supervised);
        let leaders = answered_by(target(), &reach.leaders, today);
        let handed_in = column(Status).ne(RefinementStatus::Draft);
        on_seen_target(reach, today, target()).add(
            Condition::any()
                .add(column(Status).eq(RefinementStatus::Approved))
                .add(any([leads()]))
                .add(Condition::all().add(handed_in).add(any([office, leaders]))),
        )
    }
}

/// A milestone is seen with the refined plan to which it belongs.
impl Visible for milestone::Entity {
    fn visible(reach: &Reach, today: NaiveDate) -> Condition {
        let its = Query::select()
            .expr(Expr::cust("1"))
            .from(refinement::Entity)
            .and_where(
                by(refinement::Entity, refinement::Column::TargetId)
                    .eq(by(milestone::Entity, milestone::Column::TargetId)),
            )
            .cond_where(refinement::Entity::visible(reach, today))
            .take();
        Condition::all().add(Expr::exists(its))
    }
}

/// The reports of which it is shown that they were returned, among those that may be seen at all.
pub(crate) fn returns_shown(reach: &Reach, today: NaiveDate) -> Condition {
    use progress_report::Column::{PlanId, TargetId, UnitId};
    let place = Place::of(progress_report::Entity, PlanId, TargetId, UnitId);
    addressed(reach, today, Audience::Leads, &place)
}

/// The audit log is the audit administrator's, and nobody else's.
impl Visible for audit_entry::Entity {
    fn visible(reach: &Reach, _: NaiveDate) -> Condition {
        any([reach.audit.then(yes)])
    }
}

/// An event is for whom it is meant. What happened to a plan before it was published is its supervision office's for ever, and
/// so is that a draft changed, whenever that is said to have been: a department learns nothing of how a draft came about.
impl Visible for event::Entity {
    fn visible(reach: &Reach, today: NaiveDate) -> Condition {
        use event::Column::{Audience as For, PlanId, TargetId, UnitId};
        let place = Place::of(event::Entity, PlanId, TargetId, UnitId);
        let of = |audience: &Audience| {
            Condition::all()
                .add(For.eq(*audience))
                .add(meant(reach, today, *audience, &place))
        };
        let (on_plan, on_target): (Vec<_>, Vec<_>) = Audience::ALL
            .iter()
            .partition(|audience| matches!(audience, Audience::Plan | Audience::PlanUnit));
        let on_plan = on_plan.into_iter().map(of);
        let on_target = on_target.into_iter().map(of);
        let heard = Condition::any()
            .add(seen_plan(reach, today, &place).add(one_of(on_plan)))
            .add(seen_target(reach, today, &place).add(one_of(on_target)));
        let published = Query::select()
            .expr(Expr::cust("1"))
            .from(plan::Entity)
            .and_where(by(plan::Entity, plan::Column::Id).eq(by(event::Entity, PlanId)))
            .and_where(
                by(plan::Entity, plan::Column::PublishedAt)
                    .lte(by(event::Entity, event::Column::OccurredAt)),
            )
            .take();
        let of_draft = event::Column::Type.eq(EventType::DraftChanged);
        let since = any([
            Some(Expr::exists(published).and(of_draft.not())),
            within(by(event::Entity, PlanId), &reach.supervised),
        ]);
        Condition::all().add(heard).add(since)
    }
}
