//! The middle: from rows and cells to a plan.

use chrono::NaiveDate;
use domain::{
    directory::LONGEST_NAME,
    plan::LONGEST_TEXT,
    wording::{self, Unfit},
};

use crate::{
    columns::Columns,
    draft::{PlanDraft, TargetDraft},
    indicators,
    leaders::is_han,
    outline::Outline,
    report::{HeadPart, Remark, Report},
    row::{Parts, due},
    sheet::Sheet,
    tables::Tables,
    units,
};

/// Reads a plan. What cannot be read is a problem of the report; a plan comes back only if its head could be read.
pub(crate) fn read(
    sheet: &Sheet,
    year: i32,
    tables: &Tables,
    report: &mut Report,
) -> Option<PlanDraft> {
    fit(sheet, report);
    let head = Head::read(sheet, year, report);
    let headers = sheet.headers.iter();
    let columns: Vec<Columns> = headers.map(|it| Columns::of(it, report)).collect();
    let mut outline = Outline::default();
    let mut targets = Vec::new();
    for row in &sheet.rows {
        let number = u32::try_from(targets.len())
            .unwrap_or(u32::MAX)
            .saturating_add(1);
        let Some(columns) = columns.get(row.header) else {
            continue;
        };
        let Some(parts) = Parts::of(row, columns, report) else {
            report.problem(row.line, None, Remark::RowUnclear);
            continue;
        };
        let target = target(
            row.line,
            parts,
            (year, number),
            &mut outline,
            tables,
            report,
        );
        targets.extend(target);
    }
    if targets.is_empty() {
        report.problem(1, None, Remark::NoTable);
    }
    if targets.len() > MOST_TARGETS {
        report.problem(1, None, Remark::TooManyTargets { most: MOST_TARGETS });
    }
    for target in &targets {
        within(target.source_line, &target.text, LONGEST_TEXT, report);
        let mut above = Some(target.section);
        while let Some(section) = above.and_then(|at| outline.sections.get(at)) {
            within(target.source_line, &section.title, LONGEST_TITLE, report);
            above = section.parent;
        }
    }
    let mut leaders: Vec<String> = Vec::new();
    for name in targets.iter().flat_map(|target| &target.leaders) {
        if !leaders.contains(name) {
            leaders.push(name.clone());
        }
    }
    let head = head?;
    for (text, most) in [
        (&head.title, LONGEST_TITLE),
        (&head.document_number, LONGEST_ISSUER),
        (&head.issuer, LONGEST_ISSUER),
    ] {
        within(1, text, most, report);
    }
    Some(PlanDraft {
        year,
        title: head.title,
        document_number: head.document_number,
        issuer: head.issuer,
        issued_on: head.issued_on,
        sections: outline.sections,
        leaders,
        units: tables.units.clone(),
        groups: tables.groups.clone(),
        corrections: tables.corrections.clone(),
        targets,
    })
}

/// The most targets of a plan.
const MOST_TARGETS: usize = 2000;
/// The most characters of a title or a heading.
const LONGEST_TITLE: usize = 200;
/// The most characters of a document's number and of its issuer.
const LONGEST_ISSUER: usize = 100;

/// The texts that are kept hold what typed ones may.
fn fit(sheet: &Sheet, report: &mut Report) {
    let mut check = |line, column, text: &str| {
        if let Err(Unfit::UnfitCharacter { character }) = wording::check_text(text) {
            report.problem(line, column, Remark::UnfitCharacter { character });
        }
    };
    for (line, text) in &sheet.preamble {
        check(*line, None, text);
    }
    for row in &sheet.rows {
        for (cell, column) in row.cells.iter().zip(1..) {
            check(row.line, Some(column), cell);
        }
    }
}

/// The names of a row's leaders in their one form. One that breaks the rule for names is a problem.
fn fit_names(line: u32, names: Vec<String>, report: &mut Report) -> Vec<String> {
    names
        .into_iter()
        .map(|name| match wording::name(&name, LONGEST_NAME) {
            Ok(fit) => fit,
            Err(reason) => {
                let unfit = name.clone();
                report.problem(
                    line,
                    None,
                    Remark::NameUnfit {
                        name: unfit,
                        reason,
                    },
                );
                name
            }
        })
        .collect()
}

fn within(line: u32, text: &str, most: usize, report: &mut Report) {
    if text.chars().count() > most {
        report.problem(line, None, Remark::TooLong { most });
    }
}

/// What the lines before the table say of the document.
struct Head {
    title: String,
    document_number: String,
    issuer: String,
    issued_on: NaiveDate,
}

impl Head {
    fn read(sheet: &Sheet, year: i32, report: &mut Report) -> Option<Self> {
        let lines: Vec<(u32, &str)> = sheet
            .preamble
            .iter()
            .map(|(line, text)| (*line, text.trim_start_matches('#').trim()))
            .filter(|(_, text)| !text.is_empty())
            .collect();
        let document_number = lines.iter().find(|(_, text)| is_document_number(text));
        let dated = lines
            .iter()
            .enumerate()
            .find_map(|(at, (_, text))| date(text).map(|date| (at, date)));
        let issuer = dated.and_then(|(at, _)| lines.get(at.checked_sub(1)?));
        let title = lines.last();
        for (found, part) in [
            (document_number.is_some(), HeadPart::Number),
            (dated.is_some(), HeadPart::Date),
            (issuer.is_some(), HeadPart::Issuer),
            (title.is_some(), HeadPart::Title),
        ] {
            if !found {
                report.problem(1, None, Remark::HeadMissing(part));
            }
        }
        let (line, title) = title?;
        let title = without_spaces_between(title);
        match stated_year(&title) {
            Some(stated) if stated != year => report.problem(
                *line,
                None,
                Remark::OtherYear {
                    stated,
                    asked: year,
                },
            ),
            Some(_) => {}
            None => report.doubt(
                *line,
                Remark::NoYear {
                    title: title.clone(),
                },
            ),
        }
        Some(Self {
            document_number: document_number?.1.to_owned(),
            issuer: issuer?.1.to_owned(),
            issued_on: dated?.1,
            title,
        })
    }
}

/// `台政发〔2022〕9号`
fn is_document_number(text: &str) -> bool {
    text.ends_with('号') && text.contains('〔') && text.contains('〕')
}

/// `2022年5月27日`, and nothing else.
pub(crate) fn date(text: &str) -> Option<NaiveDate> {
    let (year, rest) = text.split_once('年')?;
    let (month, rest) = rest.split_once('月')?;
    let day = rest.strip_suffix('日')?;
    NaiveDate::from_ymd_opt(
        year.trim().parse().ok()?,
        month.trim().parse().ok()?,
        day.trim().parse().ok()?,
    )
}

/// The first four digits before a 年.
fn stated_year(text: &str) -> Option<i32> {
    text.split('年').rev().skip(1).find_map(|before| {
        let digits: String = before
            .chars()
            .rev()
            .take_while(char::is_ascii_digit)
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
            .collect();
        (digits.len() == 4).then(|| digits.parse().ok()).flatten()
    })
}

/// Space between Chinese characters and numbers is the printer's, not the title's.
fn without_spaces_between(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let around = |at: usize| {
        let before = at.checked_sub(1).and_then(|at| characters.get(at));
        (before, characters.get(at + 1))
    };
    characters
        .iter()
        .enumerate()
        .filter(|(at, c)| {
            let (before, after) = around(*at);
            let chinese = |c: Option<&char>| c.is_some_and(|c| is_han(*c));
            !(c.is_whitespace() && (chinese(before) || chinese(after)))
        })
        .map(|(_, c)| *c)
        .collect()
}

/// Reads a row's target: of a plan's year, and with its number.
fn target(
    line: u32,
    parts: Parts<'_>,
    (year, number): (i32, u32),
    outline: &mut Outline,
    tables: &Tables,
    report: &mut Report,
) -> Option<TargetDraft> {
    let section = outline.place(line, &parts.headings, tables, report);
    if section.is_none() {
        report.problem(line, None, Remark::NoHeading);
    }
    let responsible = units::read(line, &parts.units, tables, report);
    let due_on = parts.due.and_then(|(column, text)| {
        let due = due(text, year);
        if due.is_none() {
            let text = text.to_owned();
            report.doubt_at(line, column, Remark::DueUnclear { text });
        }
        due
    });
    // Nobody is both: a cell of units has come to the place of leaders.
    for name in &parts.leaders {
        if tables.unit(name).is_some() {
            let name = name.clone();
            report.problem(line, None, Remark::LeaderIsUnit { name });
        }
    }
    let text = parts.text.to_owned();
    let plain_text = plain(&text);
    let indicators = indicators::read(line, number, &plain_text, tables, report);
    Some(TargetDraft {
        number,
        plain_text,
        text,
        source_line: line,
        section: section?,
        leaders: fit_names(line, parts.leaders, report),
        due_on,
        open_ended: responsible.open_ended,
        assignments: responsible.assignments,
        designations: responsible.designations,
        indicators,
    })
}

/// A text without its `<sub>` mark-up, and without the space that the mark-up brought.
pub fn plain(text: &str) -> String {
    text.replace(" <sub>", "")
        .replace("<sub>", "")
        .replace("</sub> ", "")
        .replace("</sub>", "")
}
