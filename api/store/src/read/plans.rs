//! Plans (目标任务责任分解).

use entity::{ids::PlanId, plan};
use sea_orm::{
    ColumnTrait,
    sea_query::{Query, SelectStatement},
};

use crate::{
    Call, Direction, Page, PageArgs, Result, Seen,
    page::{Key, Sort, by},
    scoped::{Scoped, count, page},
};

/// The keys of the plans of a year.
pub(super) fn plans_of_year(year: i32) -> SelectStatement {
    Query::select()
        .column(plan::Column::Id)
        .from(plan::Entity)
        .and_where(plan::Column::Year.eq(year))
        .take()
}

impl Call {
    /// The plans, newest year first.
    pub async fn plans(&self, args: &PageArgs) -> Result<Page<Seen<plan::Model>>> {
        let sort = Sort {
            columns: vec![by(plan::Entity, plan::Column::Year)],
            direction: Direction::Descending,
        };
        page(
            self,
            "plans",
            Scoped::<plan::Entity>::new(self),
            args,
            &sort,
            |plan: &plan::Model| vec![Key::Number(plan.year.into())],
        )
        .await
    }

    /// How many plans there are.
    pub async fn plan_count(&self) -> Result<i64> {
        count(self, Scoped::<plan::Entity>::new(self)).await
    }

    /// The plan of a year.
    pub async fn plan_of_year(&self, year: i32) -> Result<Option<Seen<plan::Model>>> {
        Scoped::<plan::Entity>::new(self)
            .and(plan::Column::Year.eq(year))
            .one(&self.reader())
            .await
    }

    /// Plans by key.
    pub async fn plans_by_id(&self, ids: &[PlanId]) -> Result<Vec<Seen<plan::Model>>> {
        Scoped::<plan::Entity>::new(self)
            .and(self.among(plan::Column::Id, ids.iter().copied()))
            .all(&self.reader())
            .await
    }
}
