//! What a server does by itself again and again goes on after a panic.

use std::{future::Future, panic::AssertUnwindSafe, time::Duration};

use futures_util::FutureExt;

/// The pause after a panic.
const PAUSE: Duration = Duration::from_secs(60);

/// Does something until it ends by itself, and begins it again after a panic.
pub(crate) async fn keep_alive<F: Future<Output = ()>>(what: &'static str, begin: impl Fn() -> F) {
    again(what, PAUSE, begin).await;
}

async fn again<F: Future<Output = ()>>(what: &'static str, pause: Duration, begin: impl Fn() -> F) {
    while AssertUnwindSafe(begin()).catch_unwind().await.is_err() {
        tracing::error!(what, "panicked, and begins again");
        tokio::time::sleep(pause).await;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test]
    async fn it_begins_again_after_a_panic_and_ends_when_it_is_done() {
        let begun = AtomicU32::new(0);
        let begin = || async {
            assert!(begun.fetch_add(1, Ordering::Relaxed) == 2, "not yet");
        };
        again("test", Duration::ZERO, begin).await;
        assert_eq!(begun.into_inner(), 3);
    }
}
