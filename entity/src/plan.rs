//! One issued document (目标任务责任分解): a year's targets.

use sea_orm::entity::prelude::*;

use crate::{ids::PlanId, kinds::PlanStatus};

/// One issued document (目标任务责任分解): a year's targets.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "plan")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: PlanId,
    /// The year it covers; no two plans share one.
    pub year: i32,
    /// Title as issued.
    pub title: String,
    /// Document number (文号), such as 台政发〔2022〕9号.
    pub document_number: String,
    /// Who issued it.
    pub issuer: String,
    /// When it was issued.
    pub issued_on: Date,
    /// DRAFT, PUBLISHED or ARCHIVED.
    pub status: PlanStatus,
    /// When it was published.
    pub published_at: Option<DateTimeUtc>,
    /// SHA-256 of the imported document, in hexadecimal: the same document changes nothing.
    pub source_digest: String,
    /// When it was imported.
    pub created_at: DateTimeUtc,
    /// When it last changed.
    pub updated_at: DateTimeUtc,
}

/// No relations: related rows are read through the store's scope, never through a join of convenience.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
