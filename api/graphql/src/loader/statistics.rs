//! Loading the numbers of many plans at once.

use std::{collections::HashMap, sync::Arc};

use domain::assessment::Weights;
use entity::ids::{PlanId, ReportingPeriodId};
use store::{PeriodNumbers, Statistics, StatisticsGroup, TrendOf, UnitScore};

use super::{CallLoader, Loader, Outcome, alike};

/// Declares a key of numbers of a plan: what is asked, and how it is read for many plans.
macro_rules! numbers {
    ($($(#[$doc:meta])* $key:ident { $($field:ident: $ty:ty),+ } => $row:ty, $read:ident;)+) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash)]
        pub(crate) struct $key {
            pub(crate) plan: PlanId,
            $(pub(crate) $field: $ty),+
        }

        impl Loader<$key> for CallLoader {
            type Value = Arc<[$row]>;

            async fn load(&self, keys: &[$key]) -> Outcome<HashMap<$key, Self::Value>> {
                let mut loaded = HashMap::new();
                for (($($field,)+), keys) in alike(keys, |key| ($(key.$field,)+)) {
                    let plans: Vec<PlanId> = keys.iter().map(|key| key.plan).collect();
                    let mut rows = self.call.$read(&plans, $(numbers!(@given $field $field)),+).await?;
                    loaded.extend(keys.into_iter().map(|key| {
                        (key, rows.remove(&key.plan).unwrap_or_default().into())
                    }));
                }
                Ok(loaded)
            }
        }
    )+ };
    (@given weights $value:ident) => { &$value };
    (@given $field:ident $value:ident) => { $value };
}

numbers! {
    /// The numbers of a plan by group.
    StatisticsOf { group: StatisticsGroup, period: Option<ReportingPeriodId> } => Statistics, statistics;
    /// The numbers of a plan's periods.
    TrendOfPlan { of: TrendOf } => PeriodNumbers, trends;
    /// The scores of the units that lead targets of a plan.
    ScoresOf { weights: Weights, period: Option<ReportingPeriodId> } => UnitScore, unit_scores;
}
