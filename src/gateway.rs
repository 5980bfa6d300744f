//! The door that the clients' bots come in through: one unix socket for each client.

mod answer;
mod body;
mod method;
mod pace;
mod problems;
mod target;
mod telegram;
mod tenant;
