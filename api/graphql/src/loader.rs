//! Loading what belongs to many objects at once: one statement for all that ask in the same round. The loaders live
//! for one request and one viewer, and read through that viewer's call alone.

use std::{collections::HashMap, hash::Hash, sync::Arc};

use domain::{
    assignment::AssignmentFacts, dispute::DisputeFacts, refinement::MilestoneFacts,
    request::RequestFacts,
};
use entity::{
    amendment, audit_entry, audit_seal, designation, dispute,
    ids::{
        AmendmentId, AssignmentId, AuditEntryId, DesignationId, DisputeId, IndicatorId,
        InstructionId, LeaderId, MilestoneId, PlanId, PostId, SectionId, SupervisionNoticeId,
        TargetId, TargetRequestId, UnitGroupId, UnitId,
    },
    indicator, instruction, leader, milestone, plan, post, refinement, section, supervision_notice,
    target, target_request, unit, unit_group,
};
use store::{
    ActorKey, AssignmentRow, AuditKey, AuditUnitKey, Call, DesignationFilter, Error, Ground, Page,
    PageArgs, PlanRules, Seen, TargetFilter, TargetKey, TargetLife, TargetOrder, TargetsOf,
};

use crate::batches::{Batches, Known, Loader, Loads};

/// The loaders of a request.
pub(crate) struct Loaders {
    batches: Batches<CallLoader>,
    known: Known,
}

/// Loads through a call, and remembers what comes along.
pub(crate) struct CallLoader {
    call: Call,
    /// What comes along with what is read.
    known: Known,
}

impl Loaders {
    pub(crate) fn new(call: Call, loads: &Loads) -> Self {
        let known = Known::default();
        let loader = CallLoader {
            call,
            known: known.clone(),
        };
        Self {
            batches: Batches::new(loader, known.clone(), loads.clone()),
            known,
        }
    }

    /// What a key stands for; none when there is nothing, or nothing that the viewer may see.
    pub(crate) async fn one<K>(
        &self,
        key: K,
    ) -> Result<Option<<CallLoader as Loader<K>>::Value>, Error>
    where
        K: Send + Sync + Hash + Eq + Clone + 'static,
        CallLoader: Loader<K>,
    {
        self.batches.one(key).await
    }

    /// Remembers a plan that was read by its year.
    pub(crate) fn remember(&self, plan: &Seen<plan::Model>) {
        self.known
            .remember::<CallLoader, _>([(plan.id, plan.clone())]);
    }
}

macro_rules! by_key {
    ($($key:ident => $model:ty, $read:ident, $id:expr;)+) => { $(
        impl Loader<$key> for CallLoader {
            type Value = $model;

            async fn load(&self, keys: &[$key]) -> Result<HashMap<$key, $model>, Error> {
                let id: fn(&$model) -> $key = $id;
                let rows = self.call.$read(keys).await?.into_iter().map(<$model>::from);
                Ok(rows.map(|row| (id(&row), row)).collect())
            }
        }
    )+ };
}

by_key! {
    PlanId => Seen<plan::Model>, plans_by_id, |row| row.id;
    SectionId => Arc<Seen<section::Model>>, sections_by_id, |row| row.id;
    TargetId => Seen<target::Model>, targets_by_id, |row| row.id;
    LeaderId => Seen<leader::Model>, leaders_by_id, |row| row.id;
    PostId => Seen<post::Model>, posts_by_id, |row| row.id;
    UnitId => Arc<Seen<unit::Model>>, units_by_id, |row| row.id;
    UnitGroupId => Seen<unit_group::Model>, unit_groups_by_id, |row| row.id;
    DesignationId => Seen<designation::Model>, designations_by_id, |row| row.id;
    IndicatorId => Seen<indicator::Model>, indicators_by_id, |row| row.id;
    SupervisionNoticeId => Seen<supervision_notice::Model>, notices_by_id, |row| row.id;
    InstructionId => Seen<instruction::Model>, instructions_by_id, |row| row.id;
    AuditEntryId => Seen<audit_entry::Model>, audit_entries_by_id, |row| row.id;
    AssignmentId => AssignmentRow, assignments_by_id, |row| row.assignment.id;
    TargetRequestId => Seen<target_request::Model>, requests_by_id, |row| row.id;
    MilestoneId => Seen<milestone::Model>, milestones_by_id, |row| row.id;
    AmendmentId => Seen<amendment::Model>, amendments_by_id, |row| row.id;
    DisputeId => Seen<dispute::Model>, disputes_by_id, |row| row.id;
}

impl Loader<AuditKey> for CallLoader {
    type Value = audit_seal::Model;

    async fn load(&self, keys: &[AuditKey]) -> Result<HashMap<AuditKey, audit_seal::Model>, Error> {
        Ok(self.call.audit_seals(keys).await?.into_iter().collect())
    }
}

impl Loader<AuditUnitKey> for CallLoader {
    type Value = String;

    async fn load(&self, keys: &[AuditUnitKey]) -> Result<HashMap<AuditUnitKey, String>, Error> {
        Ok(self.call.audit_units(keys).await?.into_iter().collect())
    }
}

impl Loader<ActorKey> for CallLoader {
    type Value = String;

    async fn load(&self, keys: &[ActorKey]) -> Result<HashMap<ActorKey, String>, Error> {
        Ok(self.call.actors(keys).await?.into_iter().collect())
    }
}

/// Declares a key for the list that belongs to another key, and how the lists of many are read.
macro_rules! lists {
    ($($(#[$doc:meta])* $list:ident($of:ty) => $item:ty, $read:ident, $split:expr;)+) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash)]
        pub(crate) struct $list(pub(crate) $of);

        impl Loader<$list> for CallLoader {
            type Value = Arc<[$item]>;

            async fn load(&self, keys: &[$list]) -> Result<HashMap<$list, Arc<[$item]>>, Error> {
                let of: Vec<$of> = keys.iter().map(|key| key.0).collect();
                let mut lists: HashMap<_, Vec<$item>> = HashMap::new();
                for row in self.call.$read(&of).await? {
                    let (of, item) = $split(row);
                    lists.entry(of).or_default().push(item);
                }
                Ok(keys
                    .iter()
                    .map(|key| (*key, lists.remove(&key.id()).unwrap_or_default().into()))
                    .collect())
            }
        }
    )+ };
}

lists! {
    /// The outline of a plan, in document order.
    OutlineOf(PlanId) => Seen<section::Model>, outlines, |row: Seen<section::Model>| (row.plan_id, row);
    /// The leaders of a target, in document order.
    LeadersOf(TargetKey) => Seen<leader::Model>, leaders_of, |row| row;
    /// The designations of a target, in document order.
    DesignationsOf(TargetKey) => Seen<designation::Model>, designations, |row: Seen<designation::Model>| (row.target_id, row);
    /// The indicators of a target, in the order of the text.
    IndicatorsOf(TargetKey) => Seen<indicator::Model>, indicators, |row: Seen<indicator::Model>| (row.target_id, row);
    /// The notices about a target that the viewer sees, newest first.
    NoticesOf(TargetKey) => Seen<supervision_notice::Model>, notices_of_targets, |row: Seen<supervision_notice::Model>| (row.target_id, row);
    /// The instructions on a target that the viewer sees, newest first.
    InstructionsOf(TargetKey) => Seen<instruction::Model>, instructions_of_targets, |row: Seen<instruction::Model>| (row.target_id, row);
    /// The requests on a target, oldest first.
    RequestsOf(TargetKey) => Seen<target_request::Model>, requests_of_targets, |row: Seen<target_request::Model>| (row.target_id, row);
    /// The milestones of a target, in the order of their days.
    MilestonesOf(TargetKey) => Seen<milestone::Model>, milestones_of_targets, |row: Seen<milestone::Model>| (row.target_id, row);
    /// The disputes of a target's assignments, oldest first.
    DisputesOf(TargetKey) => Seen<dispute::Model>, disputes_of_targets, |row: Seen<dispute::Model>| (row.target_id, row);
    /// The other names of a unit.
    AliasesOf(UnitId) => String, aliases, |row| row;
    /// The members of a group, in its order.
    MembersOf(UnitGroupId) => Seen<unit::Model>, members, |row| row;
    /// The titles of a leader's posts.
    TitlesOf(LeaderId) => String, titles, |row| row;
    /// The posts of a leader.
    PostsOf(LeaderId) => Seen<post::Model>, posts_held, |row| row;
}

/// The assignments of a target, in document order.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct AssignmentsOf(pub(crate) TargetKey);

impl Loader<AssignmentsOf> for CallLoader {
    type Value = Arc<[AssignmentRow]>;

    async fn load(
        &self,
        keys: &[AssignmentsOf],
    ) -> Result<HashMap<AssignmentsOf, Arc<[AssignmentRow]>>, Error> {
        let of: Vec<TargetKey> = keys.iter().map(|key| key.0).collect();
        let mut lists: HashMap<TargetId, Vec<AssignmentRow>> = HashMap::new();
        let mut units: HashMap<UnitId, Arc<Seen<unit::Model>>> = HashMap::new();
        for row in self.call.assignments(&of).await? {
            for unit in [&row.unit, &row.acting_unit].into_iter().flatten() {
                units.entry(unit.id).or_insert_with(|| Arc::clone(unit));
            }
            let of_target = lists.entry(row.assignment.target_id).or_default();
            of_target.push(row);
        }
        self.known.remember::<Self, _>(units);
        let mut list = |key: &AssignmentsOf| lists.remove(&key.0.id()).unwrap_or_default().into();
        Ok(of
            .iter()
            .map(|of| AssignmentsOf(*of))
            .map(|key| (key, list(&key)))
            .collect())
    }
}

macro_rules! plain {
    ($($list:ident: $of:ident),+) => { $(
        impl $list {
            const fn id(self) -> $of { self.0 }
        }
    )+ };
    (key $($list:ident),+) => { $(
        impl $list {
            const fn id(self) -> TargetId { self.0.id() }
        }
    )+ };
}
plain!(OutlineOf: PlanId, AliasesOf: UnitId, MembersOf: UnitGroupId, TitlesOf: LeaderId);
plain!(PostsOf: LeaderId);
plain!(key LeadersOf, DesignationsOf, IndicatorsOf);
plain!(key NoticesOf, InstructionsOf);
plain!(key RequestsOf, MilestonesOf, DisputesOf);

/// Declares a key for what a guard looks at, and how it is read for many.
macro_rules! facts {
    ($($(#[$doc:meta])* $name:ident($of:ty) => $facts:ty, $read:ident;)+) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash)]
        pub(crate) struct $name(pub(crate) $of);

        impl Loader<$name> for CallLoader {
            type Value = Arc<$facts>;

            async fn load(&self, keys: &[$name]) -> Result<HashMap<$name, Arc<$facts>>, Error> {
                let of: Vec<$of> = keys.iter().map(|key| key.0).collect();
                let facts = self.call.$read(&of).await?;
                Ok(facts.into_iter().map(|(key, facts)| ($name(key), Arc::new(facts))).collect())
            }
        }
    )+ };
}

facts! {
    /// What has come of a target, on which the acts on it depend.
    LifeOf(TargetKey) => TargetLife, target_lives;
    /// What the acts on a request depend on.
    RequestFactsOf(TargetRequestId) => RequestFacts, request_facts;
    /// The refined plan of a target.
    RefinementOf(TargetKey) => Seen<refinement::Model>, refinements;
    /// What the acts on a milestone depend on.
    MilestoneFactsOf(MilestoneId) => MilestoneFacts, milestone_facts;
    /// What the acts on an assignment depend on.
    AssignmentFactsOf(AssignmentId) => AssignmentFacts, assignment_facts;
    /// What the acts on a dispute depend on.
    DisputeFactsOf(DisputeId) => DisputeFacts, dispute_facts;
}

/// What a target's standing rests on.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct GroundOf(pub(crate) TargetKey);

impl Loader<GroundOf> for CallLoader {
    type Value = Arc<Ground>;

    async fn load(&self, keys: &[GroundOf]) -> Result<HashMap<GroundOf, Arc<Ground>>, Error> {
        let keys: Vec<TargetKey> = keys.iter().map(|key| key.0).collect();
        let grounds = self.call.grounds(&keys).await?;
        Ok(grounds
            .into_iter()
            .map(|(key, ground)| (GroundOf(key), Arc::new(ground)))
            .collect())
    }
}

/// The rules of a plan.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct RulesOf(pub(crate) PlanId);

impl Loader<RulesOf> for CallLoader {
    type Value = PlanRules;

    async fn load(&self, keys: &[RulesOf]) -> Result<HashMap<RulesOf, PlanRules>, Error> {
        let plans: Vec<PlanId> = keys.iter().map(|key| key.0).collect();
        let rules = self.call.plan_rules(&plans).await?;
        Ok(rules
            .into_iter()
            .map(|(plan, rules)| (RulesOf(plan), rules))
            .collect())
    }
}

/// How many targets a plan has at each place of its outline.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct TargetsByPosition(pub(crate) PlanId);

impl Loader<TargetsByPosition> for CallLoader {
    type Value = Arc<[(i32, i64)]>;

    async fn load(
        &self,
        keys: &[TargetsByPosition],
    ) -> Result<HashMap<TargetsByPosition, Arc<[(i32, i64)]>>, Error> {
        let plans: Vec<PlanId> = keys.iter().map(|key| key.0).collect();
        let counts = self.call.target_counts_by_position(&plans).await?;
        Ok(counts
            .into_iter()
            .map(|(plan, counts)| (TargetsByPosition(plan), counts.into()))
            .collect())
    }
}

/// How many indicators of a plan's targets nobody has confirmed.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct UnconfirmedOf(pub(crate) PlanId);

impl Loader<UnconfirmedOf> for CallLoader {
    type Value = i64;

    async fn load(&self, keys: &[UnconfirmedOf]) -> Result<HashMap<UnconfirmedOf, i64>, Error> {
        let plans: Vec<PlanId> = keys.iter().map(|key| key.0).collect();
        let counts = self.call.unconfirmed_indicators(&plans).await?;
        let counts = counts.into_iter();
        Ok(counts
            .map(|(plan, count)| (UnconfirmedOf(plan), count))
            .collect())
    }
}

/// How many targets a leader answers for.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct TargetCountOfLeader(pub(crate) LeaderId);

impl Loader<TargetCountOfLeader> for CallLoader {
    type Value = i64;

    async fn load(
        &self,
        keys: &[TargetCountOfLeader],
    ) -> Result<HashMap<TargetCountOfLeader, i64>, Error> {
        let leaders: Vec<LeaderId> = keys.iter().map(|key| key.0).collect();
        let counts = self.call.target_counts_by_leader(&leaders).await?;
        Ok(counts
            .into_iter()
            .map(|(leader, count)| (TargetCountOfLeader(leader), count))
            .collect())
    }
}

/// A page of a list that each of several parents has. What parents ask for in the same words is one statement.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct PageOf<P, L> {
    pub(crate) parent: P,
    pub(crate) list: Arc<L>,
    pub(crate) args: Arc<PageArgs>,
}

/// The count of such a list.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct CountOf<P, L> {
    pub(crate) parent: P,
    pub(crate) list: Arc<L>,
}

/// What is asked of a list of targets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct TargetList {
    pub(crate) filter: TargetFilter,
    pub(crate) order: TargetOrder,
    /// The count is asked for, too.
    pub(crate) counted: bool,
}

/// Groups keys by what they ask for, but for the parent.
fn alike<K: Clone, G: Hash + Eq>(keys: &[K], what: impl Fn(&K) -> G) -> HashMap<G, Vec<K>> {
    let mut groups: HashMap<G, Vec<K>> = HashMap::new();
    for key in keys {
        groups.entry(what(key)).or_default().push(key.clone());
    }
    groups
}

type Outcome<T> = Result<T, Error>;
type TargetPage = PageOf<TargetsOf, TargetList>;
type TargetCount = CountOf<TargetsOf, TargetList>;
type DesignationPage = PageOf<PlanId, DesignationFilter>;
type DesignationCount = CountOf<PlanId, DesignationFilter>;

impl Loader<TargetPage> for CallLoader {
    type Value = Outcome<Arc<Page<Seen<target::Model>>>>;

    async fn load(&self, keys: &[TargetPage]) -> Outcome<HashMap<TargetPage, Self::Value>> {
        let mut pages = HashMap::new();
        for ((list, args), keys) in alike(keys, |key| (key.list.clone(), key.args.clone())) {
            let parents: Vec<TargetsOf> = keys.iter().map(|key| key.parent).collect();
            let rows = self
                .call
                .targets(&parents, &list.filter, list.order, &args, list.counted)
                .await?;
            for (key, page) in keys.into_iter().zip(rows) {
                if let Ok((_, Some(total))) = &page {
                    let of = CountOf {
                        parent: key.parent,
                        list: Arc::clone(&list),
                    };
                    self.known.remember::<Self, _>([(of, *total)]);
                }
                pages.insert(key, page.map(|(page, _)| Arc::new(page)));
            }
        }
        Ok(pages)
    }
}

impl Loader<TargetCount> for CallLoader {
    type Value = i64;

    async fn load(&self, keys: &[TargetCount]) -> Outcome<HashMap<TargetCount, i64>> {
        let mut counts = HashMap::new();
        for (list, keys) in alike(keys, |key| key.list.clone()) {
            let parents: Vec<TargetsOf> = keys.iter().map(|key| key.parent).collect();
            let rows = self.call.target_counts(&parents, &list.filter).await?;
            counts.extend(keys.into_iter().zip(rows));
        }
        Ok(counts)
    }
}

impl Loader<DesignationPage> for CallLoader {
    type Value = Outcome<Arc<Page<Seen<designation::Model>>>>;

    async fn load(
        &self,
        keys: &[DesignationPage],
    ) -> Outcome<HashMap<DesignationPage, Self::Value>> {
        let mut pages = HashMap::new();
        for ((list, args), keys) in alike(keys, |key| (key.list.clone(), key.args.clone())) {
            let plans: Vec<PlanId> = keys.iter().map(|key| key.parent).collect();
            let rows = self
                .call
                .designations_of_plans(&plans, *list, &args)
                .await?;
            pages.extend(
                keys.into_iter()
                    .zip(rows)
                    .map(|(key, page)| (key, page.map(Arc::new))),
            );
        }
        Ok(pages)
    }
}

impl Loader<DesignationCount> for CallLoader {
    type Value = i64;

    async fn load(&self, keys: &[DesignationCount]) -> Outcome<HashMap<DesignationCount, i64>> {
        let mut counts = HashMap::new();
        for (list, keys) in alike(keys, |key| key.list.clone()) {
            let plans: Vec<PlanId> = keys.iter().map(|key| key.parent).collect();
            let rows = self.call.designation_counts(&plans, *list).await?;
            counts.extend(keys.into_iter().zip(rows));
        }
        Ok(counts)
    }
}

// Down here, for they use the macros above.
mod administration;
mod amendments;
mod reports;
mod statistics;

pub(crate) use administration::{ChangesOf, GrantsOf, IsAdministrator};
pub(crate) use amendments::CarriedTo;
pub(crate) use reports::{
    AttachmentsOf, AttachmentsOfRequest, FactsOf, LatestReportOf, PeriodsOf, ReadingsOfReport,
    ReportList, ReviewsOf, Versions,
};
pub(crate) use statistics::{ScoresOf, StatisticsOf, TrendOfPlan};
