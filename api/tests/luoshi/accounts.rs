//! Accounts, grants and second factors at the terminal.

use crate::process::{folder, luoshi, run, text};

#[test]
fn accounts_and_grants_are_managed_for_the_first_set_up_and_for_emergencies() {
    let folder = folder();
    let folder = folder.path();
    let luoshi = |arguments: &[&str]| {
        let output = run(folder, arguments);
        (output.status.success(), text(&output))
    };
    let done = |arguments: &[&str]| {
        let (success, text) = luoshi(arguments);
        assert!(success, "{arguments:?}: {text}");
        text
    };
    let refused = |arguments: &[&str], why: &str| {
        let (success, text) = luoshi(arguments);
        assert!(!success && text.contains(why), "{arguments:?}: {text}");
    };
    done(&["migrate"]);
    done(&["import", "document.txt", "--year", "2022", "--publish"]);
    let made = done(&[
        "user",
        "create",
        "Zhang",
        "--display-name",
        "张伟",
        "--unit",
        "市发展改革委",
    ]);
    assert!(
        made.contains("zhang (id 1)") && made.contains("One-time password"),
        "{made}"
    );
    refused(
        &["user", "create", "zhang", "--display-name", "x"],
        "The name is taken",
    );
    refused(
        &[
            "user",
            "create",
            "li",
            "--display-name",
            "x",
            "--unit",
            "无此单位",
        ],
        "there is no unit",
    );
    done(&["user", "create", "wang", "--display-name", "王芳"]);
    done(&[
        "grant",
        "add",
        "wang",
        "SECURITY_ADMIN",
        "--reason",
        "first set-up",
    ]);
    for role in ["AUDIT_ADMIN", "SUPERVISOR"] {
        refused(
            &["grant", "add", "wang", role, "--reason", "x"],
            "an administrator has no other role",
        );
    }
    refused(
        &["grant", "add", "nobody", "AUDIT_ADMIN", "--reason", "x"],
        "there is no account nobody",
    );
    refused(
        &["grant", "add", "zhang", "KING", "--reason", "x"],
        "SYSTEM_ADMIN",
    );
    refused(
        &["grant", "add", "zhang", "UNIT_MANAGER", "--reason", "x"],
        "unitId",
    );
    done(&[
        "grant",
        "add",
        "zhang",
        "unit_manager",
        "--unit",
        "市发展改革委",
        "--reason",
        "x",
    ]);
    done(&[
        "grant",
        "add",
        "zhang",
        "supervisor",
        "--plan",
        "2022",
        "--reason",
        "x",
    ]);
    done(&[
        "grant",
        "add",
        "zhang",
        "leader",
        "--leader",
        "林先华",
        "--reason",
        "x",
    ]);
    let listed = done(&["grant", "list", "zhang"]);
    assert!(
        listed.lines().count() == 3 && listed.contains("UNIT_MANAGER"),
        "{listed}"
    );
    done(&["grant", "revoke", "2", "--reason", "x"]);
    refused(
        &["grant", "revoke", "2", "--reason", "x"],
        "The grant was revoked",
    );
    // Nobody but the command line resets an administrator's password.
    assert!(done(&["user", "reset-password", "zhang"]).contains("One-time password"));
    refused(&["user", "unlock", "zhang"], "not locked");
    done(&["user", "end-sessions", "zhang"]);
    assert_eq!(
        done(&["user", "disable", "zhang", "--reason", "x"]).trim(),
        "zhang is disabled."
    );
    refused(&["user", "disable", "zhang"], "disabled");
    done(&["user", "enable", "zhang"]);
    done(&["user", "update", "zhang", "--display-name", "张玮"]);
    refused(
        &["user", "update", "zhang", "--display-name", "张玮"],
        "the same as before",
    );
    refused(
        &["user", "reset-second-factor", "zhang"],
        "The account has no second factor",
    );
}

#[test]
fn a_table_of_accounts_is_imported_whole_or_not_at_all() {
    let folder = folder();
    let folder = folder.path();
    assert!(run(folder, &["migrate"]).status.success());
    let import = |table: &str, more: &[&str]| {
        std::fs::write(folder.join("accounts.csv"), table).unwrap();
        let output = run(
            folder,
            &[&["user", "import", "accounts.csv"], more].concat(),
        );
        (output.status.success(), text(&output))
    };
    let good = "用户名,姓名\nzhang,张伟\nli,李娜\n";
    let (done, told) = import(good, &["--dry-run"]);
    assert!(
        done && told.starts_with("2 accounts would be created; 0 are there already."),
        "{told}"
    );
    let (done, told) = import("用户名,姓名,单位\nzhang,张伟,\nli na,李娜,无此单位\n", &[]);
    assert!(
        !done && told.contains("line 3 (用户名): ") && told.contains("line 3 (单位): "),
        "{told}"
    );
    assert!(
        told.contains("2 problems: no account was created"),
        "{told}"
    );
    let (done, told) = import("x\n", &[]);
    assert!(
        !done && told.contains("The table has no column username"),
        "{told}"
    );
    let (done, told) = import(good, &[]);
    assert!(
        done && told.starts_with("2 accounts were created; 0 are there already."),
        "{told}"
    );
    let passwords: Vec<&str> = told
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .map(|(_, password)| password)
        .collect();
    assert!(
        passwords.len() == 2 && passwords.iter().all(|password| password.len() == 16),
        "{told}"
    );
    let (done, told) = import(good, &[]);
    assert!(
        done && told.starts_with("0 accounts were created; 2 are there already."),
        "{told}"
    );
}

#[test]
fn keys_of_secrets_are_asked_for_where_they_are_needed() {
    let folder = folder();
    let folder = folder.path();
    assert!(run(folder, &["migrate"]).status.success());
    let reencrypt = |key: Option<&str>| {
        let mut command = luoshi(folder);
        if let Some(key) = key {
            command.env("LUOSHI_SECRETS_KEY", key);
        }
        let output = command.args(["keys", "reencrypt"]).output().unwrap();
        (output.status.success(), text(&output))
    };
    let (done, told) = reencrypt(None);
    assert!(!done && told.contains("LUOSHI_SECRETS_KEY"), "{told}");
    let (done, told) = reencrypt(Some("hunter2"));
    assert!(
        !done
            && told.contains("secrets.key: key 1 is not 32 bytes in Base64")
            && !told.contains("hunter2"),
        "{told}"
    );
    let (done, told) = reencrypt(Some(&("A".repeat(43) + "=")));
    assert!(
        done && told.starts_with("0 secrets were under another key."),
        "{told}"
    );
}
