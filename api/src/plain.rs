//! What goes wrong around the program, in plain words for whoever is at the terminal.

use std::{
    io::{Error, ErrorKind},
    path::Path,
};

/// The text of a file.
///
/// # Errors
/// Which file cannot be read, and why.
pub(crate) fn read_text(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| unreadable(path, &error))
}

/// That a file cannot be read, and why.
pub(crate) fn unreadable(path: &Path, error: &Error) -> String {
    let path = path.display();
    match error.kind() {
        ErrorKind::NotFound => format!("there is no file {path}"),
        ErrorKind::IsADirectory => format!("{path} is a folder, not a file"),
        ErrorKind::PermissionDenied => format!("this user may not read {path}"),
        ErrorKind::InvalidData => format!("{path} is not a text in UTF-8"),
        _ => format!("{path} cannot be read: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn why_a_file_cannot_be_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.txt");
        let (shown, parent) = (path.display(), folder.path().display());
        assert_eq!(read_text(&path), Err(format!("there is no file {shown}")));
        assert_eq!(
            read_text(folder.path()),
            Err(format!("{parent} is a folder, not a file"))
        );
        std::fs::write(&path, [0xff]).unwrap();
        assert_eq!(
            read_text(&path),
            Err(format!("{shown} is not a text in UTF-8"))
        );
        std::fs::write(&path, "fine").unwrap();
        assert_eq!(read_text(&path), Ok("fine".to_owned()));
        let denied = Error::from(ErrorKind::PermissionDenied);
        assert_eq!(
            unreadable(&path, &denied),
            format!("this user may not read {shown}")
        );
        let other = Error::from(ErrorKind::TimedOut);
        assert!(unreadable(&path, &other).starts_with(&format!("{shown} cannot be read: ")));
    }
}
