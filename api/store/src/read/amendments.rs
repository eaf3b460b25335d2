//! Amendments of targets (调整): their history, for whoever sees the target; and where targets were carried over to.

use entity::{
    amendment,
    ids::{AmendmentId, TargetId},
    target,
};
use sea_orm::ColumnTrait;
use serde::{Deserialize, Serialize};

use crate::{
    Call, Direction, Page, PageArgs, Result, Seen, TargetKey,
    page::{Key, Sort, by},
    scoped::{List, Scoped, counts, pages},
};

/// What one side of an amendment says of a target, in names, as they were then; none where it was not changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AmendedSide {
    /// The text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The titles of the section, from the top down; in drafts alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub section: Option<Vec<String>>,
    /// The due date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_on: Option<chrono::NaiveDate>,
    /// The names of the leaders, in their order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leaders: Option<Vec<String>>,
    /// The units with their parts, in their order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub units: Option<Vec<AmendedUnit>>,
    /// The indicators, in their order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub indicators: Option<Vec<AmendedIndicator>>,
}

/// A unit's part, as an amendment tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AmendedUnit {
    /// The unit's name.
    pub unit: String,
    /// Its part.
    pub role: entity::kinds::AssignmentRole,
    /// The name of the unit that acts for it.
    pub acting_unit: Option<String>,
}

/// An indicator, as an amendment tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AmendedIndicator {
    /// Its name.
    pub name: String,
    /// At least or at most.
    pub comparison: entity::kinds::Comparison,
    /// The goal, an exact decimal number.
    pub goal: String,
    /// Its unit of measure.
    pub unit_of_measure: String,
    /// What sort of number it is.
    pub kind: entity::kinds::IndicatorKind,
    /// The phrase of the text.
    pub phrase: String,
}

/// What an amendment changed: before, and after.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AmendedParts {
    /// As it was.
    pub before: AmendedSide,
    /// As it is since.
    pub after: AmendedSide,
}

/// Which list of amendments: all of a target's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Amendments;

impl Seen<amendment::Model> {
    /// What it changed.
    pub fn parts(&self) -> AmendedParts {
        // Written by the amendment alone, as such parts.
        serde_json::from_value(self.0.changes.clone()).unwrap_or_default()
    }
}

impl Call {
    /// A page of the amendments of each target, newest first, in one statement.
    pub async fn amendments_of_targets(
        &self,
        targets: &[TargetKey],
        args: &PageArgs,
    ) -> Result<Vec<Result<Page<Seen<amendment::Model>>>>> {
        let lists = targets
            .iter()
            .map(|target| List {
                name: format!("amendments of target {}", target.id().0),
                rows: self.amendments_of(*target),
            })
            .collect();
        let sort = Sort {
            columns: vec![by(amendment::Entity, amendment::Column::Id)],
            direction: Direction::Descending,
        };
        pages(self, lists, args, &sort, |row: &amendment::Model| {
            vec![Key::Number(row.id.0)]
        })
        .await
    }

    /// How many amendments each target has, in one statement.
    pub async fn amendment_counts(&self, targets: &[TargetKey]) -> Result<Vec<i64>> {
        let scopes = targets.iter().map(|target| self.amendments_of(*target));
        counts(self, scopes.collect()).await
    }

    fn amendments_of(&self, target: TargetKey) -> Scoped<amendment::Entity> {
        Scoped::new(self).and(amendment::Column::TargetId.eq(target.id()))
    }

    /// Amendments by key.
    pub async fn amendments_by_id(
        &self,
        ids: &[AmendmentId],
    ) -> Result<Vec<Seen<amendment::Model>>> {
        Scoped::<amendment::Entity>::new(self)
            .and(self.among(amendment::Column::Id, ids.iter().copied()))
            .all(&self.reader())
            .await
    }

    /// The targets in which targets were carried over, of those that the viewer may see.
    pub async fn carried_to(
        &self,
        targets: &[TargetId],
    ) -> Result<Vec<(TargetId, Seen<target::Model>)>> {
        let rows = Scoped::<target::Entity>::new(self)
            .and(self.among(target::Column::CarriedFromId, targets.iter().copied()))
            .all(&self.reader())
            .await?;
        Ok(rows
            .into_iter()
            .filter_map(|row| row.carried_from_id.map(|from| (from, row)))
            .collect())
    }
}
