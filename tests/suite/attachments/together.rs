//! Several people at the same moment: a file belongs to one of them.

use serde_json::json;
use tests::{
    App, both,
    desk::{act, create_periods, save, target},
};

use super::upload;

both! {
    async fn of_two_reports_one_gets_the_file(app: App) {
        let office = app.sign_in("office").await;
        let periods = create_periods(&office).await;
        act(&office, "openReportingPeriod", "reportingPeriod { id }", json!({ "periodId": periods["2022年7月"] })).await;
        let id = target(&office, 1).await;
        let (a, b) = (app.sign_in("fgw-manager").await, app.sign_in("fgw-reporter").await);
        let mut version = None;
        for round in 1..=4 {
            let (one, two) = (upload(&a, &id, "one").await, upload(&b, &id, "two").await);
            let input = |period: &str, first: &serde_json::Value, second: &serde_json::Value| {
                json!({ "targetId": id, "periodId": periods[period], "progress": "x", "expectedVersion": version, "attachmentIds": [first["id"], second["id"]] })
            };
            // In different orders: nobody waits for who waits.
            let answers = tokio::join!(save(&a, input("2022年6月", &one, &two)), save(&b, input("2022年7月", &two, &one)));
            let mut outcomes = [answers.0.refusals("saveProgressReport").join(","), answers.1.refusals("saveProgressReport").join(",")];
            let won = usize::from(!outcomes[0].is_empty());
            outcomes.sort();
            assert_eq!(outcomes, ["", "WRONG_STATE attachmentIds.0"]);
            // Both go on from the same version.
            let other = ["2022年7月", "2022年6月"][won];
            let plain = json!({ "targetId": id, "periodId": periods[other], "progress": format!("{round}"), "expectedVersion": version });
            assert_eq!(save(&a, plain).await.refusals("saveProgressReport"), [""; 0]);
            version = Some(round);
        }
    }

    async fn of_two_who_change_a_report_one_does(app: App) {
        let office = app.sign_in("office").await;
        let periods = create_periods(&office).await;
        let id = target(&office, 1).await;
        let (a, b) = (app.sign_in("fgw-manager").await, app.sign_in("fgw-reporter").await);
        let file = upload(&a, &id, "one").await;
        let input = json!({ "targetId": id, "periodId": periods["2022年6月"], "progress": "x", "attachmentIds": [file["id"]] });
        let answers = tokio::join!(save(&a, input.clone()), save(&b, input));
        let mut outcomes = [answers.0.refusals("saveProgressReport").join(","), answers.1.refusals("saveProgressReport").join(",")];
        outcomes.sort();
        assert_eq!(outcomes, ["", "INVALID expectedVersion"]);
        let seen = a.query("{ progressReports { nodes { version attachments { id } } } }").await;
        assert_eq!(seen.data("/progressReports/nodes"), &json!([{ "version": 1, "attachments": [{ "id": file["id"] }] }]));
    }
}
