//! Indicator (量化指标).

use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use entity::indicator;
use store::{PageArgs, ReadingsOf, Seen};

use crate::{
    connection::{Counted, IndicatorReadingConnection},
    enums::{Comparison, IndicatorKind},
    error::ApiError,
    id::Global,
    loader::PageOf,
    request::Request,
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

    /// The readings, of the earliest period first: those of accepted reports, which are the ones that count, or of all
    /// reports that you may see (指标读数).
    async fn readings(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Items from the start, or after `after`. At most 100; 20 when neither `first` nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "Items from the end, or before `before`. At most 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
        #[graphql(
            desc = "Of accepted reports alone (true), or of all that you may see, drafts of your unit included.",
            default = true
        )]
        accepted: bool,
    ) -> Result<IndicatorReadingConnection, ApiError> {
        let request = Request::of(ctx);
        let which = if accepted {
            ReadingsOf::Accepted
        } else {
            ReadingsOf::Visible
        };
        let key = PageOf {
            parent: self.0.id,
            list: Arc::new(which),
            args: Arc::new(PageArgs {
                first,
                after,
                last,
                before,
            }),
        };
        let page = request.loaders.one(key).await.and_then(Option::transpose);
        let page = page
            .map_err(|error| request.error(error))?
            .unwrap_or_default();
        let counted = Counted::Readings(self.0.id, which);
        Ok(IndicatorReadingConnection::new(&page, counted))
    }
}
