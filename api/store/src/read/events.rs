//! What happened, oldest first: the outbox as the viewer may read it.

use entity::{event, ids::EventId};

use crate::{
    Call, Direction, Page, PageArgs, Result, Seen,
    page::{Key, Sort, by},
    scoped::{Scoped, count, page},
};

impl Call {
    /// A page of the events that are meant for the viewer, in the order in which they happened. What the viewer may see
    /// is asked anew each time: a grant that has ended takes its past with it.
    pub async fn changes(&self, args: &PageArgs) -> Result<Page<Seen<event::Model>>> {
        let sort = Sort {
            columns: vec![by(event::Entity, event::Column::Id)],
            direction: Direction::Ascending,
        };
        let rows = Scoped::<event::Entity>::new(self);
        page(self, "changes", rows, args, &sort, |row: &event::Model| {
            vec![Key::Number(row.id.0)]
        })
        .await
    }

    /// Events by key.
    pub async fn events_by_id(&self, ids: &[EventId]) -> Result<Vec<Seen<event::Model>>> {
        Scoped::<event::Entity>::new(self)
            .and(self.among(event::Column::Id, ids.iter().copied()))
            .all(&self.reader())
            .await
    }

    /// How many events there are.
    pub async fn change_count(&self) -> Result<i64> {
        count(self, Scoped::<event::Entity>::new(self)).await
    }
}
