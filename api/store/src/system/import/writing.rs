//! Writing an imported plan, table by table, within the import's transaction.

use std::collections::HashMap;

use super::leaders::{self, Named};
use crate::{Error, Fault, Result, listed, new_target::NewTarget, search, write::Write};
use entity::{
    assignment, designation, heading_correction,
    ids::{LeaderId, PlanId, PostId, SectionId, TargetId, UnitGroupId, UnitId},
    indicator,
    kinds::{AssignmentOrigin, AssignmentRole, PlanStatus},
    leader, plan, post, section, target, target_post, tenure,
    titles::Titles,
    unit, unit_alias, unit_group, unit_group_member,
};
use importer::{AssignmentDraft, PlanDraft, TargetDraft};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::NotSet,
    EntityTrait, IntoActiveModel, Set,
    prelude::{Date, DateTimeUtc},
    sea_query::OnConflict,
};

/// Rows per insert: far below what either database takes in one statement.
const ROWS: usize = 500;

pub(super) struct Importing<'a> {
    pub(super) write: &'a Write,
    pub(super) draft: &'a PlanDraft,
    pub(super) now: DateTimeUtc,
    units: HashMap<String, UnitId>,
    groups: HashMap<String, UnitGroupId>,
    /// Those that were not registered before.
    new_units: Vec<UnitId>,
    new_groups: Vec<UnitGroupId>,
    /// The posts of leaders, by the leader's name.
    posts: HashMap<String, PostId>,
}

impl<'a> Importing<'a> {
    pub(super) fn new(write: &'a Write, draft: &'a PlanDraft, now: DateTimeUtc) -> Self {
        Self {
            write,
            draft,
            now,
            units: HashMap::new(),
            groups: HashMap::new(),
            new_units: Vec::new(),
            new_groups: Vec::new(),
            posts: HashMap::new(),
        }
    }

    /// Writes the plan and all that it names; `progress` is told how many of its targets are in.
    pub(super) async fn run(
        &mut self,
        digest: String,
        publish: bool,
        progress: &(dyn Fn(usize) + Sync),
    ) -> Result<PlanId> {
        self.units(publish).await?;
        self.groups(publish).await?;
        self.corrections().await?;
        self.leaders().await?;
        let plan = self.plan(digest, publish).await?;
        self.targets(plan, progress).await?;
        if publish {
            listed::list_plan(self.write.db(), plan).await?;
        } else {
            let (units, groups) = (&self.new_units, &self.new_groups);
            listed::list_unnamed(self.write.db(), units, groups).await?;
        }
        Ok(plan)
    }

    /// Keeps the corrections of headings for later documents; of one heading the last one.
    async fn corrections(&self) -> Result<()> {
        let rows = self.draft.corrections.iter().map(|correction| {
            let row = heading_correction::ActiveModel {
                id: NotSet,
                heading: Set(correction.heading.clone()),
                corrected: Set(correction.corrected.clone()),
                reason: Set(correction.reason.clone()),
            };
            (correction.heading.clone(), row)
        });
        let mut rows: Vec<_> = rows.collect::<HashMap<_, _>>().into_iter().collect();
        rows.sort_by(|one, other| one.0.cmp(&other.0));
        for part in rows.chunks(ROWS) {
            heading_correction::Entity::insert_many(part.iter().map(|(_, row)| row.clone()))
                .on_conflict(
                    OnConflict::column(heading_correction::Column::Heading)
                        .update_columns([
                            heading_correction::Column::Corrected,
                            heading_correction::Column::Reason,
                        ])
                        .to_owned(),
                )
                .exec_without_returning(self.write.db())
                .await?;
        }
        Ok(())
    }

    /// Registers units that are not registered yet; in the directory they are once a plan that names them is published, and at once
    /// when no target names them. One that is registered keeps what is known of it.
    async fn units(&mut self, publish: bool) -> Result<()> {
        let db = self.write.db();
        // One that was merged stands for the other, and an alias, such as a former name, for its unit.
        for row in unit_alias::Entity::find().all(db).await? {
            self.units.insert(row.alias, row.unit_id);
        }
        for row in unit::Entity::find().all(db).await? {
            self.units
                .insert(row.name, row.merged_into_id.unwrap_or(row.id));
        }
        for draft in &self.draft.units {
            if self.units.contains_key(&draft.name) {
                continue;
            }
            let row = unit::ActiveModel {
                id: NotSet,
                name: Set(draft.name.clone()),
                full_name: Set(draft.full_name.clone()),
                kind: Set(draft.kind),
                code: Set(draft.code.clone()),
                merged_into_id: Set(None),
                listed: Set(publish),
            };
            let id = row.insert(db).await?.id;
            self.new_units.push(id);
            self.units.insert(draft.name.clone(), id);
            for alias in &draft.aliases {
                let row = unit_alias::ActiveModel {
                    id: NotSet,
                    unit_id: Set(id),
                    alias: Set(alias.clone()),
                };
                row.insert(db).await?;
            }
        }
        Ok(())
    }

    /// Registers groups that are not registered yet, with their members.
    async fn groups(&mut self, publish: bool) -> Result<()> {
        let db = self.write.db();
        for row in unit_group::Entity::find().all(db).await? {
            self.groups.insert(row.name, row.id);
        }
        for draft in &self.draft.groups {
            if self.groups.contains_key(&draft.name) {
                continue;
            }
            let row = unit_group::ActiveModel {
                id: NotSet,
                name: Set(draft.name.clone()),
                resolution: Set(draft.resolution),
                listed: Set(publish),
            };
            let id = row.insert(db).await?.id;
            self.new_groups.push(id);
            self.groups.insert(draft.name.clone(), id);
            let mut units = Vec::new();
            for member in &draft.members {
                let unit = self.unit(member)?;
                if !units.contains(&unit) {
                    units.push(unit);
                }
            }
            for (unit, ordinal) in units.into_iter().zip(1..) {
                let row = unit_group_member::ActiveModel {
                    group_id: Set(id),
                    unit_id: Set(unit),
                    ordinal: Set(ordinal),
                };
                row.insert(db).await?;
            }
        }
        Ok(())
    }

    /// Finds the post that each leader holds; one who is new, or holds none yet, gets one.
    async fn leaders(&mut self) -> Result<()> {
        let db = self.write.db();
        let today: Date = domain::clock::day(self.now);
        let unclear = leaders::judged(db, self.draft, today).await?.unclear;
        if !unclear.is_empty() {
            return Err(Error::Refused(unclear));
        }
        for name in &self.draft.leaders {
            let post = match leaders::named(db, name, today).await? {
                Named::InOffice(post) => post,
                Named::Registered(leader) => self.new_post(leader).await?,
                Named::New | Named::Unclear => self.new_post(self.new_leader(name).await?).await?,
            };
            self.posts.insert(name.clone(), post);
        }
        Ok(())
    }

    async fn new_leader(&self, name: &str) -> Result<LeaderId> {
        let leader = leader::ActiveModel {
            id: NotSet,
            name: Set(name.to_owned()),
            listed: Set(false),
        };
        Ok(leader.insert(self.write.db()).await?.id)
    }

    async fn new_post(&self, leader: LeaderId) -> Result<PostId> {
        let db = self.write.db();
        // The document names the person, not the post.
        let post = post::ActiveModel {
            id: NotSet,
            title: Set(None),
            listed: Set(false),
        }
        .insert(db)
        .await?
        .id;
        let tenure = tenure::ActiveModel {
            id: NotSet,
            post_id: Set(post),
            leader_id: Set(leader),
            starts_on: Set(None),
            ends_on: Set(None),
        };
        tenure.insert(db).await?;
        Ok(post)
    }

    async fn plan(&self, digest: String, publish: bool) -> Result<PlanId> {
        let draft = self.draft;
        let row = plan::ActiveModel {
            id: NotSet,
            year: Set(draft.year),
            title: Set(draft.title.clone()),
            document_number: Set(draft.document_number.clone()),
            issuer: Set(draft.issuer.clone()),
            issued_on: Set(draft.issued_on),
            status: Set(if publish {
                PlanStatus::Published
            } else {
                PlanStatus::Draft
            }),
            published_at: Set(publish.then_some(self.now)),
            source_digest: Set(digest),
            created_at: Set(self.now),
            updated_at: Set(self.now),
        };
        Ok(row.insert(self.write.db()).await?.id)
    }

    /// The outline. A section's place counts all sections in document order; its subtree is the interval up to its
    /// last place.
    async fn sections(&self, plan: PlanId) -> Result<Vec<(SectionId, i32)>> {
        let drafts = &self.draft.sections;
        let mut last: Vec<usize> = (0..drafts.len()).collect();
        for at in (0..drafts.len()).rev() {
            if let Some(parent) = drafts[at].parent {
                last[parent] = last[parent].max(last[at]);
            }
        }
        let mut sections: Vec<(SectionId, i32)> = Vec::new();
        let mut paths: Vec<Vec<String>> = Vec::new();
        for (at, draft) in drafts.iter().enumerate() {
            let mut path = match draft.parent {
                Some(parent) => paths[parent].clone(),
                None => Vec::new(),
            };
            path.push(draft.title.clone());
            let position = number(at + 1)?;
            let row = section::ActiveModel {
                id: NotSet,
                plan_id: Set(plan),
                parent_id: Set(draft.parent.map(|parent| sections[parent].0)),
                level: Set(draft.level.into()),
                ordinal: Set(number(draft.ordinal)?),
                position: Set(position),
                last_position: Set(number(last[at] + 1)?),
                title: Set(draft.title.clone()),
                path: Set(Titles(path.clone())),
            };
            sections.push((row.insert(self.write.db()).await?.id, position));
            paths.push(path);
        }
        Ok(sections)
    }

    async fn targets(&self, plan: PlanId, progress: &(dyn Fn(usize) + Sync)) -> Result<()> {
        let sections = self.sections(plan).await?;
        // Where the document gives no date, a year's target is due on the year's last day.
        let last_day = Date::from_ymd_opt(self.draft.year, 12, 31)
            .ok_or_else(|| Fault::new("the plan's year is no year"))?;
        let mut ids = Vec::with_capacity(self.draft.targets.len());
        for (draft, done) in self.draft.targets.iter().zip(1..) {
            let &(section_id, section_position) = sections
                .get(draft.section)
                .ok_or_else(|| Fault::new("a target without a section"))?;
            let new = NewTarget {
                plan,
                number: number(draft.number)?,
                section: (section_id, section_position),
                text: draft.text.clone(),
                plain_text: draft.plain_text.clone(),
                due_on: draft.due_on.unwrap_or(last_day),
            };
            let row = target::ActiveModel {
                source_line: Set(number(draft.source_line)?),
                open_ended: Set(draft.open_ended),
                ..new.row(self.now)
            };
            let id = row.insert(self.write.db()).await?.id;
            self.responsibilities(plan, id, draft).await?;
            self.indicators(id, draft).await?;
            ids.push(id);
            progress(done);
        }
        Ok(search::index(self.write.db(), &ids).await?)
    }

    /// Each unit once: a document may still name units that have been merged, by both of their names. The named one goes
    /// before that of a group (domain.md §3).
    fn once_each<'d>(
        &self,
        drafts: &'d [AssignmentDraft],
    ) -> Result<Vec<(UnitId, &'d AssignmentDraft)>, Fault> {
        let mut each: Vec<(UnitId, &AssignmentDraft)> = Vec::new();
        for draft in drafts {
            let unit = self.unit(&draft.unit)?;
            match each.iter_mut().find(|(known, _)| *known == unit) {
                Some((_, known)) if known.group.is_some() && draft.group.is_none() => {
                    *known = draft;
                }
                Some(_) => {}
                None => each.push((unit, draft)),
            }
        }
        Ok(each)
    }

    async fn responsibilities(
        &self,
        plan: PlanId,
        target: TargetId,
        draft: &TargetDraft,
    ) -> Result<()> {
        let mut posts = Vec::new();
        for (name, ordinal) in draft.leaders.iter().zip(1..) {
            let post = self.posts.get(name).copied();
            posts.push(target_post::Model {
                target_id: target,
                post_id: post.ok_or_else(|| Fault::new("a leader without a post"))?,
                ordinal,
            });
        }
        self.insert(posts).await?;
        let mut assignments = Vec::new();
        for (unit, assignment) in self.once_each(&draft.assignments)? {
            let group = assignment.group.as_deref();
            let acting = assignment.acting_unit.as_deref();
            let acting = acting.map(|name| self.unit(name)).transpose()?;
            let leads = draft.assignments.iter().any(|other| {
                other.role == AssignmentRole::Lead && self.units.get(&other.unit) == Some(&unit)
            });
            assignments.push(assignment::ActiveModel {
                id: NotSet,
                target_id: Set(target),
                plan_id: Set(plan),
                unit_id: Set(unit),
                acting_unit_id: Set(acting.filter(|acting| *acting != unit)),
                role: Set(if leads {
                    AssignmentRole::Lead
                } else {
                    assignment.role
                }),
                ordinal: Set(number(assignment.ordinal)?),
                origin: Set(match group {
                    Some(_) => AssignmentOrigin::Group,
                    None => AssignmentOrigin::Named,
                }),
                group_id: Set(group.map(|name| self.group(name)).transpose()?),
                designation_id: Set(None),
                acknowledged_at: Set(None),
                acknowledged_by_id: Set(None),
                assigned_at: Set(None),
                acknowledge_by: Set(None),
            });
        }
        self.insert(assignments).await?;
        let mut designations = Vec::new();
        for designation in &draft.designations {
            designations.push(designation::ActiveModel {
                id: NotSet,
                target_id: Set(target),
                plan_id: Set(plan),
                group_id: Set(self.group(&designation.group)?),
                phrase: Set(designation.phrase.clone()),
                role: Set(designation.role),
                ordinal: Set(number(designation.ordinal)?),
                resolved_at: Set(None),
                resolved_by_id: Set(None),
            });
        }
        self.insert(designations).await
    }

    async fn indicators(&self, target: TargetId, draft: &TargetDraft) -> Result<()> {
        let mut rows = Vec::new();
        for (indicator, ordinal) in draft.indicators.iter().zip(1..) {
            rows.push(indicator::ActiveModel {
                id: NotSet,
                target_id: Set(target),
                ordinal: Set(ordinal),
                name: Set(indicator.name.clone()),
                comparison: Set(indicator.comparison),
                goal: Set(indicator.goal.normalize().to_string()),
                unit_of_measure: Set(indicator.unit_of_measure.clone()),
                kind: Set(indicator.kind),
                phrase: Set(indicator.phrase.clone()),
                confirmed: Set(indicator.confirmed),
            });
        }
        self.insert(rows).await
    }

    async fn insert<E, R, A>(&self, rows: Vec<R>) -> Result<()>
    where
        E: EntityTrait,
        R: IntoActiveModel<A> + Clone,
        A: ActiveModelTrait<Entity = E>,
    {
        for part in rows.chunks(ROWS) {
            let part = part.iter().cloned().map(IntoActiveModel::into_active_model);
            E::insert_many(part)
                .exec_without_returning(self.write.db())
                .await?;
        }
        Ok(())
    }

    fn unit(&self, name: &str) -> Result<UnitId, Fault> {
        self.units
            .get(name)
            .copied()
            .ok_or_else(|| Fault::new(format!("{name} is not in the register of units")))
    }

    fn group(&self, name: &str) -> Result<UnitGroupId, Fault> {
        self.groups
            .get(name)
            .copied()
            .ok_or_else(|| Fault::new(format!("{name} is not among the unit groups")))
    }
}

fn number(number: impl TryInto<i32>) -> Result<i32, Fault> {
    number
        .try_into()
        .map_err(|_| Fault::new("a number that is too large"))
}
