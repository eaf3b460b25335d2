//! Evidence files: each goes with the versions of the report that have it, on every path, and a download is a path, too.

use std::collections::{BTreeMap, BTreeSet};

use entity::{attachment, progress_report, user};
use files::Evidence;
use sea_orm::{
    ActiveValue::NotSet, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, Set,
    prelude::DateTimeUtc,
};
use serde_json::{Value, json};
use tests::{App, both, world::ACTORS};

use super::{Desk, Meant};
use crate::{
    access::global,
    attachments::{address, get},
};

/// Every file is asked for by this many accounts after one another.
const EACH: usize = 9;

/// The versions that have a file: from one on, and until another.
type Versions = (i32, Option<i32>);

/// Files of every version alone, of every two after one another, of all from the last one on, and of none yet.
async fn lay(app: &App, desk: &Desk) -> Vec<attachment::Model> {
    let db = app.database.connect().await;
    let somebody = user::Entity::find()
        .filter(user::Column::Username.eq("fgw-reporter"))
        .one(&db)
        .await
        .unwrap()
        .unwrap();
    let mut of: Vec<(&progress_report::Model, Option<Versions>)> = Vec::new();
    for report in &desk.reports {
        of.push((report, None));
        for version in 1..=report.version {
            of.push((report, Some((version, Some(version + 1)))));
            of.push((report, Some((version, Some(version + 2)))));
        }
        of.push((report, Some((report.version, None))));
    }
    let mut rows = Vec::new();
    for (report, versions) in of {
        let evidence = Evidence::check("a.txt", format!("{}", rows.len()).into());
        let stored = app.parts.files().put(&evidence.await.unwrap()).await;
        let stored = stored.unwrap();
        rows.push(attachment::ActiveModel {
            id: NotSet,
            plan_id: Set(report.plan_id),
            target_id: Set(report.target_id),
            unit_id: Set(report.unit_id),
            report_id: Set(versions.map(|_| report.id)),
            request_id: Set(None),
            from_version: Set(versions.map(|(from, _)| from)),
            until_version: Set(versions.and_then(|(_, until)| until)),
            file_name: Set(stored.file_name),
            content_type: Set(stored.content_type.to_owned()),
            byte_size: Set(stored.byte_size as i64),
            sha256: Set(stored.sha256),
            storage_key: Set(stored.key.as_str().to_owned()),
            uploaded_by_id: Set(somebody.id),
            uploaded_at: Set(DateTimeUtc::UNIX_EPOCH),
        });
    }
    for part in rows.chunks(100) {
        attachment::Entity::insert_many(part.to_vec())
            .exec(&db)
            .await
            .unwrap();
    }
    attachment::Entity::find()
        .order_by_asc(attachment::Column::Id)
        .all(&db)
        .await
        .unwrap()
}

fn has(file: &attachment::Model, report: i64, version: i32) -> bool {
    file.report_id.is_some_and(|of| of.0 == report)
        && file.from_version.is_some_and(|from| from <= version)
        && file.until_version.is_none_or(|until| version < until)
}

/// The rule: who sees a version that has it; while it waits, its unit.
fn sees(desk: &Desk, actor: &str, file: &attachment::Model) -> bool {
    if file.report_id.is_none() {
        return desk.may(actor, file.target_id.0, file.unit_id.0, Meant::Unit);
    }
    desk.versions
        .iter()
        .filter(|version| has(file, version.report_id.0, version.version))
        .any(|version| desk.sees_version(actor, version))
}

fn ids(files: &Value) -> Vec<String> {
    let files = files.as_array().unwrap().iter();
    files
        .map(|file| file["id"].as_str().unwrap().to_owned())
        .collect()
}

both! {
    async fn every_path_leads_to_the_files_that_the_rule_says(app: App) {
        let desk = Desk::write(&app).await;
        let files = lay(&app, &desk).await;
        let id = |file: &attachment::Model| global("Attachment", file.id.0);
        let of_version = |report: i64, version: i32| -> Vec<String> {
            files.iter().filter(|file| has(file, report, version)).map(id).collect()
        };
        let mut outcomes = BTreeSet::new();
        for (at, name) in ACTORS.into_iter().enumerate() {
            let actor = app.sign_in(name).await;

            // By ID.
            let mut urls: BTreeMap<i64, String> = BTreeMap::new();
            for part in files.chunks(100) {
                let keys: Vec<String> = part.iter().map(id).collect();
                let answer = actor.ask("query($ids: [ID!]!) { nodes(ids: $ids) { id ... on Attachment { url uploadedBy { displayName } } } }", json!({ "ids": keys })).await;
                for (file, node) in part.iter().zip(answer.data("/nodes").as_array().unwrap()) {
                    assert_eq!(node.is_object(), sees(&desk, name, file), "{name}: {file:?}");
                    if node.is_object() {
                        urls.insert(file.id.0, node["url"].as_str().unwrap().to_owned());
                    }
                }
            }

            // Below reports and their versions.
            let query = "{ progressReports(first: 100) { nodes { id version attachments { id } versions(first: 20) { nodes { version attachments { id } } } } } }";
            for node in actor.query(query).await.data("/progressReports/nodes").as_array().unwrap() {
                let report = desk.reports.iter().find(|row| node["id"] == global("ProgressReport", row.id.0)).unwrap();
                assert_eq!(ids(&node["attachments"]), of_version(report.id.0, report.version), "{name}: {report:?}");
                for version in node["versions"]["nodes"].as_array().unwrap() {
                    let number = i32::try_from(version["version"].as_i64().unwrap()).unwrap();
                    assert_eq!(ids(&version["attachments"]), of_version(report.id.0, number), "{name}: {report:?} at {number}");
                }
            }
            for part in desk.versions.chunks(50) {
                let keys: Vec<String> = part.iter().map(|row| global("ReportVersion", row.id.0)).collect();
                let answer = actor.ask("query($ids: [ID!]!) { nodes(ids: $ids) { ... on ReportVersion { attachments { id } } } }", json!({ "ids": keys })).await;
                for (row, node) in part.iter().zip(answer.data("/nodes").as_array().unwrap()) {
                    if node.is_object() {
                        assert_eq!(ids(&node["attachments"]), of_version(row.report_id.0, row.version), "{name}: {row:?}");
                    }
                }
            }

            // Downloads, by token and by link.
            for file in files.iter().skip(at % EACH).step_by(EACH) {
                let path = address(&json!({ "url": format!("/attachments/{}", id(file)) }));
                let by_token = get(&app, &path, actor.token.as_deref()).await;
                let seen = sees(&desk, name, file);
                assert_eq!(by_token.status.as_u16(), if seen { 200 } else { 404 }, "{name}: {file:?}");
                if let Some(url) = urls.get(&file.id.0) {
                    let by_link = get(&app, url, None).await;
                    assert_eq!((by_link.status.as_u16(), &by_link.text), (200, &by_token.text), "{name}: {file:?}");
                }
                outcomes.insert((name, seen));
            }
        }
        let mixed = ["fgw-manager", "office", "leader-1", "observer", "both"];
        assert!(mixed.iter().all(|name| outcomes.contains(&(*name, true)) && outcomes.contains(&(*name, false))), "{outcomes:?}");
        assert!(["audit", "system", "security", "office-2023"].iter().all(|name| !outcomes.contains(&(*name, true))), "{outcomes:?}");
    }
}
