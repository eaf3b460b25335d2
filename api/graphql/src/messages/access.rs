//! Why a grant opens a target, or does not, in words.

use domain::Language;
use entity::kinds::Role;

use super::pick;

/// Why a grant of a role opens a target, or does not.
pub(crate) fn access(role: Role, opens: bool, language: Language) -> String {
    let (zh, en) = match (role, opens) {
        (Role::Supervisor, true) => (
            "该目标任务所属计划在其督查范围内。",
            "The target's plan is among those that the grant supervises.",
        ),
        (Role::Supervisor, false) => (
            "该目标任务所属计划不在其督查范围内。",
            "The target's plan is not among those that the grant supervises.",
        ),
        (Role::Observer, true) => (
            "该目标任务所属计划已发布，且在其观察范围内。",
            "The target's plan is issued, and among those that the grant observes.",
        ),
        (Role::Observer, false) => (
            "该目标任务所属计划未发布，或不在其观察范围内。",
            "The target's plan is not issued, or not among those that the grant observes.",
        ),
        (Role::Leader, true) => (
            "该责任领导现任职务对此目标任务负责。",
            "The leader holds a post today that answers for the target.",
        ),
        (Role::Leader, false) => (
            "该责任领导现任职务不对此目标任务负责，或计划未发布。",
            "The leader holds no post today that answers for the target, or its plan is not issued.",
        ),
        (Role::UnitManager | Role::UnitReporter, true) => (
            "该单位是此目标任务的责任单位或承办单位。",
            "The unit is assigned to the target, or acts for a unit that is.",
        ),
        (Role::UnitManager | Role::UnitReporter, false) => (
            "该单位不是此目标任务的责任单位或承办单位，或计划未发布。",
            "The unit is not assigned to the target and acts for none that is, or its plan is not issued.",
        ),
        (Role::SystemAdmin | Role::SecurityAdmin | Role::AuditAdmin, _) => {
            ("管理员不能查看目标任务。", "Administrators see no targets.")
        }
    };
    pick(language, zh, en)
}
