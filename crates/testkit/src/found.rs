//! What is found once: addresses and keys, which take longer to find than most of what is done with them.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{LazyLock, Mutex, PoisonError};

/// What has been found so far, for a static.
pub struct Found<K, V>(LazyLock<Mutex<HashMap<K, V>>>);

impl<K: Eq + Hash, V> Found<K, V> {
    /// Nothing yet.
    #[allow(clippy::new_without_default, reason = "it is for statics")]
    pub const fn new() -> Self {
        Self(LazyLock::new(Mutex::default))
    }

    /// What `read` makes of the one of this key, which `find` finds where nobody has.
    pub fn with<R>(&self, key: K, find: impl FnOnce() -> V, read: impl FnOnce(&V) -> R) -> R {
        let mut found = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        read(found.entry(key).or_insert_with(find))
    }

    /// The one of this key, which `find` finds where nobody has.
    pub fn get(&self, key: K, find: impl FnOnce() -> V) -> V
    where
        V: Copy,
    {
        self.with(key, find, |found| *found)
    }
}
