//! Amendment (调整): what the supervision office changed of a target in force.

use async_graphql::{Context, ID, Object, SimpleObject};
use entity::amendment;
use store::{AmendedSide, Seen};

use super::{
    Target,
    actor::{Actor, actor},
};
use crate::{
    enums::{AssignmentRole, Comparison, IndicatorKind},
    error::ApiError,
    id::Global,
    request::Request,
    scalar::{Date, DateTime, Decimal},
};

#[derive(Clone)]
pub(crate) struct Amendment(Seen<amendment::Model>);

impl From<Seen<amendment::Model>> for Amendment {
    fn from(row: Seen<amendment::Model>) -> Self {
        Self(row)
    }
}

/// A unit's part in a target, as it was then.
#[derive(SimpleObject)]
pub(crate) struct AmendedUnit {
    /// The name of the unit.
    name: String,
    /// Its role.
    role: AssignmentRole,
    /// The name of the unit that acted for it (承办单位).
    acting_unit: Option<String>,
}

/// An indicator of a target, as it was then.
#[derive(SimpleObject)]
pub(crate) struct AmendedIndicator {
    /// The name of the indicator.
    name: String,
    /// At least or at most.
    comparison: Comparison,
    /// The goal, an exact decimal number.
    goal: Decimal,
    /// The unit of measure.
    unit_of_measure: String,
    /// What sort of number it is.
    kind: IndicatorKind,
    /// The phrase of the text.
    phrase: String,
}

/// One side of an amendment. What was not changed is null.
#[derive(SimpleObject)]
pub(crate) struct AmendedTarget {
    /// The text.
    text: Option<String>,
    /// The due date.
    due_on: Option<Date>,
    /// The names of the leaders, in their order.
    leaders: Option<Vec<String>>,
    /// The units, in their order.
    units: Option<Vec<AmendedUnit>>,
    /// The indicators, in their order.
    indicators: Option<Vec<AmendedIndicator>>,
}

impl From<AmendedSide> for AmendedTarget {
    fn from(side: AmendedSide) -> Self {
        let unit = |unit: store::AmendedUnit| AmendedUnit {
            name: unit.unit,
            role: unit.role.into(),
            acting_unit: unit.acting_unit,
        };
        let indicator = |indicator: store::AmendedIndicator| AmendedIndicator {
            name: indicator.name,
            comparison: indicator.comparison.into(),
            goal: Decimal(indicator.goal),
            unit_of_measure: indicator.unit_of_measure,
            kind: indicator.kind.into(),
            phrase: indicator.phrase,
        };
        Self {
            text: side.text,
            due_on: side.due_on.map(Date),
            leaders: side.leaders,
            units: side
                .units
                .map(|units| units.into_iter().map(unit).collect()),
            indicators: side
                .indicators
                .map(|indicators| indicators.into_iter().map(indicator).collect()),
        }
    }
}

/// What the supervision office changed of a target after its plan had been published, and why (调整). Seen by whoever sees the
/// target now.
#[Object]
impl Amendment {
    /// The ID of the amendment.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// When.
    async fn amended_at(&self) -> DateTime {
        DateTime(self.0.amended_at)
    }

    /// Who.
    async fn amended_by(&self, ctx: &Context<'_>) -> Option<Result<Actor, ApiError>> {
        actor(ctx, Some(self.0.amended_by())).await
    }

    /// Why.
    async fn reason(&self) -> &str {
        &self.0.reason
    }

    /// What was changed, as it was before.
    async fn before(&self) -> AmendedTarget {
        self.0.parts().before.into()
    }

    /// What was changed, as it is since.
    async fn after(&self) -> AmendedTarget {
        self.0.parts().after.into()
    }

    /// The target.
    async fn target(&self, ctx: &Context<'_>) -> Option<Result<Target, ApiError>> {
        Request::of(ctx).one(self.0.target_id).await
    }
}
