//! Narrowing and sorting lists of targets.

use async_graphql::{ID, InputObject};
use entity::ids::{LeaderId, SectionId, UnitId};

use crate::{
    enums::{AssignmentRole, Light, OrderDirection, TargetOrderField, TargetState},
    error::ApiError,
    id::Global,
    request::Request,
};

/// What a target must be to stay in the list: all that is given here, and one of `any`. A filter only narrows what
/// you may see. At most 20 filters in all, those inside `any` included.
#[derive(InputObject, Default)]
pub(crate) struct TargetFilter {
    /// A text that stands in the target's text, or in the name of one of its units or leaders (whoever holds the post or ever held
    /// it): any part, from one character on, at most 100. Full width and half width, capitals and small letters are the same; spaces
    /// count for nothing.
    search: Option<String>,
    /// In this section or its subtree.
    section_id: Option<ID>,
    /// A leader answers for it today.
    leader_id: Option<ID>,
    /// A unit is assigned to it, or acts for one that is.
    unit_id: Option<ID>,
    /// The role of the assignment: of `unitId`'s; without `unitId`, of your own units'; without either, of any.
    role: Option<AssignmentRole>,
    /// The assignment is acknowledged, or not yet. Whose assignment is as for `role`.
    acknowledged: Option<bool>,
    /// The assignment is not acknowledged, though the last day for that has passed (逾期未签收), as `acknowledgementOverdue` tells you; or
    /// the contrary. Whose assignment is as for `role`.
    acknowledgement_overdue: Option<bool>,
    /// How far it is.
    state: Option<TargetState>,
    /// Its light of today.
    light: Option<Light>,
    /// In arrears (true; 逾期): past its due date, and neither closed, cancelled nor suspended; or not so (false).
    overdue: Option<bool>,
    /// The document ends its list of units with 等.
    open_ended: Option<bool>,
    /// It has an indicator (true), or none (false).
    has_indicator: Option<bool>,
    /// It has an indicator that nobody has confirmed (true; 有待确认的量化指标), is neither closed nor cancelled, and its plan is not
    /// archived; or not so (false).
    unconfirmed_indicators: Option<bool>,
    /// One of these. An empty list asks nothing.
    any: Option<Vec<TargetFilter>>,
}

impl TargetFilter {
    /// The filter with its IDs read.
    pub(crate) fn read(self, request: &Request) -> Result<store::TargetFilter, ApiError> {
        Ok(store::TargetFilter {
            search: self.search,
            section: key::<SectionId>(request, self.section_id)?,
            leader: key::<LeaderId>(request, self.leader_id)?,
            unit: key::<UnitId>(request, self.unit_id)?,
            role: self.role.map(Into::into),
            acknowledged: self.acknowledged,
            acknowledgement_overdue: self.acknowledgement_overdue,
            state: self.state.map(Into::into),
            light: self.light.map(Into::into),
            overdue: self.overdue,
            open_ended: self.open_ended,
            has_indicator: self.has_indicator,
            unconfirmed_indicators: self.unconfirmed_indicators,
            any: self
                .any
                .unwrap_or_default()
                .into_iter()
                .map(|filter| filter.read(request))
                .collect::<Result<_, _>>()?,
        })
    }
}

/// The key of an ID in a filter: one that is none, or of another type, names nothing that there is.
pub(crate) fn key<K: Global>(request: &Request, id: Option<ID>) -> Result<Option<K>, ApiError> {
    id.map(|id| K::local(&id).ok_or_else(|| ApiError::not_found(request)))
        .transpose()
}

/// How a list of targets is sorted.
#[derive(InputObject, Default)]
pub(crate) struct TargetOrder {
    /// By what.
    field: TargetOrderField,
    /// Up or down.
    #[graphql(default)]
    direction: OrderDirection,
}

impl From<TargetOrder> for store::TargetOrder {
    fn from(order: TargetOrder) -> Self {
        Self {
            field: order.field.into(),
            direction: order.direction.into(),
        }
    }
}
