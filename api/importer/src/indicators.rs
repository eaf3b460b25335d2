//! Numbers in a target's text become indicators: a rule proposes, a person confirms.
//!
//! What a person has reviewed (`indicators.tsv`) stands; a number that no review speaks of is proposed by rule, and
//! stays unconfirmed. The rule takes a number that is followed by a unit of measure it knows: `5G`, `2.0版` or
//! `“6+1”` are names. Counted things are COUNT; quantities (money, area, length) are AMOUNT; a percentage is a RATE
//! after a word of change and a LEVEL otherwise.

use domain::plan::{LONGEST_INDICATOR, LONGEST_PHRASE};
use entity::kinds::{Comparison, IndicatorKind};
use rust_decimal::Decimal;

use crate::{
    draft::IndicatorDraft,
    numerals::number,
    report::{Remark, Report},
    tables::Tables,
};

/// Units of measure of quantities, longer words before those that begin them.
const QUANTITIES: [&str; 9] = [
    "美元",
    "元",
    "亩",
    "公里",
    "平方公里",
    "平方米",
    "吨",
    "公顷",
    "千瓦时",
];
/// Units of counted things, longer words first.
const COUNTED: [&str; 14] = [
    "套（间）",
    "条（个）",
    "人次",
    "个",
    "家",
    "项",
    "台",
    "条",
    "座",
    "处",
    "所",
    "套",
    "人",
    "户",
];
/// Units of which less is better.
const COSTS: [&str; 4] = ["成本", "环节", "个工作日", "个百分点"];
/// Words of change.
const CHANGES: [&str; 5] = ["增长", "下降", "提高", "增加", "减少"];
/// Words that make a number a ceiling.
const CEILINGS: [&str; 5] = ["以下", "以内", "不超过", "控制在", "低于"];
/// What ends a phrase.
const STOPS: [char; 8] = ['，', '。', '、', '；', '：', ',', ';', '“'];

/// The indicators of a target, in the order of its text.
pub(crate) fn read(
    line: u32,
    target: u32,
    text: &str,
    tables: &Tables,
    report: &mut Report,
) -> Vec<IndicatorDraft> {
    let mut found: Vec<(usize, IndicatorDraft)> = Vec::new();
    let mut reviewed: Vec<std::ops::Range<usize>> = Vec::new();
    for review in tables.reviews(target) {
        let Some(at) = text.find(&review.phrase) else {
            report.problem(
                line,
                None,
                Remark::PhraseMissing {
                    phrase: review.phrase.clone(),
                    target,
                },
            );
            continue;
        };
        reviewed.push(at..at + review.phrase.len());
        if let Some(indicator) = &review.indicator {
            let draft = IndicatorDraft {
                name: indicator.name.clone(),
                comparison: indicator.comparison,
                goal: indicator.goal,
                unit_of_measure: indicator.unit_of_measure.clone(),
                kind: indicator.kind,
                phrase: review.phrase.clone(),
                confirmed: true,
            };
            found.push((at, draft));
        }
    }
    for (at, proposal) in proposals(text) {
        if !reviewed.iter().any(|range| range.contains(&at)) {
            report.doubt(
                line,
                Remark::IndicatorProposed {
                    phrase: proposal.phrase.clone(),
                },
            );
            found.push((at, proposal));
        }
    }
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().map(|(_, draft)| draft).collect()
}

/// The indicators that the rule proposes for a plain text, in its order; none of them is confirmed.
pub fn propose(text: &str) -> Vec<IndicatorDraft> {
    proposals(text)
        .into_iter()
        .map(|(_, draft)| draft)
        .collect()
}

/// What the rule finds in a text: each number's place, and the indicator.
fn proposals(text: &str) -> Vec<(usize, IndicatorDraft)> {
    let mut proposals = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let begins = text
            .get(..at)
            .and_then(|before| before.chars().next_back())
            .is_none_or(|c| !c.is_ascii_alphanumeric() && !matches!(c, '.' | '+' | '—' | '-'));
        match number(rest).filter(|_| begins) {
            Some((goal, length)) => {
                // What is longer than an indicator may be is none.
                let found = proposal(text, at, goal, length).filter(|draft| {
                    draft.phrase.chars().count() <= LONGEST_PHRASE
                        && draft.name.chars().count() <= LONGEST_INDICATOR
                });
                proposals.extend(found.map(|draft| (at, draft)));
                at += length;
            }
            None => at += rest.chars().next().map_or(1, char::len_utf8),
        }
    }
    proposals
}

/// The indicator of the number at a place, if it is one.
fn proposal(text: &str, at: usize, goal: Decimal, length: usize) -> Option<IndicatorDraft> {
    let after = text.get(at + length..)?;
    let spaces = after.len() - after.trim_start().len();
    let unit = unit(after.trim_start())?;
    let start = text.get(..at)?.rfind(STOPS).map_or(0, |stop| {
        stop + text
            .get(stop..)
            .and_then(|rest| rest.chars().next())
            .map_or(0, char::len_utf8)
    });
    let end = after
        .get(spaces + unit.len()..)?
        .find(STOPS)
        .map_or(text.len(), |stop| at + length + spaces + unit.len() + stop);
    let phrase = text.get(start..end)?.trim();
    let before = text.get(start..at)?.trim();
    let tail = text.get(at + length + spaces + unit.len()..end)?;
    let changes = CHANGES.iter().any(|word| before.contains(word));
    let kind = match unit {
        "个百分点" => IndicatorKind::Rate,
        "%" if changes => IndicatorKind::Rate,
        "%" => IndicatorKind::Level,
        _ if COSTS.contains(&unit) => IndicatorKind::Level,
        _ if QUANTITIES.contains(&unit) => IndicatorKind::Amount,
        _ => IndicatorKind::Count,
    };
    let ceiling = CEILINGS
        .iter()
        .any(|word| before.contains(word) || tail.starts_with(word))
        || (kind == IndicatorKind::Level && COSTS.contains(&unit));
    let tail = tail.trim().trim_start_matches("以上").trim();
    let name = if before.is_empty() { tail } else { before };
    Some(IndicatorDraft {
        name: if name.is_empty() { phrase } else { name }.to_owned(),
        comparison: if ceiling {
            Comparison::AtMost
        } else {
            Comparison::AtLeast
        },
        goal,
        unit_of_measure: unit.to_owned(),
        kind,
        phrase: phrase.to_owned(),
        confirmed: false,
    })
}

/// The unit of measure at the beginning of a text.
fn unit(text: &str) -> Option<&'static str> {
    let words = std::iter::once("%")
        .chain(COSTS)
        .chain(QUANTITIES)
        .chain(COUNTED);
    words.into_iter().find(|word| text.starts_with(word))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_the_rule_finds() {
        for (text, expected) in [
            ("生产总值增长 7%以上。", vec!["生产总值增长 ≥7% RATE"]),
            (
                "研发经费支出占比达到2.55%以上",
                vec!["研发经费支出占比达到 ≥2.55% LEVEL"],
            ),
            ("比重提高0.5个百分点", vec!["比重提高 ≥0.5个百分点 RATE"]),
            ("新增小微企业1.8万家。", vec!["新增小微企业 ≥18000家 COUNT"]),
            (
                "技改50亿元以上，整治企业500家",
                vec!["技改 ≥5000000000元 AMOUNT", "整治企业 ≥500家 COUNT"],
            ),
            ("建成 600 个示范村", vec!["建成 ≥600个 COUNT"]),
            ("5个乡镇（街道）", vec!["乡镇（街道） ≥5个 COUNT"]),
            ("能耗控制在3%以内", vec!["能耗控制在 ≤3% LEVEL"]),
            (
                "企业开办0成本、1环节、0.5个工作日",
                vec![
                    "企业开办 ≤0成本 LEVEL",
                    "1环节 ≤1环节 LEVEL",
                    "0.5个工作日 ≤0.5个工作日 LEVEL",
                ],
            ),
            (
                "“6+1”领域、5G信号、PM2.5、2.0版、“531”行动、15 分钟生活圈",
                vec![],
            ),
        ] {
            let found: Vec<String> = proposals(text)
                .into_iter()
                .map(|(_, p)| {
                    let sign = if p.comparison == Comparison::AtLeast {
                        '≥'
                    } else {
                        '≤'
                    };
                    format!(
                        "{} {sign}{}{} {}",
                        p.name,
                        p.goal.normalize(),
                        p.unit_of_measure,
                        p.kind.as_str()
                    )
                })
                .collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_phrase_is_a_part_of_the_text_and_whatever_comes_does_not_panic(text in "[增长新企业0-9.万亿个家%元，、。“” 以上]{0,40}") {
            for (at, proposal) in proposals(&text) {
                prop_assert!(text.contains(&proposal.phrase));
                prop_assert!(text.is_char_boundary(at));
                prop_assert!(!proposal.name.is_empty());
            }
        }
    }
}
