//! Whom a document means by a leader's name. Responsibility binds to the post (domain.md §8): a name leads to the post of
//! the one person who is in office, and never makes a second person of somebody who is known.

use chrono::NaiveDate;
use domain::{Reason, Refusal};
use entity::{
    ids::{LeaderId, PostId},
    leader, tenure,
};
use importer::{Note, PlanDraft, Remark};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::{Fault, visible::in_office};

/// Whom a name means.
pub(super) enum Named {
    /// Somebody in office: the post.
    InOffice(PostId),
    /// Somebody who was registered and has held no post yet.
    Registered(LeaderId),
    /// Nobody who is known.
    New,
    /// Several, or somebody who is out of office: the document does not say who takes over.
    Unclear,
}

/// Whom a name means on a day.
pub(super) async fn named(
    db: &impl ConnectionTrait,
    name: &str,
    today: NaiveDate,
) -> Result<Named, Fault> {
    let people: Vec<LeaderId> = leader::Entity::find()
        .filter(leader::Column::Name.eq(name))
        .all(db)
        .await?
        .into_iter()
        .map(|leader| leader.id)
        .collect();
    let of_them = tenure::Column::LeaderId.is_in(people.iter().copied());
    let held = tenure::Entity::find()
        .filter(of_them.clone())
        .filter(in_office(today))
        .order_by_asc(tenure::Column::PostId)
        .all(db)
        .await?;
    if let Some(first) = held.first() {
        let one = held.iter().all(|each| each.leader_id == first.leader_id);
        return Ok(if one {
            Named::InOffice(first.post_id)
        } else {
            Named::Unclear
        });
    }
    Ok(match people.as_slice() {
        [] => Named::New,
        [one]
            if tenure::Entity::find()
                .filter(of_them)
                .one(db)
                .await?
                .is_none() =>
        {
            Named::Registered(*one)
        }
        _ => Named::Unclear,
    })
}

/// What there is to say of a document's leaders, before they are in.
#[derive(Debug, Default)]
pub(crate) struct Judged {
    /// The names that do not lead to one person.
    pub(crate) unclear: Vec<Refusal>,
    /// Those whom nobody knows, where they are named first.
    pub(crate) new: Vec<Note>,
}

/// Looks for a document's leaders in the register.
pub(crate) async fn judged(
    db: &impl ConnectionTrait,
    draft: &PlanDraft,
    today: NaiveDate,
) -> Result<Judged, Fault> {
    let mut judged = Judged::default();
    for name in &draft.leaders {
        let meant = named(db, name, today).await?;
        let name = name.clone();
        match meant {
            Named::Unclear => judged
                .unclear
                .push(Reason::LeaderUnclear { name }.at("file")),
            Named::New => {
                let mut targets = draft.targets.iter();
                let first = targets.find(|target| target.leaders.contains(&name));
                judged.new.push(Note {
                    line: first.map_or(1, |target| target.source_line),
                    column: None,
                    remark: Remark::NewLeader { name },
                });
            }
            Named::InOffice(_) | Named::Registered(_) => {}
        }
    }
    Ok(judged)
}
