//! What names and texts may hold: nothing that cannot be seen, or makes one look like another.

use serde_json::{Value, json};
use tests::{App, both};

use super::{attempt, done, tried, user};
use crate::parties::Book;

both! {
    async fn names_hold_what_can_be_seen_and_told_apart(app: App) {
        let book = Book::of(&app).await;
        let system = app.sign_in("system").await;
        let unit = |name: &str, full: &str| json!({ "name": name, "fullName": full, "kind": "SCHOOL" });
        let group = |name: &str| json!({ "name": name, "resolution": "DESIGNATION" });
        let account = |name: &str| json!({ "username": "x1", "displayName": name });
        let of_user = |name: &str| json!({ "userId": Value::Null, "displayName": name });
        let next = done(&system, "createLeader", json!({ "name": "继任者" })).await["leader"]["id"].clone();
        let nobody = user(&system, "nobody").await;
        for bad in ["市\u{200b}局", "市\u{202e}局", "市\u{0}局", "市\n局", "市\u{e000}局", "市\u{378}局", "市\u{3164}局", "市  局", "市\u{a0}局", "Zh\u{430}ng", "市ニ局", "ㄧ院"] {
            let mut change = of_user(bad);
            change["userId"] = json!(nobody);
            for (mutation, input, field) in [
                ("createUnit", unit(bad, "x"), "name"),
                ("createUnit", unit("市新局", bad), "fullName"),
                ("renameUnit", json!({ "unitId": book.unit("市应急管理局"), "name": bad }), "name"),
                ("createUnitGroup", group(bad), "name"),
                ("createLeader", json!({ "name": bad }), "name"),
                ("succeedLeader", json!({ "predecessorId": book.leader("林先华"), "successorId": next, "on": "2022-06-20", "title": bad, "reason": "x" }), "title"),
                ("createUser", account(bad), "displayName"),
                ("updateUser", change, "displayName"),
            ] {
                assert_eq!(tried(&system, mutation, input).await, format!("INVALID {field}"), "{mutation} {bad:?}");
            }
        }
        // What is good is kept in its one form.
        let made = done(&system, "createUnit", unit(" Nu\u{301}ñez（市、区）局 ", "台州市 5G·专班")).await;
        assert_eq!((&made["unit"]["name"], &made["unit"]["fullName"]), (&json!("Núñez（市、区）局"), &json!("台州市 5G·专班")));
        assert_eq!(tried(&system, "createUnit", unit("Núñez（市、区）局", "x")).await, "INVALID name", "it is taken");
        // Sign-in names have few letters, however they are typed.
        for (name, expected) in [
            ("张伟", "INVALID username"),
            ("zh\u{430}ng", "INVALID username"),
            ("zhang\u{200b}", "INVALID username"),
            ("-zhang", "INVALID username"),
            ("ＺＨＡＮＧ", "done"),
            ("zhang", "INVALID username"),
            ("zhang.wei_2@fgw", "done"),
        ] {
            assert_eq!(tried(&system, "createUser", json!({ "username": name, "displayName": "x" })).await, expected, "{name:?}");
        }
        // The character is told, in both languages.
        for (language, expected) in [("en", "A name has no kana, Bopomofo or strokes of Hangul that could be taken for Chinese characters, such as ニ for 二."), ("zh-CN", "名称中不能使用与汉字形近的假名、注音符号或谚文字母（如以片假名“ニ”代“二”）。")] {
            let mut actor = system.clone();
            actor.language = language;
            let answer = attempt(&actor, "createLeader", json!({ "name": "王ニ" })).await;
            assert_eq!(answer.data("/createLeader/userErrors/0/message"), expected);
        }
        for (language, expected) in [("en", "It holds a character that may not stand here (U+202E)."), ("zh-CN", "含有不可使用的字符（U+202E）。")] {
            let mut actor = system.clone();
            actor.language = language;
            let answer = attempt(&actor, "createLeader", json!({ "name": "a\u{202e}b" })).await;
            assert_eq!(answer.data("/createLeader/userErrors/0/message"), expected);
        }
    }

    async fn texts_hold_lines_and_nothing_that_turns_or_hides_them(app: App) {
        let security = app.sign_in("security").await;
        let nobody = user(&security, "nobody").await;
        let office = app.sign_in("office").await;
        let book = Book::of(&app).await;
        let grant = |reason: &str| json!({ "userId": nobody, "role": "OBSERVER", "reason": reason });
        for bad in ["a\u{202e}b", "a\u{2066}b", "a\u{1b}[2Jb", "a\u{8}b", "a\u{0}b"] {
            assert_eq!(tried(&security, "grantRole", grant(bad)).await, "INVALID reason", "{bad:?}");
            let notice = json!({ "targetId": book.target(1), "unitId": book.unit("市发展改革委"), "colour": "BLUE", "body": bad, "replyDueOn": "2022-06-30" });
            let answer = tests::desk::act(&office, "issueNotice", "notice { id }", notice).await;
            assert_eq!(answer.refusals("issueNotice"), ["INVALID body"], "{bad:?}");
        }
        done(&security, "grantRole", grant("一、缘由\r\n\t二、期限 👨\u{200d}👩\u{200d}👧")).await;
    }
}
