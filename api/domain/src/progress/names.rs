//! What the things are called of which the reasons for a light speak.

use std::collections::BTreeMap;

use entity::kinds::Comparison;

/// What the things are called of which the reasons for a light speak, by their keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// The target's indicators.
    pub indicators: BTreeMap<i64, IndicatorName>,
    /// The plan's reporting periods, such as 2022年6月.
    pub periods: BTreeMap<i64, String>,
    /// The titles of the target's milestones in force.
    pub milestones: BTreeMap<i64, String>,
    /// Why the office has set the light by hand; none where it has not.
    pub override_reason: Option<String>,
}

/// What an indicator is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndicatorName {
    /// Its name.
    pub name: String,
    /// On which side of the goal a reading is good.
    pub comparison: Comparison,
    /// The unit of measure, such as 家 or %.
    pub unit: String,
    /// A person has confirmed what was read from the target's text.
    pub confirmed: bool,
}
