//! What a person who was refused can do about it: one code for each reason.

use super::Reason;

/// What a person who was refused can do about it; the `code` of a user error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    /// There is no such thing, or none that the caller may see.
    NotFound,
    /// The input is not acceptable.
    Invalid,
    /// The thing is visible, the act is not allowed.
    Forbidden,
    /// The thing is not in a state in which the act makes sense.
    WrongState,
    /// Somebody else changed the thing meanwhile, or the same `clientMutationId` came with another input.
    Conflict,
    /// The period takes no reports now.
    Locked,
    /// More than one request may carry.
    TooLarge,
    /// The password is right, and the account has a second factor.
    SecondFactorRequired,
}

impl Reason {
    /// The reason's code.
    pub const fn code(&self) -> Code {
        match self {
            Self::NotFound | Self::UnitUnknown { .. } => Code::NotFound,
            Self::File(reason) => reason.code(),
            Self::Empty
            | Self::OutOfRange { .. }
            | Self::BadCredentials
            | Self::BadRefreshToken
            | Self::WrongPassword
            | Self::PasswordTooShort { .. }
            | Self::PasswordTooLong { .. }
            | Self::PasswordTooCommon
            | Self::PasswordIsName
            | Self::PasswordUnchanged
            | Self::NotAssigned
            | Self::ReportEmpty
            | Self::AlreadyAssigned
            | Self::Blank
            | Self::UnfitCharacter { .. }
            | Self::TwoSpaces
            | Self::MixedAlphabets
            | Self::KanaForChinese
            | Self::NotDecimal
            | Self::InThePast
            | Self::NoWeight
            | Self::WhichUnit
            | Self::Repeated
            | Self::NoPeriodFrom
            | Self::VersionMissing { .. } => Code::Invalid,
            Self::TooMany { .. } | Self::TextTooLong { .. } => Code::TooLarge,
            Self::NotManagerOfUnit
            | Self::NotOfUnit
            | Self::NotSupervisor
            | Self::ReviewerIsAuthor
            | Self::NotOfLead
            | Self::DeciderIsAsker => Code::Forbidden,
            Self::UnitHasLeft
            | Self::TargetSuspended
            | Self::TargetNotClosed
            | Self::TargetNotSuspended
            | Self::DueDatePassed { .. }
            | Self::RequestPending
            | Self::RequestState { .. }
            | Self::RefinementState { .. }
            | Self::NoMilestone
            | Self::RefinementInForce
            | Self::Acknowledged
            | Self::Disputed
            | Self::DisputeState { .. } => Code::WrongState,
            Self::AlreadyResolved
            | Self::ReportState { .. }
            | Self::ReviewBegun
            | Self::PeriodNotLocked
            | Self::PeriodIsOpen
            | Self::PeriodsExist
            | Self::LightNotSet
            | Self::PlanNotPublished => Code::WrongState,
            Self::PeriodNotOpen { .. } | Self::PeriodLocked { .. } => Code::Locked,
            Self::Stale { .. } | Self::OtherInput => Code::Conflict,

            Self::NoticeState { .. } | Self::InstructionAnswered | Self::TargetClosed => {
                Code::WrongState
            }
            Self::NotLeader | Self::NotManagerOfLeadUnit => Code::Forbidden,
            Self::WhichLeader | Self::DayOutOfRange { .. } => Code::Invalid,

            Self::AttachmentTaken => Code::WrongState,
            Self::TooManyWaiting { .. } => Code::TooLarge,
            Self::NotSystemAdmin
            | Self::NotSecurityAdmin
            | Self::NotToOneself
            | Self::AdministratorAccount
            | Self::ApproverIsGranter
            | Self::AdministratorAlone { .. } => Code::Forbidden,
            Self::AccountDisabled
            | Self::AccountActive
            | Self::AccountNotLocked
            | Self::AlreadyGranted
            | Self::GrantState { .. }
            | Self::UnitMerged { .. }
            | Self::NotInOffice => Code::WrongState,
            Self::NameTaken
            | Self::UsernameUnfit
            | Self::ColumnUnknown
            | Self::ScopeMissing { .. }
            | Self::ScopeNotWanted { .. }
            | Self::EndsBeforeItBegins
            | Self::NotBoolean
            | Self::NotCode
            | Self::Unchanged
            | Self::SuccessorIsPredecessor
            | Self::MergedIntoItself
            | Self::GroupWithoutMembers => Code::Invalid,
            Self::NotAuditAdministrator => Code::Forbidden,

            Self::NotOfAllPlans => Code::Forbidden,
            Self::PlanArchived
            | Self::PlanNotDraft
            | Self::PlanEmpty
            | Self::PlanExists { .. }
            | Self::IndicatorHasReadings
            | Self::CarriedOver => Code::WrongState,
            Self::DocumentProblems { .. }
            | Self::LeaderUnclear { .. }
            | Self::NoLeadUnit
            | Self::PhraseNotInText
            | Self::NotALaterYear
            | Self::NotPlainText => Code::Invalid,
            Self::SecondFactorMissing | Self::SecondFactorWrong => Code::SecondFactorRequired,
            Self::WrongCode
            | Self::NotRoles
            | Self::NoTable
            | Self::TableEncoding
            | Self::ColumnMissing { .. }
            | Self::RowsWrong
            | Self::AccountDiffers => Code::Invalid,
            Self::TableTooLarge { .. } => Code::TooLarge,
            Self::SecondFactorOn
            | Self::NoSecondFactor
            | Self::SecondFactorNotBegun
            | Self::SecondFactorUnavailable
            | Self::PostNotHeld => Code::WrongState,
        }
    }
}
