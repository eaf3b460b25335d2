//! Tables of accounts: imported whole or not at all; and accounts that change.

use chrono::TimeDelta;
use entity::{audit_entry, mutation_receipt, user};
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};
use tests::{Actor, Answer, App, both, world::ACTORS};

use super::{attempt, done, text, tried, user as id_of};
use crate::{
    contract::operation,
    parties::{Book, audited, global, outcome},
};

async fn import(
    actor: &Actor<'_>,
    name: &str,
    file: &[u8],
    dry_run: bool,
    id: Option<&str>,
) -> Answer {
    let query = "mutation($file: Upload!, $dry: Boolean!, $id: String) { importUsers(input: { file: $file, dryRun: $dry, clientMutationId: $id }) {
        report { created unchanged problems { line column message } } accounts { user { id username displayName mustChangePassword unit { name } } oneTimePassword } userErrors { code field message } } }";
    actor
        .ask_with_file(query, json!({ "dry": dry_run, "id": id }), name, file)
        .await
}

async fn accounts(app: &App) -> u64 {
    user::Entity::find()
        .count(&app.database.connect().await)
        .await
        .unwrap()
}

const TABLE: &str = "用户名,姓名,单位\nZhang.Wei,张伟,市发展改革委\nli.na,李娜,临海市政府\nfgw-manager,账号 fgw-manager,市发展改革委\nwang,王芳,\n";

both! {
    async fn a_table_is_imported_whole(app: App) {
        let system = app.sign_in("system").await;
        let before = accounts(&app).await;
        let dry = import(&system, "a.csv", TABLE.as_bytes(), true, None).await;
        let report = json!({ "created": 3, "unchanged": 1, "problems": [] });
        assert_eq!(dry.data("/importUsers"), &json!({ "report": report, "accounts": [], "userErrors": [] }));
        assert_eq!((accounts(&app).await, audited(&app, "IMPORT_USERS").await.len()), (before, 0));
        let made = import(&system, "a.csv", TABLE.as_bytes(), false, Some("one")).await;
        assert_eq!(made.data("/importUsers/report"), &report);
        assert_eq!(made.data("/importUsers/userErrors"), &json!([]));
        let rows = made.data("/importUsers/accounts").as_array().unwrap().clone();
        let told: Vec<Value> = rows.iter().map(|row| json!([row["user"]["username"], row["user"]["displayName"], row["user"]["unit"]["name"], row["user"]["mustChangePassword"]])).collect();
        assert_eq!(told, [json!(["zhang.wei", "张伟", "市发展改革委", true]), json!(["li.na", "李娜", "临海市政府", true]), json!(["wang", "王芳", null, true])]);
        assert_eq!(accounts(&app).await, before + 3);
        // Each has a password of its own, which opens nothing but its own change.
        let passwords: Vec<String> = rows.iter().map(|row| text(&row["oneTimePassword"])).collect();
        assert!(passwords[0] != passwords[1] && passwords.iter().all(|password| password.len() == 16));
        let newcomer = app.sign_in_with("li.na", &passwords[1]).await;
        assert_eq!(newcomer.query("{ units { totalCount } }").await.codes(), ["FORBIDDEN"]);
        let changed = newcomer.ask(&operation("ChangePassword"), json!({ "current": passwords[1], "new": "a long enough one" })).await;
        assert_eq!(outcome(&changed, "changePassword"), "done");
        assert_eq!(newcomer.query("{ viewer { permissions } }").await.data("/viewer/permissions"), &json!([]));
        // Again: by its ID, the same without the passwords; anew, nothing is left to do.
        let again = import(&system, "a.csv", TABLE.as_bytes(), false, Some("one")).await;
        assert_eq!(again.data("/importUsers/report"), &report);
        let names = |answer: &Answer| answer.data("/importUsers/accounts").as_array().unwrap().iter().map(|row| (row["user"]["id"].clone(), row["oneTimePassword"].clone())).collect::<Vec<_>>();
        assert_eq!(names(&again), rows.iter().map(|row| (row["user"]["id"].clone(), Value::Null)).collect::<Vec<_>>());
        let anew = import(&system, "a.csv", TABLE.as_bytes(), false, None).await;
        assert_eq!(anew.data("/importUsers/report"), &json!({ "created": 0, "unchanged": 4, "problems": [] }));
        // And what has become of the accounts meanwhile is no problem of what was done.
        done(&system, "updateUser", json!({ "userId": rows[2]["user"]["id"], "displayName": "王小芳" })).await;
        let again = import(&system, "a.csv", TABLE.as_bytes(), false, Some("one")).await;
        assert_eq!((again.data("/importUsers/report"), again.data("/importUsers/userErrors")), (&report, &json!([])));
        assert_eq!(names(&again), rows.iter().map(|row| (row["user"]["id"].clone(), Value::Null)).collect::<Vec<_>>());
        let other = import(&system, "a.csv", b"username,displayName\nx1,x\n", false, Some("one")).await;
        assert_eq!(outcome(&other, "importUsers"), "CONFLICT clientMutationId");
        // What somebody did to one of them since is not the act's, which was done.
        done(&system, "updateUser", json!({ "userId": rows[2]["user"]["id"], "displayName": "王芳芳", "reason": "x" })).await;
        let again = import(&system, "a.csv", TABLE.as_bytes(), false, Some("one")).await;
        assert_eq!(again.data("/importUsers/report"), &report);
        // The log knows each, and no password.
        let created = audited(&app, "CREATE_USER").await;
        assert_eq!(created.iter().filter(|entry| entry.changes["imported"] == true).count(), 3);
        let whole = audited(&app, "IMPORT_USERS").await;
        assert_eq!((whole.len(), &whole[0].changes["created"], &whole[0].changes["unchanged"]), (2, &json!(3), &json!(1)));
        let db = app.database.connect().await;
        let entries = audit_entry::Entity::find().all(&db).await.unwrap();
        let receipts = mutation_receipt::Entity::find().all(&db).await.unwrap();
        let kept = format!("{entries:?} {receipts:?}");
        assert!(passwords.iter().all(|password| !kept.contains(password)) && !kept.contains("argon2"));
    }

    async fn a_row_that_is_wrong_stops_the_whole(app: App) {
        let system = app.sign_in("system").await;
        let before = accounts(&app).await;
        let long = "长".repeat(101);
        let table = format!("备注,Username,Display Name,Unit,UNIT\n,good,好,市应急管理局\n,zhang wei,张伟,\n,,无名,\n,fgw-manager,另一个人,\n,good,又一个,\n,x2,{long},\n,x3,,\n,x4,x,市没有局\n,张伟,张\u{200b}伟,\n");
        let expected = json!([
            [1, "备注", "This column is not known, or stands there twice. The columns are username, displayName and unit."],
            [1, "UNIT", "This column is not known, or stands there twice. The columns are username, displayName and unit."],
            [3, "Username", "A sign-in name holds the letters a to z, digits and . _ - @ alone, and begins and ends with a letter or a digit."],
            [4, "Username", "Something must be written here."],
            [5, "Username", "There is an account of this name, with another shown name or unit."],
            [6, "Username", "The same thing stands twice in the list."],
            [7, "Display Name", "At most 100 characters."],
            [8, "Display Name", "Something must be written here."],
            [9, "Unit", "There is no unit called 市没有局."],
            [10, "Username", "A sign-in name holds the letters a to z, digits and . _ - @ alone, and begins and ends with a letter or a digit."],
            [10, "Display Name", "It holds a character that may not stand here (U+200B)."],
        ]);
        for dry_run in [true, false] {
            let answer = import(&system, "a.csv", table.as_bytes(), dry_run, None).await;
            let report = answer.data("/importUsers/report");
            let problems: Vec<Value> = report["problems"].as_array().unwrap().iter().map(|row| json!([row["line"], row["column"], row["message"]])).collect();
            assert_eq!(problems, *expected.as_array().unwrap());
            assert_eq!((&report["created"], answer.data("/importUsers/accounts")), (&json!(0), &json!([])));
            let refused = if dry_run { "done" } else { "INVALID file" };
            assert_eq!(outcome(&answer, "importUsers"), refused);
        }
        assert_eq!((accounts(&app).await, audited(&app, "IMPORT_USERS").await.len()), (before, 0));
        let mut chinese = system.clone();
        chinese.language = "zh-CN";
        let answer = import(&chinese, "a.csv", "用户名,姓名,单位,电话\nx4,x,市没有局\n".as_bytes(), true, None).await;
        assert_eq!(answer.data("/importUsers/report/problems"), &json!([
            { "line": 1, "column": "电话", "message": "无法识别该列，或该列重复。可用的列：用户名、姓名、单位。" },
            { "line": 2, "column": "单位", "message": "没有名为“市没有局”的单位。" },
        ]));
        let refused = crate::audit::newest(&app, "IMPORT_USERS").await;
        assert_eq!(refused.changes, json!({ "reasons": ["INVALID RowsWrong file"] }));
    }

    async fn what_is_no_table_is_refused_as_a_whole(app: App) {
        let system = app.sign_in("system").await;
        let many = format!("username,displayName\n{}", (0..501).map(|n| format!("x{n},x\n")).collect::<String>());
        for (file, expected) in [
            (b"PK\x03\x04nonsense".to_vec(), "INVALID file"),
            (b"username,displayName\n".to_vec(), "INVALID file"),
            (b"name,unit\nx,y\n".to_vec(), "INVALID file"),
            (b"username,displayName\nx,\xff\n".to_vec(), "INVALID file"),
            (many.into_bytes(), "TOO_LARGE file"),
            (vec![b'x'; 2 * 1024 * 1024 + 1], "TOO_LARGE file"),
        ] {
            let answer = import(&system, "a.csv", &file, false, None).await;
            assert_eq!(outcome(&answer, "importUsers"), expected, "{}", answer.text);
            assert_eq!(answer.data("/importUsers/report"), &Value::Null);
        }
    }

    async fn whatever_is_wrong_is_told_in_the_callers_language(app: App) {
        let mut system = app.sign_in("system").await;
        let many = format!("username,displayName\n{}", (0..501).map(|n| format!("x{n},x\n")).collect::<String>());
        let files = [
            b"PK\x03\x04nonsense".to_vec(),
            b"username,displayName\n".to_vec(),
            b"name,unit\nx,y\n".to_vec(),
            b"username,displayName\nx,\xff\n".to_vec(),
            many.into_bytes(),
            vec![b'x'; 2 * 1024 * 1024 + 1],
            "用户名,姓名,单位,电话\nx y,x,\nx1,,\nx2,市ニ局,\nx3,a\u{430},\nx4,市  局,\nx5,x,市没有局\nx5,x,\nfgw-manager,x,\n".as_bytes().to_vec(),
        ];
        let mut said = std::collections::BTreeMap::new();
        for language in ["zh-CN", "en"] {
            system.language = language;
            let mut all = Vec::new();
            for file in &files {
                let answer = import(&system, "a.csv", file, false, None).await;
                let of = answer.data("/importUsers");
                for list in [&of["userErrors"], &of["report"]["problems"]] {
                    let notes = list.as_array().into_iter().flatten();
                    all.extend(notes.map(|note| text(&note["message"])));
                }
            }
            said.insert(language, all);
        }
        let han = |message: &str| message.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        assert_eq!((said["zh-CN"].len(), said["en"].len()), (16, 16), "{said:?}");
        for (chinese, english) in said["zh-CN"].iter().zip(&said["en"]) {
            // Both begin in their own words, whatever they quote.
            assert!(han(chinese) && chinese != english && english.starts_with(|c: char| c.is_ascii_uppercase()), "{chinese} {english}");
        }
    }

    async fn it_is_the_system_administrators_alone(app: App) {
        let before = accounts(&app).await;
        for name in ACTORS.iter().filter(|name| **name != "system") {
            for dry_run in [true, false] {
                let answer = import(&app.sign_in(name).await, "a.csv", TABLE.as_bytes(), dry_run, None).await;
                assert_eq!(outcome(&answer, "importUsers"), "FORBIDDEN", "{name}");
            }
        }
        let answer = import(&app.sign_in("newcomer").await, "a.csv", TABLE.as_bytes(), true, None).await;
        assert_eq!(answer.codes(), ["FORBIDDEN"]);
        let answer = import(&app.anonymous(), "a.csv", TABLE.as_bytes(), true, None).await;
        assert_eq!(answer.codes(), ["UNAUTHENTICATED"]);
        assert_eq!(accounts(&app).await, before);
    }

    async fn units_are_found_by_any_of_their_names(app: App) {
        let book = Book::of(&app).await;
        let system = app.sign_in("system").await;
        done(&system, "renameUnit", json!({ "unitId": book.unit("市发展改革委"), "name": "市发展和数据局", "fullName": "台州市发展和数据局" })).await;
        done(&system, "mergeUnits", json!({ "unitId": book.unit("市人防办"), "intoUnitId": book.unit("市应急管理局"), "reason": "x" })).await;
        let table = "username,displayName,unit\na1,x,市发展改革委\na2,x,市发展和数据局\na3,x,台州市发展和数据局\na4,x,市人防办\n";
        let made = import(&system, "a.csv", table.as_bytes(), false, None).await;
        let units: Vec<Value> = made.data("/importUsers/accounts").as_array().unwrap().iter().map(|row| row["user"]["unit"]["name"].clone()).collect();
        assert_eq!(units, ["市发展和数据局", "市发展和数据局", "市发展和数据局", "市应急管理局"]);
    }

    async fn two_at_the_same_moment_create_nobody_twice(app: App) {
        let system = app.sign_in("system").await;
        let before = accounts(&app).await;
        let asked = (0..4).map(|_| import(&system, "a.csv", TABLE.as_bytes(), false, None));
        let answers = futures_util::future::join_all(asked).await;
        let created: Vec<i64> = answers.iter().filter_map(|answer| answer.body.pointer("/data/importUsers/report/created").and_then(Value::as_i64)).collect();
        assert_eq!(created.iter().sum::<i64>(), 3, "{created:?}");
        assert_eq!(accounts(&app).await, before + 3);
    }

    async fn an_account_changes_and_its_grants_stay(app: App) {
        let book = Book::of(&app).await;
        let (system, security, manager) = (app.sign_in("system").await, app.sign_in("security").await, app.sign_in("fgw-manager").await);
        let id = id_of(&system, "fgw-manager").await;
        let other = book.unit("市应急管理局");
        for (input, expected) in [
            (json!({ "userId": id, "displayName": " " }), "INVALID displayName"),
            (json!({ "userId": id, "displayName": "x".repeat(101) }), "TOO_LARGE displayName"),
            (json!({ "userId": id, "unitId": global("Unit", 99_999) }), "NOT_FOUND unitId"),
            (json!({ "userId": id }), "INVALID"),
            (json!({ "userId": id, "displayName": "账号 fgw-manager", "unitId": book.unit("市发展改革委") }), "INVALID"),
            (json!({ "userId": id, "reason": "x".repeat(501), "displayName": "x" }), "TOO_LARGE reason"),
        ] {
            assert_eq!(tried(&system, "updateUser", input.clone()).await, expected, "{input}");
        }
        let moved = done(&system, "updateUser", json!({ "userId": id, "displayName": "张伟", "unitId": other, "reason": "调动", "clientMutationId": "one" })).await;
        assert_eq!((&moved["user"]["displayName"], &moved["user"]["unit"]["name"]), (&json!("张伟"), &json!("市应急管理局")));
        done(&system, "updateUser", json!({ "userId": id, "displayName": "张伟", "unitId": other, "reason": "调动", "clientMutationId": "one" })).await;
        // What they were granted they have, for the unit of before; nothing for the other.
        let seen = manager.query("{ viewer { user { displayName unit { name } } grants { unit { name } } } plan(year: 2022) { targets { totalCount } } }").await;
        assert_eq!(seen.data("/viewer"), &json!({ "user": { "displayName": "张伟", "unit": { "name": "市应急管理局" } }, "grants": [{ "unit": { "name": "市发展改革委" } }] }));
        assert_eq!(seen.data("/plan/targets/totalCount"), 39);
        let entries = audited(&app, "UPDATE_USER").await;
        assert_eq!(entries.len(), 1);
        assert_eq!(entries[0].changes["displayName"], json!(["账*(14)", "张*(2)"]));
        assert_eq!(entries[0].changes["reason"], "调动");
        let left = done(&system, "updateUser", json!({ "userId": id, "unitId": null })).await;
        assert_eq!((&left["user"]["displayName"], &left["user"]["unit"]), (&json!("张伟"), &Value::Null));
        // A security administrator finds who has what for the unit.
        let held = security.ask("query($u: ID!) { roleGrants(filter: { unitId: $u }) { nodes { user { username unit { name } } } } }", json!({ "u": book.unit("市发展改革委") })).await;
        let nodes = held.data("/roleGrants/nodes").as_array().unwrap();
        assert!(nodes.contains(&json!({ "user": { "username": "fgw-manager", "unit": null } })));
        assert_eq!(tried(&system, "updateUser", json!({ "userId": id_of(&system, "system").await, "displayName": "x" })).await, "FORBIDDEN userId");
        assert_eq!(tried(&security, "updateUser", json!({ "userId": id, "displayName": "x" })).await, "FORBIDDEN userId");
        let _ = (attempt(&system, "disableUser", json!({ "userId": id })).await, TimeDelta::zero());
        done(&system, "updateUser", json!({ "userId": id, "displayName": "还是张伟" })).await;
    }
}
