//! The register of units, unit groups and leaders (domain.md §2, §3): the system administrator's.

use crate::{
    Reason,
    action::{Action, Asking, Guarded},
};

/// The most characters of a unit's, a group's or a leader's name.
pub const LONGEST_NAME: usize = 100;
/// The most characters of a unit's full name and of a post's title.
pub const LONGEST_FULL_NAME: usize = 200;

/// What the acts on a unit depend on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitFacts {
    /// The name of the unit into which it was merged.
    pub merged_into: Option<String>,
}

impl Guarded for UnitFacts {
    const ACTIONS: &'static [Action] = &[Action::RenameUnit, Action::MergeUnits];

    fn permit(&self, asking: Asking<'_>, _: Action) -> Result<(), Reason> {
        if !asking.reach.administers {
            return Err(Reason::NotSystemAdmin);
        }
        match &self.merged_into {
            Some(into) => Err(Reason::UnitMerged { into: into.clone() }),
            None => Ok(()),
        }
    }
}

/// What the acts on the register as a whole depend on: nothing but who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Register;

impl Guarded for Register {
    const ACTIONS: &'static [Action] = &[
        Action::CreateUnit,
        Action::CreateUnitGroup,
        Action::ChangeUnitGroup,
        Action::CreateLeader,
        Action::SucceedLeader,
        Action::CreateUser,
        Action::ImportUsers,
    ];

    fn permit(&self, asking: Asking<'_>, _: Action) -> Result<(), Reason> {
        if asking.reach.administers {
            Ok(())
        } else {
            Err(Reason::NotSystemAdmin)
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use entity::ids::UserId;

    use super::*;
    use crate::Reach;

    #[test]
    fn the_register_is_the_system_administrators() {
        let now = DateTime::UNIX_EPOCH;
        let user = UserId(1);
        let security = Reach {
            secures: true,
            ..Reach::nothing()
        };
        let system = Reach {
            administers: true,
            ..Reach::nothing()
        };
        let unit = |merged_into: Option<&str>| UnitFacts {
            merged_into: merged_into.map(str::to_owned),
        };
        for (reach, expected) in [(&security, Err(Reason::NotSystemAdmin)), (&system, Ok(()))] {
            let asking = Asking { reach, user, now };
            for action in Register::ACTIONS {
                assert_eq!(Register.permit(asking, *action), expected);
            }
            for action in UnitFacts::ACTIONS {
                assert_eq!(unit(None).permit(asking, *action), expected);
            }
        }
        let asking = Asking {
            reach: &system,
            user,
            now,
        };
        let merged = unit(Some("市发展改革委")).permit(asking, Action::RenameUnit);
        assert_eq!(
            merged,
            Err(Reason::UnitMerged {
                into: "市发展改革委".to_owned()
            })
        );
    }
}
