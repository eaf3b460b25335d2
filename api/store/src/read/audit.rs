//! The audit log (审计记录), for audit administrators. That they read it is itself in the log.

use chrono::{DateTime, Utc};
use domain::Reason;
use entity::{
    audit_entry, audit_seal,
    ids::{AuditEntryId, UnitId, UserId},
    kinds::AuditOutcome,
    unit, user,
};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QuerySelect,
    sea_query::{Condition, Query},
};
use serde_json::{Value, json};

use crate::{
    BadInput, Call, Direction, Page, PageArgs, Result, Seen,
    page::{Key, Sort, by},
    scoped::{Scoped, count, page},
    search::text_to_find,
    system::username,
};

use super::others::without_nulls;

/// Narrowing the log: all that is given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct AuditFilter {
    /// Of this user. The inner none is a user that there is not.
    pub actor: Option<Option<UserId>>,
    /// Of the user of this sign-in name, in whatever form it is typed.
    pub username: Option<String>,
    /// One of these acts.
    pub actions: Option<Vec<String>>,
    /// On objects of each of these types: of one that there is, or of none.
    pub object_types: Vec<String>,
    /// On the object of this key.
    pub object_id: Option<i64>,
    /// With this outcome.
    pub outcome: Option<AuditOutcome>,
    /// From this moment on.
    pub from: Option<DateTime<Utc>>,
    /// Before this moment.
    pub until: Option<DateTime<Utc>>,
    /// Of this request.
    pub request_id: Option<String>,
    /// From this address.
    pub address: Option<String>,
}

impl AuditFilter {
    pub(crate) fn condition(&self) -> Condition {
        use audit_entry::Column::{
            Action, Address, ObjectId, ObjectType, OccurredAt, Outcome, RequestId, UserId,
        };
        let named = |name: String| {
            UserId.in_subquery(
                Query::select()
                    .column(user::Column::Id)
                    .from(user::Entity)
                    .and_where(user::Column::Username.eq(name))
                    .take(),
            )
        };
        let actor = self.actor.map(|user| {
            // Nobody's key.
            UserId.eq(user.unwrap_or(entity::ids::UserId(0)))
        });
        // Said twice, so that the index of what was not done is found.
        let not_done = self
            .outcome
            .filter(|outcome| *outcome != AuditOutcome::Succeeded);
        let not_done = not_done.map(|_| Outcome.ne(AuditOutcome::Succeeded));
        let types = self.object_types.iter();
        types
            .fold(Condition::all(), |all, of| all.add(ObjectType.eq(of)))
            .add_option(actor)
            .add_option(self.named().map(named))
            .add_option(self.actions.as_ref().map(|words| Action.is_in(words)))
            .add_option(self.object_id.map(|id| ObjectId.eq(id)))
            .add_option(self.outcome.map(|outcome| Outcome.eq(outcome)))
            .add_option(not_done)
            .add_option(self.from.map(|from| OccurredAt.gte(from)))
            .add_option(self.until.map(|until| OccurredAt.lt(until)))
            .add_option(self.request_id.as_ref().map(|id| RequestId.eq(id)))
            .add_option(self.address.as_ref().map(|address| Address.eq(address)))
    }

    /// The sign-in name in its one form.
    fn named(&self) -> Option<String> {
        self.username.as_deref().map(username)
    }

    /// That its texts can be looked for, and the log can keep them.
    pub(crate) fn check(&self) -> Result<(), BadInput> {
        let actions = self.actions.iter().flatten();
        let texts = [
            ("filter.username", self.username.as_ref()),
            ("filter.requestId", self.request_id.as_ref()),
            ("filter.ipAddress", self.address.as_ref()),
        ];
        let texts = texts
            .into_iter()
            .filter_map(|(name, text)| Some((name, text?)));
        let types = self
            .object_types
            .iter()
            .map(|text| ("filter.objectType", text));
        texts
            .chain(actions.map(|text| ("filter.actions", text)))
            .chain(types)
            .try_for_each(|(argument, text)| text_to_find(text, argument))
    }

    /// As the log keeps it.
    pub(crate) fn told(&self) -> Value {
        without_nulls(json!({
            "actorId": self.actor.map(|user| user.map(|user| user.0)),
            "username": self.named(), "actions": self.actions, "objectTypes": (!self.object_types.is_empty()).then_some(&self.object_types),
            "objectId": self.object_id, "outcome": self.outcome, "from": self.from, "until": self.until,
            "requestId": self.request_id, "address": self.address,
        }))
    }
}

/// The key of an entry that the viewer sees: opens its place in the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AuditKey(AuditEntryId);

/// The key of a unit that an entry names to somebody who sees the entry: opens the unit's name, nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AuditUnitKey(UnitId);

impl Seen<audit_entry::Model> {
    /// The key that opens the entry's place in the chain.
    pub const fn key(&self) -> AuditKey {
        AuditKey(self.0.id)
    }

    /// The unit in which the user worked.
    pub fn unit(&self) -> Option<AuditUnitKey> {
        self.0.unit_id.map(AuditUnitKey)
    }
}

impl Call {
    /// That the viewer is an audit administrator.
    ///
    /// # Errors
    /// Refused with [`Reason::NotAuditAdministrator`], or as [`Call::admitted`].
    pub fn audit_administrator(&self) -> Result<()> {
        self.admitted()?;
        if self.reach().audit {
            Ok(())
        } else {
            Err(Reason::NotAuditAdministrator.whole().into())
        }
    }

    /// A page of the log, newest first. What is committed by now is in its place of the chain before it is read.
    ///
    /// # Errors
    /// As [`Call::audit_administrator`], or an argument makes no sense.
    pub async fn audit_entries(
        &self,
        filter: &AuditFilter,
        args: &PageArgs,
    ) -> Result<Page<Seen<audit_entry::Model>>> {
        self.audit_administrator()?;
        filter.check()?;
        self.store().seal().await?;
        let sort = Sort {
            columns: vec![
                by(audit_entry::Entity, audit_entry::Column::OccurredAt),
                by(audit_entry::Entity, audit_entry::Column::Id),
            ],
            direction: Direction::Descending,
        };
        let rows = Scoped::<audit_entry::Entity>::new(self).and(filter.condition());
        let keys =
            |row: &audit_entry::Model| vec![Key::moment(row.occurred_at), Key::Number(row.id.0)];
        let page = page(self, "audit", rows, args, &sort, keys).await?;
        self.record_reading_of_log(
            None,
            json!({ "filter": filter.told(), "entries": page.edges.len() }),
        )
        .await?;
        Ok(page)
    }

    /// How many entries there are.
    ///
    /// # Errors
    /// As [`Call::audit_entries`].
    pub async fn audit_entry_count(&self, filter: &AuditFilter) -> Result<i64> {
        self.audit_administrator()?;
        filter.check()?;
        count(
            self,
            Scoped::<audit_entry::Entity>::new(self).and(filter.condition()),
        )
        .await
    }

    /// Entries by key.
    pub async fn audit_entries_by_id(
        &self,
        ids: &[AuditEntryId],
    ) -> Result<Vec<Seen<audit_entry::Model>>> {
        if !self.reach().audit {
            return Ok(Vec::new());
        }
        self.store().seal().await?;
        let rows = Scoped::<audit_entry::Entity>::new(self)
            .and(self.among(audit_entry::Column::Id, ids.iter().copied()))
            .all(&self.reader())
            .await?;
        let one = (ids.len() == 1).then(|| ids[0].0);
        let changes = match one {
            Some(_) => json!({}),
            None => json!({ "ids": ids }),
        };
        self.record_reading_of_log(one, changes).await?;
        Ok(rows)
    }

    /// The places of seen entries in the chain; an entry of the last moments may have none yet.
    pub async fn audit_seals(
        &self,
        keys: &[AuditKey],
    ) -> Result<Vec<(AuditKey, audit_seal::Model)>> {
        let seals = audit_seal::Entity::find()
            .filter(self.among(audit_seal::Column::EntryId, keys.iter().map(|key| key.0)))
            .all(&self.reader())
            .await?;
        Ok(seals
            .into_iter()
            .map(|seal| (AuditKey(seal.entry_id), seal))
            .collect())
    }

    /// The names of units that seen entries name.
    pub async fn audit_units(&self, keys: &[AuditUnitKey]) -> Result<Vec<(AuditUnitKey, String)>> {
        let names: Vec<(UnitId, String)> = unit::Entity::find()
            .select_only()
            .column(unit::Column::Id)
            .column(unit::Column::Name)
            .filter(self.among(unit::Column::Id, keys.iter().map(|key| key.0)))
            .into_tuple()
            .all(&self.reader())
            .await?;
        Ok(names
            .into_iter()
            .map(|(id, name)| (AuditUnitKey(id), name))
            .collect())
    }
}
