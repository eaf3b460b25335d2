//! Change what an account says of its person: the shown name, and the unit in which they work.

use domain::{Action, Reason, account::LONGEST_NAME};
use entity::ids::{UnitId, UserId};
use serde_json::json;

use crate::{Account, Call, Once, Result, write::Begun};

use super::{directory_unit, fit_name};

/// What changes of an account.
#[derive(Clone, Debug)]
pub struct UpdateUser {
    /// Whose account; none when the ID is none.
    pub user: Option<UserId>,
    /// The new shown name, where it changes.
    pub display_name: Option<String>,
    /// The unit, where it changes.
    pub unit: NewUnit,
    /// Why.
    pub reason: Option<String>,
}

/// The unit in which somebody works from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewUnit {
    /// The same.
    Same,
    /// None.
    Nowhere,
    /// This one; none when the ID is none.
    In(Option<UnitId>),
}

impl Call {
    /// Changes an account's shown name or unit. Neither gives any access, so grants stay as they are: whoever moves keeps
    /// what they were granted for the unit of before, until a security administrator revokes it.
    ///
    /// # Errors
    /// Refused: an account that the viewer does not see, or their own, a viewer who is no system administrator, a unit that
    /// there is not, no name, or nothing that changes.
    pub async fn update_user(&self, input: UpdateUser, once: Option<&Once>) -> Result<Account> {
        let reason = self.reason(input.reason.as_deref())?;
        let action = Action::UpdateUser;
        let (write, mut row) = match self.on_user(action, input.user, once).await? {
            Begun::Fresh(begun) => begun,
            Begun::Again(account) => return Ok(account),
        };
        let name = match &input.display_name {
            Some(name) => fit_name("displayName", name, LONGEST_NAME)?,
            None => row.display_name.clone(),
        };
        let unit = match input.unit {
            NewUnit::Same => row.unit_id,
            NewUnit::Nowhere => None,
            NewUnit::In(unit) => Some(directory_unit(self, &write, unit, "unitId").await?),
        };
        if name == row.display_name && unit == row.unit_id {
            return Err(Reason::Unchanged.whole().into());
        }
        let changes = json!({
            "displayName": [row.display_name, name], "unitId": [row.unit_id, unit], "reason": reason,
        });
        row.display_name = name;
        row.unit_id = unit;
        let done = self.save_account(write, row, action, changes, None);
        Ok(done.await?.account)
    }
}
