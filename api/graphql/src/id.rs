//! Opaque global IDs: a type and a key, not to be told from one another by a caller.

use async_graphql::ID;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use entity::ids::{
    AmendmentId, AssignmentId, AttachmentId, AuditEntryId, DesignationId, DisputeId, EventId,
    IndicatorId, InstructionId, LeaderId, MilestoneId, PlanId, PostId, ProgressReportId,
    ReportVersionId, ReportingPeriodId, ReviewId, RoleGrantId, SectionId, SupervisionNoticeId,
    TargetId, TargetRequestId, UnitGroupId, UnitId, UserId,
};

/// A key that has a global ID.
pub(crate) trait Global: Copy + From<Key> {
    /// The GraphQL type of what the key is of.
    const TYPE: &'static str;

    /// The key's number.
    fn number(self) -> i64;

    /// The global ID.
    fn global(self) -> ID {
        ID(BASE64_URL_SAFE_NO_PAD.encode(format!("{}:{}", Self::TYPE, self.number())))
    }

    /// The key of a global ID; none when it is malformed or of another type.
    fn local(id: &ID) -> Option<Self> {
        let (of, key) = split(id)?;
        (of == Self::TYPE).then(|| key.into())
    }
}

/// The number in a global ID.
#[derive(Clone, Copy)]
pub(crate) struct Key(i64);

/// The type and the number of a global ID; none unless it is exactly as [`Global::global`] makes it.
fn split(id: &ID) -> Option<(String, Key)> {
    let text = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(id.as_str()).ok()?).ok()?;
    let (of, digits) = text.split_once(':')?;
    let key: i64 = digits.parse().ok()?;
    let canonical = key > 0 && key.to_string() == digits;
    canonical.then(|| (of.to_owned(), Key(key)))
}

macro_rules! global {
    ($($key:ident = $of:ident),+ $(,)?) => {
        $(
            impl From<Key> for $key {
                fn from(key: Key) -> Self { Self(key.0) }
            }

            impl Global for $key {
                const TYPE: &'static str = stringify!($of);

                fn number(self) -> i64 { self.0 }
            }
        )+

        /// Any global ID.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(crate) enum AnyId {
            $($of($key)),+
        }

        impl AnyId {
            /// What a global ID is of; none when it is malformed or of a type that there is not.
            pub(crate) fn read(id: &ID) -> Option<Self> {
                let (of, key) = split(id)?;
                match of.as_str() {
                    $(stringify!($of) => Some(Self::$of(key.into())),)+
                    _ => None,
                }
            }

            /// The type and the key's number.
            pub(crate) fn parts(self) -> (&'static str, i64) {
                match self {
                    $(Self::$of(key) => (stringify!($of), key.number()),)+
                }
            }
        }
    };
}

global! {
    PlanId = Plan,
    SectionId = Section,
    TargetId = Target,
    LeaderId = Leader,
    PostId = Post,
    UnitId = Unit,
    UnitGroupId = UnitGroup,
    AssignmentId = Assignment,
    DesignationId = Designation,
    IndicatorId = Indicator,
    SupervisionNoticeId = SupervisionNotice,
    InstructionId = Instruction,
    UserId = User,
    RoleGrantId = RoleGrant,
    ReportingPeriodId = ReportingPeriod,
    ProgressReportId = ProgressReport,
    ReportVersionId = ReportVersion,
    ReviewId = Review,
    AttachmentId = Attachment,
    EventId = Event,
    TargetRequestId = TargetRequest,
    MilestoneId = Milestone,
    DisputeId = Dispute,
    AuditEntryId = AuditEntry,
    AmendmentId = Amendment,
}

/// The global ID of something that the audit log names, whatever its type; such an ID need not lead to an object.
pub(crate) fn of_any(of: &str, key: i64) -> ID {
    ID(BASE64_URL_SAFE_NO_PAD.encode(format!("{of}:{key}")))
}

/// The type and the key of a global ID, whatever its type.
pub(crate) fn any(id: &ID) -> Option<(String, i64)> {
    split(id).map(|(of, key)| (of, key.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_as_it_was_made_and_by_its_own_type_alone() {
        let id = TargetId(17).global();
        assert_eq!(TargetId::local(&id), Some(TargetId(17)));
        assert_eq!(UnitId::local(&id), None);
        assert_eq!(AnyId::read(&id), Some(AnyId::Target(TargetId(17))));
    }

    #[test]
    fn whatever_is_no_id_is_none() {
        let encoded = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
        for text in [
            String::new(),
            "17".to_owned(),
            "台州".to_owned(),
            encoded("Target"),
            encoded("Target:"),
            encoded("Target:0"),
            encoded("Target:-1"),
            encoded("Target:+1"),
            encoded("Target:01"),
            encoded("Target:99999999999999999999"),
            encoded("Target:1:1"),
            format!("{}=", encoded("Target:1")),
        ] {
            assert_eq!(TargetId::local(&ID(text.clone())), None, "{text}");
            assert_eq!(AnyId::read(&ID(text.clone())), None, "{text}");
        }
        assert_eq!(AnyId::read(&ID(encoded("Session:1"))), None);
    }
}
