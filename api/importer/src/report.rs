//! What the importer has to say about a document, each with its place, in English and in Chinese.

use domain::wording::Unfit;

use crate::wording::{shown, words};

/// A remark about one place in a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The line, from 1.
    pub line: u32,
    /// The column of the row, from 1, where the remark is about one.
    pub column: Option<u32>,
    /// The remark.
    pub remark: Remark,
}

/// Each thing that there is to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remark {
    /// A heading was corrected as the reviewed table has it.
    HeadingCorrected {
        /// As the document has it.
        heading: String,
        /// As it is meant.
        corrected: String,
        /// Why.
        reason: String,
    },
    /// There is no table of targets.
    NoTable,
    /// Something that a document says at its head was not found.
    HeadMissing(HeadPart),
    /// The document is of another year.
    OtherYear {
        /// The year that its title states.
        stated: i32,
        /// The year for which it was to be imported.
        asked: i32,
    },
    /// The title states no year.
    NoYear {
        /// The title.
        title: String,
    },
    /// A column that every table needs is not there.
    ColumnMissing {
        /// Its name.
        heading: String,
    },
    /// A column is not read.
    ColumnLeftOut {
        /// Its name.
        heading: String,
    },
    /// A row that is not one of a target.
    RowUnclear,
    /// There are more columns than a table may have.
    TooManyColumns {
        /// The most.
        most: usize,
    },
    /// What stands in a leader's place is a unit.
    LeaderIsUnit {
        /// Its name.
        name: String,
    },
    /// A due date that is not there or cannot be read, or is not in the plan's year or the one after: the last day of the year is taken.
    DueUnclear {
        /// As the document has it.
        text: String,
    },
    /// A target stands under no heading.
    NoHeading,
    /// Leaders and units share a cell.
    SharedCell {
        /// The names that were read as leaders'.
        leaders: String,
    },
    /// A row begins too early.
    RowEarly {
        /// By how many columns.
        columns: usize,
        /// The heading to which it was counted.
        heading: String,
    },
    /// A heading has none above it.
    HeadingWithoutParent {
        /// The heading.
        heading: String,
        /// The empty column.
        column: usize,
    },
    /// A heading comes again after others.
    HeadingAgain {
        /// The heading.
        heading: String,
    },
    /// A row names no unit.
    NoUnit,
    /// A unit is not in the register.
    UnknownUnit {
        /// Its name.
        name: String,
    },
    /// A unit is named twice.
    UnitTwice {
        /// Its name.
        name: String,
    },
    /// A reviewed phrase is not in its target's text.
    PhraseMissing {
        /// The phrase.
        phrase: String,
        /// The target's number.
        target: u32,
    },
    /// A text is longer than it may be.
    TooLong {
        /// The most characters.
        most: usize,
    },
    /// A text holds a character that texts must not hold: it cannot be seen, or turns the direction of what follows.
    UnfitCharacter {
        /// The first one.
        character: char,
    },
    /// A name breaks the rule for names.
    NameUnfit {
        /// The name.
        name: String,
        /// Why.
        reason: Unfit,
    },
    /// There are more targets than a plan may have.
    TooManyTargets {
        /// The most.
        most: usize,
    },
    /// A leader is not in the register, and is added to it: a slip of the keyboard would become a person.
    NewLeader {
        /// The name.
        name: String,
    },
    /// An indicator was proposed by rule.
    IndicatorProposed {
        /// From which phrase.
        phrase: String,
    },
}

/// What a document says at its head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeadPart {
    /// Its number.
    Number,
    /// The day of issue.
    Date,
    /// Who issued it.
    Issuer,
    /// Its title.
    Title,
}

impl HeadPart {
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Number => (
                "number (such as 台政发〔2022〕9号)",
                "文号（如 台政发〔2022〕9号）",
            ),
            Self::Date => (
                "date of issue (such as 2022年5月27日)",
                "成文日期（如 2022年5月27日）",
            ),
            Self::Issuer => ("issuer (the line above the date)", "发文机关（日期上一行）"),
            Self::Title => (
                "title (the last line before the table)",
                "标题（表格前最后一行）",
            ),
        }
    }
}

impl Remark {
    /// The remark in English.
    pub fn english(&self) -> String {
        match self {
            Self::HeadingCorrected {
                heading,
                corrected,
                reason,
            } => format!("《{heading}》 is 《{corrected}》: {reason}"),
            Self::NoTable => "the document has no table of targets (目标任务, 责任单位)".to_owned(),
            Self::HeadMissing(part) => format!("the document's {} was not found", part.words().0),
            Self::OtherYear { stated, asked } => {
                format!("the document is of {stated}, and was to be imported for {asked}")
            }
            Self::NoYear { title } => format!("the title 《{title}》 states no year"),
            Self::ColumnMissing { heading } => format!("the table has no column {heading}"),
            Self::ColumnLeftOut { heading } => format!("the column {heading} is not read"),
            Self::TooManyColumns { most } => format!("a table has at most {most} columns"),
            Self::LeaderIsUnit { name } => format!("{name} is a unit, and stands in the place of a leader"),
            Self::DueUnclear { text } => format!(
                "《{text}》 is no due date (such as 2022年6月30日, 6月底前 or 年底) of the plan's year or the one after; 31 December is taken"
            ),
            Self::RowUnclear => {
                "the row was not understood: it needs cells for a target, its leaders (separated by spaces or 、) and its units (separated by 、)"
                    .to_owned()
            }
            Self::NoHeading => "the target stands under no heading".to_owned(),
            Self::SharedCell { leaders } => {
                format!("leaders and units share a cell; read as leaders {leaders}")
            }
            Self::RowEarly { columns, heading } => format!(
                "the row begins {columns} column(s) early; read as a target of 《{heading}》"
            ),
            Self::HeadingWithoutParent { heading, column } => {
                format!("《{heading}》 has no heading above it in column {column}")
            }
            Self::HeadingAgain { heading } => {
                format!("《{heading}》 comes again after other headings")
            }
            Self::NoUnit => "the row names no responsible unit".to_owned(),
            Self::UnknownUnit { name } => format!("{name} is not in the register of units"),
            Self::UnitTwice { name } => format!("{name} is named twice; the first mention counts"),
            Self::PhraseMissing { phrase, target } => format!(
                "indicators.tsv has the phrase {phrase} for target {target}, which does not hold it"
            ),
            Self::TooLong { most } => format!("a text here is longer than {most} characters"),
            Self::UnfitCharacter { character } => {
                let code = u32::from(*character);
                format!("a text here holds a character that may not stand in it (U+{code:04X})")
            }
            Self::NameUnfit { name, reason } => {
                format!("{} cannot be a name: {}", shown(name), words(reason).0)
            }
            Self::TooManyTargets { most } => format!("a plan has at most {most} targets"),
            Self::NewLeader { name } => format!("new leader {name} will be registered"),
            Self::IndicatorProposed { phrase } => {
                format!("an indicator was proposed from {phrase}")
            }
        }
    }

    /// The remark in Chinese.
    pub fn chinese(&self) -> String {
        match self {
            Self::HeadingCorrected {
                heading,
                corrected,
                reason,
            } => format!("标题《{heading}》按《{corrected}》处理：{reason}"),
            Self::NoTable => "未找到目标任务表（应有“目标任务”“责任单位”等表头）。".to_owned(),
            Self::HeadMissing(part) => format!("未找到文件的{}。", part.words().1),
            Self::OtherYear { stated, asked } => {
                format!("文件标题为 {stated} 年度，与导入年度 {asked} 不符。")
            }
            Self::NoYear { title } => format!("标题《{title}》未写明年度。"),
            Self::ColumnMissing { heading } => format!("目标任务表缺少“{heading}”列。"),
            Self::ColumnLeftOut { heading } => format!("“{heading}”列未读取。"),
            Self::TooManyColumns { most } => format!("目标任务表最多 {most} 列。"),
            Self::LeaderIsUnit { name } => format!("责任领导处填写的“{name}”是单位名称。"),
            Self::DueUnclear { text } => format!(
                "“{text}”不是计划年度或下一年度的完成时限（如 2022年6月30日、6月底前、年底），已按12月31日处理。"
            ),
            Self::RowUnclear => "无法识别该行：应有目标任务、责任领导（以空格或顿号分隔）和责任单位（以顿号分隔）三个单元格。".to_owned(),
            Self::NoHeading => "该目标任务不在任何章节之下。".to_owned(),
            Self::SharedCell { leaders } => {
                format!("责任领导与责任单位在同一单元格，已按责任领导“{leaders}”识别。")
            }
            Self::RowEarly { columns, heading } => {
                format!("该行少 {columns} 列，已归入《{heading}》。")
            }
            Self::HeadingWithoutParent { heading, column } => {
                format!("《{heading}》在第 {column} 列没有上级标题。")
            }
            Self::HeadingAgain { heading } => format!("《{heading}》在其他标题之后再次出现。"),
            Self::NoUnit => "该行没有责任单位。".to_owned(),
            Self::UnknownUnit { name } => format!("单位名录中没有“{name}”。"),
            Self::UnitTwice { name } => format!("“{name}”出现两次，以第一次为准。"),
            Self::PhraseMissing { phrase, target } => {
                format!("indicators.tsv 中第 {target} 项的“{phrase}”不在该目标任务原文中。")
            }
            Self::TooLong { most } => format!("此处文字超过 {most} 个字符。"),
            Self::UnfitCharacter { character } => {
                let code = u32::from(*character);
                format!("此处文字含有不可使用的字符（U+{code:04X}）。")
            }
            Self::NameUnfit { name, reason } => {
                format!("“{}”不能作为名称：{}。", shown(name), words(reason).1)
            }
            Self::TooManyTargets { most } => format!("一个计划最多 {most} 项目标任务。"),
            Self::NewLeader { name } => format!("将登记新的责任领导“{name}”，请核对姓名。"),
            Self::IndicatorProposed { phrase } => {
                format!("根据“{phrase}”识别出一项量化指标，待确认。")
            }
        }
    }
}

/// Everything that there is to say about a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// What was corrected by the reviewed tables.
    pub corrections: Vec<Note>,
    /// What was read, but should be looked at.
    pub doubts: Vec<Note>,
    /// What could not be read: with any of these, nothing is imported.
    pub problems: Vec<Note>,
}

impl Report {
    pub(crate) fn correction(&mut self, line: u32, remark: Remark) {
        self.corrections.push(note(line, None, remark));
    }

    pub(crate) fn doubt(&mut self, line: u32, remark: Remark) {
        self.doubts.push(note(line, None, remark));
    }

    pub(crate) fn doubt_at(&mut self, line: u32, column: u32, remark: Remark) {
        self.doubts.push(note(line, Some(column), remark));
    }

    /// A doubt that is the same wherever it comes again.
    pub(crate) fn doubt_once(&mut self, line: u32, remark: Remark) {
        if !self.doubts.iter().any(|note| note.remark == remark) {
            self.doubt(line, remark);
        }
    }

    pub(crate) fn problem(&mut self, line: u32, column: Option<u32>, remark: Remark) {
        self.problems.push(note(line, column, remark));
    }
}

fn note(line: u32, column: Option<u32>, remark: Remark) -> Note {
    Note {
        line,
        column,
        remark,
    }
}
