//! Why a light has its colour, in words: with the numbers, days and names that decide, all of which whoever sees the target
//! may know. How many red notices there are is not among them.

use chrono::{Datelike, NaiveDate};
use domain::{
    Language,
    progress::{Light, LightReason, Names},
    quantity,
};
use entity::kinds::Comparison;

pub(crate) fn light_reason(reason: &LightReason, names: &Names, language: Language) -> String {
    let (zh, en) = match reason {
        LightReason::Overridden { light, until } => overridden(*light, *until, names),
        LightReason::Completed => ("已完成。".to_owned(), "Completed.".to_owned()),
        LightReason::Adjusted => (
            "已调整或暂停。".to_owned(),
            "Adjusted or suspended.".to_owned(),
        ),
        LightReason::PastDue { due_on } => (
            format!("已超过完成时限（{}）。", zh_day(*due_on)),
            format!("The due date, {due_on}, has passed."),
        ),
        LightReason::RedNotice { .. } => (
            "有未办结的红色督办单。".to_owned(),
            "A red notice is open.".to_owned(),
        ),
        LightReason::Behind {
            light,
            achieved_percent: achieved,
            elapsed_percent: elapsed,
        } => {
            let (zh, en) = gravely(*light);
            (
                format!("已完成{achieved}%，序时进度为{elapsed}%：进度{zh}。"),
                format!(
                    "Progress is {en}: {achieved} % complete, when {elapsed} % of the year have passed."
                ),
            )
        }
        LightReason::IndicatorBehind { .. } => return indicator(reason, names, language),
        LightReason::MilestoneOverdue { milestone, due_on } => {
            let title = names.milestones.get(milestone).map_or("", String::as_str);
            (
                format!("时间节点“{title}”应于{}完成，尚未完成。", zh_day(*due_on)),
                format!("The milestone “{title}” was due on {due_on} and is not done."),
            )
        }
        LightReason::ReportMissing { period, due_on } => {
            let label = names.periods.get(period).map_or("", String::as_str);
            (
                format!("{label}进展报告应于{}前报送，逾期未报。", zh_day(*due_on)),
                format!("A report for {label} is missing: it was due on {due_on}."),
            )
        }
        LightReason::NothingDue => (
            "尚无审核通过的进展，也未到时限。".to_owned(),
            "No progress has been accepted yet, and nothing is due yet.".to_owned(),
        ),
        LightReason::OnSchedule {
            elapsed_percent: elapsed,
        } => (
            format!("进度不低于序时进度（{elapsed}%）。"),
            format!("Progress is at or above the elapsed share of the year, {elapsed} %."),
        ),
    };
    in_language(language, zh, en)
}

fn overridden(light: Light, until: NaiveDate, names: &Names) -> (String, String) {
    let why = names.override_reason.as_deref().unwrap_or_default();
    let (zh, en) = match light {
        Light::Green => ("绿灯", "green"),
        Light::Yellow => ("黄灯", "yellow"),
        Light::Red => ("红灯", "red"),
    };
    (
        format!("督查室已人工调整为{zh}，有效期至{}：{why}", zh_day(until)),
        format!("The supervision office has set the light to {en} until {until}: {why}"),
    )
}

/// How an indicator is behind. One that follows the year's months is held against them, others against the goal.
fn indicator(reason: &LightReason, names: &Names, language: Language) -> String {
    let LightReason::IndicatorBehind {
        light,
        indicator,
        achieved,
        goal,
        elapsed_percent,
    } = reason
    else {
        return String::new();
    };
    let named = names.indicators.get(indicator);
    let (name, unit) = named.map_or(("", ""), |named| (&named.name, &named.unit));
    let (zh_least, en_least) = match named.map(|named| named.comparison) {
        Some(Comparison::AtMost) => ("不高于", "at most"),
        _ => ("不低于", "at least"),
    };
    let (zh_elapsed, en_elapsed) = elapsed_percent
        .map(|elapsed| {
            (
                format!("，序时进度为{elapsed}%"),
                format!(", when {elapsed} % of the year have passed"),
            )
        })
        .unwrap_or_default();
    let (zh, en) = gravely(*light);
    let achieved = quantity(*achieved, unit, language);
    let goal = quantity(*goal, unit, language);
    // Nobody is held to a number that nobody has confirmed without being told.
    let (zh_unconfirmed, en_unconfirmed) = match named {
        Some(named) if !named.confirmed => (
            "（系统识别，尚未确认）",
            ", which was read by rule and is not confirmed yet,",
        ),
        _ => ("", ""),
    };
    in_language(
        language,
        format!(
            "量化指标“{name}”{zh_unconfirmed}目前为{achieved}，目标为{zh_least}{goal}{zh_elapsed}：{zh}。"
        ),
        format!(
            "The indicator {name}{en_unconfirmed} is {en}: {achieved}, of {en_least} {goal}{en_elapsed}."
        ),
    )
}

/// How grave being behind is, in words.
const fn gravely(light: Light) -> (&'static str, &'static str) {
    match light {
        Light::Green => (
            "略有落后，在允许范围内",
            "slightly behind, within what is tolerated",
        ),
        Light::Yellow => ("落后", "behind"),
        Light::Red => ("严重落后", "far behind"),
    }
}

fn zh_day(day: NaiveDate) -> String {
    format!("{}年{}月{}日", day.year(), day.month(), day.day())
}

fn in_language(language: Language, zh: String, en: String) -> String {
    match language {
        Language::ZhCn => zh,
        Language::En => en,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use domain::progress::IndicatorName;

    use super::*;

    #[test]
    fn numbers_are_written_as_in_the_document() {
        let reason = LightReason::IndicatorBehind {
            light: Light::Yellow,
            indicator: 1,
            achieved: 123_450_000.into(),
            goal: 9_000_000_000_i64.into(),
            elapsed_percent: Some(50.into()),
        };
        let named = IndicatorName {
            name: "技术交易额".to_owned(),
            comparison: Comparison::AtLeast,
            unit: "元".to_owned(),
            confirmed: true,
        };
        let names = Names {
            indicators: BTreeMap::from([(1, named)]),
            ..Names::default()
        };
        let said = |language| light_reason(&reason, &names, language);
        assert_eq!(
            said(Language::ZhCn),
            "量化指标“技术交易额”目前为1.2345亿元，目标为不低于90亿元，序时进度为50%：落后。"
        );
        assert_eq!(
            said(Language::En),
            "The indicator 技术交易额 is behind: 123,450,000 yuan, of at least 9,000,000,000 yuan, when 50 % of the year have passed."
        );
    }
}
