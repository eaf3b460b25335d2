//! An evidence file (佐证材料).

use sea_orm::entity::prelude::*;

use crate::ids::{
    AttachmentId, PlanId, ProgressReportId, TargetId, TargetRequestId, UnitId, UserId,
};

/// An evidence file (佐证材料): of some versions of a report, of a request, or waiting to be attached.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "attachment")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: AttachmentId,
    /// The target's plan.
    pub plan_id: PlanId,
    /// The target.
    pub target_id: TargetId,
    /// The unit for which it was uploaded.
    pub unit_id: UnitId,
    /// The report to which it was attached; none while it waits.
    pub report_id: Option<ProgressReportId>,
    /// The request to which it was attached, in place of a report.
    pub request_id: Option<TargetRequestId>,
    /// The first version of the report that has it.
    pub from_version: Option<i32>,
    /// The first version after that which has it no more.
    pub until_version: Option<i32>,
    /// Its name, for people.
    pub file_name: String,
    /// Its media type, as its content was recognised.
    pub content_type: String,
    /// Bytes of its content.
    pub byte_size: i64,
    /// SHA-256 of its content, in lower-case hexadecimal.
    pub sha256: String,
    /// Where it is in the storage.
    pub storage_key: String,
    /// Who uploaded it.
    pub uploaded_by_id: UserId,
    /// When.
    pub uploaded_at: DateTimeUtc,
}

/// No relations: related rows are read through the store's scope, never through a join of convenience.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
