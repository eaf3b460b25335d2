//! Places that each of many may have: of a user, of an address.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::limit::Limit;

type Taken<K> = Arc<Mutex<HashMap<K, u32>>>;

/// Places, up to a number for each key. There are no more keys than places that are taken.
#[derive(Debug)]
pub(crate) struct Places<K> {
    limit: Limit,
    taken: Taken<K>,
}

/// A place, until it is dropped.
#[derive(Debug)]
pub(crate) struct Place<K: Hash + Eq> {
    key: K,
    taken: Taken<K>,
}

impl<K: Hash + Eq + Clone> Places<K> {
    pub(crate) fn new(limit: Limit) -> Self {
        Self {
            limit,
            taken: Taken::default(),
        }
    }

    /// The number that each key may have, to say that one has them all.
    pub(crate) const fn limit(&self) -> &Limit {
        &self.limit
    }

    /// One more place of a key; none when it has as many as it may have.
    pub(crate) fn take(&self, key: K) -> Option<Place<K>> {
        let mut all = lock(&self.taken);
        let taken = all.get(&key).copied().unwrap_or_default();
        if taken >= self.limit.most() {
            return None;
        }
        all.insert(key.clone(), taken + 1);
        let taken = Arc::clone(&self.taken);
        Some(Place { key, taken })
    }
}

impl<K: Hash + Eq> Drop for Place<K> {
    fn drop(&mut self) {
        let mut all = lock(&self.taken);
        match all.get_mut(&self.key) {
            Some(taken) if *taken > 1 => *taken -= 1,
            _ => {
                all.remove(&self.key);
            }
        }
    }
}

fn lock<K>(taken: &Taken<K>) -> MutexGuard<'_, HashMap<K, u32>> {
    taken.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_has_its_own_places_and_none_is_kept_for_nothing() {
        let places = Places::new(Limit::new("x.of_key", 2));
        let (one, two) = (places.take("a"), places.take("a"));
        assert!(one.is_some() && two.is_some() && places.take("a").is_none());
        let other = places.take("b");
        assert!(other.is_some());
        drop(one);
        let again = places.take("a");
        assert!(again.is_some() && places.take("a").is_none());
        drop((two, again, other));
        assert!(lock(&places.taken).is_empty());
    }
}
