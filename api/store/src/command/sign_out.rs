//! Sign out: the session ends, and with it every token that came from it.

use serde_json::json;

use crate::{
    Call, Result,
    system::end_session,
    write::{Act, Entry},
};

impl Call {
    /// Ends the viewer's session.
    ///
    /// # Errors
    /// Nobody is signed in.
    pub async fn sign_out(&self) -> Result<()> {
        let session = self.signed_in()?.session;
        let write = self.write().await?;
        end_session(write.db(), session, self.now()).await?;
        let entry = Entry {
            act: Act::SignOut,
            object: "Session",
            id: Some(session.0),
            changes: json!({}),
        };
        write.commit([entry]).await
    }
}
