//! How far something long has come: a bar at a terminal, elsewhere a line now and then.

use std::{
    io::IsTerminal,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};

/// How long nothing is said where there is no bar.
const SILENCE: Duration = Duration::from_secs(2);

/// How far something has come, on standard error.
pub(super) struct Progress {
    what: &'static str,
    of: &'static str,
    shown: Shown,
}

enum Shown {
    Bar(ProgressBar),
    /// When the last line was written.
    Lines(Mutex<Instant>),
}

impl Progress {
    /// Begins: what is done, and of what there are many.
    pub(super) fn begin(what: &'static str, of: &'static str) -> Self {
        let shown = if std::io::stderr().is_terminal() {
            let bar = ProgressBar::new(0);
            if let Ok(style) = ProgressStyle::with_template("{msg} {bar:40} {pos}/{len}") {
                bar.set_style(style);
            }
            bar.set_message(what);
            Shown::Bar(bar)
        } else {
            eprintln!("{what} …");
            Shown::Lines(Mutex::new(Instant::now()))
        };
        Self { what, of, shown }
    }

    /// So much is done, of all.
    pub(super) fn reached(&self, done: usize, all: usize) {
        match &self.shown {
            Shown::Bar(bar) => {
                bar.set_length(all as u64);
                bar.set_position(done as u64);
            }
            Shown::Lines(last) => {
                let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
                if due(last.elapsed(), done, all) {
                    *last = Instant::now();
                    eprintln!("{}: {done} of {all} {}", self.what, self.of);
                }
            }
        }
    }

    /// It is done: a bar goes.
    pub(super) fn end(self) {
        if let Shown::Bar(bar) = self.shown {
            bar.finish_and_clear();
        }
    }
}

/// Whether a line is due: after a while, and at the end.
fn due(silent: Duration, done: usize, all: usize) -> bool {
    silent >= SILENCE || done >= all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_due_now_and_then_and_at_the_end() {
        for (milliseconds, done, expected) in [
            (0, 1, false),
            (1_999, 9, false),
            (2_000, 2, true),
            (0, 10, true),
        ] {
            let silent = Duration::from_millis(milliseconds);
            assert_eq!(due(silent, done, 10), expected, "{milliseconds} {done}");
        }
    }
}
