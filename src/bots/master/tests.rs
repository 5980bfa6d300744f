//! Conversations with the Master Bot.

mod access;
mod acts;
mod adding;
mod backups;
mod cards;
mod decisions;
mod languages;
mod looks;
mod money;
mod names;
mod news;
mod tasks;
