//! What the demo's year is about: the plan as the supervision office sees it.

use std::collections::{BTreeMap, HashMap};

use entity::{
    ids::{AssignmentId, LeaderId, PlanId, TargetId, UnitId},
    indicator,
    kinds::AssignmentRole,
};
use store::{
    Call, Direction, Error, PageArgs, TargetFilter, TargetOrder, TargetOrderField, TargetsOf,
};

/// The plan.
pub(crate) struct Plot {
    /// Its key.
    pub(super) plan: PlanId,
    /// Its targets, in document order.
    pub(super) targets: Vec<TargetPlot>,
    /// The assigned units, with their names.
    units: BTreeMap<UnitId, String>,
}

/// A target, with those who answer for it.
pub(super) struct TargetPlot {
    pub(super) id: TargetId,
    pub(super) number: i32,
    /// The units that lead it, in document order.
    pub(super) leads: Vec<UnitId>,
    /// The units that support it, in document order.
    pub(super) supporting: Vec<UnitId>,
    /// All assignments.
    pub(super) assignments: Vec<(AssignmentId, UnitId)>,
    pub(super) leaders: Vec<LeaderId>,
    pub(super) indicators: Vec<indicator::Model>,
}

impl Plot {
    /// Reads the seed plan; none when there is none that the caller sees.
    pub(super) async fn read(office: &Call) -> Result<Option<Self>, Error> {
        let Some(plan) = office.plan_of_year(seeds::YEAR).await? else {
            return Ok(None);
        };
        let order = TargetOrder {
            field: TargetOrderField::Number,
            direction: Direction::Ascending,
        };
        let mut seen = Vec::new();
        let mut args = PageArgs {
            first: Some(100),
            ..PageArgs::default()
        };
        loop {
            let of = [TargetsOf::Plan(plan.id)];
            let pages = office
                .targets(&of, &TargetFilter::default(), order, &args, false)
                .await?;
            let mut last = None;
            let mut more = false;
            for page in pages {
                let (page, _) = page?;
                more = page.has_next;
                last = page.edges.last().map(|edge| edge.cursor.clone());
                seen.extend(page.edges.into_iter().map(|edge| edge.node));
            }
            if !more {
                break;
            }
            args.after = last;
        }
        let keys: Vec<_> = seen.iter().map(|target| target.key()).collect();
        let mut targets: Vec<TargetPlot> = seen
            .iter()
            .map(|target| TargetPlot {
                id: target.id,
                number: target.number,
                leads: Vec::new(),
                supporting: Vec::new(),
                assignments: Vec::new(),
                leaders: Vec::new(),
                indicators: Vec::new(),
            })
            .collect();
        let places: HashMap<TargetId, usize> = (0..)
            .zip(&targets)
            .map(|(at, target)| (target.id, at))
            .collect();
        let at = |id: TargetId| places.get(&id).copied();
        let mut units = BTreeMap::new();
        for row in office.assignments(&keys).await? {
            let row = row.assignment;
            let Some(target) = at(row.target_id).and_then(|at| targets.get_mut(at)) else {
                continue;
            };
            units.insert(row.unit_id, String::new());
            target.assignments.push((row.id, row.unit_id));
            match row.role {
                AssignmentRole::Lead => target.leads.push(row.unit_id),
                AssignmentRole::Supporting => target.supporting.push(row.unit_id),
            }
        }
        for (id, leader) in office.leaders_of(&keys).await? {
            if let Some(target) = at(id).and_then(|at| targets.get_mut(at)) {
                target.leaders.push(leader.id);
            }
        }
        for row in office.indicators(&keys).await? {
            if let Some(target) = at(row.target_id).and_then(|at| targets.get_mut(at)) {
                target.indicators.push((*row).clone());
            }
        }
        let ids: Vec<UnitId> = units.keys().copied().collect();
        for unit in office.units_by_id(&ids).await? {
            units.insert(unit.id, unit.name.clone());
        }
        Ok(Some(Self {
            plan: plan.id,
            targets,
            units,
        }))
    }

    /// The assigned units, with their names.
    pub(super) fn units(&self) -> impl Iterator<Item = (UnitId, &str)> {
        self.units.iter().map(|(unit, name)| (*unit, name.as_str()))
    }
}
