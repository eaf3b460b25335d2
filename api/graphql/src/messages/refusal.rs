//! Why an act is refused, in words.

use chrono::{DateTime, Utc};
use domain::{Language, Reason};
use entity::kinds::{DisputeStatus, NoticeStatus, RefinementStatus, ReportStatus, RequestStatus};

use super::{
    account::account, administration::administration, file::file_reason, pick, plan::plan,
};

/// Why an act is refused.
pub(crate) fn reason(reason: &Reason, language: Language) -> String {
    let (zh, en) = match reason {
        Reason::NotFound => ("未找到该对象。", "No such object was found."),
        Reason::Empty => ("列表不能为空。", "The list must not be empty."),
        Reason::TooMany { most } => {
            return match language {
                Language::ZhCn => format!("一次最多 {most} 项。"),
                Language::En => format!("At most {most} items at once."),
            };
        }
        Reason::OutOfRange { least, most } => {
            return match language {
                Language::ZhCn => format!("应在 {least} 至 {most} 之间。"),
                Language::En => format!("Must be from {least} to {most}."),
            };
        }
        Reason::File(reason) => return file_reason(*reason, language),
        Reason::BadCredentials => (
            "用户名或密码不正确，或账号已被暂时锁定。",
            "The name or password is wrong, or the account is locked for a while.",
        ),
        Reason::BadRefreshToken => (
            "登录已失效，请重新登录。",
            "The session has ended. Please sign in again.",
        ),
        Reason::WrongPassword => ("当前密码不正确。", "The current password is wrong."),
        Reason::PasswordTooShort { least } => {
            return match language {
                Language::ZhCn => format!("密码至少 {least} 个字符。"),
                Language::En => format!("A password has at least {least} characters."),
            };
        }
        Reason::PasswordTooLong { most } => {
            return match language {
                Language::ZhCn => format!("密码最多 {most} 个字符。"),
                Language::En => format!("A password has at most {most} characters."),
            };
        }
        Reason::PasswordTooCommon => (
            "该密码过于常见，容易被猜到。",
            "This password is too common, and easily guessed.",
        ),
        Reason::PasswordIsName => (
            "密码不能与用户名相同。",
            "The password must not be the user name.",
        ),
        Reason::PasswordUnchanged => (
            "新密码不能与当前密码相同。",
            "The new password must differ from the current one.",
        ),
        Reason::NotManagerOfUnit => (
            "只有该单位（或承办单位）的负责人可以进行此操作。",
            "Only a manager of the unit, or of the unit acting for it, can do this.",
        ),
        Reason::NotOfUnit => (
            "只有该单位（或承办单位）的人员可以进行此操作。",
            "Only people of the unit, or of the unit acting for it, can do this.",
        ),
        Reason::NotSupervisor => (
            "只有督查室可以进行此操作。",
            "Only the supervision office can do this.",
        ),
        Reason::AlreadyResolved => (
            "该事项已指定责任单位。",
            "Units have been designated already.",
        ),
        Reason::ReportState { status } => {
            return match language {
                Language::ZhCn => format!("报告{}，不能进行此操作。", report_status(*status).0),
                Language::En => format!(
                    "The report {}; this cannot be done now.",
                    report_status(*status).1
                ),
            };
        }
        Reason::ReviewBegun => (
            "督查室已开始审核。",
            "The supervision office has begun the review.",
        ),
        Reason::ReviewerIsAuthor => (
            "不能审核本人填写或报送的报告。",
            "Whoever wrote or submitted a report does not review it.",
        ),
        Reason::PeriodNotOpen { opens_at } => {
            let at = moment(*opens_at);
            return match language {
                Language::ZhCn => format!("报送周期尚未开始，{at} 起可以填报。"),
                Language::En => format!("The period is not open yet: it opens at {at}."),
            };
        }
        Reason::PeriodLocked { since, by } => {
            let at = moment(*since);
            return match (language, by) {
                (Language::ZhCn, Some(by)) => {
                    format!("报送周期已由{by}于 {at} 锁定。如需补报，请联系督查室。")
                }
                (Language::ZhCn, None) => {
                    format!("报送周期已按计划规则于 {at} 锁定。如需补报，请联系督查室。")
                }
                (Language::En, Some(by)) => format!(
                    "{by} locked the period at {at}. The supervision office can open it again for your unit."
                ),
                (Language::En, None) => format!(
                    "The period was locked by the plan's rule at {at}. The supervision office can open it again for your unit."
                ),
            };
        }
        Reason::PeriodNotLocked => ("报送周期没有锁定。", "The period is not locked."),
        Reason::PeriodIsOpen => ("报送周期已经开放。", "The period is open already."),
        Reason::LightNotSet => ("亮灯未被人工调整。", "The light is not set by hand."),
        Reason::PeriodsExist => (
            "该类报送周期已经建立。",
            "Reporting periods of this kind have been created already.",
        ),
        Reason::NoPeriodFrom => (
            "该年度没有在此日或其后到期的报送周期。",
            "No reporting period of the year is due on that day or later.",
        ),
        Reason::PlanNotPublished => ("该计划不在执行中。", "The plan is not in force."),
        Reason::NotAssigned => (
            "该单位不是此目标任务的责任单位。",
            "The unit is not assigned to the target.",
        ),
        Reason::UnitHasLeft => (
            "该单位已不再是此目标任务的责任单位。",
            "The unit is not assigned to the target any more.",
        ),
        Reason::ReportEmpty => (
            "请先填写进展情况。",
            "Please write about the progress so far first.",
        ),
        Reason::NotOfLead => (
            "只有牵头单位（或承办单位）的人员可以进行此操作。",
            "Only people of a lead unit, or of the unit acting for it, can do this.",
        ),
        Reason::TargetSuspended => ("该目标任务已暂缓。", "The target is suspended."),
        Reason::TargetNotClosed => ("该目标任务没有销号。", "The target is not closed."),
        Reason::TargetNotSuspended => ("该目标任务没有暂缓。", "The target is not suspended."),
        Reason::DueDatePassed { due_on } => {
            return match language {
                Language::ZhCn => format!("已过完成时限（{due_on}），延期须在到期前申请。"),
                Language::En => format!(
                    "The due date was {due_on}; an extension must be asked for before it has passed."
                ),
            };
        }
        Reason::RequestPending => (
            "已有同类申请待审批。",
            "A request of this kind waits for its decision already.",
        ),
        Reason::RequestState { status } => {
            let (zh, en) = match status {
                RequestStatus::Pending => ("待审批", "waits for its decision"),
                RequestStatus::Approved => ("已获同意", "was granted"),
                RequestStatus::Rejected => ("未获同意", "was refused"),
                RequestStatus::Withdrawn => ("已撤回", "was taken back"),
            };
            return match language {
                Language::ZhCn => format!("该申请{zh}，不能进行此操作。"),
                Language::En => format!("The request {en}; this cannot be done now."),
            };
        }
        Reason::DeciderIsAsker => ("不能审批本人提出的事项。", "Whoever asked does not decide."),
        Reason::RefinementState { status } => {
            let (zh, en) = match status {
                RefinementStatus::Draft => ("尚在起草", "is being drafted"),
                RefinementStatus::Submitted => ("已报送，待审批", "waits for its decision"),
                RefinementStatus::Returned => ("已被退回", "was sent back"),
                RefinementStatus::Approved => ("已生效", "is in force"),
            };
            return match language {
                Language::ZhCn => format!("细化方案{zh}，不能进行此操作。"),
                Language::En => format!("The refined plan {en}; this cannot be done now."),
            };
        }
        Reason::NoMilestone => ("请先填写时间节点。", "Please enter a milestone first."),
        Reason::RefinementInForce => (
            "细化方案已生效：需审批的请督查室退回后修改，其他的由牵头单位负责人修改。",
            "The refined plan is in force: a manager of a lead unit changes it, or, where plans need approval, the supervision office sends it back first.",
        ),
        Reason::Acknowledged => (
            "该任务已签收，不能再退回。",
            "The assignment was acknowledged, and cannot be disputed any more.",
        ),
        Reason::Disputed => (
            "该任务已提出退回，待督查室决定。",
            "The assignment is disputed: the supervision office decides first.",
        ),
        Reason::DisputeState { status } => {
            let (zh, en) = match status {
                DisputeStatus::Open => ("待决定", "waits for its decision"),
                DisputeStatus::Insisted => {
                    ("已决定维持原责任单位", "was decided: the assignment stays")
                }
                DisputeStatus::Reassigned => {
                    ("已改派", "was decided: another unit has the assignment")
                }
                DisputeStatus::Withdrawn => ("已撤回", "was taken back"),
            };
            return match language {
                Language::ZhCn => format!("该退回申请{zh}，不能进行此操作。"),
                Language::En => format!("The dispute {en}; this cannot be done now."),
            };
        }
        Reason::AlreadyAssigned => (
            "该单位已是此目标任务的责任单位。",
            "The unit is assigned to the target already.",
        ),
        Reason::Blank => ("不能为空。", "Something must be written here."),
        Reason::TextTooLong { most } => {
            return match language {
                Language::ZhCn => format!("最多 {most} 个字。"),
                Language::En => format!("At most {most} characters."),
            };
        }
        Reason::UnfitCharacter { character } => {
            let code = u32::from(*character);
            return match language {
                Language::ZhCn => format!("含有不可使用的字符（U+{code:04X}）。"),
                Language::En => {
                    format!("It holds a character that may not stand here (U+{code:04X}).")
                }
            };
        }
        Reason::TwoSpaces => (
            "名称中不能有连续的空格。",
            "A name has no two spaces in a row.",
        ),
        Reason::MixedAlphabets => (
            "名称中不能混用形近的不同字母文字（如拉丁字母与西里尔字母）。",
            "A name has letters of one alphabet: those of two, such as Latin and Cyrillic, look alike.",
        ),
        Reason::KanaForChinese => (
            "名称中不能使用与汉字形近的假名、注音符号或谚文字母（如以片假名“ニ”代“二”）。",
            "A name has no kana, Bopomofo or strokes of Hangul that could be taken for Chinese characters, such as ニ for 二.",
        ),
        Reason::NotDecimal => (
            "应为十进制数，最多 20 位数字。",
            "Not a decimal number of at most 20 digits.",
        ),
        Reason::NoWeight => (
            "至少一项权重须大于零。",
            "At least one weight must be above zero.",
        ),
        Reason::InThePast => ("应为将来的时间。", "Must lie in the future."),
        Reason::WhichUnit => (
            "您代表多个单位，请说明是哪一个。",
            "You act for several units of this target: say for which one.",
        ),
        Reason::Repeated => (
            "列表中有重复项。",
            "The same thing stands twice in the list.",
        ),
        Reason::VersionMissing { current } => {
            return match language {
                Language::ZhCn => format!("修改时须注明所见版本；当前版本为 {current}。"),
                Language::En => {
                    format!("To change it, say which version you have seen; it is at {current}.")
                }
            };
        }
        Reason::Stale { current } => {
            return match language {
                Language::ZhCn => format!("他人已作修改，当前版本为 {current}。请刷新后重试。"),
                Language::En => format!(
                    "Somebody else changed it meanwhile; it is at version {current}. Read it again."
                ),
            };
        }
        Reason::OtherInput => (
            "相同的 clientMutationId 曾用于不同的内容。",
            "The same clientMutationId came before, with another input.",
        ),

        Reason::NoticeState { status } => match status {
            NoticeStatus::Open => ("督办单尚待答复。", "The notice is open."),
            NoticeStatus::Answered => ("督办单已答复。", "The notice was answered."),
            NoticeStatus::Withdrawn => ("督办单已撤回。", "The notice was withdrawn."),
        },
        Reason::InstructionAnswered => ("批示已答复。", "The instruction was answered."),
        Reason::NotLeader => (
            "只有该目标任务的现任责任领导可以批示。",
            "Only a leader who answers for the target today can do this.",
        ),
        Reason::WhichLeader => (
            "您代表多位责任领导，请说明是哪一位。",
            "You write for several leaders of this target: say for which one.",
        ),
        Reason::NotManagerOfLeadUnit => (
            "只有牵头单位（或其承办单位）的负责人可以进行此操作。",
            "Only a manager of a lead unit, or of the unit acting for it, can do this.",
        ),
        Reason::TargetClosed => (
            "该目标任务已销号或已终止。",
            "The target is closed, or was cancelled.",
        ),
        Reason::AttachmentTaken => (
            "该文件已属于其他报告或申请，或已从本报告移除，请重新上传。",
            "The file belongs to something else, or was taken off this: please upload it again.",
        ),
        Reason::TooManyWaiting { most } => {
            return match language {
                Language::ZhCn => {
                    format!("您已上传而未使用的文件最多 {most} 个，请先使用或次日再试。")
                }
                Language::En => {
                    format!(
                        "At most {most} files may wait to be attached: attach them, or wait a day."
                    )
                }
            };
        }
        Reason::DayOutOfRange { earliest, latest } => {
            return match language {
                Language::ZhCn if earliest > latest => "没有可选的日期。".to_owned(),
                Language::En if earliest > latest => "No day is possible.".to_owned(),
                Language::ZhCn => format!("日期应在 {earliest} 至 {latest} 之间。"),
                Language::En => format!("The day must be from {earliest} to {latest}."),
            };
        }

        Reason::NotSystemAdmin
        | Reason::NotSecurityAdmin
        | Reason::NotToOneself
        | Reason::AdministratorAccount
        | Reason::ApproverIsGranter
        | Reason::AdministratorAlone { .. }
        | Reason::AccountDisabled
        | Reason::AccountActive
        | Reason::AccountNotLocked
        | Reason::AlreadyGranted
        | Reason::GrantState { .. }
        | Reason::NameTaken
        | Reason::UsernameUnfit
        | Reason::UnitUnknown { .. }
        | Reason::ColumnUnknown
        | Reason::ScopeMissing { .. }
        | Reason::ScopeNotWanted { .. }
        | Reason::EndsBeforeItBegins
        | Reason::NotBoolean
        | Reason::NotCode
        | Reason::UnitMerged { .. }
        | Reason::Unchanged
        | Reason::GroupWithoutMembers
        | Reason::SuccessorIsPredecessor
        | Reason::MergedIntoItself
        | Reason::NotInOffice => return administration(reason, language),
        Reason::SecondFactorMissing
        | Reason::SecondFactorWrong
        | Reason::WrongCode
        | Reason::SecondFactorOn
        | Reason::NoSecondFactor
        | Reason::SecondFactorNotBegun
        | Reason::SecondFactorUnavailable
        | Reason::NotRoles
        | Reason::TableTooLarge { .. }
        | Reason::NoTable
        | Reason::TableEncoding
        | Reason::ColumnMissing { .. }
        | Reason::RowsWrong
        | Reason::AccountDiffers
        | Reason::PostNotHeld => return account(reason, language),
        Reason::NotAuditAdministrator => (
            "只有审计管理员可以进行此操作。",
            "Only an audit administrator can do this.",
        ),

        Reason::NotOfAllPlans
        | Reason::PlanArchived
        | Reason::PlanNotDraft
        | Reason::PlanEmpty
        | Reason::PlanExists { .. }
        | Reason::DocumentProblems { .. }
        | Reason::LeaderUnclear { .. }
        | Reason::NotPlainText
        | Reason::NoLeadUnit
        | Reason::PhraseNotInText
        | Reason::IndicatorHasReadings
        | Reason::CarriedOver
        | Reason::NotALaterYear => return plan(reason, language),
    };
    pick(language, zh, en)
}

/// A moment in China's time, to the minute.
fn moment(moment: DateTime<Utc>) -> String {
    domain::clock::local(moment)
        .format("%Y-%m-%d %H:%M")
        .to_string()
}

const fn report_status(status: ReportStatus) -> (&'static str, &'static str) {
    match status {
        ReportStatus::Draft => ("尚在起草", "is being drafted"),
        ReportStatus::PendingSignoff => {
            ("待单位负责人审签", "waits for the unit manager's signature")
        }
        ReportStatus::Submitted => ("已报送", "was submitted"),
        ReportStatus::Returned => ("已被退回", "was sent back"),
        ReportStatus::Accepted => ("已审核通过", "was accepted"),
    }
}
