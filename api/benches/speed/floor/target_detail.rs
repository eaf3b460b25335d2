//! The floor of `TargetDetail`.

use std::{collections::HashMap, sync::Arc};

use api::MachineClock;
use axum::{
    extract::{Query, State},
    response::IntoResponse,
};
use domain::Clock;
use sea_orm::QueryResult;
use serde_json::{Value, json};

use super::{
    Floor, answer, asked_number, global, key, leads, list, moment, named, number, optional, own,
    percent, report_shown, text, word,
};

pub(super) async fn target_detail(
    State(floor): State<Arc<Floor>>,
    Query(asked): Query<HashMap<String, String>>,
) -> impl IntoResponse {
    let [target, unit] = ["id", "unit"].map(|name| asked_number(&asked, name));
    let detail = Detail {
        floor: &floor,
        target,
        unit,
    };
    let target = match detail.row().await {
        Some(row) => detail.whole(&row).await,
        None => Value::Null,
    };
    answer(&json!({ "target": target }))
}

/// Lists by the key of what they belong to.
type Lists = HashMap<i64, Vec<Value>>;

/// One target, as a unit's manager sees it.
struct Detail<'a> {
    floor: &'a Floor,
    target: i64,
    unit: i64,
}

impl Detail<'_> {
    /// The target's row with its headings, if the unit has a part in it. Whoever has sees it whole.
    async fn row(&self) -> Option<QueryResult> {
        let rows = self
            .shown(
                "SELECT t.number, t.text, t.source_line, t.settled_state, CAST(t.on_schedule_from AS TEXT) AS on_schedule_from,
                     CAST(t.behind_from AS TEXT) AS behind_from, CAST(t.yellow_from AS TEXT) AS yellow_from, CAST(t.red_from AS TEXT) AS red_from,
                     t.light_override, CAST(t.light_override_until AS TEXT) AS light_override_until,
                     t.percent_complete, CAST(t.due_on AS TEXT) AS due_on, t.version, s.id AS s, s.title AS st, o.id AS o, o.title AS ot
                 FROM target t JOIN plan p ON p.id = t.plan_id JOIN section s ON s.id = t.section_id LEFT JOIN section o ON o.id = s.parent_id
                 WHERE t.id = $1 AND p.status <> 'DRAFT'
                     AND EXISTS (SELECT 1 FROM assignment a WHERE a.target_id = t.id AND (a.unit_id = $2 OR a.acting_unit_id = $2))",
            )
            .await;
        rows.into_iter().next()
    }

    /// The target with all that belongs to it. Why its light has its colour is worked out by the rules, which the floor does not
    /// have: it says nothing.
    async fn whole(&self, row: &QueryResult) -> Value {
        let (of_indicators, of_reports) = self.readings().await;
        let (state, light) = standing(row);
        json!({
            "id": global("Target", self.target), "number": number(row, "number"), "text": text(row, "text"),
            "sourceLine": number(row, "source_line"), "state": state, "light": light, "lightReasons": [],
            "percentComplete": percent(row, "percent_complete"), "dueOn": text(row, "due_on"), "version": number(row, "version"),
            "section": { "id": global("Section", key(row, "s")), "title": text(row, "st"), "parent": titled(row, "o", "ot") },
            "leaders": self.leaders().await, "assignments": self.assignments().await, "designations": self.designations().await,
            "indicators": self.indicators(of_indicators).await, "milestones": self.milestones().await,
            "reports": self.reports(of_reports).await, "notices": self.notices().await, "instructions": self.instructions().await,
        })
    }

    async fn leaders(&self) -> Vec<Value> {
        let rows = self
            .whole_of(
                "SELECT l.id, l.name FROM target_post p JOIN tenure t ON t.post_id = p.post_id AND t.ends_on IS NULL JOIN leader l ON l.id = t.leader_id
                 WHERE p.target_id = $1 ORDER BY p.ordinal",
            )
            .await;
        let leader = |row| named(row, "Leader", "id", "name").unwrap_or_default();
        rows.iter().map(leader).collect()
    }

    async fn assignments(&self) -> Vec<Value> {
        let rows = self
            .whole_of(
                "SELECT a.id, a.role, a.acknowledged_at, w.display_name, u.id AS u, u.name AS un, u.kind, c.id AS c, c.name AS cn, g.id AS g, g.name AS gn
                 FROM assignment a JOIN unit u ON u.id = a.unit_id LEFT JOIN unit c ON c.id = a.acting_unit_id
                     LEFT JOIN unit_group g ON g.id = a.group_id LEFT JOIN \"user\" w ON w.id = a.acknowledged_by_id
                 WHERE a.target_id = $1 ORDER BY a.ordinal, a.id",
            )
            .await;
        let assignment = |row| {
            json!({
                "id": global("Assignment", key(row, "id")), "role": text(row, "role"),
                "unit": { "id": global("Unit", key(row, "u")), "name": text(row, "un"), "kind": text(row, "kind") },
                "actingUnit": named(row, "Unit", "c", "cn"), "group": named(row, "UnitGroup", "g", "gn"),
                "acknowledgedAt": moment(row, "acknowledged_at"), "acknowledgedBy": person(row),
            })
        };
        rows.iter().map(assignment).collect()
    }

    async fn designations(&self) -> Vec<Value> {
        let rows = self
            .whole_of(
                "SELECT d.id, d.phrase, d.resolved_at, g.id AS g, g.name AS gn FROM designation d JOIN unit_group g ON g.id = d.group_id
                 WHERE d.target_id = $1 ORDER BY d.ordinal",
            )
            .await;
        let designation = |row| {
            json!({
                "id": global("Designation", key(row, "id")), "phrase": text(row, "phrase"),
                "group": named(row, "UnitGroup", "g", "gn"), "resolved": moment(row, "resolved_at").is_some(),
            })
        };
        rows.iter().map(designation).collect()
    }

    /// The readings of the reports that are shown, read once for both places in which they stand: those of accepted reports
    /// by indicator, the earliest period first, and all of them by report, as they were given.
    async fn readings(&self) -> (Lists, Lists) {
        let rows = self
            .shown(&format!(
                "SELECT x.value, i.id AS i, i.name AS n, r.id AS r, r.status, p.label
                 FROM indicator i JOIN indicator_reading x ON x.indicator_id = i.id JOIN progress_report r ON r.id = x.report_id
                     JOIN reporting_period p ON p.id = r.period_id
                 WHERE i.target_id = $1 AND {} ORDER BY r.due_at, r.id, x.id",
                report_shown("$2")
            ))
            .await;
        let (mut of_indicators, mut of_reports) = (Lists::new(), Lists::new());
        for row in &rows {
            let (indicator, report) = (key(row, "i"), key(row, "r"));
            if text(row, "status") == "ACCEPTED" {
                of_indicators.entry(indicator).or_default().push(json!({
                    "value": text(row, "value"), "period": { "label": text(row, "label") }, "report": { "id": global("ProgressReport", report) },
                }));
            }
            of_reports.entry(report).or_default().push(json!({ "indicator": named(row, "Indicator", "i", "n"), "value": text(row, "value") }));
        }
        (of_indicators, of_reports)
    }

    async fn indicators(&self, mut readings: Lists) -> Vec<Value> {
        let rows = self
            .whole_of(
                "SELECT id, name, comparison, goal, unit_of_measure, kind, phrase, confirmed FROM indicator WHERE target_id = $1 ORDER BY ordinal",
            )
            .await;
        let indicator = |row| {
            let id = key(row, "id");
            let mut all = readings.remove(&id).unwrap_or_default();
            let last = all.split_off(all.len().saturating_sub(12));
            json!({
                "id": global("Indicator", id), "name": text(row, "name"), "comparison": text(row, "comparison"), "goal": text(row, "goal"),
                "unitOfMeasure": text(row, "unit_of_measure"), "kind": text(row, "kind"), "phrase": text(row, "phrase"),
                "confirmed": word(row, "confirmed"), "readings": { "nodes": last },
            })
        };
        rows.iter().map(indicator).collect()
    }

    /// The milestones of the refined plan: in force, for whoever sees the target; before that, for who leads.
    async fn milestones(&self) -> Vec<Value> {
        let rows = self
            .shown(&format!(
                "SELECT m.id, m.title, CAST(m.due_on AS TEXT) AS due_on, CAST(m.done_on AS TEXT) AS done_on, u.id AS u, u.name AS un
                 FROM milestone m JOIN refinement f ON f.target_id = m.target_id JOIN unit u ON u.id = m.unit_id
                 WHERE m.target_id = $1 AND (f.status = 'APPROVED' OR {}) ORDER BY m.due_on, m.id",
                leads("m", "$2")
            ))
            .await;
        let milestone = |row| {
            json!({
                "id": global("Milestone", key(row, "id")), "title": text(row, "title"), "dueOn": text(row, "due_on"),
                "doneOn": optional(row, "done_on"), "unit": named(row, "Unit", "u", "un"),
            })
        };
        rows.iter().map(milestone).collect()
    }

    /// The latest twelve reports that are shown, how many are in all, and what belongs to the twelve.
    async fn reports(&self, mut readings: Lists) -> Value {
        let rows = self
            .shown(&format!(
                "SELECT r.id, r.version, r.status, r.late, r.percent_complete, r.progress, r.problems, r.next_steps, r.submitted_at,
                     u.id AS u, u.name AS un, p.id AS p, p.label, p.due_at, w.display_name, COUNT(*) OVER () AS n
                 FROM progress_report r JOIN unit u ON u.id = r.unit_id JOIN reporting_period p ON p.id = r.period_id
                     JOIN \"user\" w ON w.id = r.author_id
                 WHERE r.target_id = $1 AND {} ORDER BY r.due_at DESC, r.id DESC LIMIT 12",
                report_shown("$2")
            ))
            .await;
        let total = rows.first().map_or(0, |row| key(row, "n"));
        let ids = list(rows.iter().map(|row| key(row, "id")));
        let mut reviews = self.reviews(&ids).await;
        let mut attachments = self.attachments(&ids).await;
        let report = |row| {
            let id = key(row, "id");
            json!({
                "id": global("ProgressReport", id), "version": number(row, "version"), "status": text(row, "status"), "late": word(row, "late"),
                "percentComplete": percent(row, "percent_complete"), "progress": text(row, "progress"), "problems": text(row, "problems"),
                "nextSteps": text(row, "next_steps"), "submittedAt": moment(row, "submitted_at"), "unit": named(row, "Unit", "u", "un"),
                "period": { "id": global("ReportingPeriod", key(row, "p")), "label": text(row, "label"), "dueAt": moment(row, "due_at") },
                "author": person(row), "readings": readings.remove(&id).unwrap_or_default(),
                "reviews": reviews.remove(&id).unwrap_or_default(), "attachments": attachments.remove(&id).unwrap_or_default(),
            })
        };
        let nodes: Vec<Value> = rows.iter().map(report).collect();
        json!({ "totalCount": total, "nodes": nodes })
    }

    /// The reviews of reports that are shown: of what was sent back, for those who see reports from their submission on.
    async fn reviews(&self, reports: &str) -> Lists {
        let sql = format!(
            "SELECT v.report_id, v.decision, v.comment, v.reviewed_at, w.display_name
             FROM review v JOIN progress_report r ON r.id = v.report_id JOIN \"user\" w ON w.id = v.reviewer_id
             WHERE v.report_id IN ({reports}) AND (v.decision = 'ACCEPT' OR {} OR {}) ORDER BY v.id",
            own("r", "$1"),
            leads("r", "$1")
        );
        let mut reviews = Lists::new();
        for row in self.floor.rows(&sql, vec![self.unit.into()]).await {
            reviews.entry(key(&row, "report_id")).or_default().push(json!({
                "decision": text(&row, "decision"), "comment": optional(&row, "comment"), "reviewedAt": moment(&row, "reviewed_at"),
                "reviewer": person(&row),
            }));
        }
        reviews
    }

    /// The files that reports have now. Who is shown a report is shown its version of now, and so these files.
    async fn attachments(&self, reports: &str) -> Lists {
        let sql = format!(
            "SELECT f.report_id, f.id, f.file_name, f.content_type, f.byte_size
             FROM attachment f JOIN progress_report r ON r.id = f.report_id
             WHERE f.report_id IN ({reports}) AND f.from_version <= r.version AND (f.until_version IS NULL OR f.until_version > r.version) ORDER BY f.id"
        );
        let mut attachments = Lists::new();
        for row in self.floor.rows(&sql, vec![]).await {
            let id = global("Attachment", key(&row, "id"));
            let url = format!("/attachments/{id}");
            attachments.entry(key(&row, "report_id")).or_default().push(json!({
                "id": id, "fileName": text(&row, "file_name"), "contentType": text(&row, "content_type"), "byteSize": key(&row, "byte_size"),
                "url": url,
            }));
        }
        attachments
    }

    /// The unit's own notices.
    async fn notices(&self) -> Vec<Value> {
        let rows = self
            .shown(&format!(
                "SELECT n.id, n.colour, n.body, CAST(n.reply_due_on AS TEXT) AS reply_due_on, n.status, u.id AS u, u.name AS un
                 FROM supervision_notice n JOIN unit u ON u.id = n.unit_id WHERE n.target_id = $1 AND {} ORDER BY n.id DESC",
                own("n", "$2")
            ))
            .await;
        let notice = |row| {
            json!({
                "id": global("SupervisionNotice", key(row, "id")), "colour": text(row, "colour"), "body": text(row, "body"),
                "replyDueOn": text(row, "reply_due_on"), "status": text(row, "status"), "unit": named(row, "Unit", "u", "un"),
            })
        };
        rows.iter().map(notice).collect()
    }

    /// The instructions, for who leads.
    async fn instructions(&self) -> Vec<Value> {
        let rows = self
            .shown(&format!(
                "SELECT n.id, n.body, n.issued_at, l.id AS l, l.name AS ln
                 FROM instruction n JOIN leader l ON l.id = n.leader_id WHERE n.target_id = $1 AND {} ORDER BY n.id DESC",
                leads("n", "$2")
            ))
            .await;
        let instruction = |row| {
            json!({
                "id": global("Instruction", key(row, "id")), "body": text(row, "body"), "leader": named(row, "Leader", "l", "ln"),
                "issuedAt": moment(row, "issued_at"),
            })
        };
        rows.iter().map(instruction).collect()
    }

    /// What goes with the target, for whoever sees it: `$1` is the target.
    async fn whole_of(&self, sql: &str) -> Vec<QueryResult> {
        self.floor.rows(sql, vec![self.target.into()]).await
    }

    /// What is shown to some: `$1` is the target, and `$2` the unit.
    async fn shown(&self, sql: &str) -> Vec<QueryResult> {
        let values = vec![self.target.into(), self.unit.into()];
        self.floor.rows(sql, values).await
    }
}

/// How far the target is today, and its light, by the days that are kept in its row.
fn standing(row: &QueryResult) -> (String, String) {
    let today = domain::clock::day(MachineClock.now()).to_string();
    let reached = |name: &str| optional(row, name).is_some_and(|from| from <= today);
    let state = optional(row, "settled_state").unwrap_or_else(|| {
        let state = if reached("behind_from") {
            "BEHIND"
        } else if reached("on_schedule_from") {
            "ON_SCHEDULE"
        } else {
            "AHEAD"
        };
        state.to_owned()
    });
    let holds = optional(row, "light_override_until").is_some_and(|until| today <= until);
    let set = optional(row, "light_override").filter(|_| holds);
    let light = set.unwrap_or_else(|| {
        let light = if reached("red_from") {
            "RED"
        } else if reached("yellow_from") {
            "YELLOW"
        } else {
            "GREEN"
        };
        light.to_owned()
    });
    (state, light)
}

/// The section that a row names by key and title, if it names one.
fn titled(row: &QueryResult, id: &str, title: &str) -> Option<Value> {
    let id: Option<i64> = row.try_get("", id).expect("a key or none");
    id.map(|id| json!({ "id": global("Section", id), "title": text(row, title) }))
}

/// The name of whoever did it, if somebody did.
fn person(row: &QueryResult) -> Option<Value> {
    optional(row, "display_name").map(|name| json!({ "displayName": name }))
}
