//! Every act that the audit log may hold: its word, what its entry keeps, and by which roles it is allowed.

use domain::Action;
use entity::kinds::{AuditOutcome, Role};
use serde_json::Value;

use crate::audit::without_texts;

/// Declares the acts with the words under which the audit log knows them.
macro_rules! acts {
    ($($(#[$doc:meta])* $name:ident = $word:literal),+ $(,)?) => {
        /// Every act there is, as the audit log names it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Act {
            $($(#[$doc])* $name,)+
            /// An act on a plan, a target, or what belongs to one.
            Of(Action),
        }

        impl Act {
            pub(crate) const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)+
                    Self::Of(action) => action.as_str(),
                }
            }
        }

        /// The words of all acts that the audit log may hold: what its tests are held against.
        pub fn audited_acts() -> Vec<&'static str> {
            let acts = [$($word),+].into_iter();
            acts.chain(Action::ALL.iter().map(|action| action.as_str())).collect()
        }
    };
}

acts! {
    SignIn = "SIGN_IN",
    SignInFailed = "SIGN_IN_FAILED",
    SignOut = "SIGN_OUT",
    RefreshSession = "REFRESH_SESSION",
    RefreshTokenReused = "REFRESH_TOKEN_REUSED",
    ChangePassword = "CHANGE_PASSWORD",
    BeginSecondFactor = "BEGIN_SECOND_FACTOR",
    ConfirmSecondFactor = "CONFIRM_SECOND_FACTOR",
    EndSecondFactor = "END_SECOND_FACTOR",
    ReplaceRecoveryCodes = "REPLACE_RECOVERY_CODES",
    ReencryptSecrets = "REENCRYPT_SECRETS",
    CreateAccount = "CREATE_ACCOUNT",
    RotateKeys = "ROTATE_KEYS",
    Sweep = "SWEEP",
    /// A notice was issued by the daily sweep.
    IssueByRule = "ISSUE_NOTICE_BY_RULE",
    UploadAttachment = "UPLOAD_ATTACHMENT",
    DownloadAttachment = "DOWNLOAD_ATTACHMENT",
    CollectAttachment = "COLLECT_ATTACHMENT",
    /// An administrator read what is others'.
    Read = "READ",
    /// Entries of the audit log were read.
    ReadAudit = "READ_AUDIT",
    /// The audit log was exported.
    ExportAudit = "EXPORT_AUDIT",
    /// The audit log was verified.
    VerifyAudit = "VERIFY_AUDIT",
    /// Entries left the audit log for a file.
    ArchiveAudit = "ARCHIVE_AUDIT",
    /// Refusals that are not listed one by one, for there were too many.
    CountRefusals = "COUNT_REFUSALS",
}

impl From<Action> for Act {
    fn from(action: Action) -> Self {
        Self::Of(action)
    }
}

impl Act {
    /// What an entry keeps of what the act changed: of the administrators' own data what they wrote, of the business, which
    /// no administrator sees (domain.md §4), that it changed.
    pub(super) fn kept(self, changes: Value) -> Value {
        let business = match self {
            Self::UploadAttachment
            | Self::DownloadAttachment
            | Self::CollectAttachment
            | Self::Sweep
            | Self::IssueByRule => true,
            Self::Of(action) => !action.is_administrators(),
            Self::SignIn
            | Self::SignInFailed
            | Self::SignOut
            | Self::RefreshSession
            | Self::RefreshTokenReused
            | Self::ChangePassword
            | Self::BeginSecondFactor
            | Self::ConfirmSecondFactor
            | Self::EndSecondFactor
            | Self::ReplaceRecoveryCodes
            | Self::ReencryptSecrets
            | Self::CreateAccount
            | Self::RotateKeys
            | Self::Read
            | Self::ReadAudit
            | Self::ExportAudit
            | Self::VerifyAudit
            | Self::ArchiveAudit
            | Self::CountRefusals => false,
        };
        if business {
            without_texts(changes)
        } else {
            changes
        }
    }

    /// What came of it: some acts are refusals by themselves.
    pub(super) const fn outcome(self) -> AuditOutcome {
        match self {
            Self::SignInFailed | Self::RefreshTokenReused | Self::CountRefusals => {
                AuditOutcome::Refused
            }
            _ => AuditOutcome::Succeeded,
        }
    }

    /// The roles by which it is allowed: empty for what everybody may do with their own session, and `None` where it is not
    /// known, so that each grant of the user may be the one.
    pub(super) fn roles(self) -> Option<Vec<Role>> {
        match self {
            Self::SignIn
            | Self::SignInFailed
            | Self::SignOut
            | Self::RefreshSession
            | Self::RefreshTokenReused
            | Self::ChangePassword
            | Self::BeginSecondFactor
            | Self::ConfirmSecondFactor
            | Self::EndSecondFactor
            | Self::ReplaceRecoveryCodes => Some(Vec::new()),
            Self::Read => Some(vec![Role::SystemAdmin, Role::SecurityAdmin]),
            Self::ReadAudit | Self::ExportAudit | Self::VerifyAudit => Some(vec![Role::AuditAdmin]),
            Self::Of(action) => Some(action.roles()).filter(|roles| !roles.is_empty()),
            _ => None,
        }
    }
}
