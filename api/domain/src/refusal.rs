//! Why an act was refused, in a form that a caller can act on. The words for people live in crate `graphql`.

use chrono::{DateTime, NaiveDate, Utc};
use entity::kinds::{
    DisputeStatus, NoticeStatus, RefinementStatus, ReportStatus, RequestStatus, Role,
};

use crate::{FileReason, GrantState};

mod code;

pub use code::Code;

/// A refusal, with the place in the input that it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Path inside `input`, such as `["unitIds", "2"]`; empty when the act as a whole is refused.
    pub field: Vec<String>,
    /// Why.
    pub reason: Reason,
}

/// Each reason there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// No such thing within what the caller sees.
    NotFound,
    /// The list holds nothing.
    Empty,
    /// The list holds more than one request may carry.
    TooMany {
        /// The most it may hold.
        most: usize,
    },
    /// The number lies outside of what is allowed.
    OutOfRange {
        /// The least that is allowed.
        least: i64,
        /// The most that is allowed.
        most: i64,
    },
    /// The file is not taken as evidence.
    File(FileReason),
    /// Unknown name, wrong password or locked account: never told apart.
    BadCredentials,
    /// The refresh token is unknown, used, expired, or its session has ended.
    BadRefreshToken,
    /// The current password is not that.
    WrongPassword,
    /// The new password has too few characters.
    PasswordTooShort {
        /// The fewest it may have.
        least: usize,
    },
    /// The new password has too many characters.
    PasswordTooLong {
        /// The most it may have.
        most: usize,
    },
    /// The new password is on the list of the worst ones.
    PasswordTooCommon,
    /// The new password is the user's name.
    PasswordIsName,
    /// The new password is the old one.
    PasswordUnchanged,
    /// Only the unit's manager does this for the unit.
    NotManagerOfUnit,
    /// Only people who work for the unit do this.
    NotOfUnit,
    /// Only the supervision office does this.
    NotSupervisor,
    /// Units have been designated already.
    AlreadyResolved,
    /// The report's state does not allow this.
    ReportState {
        /// The state.
        status: ReportStatus,
    },
    /// Its review has begun.
    ReviewBegun,
    /// Whoever wrote or handed in a report does not review it.
    ReviewerIsAuthor,
    /// The period takes no reports yet.
    PeriodNotOpen {
        /// When it opens.
        opens_at: DateTime<Utc>,
    },
    /// The period takes no reports any more.
    PeriodLocked {
        /// Since when.
        since: DateTime<Utc>,
        /// Who locked it; the rule, when nobody did.
        by: Option<String>,
    },
    /// The period is not locked: there is nothing to open.
    PeriodNotLocked,
    /// The period is open already.
    PeriodIsOpen,
    /// The light is not set by hand.
    LightNotSet,
    /// Reporting periods of this kind have been created already.
    PeriodsExist,
    /// The reports of all periods of the year were due before that day, or by now.
    NoPeriodFrom,
    /// The plan is not in force.
    PlanNotPublished,
    /// The unit is not assigned to the target.
    NotAssigned,
    /// The unit has no part in the target any more.
    UnitHasLeft,
    /// The report says nothing about its progress.
    ReportEmpty,
    /// Only people who work for a lead unit do this.
    NotOfLead,
    /// The target is suspended.
    TargetSuspended,
    /// The target is not closed: there is nothing to open again.
    TargetNotClosed,
    /// The target is not suspended: there is nothing to take up again.
    TargetNotSuspended,
    /// The due date has passed: no extension can be asked for any more.
    DueDatePassed {
        /// The due date.
        due_on: NaiveDate,
    },
    /// A request of this kind waits for its decision already.
    RequestPending,
    /// The request's state does not allow this.
    RequestState {
        /// The state.
        status: RequestStatus,
    },
    /// Whoever asked does not decide.
    DeciderIsAsker,
    /// The refined plan's state does not allow this.
    RefinementState {
        /// The state.
        status: RefinementStatus,
    },
    /// The refined plan has no milestone.
    NoMilestone,
    /// The refined plan in force is changed by a unit manager alone, or by way of the supervision office.
    RefinementInForce,
    /// The assignment was acknowledged.
    Acknowledged,
    /// The unit disputes the assignment: the supervision office decides first.
    Disputed,
    /// The dispute's state does not allow this.
    DisputeState {
        /// The state.
        status: DisputeStatus,
    },
    /// The unit is assigned to the target already.
    AlreadyAssigned,
    /// Something must be written here.
    Blank,
    /// A text is too long.
    TextTooLong {
        /// The most characters.
        most: usize,
    },
    /// A name or a text holds a character that it must not hold.
    UnfitCharacter {
        /// The first one.
        character: char,
    },
    /// A name has two spaces in a row.
    TwoSpaces,
    /// A name has letters of two alphabets, which look alike.
    MixedAlphabets,
    /// A name has kana, Bopomofo or strokes of Hangul that could be taken for Chinese characters.
    KanaForChinese,
    /// Not an exact decimal number of at most 20 digits.
    NotDecimal,
    /// The moment lies in the past.
    InThePast,
    /// None of the weights is above zero.
    NoWeight,
    /// Several units could be meant: say which.
    WhichUnit,
    /// The same thing stands twice in the list.
    Repeated,
    /// To change what there is, say which version you have seen.
    VersionMissing {
        /// The version there is.
        current: i32,
    },
    /// Somebody else changed it meanwhile.
    Stale {
        /// The version there is.
        current: i32,
    },
    /// The same `clientMutationId` came before, with another input.
    OtherInput,

    /// The notice is not open any more.
    NoticeState {
        /// The state.
        status: NoticeStatus,
    },
    /// The instruction was answered.
    InstructionAnswered,
    /// Only a leader who answers for the target today does this.
    NotLeader,
    /// Several leaders could be meant: say which.
    WhichLeader,
    /// Only a manager of a lead unit does this.
    NotManagerOfLeadUnit,
    /// The target is closed.
    TargetClosed,
    /// The file belongs to something else, or was taken off this: it is to be uploaded again.
    AttachmentTaken,
    /// Too many files wait to be attached.
    TooManyWaiting {
        /// The most.
        most: usize,
    },

    /// The day lies outside of what is allowed.
    DayOutOfRange {
        /// The first day that is allowed.
        earliest: NaiveDate,
        /// The last day that is allowed.
        latest: NaiveDate,
    },

    /// Only the system administrator does this.
    NotSystemAdmin,
    /// Only a security administrator does this.
    NotSecurityAdmin,
    /// Nobody does this to themselves.
    NotToOneself,
    /// An administrator's password is reset at the command line alone.
    AdministratorAccount,
    /// Whoever asked for a grant does not decide on it.
    ApproverIsGranter,
    /// An administrator has no other role.
    AdministratorAlone {
        /// The role that the user has at that time.
        held: Role,
    },
    /// The account is disabled.
    AccountDisabled,
    /// The account is not disabled.
    AccountActive,
    /// The account is not locked.
    AccountNotLocked,
    /// The user has this grant for that time already.
    AlreadyGranted,
    /// The grant does not wait for this.
    GrantState {
        /// How it stands.
        state: GrantState,
    },
    /// The name is taken.
    NameTaken,
    /// There is no unit of this name.
    UnitUnknown {
        /// The name, as it was given.
        name: String,
    },
    /// A column of a table of accounts is not known, or stands there twice.
    ColumnUnknown,
    /// The sign-in name has characters that it may not have.
    UsernameUnfit,
    /// The role needs this scope.
    ScopeMissing {
        /// The role.
        role: Role,
    },
    /// The role does not take this scope.
    ScopeNotWanted {
        /// The role.
        role: Role,
    },
    /// The end is not after the beginning.
    EndsBeforeItBegins,
    /// Neither true nor false.
    NotBoolean,
    /// Not a code of six digits.
    NotCode,
    /// The unit was merged into another.
    UnitMerged {
        /// The other's name.
        into: String,
    },
    /// It would be the same as before.
    Unchanged,
    /// The group names nobody: it has no members.
    GroupWithoutMembers,
    /// The leader holds no post then.
    NotInOffice,
    /// A leader would take over from themselves.
    SuccessorIsPredecessor,
    /// A unit would be merged into itself.
    MergedIntoItself,
    /// Only an audit administrator does this.
    NotAuditAdministrator,

    /// Only the supervision office of all plans does this.
    NotOfAllPlans,
    /// The plan is archived: nothing is written to it any more.
    PlanArchived,
    /// The plan is not a draft any more.
    PlanNotDraft,
    /// The draft has no target.
    PlanEmpty,
    /// There is another plan for the year.
    PlanExists {
        /// The year.
        year: i32,
    },
    /// A leader's name in a document leads to several people, or to one who is out of office.
    LeaderUnclear {
        /// The name.
        name: String,
    },
    /// The document could not be read: its report says where.
    DocumentProblems {
        /// How many problems there are.
        count: usize,
    },
    /// No unit would lead the target.
    NoLeadUnit,
    /// An indicator's phrase is no part of the target's text.
    PhraseNotInText,
    /// There are readings of the indicator.
    IndicatorHasReadings,
    /// The target was carried over before.
    CarriedOver,
    /// The plan is not of a later year than the target's.
    NotALaterYear,
    /// The document is not a text in UTF-8.
    NotPlainText,
    /// The account has a second factor, and none was given.
    SecondFactorMissing,
    /// The second factor is wrong, or was used before.
    SecondFactorWrong,
    /// The code is wrong, or was used before.
    WrongCode,
    /// The account has a second factor already.
    SecondFactorOn,
    /// The account has no second factor.
    NoSecondFactor,
    /// Setting up a second factor has not begun, or took too long.
    SecondFactorNotBegun,
    /// The server has no key under which second factors would be kept.
    SecondFactorUnavailable,
    /// Not roles with commas between them.
    NotRoles,
    /// The table holds, or unfolds to, more than may be.
    TableTooLarge {
        /// The most bytes.
        most: usize,
    },
    /// The file is no table that can be read.
    NoTable,
    /// The text is neither UTF-8 nor GB18030.
    TableEncoding,
    /// The table has no such column.
    ColumnMissing {
        /// The column's heading.
        column: &'static str,
    },
    /// Rows of the table are wrong: none was taken.
    RowsWrong,
    /// There is an account of this name, and it says something else.
    AccountDiffers,
    /// The leader does not hold this post.
    PostNotHeld,
}

impl Reason {
    /// The reason's name, such as `NotManagerOfUnit`: without what it says beside, for the audit log.
    pub fn name(&self) -> String {
        let told = format!("{self:?}");
        let end = told.find(|c: char| !c.is_ascii_alphanumeric());
        told[..end.unwrap_or(told.len())].to_owned()
    }

    /// The version there is, where the refusal is about versions.
    pub const fn current_version(&self) -> Option<i32> {
        match self {
            Self::VersionMissing { current } | Self::Stale { current } => Some(*current),
            _ => None,
        }
    }

    /// A refusal of the whole act for this reason.
    pub const fn whole(self) -> Refusal {
        Refusal {
            field: Vec::new(),
            reason: self,
        }
    }

    /// A refusal because of one field of the input.
    pub fn at(self, field: &str) -> Refusal {
        Refusal {
            field: vec![field.to_owned()],
            reason: self,
        }
    }

    /// A refusal because of one item of a list in the input.
    pub fn at_item(self, field: &str, index: usize) -> Refusal {
        Refusal {
            field: vec![field.to_owned(), index.to_string()],
            reason: self,
        }
    }

    /// A refusal because of one field of an item of a list in the input.
    pub fn in_item(self, list: &str, index: usize, field: &str) -> Refusal {
        Refusal {
            field: vec![list.to_owned(), index.to_string(), field.to_owned()],
            reason: self,
        }
    }
}
