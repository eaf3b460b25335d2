//! What each account is to each target of both plans, read a second time from the plan as the importer reads it and from
//! domain.md §4: what the tests of requests, milestones and disputes hold the server's answers against.

use std::collections::BTreeMap;

use entity::{kinds::AssignmentRole, plan, target};
use importer::{PlanDraft, TargetDraft};
use sea_orm::{ConnectionTrait, EntityTrait};
use serde_json::{Value, json};
use tests::{
    Actor, Answer, App,
    world::{self, UNITS},
};

use crate::parties::global;

/// A target by the year of its plan and its number.
pub(crate) type Number = (i32, i32);

/// What an account is to a target.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sight {
    /// The supervision office of its plan.
    pub(crate) office: bool,
    /// A leader who answers for it.
    pub(crate) leader: bool,
    /// Works for a lead unit, or for one that acts for a lead unit.
    pub(crate) lead: bool,
    /// Sees the target at all.
    pub(crate) sees: bool,
}

/// The plans, and what the database calls their targets.
pub(crate) struct Scene {
    plans: Vec<PlanDraft>,
    pub(crate) ids: BTreeMap<Number, i64>,
}

impl Scene {
    pub(crate) async fn of(app: &App) -> Self {
        let draft = importer::read(&world::document_2023(), 2023, &world::tables());
        let plans = vec![world::plan_2022(), draft.plan.unwrap()];
        let db = app.database.connect().await;
        let years: BTreeMap<_, _> = plan::Entity::find()
            .all(&db)
            .await
            .unwrap()
            .into_iter()
            .map(|plan| (plan.id, plan.year))
            .collect();
        let rows = target::Entity::find().all(&db).await.unwrap();
        let ids = rows
            .iter()
            .map(|row| ((years[&row.plan_id], row.number), row.id.0))
            .collect();
        Self { plans, ids }
    }

    pub(crate) fn draft(&self, target: Number) -> &TargetDraft {
        let mut plans = self.plans.iter();
        let plan = plans.find(|plan| plan.year == target.0).unwrap();
        &plan.targets[target.1 as usize - 1]
    }

    /// The units for which an account works.
    pub(crate) fn units_of(actor: &str) -> Vec<&'static str> {
        let named = |(short, unit): &(&str, &'static str)| {
            let own = actor == format!("{short}-manager") || actor == format!("{short}-reporter");
            (own || (actor == "both" && *short == "yjj")).then_some(*unit)
        };
        UNITS.iter().filter_map(named).collect()
    }

    /// Whether an account works for a unit's part in a target, by itself or by acting for it.
    pub(crate) fn works_for(&self, actor: &str, target: Number, unit: &str) -> bool {
        let units = Self::units_of(actor);
        let mut parts = self.draft(target).assignments.iter();
        parts.any(|part| {
            part.unit == unit
                && (units.contains(&&*part.unit)
                    || part
                        .acting_unit
                        .as_deref()
                        .is_some_and(|acting| units.contains(&acting)))
        })
    }

    pub(crate) fn sight(&self, actor: &str, target: Number) -> Sight {
        let draft = self.draft(target);
        let issued = target.0 == 2022;
        let leaders = &self.plans[0].leaders;
        let answers = |at: usize| issued && draft.leaders.contains(&leaders[at]);
        let office = match actor {
            "office" => true,
            "office-2022" => issued,
            "office-2023" => !issued,
            _ => false,
        };
        let leader = match actor {
            "leader-1" => answers(0),
            "leader-8" | "both" => answers(7),
            _ => false,
        };
        let works = |role: Option<AssignmentRole>| {
            issued
                && draft.assignments.iter().any(|part| {
                    role.is_none_or(|role| part.role == role)
                        && self.works_for(actor, target, &part.unit)
                })
        };
        let observes = issued && ["observer", "observer-2022"].contains(&actor);
        let (lead, part) = (works(Some(AssignmentRole::Lead)), works(None));
        Sight {
            office,
            leader,
            lead,
            sees: office || leader || part || observes,
        }
    }

    /// The number of the target of 2022 that 市安委办 leads, for which 市应急管理局 acts.
    pub(crate) fn acted(&self) -> i32 {
        let acted = |target: &&TargetDraft| {
            let mut parts = target.assignments.iter();
            parts.any(|part| {
                part.unit == "市安委办"
                    && part.role == AssignmentRole::Lead
                    && part.acting_unit.as_deref() == Some("市应急管理局")
            })
        };
        let mut targets = self.plans[0].targets.iter();
        i32::try_from(targets.find(acted).unwrap().number).unwrap()
    }

    /// The global ID of a target of 2022.
    pub(crate) fn target(&self, number: i32) -> String {
        global("Target", self.ids[&(2022, number)])
    }
}

/// Asks a field of a target.
pub(crate) async fn target(actor: &Actor<'_>, id: &str, fields: &str) -> Value {
    let query = format!("query($id: ID!) {{ target(id: $id) {{ {fields} }} }}");
    let answer = actor.ask(&query, json!({ "id": id })).await;
    answer.data("/target").clone()
}

/// The acts on an object that somebody may take now.
pub(crate) async fn allowed(actor: &Actor<'_>, id: &str) -> Vec<String> {
    let answer = actor
        .ask(
            "query($id: ID!) { node(id: $id) {
                ... on Target { availableActions { action allowed } }
                ... on Assignment { availableActions { action allowed } }
                ... on Dispute { availableActions { action allowed } }
                ... on TargetRequest { availableActions { action allowed } } } }",
            json!({ "id": id }),
        )
        .await;
    let acts = answer.data("/node/availableActions").as_array().cloned();
    let acts = acts.unwrap_or_default().into_iter();
    acts.filter(|act| act["allowed"] == true)
        .map(|act| act["action"].as_str().unwrap().to_owned())
        .collect()
}

/// Gives an account a further grant, as no act does yet.
pub(crate) async fn grant(app: &App, username: &str, role: &str, unit: &str) {
    let db = app.database.connect().await;
    db.execute_unprepared(&format!(
        "INSERT INTO role_grant (user_id, role, unit_id, valid_from, reason, created_at)
         SELECT u.id, '{role}', n.id, '2022-01-01 00:00:00+00:00', 'test', '2022-01-01 00:00:00+00:00'
         FROM \"user\" u, unit n WHERE u.username = '{username}' AND n.name = '{unit}'"
    ))
    .await
    .unwrap();
}

/// The events that happened, oldest first: type and audience.
pub(crate) async fn events(app: &App) -> Vec<String> {
    use sea_orm::QueryOrder;
    let db = app.database.connect().await;
    let rows = entity::event::Entity::find()
        .order_by_asc(entity::event::Column::Id)
        .all(&db)
        .await
        .unwrap();
    rows.iter()
        .map(|row| format!("{} {}", row.r#type.as_str(), row.audience.as_str()))
        .collect()
}

/// How often an act stands in the audit log.
pub(crate) async fn audited(app: &App, act: &str) -> usize {
    crate::parties::audited(app, act).await.len()
}

/// Sends a mutation with an input, and asks for these fields of its payload.
pub(crate) async fn act(actor: &Actor<'_>, mutation: &str, input: Value, fields: &str) -> Answer {
    let mut kind = mutation.to_owned();
    kind[..1].make_ascii_uppercase();
    let kind = match mutation {
        "suspendTarget" | "resumeTarget" | "reopenTarget" | "cancelTarget" => "TargetStep",
        _ => &*kind,
    };
    let query = format!(
        "mutation($input: {kind}Input!) {{ {mutation}(input: $input) {{ {fields} userErrors {{ code field message }} }} }}"
    );
    actor.ask(&query, json!({ "input": input })).await
}
