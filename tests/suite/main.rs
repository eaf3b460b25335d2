//! Luoshi as its consumers see it: GraphQL over HTTP and over WebSocket, on a real server and a real database, on both databases.

mod access;
mod acts;
mod architecture;
mod attachments;
mod client;
mod contract;
mod disputes;
mod events;
mod http;
mod instructions;
mod lists;
mod migrations;
mod milestones;
mod notices;
mod parties;
mod pauses;
mod reports;
mod requests;
mod scene;
mod schema;
mod session;
mod socket;
mod statements;
mod statistics;
mod steering;
mod sweep;
