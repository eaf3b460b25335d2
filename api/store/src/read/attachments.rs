//! Evidence files (佐证材料): of versions of reports, of requests, by key, and the links to them.

use entity::{
    attachment,
    ids::{AttachmentId, TargetRequestId},
};
use sea_orm::{
    ColumnTrait,
    sea_query::{Condition, ExprTrait},
};

use crate::{
    Call, Result, Seen, VersionKey,
    link::{LINK_LIFE, Link},
    scoped::Scoped,
};

impl Call {
    /// The files of versions of reports, in the order of uploading. They are asked for through the scope again, as a report's
    /// readings are.
    pub async fn attachments(
        &self,
        versions: &[VersionKey],
    ) -> Result<Vec<(VersionKey, Seen<attachment::Model>)>> {
        use attachment::Column::{FromVersion, Id, ReportId, UntilVersion};
        let has = |key: &VersionKey| {
            ReportId
                .eq(key.report)
                .and(FromVersion.lte(key.version))
                .and(UntilVersion.is_null().or(UntilVersion.gt(key.version)))
        };
        let any = versions
            .iter()
            .map(has)
            .fold(Condition::any(), Condition::add);
        let rows = Scoped::<attachment::Entity>::new(self)
            .and(any)
            .order_by(Id)
            .all(&self.reader())
            .await?;
        let of = |row: &Seen<attachment::Model>, key: &VersionKey| {
            row.report_id == Some(key.report)
                && row.from_version.is_some_and(|from| from <= key.version)
                && row.until_version.is_none_or(|until| key.version < until)
        };
        Ok(versions
            .iter()
            .flat_map(|key| {
                let its = rows.iter().filter(|row| of(row, key));
                its.map(|row| (*key, row.clone())).collect::<Vec<_>>()
            })
            .collect())
    }

    /// The files of requests, in the order of uploading.
    pub async fn attachments_of_requests(
        &self,
        requests: &[TargetRequestId],
    ) -> Result<Vec<(TargetRequestId, Seen<attachment::Model>)>> {
        let rows = Scoped::<attachment::Entity>::new(self)
            .and(self.among(attachment::Column::RequestId, requests.iter().copied()))
            .order_by(attachment::Column::Id)
            .all(&self.reader())
            .await?;
        let keyed = |row: Seen<attachment::Model>| row.request_id.map(|request| (request, row));
        Ok(rows.into_iter().filter_map(keyed).collect())
    }

    /// Files by key.
    pub async fn attachments_by_id(
        &self,
        ids: &[AttachmentId],
    ) -> Result<Vec<Seen<attachment::Model>>> {
        Scoped::<attachment::Entity>::new(self)
            .and(self.among(attachment::Column::Id, ids.iter().copied()))
            .all(&self.reader())
            .await
    }

    /// A link by which the viewer gets a seen file within the next five minutes, while the session lasts and they may
    /// still see it.
    ///
    /// # Errors
    /// Nobody is signed in.
    pub fn link_to(&self, file: &Seen<attachment::Model>) -> Result<String> {
        let viewer = self.admitted()?;
        Ok(self.store().inner.links.sign(Link {
            attachment: file.id,
            user: viewer.account.id,
            session: viewer.session,
            expires_at: self.now() + LINK_LIFE,
        }))
    }
}
