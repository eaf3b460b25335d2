//! What people write in the demo's year.

use domain::{Language, quantity};
use entity::{
    indicator,
    kinds::{Comparison, IndicatorKind},
};
use rust_decimal::Decimal;

use super::{draw::Draw, script::Course};

/// What was achieved by an indicator, in words.
pub(super) fn measured(indicator: &indicator::Model, value: Decimal, month: u32) -> String {
    let indicator::Model {
        name,
        goal,
        unit_of_measure: unit,
        ..
    } = indicator;
    let written = |value| quantity(value, unit, Language::ZhCn);
    // The store keeps goals that are numbers, and no others.
    let goal = Decimal::from_str_exact(goal).map_or_else(|_| goal.clone(), written);
    let value = written(value);
    match indicator.kind {
        IndicatorKind::Count | IndicatorKind::Amount => {
            format!("截至{month}月，{name}累计完成{value}（年度目标{goal}）。")
        }
        IndicatorKind::Rate | IndicatorKind::Level => {
            let bound = match indicator.comparison {
                Comparison::AtLeast => "不低于",
                Comparison::AtMost => "不高于",
            };
            format!("1—{month}月，{name}为{value}（年度目标{bound}{goal}）。")
        }
    }
}

/// What was done.
pub(super) fn progress(course: Course, percent: i32, month: u32, draw: Draw) -> String {
    let done = match course {
        Course::NotStarted => draw.among(&[
            "正在开展前期调研，工作方案尚在征求意见。",
            "牵头处室已明确，具体任务尚未分解到位。",
        ]),
        Course::Completed => draw.among(&[
            "各项任务已按计划全部落地，台账资料已归集。",
            "主要任务提前完成，正在开展自查验收。",
        ]),
        Course::Behind | Course::FarBehind => draw.among(&[
            "已召开专题调度会2次，但部分子任务推进缓慢。",
            "前期手续已基本办结，实物工作量不及预期。",
            "已分解到责任单位，个别县（市、区）进度偏慢。",
        ]),
        Course::Ahead | Course::OnSchedule | Course::Suspended => draw.among(&[
            "已制定细化方案并分解到责任处室，按月调度、按季通报。",
            "召开工作推进会，会同配合单位解决堵点问题3个，重点任务按序时推进。",
            "开展实地督导2轮，建立问题清单和销号台账，总体进展顺利。",
            "相关政策已出台实施，配套资金下达到位，各项工作有序推进。",
            "组织县（市、区）对标先进开展比学赶超，重点指标稳步提升。",
        ]),
    };
    format!("{done}截至{month}月底，整体完成{percent}%。")
}

/// What stands in the way.
pub(super) fn problems(course: Course, draw: Draw) -> &'static str {
    match course {
        Course::Behind | Course::FarBehind | Course::NotStarted => draw.among(&[
            "用地指标落实较慢，部分项目前期审批滞后。",
            "受疫情影响，二季度有效施工时间不足。",
            "上级资金下达较晚，影响支付进度。",
            "跨部门协调事项较多，数据共享尚未打通。",
            "市场需求偏弱，企业投资意愿不强。",
        ]),
        _ => draw.among(&[
            "暂无突出问题。",
            "要素保障偏紧，需持续争取上级支持。",
            "个别配合单位报送数据不够及时。",
            "",
        ]),
    }
}

/// What comes next.
pub(super) fn next_steps(course: Course, draw: Draw) -> &'static str {
    match course {
        Course::Completed => "做好总结提炼，按程序申请办结。",
        Course::Behind | Course::FarBehind | Course::NotStarted => draw.among(&[
            "倒排时间表，实行周调度、月通报，确保年底前完成。",
            "提请分管领导召开专题协调会，逐项明确责任人和时限。",
            "成立工作专班，对滞后县（市、区）开展点对点督导。",
        ]),
        _ => draw.among(&[
            "对照年度目标，继续抓好各项任务落实。",
            "加强与配合单位协同，下月重点推进项目验收。",
            "巩固已有成效，梳理典型做法并推广。",
        ]),
    }
}

/// How a unit answers a notice.
pub(super) fn answered(draw: Draw) -> &'static str {
    draw.among(&[
        "已召开专题会议，明确责任人，倒排工期，确保月底前赶上序时进度。",
        "滞后原因为前期手续办理较慢，现已全部办结，将加快推进。",
        "已对照督办要求逐项整改，整改情况见本期进展报告。",
    ])
}

/// Why the office sends a report back.
pub(super) fn returned(draw: Draw) -> &'static str {
    draw.among(&[
        "数据与统计口径不一致，请核实后重报。",
        "请补充滞后原因和具体整改措施。",
        "下一步措施过于笼统，请明确时间节点和责任人。",
        "进展情况与上期相同，请补充本期工作。",
    ])
}
