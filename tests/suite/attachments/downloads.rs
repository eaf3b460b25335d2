//! Who gets a file, and until when: access is looked at when the file is asked for, however it is.

use entity::{role_grant, user};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use serde_json::{Value, json};
use tests::{
    Actor, App, both,
    desk::{create_periods, report, save, set_clock, target},
};

use super::{FILE, address, audited, get, upload};

/// A submitted report with one file, as somebody sees it.
async fn submitted(app: &App) -> String {
    let office = app.sign_in("office").await;
    let periods = create_periods(&office).await;
    let id = target(&office, 1).await;
    let manager = app.sign_in("fgw-manager").await;
    let file = upload(&manager, &id, "text").await;
    let input = json!({ "targetId": id, "periodId": periods["2022年6月"], "progress": "x", "attachmentIds": [file["id"]] });
    report(&save(&manager, input).await, "saveProgressReport")
        .step(&manager, "submitProgressReport")
        .await;
    file["id"].as_str().unwrap().to_owned()
}

async fn seen(actor: &Actor<'_>, id: &str) -> Value {
    let query = format!("{{ node(id: \"{id}\") {{ ... on Attachment {{ {FILE} }} }} }}");
    actor.query(&query).await.data("/node").clone()
}

async fn key(app: &App, username: &str) -> entity::ids::UserId {
    user::Entity::find()
        .filter(user::Column::Username.eq(username))
        .one(&app.database.connect().await)
        .await
        .unwrap()
        .unwrap()
        .id
}

both! {
    async fn a_download_that_is_refused_is_in_the_log(app: App) {
        let id = submitted(&app).await;
        let office = app.sign_in("office").await;
        let path = address(&seen(&office, &id).await);
        let stranger = app.sign_in("renfang-reporter").await;
        let newcomer = app.sign_in("newcomer").await;
        let file = entity::attachment::Entity::find().one(&app.database.connect().await).await.unwrap().unwrap().id.0;
        for (path, token, who, object, why) in [
            (path.as_str(), stranger.token.as_deref(), Some("renfang-reporter"), Some(file), "NOT_FOUND NotFound"),
            (path.as_str(), newcomer.token.as_deref(), Some("newcomer"), Some(file), "MUST_CHANGE_PASSWORD"),
            (path.as_str(), None, None, Some(file), "UNAUTHENTICATED"),
            ("/attachments/x", stranger.token.as_deref(), Some("renfang-reporter"), None, "NOT_FOUND NotFound"),
        ] {
            let refused = get(&app, path, token).await;
            let entry = crate::audit::newest(&app, "DOWNLOAD_ATTACHMENT").await;
            assert_eq!(entry.outcome.as_str(), "REFUSED");
            assert_eq!((entry.username.as_deref(), entry.object_id), (who, object));
            assert_eq!((entry.object_type.as_str(), entry.changes), ("Attachment", json!({ "reasons": [why] })));
            assert_eq!(entry.request_id.as_deref(), refused.headers["x-request-id"].to_str().ok());
        }
    }

    async fn a_link_is_good_for_five_minutes(app: App) {
        let id = submitted(&app).await;
        let office = app.sign_in("office").await;
        let url = seen(&office, &id).await["url"].as_str().unwrap().to_owned();
        set_clock(&app, "2022-06-15T04:04:59Z");
        assert_eq!(get(&app, &url, None).await.text, "text");
        set_clock(&app, "2022-06-15T04:05:00Z");
        let late = get(&app, &url, None).await;
        assert_eq!((late.status.as_u16(), late.codes()), (401, vec!["UNAUTHENTICATED"]));
        assert_eq!(late.headers["www-authenticate"], "Bearer");
    }

    async fn a_link_is_for_its_file_and_its_asker_alone(app: App) {
        let id = submitted(&app).await;
        let (office, manager) = (app.sign_in("office").await, app.sign_in("fgw-manager").await);
        let file = seen(&office, &id).await;
        let other = upload(&manager, &target(&office, 1).await, "another").await;
        let url = file["url"].as_str().unwrap();
        let link = url.split_once('?').unwrap().1;
        // The office's link, at a file that the office does not see and at one that there is not.
        for path in [address(&other), address(&file).replace("/attachments/", "/attachments/x"), "/attachments/QXR0YWNobWVudDo5OTk5OTk".to_owned()] {
            let answer = get(&app, &format!("{path}?{link}"), None).await;
            assert_eq!((answer.status.as_u16(), answer.codes()), (401, vec!["UNAUTHENTICATED"]), "{path}");
        }
        for query in ["", "?link=", "?link=x", &format!("?{}x", link), &format!("?x=1&{link}")] {
            let answer = get(&app, &format!("{}{query}", address(&file)), None).await;
            assert_eq!((answer.status.as_u16(), answer.codes()), (401, vec!["UNAUTHENTICATED"]), "{query}");
        }
        // A token goes before the link that came with it: who sees nothing of the file gets nothing.
        let stranger = app.sign_in("renfang-reporter").await;
        let answer = get(&app, url, stranger.token.as_deref()).await;
        assert_eq!((answer.status.as_u16(), answer.codes()), (404, vec!["NOT_FOUND"]));
        // What is not seen, what there is not and what is no ID are the same.
        let texts: Vec<String> = [get(&app, &address(&file), stranger.token.as_deref()).await, get(&app, "/attachments/QXR0YWNobWVudDo5OTk5OTk", stranger.token.as_deref()).await, get(&app, "/attachments/x", stranger.token.as_deref()).await]
            .iter().map(|answer| format!("{} {}", answer.status, answer.text)).collect();
        assert!(texts.windows(2).all(|pair| pair[0] == pair[1]), "{texts:?}");
        assert_eq!(audited(&app, "DOWNLOAD_ATTACHMENT").await, []);
        // The log of who it was: the asker of the link.
        get(&app, url, None).await;
        assert_eq!(audited(&app, "DOWNLOAD_ATTACHMENT").await[0].0, Some(key(&app, "office").await.0));
    }

    async fn what_ends_access_ends_the_link(app: App) {
        let id = submitted(&app).await;
        let db = app.database.connect().await;
        let status = async |path: &str, token: Option<&str>| get(&app, path, token).await.status.as_u16();

        // A grant that is revoked: the file is not there any more, by token or by link.
        let observer = app.sign_in("office-2022").await;
        let url = seen(&observer, &id).await["url"].as_str().unwrap().to_owned();
        assert_eq!(status(&url, None).await, 200);
        role_grant::Entity::update_many()
            .col_expr(role_grant::Column::ValidUntil, Expr::value(chrono::DateTime::from_timestamp(1_655_265_600, 0).unwrap()))
            .filter(role_grant::Column::UserId.eq(key(&app, "office-2022").await))
            .exec(&db).await.unwrap();
        let path = url.split('?').next().unwrap();
        assert_eq!((status(&url, None).await, status(path, observer.token.as_deref()).await), (404, 404));

        // A session that ends: its links with it, and those of another session of the same person not.
        let (one, other) = (app.sign_in("office").await, app.sign_in("office").await);
        let of_one = seen(&one, &id).await["url"].as_str().unwrap().to_owned();
        let of_other = seen(&other, &id).await["url"].as_str().unwrap().to_owned();
        one.query("mutation { signOut(input: {}) { userErrors { code } } }").await;
        assert_eq!((status(&of_one, None).await, status(&of_other, None).await), (401, 200));
        assert_eq!((status(path, one.token.as_deref()).await, status(path, other.token.as_deref()).await), (401, 200));

        // An account that is disabled, and one that must change its password.
        let must = |value: bool| user::Entity::update_many().col_expr(user::Column::MustChangePassword, Expr::value(value));
        must(true).filter(user::Column::Username.eq("office")).exec(&db).await.unwrap();
        assert_eq!(status(&of_other, None).await, 403);
        must(false).filter(user::Column::Username.eq("office")).exec(&db).await.unwrap();
        user::Entity::update_many().col_expr(user::Column::Active, Expr::value(false)).filter(user::Column::Username.eq("office")).exec(&db).await.unwrap();
        assert_eq!((status(&of_other, None).await, status(path, other.token.as_deref()).await), (401, 401));

        // A report that is taken back: what was submitted stays with those who saw it.
        let leader = app.sign_in("leader-1").await;
        let url = seen(&leader, &id).await["url"].as_str().unwrap().to_owned();
        let manager = app.sign_in("fgw-manager").await;
        let reports = manager.query("{ progressReports { nodes { id version } } }").await;
        let report = reports.data("/progressReports/nodes/0");
        tests::desk::Handle { id: report["id"].as_str().unwrap().to_owned(), version: report["version"].as_i64().unwrap() }
            .step(&manager, "recallProgressReport").await;
        assert_eq!(status(&url, None).await, 200);
    }

    async fn a_file_that_the_storage_lost_is_our_fault(app: App) {
        let id = submitted(&app).await;
        let office = app.sign_in("office").await;
        let url = seen(&office, &id).await["url"].as_str().unwrap().to_owned();
        for entry in std::fs::read_dir(app.files_folder()).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                std::fs::remove_dir_all(path).unwrap();
            }
        }
        let answer = get(&app, &url, None).await;
        assert_eq!((answer.status.as_u16(), answer.codes()), (500, vec!["INTERNAL"]));
        assert!(!answer.text.contains("attachment") && !answer.text.contains("storage"), "{}", answer.text);
    }
}
