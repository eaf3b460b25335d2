//! Sign out: the session ends, and with it every token that came from it.

use serde_json::json;

use crate::{
    Call, Result,
    system::{end_session, end_sessions},
    write::{Act, Entry},
};

impl Call {
    /// Ends the viewer's session, or all of their sessions.
    ///
    /// # Errors
    /// Nobody is signed in.
    pub async fn sign_out(&self, everywhere: bool) -> Result<()> {
        let viewer = self.signed_in()?;
        let write = self.write().await?;
        if everywhere {
            end_sessions(write.db(), viewer.account.id, None, self.now()).await?;
        } else {
            end_session(write.db(), viewer.session, self.now()).await?;
        }
        let entry = Entry {
            act: Act::SignOut,
            object: "Session",
            id: Some(viewer.session.0),
            changes: json!({ "everywhere": everywhere }),
            event: None,
        };
        write.commit([entry]).await
    }
}
