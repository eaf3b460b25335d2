//! Mutations that come again, under an ID of the client's own: they change nothing twice.

use domain::Reason;
use entity::{ids::UserId, mutation_receipt};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Set,
    sea_query::{Expr, OnConflict},
};
use serde_json::Value;

use super::Write;
use crate::{Call, Fault, Result, digest::sha256};

/// A mutation that its client may send again: changes nothing twice.
#[derive(Clone, Debug)]
pub struct Once {
    client_mutation_id: String,
    /// Tells the mutation and its input from others.
    digest: String,
}

impl Once {
    /// A mutation with its whole input, under the ID that the client gave it.
    pub fn new(client_mutation_id: &str, mutation: &str, input: &str) -> Self {
        Self {
            client_mutation_id: client_mutation_id.to_owned(),
            digest: sha256(format!("{mutation} {input}")),
        }
    }

    /// The same with what an input has beside its text: a file, by its digest.
    pub(crate) fn with(&self, file: &str) -> Self {
        Self {
            client_mutation_id: self.client_mutation_id.clone(),
            digest: sha256(format!("{} {file}", self.digest)),
        }
    }

    /// Keeps what came of it, for whoever sends it again.
    pub(super) async fn keep(
        &self,
        db: &impl ConnectionTrait,
        user: UserId,
        result: Value,
    ) -> Result<(), Fault> {
        mutation_receipt::Entity::update_many()
            .col_expr(mutation_receipt::Column::Result, Expr::value(result))
            .filter(mutation_receipt::Column::UserId.eq(user))
            .filter(mutation_receipt::Column::ClientMutationId.eq(&self.client_mutation_id))
            .exec(db)
            .await?;
        Ok(())
    }
}

/// How a mutation begins; or an act on something that is there, with the row that it has locked and its guard has passed.
pub(crate) enum Begun<F = Write, A = Value> {
    /// It is to be done.
    Fresh(F),
    /// It was done before: what came of it.
    Again(A),
}

impl Call {
    /// What came of a mutation that came before, and is done; none when it is to be done, or being done at this moment: then
    /// [`Call::begin`] knows. For what is costly before a transaction begins.
    ///
    /// # Errors
    /// As [`Call::begin`].
    pub(crate) async fn done_before(&self, once: Option<&Once>) -> Result<Option<Value>> {
        match once {
            Some(once) => receipt(&self.reader(), self.acting()?, once).await,
            None => Ok(None),
        }
    }

    /// Begins a mutation that may come again. Of two at the same moment the second waits for the first.
    ///
    /// # Errors
    /// Refused with [`Reason::OtherInput`] when the same ID came with another input.
    pub(crate) async fn begin(&self, once: Option<&Once>) -> Result<Begun> {
        let user = self.acting()?;
        let mut write = self.write().await?;
        let Some(once) = once else {
            return Ok(Begun::Fresh(write));
        };
        let fresh = mutation_receipt::Entity::insert(mutation_receipt::ActiveModel {
            user_id: Set(user),
            client_mutation_id: Set(once.client_mutation_id.clone()),
            digest: Set(once.digest.clone()),
            result: Set(Value::Null),
            created_at: Set(self.now()),
        })
        .on_conflict(
            OnConflict::columns([
                mutation_receipt::Column::UserId,
                mutation_receipt::Column::ClientMutationId,
            ])
            .do_nothing()
            .to_owned(),
        )
        .exec_without_returning(write.db())
        .await?;
        if fresh > 0 {
            write.once = Some(once.clone());
            return Ok(Begun::Fresh(write));
        }
        let before = receipt(write.db(), user, once).await?;
        let other = || Reason::OtherInput.at("clientMutationId").into();
        before.map(Begun::Again).ok_or_else(other)
    }
}

/// What came of a mutation that came before under the same ID, if any did.
async fn receipt(db: &impl ConnectionTrait, user: UserId, once: &Once) -> Result<Option<Value>> {
    let key = (user, once.client_mutation_id.clone());
    let before = mutation_receipt::Entity::find_by_id(key).one(db).await?;
    match before {
        Some(before) if before.digest != once.digest => {
            Err(Reason::OtherInput.at("clientMutationId").into())
        }
        before => Ok(before.map(|before| before.result)),
    }
}
