//! What is not taken, and what may not be attached.

use serde_json::{Value, json};
use tests::{
    App, both,
    desk::{create_periods, report, save, target},
};

use super::{stored, try_upload, upload, upload_operation};

const MOST: usize = 20 * 1024 * 1024;

both! {
    async fn content_decides_what_is_taken(app: App) {
        let manager = app.sign_in("fgw-manager").await;
        let id = target(&manager, 1).await;
        let gbk = b"\xcc\xa8\xd6\xdd\xca\xd0\n".repeat(4);
        for (name, content, expected) in [
            ("a.txt", &b""[..], Err("INVALID file")),
            ("", b"text", Err("INVALID file")),
            ("a.html", b"<html><script>alert(1)</script></html>", Err("INVALID file")),
            ("a.txt", b"<html><script>alert(1)</script></html>", Err("INVALID file")),
            ("a.pdf", b"plain text", Err("INVALID file")),
            ("a.txt", b"%PDF-1.4 cut off", Err("INVALID file")),
            ("a.exe", b"MZ\x90\0\x03\0\0\0\x04\0\0\0", Err("INVALID file")),
            ("a.txt", b"MZ\x90\0\x03\0\0\0\x04\0\0\0", Err("INVALID file")),
            ("a.sh", b"#!/bin/sh\nexit\n", Err("INVALID file")),
            ("a.txt", "文本".as_bytes(), Ok("text/plain; charset=utf-8")),
            ("a.csv", b"a,b\n1,2\n", Ok("text/csv; charset=utf-8")),
            ("a.txt", &gbk, Ok("text/plain; charset=gb18030")),
        ] {
            let answer = try_upload(&manager, &id, name, content).await;
            match expected {
                Err(refusal) => assert_eq!(answer.refusals("uploadAttachment"), [refusal], "{name}: {}", answer.text),
                Ok(content_type) => assert_eq!(answer.data("/uploadAttachment/attachment/contentType"), content_type, "{name}"),
            }
        }
        assert_eq!(stored(&app), 3, "what is refused is not stored");
    }

    async fn size_decides_first(app: App) {
        let manager = app.sign_in("fgw-manager").await;
        let id = target(&manager, 1).await;
        let largest = vec![b'a'; MOST];
        let answer = try_upload(&manager, &id, "a.txt", &largest).await;
        assert_eq!(answer.data("/uploadAttachment/attachment/byteSize"), MOST);
        let answer = try_upload(&manager, &id, "a.txt", &[&largest[..], b"a"].concat()).await;
        assert_eq!((answer.status.as_u16(), answer.codes()), (413, vec!["QUERY_TOO_COMPLEX"]));
        assert_eq!(stored(&app), 1);
    }

    async fn one_uploads_for_a_unit_that_is_ones_own(app: App) {
        let office = app.sign_in("office").await;
        let id = target(&office, 1).await;
        let unit = office.query(&format!("{{ target(id: \"{id}\") {{ assignments {{ unit {{ id name }} }} }} }}")).await;
        let unit_of = |name: &str| {
            let assignments = unit.data("/target/assignments").as_array().unwrap();
            assignments.iter().find(|assignment| assignment["unit"]["name"] == name).unwrap()["unit"]["id"].clone()
        };
        let try_for = async |name: &str, target: &str, unit: Value| {
            let actor = app.sign_in(name).await;
            let variables = json!({ "target": target, "unit": unit });
            let answer = actor.ask_with_file(&upload_operation(), variables, "a.txt", b"a").await;
            answer.refusals("uploadAttachment")
        };
        let none = Vec::<String>::new();
        for (name, unit, expected) in [
            ("fgw-manager", Value::Null, &none),
            ("fgw-reporter", unit_of("市发展改革委"), &none),
            ("fgw-manager", unit_of("临海市政府"), &vec!["FORBIDDEN".to_owned()]),
            ("fgw-manager", json!("x"), &vec!["INVALID unitId".to_owned()]),
            ("office", unit_of("市发展改革委"), &vec!["FORBIDDEN".to_owned()]),
            ("office", Value::Null, &vec!["FORBIDDEN".to_owned()]),
            ("leader-1", Value::Null, &vec!["FORBIDDEN".to_owned()]),
            ("observer", Value::Null, &vec!["FORBIDDEN".to_owned()]),
            ("renfang-reporter", Value::Null, &vec!["NOT_FOUND targetId".to_owned()]),
            ("audit", Value::Null, &vec!["NOT_FOUND targetId".to_owned()]),
            ("nobody", Value::Null, &vec!["NOT_FOUND targetId".to_owned()]),
        ] {
            assert_eq!(&try_for(name, &id, unit.clone()).await, expected, "{name} {unit}");
        }
        assert_eq!(try_for("fgw-manager", "x", Value::Null).await, ["NOT_FOUND targetId"]);
        let later = office.query("{ target(by: { number: { year: 2023, number: 1 } }) { id } }").await;
        assert_eq!(try_for("fgw-manager", later.data("/target/id").as_str().unwrap(), Value::Null).await, ["NOT_FOUND targetId"]);
        assert_eq!(stored(&app), 2);
    }

    async fn only_what_is_ones_own_and_free_is_attached(app: App) {
        let office = app.sign_in("office").await;
        let periods = create_periods(&office).await;
        let id = target(&office, 1).await;
        let (fgw, linhai) = (app.sign_in("fgw-manager").await, app.sign_in("linhai-manager").await);
        let own = upload(&fgw, &id, "own").await;
        let other = upload(&linhai, &id, "linhai's").await;
        let mine = fgw.query("{ plan(year: 2022) { targets(first: 10, filter: { role: LEAD }) { nodes { id } } } }").await;
        let elsewhere = mine.data("/plan/targets/nodes").as_array().unwrap().iter().find(|node| node["id"] != id.as_str()).unwrap()["id"].as_str().unwrap().to_owned();
        let of_other_target = upload(&fgw, &elsewhere, "of another target").await;
        let try_save = async |period: &str, ids: Value| {
            let input = json!({ "targetId": id, "periodId": periods[period], "progress": "x", "attachmentIds": ids });
            save(&fgw, input).await.refusals("saveProgressReport")
        };
        let many: Vec<&Value> = vec![&own["id"]; 11];
        for (ids, expected) in [
            (json!([own["id"], own["id"]]), "INVALID attachmentIds.1"),
            (json!(many), "TOO_LARGE attachmentIds"),
            (json!(["x"]), "NOT_FOUND attachmentIds.0"),
            (json!([own["id"], id]), "NOT_FOUND attachmentIds.1"),
            (json!([own["id"], other["id"]]), "NOT_FOUND attachmentIds.1"),
            (json!([of_other_target["id"]]), "WRONG_STATE attachmentIds.0"),
        ] {
            assert_eq!(try_save("2022年6月", ids.clone()).await, [expected], "{ids}");
        }
        // Nothing of what was refused is there.
        assert_eq!(fgw.query("{ progressReports { totalCount } }").await.data("/progressReports/totalCount"), 0);
        assert_eq!(try_save("2022年6月", json!([own["id"]])).await, [""; 0]);
        assert_eq!(try_save("2022年5月", json!([own["id"]])).await, ["LOCKED periodId"]);
        // Another unit sees it when it is submitted, and may not have it for its own.
        let first = "{ progressReports { nodes { id version attachments { id } } } }";
        let submitted = fgw.query(first).await;
        let handle = tests::desk::Handle { id: submitted.data("/progressReports/nodes/0/id").as_str().unwrap().to_owned(), version: 1 };
        handle.step(&fgw, "submitProgressReport").await;
        let input = json!({ "targetId": id, "periodId": periods["2022年6月"], "progress": "x", "attachmentIds": [own["id"]] });
        let stolen = save(&linhai, input.clone()).await.refusals("saveProgressReport");
        assert!(["WRONG_STATE attachmentIds.0", "NOT_FOUND attachmentIds.0"].contains(&stolen[0].as_str()), "{stolen:?}");
        // Ten are taken.
        let mut ids = vec![other["id"].clone()];
        for n in 0..9 {
            ids.push(upload(&linhai, &id, &format!("{n}")).await["id"].clone());
        }
        let mut input = input;
        input["attachmentIds"] = json!(ids);
        report(&save(&linhai, input).await, "saveProgressReport");
        let seen = linhai.query("{ progressReports { nodes { unit { name } attachments { id } } } }").await;
        let reports = seen.data("/progressReports/nodes").as_array().unwrap();
        let its = reports.iter().find(|report| report["unit"]["name"] == "临海市政府").unwrap();
        assert_eq!(its["attachments"].as_array().unwrap().len(), 10);
    }

    async fn an_upload_that_comes_again_is_one(app: App) {
        let manager = app.sign_in("fgw-manager").await;
        let id = target(&manager, 1).await;
        let again = async |name: &str, content: &[u8]| {
            let variables = json!({ "target": id, "once": "one" });
            manager.ask_with_file(&upload_operation(), variables, name, content).await
        };
        let first = again("a.txt", b"a").await;
        let second = again("a.txt", b"a").await;
        assert_eq!(first.data("/uploadAttachment/attachment/id"), second.data("/uploadAttachment/attachment/id"));
        assert_eq!(second.data("/uploadAttachment/clientMutationId"), "one");
        for (name, content) in [("a.txt", b"b"), ("b.txt", b"a")] {
            assert_eq!(again(name, content).await.refusals("uploadAttachment"), ["CONFLICT clientMutationId"]);
        }
        assert_eq!(stored(&app), 1, "what was not needed is taken away again");
    }

    async fn only_so_many_wait(app: App) {
        let manager = app.sign_in("fgw-manager").await;
        let id = target(&manager, 1).await;
        for n in 0..50 {
            upload(&manager, &id, &n.to_string()).await;
        }
        assert_eq!(try_upload(&manager, &id, "a.txt", b"a").await.refusals("uploadAttachment"), ["TOO_LARGE file"]);
        assert_eq!(stored(&app), 50);
        upload(&app.sign_in("fgw-reporter").await, &id, "somebody else's").await;
    }
}
