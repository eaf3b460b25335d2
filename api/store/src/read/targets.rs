//! Targets (目标任务), from every side from which they can be asked for.

use entity::{
    ids::{IndicatorId, LeaderId, PlanId, SectionId, TargetId, UnitId},
    indicator, section, target,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::Condition};

use crate::{
    Call, Direction, Page, PageArgs, Result, Seen, TargetFilter, TargetKey,
    page::{Key, Sort, by},
    scoped::{List, Scoped, counted_pages, counts},
};

use super::{plans::plans_of_year, target_filter};

/// Whose targets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TargetsOf {
    /// A plan's.
    Plan(PlanId),
    /// A section's, with its subtree.
    Section {
        /// The section.
        section: SectionId,
        /// Its plan.
        plan: PlanId,
        /// Its place in the outline.
        position: i32,
        /// The last place of its subtree.
        last_position: i32,
    },
    /// Those that a leader answers for today.
    Leader(LeaderId),
    /// Those that a unit is assigned to or acts for.
    Unit(UnitId),
}

impl TargetsOf {
    /// The targets of a section and its subtree.
    pub fn section(section: &Seen<section::Model>) -> Self {
        Self::Section {
            section: section.id,
            plan: section.plan_id,
            position: section.position,
            last_position: section.last_position,
        }
    }

    fn condition(self, call: &Call) -> Condition {
        match self {
            Self::Plan(plan) => Condition::all().add(target::Column::PlanId.eq(plan)),
            Self::Section {
                plan,
                position,
                last_position,
                ..
            } => Condition::all()
                .add(target::Column::PlanId.eq(plan))
                .add(target::Column::SectionPosition.between(position, last_position)),
            Self::Leader(leader) => {
                Condition::all().add(target_filter::of_leader(leader, call.today()))
            }
            Self::Unit(unit) => Condition::all().add(target_filter::of_unit(unit)),
        }
    }

    /// The plan of all of them, if they have one.
    fn plan(self) -> Option<PlanId> {
        match self {
            Self::Plan(plan) | Self::Section { plan, .. } => Some(plan),
            Self::Leader(_) | Self::Unit(_) => None,
        }
    }

    fn name(self) -> String {
        match self {
            Self::Plan(plan) => format!("plan {}", plan.0),
            Self::Section { section, .. } => format!("section {}", section.0),
            Self::Leader(leader) => format!("leader {}", leader.0),
            Self::Unit(unit) => format!("unit {}", unit.0),
        }
    }
}

/// By what targets are sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TargetOrderField {
    /// By plan, then number: the document's order.
    #[default]
    Number,
    /// By plan, then place of the section in the outline, then number.
    Section,
    /// By the moment of the last change.
    UpdatedAt,
}

/// How targets are sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct TargetOrder {
    /// By what.
    pub field: TargetOrderField,
    /// Up or down.
    pub direction: Direction,
}

impl TargetOrder {
    fn sort(self) -> Sort {
        use target::Column::{Id, Number, PlanId, SectionPosition, UpdatedAt};
        let columns: &[target::Column] = match self.field {
            TargetOrderField::Number => &[PlanId, Number],
            TargetOrderField::Section => &[PlanId, SectionPosition, Number],
            TargetOrderField::UpdatedAt => &[UpdatedAt, Id],
        };
        Sort {
            columns: columns
                .iter()
                .map(|column| by(target::Entity, *column))
                .collect(),
            direction: self.direction,
        }
    }

    fn keys(self, target: &target::Model) -> Vec<Key> {
        let plan = Key::Number(target.plan_id.0);
        let number = Key::Number(target.number.into());
        match self.field {
            TargetOrderField::Number => vec![plan, number],
            TargetOrderField::Section => {
                vec![plan, Key::Number(target.section_position.into()), number]
            }
            TargetOrderField::UpdatedAt => {
                vec![Key::moment(target.updated_at), Key::Number(target.id.0)]
            }
        }
    }

    fn name(self) -> &'static str {
        match self.field {
            TargetOrderField::Number => "number",
            TargetOrderField::Section => "section",
            TargetOrderField::UpdatedAt => "updated",
        }
    }
}

impl Call {
    /// A page of the targets of each of these, in one statement, with how many each has, if that is wanted; it is not known of
    /// a page without rows.
    pub async fn targets(
        &self,
        of: &[TargetsOf],
        filter: &TargetFilter,
        order: TargetOrder,
        args: &PageArgs,
        counted: bool,
    ) -> Result<Vec<Result<(Page<Seen<target::Model>>, Option<i64>)>>> {
        let lists = of
            .iter()
            .map(|of| {
                Ok(List {
                    name: format!("targets by {} of {}", order.name(), of.name()),
                    rows: self.targets_of(*of, filter)?,
                })
            })
            .collect::<Result<_>>()?;
        let keys = |target: &target::Model| order.keys(target);
        counted_pages(self, lists, args, &order.sort(), keys, counted).await
    }

    /// How many targets each of these has, in one statement.
    pub async fn target_counts(&self, of: &[TargetsOf], filter: &TargetFilter) -> Result<Vec<i64>> {
        let scopes = of
            .iter()
            .map(|of| self.targets_of(*of, filter))
            .collect::<Result<_>>()?;
        counts(self, scopes).await
    }

    fn targets_of(&self, of: TargetsOf, filter: &TargetFilter) -> Result<Scoped<target::Entity>> {
        Ok(Scoped::new(self)
            .and(of.condition(self))
            .and(filter.condition(self, of.plan())?))
    }

    /// Targets by key.
    pub async fn targets_by_id(&self, ids: &[TargetId]) -> Result<Vec<Seen<target::Model>>> {
        Scoped::<target::Entity>::new(self)
            .and(self.among(target::Column::Id, ids.iter().copied()))
            .all(&self.reader())
            .await
    }

    /// The target of a number in the plan of a year.
    pub async fn target_by_number(
        &self,
        year: i32,
        number: i32,
    ) -> Result<Option<Seen<target::Model>>> {
        Scoped::<target::Entity>::new(self)
            .and(target::Column::PlanId.in_subquery(plans_of_year(year)))
            .and(target::Column::Number.eq(number))
            .one(&self.reader())
            .await
    }

    /// Indicators by key.
    pub async fn indicators_by_id(
        &self,
        ids: &[IndicatorId],
    ) -> Result<Vec<Seen<indicator::Model>>> {
        Scoped::<indicator::Entity>::new(self)
            .and(self.among(indicator::Column::Id, ids.iter().copied()))
            .all(&self.reader())
            .await
    }

    /// The indicators of seen targets, in the order of the text.
    pub async fn indicators(&self, targets: &[TargetKey]) -> Result<Vec<Seen<indicator::Model>>> {
        let rows = indicator::Entity::find()
            .filter(self.among(
                indicator::Column::TargetId,
                targets.iter().map(|target| target.id()),
            ))
            .order_by_asc(indicator::Column::TargetId)
            .order_by_asc(indicator::Column::Ordinal)
            .all(&self.reader())
            .await?;
        Ok(rows.into_iter().map(Seen).collect())
    }
}
