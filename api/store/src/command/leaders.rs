//! Leaders and succession: responsibility binds to the post, history to the person (domain.md §8).

use chrono::{Days, NaiveDate};
use domain::{
    Action, Guarded, Reason, Refusal,
    action::LONGEST_REASON,
    directory::{LONGEST_FULL_NAME, LONGEST_NAME, Register},
};
use entity::{
    ids::{LeaderId, PostId, TargetId},
    leader, post, target_post, tenure,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QuerySelect, Set,
};
use serde_json::json;

use crate::{Call, Once, Result, Seen, listed, scoped::Scoped, search, write::Begun};

use super::{MOST_ITEMS, entry, fit_name, text, units::lock_register};

/// How far from today a succession may lie, either way, in days.
const REACH: u64 = 366;

/// Who takes over from whom, when.
#[derive(Clone, Debug)]
pub struct SucceedLeader {
    /// Who leaves; none when the ID is none.
    pub predecessor: Option<LeaderId>,
    /// Who takes over; none when the ID is none.
    pub successor: Option<LeaderId>,
    /// Which of the posts; all of them when not given. The inner none when an ID is none.
    pub posts: Option<Vec<Option<PostId>>>,
    /// The first day on which the successor holds the posts.
    pub on: NaiveDate,
    /// The title of the posts, where there is one now.
    pub title: Option<String>,
    /// Why, at most [`LONGEST_REASON`] characters.
    pub reason: String,
}

impl Call {
    /// Registers a leader, who answers for nothing until they take over a post or a document names them.
    ///
    /// # Errors
    /// Refused: a viewer who is no system administrator, or no name.
    pub async fn create_leader(
        &self,
        name: &str,
        once: Option<&Once>,
    ) -> Result<Seen<leader::Model>> {
        let write = match self.begin_register(Action::CreateLeader, once).await? {
            Begun::Fresh(write) => write,
            Begun::Again(id) => return self.again(&id).await,
        };
        let row = leader::ActiveModel {
            id: NotSet,
            name: Set(fit_name("name", name, LONGEST_NAME)?),
            listed: Set(true),
        }
        .insert(write.db())
        .await?;
        let changes = json!({ "name": row.name });
        let entry = entry(
            self,
            Action::CreateLeader,
            "Leader",
            Some(row.id.0),
            changes,
        );
        write.commit_with(json!(row.id), [entry]).await?;
        Ok(Seen(row))
    }

    /// Lets a leader take over the posts of another from a day on, all or some, and with them their targets; what the predecessor wrote
    /// stays theirs. Answers the successor. Grants are not touched: they are for persons.
    ///
    /// # Errors
    /// Refused: a viewer who is no system administrator, a leader that there is not, the same one twice, a predecessor who
    /// holds no post then, or not the ones that are named, a day further away than a year or before the predecessor's first one, or no reason.
    pub async fn succeed_leader(
        &self,
        input: SucceedLeader,
        once: Option<&Once>,
    ) -> Result<Seen<leader::Model>> {
        const PREDECESSOR: &str = "predecessorId";
        let write = match self.begin(once).await? {
            Begun::Fresh(write) => write,
            Begun::Again(id) => return self.again(&id).await,
        };
        let find = async |id: Option<LeaderId>, field: &str| {
            let not_found = || Reason::NotFound.at(field);
            let found = Scoped::<leader::Entity>::new(self)
                .and(leader::Column::Id.eq(id.ok_or_else(not_found)?))
                .one(write.db())
                .await?;
            found.ok_or_else(|| crate::Error::from(not_found()))
        };
        let predecessor = find(input.predecessor, PREDECESSOR).await?;
        let successor = find(input.successor, "successorId").await?;
        Register
            .permit(self.asking()?, Action::SucceedLeader)
            .map_err(|reason| reason.at(PREDECESSOR))?;
        // Who may not do it locks nothing.
        lock_register(&write).await?;
        if predecessor.id == successor.id {
            return Err(Reason::SuccessorIsPredecessor.at("successorId").into());
        }
        let reason = text("reason", &input.reason, LONGEST_REASON, true)?;
        let title = match &input.title {
            Some(title) => Some(fit_name("title", title, LONGEST_FULL_NAME)?),
            None => None,
        };
        let today = self.today();
        let earliest = today.checked_sub_days(Days::new(REACH)).unwrap_or(today);
        let latest = today.checked_add_days(Days::new(REACH)).unwrap_or(today);
        let held = tenure::Entity::find()
            .filter(tenure::Column::LeaderId.eq(predecessor.id))
            .filter(tenure::Column::EndsOn.is_null())
            .all(write.db())
            .await?;
        if held.is_empty() {
            return Err(Reason::NotInOffice.at(PREDECESSOR).into());
        }
        let held = match &input.posts {
            Some(chosen) => chosen_of(held, chosen)?,
            None => held,
        };
        let begun = held.iter().filter_map(|tenure| tenure.starts_on).max();
        let after = begun.and_then(|day| day.succ_opt());
        let earliest = after.map_or(earliest, |day| day.max(earliest));
        if input.on < earliest || input.on > latest {
            return Err(Reason::DayOutOfRange { earliest, latest }.at("on").into());
        }
        let posts: Vec<PostId> = held.iter().map(|tenure| tenure.post_id).collect();
        for mut before in held {
            before.ends_on = Some(input.on);
            let post = before.post_id;
            before
                .into_active_model()
                .reset_all()
                .update(write.db())
                .await?;
            let next = tenure::ActiveModel {
                id: NotSet,
                post_id: Set(post),
                leader_id: Set(successor.id),
                starts_on: Set(Some(input.on)),
                ends_on: Set(None),
            };
            next.insert(write.db()).await?;
        }
        if let Some(title) = &title {
            use sea_orm::sea_query::Expr;
            post::Entity::update_many()
                .col_expr(post::Column::Title, Expr::value(title.as_str()))
                .filter(post::Column::Id.is_in(posts.iter().copied()))
                .exec(write.db())
                .await?;
        }
        // After the posts, as whoever publishes a plan lists them.
        listed::list_holders(write.db()).await?;
        let targets: Vec<TargetId> = target_post::Entity::find()
            .select_only()
            .column(target_post::Column::TargetId)
            .distinct()
            .filter(target_post::Column::PostId.is_in(posts.iter().copied()))
            .into_tuple()
            .all(write.db())
            .await?;
        search::index(write.db(), &targets).await?;
        let changes = json!({
            "predecessorId": predecessor.id, "successorId": successor.id, "on": input.on, "title": title, "reason": reason,
            "postIds": posts, "targets": targets.len(),
        });
        let id = predecessor.id.0;
        let entry = entry(self, Action::SucceedLeader, "Leader", Some(id), changes);
        write.commit_with(json!(successor.id), [entry]).await?;
        Ok(successor)
    }
}

/// Those of the tenures that are of the chosen posts.
fn chosen_of(
    held: Vec<tenure::Model>,
    chosen: &[Option<PostId>],
) -> Result<Vec<tenure::Model>, Refusal> {
    const POSTS: &str = "postIds";
    if chosen.is_empty() {
        return Err(Reason::Empty.at(POSTS));
    }
    if chosen.len() > MOST_ITEMS {
        return Err(Reason::TooMany { most: MOST_ITEMS }.at(POSTS));
    }
    for (at, post) in chosen.iter().enumerate() {
        let post = post.ok_or_else(|| Reason::NotFound.at_item(POSTS, at))?;
        if chosen[..at].contains(&Some(post)) {
            return Err(Reason::Repeated.at_item(POSTS, at));
        }
        if held.iter().all(|tenure| tenure.post_id != post) {
            return Err(Reason::PostNotHeld.at_item(POSTS, at));
        }
    }
    let is_chosen = |tenure: &tenure::Model| chosen.contains(&Some(tenure.post_id));
    Ok(held.into_iter().filter(is_chosen).collect())
}
