//! The leaders of a target that is being changed: they answer by their posts.

use domain::{Reason, plan::MOST_PARTS};
use entity::{
    ids::{LeaderId, PostId},
    leader, target_post, tenure,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::changing::Changing;
use crate::{Result, listed, scoped::Scoped, visible::in_office};

const LEADERS: &str = "leaderIds";

impl Changing<'_> {
    /// Gives the target to the posts that these leaders hold today.
    pub(super) async fn leaders(&mut self, given: &[Option<LeaderId>]) -> Result<()> {
        let db = self.write.db();
        if given.is_empty() {
            return Err(Reason::Empty.at(LEADERS).into());
        }
        if given.len() > MOST_PARTS {
            return Err(Reason::TooMany { most: MOST_PARTS }.at(LEADERS).into());
        }
        let known = Scoped::<leader::Entity>::new(self.call)
            .and(leader::Column::Id.is_in(given.iter().flatten().copied()))
            .all(db)
            .await?;
        let tenures = tenure::Entity::find()
            .filter(tenure::Column::LeaderId.is_in(given.iter().flatten().copied()))
            .filter(in_office(self.call.today()))
            .order_by_asc(tenure::Column::PostId)
            .all(db)
            .await?;
        let before: Vec<PostId> = target_post::Entity::find()
            .select_only()
            .column(target_post::Column::PostId)
            .filter(target_post::Column::TargetId.eq(self.row.id))
            .order_by_asc(target_post::Column::Ordinal)
            .into_tuple()
            .all(db)
            .await?;
        let mut posts: Vec<PostId> = Vec::new();
        let mut names = Vec::new();
        for (at, id) in given.iter().enumerate() {
            let leader = known.iter().find(|leader| Some(leader.id) == *id);
            let leader = leader.ok_or_else(|| Reason::NotFound.at_item(LEADERS, at))?;
            let held = || {
                tenures
                    .iter()
                    .filter(|tenure| tenure.leader_id == leader.id)
            };
            // Of several posts, the one by which the leader answers for the target already.
            let post = held()
                .find(|tenure| before.contains(&tenure.post_id))
                .or_else(|| held().next())
                .ok_or_else(|| Reason::NotInOffice.at_item(LEADERS, at))?
                .post_id;
            if posts.contains(&post) {
                return Err(Reason::Repeated.at_item(LEADERS, at).into());
            }
            posts.push(post);
            names.push(leader.name.clone());
        }
        if posts == before {
            return Ok(());
        }
        if !before.is_empty() {
            let seen = crate::Seen(self.row.clone()).key();
            let rows = self.call.leaders_within(&[seen], db).await?;
            self.parts.before.leaders = Some(
                rows.into_iter()
                    .map(|(_, leader)| leader.name.clone())
                    .collect(),
            );
        }
        self.parts.after.leaders = Some(names);
        target_post::Entity::delete_many()
            .filter(target_post::Column::TargetId.eq(self.row.id))
            .exec(db)
            .await?;
        let rows = posts.into_iter().zip(1..).map(|(post_id, ordinal)| {
            sea_orm::IntoActiveModel::into_active_model(target_post::Model {
                target_id: self.row.id,
                post_id,
                ordinal,
            })
        });
        target_post::Entity::insert_many(rows)
            .exec_without_returning(db)
            .await?;
        if self.amending {
            listed::list_leaders_of(db, self.row.id).await?;
        }
        Ok(())
    }
}
