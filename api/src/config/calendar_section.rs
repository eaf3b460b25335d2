//! `[calendar]`: the working days.

use std::path::Path;

use domain::Calendar;

use super::Given;
use crate::plain::read_text;

/// `file`: a table of holidays and make-up working days, in place of the one that Luoshi brings along (2022 to 2026). Its
/// form is that of `seeds/calendar/china.tsv`.
pub(super) fn read(given: &mut Given) -> Calendar {
    let read = match given.take("calendar", "file") {
        None => return shipped(),
        Some(path) => match read_text(Path::new(&path)) {
            Ok(text) => Calendar::parse(&text).map_err(|problems| {
                problems
                    .iter()
                    .map(|problem| format!("{path}, line {}: {}", problem.line, problem.message))
                    .collect()
            }),
            Err(why) => Err(vec![format!("calendar.file: {why}")]),
        },
    };
    read.unwrap_or_else(|problems: Vec<String>| {
        given.problems.extend(problems);
        Calendar::default()
    })
}

/// The calendar that Luoshi brings along, whose table a test reads.
pub fn shipped() -> Calendar {
    Calendar::parse(seeds::CALENDAR).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn the_shipped_table_can_be_read() {
        assert!(Calendar::parse(seeds::CALENDAR).is_ok());
    }

    #[test]
    fn each_bad_line_of_a_file_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("days.tsv");
        std::fs::write(
            &path,
            "2027-01-01\toff\t元旦\n2027-01-02\tmaybe\t元旦\nnever\n",
        )
        .unwrap();
        let text = format!("[calendar]\nfile = {:?}\n", path.display().to_string());
        let problems = Config::parse(&text, []).unwrap_err();
        assert_eq!(problems.len(), 2, "{problems:?}");
        assert!(problems[0].contains("line 2") && problems[1].contains("line 3"));
        std::fs::write(&path, "2027-01-01\toff\t元旦\n").unwrap();
        let config = Config::parse(&text, []).unwrap();
        assert!(
            !config
                .calendar
                .is_working_day("2027-01-01".parse().unwrap())
        );
    }
}
