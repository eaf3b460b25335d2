//! By which grants an act is allowed, as the audit log keeps them.

use domain::Grant;
use serde_json::{Value, json};

use super::{Act, Told};

/// The grants by which an act is allowed, as the log keeps them: those of its roles, and where it has a place, those for
/// the place. A unit's grant may be for a unit that acts for another, so it counts where there is none for the unit itself.
pub(super) fn used(grants: &[Grant], act: Act, place: Option<&Told>) -> Value {
    let roles = act.roles();
    let mut used: Vec<&Grant> = grants
        .iter()
        .filter(|grant| {
            roles
                .as_ref()
                .is_none_or(|roles| roles.contains(&grant.role))
        })
        .collect();
    let mut narrow = |right: &dyn Fn(&Grant) -> bool| {
        if used.iter().any(|grant| right(grant)) {
            used.retain(|grant| right(grant));
        }
    };
    if let Some(told) = place {
        let plan = |grant: &Grant| grant.plan.is_none_or(|plan| plan == told.plan);
        let unit = |grant: &Grant| grant.unit.is_none_or(|unit| Some(unit) == told.unit);
        narrow(&plan);
        narrow(&unit);
    }
    used.into_iter().map(told).collect()
}

/// A grant as the log keeps it.
pub(super) fn told(grant: &Grant) -> Value {
    let mut told = json!({ "id": grant.id, "role": grant.role });
    for (name, scope) in [
        ("unitId", grant.unit.map(i64::from)),
        ("leaderId", grant.leader.map(i64::from)),
        ("planId", grant.plan.map(i64::from)),
    ] {
        if let Some(scope) = scope {
            told[name] = scope.into();
        }
    }
    told
}
