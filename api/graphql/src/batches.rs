//! Gathering what many resolvers ask for, so that it is read at once. When it is read: [`drive`].

mod drive;

use std::{
    collections::{HashMap, HashSet},
    future::Future,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard},
    task::{Poll, Waker},
};

use http::Extensions;
use store::Error;

pub(crate) use drive::Loads;

/// How a kind of key is read, for many keys at once.
pub(crate) trait Loader<K>: Send + Sync + 'static {
    /// What a key stands for.
    type Value: Clone + Send + Sync + 'static;

    /// Reads what these keys stand for. A key for which there is nothing is left out.
    fn load(
        &self,
        keys: &[K],
    ) -> impl Future<Output = Result<HashMap<K, Self::Value>, Error>> + Send;
}

/// The most keys that are read in one statement: SQLite puts no more than 500 selects into one.
const MOST: usize = 400;

/// What is loaded through one loader, once for each key.
pub(crate) struct Batches<L> {
    loader: Arc<L>,
    known: Known,
    loads: Loads,
}

impl<L> Batches<L> {
    pub(crate) fn new(loader: L, known: Known, loads: Loads) -> Self {
        Self {
            loader: Arc::new(loader),
            known,
            loads,
        }
    }

    /// What a key stands for; none when there is nothing.
    pub(crate) async fn one<K>(&self, key: K) -> Result<Option<L::Value>, Error>
    where
        K: Send + Sync + Hash + Eq + Clone + 'static,
        L: Loader<K>,
    {
        let batch = {
            let mut kinds = self.known.lock();
            let kind = kinds.of::<K, L::Value>();
            if let Some(value) = kind.values.get(&key) {
                return Ok(Some(value.clone()));
            }
            let next = kind.next.get_or_insert_with(|| {
                self.loads
                    .spawn(Box::pin(load(Arc::clone(&self.loader), self.known.clone())));
                Next::default()
            });
            next.keys.insert(key.clone());
            Arc::clone(&next.batch)
        };
        batch.done().await?;
        Ok(self
            .known
            .lock()
            .of::<K, L::Value>()
            .values
            .get(&key)
            .cloned())
    }
}

/// Reads what was asked for until now.
async fn load<K, L>(loader: Arc<L>, known: Known)
where
    K: Send + Sync + Hash + Eq + Clone + 'static,
    L: Loader<K>,
{
    let (keys, batch) = {
        let mut kinds = known.lock();
        let kind = kinds.of::<K, L::Value>();
        let Some(Next { keys, batch }) = kind.next.take() else {
            return;
        };
        // Meanwhile an earlier load may have come by some of them.
        let unknown = keys
            .into_iter()
            .filter(|key| !kind.values.contains_key(key));
        (unknown.collect::<Vec<K>>(), batch)
    };
    let mut outcome = Ok(());
    for keys in keys.chunks(MOST) {
        match loader.load(keys).await {
            Ok(values) => known.remember::<L, K>(values),
            Err(error) => {
                outcome = Err(error);
                break;
            }
        }
    }
    batch.end(outcome);
}

/// What has been loaded, or came with something that was.
#[derive(Clone, Default)]
pub(crate) struct Known(Arc<Mutex<Kinds>>);

impl Known {
    /// Remembers what keys stand for, so that they cost no statement.
    pub(crate) fn remember<L, K>(&self, values: impl IntoIterator<Item = (K, L::Value)>)
    where
        K: Send + Sync + Hash + Eq + Clone + 'static,
        L: Loader<K>,
    {
        self.lock().of::<K, L::Value>().values.extend(values);
    }

    fn lock(&self) -> MutexGuard<'_, Kinds> {
        unpoisoned(&self.0)
    }
}

/// By the types of key and value: a [`Kind`] each, in a map that has a place for each type.
#[derive(Default)]
struct Kinds(Extensions);

impl Kinds {
    fn of<K, V>(&mut self) -> &mut Kind<K, V>
    where
        K: Clone + Send + Sync + 'static,
        V: Clone + Send + Sync + 'static,
    {
        self.0.get_or_insert_default()
    }
}

/// What is known of one kind of key with one kind of value, and what was asked for since the last load began.
#[derive(Clone)]
struct Kind<K, V> {
    values: HashMap<K, V>,
    next: Option<Next<K>>,
}

impl<K, V> Default for Kind<K, V> {
    fn default() -> Self {
        Self {
            values: HashMap::new(),
            next: None,
        }
    }
}

#[derive(Clone)]
struct Next<K> {
    keys: HashSet<K>,
    batch: Arc<Batch>,
}

impl<K> Default for Next<K> {
    fn default() -> Self {
        Self {
            keys: HashSet::new(),
            batch: Arc::default(),
        }
    }
}

/// A load, for those who wait for it.
#[derive(Default)]
struct Batch(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    outcome: Option<Result<(), Error>>,
    wakers: Vec<Waker>,
}

impl Batch {
    async fn done(&self) -> Result<(), Error> {
        let mut place = None;
        std::future::poll_fn(|cx| {
            let mut waiting = unpoisoned(&self.0);
            if let Some(outcome) = &waiting.outcome {
                return Poll::Ready(outcome.clone());
            }
            // Whoever is polled again meanwhile keeps their place.
            match place.and_then(|place: usize| waiting.wakers.get_mut(place)) {
                Some(waker) => waker.clone_from(cx.waker()),
                None => {
                    place = Some(waiting.wakers.len());
                    waiting.wakers.push(cx.waker().clone());
                }
            }
            Poll::Pending
        })
        .await
    }

    fn end(&self, outcome: Result<(), Error>) {
        let wakers = {
            let mut waiting = unpoisoned(&self.0);
            waiting.outcome = Some(outcome);
            std::mem::take(&mut waiting.wakers)
        };
        for waker in wakers {
            waker.wake();
        }
    }
}

/// A panic elsewhere loses a request; what is guarded here is whole between any two lines.
fn unpoisoned<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poison| poison.into_inner())
}

#[cfg(test)]
mod tests {
    use futures_util::future::join_all;

    use super::*;

    #[derive(Clone, Copy, PartialEq, Eq, Hash)]
    struct Parent(u32);

    #[derive(Clone, Copy, PartialEq, Eq, Hash)]
    struct Child(u32);

    /// Tells what it was asked for; each load takes as many turns as it is told.
    #[derive(Default)]
    struct Told {
        loads: Arc<Mutex<Vec<String>>>,
        turns: u32,
        known: Known,
        fails: bool,
    }

    impl Told {
        async fn tell(&self, what: &str, keys: usize) -> Result<(), Error> {
            for _ in 0..self.turns {
                tokio::task::yield_now().await;
            }
            unpoisoned(&self.loads).push(format!("{what} {keys}"));
            if self.fails {
                return Err(Error::Unauthenticated);
            }
            Ok(())
        }
    }

    impl Loader<Parent> for Told {
        type Value = u32;

        async fn load(&self, keys: &[Parent]) -> Result<HashMap<Parent, u32>, Error> {
            self.tell("parents", keys.len()).await?;
            // The child 1000 comes along with any parent.
            self.known.remember::<Self, _>([(Child(1000), 1000)]);
            Ok(keys.iter().map(|key| (*key, key.0 % 3)).collect())
        }
    }

    impl Loader<Child> for Told {
        type Value = u32;

        async fn load(&self, keys: &[Child]) -> Result<HashMap<Child, u32>, Error> {
            self.tell("children", keys.len()).await?;
            let there = keys.iter().filter(|key| key.0 != 2);
            Ok(there.map(|key| (*key, key.0)).collect())
        }
    }

    struct Trial {
        batches: Batches<Told>,
        loads: Loads,
        told: Arc<Mutex<Vec<String>>>,
    }

    fn trial(turns: u32, fails: bool) -> Trial {
        let (loads, known) = (Loads::default(), Known::default());
        let told = Told {
            turns,
            fails,
            known: known.clone(),
            ..Told::default()
        };
        Trial {
            told: Arc::clone(&told.loads),
            batches: Batches::new(told, known, loads.clone()),
            loads,
        }
    }

    #[tokio::test]
    async fn what_many_ask_for_is_one_load_at_each_depth() {
        for (many, turns) in [(3, 0), (100, 0), (100, 7), (2000, 1)] {
            let Trial {
                batches,
                loads,
                told,
            } = trial(turns, false);
            let one = async |at: u32| {
                // Whoever yields first asks in the same load all the same.
                let mut yields = at % 2;
                std::future::poll_fn(|cx| {
                    if yields == 0 {
                        return Poll::Ready(());
                    }
                    yields -= 1;
                    cx.waker().wake_by_ref();
                    Poll::Pending
                })
                .await;
                let parent = batches.one(Parent(at)).await.unwrap().unwrap();
                batches.one(Child(parent)).await.unwrap()
            };
            let found = loads.drive(join_all((0..many).map(one))).await;
            let expected = (0..many).map(|at| at % 3);
            let expected = expected.map(|key| (key != 2).then_some(key));
            assert_eq!(found, expected.collect::<Vec<_>>());
            let mut parents: Vec<String> = Vec::new();
            let mut left = many as usize;
            while left > 0 {
                parents.push(format!("parents {}", left.min(MOST)));
                left -= left.min(MOST);
            }
            parents.push("children 3".to_owned());
            assert_eq!(*unpoisoned(&told), parents, "{many} in {turns} turns");
        }
    }

    #[tokio::test]
    async fn what_came_along_or_is_known_is_not_loaded() {
        let Trial {
            batches,
            loads,
            told,
        } = trial(1, false);
        let asked = async {
            let parent = batches.one(Parent(1));
            let early = async {
                // Asked for while the load that brings it along runs.
                batches.one(Child(7)).await.unwrap();
                batches.one(Child(1000)).await.unwrap()
            };
            let (parent, early) = futures_util::future::join(parent, early).await;
            let again = batches.one(Parent(1)).await.unwrap();
            (parent.unwrap(), early, again)
        };
        let found = loads.drive(asked).await;
        assert_eq!(found, (Some(1), Some(1000), Some(1)));
        let mut told = unpoisoned(&told).clone();
        told.sort();
        assert_eq!(told, ["children 1", "parents 1"]);
    }

    #[tokio::test]
    async fn whoever_waits_for_a_load_that_fails_hears_of_it() {
        let Trial { batches, loads, .. } = trial(1, true);
        let asked = join_all((0..40).map(|at| batches.one(Parent(at))));
        let found = loads.drive(asked).await;
        assert!(
            found
                .iter()
                .all(|found| matches!(found, Err(Error::Unauthenticated)))
        );
    }

    #[tokio::test]
    async fn what_comes_from_elsewhere_wakes_the_request() {
        let Trial { batches, loads, .. } = trial(3, false);
        let (tell, told) = tokio::sync::oneshot::channel();
        tokio::spawn(async move {
            tokio::task::yield_now().await;
            tell.send(4).unwrap();
        });
        let asked = async {
            let elsewhere = async {
                let at = told.await.unwrap();
                batches.one(Parent(at)).await.unwrap()
            };
            futures_util::future::join(batches.one(Parent(1)), elsewhere).await
        };
        let (one, other) = loads.drive(asked).await;
        assert_eq!((one.unwrap(), other), (Some(1), Some(1)));
    }
}
