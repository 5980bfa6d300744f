//! Conversations with the Master Bot.

mod access;
mod acts;
mod adding;
mod backups;
mod cards;
mod decisions;
mod languages;
mod looks;
mod menu;
mod money;
mod names;
mod news;
mod starts;
mod tasks;
mod undo;
mod undo_refused;
