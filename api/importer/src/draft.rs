//! A plan as it was read, before it has keys.

use chrono::NaiveDate;
use entity::kinds::{AssignmentRole, Comparison, GroupResolution, IndicatorKind, UnitKind};
use rust_decimal::Decimal;

/// A plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanDraft {
    /// The year.
    pub year: i32,
    /// The title of the table.
    pub title: String,
    /// The number of the document.
    pub document_number: String,
    /// Who issued it.
    pub issuer: String,
    /// When.
    pub issued_on: NaiveDate,
    /// The outline, parents before children, in document order.
    pub sections: Vec<SectionDraft>,
    /// The leaders, in the order in which the document first names them.
    pub leaders: Vec<String>,
    /// The register of units, whole.
    pub units: Vec<UnitDraft>,
    /// The unit groups.
    pub groups: Vec<GroupDraft>,
    /// The reviewed corrections of headings, whole.
    pub corrections: Vec<CorrectionDraft>,
    /// The targets, in document order.
    pub targets: Vec<TargetDraft>,
}

/// A heading as a document may have it, and as it is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorrectionDraft {
    /// As the document has it.
    pub heading: String,
    /// As it is meant.
    pub corrected: String,
    /// Why.
    pub reason: String,
}

/// A heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SectionDraft {
    /// The heading above, by its place in the list.
    pub parent: Option<usize>,
    /// 1 to 3.
    pub level: u8,
    /// Place among the headings of the same parent, from 1.
    pub ordinal: u32,
    /// The heading.
    pub title: String,
}

/// A unit of the register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitDraft {
    /// Name as documents use it.
    pub name: String,
    /// Full name, where known for certain.
    pub full_name: Option<String>,
    /// What sort of organisation it is.
    pub kind: UnitKind,
    /// GB/T 2260 code.
    pub code: Option<String>,
    /// Other names.
    pub aliases: Vec<String>,
}

/// A phrase that stands for several units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupDraft {
    /// The phrase.
    pub name: String,
    /// Whether it stands for its members or awaits a designation.
    pub resolution: GroupResolution,
    /// The members, by name.
    pub members: Vec<String>,
}

/// A target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetDraft {
    /// Number in the document, from 1.
    pub number: u32,
    /// Text as the document has it.
    pub text: String,
    /// Text without mark-up.
    pub plain_text: String,
    /// Line of the document.
    pub source_line: u32,
    /// Its heading, by its place in the list.
    pub section: usize,
    /// Leaders, in document order.
    pub leaders: Vec<String>,
    /// The day on which it is due, where the document names one.
    pub due_on: Option<NaiveDate>,
    /// The list of units ends with 等.
    pub open_ended: bool,
    /// Units with their parts.
    pub assignments: Vec<AssignmentDraft>,
    /// Phrases that name nobody yet.
    pub designations: Vec<DesignationDraft>,
    /// Numbers in the text.
    pub indicators: Vec<IndicatorDraft>,
}

/// A unit's part in a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssignmentDraft {
    /// The unit, by name.
    pub unit: String,
    /// The unit in brackets that acts for it.
    pub acting_unit: Option<String>,
    /// Its part.
    pub role: AssignmentRole,
    /// Place of the phrase in the list, from 1.
    pub ordinal: u32,
    /// The group whose phrase named it.
    pub group: Option<String>,
}

/// A phrase that names nobody yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DesignationDraft {
    /// The phrase as the document has it.
    pub phrase: String,
    /// The group of that name.
    pub group: String,
    /// The part that its units will have.
    pub role: AssignmentRole,
    /// Place of the phrase in the list, from 1.
    pub ordinal: u32,
}

/// A number in a target's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndicatorDraft {
    /// What is measured.
    pub name: String,
    /// At least or at most.
    pub comparison: Comparison,
    /// The goal.
    pub goal: Decimal,
    /// Its unit of measure.
    pub unit_of_measure: String,
    /// What sort of number it is.
    pub kind: IndicatorKind,
    /// The exact phrase of the plain text.
    pub phrase: String,
    /// It was reviewed by hand.
    pub confirmed: bool,
}
