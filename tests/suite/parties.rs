//! Who has which part in a target, read from the document a second time: what tests of notices and instructions hold the
//! server's answers against.

use std::collections::BTreeMap;

use entity::{
    audit_entry,
    kinds::{AssignmentRole, AuditOutcome},
    leader, plan, target, unit,
};
use importer::{PlanDraft, TargetDraft};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::Value;
use store::{Origin, PageArgs};
use tests::{
    Actor, Answer, App,
    world::{self, UNITS},
};

pub(crate) fn global(of: &str, key: i64) -> String {
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
    BASE64_URL_SAFE_NO_PAD.encode(format!("{of}:{key}"))
}

/// The plan of 2022 as the document has it, and what the server calls its targets, units and leaders.
pub(crate) struct Book {
    pub(crate) plan: PlanDraft,
    targets: BTreeMap<u32, String>,
    units: BTreeMap<String, String>,
    leaders: BTreeMap<String, String>,
}

impl Book {
    pub(crate) async fn of(app: &App) -> Self {
        let db = app.database.connect().await;
        let plan = plan::Entity::find()
            .filter(plan::Column::Year.eq(2022))
            .one(&db)
            .await
            .unwrap()
            .unwrap();
        let targets = target::Entity::find()
            .filter(target::Column::PlanId.eq(plan.id))
            .all(&db)
            .await
            .unwrap();
        let units = unit::Entity::find().all(&db).await.unwrap();
        let leaders = leader::Entity::find().all(&db).await.unwrap();
        Self {
            plan: world::plan_2022(),
            targets: targets
                .into_iter()
                .map(|row| (row.number as u32, global("Target", row.id.0)))
                .collect(),
            units: units
                .into_iter()
                .map(|row| (row.name, global("Unit", row.id.0)))
                .collect(),
            leaders: leaders
                .into_iter()
                .map(|row| (row.name, global("Leader", row.id.0)))
                .collect(),
        }
    }

    pub(crate) fn target(&self, number: u32) -> &str {
        &self.targets[&number]
    }

    pub(crate) fn unit(&self, name: &str) -> &str {
        &self.units[name]
    }

    pub(crate) fn leader(&self, name: &str) -> &str {
        &self.leaders[name]
    }

    pub(crate) fn draft(&self, number: u32) -> &TargetDraft {
        &self.plan.targets[number as usize - 1]
    }

    /// The numbers of the targets of which something holds.
    pub(crate) fn numbers(&self, such: impl Fn(&TargetDraft) -> bool) -> Vec<u32> {
        let targets = self.plan.targets.iter();
        targets
            .filter(|draft| such(draft))
            .map(|draft| draft.number)
            .collect()
    }

    /// The leader that an account is, by name.
    pub(crate) fn leader_of(&self, actor: &str) -> Option<&str> {
        let at = match actor {
            "leader-1" => 0,
            "leader-8" | "both" => 7,
            _ => return None,
        };
        Some(&self.plan.leaders[at])
    }

    /// Whether an account's leader answers for a target.
    pub(crate) fn answers(&self, actor: &str, number: u32) -> bool {
        let leaders = &self.draft(number).leaders;
        self.leader_of(actor)
            .is_some_and(|leader| leaders.iter().any(|name| name == leader))
    }

    /// Whether an account's unit is this one, or acts for it on the target.
    pub(crate) fn works_for(&self, actor: &str, number: u32, unit: &str) -> bool {
        unit_of(actor).is_some_and(|own| {
            let acts = |row: &&importer::AssignmentDraft| {
                row.unit == unit && row.acting_unit.as_deref() == Some(own)
            };
            own == unit || self.draft(number).assignments.iter().find(acts).is_some()
        })
    }

    /// The units that lead a target.
    pub(crate) fn leads(&self, number: u32) -> Vec<&str> {
        let rows = self.draft(number).assignments.iter();
        rows.filter(|row| row.role == AssignmentRole::Lead)
            .map(|row| row.unit.as_str())
            .collect()
    }

    /// Whether an account sees a target of 2022, by the rule.
    pub(crate) fn sees(&self, actor: &str, number: u32) -> bool {
        let assigned = &self.draft(number).assignments;
        is_office(actor)
            || matches!(actor, "observer" | "observer-2022")
            || self.answers(actor, number)
            || assigned
                .iter()
                .any(|row| self.works_for(actor, number, &row.unit))
    }

    /// Whether an account sees a notice to a unit about a target.
    pub(crate) fn sees_notice(&self, actor: &str, number: u32, unit: &str) -> bool {
        is_office(actor) || self.answers(actor, number) || self.works_for(actor, number, unit)
    }

    /// Whether an account sees an instruction on a target.
    pub(crate) fn sees_instruction(&self, actor: &str, number: u32) -> bool {
        let leads = self.leads(number);
        is_office(actor)
            || self.answers(actor, number)
            || leads.iter().any(|unit| self.works_for(actor, number, unit))
    }
}

/// Whether an account is the supervision office of 2022.
pub(crate) fn is_office(actor: &str) -> bool {
    matches!(actor, "office" | "office-2022")
}

/// Whether an account is a unit's manager.
pub(crate) fn is_manager(actor: &str) -> bool {
    actor.ends_with("-manager")
}

/// The unit for which an account works.
pub(crate) fn unit_of(actor: &str) -> Option<&'static str> {
    let short = match actor {
        "both" => "yjj",
        other => other.split_once('-')?.0,
    };
    let (_, unit) = UNITS.iter().find(|(name, _)| *name == short)?;
    Some(unit)
}

/// The first refusal of a mutation, or "done".
pub(crate) fn outcome(answer: &Answer, mutation: &str) -> String {
    let refusals = answer.refusals(mutation);
    refusals
        .first()
        .cloned()
        .unwrap_or_else(|| "done".to_owned())
}

/// The entries of the audit log about an act that was done, in their order.
pub(crate) async fn audited(app: &App, act: &str) -> Vec<audit_entry::Model> {
    let db = app.database.connect().await;
    audit_entry::Entity::find()
        .filter(audit_entry::Column::Action.eq(act))
        .filter(audit_entry::Column::Outcome.eq(AuditOutcome::Succeeded))
        .order_by_asc(audit_entry::Column::Id)
        .all(&db)
        .await
        .unwrap()
}

/// The events that an account may read: what happened to which object.
pub(crate) async fn heard(app: &App, actor: &Actor<'_>) -> Vec<(String, String)> {
    let origin = Origin::command("x");
    let system = app.parts.store().system();
    let call = system
        .call(actor.token.as_deref(), origin)
        .await
        .expect("a call");
    let mut args = PageArgs {
        first: Some(100),
        ..PageArgs::default()
    };
    let mut events = Vec::new();
    loop {
        let page = call
            .changes(&args)
            .await
            .unwrap_or_else(|error| panic!("{error:?}"));
        args.after = page.edges.last().map(|edge| edge.cursor.clone());
        events.extend(page.edges.into_iter().map(|edge| {
            let about = edge.node.object_type.clone().zip(edge.node.object_id);
            let about = about.map_or_else(String::new, |(of, key)| global(&of, key));
            (edge.node.r#type.as_str().to_owned(), about)
        }));
        if !page.has_next {
            return events;
        }
    }
}

/// What `availableActions` says of an act on an object: "allowed", or the code of the refusal.
pub(crate) fn available(actions: &Value, act: &str) -> String {
    let rows = actions.as_array().expect("actions");
    let row = rows.iter().find(|row| row["action"] == act);
    let row = row.unwrap_or_else(|| panic!("no {act} in {actions}"));
    match row["allowed"].as_bool() {
        Some(true) => "allowed".to_owned(),
        _ => row["reason"]["code"].as_str().expect("a code").to_owned(),
    }
}
