//! The indicators of a target that is being changed: a person confirms what stands in the text.

use domain::{
    Reason,
    plan::{LONGEST_INDICATOR, LONGEST_MEASURE, LONGEST_PHRASE, MOST_PARTS},
    quantity::decimal,
};
use entity::{ids::IndicatorId, indicator, indicator_reading, report_version};
use sea_orm::{
    ActiveValue::NotSet,
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, Set,
    sea_query::{Expr, ExprTrait},
};

use super::changing::{Changing, IndicatorChange};
use crate::{AmendedIndicator, Result, command::text};

const INDICATORS: &str = "indicators";

impl Changing<'_> {
    /// Makes these the indicators of the target, all of them confirmed.
    pub(super) async fn indicators(&mut self, given: Vec<IndicatorChange>) -> Result<()> {
        let db = self.write.db();
        if given.len() > MOST_PARTS {
            return Err(Reason::TooMany { most: MOST_PARTS }.at(INDICATORS).into());
        }
        let before = indicator::Entity::find()
            .filter(indicator::Column::TargetId.eq(self.row.id))
            .order_by_asc(indicator::Column::Ordinal)
            .all(db)
            .await?;
        let mut wanted: Vec<(Option<IndicatorId>, AmendedIndicator)> = Vec::new();
        for (at, given) in given.iter().enumerate() {
            let id = match given.indicator {
                None => None,
                Some(id) => {
                    let there = before.iter().find(|row| Some(row.id) == id);
                    let there = there
                        .ok_or_else(|| Reason::NotFound.in_item(INDICATORS, at, "indicatorId"))?;
                    Some(there.id)
                }
            };
            if id.is_some() && wanted.iter().any(|(other, _)| *other == id) {
                return Err(Reason::Repeated
                    .in_item(INDICATORS, at, "indicatorId")
                    .into());
            }
            wanted.push((id, self.checked(given, at)?));
        }
        let told = |row: &indicator::Model| AmendedIndicator {
            name: row.name.clone(),
            comparison: row.comparison,
            goal: row.goal.clone(),
            unit_of_measure: row.unit_of_measure.clone(),
            kind: row.kind,
            phrase: row.phrase.clone(),
        };
        let same = before.iter().all(|row| row.confirmed)
            && before.len() == wanted.len()
            && before
                .iter()
                .zip(&wanted)
                .all(|(row, (id, new))| Some(row.id) == *id && told(row) == *new);
        if same {
            return Ok(());
        }
        self.parts.before.indicators = Some(before.iter().map(told).collect());
        self.parts.after.indicators = Some(wanted.iter().map(|(_, new)| new.clone()).collect());
        let gone: Vec<IndicatorId> = before
            .iter()
            .map(|row| row.id)
            .filter(|id| wanted.iter().all(|(kept, _)| *kept != Some(*id)))
            .collect();
        self.drop_indicators(gone).await?;
        // Out of the way first: no two may have one place at any time.
        const AWAY: i32 = 1_000_000;
        indicator::Entity::update_many()
            .col_expr(
                indicator::Column::Ordinal,
                Expr::col(indicator::Column::Ordinal).add(AWAY),
            )
            .filter(indicator::Column::TargetId.eq(self.row.id))
            .exec(db)
            .await?;
        for ((id, new), ordinal) in wanted.into_iter().zip(1..) {
            let mut row = indicator::ActiveModel {
                id: NotSet,
                target_id: Set(self.row.id),
                ordinal: Set(ordinal),
                name: Set(new.name),
                comparison: Set(new.comparison),
                goal: Set(new.goal),
                unit_of_measure: Set(new.unit_of_measure),
                kind: Set(new.kind),
                phrase: Set(new.phrase),
                confirmed: Set(true),
            };
            match id {
                Some(id) => {
                    row.id = Set(id);
                    indicator::Entity::update(row).exec(db).await?;
                }
                None => {
                    indicator::Entity::insert(row)
                        .exec_without_returning(db)
                        .await?;
                }
            }
        }
        Ok(())
    }

    /// What the rule finds in the text, to be confirmed.
    pub(super) async fn propose(&mut self) -> Result<()> {
        let proposals = importer::propose(&self.row.plain_text);
        let rows: Vec<_> = proposals
            .into_iter()
            .filter(|draft| {
                draft.phrase.chars().count() <= LONGEST_PHRASE
                    && draft.name.chars().count() <= LONGEST_INDICATOR
            })
            .zip(1..)
            .map(|(draft, ordinal)| indicator::ActiveModel {
                id: NotSet,
                target_id: Set(self.row.id),
                ordinal: Set(ordinal),
                name: Set(draft.name),
                comparison: Set(draft.comparison),
                goal: Set(draft.goal.normalize().to_string()),
                unit_of_measure: Set(draft.unit_of_measure),
                kind: Set(draft.kind),
                phrase: Set(draft.phrase),
                confirmed: Set(false),
            })
            .collect();
        if !rows.is_empty() {
            indicator::Entity::insert_many(rows)
                .exec_without_returning(self.write.db())
                .await?;
        }
        Ok(())
    }

    fn checked(&self, given: &IndicatorChange, at: usize) -> Result<AmendedIndicator> {
        let read = |field: &str, given: &str, most| {
            text(field, given, most, true)
                .map_err(|refusal| refusal.reason.in_item(INDICATORS, at, field))
        };
        let goal = decimal(&given.goal)
            .ok_or_else(|| Reason::NotDecimal.in_item(INDICATORS, at, "goal"))?;
        let phrase = read("phrase", &given.phrase, LONGEST_PHRASE)?;
        if !self.row.plain_text.contains(&phrase) {
            return Err(Reason::PhraseNotInText
                .in_item(INDICATORS, at, "phrase")
                .into());
        }
        Ok(AmendedIndicator {
            name: read("name", &given.name, LONGEST_INDICATOR)?,
            comparison: given.comparison,
            goal: goal.normalize().to_string(),
            unit_of_measure: read("unitOfMeasure", &given.unit_of_measure, LONGEST_MEASURE)?,
            kind: given.kind,
            phrase,
        })
    }

    /// Takes indicators away of which nothing was reported: a reading, also in an earlier version of a report, needs its indicator.
    async fn drop_indicators(&self, gone: Vec<IndicatorId>) -> Result<()> {
        let db = self.write.db();
        if gone.is_empty() {
            return Ok(());
        }
        if self.amending {
            let read = indicator_reading::Entity::find()
                .filter(indicator_reading::Column::IndicatorId.is_in(gone.iter().copied()))
                .count(db)
                .await?;
            let reported = report_version::Entity::find()
                .filter(report_version::Column::TargetId.eq(self.row.id))
                .count(db)
                .await?;
            if read + reported > 0 {
                return Err(Reason::IndicatorHasReadings.at(INDICATORS).into());
            }
        }
        indicator::Entity::delete_many()
            .filter(indicator::Column::Id.is_in(gone))
            .exec(db)
            .await?;
        Ok(())
    }
}
