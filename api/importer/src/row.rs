//! A row of the table taken apart: headings, text, leaders, units and the day on which the target is due.

use chrono::{Datelike, Months, NaiveDate};

use crate::{
    columns::{Columns, Named},
    leaders::{names, names_before_units},
    plan::date,
    report::{Remark, Report},
    sheet::Row,
    units::{List, Share},
};

/// What a row holds.
pub(crate) struct Parts<'a> {
    pub(crate) headings: Vec<&'a str>,
    pub(crate) text: &'a str,
    pub(crate) leaders: Vec<String>,
    pub(crate) units: Vec<List<'a>>,
    /// The cell of the due date, with its place from 1, where there is such a column.
    pub(crate) due: Option<(u32, &'a str)>,
}

impl<'a> Parts<'a> {
    /// Takes a row apart; none where it is not one of a target.
    pub(crate) fn of(row: &'a Row, columns: &Columns, report: &mut Report) -> Option<Self> {
        match columns {
            Columns::FromTheRight => Self::from_the_right(row, report),
            Columns::Named(named) => Self::named(row, named),
        }
    }

    fn named(row: &'a Row, columns: &Named) -> Option<Self> {
        let cell = |at: usize| row.cells.get(at).map_or("", String::as_str);
        let mut outline = columns.outline.iter().copied();
        let text_at = outline.rfind(|at| *at >= columns.targets && !cell(*at).is_empty())?;
        let list = |(at, share): &(usize, Share)| List {
            column: place(*at),
            cell: cell(*at),
            share: *share,
        };
        Some(Self {
            headings: outline.map(cell).collect(),
            text: cell(text_at),
            leaders: names(cell(columns.leaders))?,
            units: columns.units.iter().map(list).collect(),
            due: columns.due.map(|at| (place(at), cell(at))),
        })
    }

    fn from_the_right(row: &'a Row, report: &mut Report) -> Option<Self> {
        let filled = |before: usize| {
            row.cells
                .get(..before)?
                .iter()
                .rposition(|cell| !cell.is_empty())
        };
        let last = filled(row.cells.len())?;
        let units = row.cells.get(last)?.as_str();
        let before = filled(last)?;
        let (leaders, units, text_at) = match names(row.cells.get(before)?) {
            Some(leaders) if filled(before).is_some() => (leaders, units, filled(before)?),
            _ => {
                let (leaders, units) = names_before_units(units)?;
                report.doubt(
                    row.line,
                    Remark::SharedCell {
                        leaders: leaders.join(" "),
                    },
                );
                (leaders, units, before)
            }
        };
        Some(Self {
            headings: row
                .cells
                .get(..text_at)?
                .iter()
                .map(String::as_str)
                .collect(),
            text: row.cells.get(text_at)?,
            leaders,
            units: vec![List {
                column: place(last),
                cell: units,
                share: Share::FirstLeads,
            }],
            due: None,
        })
    }
}

/// A place from 1, of one from 0.
fn place(at: usize) -> u32 {
    u32::try_from(at).map_or(u32::MAX, |at| at.saturating_add(1))
}

/// The day of a due date as documents write it: 2022年6月30日（前）, 6月30日, 2022年6月（底）, 6月底前, 2022年底, 年底, 全年. A month is
/// meant to its end. None where it is none of these, or not in the plan's year or the one after.
pub(crate) fn due(text: &str, year: i32) -> Option<NaiveDate> {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let text = text.replace("年年底", "年底").replace("年内", "年底");
    let day = ["之前", "以前", "前"]
        .iter()
        .find_map(|end| text.strip_suffix(end));
    let day = day.unwrap_or(&text);
    let to_the_end = day.strip_suffix(['底', '末']);
    let with_year = |text: &str| match text.contains('年') {
        true => text.to_owned(),
        false => format!("{year}年{text}"),
    };
    let found = if let Some(day) = date(&with_year(day)) {
        Some(day)
    } else if text == "全年" || to_the_end == Some("年") {
        NaiveDate::from_ymd_opt(year, 12, 31)
    } else {
        let month = to_the_end.or_else(|| (day == text).then_some(day))?;
        if let Some(year) = month.strip_suffix('年') {
            NaiveDate::from_ymd_opt(year.parse().ok()?, 12, 31)
        } else {
            let first = date(&format!("{}1日", with_year(month)))?;
            let next = first.checked_add_months(Months::new(1))?;
            month.ends_with('月').then(|| next.pred_opt()).flatten()
        }
    };
    found.filter(|day| (year..=year.saturating_add(1)).contains(&day.year()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn due_dates_as_documents_write_them() {
        for (text, expected) in [
            ("2022年6月30日", Some((2022, 6, 30))),
            ("2022年6月30日前", Some((2022, 6, 30))),
            ("6月30日前", Some((2022, 6, 30))),
            ("2022年6月", Some((2022, 6, 30))),
            ("2022 年 2 月底", Some((2022, 2, 28))),
            ("12月底前", Some((2022, 12, 31))),
            ("9月末", Some((2022, 9, 30))),
            ("2023年3月底", Some((2023, 3, 31))),
            ("2022年底", Some((2022, 12, 31))),
            ("年底前", Some((2022, 12, 31))),
            ("年底之前", Some((2022, 12, 31))),
            ("年内", Some((2022, 12, 31))),
            ("2022年年底", Some((2022, 12, 31))),
            ("6月30日以前", Some((2022, 6, 30))),
            ("2022年", Some((2022, 12, 31))),
            ("全年", Some((2022, 12, 31))),
            // Before it begins, or by its end?
            ("6月前", None),
            ("2022年前", None),
            ("2021年底", None),
            ("2024年1月", None),
            ("6月31日", None),
            ("13月", None),
            ("持续推进", None),
            ("", None),
            ("底", None),
            ("年", None),
        ] {
            let expected = expected.and_then(|(y, m, d)| NaiveDate::from_ymd_opt(y, m, d));
            assert_eq!(due(text, 2022), expected, "{text}");
        }
    }
}
