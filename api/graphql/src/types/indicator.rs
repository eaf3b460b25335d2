//! Indicator (量化指标).

use async_graphql::{ID, Object};
use entity::indicator;
use store::Seen;

use crate::{
    enums::{Comparison, IndicatorKind},
    id::Global,
    scalar::Decimal,
};

#[derive(Clone)]
pub(crate) struct Indicator(Seen<indicator::Model>);

impl From<Seen<indicator::Model>> for Indicator {
    fn from(row: Seen<indicator::Model>) -> Self {
        Self(row)
    }
}

/// A number inside a target's text, with the phrase it was read from (量化指标).
#[Object]
impl Indicator {
    /// The ID of the indicator.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// What is measured.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// How a reading is compared with the goal.
    async fn comparison(&self) -> Comparison {
        self.0.comparison.into()
    }

    /// The goal, in `unitOfMeasure`: 1.8万家 is 18000.
    async fn goal(&self) -> Decimal {
        Decimal(self.0.goal.clone())
    }

    /// The unit of measure, such as 家, 元 or %.
    async fn unit_of_measure(&self) -> &str {
        &self.0.unit_of_measure
    }

    /// What sort of number it is.
    async fn kind(&self) -> IndicatorKind {
        self.0.kind.into()
    }

    /// The exact phrase of the target's plain text.
    async fn phrase(&self) -> &str {
        &self.0.phrase
    }

    /// A person has reviewed what was read from the phrase.
    async fn confirmed(&self) -> bool {
        self.0.confirmed
    }
}
