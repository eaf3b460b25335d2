//! What each of many has for itself, for as long as somebody uses it.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError, Weak},
};

/// A value for each key that is used now.
#[derive(Debug)]
pub(crate) struct WhileUsed<K, V>(Mutex<Remembered<K, V>>);

#[derive(Debug)]
struct Remembered<K, V> {
    values: HashMap<K, Weak<V>>,
    /// With so many it is time to forget those that nobody uses: twice as many as were used last time, so that a new key costs the same whatever
    /// their number.
    enough: usize,
}

/// The fewest with which it is worth looking for those to forget.
const FEW: usize = 16;

impl<K, V> Default for WhileUsed<K, V> {
    fn default() -> Self {
        Self(Mutex::new(Remembered {
            values: HashMap::new(),
            enough: FEW,
        }))
    }
}

impl<K: Hash + Eq, V> WhileUsed<K, V> {
    /// The value of a key: the one that is used, or a new one.
    pub(crate) fn of(&self, key: K, new: impl FnOnce() -> V) -> Arc<V> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(value) = all.values.get(&key).and_then(Weak::upgrade) {
            return value;
        }
        if all.values.len() >= all.enough {
            all.values.retain(|_, value| value.strong_count() > 0);
            all.enough = FEW.max(2 * all.values.len());
        }
        let value = Arc::new(new());
        all.values.insert(key, Arc::downgrade(&value));
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_lives_while_it_is_used_and_is_nobody_elses() {
        let all = WhileUsed::default();
        let (one, again, other) = (all.of(1, || 'a'), all.of(1, || 'b'), all.of(2, || 'c'));
        assert_eq!((*one, *again, *other), ('a', 'a', 'c'));
        drop(one);
        assert_eq!(*all.of(1, || 'd'), 'a');
        drop(again);
        assert_eq!(*all.of(1, || 'e'), 'e');
    }

    #[test]
    fn those_that_nobody_uses_are_forgotten() {
        let all = WhileUsed::default();
        let remembered = || all.0.lock().unwrap().values.len();
        for key in 0..1000 {
            all.of(key, || ());
        }
        assert!(remembered() <= FEW);
        let used: Vec<_> = (0..100).map(|key| all.of(key, || ())).collect();
        for key in 100..1000 {
            all.of(key, || ());
        }
        assert!((100..=200).contains(&remembered()));
        assert_eq!(Arc::strong_count(&all.of(7, || ())), 2);
        drop(used);
    }
}
