//! The embedded store: all that names redb.
//!
//! One thread writes. It puts the writes that wait into one transaction and commits them with one
//! sync, so the disk's pace is shared by all callers; a write returns only when it is on disk.
//! Reads are snapshots: they never wait for a write, and a write never waits for them.
//!
//! The tables are declared in [`tables`]; one file for each family of rows holds the functions
//! that use them: the transaction comes first, the domain goes in and out.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use tokio::sync::{oneshot, watch};

use self::engine::{Request, Shared, Write};
use self::schema::Schema;

pub mod secrets;
