//! The binary as an operator meets it: its commands, its servers, and its end by force.

mod accounts;
mod keeping;
mod killed;
mod plans;
mod process;
mod serving;
