//! Conversations with the Sales Bot.

mod bots;
mod languages;
mod looks;
mod menu;
mod orders;
mod purchase;
mod tokens;
mod trial;
