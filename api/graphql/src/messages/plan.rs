//! Why an act of the supervision office on its plans is refused, in words.

use domain::{Language, Reason};
use store::Note;

use super::pick;

/// Why an act on a plan is refused.
pub(super) fn plan(reason: &Reason, language: Language) -> String {
    let (zh, en) = match reason {
        Reason::NotOfAllPlans => (
            "只有对全部计划有权限的督查室可以进行此操作。",
            "Only the supervision office of all plans can do this.",
        ),
        Reason::PlanArchived => (
            "该计划已归档，不能再修改。",
            "The plan is archived: nothing is written to it any more.",
        ),
        Reason::PlanNotDraft => ("该计划已不是草稿。", "The plan is not a draft any more."),
        Reason::PlanEmpty => ("该草稿没有目标任务。", "The draft has no target."),
        Reason::PlanExists { year } => {
            return match language {
                Language::ZhCn => format!("{year} 年已导入另一份文件。"),
                Language::En => format!("Another document was imported for {year}."),
            };
        }
        Reason::LeaderUnclear { name } => {
            return match language {
                Language::ZhCn => {
                    format!("“{name}”已不在任，或有多位同名领导：请先办理职务交接或更正文件。")
                }
                Language::En => format!(
                    "“{name}” is out of office, or several leaders have that name: hand over the post first, or correct the document."
                ),
            };
        }
        Reason::DocumentProblems { count } => {
            return match language {
                Language::ZhCn => format!("文件有 {count} 处问题，未导入，见报告。"),
                Language::En => format!(
                    "The document has {count} problem(s), which the report lists: nothing was imported."
                ),
            };
        }
        Reason::NotPlainText => (
            "文件应为 UTF-8 编码的文本（制表符分隔）。",
            "The document must be a text in UTF-8, its cells separated by tabs.",
        ),
        Reason::NoLeadUnit => ("应至少有一个牵头单位。", "At least one unit must lead."),
        Reason::PhraseNotInText => (
            "量化指标所依据的原文不在目标任务文本中，请一并调整量化指标。",
            "An indicator's phrase is no part of the target's text: change the indicators with it.",
        ),
        Reason::IndicatorHasReadings => (
            "该目标任务已有报告，不能删除量化指标。",
            "There are reports on the target: its indicators can be changed, but not removed.",
        ),
        Reason::CarriedOver => ("该目标任务已结转。", "The target was carried over before."),
        _ => (
            "只能结转到以后年度的草稿。",
            "Targets are carried over into the draft of a later year.",
        ),
    };
    pick(language, zh, en)
}

/// A remark of the importer.
pub(crate) fn remark(note: &Note, language: Language) -> String {
    match language {
        Language::ZhCn => note.remark.chinese(),
        Language::En => note.remark.english(),
    }
}
