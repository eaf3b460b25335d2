//! Accounts (账号): who disables, resets, unlocks and grants (domain.md §4). The system administrator and the security
//! administrator are two people, and neither does it to themselves.

use entity::ids::UserId;

use crate::{
    Reason,
    action::{Action, Asking, Guarded},
};

/// The most characters of a sign-in name.
pub const LONGEST_USERNAME: usize = 64;
/// The most characters of a shown name.
pub const LONGEST_NAME: usize = 100;

/// Nobody's key: somebody at the command line of the server, where no account is signed in.
pub const OPERATOR: UserId = UserId(0);

/// Whether a sign-in name, in its one form, may be chosen.
///
/// # Errors
/// Why not: nothing, too long, or with other characters than a to z, digits, `.`, `_`, `-` and `@`, of which the last four stand within:
/// names in few letters cannot look like one another. One that is older and has others is still good for signing in.
pub fn check_username(name: &str) -> Result<(), Reason> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let fits = |c: char| plain(c) || "._-@".contains(c);
    let within = name.starts_with(plain) && name.ends_with(plain);
    if name.is_empty() {
        Err(Reason::Blank)
    } else if name.chars().count() > LONGEST_USERNAME {
        Err(Reason::TextTooLong {
            most: LONGEST_USERNAME,
        })
    } else if !(within && name.chars().all(fits)) {
        Err(Reason::UsernameUnfit)
    } else {
        Ok(())
    }
}

/// What the acts on an account depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Whose it is.
    pub user: UserId,
    /// It is not disabled.
    pub active: bool,
    /// Signing in is refused for a while.
    pub locked: bool,
    /// Signing in needs a second factor.
    pub second_factor: bool,
    /// It has an administrator's role now, or will have one, or has been proposed for one.
    pub administrator: bool,
}

impl Guarded for Facts {
    const ACTIONS: &'static [Action] = &[
        Action::UpdateUser,
        Action::DisableUser,
        Action::EnableUser,
        Action::ResetPassword,
        Action::UnlockUser,
        Action::EndSessions,
        Action::ResetSecondFactor,
        Action::GrantRole,
    ];

    fn permit(&self, asking: Asking<'_>, action: Action) -> Result<(), Reason> {
        match action {
            Action::UpdateUser
            | Action::DisableUser
            | Action::EnableUser
            | Action::ResetPassword => {
                if !asking.reach.administers {
                    return Err(Reason::NotSystemAdmin);
                }
            }
            _ => {
                if !asking.reach.secures {
                    return Err(Reason::NotSecurityAdmin);
                }
            }
        }
        if self.user == asking.user {
            return Err(Reason::NotToOneself);
        }
        match action {
            Action::DisableUser | Action::GrantRole if !self.active => Err(Reason::AccountDisabled),
            Action::EnableUser if self.active => Err(Reason::AccountActive),
            Action::ResetPassword if !self.active => Err(Reason::AccountDisabled),
            // Whoever knows the one-time password could sign in as that administrator, and be two of them.
            Action::ResetPassword if self.administrator && asking.user != OPERATOR => {
                Err(Reason::AdministratorAccount)
            }
            Action::UnlockUser if !self.locked => Err(Reason::AccountNotLocked),
            Action::ResetSecondFactor if !self.second_factor => Err(Reason::NoSecondFactor),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::Reach;

    fn reach(administers: bool, secures: bool) -> Reach {
        Reach {
            administers,
            secures,
            ..Reach::nothing()
        }
    }

    fn permit(facts: Facts, reach: &Reach, user: UserId, action: Action) -> Result<(), Reason> {
        let asking = Asking {
            reach,
            user,
            now: DateTime::UNIX_EPOCH,
        };
        facts.permit(asking, action)
    }

    #[test]
    fn who_does_what_to_which_account() {
        use Action::*;
        let plain = Facts {
            user: UserId(7),
            active: true,
            locked: false,
            second_factor: false,
            administrator: false,
        };
        let factored = Facts {
            second_factor: true,
            administrator: true,
            ..plain
        };
        let disabled = Facts {
            active: false,
            ..plain
        };
        let locked = Facts {
            locked: true,
            ..plain
        };
        let administrator = Facts {
            administrator: true,
            ..plain
        };
        let (system, security) = (reach(true, false), reach(false, true));
        for (facts, action, of_system, of_security) in [
            (plain, UpdateUser, None, Some(Reason::NotSystemAdmin)),
            (disabled, UpdateUser, None, Some(Reason::NotSystemAdmin)),
            (plain, DisableUser, None, Some(Reason::NotSystemAdmin)),
            (
                disabled,
                DisableUser,
                Some(Reason::AccountDisabled),
                Some(Reason::NotSystemAdmin),
            ),
            (
                plain,
                EnableUser,
                Some(Reason::AccountActive),
                Some(Reason::NotSystemAdmin),
            ),
            (disabled, EnableUser, None, Some(Reason::NotSystemAdmin)),
            (plain, ResetPassword, None, Some(Reason::NotSystemAdmin)),
            (locked, ResetPassword, None, Some(Reason::NotSystemAdmin)),
            (
                disabled,
                ResetPassword,
                Some(Reason::AccountDisabled),
                Some(Reason::NotSystemAdmin),
            ),
            (
                administrator,
                ResetPassword,
                Some(Reason::AdministratorAccount),
                Some(Reason::NotSystemAdmin),
            ),
            (
                administrator,
                DisableUser,
                None,
                Some(Reason::NotSystemAdmin),
            ),
            (
                plain,
                UnlockUser,
                Some(Reason::NotSecurityAdmin),
                Some(Reason::AccountNotLocked),
            ),
            (locked, UnlockUser, Some(Reason::NotSecurityAdmin), None),
            (plain, EndSessions, Some(Reason::NotSecurityAdmin), None),
            (
                plain,
                ResetSecondFactor,
                Some(Reason::NotSecurityAdmin),
                Some(Reason::NoSecondFactor),
            ),
            (
                factored,
                ResetSecondFactor,
                Some(Reason::NotSecurityAdmin),
                None,
            ),
            (plain, GrantRole, Some(Reason::NotSecurityAdmin), None),
            (
                disabled,
                GrantRole,
                Some(Reason::NotSecurityAdmin),
                Some(Reason::AccountDisabled),
            ),
        ] {
            for (reach, expected) in [(&system, of_system), (&security, of_security)] {
                let found = permit(facts, reach, UserId(1), action).err();
                assert_eq!(found, expected, "{action:?} {facts:?}");
                let own = permit(facts, reach, facts.user, action).err();
                let foreign = [Some(Reason::NotSystemAdmin), Some(Reason::NotSecurityAdmin)];
                assert!(
                    foreign.contains(&own) || own == Some(Reason::NotToOneself),
                    "{action:?}: to oneself"
                );
            }
            assert!(
                permit(facts, &Reach::nothing(), UserId(1), action).is_err(),
                "{action:?}: anybody"
            );
        }
        let operator = reach(true, true);
        assert_eq!(
            permit(administrator, &operator, OPERATOR, ResetPassword),
            Ok(())
        );
    }

    #[test]
    fn which_names_fit() {
        for (name, expected) in [
            ("zhang.wei", Ok(())),
            ("zhang-wei_2", Ok(())),
            ("a@b_c", Ok(())),
            ("7", Ok(())),
            ("张伟-2", Err(Reason::UsernameUnfit)),
            ("Zhang", Err(Reason::UsernameUnfit)),
            ("zh\u{430}ng", Err(Reason::UsernameUnfit)),
            ("josé", Err(Reason::UsernameUnfit)),
            (".zhang", Err(Reason::UsernameUnfit)),
            ("zhang-", Err(Reason::UsernameUnfit)),
            ("@", Err(Reason::UsernameUnfit)),
            ("", Err(Reason::Blank)),
            ("zhang wei", Err(Reason::UsernameUnfit)),
            ("zhang\u{200b}wei", Err(Reason::UsernameUnfit)),
            ("a\0b", Err(Reason::UsernameUnfit)),
        ] {
            assert_eq!(check_username(name), expected, "{name:?}");
        }
        assert_eq!(
            check_username(&"x".repeat(65)),
            Err(Reason::TextTooLong { most: 64 })
        );
    }
}
