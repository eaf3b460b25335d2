//! What a password must be: long, not common, not the name.

use crate::Reason;

/// The fewest characters of a password.
pub const LEAST: usize = 12;
/// The most characters of a password: hashing is not to be a way of keeping the server busy.
pub const MOST: usize = 128;

/// The password of all demo accounts, which only the demo accepts: anybody can read it here.
pub const DEMO: &str = "luoshi-demo";

/// The worst passwords of at least twelve characters, and fragments that make a password guessable whole.
const WORST: &str = include_str!("worst-passwords.txt");

/// Whether a password may be chosen.
///
/// # Errors
/// Why not: too short, too long, the name, or one of the worst.
pub fn check(password: &str, username: &str) -> Result<(), Reason> {
    let characters = password.chars().count();
    let folded = password.to_lowercase();
    if characters < LEAST {
        Err(Reason::PasswordTooShort { least: LEAST })
    } else if characters > MOST {
        Err(Reason::PasswordTooLong { most: MOST })
    } else if folded == username.to_lowercase() {
        Err(Reason::PasswordIsName)
    } else if is_one_of_the_worst(&folded) {
        Err(Reason::PasswordTooCommon)
    } else {
        Ok(())
    }
}

/// A listed password, or a short piece repeated (`abcabcabcabc`).
fn is_one_of_the_worst(folded: &str) -> bool {
    let characters: Vec<char> = folded.chars().collect();
    let repeats = (1..=4).any(|period| {
        characters
            .iter()
            .zip(characters.iter().skip(period))
            .all(|(one, next)| one == next)
    });
    repeats || WORST.lines().any(|worst| worst == folded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_refused_and_why() {
        for (password, expected) in [
            ("short-word1", Err(Reason::PasswordTooShort { least: 12 })),
            (
                "十一个汉字不够长的密码",
                Err(Reason::PasswordTooShort { least: 12 }),
            ),
            ("Zhang.Wei.Office", Err(Reason::PasswordIsName)),
            ("Password1234", Err(Reason::PasswordTooCommon)),
            ("luoshi-demo1", Err(Reason::PasswordTooCommon)),
            ("abcabcabcabc", Err(Reason::PasswordTooCommon)),
            ("000000000000", Err(Reason::PasswordTooCommon)),
            ("correct horse battery", Ok(())),
            ("椒江大桥下的第三棵老樟树", Ok(())),
        ] {
            assert_eq!(check(password, "zhang.wei.office"), expected, "{password}");
        }
        assert_eq!(
            check(&"ab1 cd2 ef3 ".repeat(11), "x"),
            Err(Reason::PasswordTooLong { most: 128 })
        );
    }

    #[test]
    fn the_list_holds_only_what_the_length_lets_through() {
        for worst in WORST.lines() {
            assert!(worst.chars().count() >= LEAST, "{worst}");
            assert_eq!(worst, worst.to_lowercase());
        }
    }
}
