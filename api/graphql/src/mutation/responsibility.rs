//! Designating units, and acknowledging assignments.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use entity::ids::{AssignmentId, DesignationId, UnitId};

use super::once::once;
use crate::{
    error::{ApiError, UserError, settle},
    id::Global,
    request::Request,
    types::{Assignment, Target},
};

/// Which units a phrase of the document stands for.
#[derive(InputObject)]
pub(crate) struct DesignateUnitsInput {
    /// The designation to be made.
    designation_id: ID,
    /// The units, at least one and at most 100. A unit that is assigned to the target already keeps its assignment.
    unit_ids: Vec<ID>,
    /// An ID of your own for this act, at most 100 characters: sent again with the same input, it changes nothing twice.
    client_mutation_id: Option<String>,
}

/// What came of designating units.
#[derive(SimpleObject)]
pub(crate) struct DesignateUnitsPayload {
    /// The ID that you gave the act.
    client_mutation_id: Option<String>,
    /// The target with its new assignments; null when refused.
    target: Option<Target>,
    /// Why it was refused; empty on success.
    user_errors: Vec<UserError>,
}

/// What is acknowledged.
#[derive(InputObject)]
pub(crate) struct AcknowledgeAssignmentsInput {
    /// The assignments, at least one and at most 100: all are acknowledged, or none.
    assignment_ids: Vec<ID>,
    /// An ID of your own for this act, at most 100 characters: sent again with the same input, it changes nothing twice.
    client_mutation_id: Option<String>,
}

/// What came of acknowledging assignments.
#[derive(SimpleObject)]
pub(crate) struct AcknowledgeAssignmentsPayload {
    /// The ID that you gave the act.
    client_mutation_id: Option<String>,
    /// The assignments in the order of the input; null when refused.
    assignments: Option<Vec<Assignment>>,
    /// Why it was refused; empty on success.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub(crate) struct ResponsibilityMutation;

#[Object]
impl ResponsibilityMutation {
    /// Names the units for which a phrase of the document stands (指定责任单位). The supervision office's, once for each
    /// designation.
    async fn designate_units(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which units the phrase stands for.")] input: DesignateUnitsInput,
    ) -> Result<DesignateUnitsPayload, ApiError> {
        let request = Request::of(ctx);
        let units: Vec<Option<UnitId>> = input.unit_ids.iter().map(UnitId::local).collect();
        let designation = DesignationId::local(&input.designation_id);
        let outcome = match once(
            "designateUnits",
            &input,
            input.client_mutation_id.as_deref(),
        ) {
            Ok(once) => {
                let call = &request.call;
                call.designate_units(designation, &units, once.as_ref())
                    .await
            }
            Err(error) => Err(error),
        };
        let (target, user_errors) = settle(request, outcome)?;
        Ok(DesignateUnitsPayload {
            client_mutation_id: input.client_mutation_id,
            target: target.map(Target::from),
            user_errors,
        })
    }

    /// Acknowledges assignments (签收): a manager's of the unit, or of the unit acting for it. One that is acknowledged
    /// already stays as it is.
    async fn acknowledge_assignments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is acknowledged.")] input: AcknowledgeAssignmentsInput,
    ) -> Result<AcknowledgeAssignmentsPayload, ApiError> {
        let request = Request::of(ctx);
        let ids: Vec<Option<AssignmentId>> = input
            .assignment_ids
            .iter()
            .map(AssignmentId::local)
            .collect();
        let mutation = "acknowledgeAssignments";
        let outcome = match once(mutation, &input, input.client_mutation_id.as_deref()) {
            Ok(once) => {
                request
                    .call
                    .acknowledge_assignments(&ids, once.as_ref())
                    .await
            }
            Err(error) => Err(error),
        };
        let (rows, user_errors) = settle(request, outcome)?;
        Ok(AcknowledgeAssignmentsPayload {
            client_mutation_id: input.client_mutation_id,
            assignments: rows.map(|rows| rows.into_iter().map(Assignment::from).collect()),
            user_errors,
        })
    }
}
