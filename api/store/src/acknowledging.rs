//! Until when units acknowledge what they were given (签收期限): so many working days after the day, as the plan's rules say
//! (domain.md §8). The day is kept, so that a rule that changes changes nothing for those who have begun to count.

use chrono::{DateTime, NaiveDate, Utc};
use entity::{assignment, ids::PlanId};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, sea_query::Expr};

use crate::{Fault, Store, rules::rules};

impl Store {
    /// The last day for acknowledging what a unit is given at a moment.
    pub(crate) async fn acknowledge_by(
        &self,
        db: &impl ConnectionTrait,
        plan: PlanId,
        given_at: DateTime<Utc>,
    ) -> Result<NaiveDate, Fault> {
        let rules = rules(db, [plan]).await?;
        let rules = rules.get(&plan).copied().unwrap_or_default();
        let days = u32::try_from(rules.acknowledge_days).unwrap_or_default();
        let day = domain::clock::day(given_at);
        Ok(self.inner.calendar.add_working_days(day, days))
    }

    /// A plan is published: all its units begin to count.
    pub(crate) async fn ask_to_acknowledge(
        &self,
        db: &impl ConnectionTrait,
        plan: PlanId,
        published_at: DateTime<Utc>,
    ) -> Result<(), Fault> {
        let by = self.acknowledge_by(db, plan, published_at).await?;
        assignment::Entity::update_many()
            .col_expr(assignment::Column::AcknowledgeBy, Expr::value(by))
            .filter(assignment::Column::PlanId.eq(plan))
            .exec(db)
            .await?;
        Ok(())
    }
}
