//! The small reviewed tables beside a document: corrections, units, groups and indicators.

use std::{collections::HashSet, fmt, io::ErrorKind, path::Path};

use domain::{
    directory::{LONGEST_FULL_NAME, LONGEST_NAME},
    wording,
};
use entity::kinds::{Comparison, GroupResolution, IndicatorKind, UnitKind};
use rust_decimal::Decimal;

use crate::{
    draft::{CorrectionDraft, GroupDraft, UnitDraft},
    report::{Remark, Report},
    wording::{shown, words},
};

/// The texts of the tables.
#[derive(Clone, Copy, Debug)]
pub struct TableFiles<'a> {
    /// `corrections.tsv`
    pub corrections: &'a str,
    /// `units.tsv`
    pub units: &'a str,
    /// `groups.tsv`
    pub groups: &'a str,
    /// `indicators.tsv`
    pub indicators: &'a str,
}

/// The reviewed tables.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    pub(crate) corrections: Vec<CorrectionDraft>,
    pub(crate) units: Vec<UnitDraft>,
    pub(crate) groups: Vec<GroupDraft>,
    reviews: Vec<Review>,
}

/// A table that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadTable {
    /// The table's file.
    pub file: String,
    /// The line, from 1; 0 when it is about the file as a whole.
    pub line: u64,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for BadTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.file, self.message),
            line => write!(f, "{}, line {line}: {}", self.file, self.message),
        }
    }
}

/// What a person found in a phrase of a target.
#[derive(Clone, Debug)]
pub(crate) struct Review {
    pub(crate) target: u32,
    pub(crate) phrase: String,
    /// The indicator; none when there is none in the phrase, whatever a rule may think.
    pub(crate) indicator: Option<Reviewed>,
}

/// An indicator that a person confirmed.
#[derive(Clone, Debug)]
pub(crate) struct Reviewed {
    pub(crate) name: String,
    pub(crate) comparison: Comparison,
    pub(crate) goal: Decimal,
    pub(crate) unit_of_measure: String,
    pub(crate) kind: IndicatorKind,
}

impl Tables {
    /// Reads the tables.
    ///
    /// # Errors
    /// Every row that cannot be read, of all tables.
    pub fn parse(files: &TableFiles<'_>) -> Result<Self, Vec<BadTable>> {
        let mut bad = Vec::new();
        let mut tables = Self {
            corrections: rows(
                "corrections.tsv",
                files.corrections,
                ["heading", "corrected", "reason"],
                &mut bad,
                correction,
            ),
            units: rows(
                "units.tsv",
                files.units,
                ["name", "full_name", "kind", "code", "aliases"],
                &mut bad,
                unit,
            ),
            groups: Vec::new(),
            reviews: rows(
                "indicators.tsv",
                files.indicators,
                [
                    "target",
                    "phrase",
                    "name",
                    "comparison",
                    "goal",
                    "unit_of_measure",
                    "kind",
                ],
                &mut bad,
                review,
            ),
        };
        tables.groups = rows(
            "groups.tsv",
            files.groups,
            ["name", "resolution", "members"],
            &mut bad,
            |row| {
                let group = group(row)?;
                match group
                    .members
                    .iter()
                    .find(|name| tables.unit(name).is_none())
                {
                    Some(name) => Err(format!("the member {name} is not in the register of units")),
                    None => Ok(group),
                }
            },
        );
        tables.check_names(&mut bad);
        if bad.is_empty() { Ok(tables) } else { Err(bad) }
    }

    /// The tables of a register that is kept elsewhere. Of two units with one name, the first has it; there are no reviews of
    /// indicators, which are of one document alone.
    pub fn of(
        mut units: Vec<UnitDraft>,
        groups: Vec<GroupDraft>,
        corrections: Vec<CorrectionDraft>,
    ) -> Self {
        let mut names: HashSet<String> = units.iter().map(|unit| unit.name.clone()).collect();
        for unit in &mut units {
            unit.aliases.retain(|alias| names.insert(alias.clone()));
        }
        Self {
            corrections,
            units,
            groups,
            reviews: Vec::new(),
        }
    }

    /// Reads the tables of a folder. `corrections.tsv` and `indicators.tsv` may be missing.
    ///
    /// # Errors
    /// A table that is missing, and every row that cannot be read.
    pub fn load(folder: &Path) -> Result<Self, Vec<BadTable>> {
        let mut bad = Vec::new();
        let mut file = |name: &str, optional: bool| match std::fs::read_to_string(folder.join(name))
        {
            Ok(text) => text,
            Err(error) if optional && error.kind() == ErrorKind::NotFound => String::new(),
            Err(error) => {
                let message = match error.kind() {
                    ErrorKind::NotFound => {
                        "there is no such file in the document's folder".to_owned()
                    }
                    ErrorKind::InvalidData => "not a text in UTF-8".to_owned(),
                    _ => error.to_string(),
                };
                bad.push(BadTable {
                    file: name.to_owned(),
                    line: 0,
                    message,
                });
                String::new()
            }
        };
        let (corrections, units) = (file("corrections.tsv", true), file("units.tsv", false));
        let (groups, indicators) = (file("groups.tsv", false), file("indicators.tsv", true));
        if !bad.is_empty() {
            return Err(bad);
        }
        Self::parse(&TableFiles {
            corrections: &corrections,
            units: &units,
            groups: &groups,
            indicators: &indicators,
        })
    }

    /// A name or alias that two units have would make a mention ambiguous.
    fn check_names(&self, bad: &mut Vec<BadTable>) {
        let names: Vec<&String> = self
            .units
            .iter()
            .flat_map(|unit| std::iter::once(&unit.name).chain(&unit.aliases))
            .collect();
        for (at, name) in names.iter().enumerate() {
            if names.iter().take(at).any(|other| other == name) {
                bad.push(BadTable {
                    file: "units.tsv".to_owned(),
                    line: 0,
                    message: format!("the name {name} is used twice"),
                });
            }
        }
    }

    /// The register's name for a unit that is mentioned by its name, full name or alias.
    pub(crate) fn unit(&self, mention: &str) -> Option<&str> {
        self.units
            .iter()
            .find(|unit| {
                unit.name == mention
                    || unit.full_name.as_deref() == Some(mention)
                    || unit.aliases.iter().any(|alias| alias == mention)
            })
            .map(|unit| unit.name.as_str())
    }

    /// The group of a phrase.
    pub(crate) fn group(&self, phrase: &str) -> Option<&GroupDraft> {
        self.groups.iter().find(|group| group.name == phrase)
    }

    /// A heading as it is meant.
    pub(crate) fn heading(&self, line: u32, heading: &str, report: &mut Report) -> String {
        match self
            .corrections
            .iter()
            .find(|correction| correction.heading == heading)
        {
            Some(correction) => {
                report.correction(
                    line,
                    Remark::HeadingCorrected {
                        heading: heading.to_owned(),
                        corrected: correction.corrected.clone(),
                        reason: correction.reason.clone(),
                    },
                );
                correction.corrected.clone()
            }
            None => heading.to_owned(),
        }
    }

    /// What a person found in a target.
    pub(crate) fn reviews(&self, target: u32) -> impl Iterator<Item = &Review> {
        self.reviews
            .iter()
            .filter(move |review| review.target == target)
    }
}

/// A row's cells by their column's place.
type Cells<'a> = &'a [&'a str];

fn correction(row: Cells<'_>) -> Result<CorrectionDraft, String> {
    Ok(CorrectionDraft {
        heading: required(row, 0)?,
        corrected: required(row, 1)?,
        reason: required(row, 2)?,
    })
}

fn unit(row: Cells<'_>) -> Result<UnitDraft, String> {
    Ok(UnitDraft {
        name: name(required(row, 0)?)?,
        full_name: optional(row, 1)
            .map(|full| fit(&full, LONGEST_FULL_NAME))
            .transpose()?,
        kind: word(row, 2, UnitKind::from_word)?,
        code: optional(row, 3),
        aliases: list(row, 4)
            .into_iter()
            .map(name)
            .collect::<Result<_, _>>()?,
    })
}

fn group(row: Cells<'_>) -> Result<GroupDraft, String> {
    Ok(GroupDraft {
        name: name(required(row, 0)?)?,
        resolution: word(row, 1, GroupResolution::from_word)?,
        members: list(row, 2),
    })
}

fn review(row: Cells<'_>) -> Result<Review, String> {
    let target = required(row, 0)?;
    Ok(Review {
        target: target
            .parse()
            .map_err(|_| format!("{target} is no target number"))?,
        phrase: required(row, 1)?,
        indicator: match optional(row, 2) {
            None => None,
            Some(name) => {
                let goal = required(row, 4)?;
                Some(Reviewed {
                    name,
                    comparison: word(row, 3, Comparison::from_word)?,
                    goal: goal.parse().map_err(|_| format!("{goal} is no number"))?,
                    unit_of_measure: required(row, 5)?,
                    kind: word(row, 6, IndicatorKind::from_word)?,
                })
            }
        },
    })
}

/// A name in its one form, as one that is typed has it.
fn name(given: String) -> Result<String, String> {
    fit(&given, LONGEST_NAME)
}

fn fit(given: &str, most: usize) -> Result<String, String> {
    wording::name(given, most)
        .map_err(|reason| format!("{} cannot be a name: {}", shown(given), words(&reason).0))
}

fn optional(row: Cells<'_>, at: usize) -> Option<String> {
    row.get(at)
        .filter(|cell| !cell.is_empty())
        .map(|cell| (*cell).to_owned())
}

fn required(row: Cells<'_>, at: usize) -> Result<String, String> {
    optional(row, at).ok_or_else(|| format!("column {} is empty", at + 1))
}

fn list(row: Cells<'_>, at: usize) -> Vec<String> {
    let cell = row.get(at).copied().unwrap_or_default();
    cell.split('|')
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect()
}

fn word<T>(row: Cells<'_>, at: usize, read: impl Fn(&str) -> Option<T>) -> Result<T, String> {
    let word = required(row, at)?;
    read(&word).ok_or_else(|| format!("{word} is not one of the words of column {}", at + 1))
}

/// The rows of a table with these columns, in this order. Lines that begin with # are comments.
fn rows<T, const N: usize>(
    file: &str,
    text: &str,
    columns: [&str; N],
    bad: &mut Vec<BadTable>,
    read: impl Fn(Cells<'_>) -> Result<T, String>,
) -> Vec<T> {
    let mut complain = |line: u64, message: String| {
        bad.push(BadTable {
            file: file.to_owned(),
            line,
            message,
        });
    };
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(b'\t')
        .comment(Some(b'#'))
        .quoting(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    match reader.headers() {
        Ok(headers) if text.trim().is_empty() || headers.iter().eq(columns) => {}
        Ok(_) => {
            complain(1, format!("the columns must be: {}", columns.join(", ")));
            return Vec::new();
        }
        Err(error) => {
            complain(1, error.to_string());
            return Vec::new();
        }
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        match record {
            Ok(record) => {
                let line = record.position().map_or(0, csv::Position::line);
                let cells: Vec<&str> = record.iter().map(str::trim).collect();
                let unfit = cells
                    .iter()
                    .find_map(|cell| wording::check_text(cell).err());
                if let Some(reason) = unfit {
                    complain(
                        line,
                        format!("a text here cannot be kept: {}", words(&reason).0),
                    );
                    continue;
                }
                match read(&cells) {
                    Ok(row) => rows.push(row),
                    Err(message) => complain(line, message),
                }
            }
            Err(error) => complain(0, error.to_string()),
        }
    }
    rows
}
