//! Files that nobody will ask for are collected, and no others.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

use api::Collected;
use chrono::{DateTime, TimeDelta, Utc};
use domain::{Clock, Entropy};
use files::{Evidence, Files, Storage};
use serde_json::json;
use tests::{
    App, both,
    desk::{create_periods, report, save, set_clock, target},
    machine::TestEntropy,
};

use super::{address, audited, get, stored, upload};

fn all(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .flat_map(|path| {
            if path.is_dir() {
                all(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}

/// The storage's clock is not the test's: its files were put there at this moment.
fn put_at(app: &App, moment: DateTime<Utc>) {
    for path in all(app.files_folder()) {
        let file = std::fs::File::options().write(true).open(path).unwrap();
        file.set_modified(SystemTime::from(moment)).unwrap();
    }
}

/// A file that a crash left without a row.
async fn lose(app: &App, seed: u64) {
    let storage = Storage::Folder(app.files_folder().to_owned());
    let entropy = Arc::new(TestEntropy::seeded(seed)) as Arc<dyn Entropy>;
    let files = Files::open(&storage, entropy).await.unwrap();
    let evidence = Evidence::check("a.txt", "lost".into()).await.unwrap();
    files.put(&evidence).await.unwrap();
}

both! {
    async fn what_was_never_attached_goes_after_a_day(app: App) {
        let office = app.sign_in("office").await;
        let periods = create_periods(&office).await;
        let id = target(&office, 1).await;
        let manager = app.sign_in("fgw-manager").await;
        let (kept, dropped) = (upload(&manager, &id, "kept").await, upload(&manager, &id, "dropped").await);
        let input = json!({ "targetId": id, "periodId": periods["2022年6月"], "progress": "x", "attachmentIds": [kept["id"]] });
        report(&save(&manager, input).await, "saveProgressReport");
        lose(&app, 99).await;
        put_at(&app, app.clock.now());
        assert_eq!(stored(&app), 3);

        // Not before its time.
        set_clock(&app, "2022-06-16T04:00:00Z");
        assert_eq!(app.parts.collect(false).await, Ok(Collected::default()));
        set_clock(&app, "2022-06-16T04:00:01Z");
        let manager = app.sign_in("fgw-manager").await;
        let young = upload(&manager, &id, "young").await;
        let found = Collected { waiting: 1, unknown: 1, bytes: 11 };
        assert_eq!(app.parts.collect(true).await, Ok(found));
        assert_eq!(stored(&app), 4, "a dry run removes nothing");

        // Several servers may do it at once: between them, everything once.
        let (one, other) = tokio::join!(app.parts.collect(false), app.parts.collect(false));
        assert_eq!(one.unwrap().waiting + other.unwrap().waiting, 1);
        assert_eq!(app.parts.collect(false).await, Ok(Collected::default()));
        assert_eq!(stored(&app), 2);
        let token = manager.token.as_deref();
        assert_eq!(get(&app, &address(&kept), token).await.text, "kept");
        assert_eq!(get(&app, &address(&young), token).await.text, "young");
        assert_eq!(get(&app, &address(&dropped), token).await.status, 404);
        let collected = audited(&app, "COLLECT_ATTACHMENT").await;
        let uploaded = audited(&app, "UPLOAD_ATTACHMENT").await;
        assert_eq!(collected, [(None, uploaded[1].1)]);
    }

    async fn of_another_database_nothing_is_removed(app: App) {
        for seed in [7, 8] {
            lose(&app, seed).await;
        }
        put_at(&app, app.clock.now());
        set_clock(&app, "2022-06-20T04:00:00Z");
        let refused = app.parts.collect(false).await.unwrap_err();
        assert!(refused.contains("knows none"), "{refused}");
        assert!(app.parts.collect(true).await.is_err());
        assert_eq!(stored(&app), 2);
    }

    async fn attached_or_collected_and_never_both(app: App) {
        let office = app.sign_in("office").await;
        let periods = create_periods(&office).await;
        let manager = app.sign_in("fgw-manager").await;
        let mine = manager.query("{ plan(year: 2022) { targets(first: 5, filter: { role: LEAD }) { nodes { id } } } }").await;
        let system = app.parts.store().system();
        for node in mine.data("/plan/targets/nodes").as_array().unwrap() {
            let target = node["id"].as_str().unwrap();
            let file = upload(&app.sign_in("fgw-manager").await, target, "text").await;
            app.clock.advance(TimeDelta::hours(25));
            let manager = app.sign_in("fgw-manager").await;
            let input = json!({ "targetId": target, "periodId": periods["2022年6月"], "progress": "x", "attachmentIds": [file["id"]] });
            let (saved, collected) = tokio::join!(save(&manager, input), system.forget_waiting_attachments());
            let refusals = saved.refusals("saveProgressReport");
            let seen = manager.ask("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", json!({ "ids": [file["id"]] })).await;
            assert_eq!(seen.data("/nodes/0").is_object(), refusals.is_empty());
            match collected.unwrap().len() {
                0 => assert_eq!(refusals, [""; 0]),
                _ => assert_eq!(refusals, ["NOT_FOUND attachmentIds.0"]),
            }
        }
    }
}
