//! Which column of a table holds what: by the names in its header (domain.md §3).
//!
//! A table that names no more than targets, leaders and units, as Taizhou's does, is read from the right end of each row: its rows lose
//! tabs before the target's text, and a cell of leaders now and then. Any other is read by its names alone.

use crate::{
    report::{Remark, Report},
    sheet::Header,
    units::Share,
};

const TARGETS: &str = "目标任务";
const LEADERS: &str = "责任领导";
const NUMBERS: &str = "序号";
const DUE: &str = "完成时限";
/// The most columns of a table.
const MOST_COLUMNS: usize = 50;
/// Columns of units, and who of those that they name leads.
const UNITS: [(&str, Share); 3] = [
    ("责任单位", Share::FirstLeads),
    ("牵头单位", Share::AllLead),
    ("配合单位", Share::AllSupport),
];

/// Whether a row is a header: it names a column of targets and one of those that lead.
pub(crate) fn is_header(cells: &[String]) -> bool {
    let names = |wanted: &str| cells.iter().any(|cell| cell == wanted);
    let leading = UNITS
        .iter()
        .filter(|(_, share)| *share != Share::AllSupport);
    names(TARGETS) && leading.map(|(name, _)| *name).any(names)
}

/// How the rows below a header are read.
pub(crate) enum Columns {
    /// From their right end: units, leaders, text, headings.
    FromTheRight,
    /// By the names of the columns.
    Named(Named),
}

/// Places of columns, from 0.
pub(crate) struct Named {
    /// Where headings may stand, and the text: what is filled last of them, from `targets` on.
    pub(crate) outline: Vec<usize>,
    pub(crate) targets: usize,
    pub(crate) leaders: usize,
    pub(crate) units: Vec<(usize, Share)>,
    pub(crate) due: Option<usize>,
}

impl Columns {
    /// Reads a header. A column that is needed and not there is a problem; one that nobody knows, or that is there already, a doubt, but
    /// before the targets it holds headings.
    pub(crate) fn of(header: &Header, report: &mut Report) -> Self {
        let at = |wanted: &str| header.cells.iter().position(|cell| cell == wanted);
        let plain = [TARGETS, LEADERS, UNITS[0].0];
        let named = || header.cells.iter().filter(|cell| !cell.is_empty());
        if named().all(|cell| plain.contains(&cell.as_str())) {
            return Self::FromTheRight;
        }
        if header.cells.len() > MOST_COLUMNS {
            let most = MOST_COLUMNS;
            report.problem(header.line, None, Remark::TooManyColumns { most });
            return Self::FromTheRight;
        }
        let targets = at(TARGETS).unwrap_or_default();
        let known = |cell: &str| {
            [TARGETS, LEADERS, NUMBERS, DUE].contains(&cell)
                || UNITS.iter().any(|(name, _)| *name == cell)
        };
        let mut outline = Vec::new();
        // The targets' own column may be as wide as several: up to the next that has a name.
        let mut after = false;
        for (place, cell) in header.cells.iter().enumerate() {
            let first = at(cell) == Some(place);
            after |= place > targets && !cell.is_empty();
            if place == targets || !after && (cell.is_empty() || !known(cell)) {
                outline.push(place);
            } else if !(cell.is_empty() || known(cell) && first) {
                let heading = cell.clone();
                report.doubt_once(header.line, Remark::ColumnLeftOut { heading });
            }
        }
        let leaders = at(LEADERS).unwrap_or_else(|| {
            let heading = LEADERS.to_owned();
            report.problem(header.line, None, Remark::ColumnMissing { heading });
            usize::MAX
        });
        Self::Named(Named {
            outline,
            targets,
            leaders,
            units: UNITS
                .iter()
                .filter_map(|(name, share)| Some((at(name)?, *share)))
                .collect(),
            due: at(DUE),
        })
    }
}
