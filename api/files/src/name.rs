//! The names of files, as they may be shown and stored.

use domain::FileReason;

/// Characters of a name.
const LONGEST: usize = 200;
/// Characters of an extension that is kept when a name is cut.
const LONGEST_EXTENSION: usize = 10;

/// A file's name for people: without a path, without what cannot be seen, at most 200 characters. It never names a
/// place in the storage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileName(String);

impl FileName {
    /// What is left of a name as it was given.
    ///
    /// # Errors
    /// Nothing is left.
    pub fn of(given: &str) -> Result<Self, FileReason> {
        let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
        let visible: String = last.chars().filter(|c| !is_hidden(*c)).collect();
        // Windows drops a dot or a space at the end: the extension would be another one there.
        let name = visible.trim().trim_end_matches(['.', ' ']).trim();
        if name.is_empty() {
            return Err(FileReason::NoName);
        }
        Ok(Self(cut(name)))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands behind the last dot, in lower case.
    pub(crate) fn extension(&self) -> String {
        match self.0.rsplit_once('.') {
            Some((_, extension)) => extension.to_lowercase(),
            None => String::new(),
        }
    }
}

/// What nobody sees and what changes the order of reading: `exe.fdp` can be made to look like `pdf.exe`.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{61c}' | '\u{ad}')
}

/// The name, its stem cut so that the extension stays.
fn cut(name: &str) -> String {
    if name.chars().count() <= LONGEST {
        return name.to_owned();
    }
    let extension = name
        .rsplit_once('.')
        .map(|(_, extension)| extension)
        .filter(|extension| extension.chars().count() <= LONGEST_EXTENSION);
    let Some(extension) = extension else {
        return name
            .chars()
            .take(LONGEST)
            .collect::<String>()
            .trim_end_matches(['.', ' '])
            .trim()
            .to_owned();
    };
    let stem = LONGEST - extension.chars().count() - 1;
    let stem: String = name.chars().take(stem).collect();
    format!("{stem}.{extension}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_kept_but_for_what_is_no_name() {
        let long = "字".repeat(300);
        for (given, expected) in [
            ("佐证材料（第一季度）.pdf", Some("佐证材料（第一季度）.pdf")),
            ("a b.PDF", Some("a b.PDF")),
            ("C:\\Users\\wang\\报告.docx", Some("报告.docx")),
            ("../../etc/passwd", Some("passwd")),
            ("a\r\nSet-Cookie: x.pdf", Some("aSet-Cookie: x.pdf")),
            ("\u{202e}fdp.exe", Some("fdp.exe")),
            ("x.exe. .", Some("x.exe")),
            ("..", None),
            ("dir/", None),
            ("", None),
            ("\u{200b}\u{0}", None),
            (
                &format!("{long}.pdf"),
                Some(&*format!("{}.pdf", "字".repeat(196))),
            ),
            (&long, Some(&*"字".repeat(200))),
        ] {
            let name = FileName::of(given);
            assert_eq!(
                name.as_ref().ok().map(FileName::as_str),
                expected,
                "{given}"
            );
        }
        assert_eq!(FileName::of("A.B.Pdf").unwrap().extension(), "pdf");
        assert_eq!(FileName::of("pdf").unwrap().extension(), "");
    }

    proptest! {
        #[test]
        fn a_name_is_clean_and_stays_as_it_is(given in ".{0,300}") {
            if let Ok(name) = FileName::of(&given) {
                prop_assert!(name.as_str().chars().count() <= LONGEST);
                prop_assert!(!name.as_str().chars().any(|c| is_hidden(c) || c == '/' || c == '\\'));
                prop_assert_eq!(FileName::of(name.as_str()), Ok(name));
            }
        }
    }
}
