//! Settings of the whole installation: type, bounds, default, and whose they are (domain.md §4).
//!
//! Whether grants need a second security administrator is the system administrator's to set: a security administrator
//! cannot dispense themselves. How signing in locks, and how long a password is good, is the security administrators'.

use entity::kinds::{Role, SettingName};

use crate::{
    Reason,
    action::{Action, Asking, Guarded},
};

/// What a setting may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`.
    Boolean,
    /// A whole number within bounds.
    Integer {
        /// The least.
        least: i64,
        /// The most.
        most: i64,
    },
    /// Roles, with commas between them; none is possible.
    Roles,
}

/// What a setting may be.
pub const fn kind(name: SettingName) -> Kind {
    match name {
        SettingName::GrantApproval => Kind::Boolean,
        SettingName::SignInFailures => Kind::Integer { least: 3, most: 10 },
        SettingName::SignInLockMinutes => Kind::Integer {
            least: 5,
            most: 1440,
        },
        SettingName::PasswordMaxAgeDays => Kind::Integer {
            least: 0,
            most: 1000,
        },
        SettingName::SecondFactorRoles => Kind::Roles,
    }
}

/// What a setting is until somebody sets it.
pub const fn default(name: SettingName) -> &'static str {
    match name {
        SettingName::GrantApproval => "false",
        SettingName::SignInFailures => "5",
        SettingName::SignInLockMinutes => "15",
        SettingName::PasswordMaxAgeDays => "0",
        SettingName::SecondFactorRoles => "",
    }
}

/// The one form of a value that a setting may have.
///
/// # Errors
/// [`Reason::NotBoolean`], [`Reason::NotRoles`], or [`Reason::OutOfRange`] for whatever is no number within the bounds.
pub fn read(name: SettingName, value: &str) -> Result<String, Reason> {
    let value = value.trim();
    match kind(name) {
        Kind::Boolean if matches!(value, "true" | "false") => Ok(value.to_owned()),
        Kind::Boolean => Err(Reason::NotBoolean),
        Kind::Integer { least, most } => match value.parse::<i64>() {
            Ok(number) if (least..=most).contains(&number) => Ok(number.to_string()),
            _ => Err(Reason::OutOfRange { least, most }),
        },
        Kind::Roles => roles(value).ok_or(Reason::NotRoles),
    }
}

/// Roles in their one form: each once, in the order in which they are declared.
fn roles(value: &str) -> Option<String> {
    let given = value.split(',').map(str::trim);
    let given = given.filter(|word| !word.is_empty()).map(Role::from_word);
    let given: Vec<Role> = given.collect::<Option<_>>()?;
    let words = Role::ALL.iter().filter(|role| given.contains(role));
    Some(
        words
            .map(|role| role.as_str())
            .collect::<Vec<_>>()
            .join(","),
    )
}

/// What changing a setting depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Which one.
    pub name: SettingName,
}

impl Guarded for Facts {
    const ACTIONS: &'static [Action] = &[Action::ChangeSetting];

    fn permit(&self, asking: Asking<'_>, _: Action) -> Result<(), Reason> {
        match self.name {
            SettingName::GrantApproval if !asking.reach.administers => Err(Reason::NotSystemAdmin),
            SettingName::SignInFailures
            | SettingName::SignInLockMinutes
            | SettingName::PasswordMaxAgeDays
            | SettingName::SecondFactorRoles
                if !asking.reach.secures =>
            {
                Err(Reason::NotSecurityAdmin)
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_values() {
        for name in SettingName::ALL {
            assert_eq!(read(*name, default(*name)), Ok(default(*name).to_owned()));
        }
    }

    #[test]
    fn all_roles_fit_into_the_table() {
        let all: Vec<&str> = Role::ALL.iter().map(|role| role.as_str()).collect();
        assert!(all.join(",").len() <= 100);
    }

    #[test]
    fn what_is_no_value_is_refused() {
        let range = Err(Reason::OutOfRange { least: 3, most: 10 });
        for (name, value, expected) in [
            (SettingName::GrantApproval, " true ", Ok("true".to_owned())),
            (SettingName::GrantApproval, "yes", Err(Reason::NotBoolean)),
            (SettingName::GrantApproval, "1", Err(Reason::NotBoolean)),
            (SettingName::SignInFailures, "3", Ok("3".to_owned())),
            (SettingName::SignInFailures, "010", Ok("10".to_owned())),
            (SettingName::SignInFailures, "2", range.clone()),
            (SettingName::SignInFailures, "11", range.clone()),
            (SettingName::SignInFailures, "five", range.clone()),
            (SettingName::SignInFailures, "99999999999999999999", range),
            (SettingName::SecondFactorRoles, " ", Ok(String::new())),
            (
                SettingName::SecondFactorRoles,
                "AUDIT_ADMIN, SYSTEM_ADMIN,AUDIT_ADMIN,",
                Ok("SYSTEM_ADMIN,AUDIT_ADMIN".to_owned()),
            ),
            (
                SettingName::SecondFactorRoles,
                "KING",
                Err(Reason::NotRoles),
            ),
            (
                SettingName::SecondFactorRoles,
                "system_admin",
                Err(Reason::NotRoles),
            ),
        ] {
            assert_eq!(read(name, value), expected, "{name:?} {value}");
        }
    }
}
