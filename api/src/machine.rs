//! The machine's own clock and randomness. Everything else asks for them, so that a test can give others.

use chrono::{DateTime, Utc};
use domain::{Clock, Entropy};

/// The machine's clock.
#[derive(Clone, Copy, Debug)]
pub struct MachineClock;

impl Clock for MachineClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

/// The operating system's randomness.
#[derive(Clone, Copy, Debug)]
pub struct MachineEntropy;

impl Entropy for MachineEntropy {
    #[expect(clippy::disallowed_methods, reason = "this is the randomness")]
    fn fill(&self, buffer: &mut [u8]) {
        // Fails only where the operating system has no randomness: nothing secret can be made there.
        if aws_lc_rs::rand::fill(buffer).is_err() {
            std::process::abort();
        }
    }
}
