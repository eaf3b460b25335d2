//! The daily sweep (每日巡查): notices that are due by rule, and the lights that the day itself changes. Beside it, what is kept for
//! some days at most is forgotten.
//!
//! It can run as often as it likes, on any number of servers: a rung is taken once for a target, a unit and a period, or a due
//! date of the target, which the database sees to, and of two sweeps at once the second waits for the first.

mod plan_sweep;

use chrono::{DateTime, NaiveDate, Utc};
use domain::{Reason, clock::day};
use entity::{
    kinds::{NoticeColour, NoticeRung, PlanStatus},
    plan, sweep_run,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set,
    sea_query::{Expr, ExprTrait, LockType, OnConflict},
};
use serde_json::json;

use super::{System, failures::forget_old};
use crate::{
    Fault, Result, standing,
    write::{Act, Entry, Write},
};
use plan_sweep::PlanSweep;

/// How a day is swept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sweep {
    /// Only if nobody has swept the day yet.
    Daily,
    /// Again, too: what is due by now and was not yet is issued.
    OnDemand,
    /// Nothing is changed, and nobody waits.
    DryRun,
}

/// What a sweep came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sweeping {
    /// The day was swept before. [`Sweep::Daily`] then leaves it alone.
    pub done_before: bool,
    /// The notices that it issued, or would issue.
    pub notices: Vec<SweptNotice>,
    /// How many targets have another state or light on this day than on the day that was swept before, because of the days
    /// alone.
    pub changed: usize,
}

/// A notice that a sweep issued, or would issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SweptNotice {
    /// The plan's year.
    pub year: i32,
    /// The target's number.
    pub number: i32,
    /// The unit's name.
    pub unit: String,
    /// The colour.
    pub colour: NoticeColour,
    /// By which rule.
    pub rung: NoticeRung,
    /// The period's name, where the rule speaks of one.
    pub period: Option<String>,
    /// What it says.
    pub body: String,
}

impl System {
    /// Sweeps a day, as things stand now: all plans in force, in one transaction. Answers are due so many working days after
    /// today, whichever day is swept.
    ///
    /// # Errors
    /// Refused with [`Reason::DayOutOfRange`]: a day still to come, but for [`Sweep::DryRun`]. The database failed, or
    /// somebody else's sweep took too long: nothing was changed.
    pub async fn sweep(&self, on: NaiveDate, how: Sweep) -> Result<Sweeping> {
        let now = self.store.now();
        let today = day(now);
        if how == Sweep::DryRun {
            return self.rehearse(on).await;
        }
        if on > today {
            let earliest = NaiveDate::MIN;
            let latest = today;
            return Err(Reason::DayOutOfRange { earliest, latest }.whole().into());
        }
        let mut write = Write::of_system(&self.store, None).await?;
        let fresh = claim(&write, on, now).await?;
        let mut sweeping = Sweeping {
            done_before: !fresh,
            ..Sweeping::default()
        };
        if !fresh && how == Sweep::Daily {
            return Ok(sweeping);
        }
        let before = swept_before(write.db(), on).await?;
        let mut entries = Vec::new();
        for plan in &in_force(write.db()).await? {
            // What depends on time alone is right already; what went wrong elsewhere is mended. The targets are locked: no
            // other sweep reads which notices there are before this one has issued its own.
            standing::recompute_plan(&mut write, plan.id, now).await?;
            let swept = PlanSweep::read(write.db(), plan).await?;
            if fresh {
                sweeping.changed += swept.tell_of_lights(&mut write, before, on);
            }
            let drafts = swept.drafts(on);
            sweeping.notices.extend(swept.in_words(&drafts));
            entries.extend(swept.issue(&mut write, &self.store, &drafts, today).await?);
        }
        let issued = i32::try_from(sweeping.notices.len()).unwrap_or(i32::MAX);
        // Last of all: whoever signs in meanwhile waits for the commit alone.
        let forgotten = forget_old(write.db(), now).await?;
        sweep_run::Entity::update_many()
            .col_expr(sweep_run::Column::SweptAt, Expr::value(now))
            .col_expr(
                sweep_run::Column::Notices,
                Expr::col(sweep_run::Column::Notices).add(issued),
            )
            .filter(sweep_run::Column::Day.eq(on))
            .exec(write.db())
            .await?;
        entries.push(Entry {
            act: Act::Sweep,
            object: "Sweep",
            id: None,
            changes: json!({
                "on": on, "notices": issued, "changed": sweeping.changed, "signInFailures": forgotten,
            }),
            event: None,
        });
        write.commit(entries).await?;
        // The sweep stands, whatever becomes of this: the next one tries it again.
        if let Err(fault) = self.forget(now).await {
            let fault = fault.inside();
            tracing::error!(fault, "what is over could not be forgotten");
        }
        Ok(sweeping)
    }

    /// What a sweep would come to. Reads alone.
    async fn rehearse(&self, on: NaiveDate) -> Result<Sweeping> {
        let db = self.store.inner.connections.reader(&self.store.statements);
        let swept = sweep_run::Entity::find_by_id(on).one(&db).await?;
        let before = swept_before(&db, on).await?;
        let mut sweeping = Sweeping {
            done_before: swept.is_some(),
            ..Sweeping::default()
        };
        for plan in &in_force(&db).await? {
            let swept = PlanSweep::read(&db, plan).await?;
            if !sweeping.done_before {
                sweeping.changed += swept.changed(before, on).count();
            }
            let drafts = swept.drafts(on);
            sweeping.notices.extend(swept.in_words(&drafts));
        }
        Ok(sweeping)
    }
}

/// Whether nobody has swept the day yet. Whoever sweeps it at the same moment is waited for.
async fn claim(write: &Write, on: NaiveDate, now: DateTime<Utc>) -> Result<bool> {
    let fresh = sweep_run::Entity::insert(sweep_run::ActiveModel {
        day: Set(on),
        swept_at: Set(now),
        notices: Set(0),
    })
    .on_conflict(
        OnConflict::column(sweep_run::Column::Day)
            .do_nothing()
            .to_owned(),
    )
    .exec_without_returning(write.db())
    .await?;
    sweep_run::Entity::find_by_id(on)
        .lock(LockType::NoKeyUpdate)
        .one(write.db())
        .await?;
    Ok(fresh > 0)
}

/// The last day before this one that was swept; the day before where none was.
async fn swept_before(db: &impl ConnectionTrait, on: NaiveDate) -> Result<NaiveDate, Fault> {
    let last = sweep_run::Entity::find()
        .filter(sweep_run::Column::Day.lt(on))
        .order_by_desc(sweep_run::Column::Day)
        .one(db)
        .await?;
    Ok(last
        .map(|run| run.day)
        .or_else(|| on.pred_opt())
        .unwrap_or(on))
}

async fn in_force(db: &impl ConnectionTrait) -> Result<Vec<plan::Model>, Fault> {
    Ok(plan::Entity::find()
        .filter(plan::Column::Status.eq(PlanStatus::Published))
        .order_by_asc(plan::Column::Year)
        .all(db)
        .await?)
}
