//! Scopes, overlaps and decisions, in tables and at random.

use chrono::TimeDelta;
use proptest::prelude::*;

use super::*;
use crate::Reach;

fn at(minutes: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes)
}

fn span(from: i64, until: Option<i64>) -> Span {
    Span {
        from: at(from),
        until: until.map(at),
    }
}

fn held(role: Role, from: i64, until: Option<i64>) -> Held {
    Held {
        role,
        unit: None,
        leader: None,
        plan: None,
        span: span(from, until),
    }
}

#[test]
fn which_scope_each_role_wants() {
    for role in Role::ALL {
        let mut allowed = Vec::new();
        for bits in 0..8 {
            let (unit, leader, plan) = (bits & 1 > 0, bits & 2 > 0, bits & 4 > 0);
            if check_scope(*role, unit, leader, plan).is_ok() {
                allowed.push(bits);
            }
        }
        let expected: &[i32] = match role {
            Role::SystemAdmin | Role::SecurityAdmin | Role::AuditAdmin => &[0],
            Role::Supervisor | Role::Observer => &[0, 4],
            Role::Leader => &[2],
            Role::UnitManager | Role::UnitReporter => &[1],
        };
        assert_eq!(allowed, expected, "{role:?}");
    }
    let refused = check_scope(Role::Leader, true, false, false);
    assert_eq!(
        refused.map_err(|refusal| refusal.field),
        Err(vec!["unitId".to_owned()])
    );
}

#[test]
fn an_administrators_role_meets_no_other() {
    use Role::{AuditAdmin, SecurityAdmin, Supervisor, SystemAdmin};
    let second = |held| Err(Reason::AdministratorAlone { held });
    for (before, wanted, expected) in [
        (
            held(SystemAdmin, 0, None),
            held(SecurityAdmin, 10, None),
            second(SystemAdmin),
        ),
        (
            held(SystemAdmin, 0, None),
            held(SecurityAdmin, 10, Some(20)),
            second(SystemAdmin),
        ),
        // One after the other is one at a time, also at the very moment of the change.
        (
            held(SystemAdmin, 0, Some(10)),
            held(SecurityAdmin, 10, None),
            Ok(()),
        ),
        (
            held(SystemAdmin, 0, Some(11)),
            held(SecurityAdmin, 10, None),
            second(SystemAdmin),
        ),
        // One that begins later.
        (
            held(AuditAdmin, 20, None),
            held(SecurityAdmin, 10, None),
            second(AuditAdmin),
        ),
        (
            held(AuditAdmin, 20, None),
            held(SecurityAdmin, 10, Some(20)),
            Ok(()),
        ),
        // A revoked one that never began holds at no moment.
        (
            held(AuditAdmin, 20, Some(20)),
            held(SecurityAdmin, 10, None),
            Ok(()),
        ),
        (
            held(SystemAdmin, 0, None),
            held(SystemAdmin, 10, None),
            Err(Reason::AlreadyGranted),
        ),
        (
            held(SystemAdmin, 0, Some(10)),
            held(SystemAdmin, 10, None),
            Ok(()),
        ),
        (
            held(SystemAdmin, 0, None),
            held(Supervisor, 0, None),
            second(SystemAdmin),
        ),
        (
            held(Supervisor, 0, None),
            held(AuditAdmin, 10, None),
            second(Supervisor),
        ),
        (
            held(Supervisor, 0, None),
            held(Role::Observer, 0, None),
            Ok(()),
        ),
    ] {
        assert_eq!(
            check_together(&[before], &wanted),
            expected,
            "{before:?} {wanted:?}"
        );
    }
}

#[test]
fn who_decides_on_a_grant() {
    let security = Reach {
        secures: true,
        ..Reach::nothing()
    };
    let facts = |state| Facts {
        user: UserId(1),
        granted_by: Some(UserId(2)),
        state,
        active: true,
    };
    let permit = |state, user, action| {
        let asking = Asking {
            reach: &security,
            user: UserId(user),
            now: at(0),
        };
        facts(state).permit(asking, action)
    };
    use Action::{ApproveGrant, RejectGrant, RevokeRole};
    for action in [ApproveGrant, RejectGrant] {
        assert_eq!(
            permit(GrantState::Pending, 1, action),
            Err(Reason::NotToOneself)
        );
        assert_eq!(
            permit(GrantState::Pending, 2, action),
            Err(Reason::ApproverIsGranter)
        );
        assert_eq!(permit(GrantState::Pending, 3, action), Ok(()));
        for state in [
            GrantState::Rejected,
            GrantState::Scheduled,
            GrantState::Live,
            GrantState::Expired,
            GrantState::Revoked,
        ] {
            assert_eq!(permit(state, 3, action), Err(Reason::GrantState { state }));
        }
    }
    for state in [GrantState::Pending, GrantState::Scheduled, GrantState::Live] {
        assert_eq!(permit(state, 2, RevokeRole), Ok(()));
        assert_eq!(permit(state, 1, RevokeRole), Err(Reason::NotToOneself));
    }
    for state in [
        GrantState::Rejected,
        GrantState::Expired,
        GrantState::Revoked,
    ] {
        assert_eq!(
            permit(state, 2, RevokeRole),
            Err(Reason::GrantState { state })
        );
    }
    let disabled = Facts {
        active: false,
        ..facts(GrantState::Pending)
    };
    let asking = |user| Asking {
        reach: &security,
        user: UserId(user),
        now: at(0),
    };
    for (user, expected) in [
        (1, Err(Reason::NotToOneself)),
        (2, Err(Reason::ApproverIsGranter)),
        (3, Err(Reason::AccountDisabled)),
    ] {
        assert_eq!(disabled.permit(asking(user), ApproveGrant), expected);
    }
    for action in [RejectGrant, RevokeRole] {
        assert_eq!(disabled.permit(asking(3), action), Ok(()));
    }
    let nobody = Reach::nothing();
    let asking = Asking {
        reach: &nobody,
        user: UserId(3),
        now: at(0),
    };
    for action in [RevokeRole, ApproveGrant, RejectGrant] {
        assert_eq!(
            facts(GrantState::Live).permit(asking, action),
            Err(Reason::NotSecurityAdmin)
        );
    }
}

#[test]
fn how_a_grant_stands() {
    use GrantStatus::{Granted, Pending, Rejected};
    for (status, revoked, now, expected) in [
        (Pending, false, 5, GrantState::Pending),
        (Pending, false, 20, GrantState::Expired),
        (Pending, true, 5, GrantState::Revoked),
        (Rejected, false, 20, GrantState::Rejected),
        (Granted, false, 9, GrantState::Scheduled),
        (Granted, false, 10, GrantState::Live),
        (Granted, false, 19, GrantState::Live),
        (Granted, false, 20, GrantState::Expired),
        (Granted, true, 15, GrantState::Revoked),
    ] {
        let found = state(status, span(10, Some(20)), revoked, at(now));
        assert_eq!(found, expected, "{status:?} {revoked} {now}");
    }
}

proptest! {
    /// Whatever is asked for in whichever order: at no moment has an administrator another role.
    #[test]
    fn at_no_moment_has_an_administrator_another_role(asked in prop::collection::vec((0usize..8, 0i64..40, prop::option::of(0i64..40)), 0..12)) {
        let mut given: Vec<Held> = Vec::new();
        for (role, from, length) in asked {
            let wanted = held(Role::ALL[role], from, length.map(|length| from + length));
            if check_together(&given, &wanted).is_ok() {
                given.push(wanted);
            }
        }
        for minute in 0..90 {
            let moment = at(minute);
            let roles: std::collections::BTreeSet<Role> = given
                .iter()
                .filter(|held| held.span.from <= moment && held.span.until.is_none_or(|until| moment < until))
                .map(|held| held.role)
                .collect();
            let administrators = roles.iter().any(|role| is_administrator(*role));
            prop_assert!(!administrators || roles.len() == 1, "{minute}: {roles:?}");
        }
    }

    #[test]
    fn an_overlap_is_a_moment_in_both(a in (0i64..30, prop::option::of(0i64..30)), b in (0i64..30, prop::option::of(0i64..30))) {
        let of = |(from, length): (i64, Option<i64>)| span(from, length.map(|length| from + length));
        let (a, b) = (of(a), of(b));
        let holds = |span: Span, moment: DateTime<Utc>| span.from <= moment && span.until.is_none_or(|until| moment < until);
        let expected = (0..61).any(|minute| holds(a, at(minute)) && holds(b, at(minute)));
        prop_assert_eq!(a.overlaps(b), expected);
    }
}
