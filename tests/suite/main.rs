//! Luoshi as its consumers see it: GraphQL over HTTP and over WebSocket, on a real server and a real database, on both databases.

mod access;
mod acts;
mod architecture;
mod attachments;
mod client;
mod contract;
mod events;
mod http;
mod instructions;
mod lists;
mod migrations;
mod notices;
mod parties;
mod reports;
mod schema;
mod session;
mod socket;
mod statements;
mod statistics;
