//! A file's life: uploaded, attached, kept by every version that had it.

use serde_json::{Value, json};
use tests::{
    App, both,
    desk::{Handle, create_periods, report, save, target},
};

use super::{FILE, address, audited, contents, get, stored, try_upload, upload};

/// The files of a report, and of its versions by their numbers.
async fn files(
    actor: &tests::Actor<'_>,
    report: &Handle,
) -> (Vec<String>, Vec<(i64, Vec<String>)>) {
    let query = format!(
        "{{ node(id: \"{}\") {{ ... on ProgressReport {{ attachments {{ id }} versions(first: 100) {{ nodes {{ version attachments {{ id }} }} }} }} }} }}",
        report.id
    );
    let answer = actor.query(&query).await;
    let ids = |files: &Value| -> Vec<String> {
        let files = files["attachments"].as_array().unwrap().iter();
        files
            .map(|file| file["id"].as_str().unwrap().to_owned())
            .collect()
    };
    let versions = answer.data("/node/versions/nodes").as_array().unwrap();
    (
        ids(answer.data("/node")),
        versions
            .iter()
            .map(|version| (version["version"].as_i64().unwrap(), ids(version)))
            .collect(),
    )
}

both! {
    async fn from_the_upload_to_the_download(app: App) {
        let office = app.sign_in("office").await;
        let periods = create_periods(&office).await;
        let id = target(&office, 1).await;
        let (reporter, manager) = (app.sign_in("fgw-reporter").await, app.sign_in("fgw-manager").await);
        let text = "一季度生产总值增长 7.1%。\n";
        let answer = try_upload(&reporter, &id, "C:\\报告\\一季度 数据.txt", text.as_bytes()).await;
        let file = answer.data("/uploadAttachment/attachment");
        assert_eq!(file["contentType"], "text/plain; charset=utf-8");
        assert_eq!(file["byteSize"], text.len());
        assert_eq!(file["uploadedBy"]["displayName"], "账号 fgw-reporter");
        assert_eq!(file["uploadedAt"], "2022-06-15T04:00:00Z");
        assert_eq!(file["sha256"].as_str().unwrap().len(), 64);
        assert_eq!(stored(&app), 1);
        assert_eq!(audited(&app, "UPLOAD_ATTACHMENT").await.len(), 1);

        // The unit's people see it before it is attached; nobody else does.
        let node = format!("{{ node(id: \"{}\") {{ ... on Attachment {{ {FILE} }} }} }}", file["id"].as_str().unwrap());
        assert_eq!(manager.query(&node).await.data("/node")["sha256"], file["sha256"]);
        for name in ["office", "leader-1", "observer", "linhai-manager"] {
            assert_eq!(app.sign_in(name).await.query(&node).await.codes(), ["NOT_FOUND"], "{name}");
        }

        let input = json!({ "targetId": id, "periodId": periods["2022年6月"], "progress": "x", "attachmentIds": [file["id"]] });
        let draft = report(&save(&manager, input).await, "saveProgressReport");
        assert_eq!(get(&app, &address(file), office.token.as_deref()).await.status, 404);
        draft.step(&manager, "submitProgressReport").await;

        let seen = office.query(&format!("{{ progressReports {{ nodes {{ attachments {{ {FILE} }} }} }} }}")).await;
        let seen = seen.data("/progressReports/nodes/0/attachments/0");
        assert_eq!((&seen["id"], &seen["fileName"], &seen["byteSize"]), (&file["id"], &file["fileName"], &file["byteSize"]));
        let by_token = get(&app, &address(seen), office.token.as_deref()).await;
        let by_link = get(&app, seen["url"].as_str().unwrap(), None).await;
        for answer in [&by_token, &by_link] {
            assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, text));
            for (name, expected) in [
                ("content-type", "text/plain; charset=utf-8"),
                ("content-length", &text.len().to_string()),
                ("content-disposition", "attachment; filename=\"___ __.txt\"; filename*=UTF-8''%E4%B8%80%E5%AD%A3%E5%BA%A6%20%E6%95%B0%E6%8D%AE.txt"),
                ("x-content-type-options", "nosniff"),
                ("content-security-policy", "default-src 'none'; sandbox; frame-ancestors 'none'"),
                ("cache-control", "no-store"),
            ] {
                assert_eq!(answer.headers[name].to_str().unwrap(), expected, "{name}");
            }
            assert!(answer.headers.contains_key("x-request-id"));
            assert_eq!(answer.statements(), 3);
        }
        // Each download is in the audit log, with who it was; what was not found is not.
        let downloads = audited(&app, "DOWNLOAD_ATTACHMENT").await;
        let uploads = audited(&app, "UPLOAD_ATTACHMENT").await;
        assert_eq!(downloads.len(), 2);
        assert_eq!(downloads[0], downloads[1]);
        assert!(downloads[0].0.is_some() && downloads[0].0 != uploads[0].0);
        assert_eq!(downloads[0].1, uploads[0].1);
    }

    async fn every_version_keeps_what_it_had(app: App) {
        let office = app.sign_in("office").await;
        let periods = create_periods(&office).await;
        let id = target(&office, 1).await;
        let manager = app.sign_in("fgw-manager").await;
        let [a, b, c] = [upload(&manager, &id, "a").await, upload(&manager, &id, "b").await, upload(&manager, &id, "c").await]
            .map(|file| file["id"].as_str().unwrap().to_owned());
        let write = async |version: Option<i64>, files: Value| {
            let mut input = json!({ "targetId": id, "periodId": periods["2022年6月"], "progress": format!("{version:?}"), "expectedVersion": version });
            if !files.is_null() {
                input["attachmentIds"] = files;
            }
            report(&save(&manager, input).await, "saveProgressReport")
        };
        write(None, json!([a, b])).await;
        // Not given, they stay; given, they take the place of those before.
        let second = write(Some(1), Value::Null).await;
        let submitted = second.step(&manager, "submitProgressReport").await;
        let returned = submitted.reviewed(&office, "RETURN").await;
        let fifth = write(Some(returned.version), json!([b, c])).await;
        let sixth = write(Some(fifth.version), json!([])).await;
        let (now, versions) = files(&manager, &sixth).await;
        assert_eq!(now, [""; 0]);
        let (ab, bc) = (vec![a.clone(), b.clone()], vec![b.clone(), c.clone()]);
        let both = |version| (version, ab.clone());
        assert_eq!(versions, [both(1), both(2), both(3), both(4), (5, bc), (6, vec![])]);

        // What was submitted stays with those who could see it; what is written since is the unit's.
        let nodes = async |actor: &tests::Actor<'_>| {
            let answer = actor.ask("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", json!({ "ids": [a, b, c] })).await;
            answer.data("/nodes").as_array().unwrap().iter().map(|node| !node.is_null()).collect::<Vec<_>>()
        };
        assert_eq!(nodes(&office).await, [true, true, false]);
        assert_eq!(nodes(&manager).await, [true, true, true]);
        assert_eq!(nodes(&app.sign_in("observer").await).await, [false, false, false]);
        // What was taken off does not come back: the version in which it was not would be another one.
        let again = save(&manager, json!({ "targetId": id, "periodId": periods["2022年6月"], "expectedVersion": 6, "attachmentIds": [a] })).await;
        assert_eq!(again.refusals("saveProgressReport"), ["WRONG_STATE attachmentIds.0"]);
        let d = upload(&manager, &id, "d").await;
        let seventh = write(Some(6), json!([d["id"]])).await;
        let submitted = seventh.step(&manager, "submitProgressReport").await;
        submitted.reviewed(&office, "ACCEPT").await;
        assert_eq!(nodes(&app.sign_in("observer").await).await, [false, false, false]);
        let observer = app.sign_in("observer").await;
        let seen = observer.query("{ progressReports { nodes { attachments { sha256 } versions { nodes { version attachments { sha256 } } } } } }").await;
        let report = seen.data("/progressReports/nodes/0");
        assert_eq!(contents(&report["attachments"]), [d["sha256"].as_str().unwrap()]);
        assert_eq!(report["versions"]["nodes"], json!([{ "version": 9, "attachments": [{ "sha256": d["sha256"] }] }]));
    }

    async fn a_report_of_many_takes_files_too(app: App) {
        let office = app.sign_in("office").await;
        let periods = create_periods(&office).await;
        let manager = app.sign_in("fgw-manager").await;
        let mine = manager.query("{ plan(year: 2022) { targets(first: 2, filter: { role: LEAD }) { nodes { id } } } }").await;
        let targets: Vec<&str> = mine.data("/plan/targets/nodes").as_array().unwrap().iter().map(|node| node["id"].as_str().unwrap()).collect();
        let file = upload(&manager, targets[0], "a").await;
        // The second row may not have the first one's target's file.
        let rows: Vec<Value> = targets.iter().map(|target| json!({ "targetId": target, "periodId": periods["2022年6月"], "attachmentIds": [file["id"]] })).collect();
        let query = "mutation($input: SaveProgressReportsInput!) { saveProgressReports(input: $input) { results { report { attachments { id } } userErrors { code field } } userErrors { code } } }";
        let answer = manager.ask(query, json!({ "input": { "rows": rows } })).await;
        assert_eq!(answer.data("/saveProgressReports/results/0"), &json!({ "report": { "attachments": [{ "id": file["id"] }] }, "userErrors": [] }));
        assert_eq!(answer.data("/saveProgressReports/results/1"), &json!({ "report": null, "userErrors": [{ "code": "WRONG_STATE", "field": ["rows", "1", "attachmentIds", "0"] }] }));
    }
}
