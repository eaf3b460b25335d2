//! The demo's year: the 2022 plan from its issue to the morning of 20 October, as its people would have lived it. Every step is
//! taken by an account that may take it, through the same acts as everybody's; nothing is written past them.

mod agenda;
mod cast;
mod clock;
mod draw;
mod paper;
mod plot;
mod script;
mod stage;
mod words;

pub(crate) use cast::{accounts, create};
pub(crate) use clock::DemoClock;
pub(crate) use plot::Plot;
pub(crate) use script::{ISSUED, morning};
pub(crate) use stage::play;
