//! Luoshi as its consumers see it: GraphQL over HTTP and over WebSocket, on a real server and a real database, on both databases.

mod access;
mod acts;
mod architecture;
mod contract;
mod disputes;
mod http;
mod lists;
mod migrations;
mod milestones;
mod parties;
mod requests;
mod schema;
mod session;
mod socket;
mod statements;
