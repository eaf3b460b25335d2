//! The harness: real servers on real databases, both of them, and people who sign in.
//!
//! A test is written once, with [`both!`], and runs on SQLite and on PostgreSQL. It gets an [`App`]: a server on a
//! socket of its own, over a database of its own, copied from a template that holds the 2022 plan and the accounts of
//! [`world`].

pub mod app;
pub mod cluster;
pub mod database;
pub mod desk;
pub mod hearing;
pub mod machine;
pub mod world;

pub use app::{Actor, Answer, App, in_parts};
pub use database::{Backend, TestDatabase};

/// Makes two tests of one: on SQLite, and on PostgreSQL. The argument says what the test gets.
#[macro_export]
macro_rules! both {
    ($($(#[$doc:meta])* async fn $name:ident($argument:ident: $fixture:ty) $body:block)+) => { $(
        $(#[$doc])*
        mod $name {
            use super::*;

            async fn run($argument: $fixture) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                if let Some(fixture) = <$fixture>::set_up($crate::Backend::Sqlite).await {
                    run(fixture).await;
                }
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                if let Some(fixture) = <$fixture>::set_up($crate::Backend::Postgres).await {
                    run(fixture).await;
                }
            }
        }
    )+ };
}
