//! Hearing what this thread's log says.

use tracing::{Dispatch, Subscriber, subscriber::DefaultGuard};
use tracing_subscriber::registry;

/// While it lives, the subscriber hears what this thread says.
pub struct Hearing {
    _guard: DefaultGuard,
    _other: Dispatch,
}

/// Has a subscriber hear what this thread says from now on.
///
/// With a single subscriber in the whole process, `tracing` asks the thread that first comes by a place in the code whether anybody
/// listens there, and keeps the answer for all: another test's thread says no. With two of them it asks both.
pub fn hear(subscriber: impl Subscriber + Send + Sync) -> Hearing {
    Hearing {
        _other: Dispatch::new(registry()),
        _guard: tracing::subscriber::set_default(subscriber),
    }
}
