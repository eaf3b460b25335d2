//! Evidence files (佐证材料): uploaded, attached, downloaded.

use domain::{
    Reason,
    attachment::{MOST, MOST_WAITING, Place},
};
use entity::{
    attachment,
    ids::{AttachmentId, ProgressReportId, TargetId, TargetRequestId, UnitId},
};
use sea_orm::{
    ActiveValue::NotSet,
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Set,
    sea_query::{Expr, LockType},
};
use serde_json::json;

use crate::{
    Call, Fault, Once, Result, Seen,
    scoped::Scoped,
    write::{Act, Begun, Entry, Write},
};

use super::plan_of;

/// For what a file is uploaded.
#[derive(Clone, Copy, Debug)]
pub struct UploadTo {
    /// The target; none when the ID is none.
    pub target: Option<TargetId>,
    /// The unit, where it is given; the inner none when the ID is none.
    pub unit: Option<Option<UnitId>>,
}

/// A file that was put into the storage.
#[derive(Clone, Debug)]
pub struct StoredFile {
    /// Where it is.
    pub key: String,
    /// Its name, for people: at most 200 characters.
    pub file_name: String,
    /// Its media type.
    pub content_type: &'static str,
    /// Bytes of its content.
    pub byte_size: u64,
    /// SHA-256 of its content, in lower-case hexadecimal.
    pub sha256: String,
}

/// To what files are attached.
#[derive(Clone, Copy, Debug)]
pub(super) enum Owner {
    /// A report, in this version and those after it.
    Report(ProgressReportId, i32),
    /// A request, which is new.
    Request(TargetRequestId),
}

/// Where a file and its owner stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) target: TargetId,
    pub(super) unit: UnitId,
}

impl Call {
    /// Whether the viewer may upload a file for this: asked before the file is put into the storage.
    ///
    /// # Errors
    /// Refused as [`Call::upload_attachment`] is.
    pub async fn may_upload(&self, to: UploadTo) -> Result<()> {
        self.admitted()?;
        let write = self.write().await?;
        // Dropped, it leaves nothing.
        self.upload_spot(&write, to).await.map(drop)
    }

    /// Takes a file that lies in the storage. It waits to be attached, seen by its unit alone. Of a mutation that came before,
    /// the file of then is answered: the caller may take this one away, as whenever it is refused.
    ///
    /// # Errors
    /// Refused: a target that the viewer does not see, a unit that is not assigned or not the viewer's, a plan that is not in
    /// force, or too many files that wait.
    pub async fn upload_attachment(
        &self,
        to: UploadTo,
        file: StoredFile,
        once: Option<&Once>,
    ) -> Result<Seen<attachment::Model>> {
        let user = self.admitted()?.account.id;
        let write = match self.begin(once).await? {
            Begun::Fresh(write) => write,
            Begun::Again(id) => return self.again(&id).await,
        };
        let (plan, spot) = self.upload_spot(&write, to).await?;
        let waiting = attachment::Entity::find()
            .filter(attachment::Column::UploadedById.eq(user))
            .filter(crate::visible::waiting())
            .count(write.db())
            .await?;
        if waiting >= MOST_WAITING as u64 {
            let most = MOST_WAITING;
            return Err(Reason::TooManyWaiting { most }.at("file").into());
        }
        let row = attachment::Entity::insert(attachment::ActiveModel {
            id: NotSet,
            plan_id: Set(plan),
            target_id: Set(spot.target),
            unit_id: Set(spot.unit),
            report_id: Set(None),
            request_id: Set(None),
            from_version: Set(None),
            until_version: Set(None),
            file_name: Set(file.file_name),
            content_type: Set(file.content_type.to_owned()),
            byte_size: Set(i64::try_from(file.byte_size).unwrap_or(i64::MAX)),
            sha256: Set(file.sha256),
            storage_key: Set(file.key),
            uploaded_by_id: Set(user),
            uploaded_at: Set(self.now()),
        })
        .exec_with_returning(write.db())
        .await?;
        let entry = entry(Act::UploadAttachment, &row);
        write.commit_with(json!(row.id), [entry]).await?;
        Ok(Seen(row))
    }

    /// A file that the viewer is about to get: seen through the scope, and the audit log has it.
    ///
    /// # Errors
    /// Refused: there is none that the viewer may see.
    pub async fn download(&self, id: Option<AttachmentId>) -> Result<Seen<attachment::Model>> {
        self.admitted()?;
        let not_found = || Reason::NotFound.whole();
        let write = self.write().await?;
        let row = Scoped::<attachment::Entity>::new(self)
            .and(attachment::Column::Id.eq(id.ok_or_else(not_found)?))
            .one(write.db())
            .await?
            .ok_or_else(not_found)?;
        let entry = entry(Act::DownloadAttachment, &row);
        write.commit([entry]).await?;
        Ok(row)
    }

    /// The target and the unit of an upload, for whom the viewer may upload.
    async fn upload_spot(
        &self,
        write: &Write,
        to: UploadTo,
    ) -> Result<(entity::ids::PlanId, Spot)> {
        let target = self.target_of(write, to.target).await?;
        let assignment = self.reporting_assignment(write, target.id, to.unit).await?;
        let place = Place {
            plan_status: plan_of(write, target.plan_id).await?.status,
            unit: assignment.unit_id,
            acting_unit: assignment.acting_unit_id,
        };
        place.permit(self.reach()).map_err(Reason::whole)?;
        let spot = Spot {
            target: target.id,
            unit: assignment.unit_id,
        };
        Ok((target.plan_id, spot))
    }

    /// These files, and no others, now belong to this owner. What a report had before stays with the versions that had it.
    /// The field of the input is `attachmentIds`.
    ///
    /// # Errors
    /// Refused: too many files, one twice, one that the viewer does not see, or one of another target or unit, of another
    /// owner, or that was taken off this one. For a request, whatever does not wait for its unit on its target is none.
    pub(super) async fn attach(
        &self,
        write: &Write,
        spot: Spot,
        owner: Owner,
        ids: &[Option<AttachmentId>],
    ) -> Result<Vec<AttachmentId>> {
        const FIELD: &str = "attachmentIds";
        use attachment::Column::{
            FromVersion, Id, ReportId, RequestId, TargetId, UnitId, UntilVersion,
        };
        if ids.len() > MOST {
            return Err(Reason::TooMany { most: MOST }.at(FIELD).into());
        }
        let mut wanted = Vec::new();
        for (at, id) in ids.iter().enumerate() {
            let id = id.ok_or_else(|| Reason::NotFound.at_item(FIELD, at))?;
            if wanted.contains(&id) {
                return Err(Reason::Repeated.at_item(FIELD, at).into());
            }
            wanted.push(id);
        }
        let mut rows = Vec::new();
        if !wanted.is_empty() {
            // Of two who attach a file at once, the second waits here, and then finds the file as the first left it.
            attachment::Entity::find()
                .select_only()
                .column(Id)
                .filter(Id.is_in(wanted.iter().copied()))
                .filter(TargetId.eq(spot.target))
                .filter(UnitId.eq(spot.unit))
                .order_by_asc(Id)
                .lock(LockType::NoKeyUpdate)
                .into_tuple::<AttachmentId>()
                .all(write.db())
                .await?;
            rows = Scoped::<attachment::Entity>::new(self)
                .and(Id.is_in(wanted.iter().copied()))
                .all(write.db())
                .await?;
        }
        let mut fresh = Vec::new();
        for (at, id) in wanted.iter().enumerate() {
            let row = rows
                .iter()
                .find(|row| row.id == *id)
                .ok_or_else(|| Reason::NotFound.at_item(FIELD, at))?;
            let here = Spot {
                target: row.target_id,
                unit: row.unit_id,
            };
            let waits = row.report_id.is_none() && row.request_id.is_none();
            match owner {
                _ if waits && here == spot => fresh.push(row.id),
                Owner::Report(report, _)
                    if row.report_id == Some(report) && row.until_version.is_none() => {}
                Owner::Report(..) => return Err(Reason::AttachmentTaken.at_item(FIELD, at).into()),
                Owner::Request(_) => return Err(Reason::NotFound.at_item(FIELD, at).into()),
            }
        }
        if let Owner::Report(report, version) = owner {
            attachment::Entity::update_many()
                .col_expr(UntilVersion, Expr::value(version))
                .filter(ReportId.eq(report))
                .filter(UntilVersion.is_null())
                .filter(Id.is_not_in(wanted.iter().copied()))
                .exec(write.db())
                .await?;
        }
        if !fresh.is_empty() {
            let update = attachment::Entity::update_many();
            let update = match owner {
                Owner::Report(report, version) => update
                    .col_expr(ReportId, Expr::value(report))
                    .col_expr(FromVersion, Expr::value(version)),
                Owner::Request(request) => update.col_expr(RequestId, Expr::value(request)),
            };
            update.filter(Id.is_in(fresh)).exec(write.db()).await?;
        }
        Ok(wanted)
    }
}

/// The files that a report has now, by their keys.
pub(super) async fn attached(
    write: &Write,
    report: ProgressReportId,
) -> Result<Vec<AttachmentId>, Fault> {
    Ok(attachment::Entity::find()
        .select_only()
        .column(attachment::Column::Id)
        .filter(attachment::Column::ReportId.eq(report))
        .filter(attachment::Column::UntilVersion.is_null())
        .order_by_asc(attachment::Column::Id)
        .into_tuple()
        .all(write.db())
        .await?)
}

fn entry(act: Act, row: &attachment::Model) -> Entry {
    Entry {
        act,
        object: "Attachment",
        id: Some(row.id.0),
        changes: json!({ "fileName": row.file_name, "byteSize": row.byte_size, "sha256": row.sha256 }),
        event: None,
    }
}
