//! Importing a document: what the report says, that a problem imports nothing, and that the same document changes nothing.

use serde_json::{Value, json};
use tests::{Answer, App, both};

use super::{NONE, document, done, import, leader, plan, rows, text, unit, whole};
use crate::contract::operation;
use crate::scene::audited;

/// Whether a message is English: words of small letters, apart from what it quotes.
fn english(message: &str) -> bool {
    let words = message.split(|c: char| !c.is_ascii_alphabetic());
    let known = ["indicators", "tsv"];
    words
        .filter(|word| word.len() > 1 && !known.contains(word))
        .any(|word| word.bytes().all(|byte| byte.is_ascii_lowercase()))
}

both! {
    async fn a_document_is_read_and_then_imported_as_a_draft(app: App) {
        let office = app.sign_in("office").await;
        let before = (rows(&app, "unit").await, rows(&app, "leader").await, rows(&app, "target").await);
        let read = import(&office, whole(2024).as_bytes(), 2024, true).await;
        let report = read.data("/importPlan/report");
        assert_eq!((&report["targets"], &report["leaders"], &report["problems"]), (&json!(194), &json!(8), &json!([])));
        // The corrections that the seed's import kept are used for later documents, too.
        assert!(report["corrections"].as_array().unwrap().iter().any(|note| text(&note["message"]).contains("普惠成果")), "{report}");
        assert!(report["units"].as_i64().unwrap() > 40, "{report}");
        assert_eq!((read.data("/importPlan/plan"), read.refusals("importPlan")), (&Value::Null, vec![]));
        assert_eq!((rows(&app, "unit").await, rows(&app, "leader").await, rows(&app, "target").await), before);
        assert_eq!(audited(&app, "IMPORT_PLAN").await, 2, "those of the world");

        let done = import(&office, whole(2024).as_bytes(), 2024, false).await;
        assert_eq!(done.refusals("importPlan"), NONE, "{}", done.text);
        assert_eq!(done.data("/importPlan/plan/status"), "DRAFT");
        assert_eq!(done.data("/importPlan/report"), report);
        assert_eq!((rows(&app, "unit").await, rows(&app, "leader").await), (before.0, before.1), "all of them were registered");
        assert_eq!(rows(&app, "target").await, before.2 + 194);
        assert_eq!(audited(&app, "IMPORT_PLAN").await, 3);

        // A draft is the supervision office's: for others there is no such year.
        for username in ["fgw-manager", "observer", "leader-1", "office-2022", "office-2023"] {
            let answer = app.sign_in(username).await.query("{ plan(year: 2024) { id } plans { nodes { year } } }").await;
            assert!(answer.data("/plan").is_null(), "{username}");
            assert!(!answer.text.contains("2024"), "{username}: {}", answer.text);
        }
        // The same document changes nothing; another one is refused, in a dry run, too.
        let again = import(&office, whole(2024).as_bytes(), 2024, false).await;
        assert_eq!(again.data("/importPlan/plan/id"), done.data("/importPlan/plan/id"));
        for dry in [true, false] {
            let other = import(&office, document(2024).as_bytes(), 2024, dry).await;
            assert_eq!(other.refusals("importPlan"), ["WRONG_STATE year"], "{dry}");
            assert!(other.data("/importPlan/plan").is_null() && other.data("/importPlan/report/targets").as_i64() > Some(0));
        }
        assert_eq!(rows(&app, "target").await, before.2 + 194);
    }

    async fn a_problem_imports_nothing_and_is_told_in_the_callers_language(app: App) {
        let mut office = app.sign_in("office").await;
        let broken = document(2024).replacen("市发展改革委", "市气象台", 1);
        for (language, message) in [("en", "市气象台 is not in the register of units"), ("zh-CN", "单位名录中没有“市气象台”。")] {
            office.language = language;
            for dry in [true, false] {
                let answer = import(&office, broken.as_bytes(), 2024, dry).await;
                let problems = answer.data("/importPlan/report/problems").as_array().unwrap();
                assert_eq!(problems.len(), 1, "{problems:?}");
                assert_eq!(problems[0]["message"], message);
                assert!(problems[0]["line"].is_i64() && problems[0]["column"].is_i64());
                assert!(answer.data("/importPlan/plan").is_null());
                let expected: &[&str] = if dry { &[] } else { &["INVALID file"] };
                assert_eq!(answer.refusals("importPlan"), expected);
            }
        }
        assert!(office.query("{ plan(year: 2024) { id } }").await.data("/plan").is_null());
        assert_eq!(rows(&app, "plan").await, 2);
    }

    async fn a_leader_whom_nobody_knows_is_a_doubt(app: App) {
        let mut office = app.sign_in("office").await;
        let query = "mutation($file: Upload!, $dry: Boolean!) { importPlan(input: { file: $file, year: 2024, dryRun: $dry }) { report { doubts { line message } } userErrors { code field } } }";
        let read = async |office: &tests::Actor<'_>, text: &str, dry: bool| office.ask_with_file(query, json!({ "dry": dry }), "plan.txt", text.as_bytes()).await;
        let known = read(&office, &document(2024), true).await.data("/importPlan/report/doubts").clone();
        // A slip of the keyboard, from the line of its first target on.
        let slipped = document(2024).replace("林先华", "林先桦");
        let line = slipped.lines().position(|line| line.contains("林先桦")).unwrap() + 1;
        for (language, dry, message) in [
            ("en", true, "new leader 林先桦 will be registered"),
            ("zh-CN", true, "将登记新的责任领导“林先桦”，请核对姓名。"),
            ("zh-CN", false, "将登记新的责任领导“林先桦”，请核对姓名。"),
        ] {
            office.language = language;
            let answer = read(&office, &slipped, dry).await;
            assert_eq!(answer.refusals("importPlan"), NONE);
            let doubts = answer.data("/importPlan/report/doubts").as_array().unwrap();
            assert_eq!(doubts.len(), known.as_array().unwrap().len() + 1, "{doubts:?}");
            let new: Vec<&Value> = doubts.iter().filter(|doubt| doubt["message"] == message).collect();
            assert_eq!(new.len(), 1, "{doubts:?}");
            assert_eq!(new[0]["line"], line);
        }
        // Now they are known, and what was imported is not doubted again.
        let again = read(&office, &slipped, false).await;
        assert!(again.refusals("importPlan").is_empty() && !again.text.contains("林先桦”，请核对"), "{}", again.text);
    }

    async fn names_and_texts_of_a_document_pass_the_rules_of_those_that_are_typed(app: App) {
        let mut office = app.sign_in("office").await;
        let before = (rows(&app, "leader").await, rows(&app, "unit").await, rows(&app, "plan").await);
        let (_, first) = leader(&office, 0).await;
        let given = &first[..first.char_indices().nth(2).unwrap().0];
        let lines = |document: &str, what: &str| document.lines().position(|line| line.contains(what)).unwrap() + 1;
        let text = "生产总值增长 7%以上。";
        for (from, to, english, chinese) in [
            (first.as_str(), format!("{given}ニ"), format!("{given}ニ cannot be a name: it has kana, Bopomofo or strokes of Hangul that could be taken for Chinese characters"), format!("“{given}ニ”不能作为名称：含有与汉字形近的假名、注音符号或谚文字母。")),
            (first.as_str(), format!("{given}\u{2f06}"), format!("{given}\u{fffd} cannot be a name: it holds a character that may not stand here (U+2F06)"), format!("“{given}\u{fffd}”不能作为名称：含有不可使用的字符（U+2F06）。")),
            (first.as_str(), format!("{given}\u{200b}"), format!("{given}\u{fffd} cannot be a name: it holds a character that may not stand here (U+200B)"), format!("“{given}\u{fffd}”不能作为名称：含有不可使用的字符（U+200B）。")),
            (text, "生产总值\u{202e}增长 7%以上。".to_owned(), "a text here holds a character that may not stand in it (U+202E)".to_owned(), "此处文字含有不可使用的字符（U+202E）。".to_owned()),
            ("台州市人民政府\n", "台州市\u{2066}人民政府\n".to_owned(), "a text here holds a character that may not stand in it (U+2066)".to_owned(), "此处文字含有不可使用的字符（U+2066）。".to_owned()),
        ] {
            let broken = document(2024).replacen(from, &to, 1);
            let line = lines(&broken, to.trim());
            for (language, message) in [("en", english), ("zh-CN", chinese)] {
                office.language = language;
                for dry in [true, false] {
                    let answer = import(&office, broken.as_bytes(), 2024, dry).await;
                    let problems = answer.data("/importPlan/report/problems").as_array().unwrap();
                    assert!(problems.iter().any(|problem| problem["message"] == message && problem["line"] == line), "{to:?} in line {line}: {problems:?}");
                    assert!(answer.data("/importPlan/plan").is_null());
                }
            }
        }
        assert_eq!((rows(&app, "leader").await, rows(&app, "unit").await, rows(&app, "plan").await), before);
        // A page break is not kept, and harms nobody.
        let broken = document(2024).replace("\n\n", "\n\u{c}\n");
        assert_eq!(import(&office, broken.as_bytes(), 2024, true).await.data("/importPlan/report/problems"), &json!([]));
    }

    // But for corrections, whose reasons are in the words of whoever made them.
    async fn whatever_is_wrong_is_told_in_the_callers_language(app: App) {
        let mut office = app.sign_in("office").await;
        let document = document(2024);
        let wrong: Vec<(Vec<u8>, i32)> = vec![
            (vec![], 2024),
            (vec![b'a'; 2 * 1024 * 1024 + 1], 2024),
            (b"\xff\xfe".to_vec(), 2024),
            (b"x".to_vec(), 1999),
            (b"x".to_vec(), 2024),
            (document.replace('〔', "").into_bytes(), 2024),
            (document.replace("2022年5月27日", "").into_bytes(), 2024),
            (document.replace("市科技局", "市什么局").into_bytes(), 2024),
            (document.replace("\t林先华\t", "\t\t").into_bytes(), 2024),
            (document.replace("生产总值", &"长".repeat(4001)).into_bytes(), 2024),
            (document.replace("林先华", "林先桦").into_bytes(), 2024),
            (document.into_bytes(), 2022),
        ];
        let mut said = std::collections::BTreeSet::new();
        for (language, words) in [("zh-CN", false), ("en", true)] {
            office.language = language;
            for (content, year) in &wrong {
                let answer = import(&office, content, *year, true).await;
                let of = answer.data("/importPlan");
                let lists = [&of["userErrors"], &of["report"]["problems"], &of["report"]["doubts"]];
                let messages: Vec<&str> = lists.iter().filter_map(|list| list.as_array()).flatten().map(|note| note["message"].as_str().unwrap()).collect();
                for message in messages {
                    assert_eq!(english(message), words, "{language}: {message}");
                    said.insert(message.to_owned());
                }
            }
        }
        assert!(said.len() > 12, "{said:?}");
    }

    async fn what_is_no_document_is_refused(app: App) {
        let office = app.sign_in("office").await;
        let large = vec![b'a'; 2 * 1024 * 1024 + 1];
        for (content, year, expected) in [
            (&b""[..], 2024, "INVALID file"),
            (&large, 2024, "TOO_LARGE file"),
            (b"\xff\xfe\x00", 2024, "INVALID file"),
            ("标题\0".as_bytes(), 2024, "INVALID file"),
            (b"x", 1999, "INVALID year"),
            (b"x", 2101, "INVALID year"),
        ] {
            let answer = import(&office, content, year, true).await;
            assert_eq!(answer.refusals("importPlan"), [expected], "{year}");
            assert!(answer.data("/importPlan/report").is_null());
        }
        let other_year = import(&office, document(2025).as_bytes(), 2024, false).await;
        assert_eq!(other_year.refusals("importPlan"), ["INVALID file"]);
        // A file is what a file variable is: text in its place is none.
        let text = office.ask(&operation("ImportPlan"), json!({ "file": "x", "year": 2024, "dryRun": true })).await;
        assert!(!text.codes().is_empty(), "{}", text.text);
    }

    async fn corrections_are_given_and_kept_for_later_documents(app: App) {
        let office = app.sign_in("office").await;
        let heading = document(2024).lines().find_map(|line| line.split('\t').next().filter(|cell| cell.starts_with("一、"))).unwrap().to_owned();
        let query = "mutation($file: Upload!, $year: Int!, $c: [HeadingCorrectionInput!], $id: String) {
            importPlan(input: { file: $file, year: $year, dryRun: false, corrections: $c, clientMutationId: $id }) {
                clientMutationId plan { id sections { title } } report { corrections { message } } userErrors { code field } } }";
        let ask = async |year: i32, corrections: Value, id: &str| {
            let variables = json!({ "year": year, "c": corrections, "id": id });
            office.ask_with_file(query, variables, "plan.txt", document(year).as_bytes()).await
        };
        let correction = json!([{ "heading": heading, "corrected": "一、主要目标", "reason": "简称" }]);
        for (bad, expected) in [
            (json!([{ "heading": " ", "corrected": "x", "reason": "x" }]), "INVALID corrections.0.heading"),
            (json!([correction[0], { "heading": "x", "corrected": "长".repeat(201), "reason": "x" }]), "TOO_LARGE corrections.1.corrected"),
            (json!([{ "heading": "x", "corrected": "x", "reason": "" }]), "INVALID corrections.0.reason"),
            (json!([correction[0], correction[0]]), "INVALID corrections.1.heading"),
            (json!(vec![correction[0].clone(); 101]), "TOO_LARGE corrections"),
        ] {
            assert_eq!(ask(2024, bad, "a").await.refusals("importPlan"), [expected]);
        }
        let first = ask(2024, correction.clone(), "b").await;
        assert_eq!(first.data("/importPlan/plan/sections/0/title"), "一、主要目标");
        // Sent again, it changes nothing; under the same ID another input is refused.
        assert_eq!(ask(2024, correction, "b").await.data("/importPlan/plan/id"), first.data("/importPlan/plan/id"));
        assert_eq!(ask(2025, Value::Null, "b").await.refusals("importPlan"), ["CONFLICT clientMutationId"]);
        // The next year's document finds the correction.
        let next = ask(2025, Value::Null, "c").await;
        assert_eq!(next.data("/importPlan/plan/sections/0/title"), "一、主要目标");
        assert_eq!(audited(&app, "IMPORT_PLAN").await, 4);
    }

    async fn a_unit_that_was_merged_is_known_by_its_old_name(app: App) {
        let (office, system) = (app.sign_in("office").await, app.sign_in("system").await);
        let (old, new) = (unit(&office, "市人防办").await, unit(&office, "市应急管理局").await);
        done(&system, "mergeUnits", json!({ "unitId": old, "intoUnitId": new, "reason": "x" }), "unit { id }").await;
        let document = document(2024).replacen("市发展改革委", "市人防办", 1);
        let answer = import(&office, document.as_bytes(), 2024, false).await;
        assert_eq!(answer.refusals("importPlan"), NONE, "{}", answer.text);
        let found = office.query("{ target(by: { number: { year: 2024, number: 1 } }) { assignments { unit { name } } } }").await;
        assert_eq!(found.data("/target/assignments/0/unit/name"), "市应急管理局");
    }

    async fn a_name_leads_to_one_person_who_is_in_office(app: App) {
        let (office, system) = (app.sign_in("office").await, app.sign_in("system").await);
        let leaders = "{ leaders(first: 100) { nodes { id name } } }";
        let named = |answer: &Answer, name: &str| -> Vec<String> {
            let all = answer.data("/leaders/nodes").as_array().unwrap().clone();
            all.iter().filter(|leader| leader["name"] == name).map(|leader| text(&leader["id"])).collect()
        };
        let (predecessor, name) = leader(&office, 0).await;
        // Somebody who is registered, and holds no post yet, gets one; no second person comes of it.
        let registered = done(&system, "createLeader", json!({ "name": "吴新副" }), "leader { id }").await;
        let new = document(2024).replace(&name, "吴新副");
        let imported = import(&office, new.as_bytes(), 2024, false).await;
        assert_eq!(imported.refusals("importPlan"), NONE, "{}", imported.text);
        assert_eq!(named(&office.query(leaders).await, "吴新副"), [text(&registered["leader"]["id"])]);
        // Somebody who has left is no second person either: the document is refused, in a dry run, too.
        let handed = json!({ "predecessorId": predecessor, "successorId": registered["leader"]["id"], "on": "2022-06-15", "reason": "换届" });
        done(&system, "succeedLeader", handed, "leader { id }").await;
        for dry in [true, false] {
            let refused = import(&office, document(2025).as_bytes(), 2025, dry).await;
            assert_eq!(refused.refusals("importPlan"), ["INVALID file"], "{dry}: {}", refused.text);
            assert!(refused.text.contains(&name), "{}", refused.text);
        }
        assert_eq!(named(&office.query(leaders).await, &name), [predecessor]);
        // The successor holds both posts: one of them is meant.
        let later = document(2025).replace(&name, "吴新副");
        assert_eq!(import(&office, later.as_bytes(), 2025, false).await.refusals("importPlan"), NONE);
        // Two of a name: which one is meant is not said.
        done(&system, "createLeader", json!({ "name": "吴新副" }), "leader { id }").await;
        let again = document(2026).replace(&name, "吴新副");
        assert_eq!(import(&office, again.as_bytes(), 2026, true).await.refusals("importPlan"), NONE, "one of them is in office");
    }

    async fn of_two_at_once_one_imports(app: App) {
        let office = app.sign_in("office").await;
        let (one, two) = (document(2024), whole(2024));
        let (one, two) = tokio::join!(import(&office, one.as_bytes(), 2024, false), import(&office, two.as_bytes(), 2024, false));
        let mut outcomes = [one.refusals("importPlan"), two.refusals("importPlan")];
        outcomes.sort();
        assert_eq!(outcomes, [vec![], vec!["WRONG_STATE year".to_owned()]]);
        assert_eq!(rows(&app, "plan").await, 3);
        assert!(!plan(&office, 2024).await.is_empty());
    }
}
