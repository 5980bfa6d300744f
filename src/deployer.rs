//! The deployer: the one process that may talk to the container engine. It trusts nobody.
//!
//! `serve` names a client and one of a few verbs; everything else about a container, its image, its
//! user, its mounts, its limits, stands in one template here. What the engine has made is read back
//! and compared with the template, setting by setting.

mod compare;
mod containers;
mod engine;
pub mod frame;
mod group;
mod image;
mod locks;
mod peer;
mod podman;
mod prepare;
pub mod protocol;
mod reading;
mod rootfs;
mod server;
mod session;
mod settings;
mod stop_all;
mod template;

pub use containers::Containers;
pub use engine::EngineError;
pub use group::{CgroupDriver, Group, Seen};
pub use peer::{UnknownUser, User, user};
pub use prepare::{PrepareError, prepare};
pub use server::{Door, serve};
pub use session::{End, converse};
pub use settings::{Ceilings, DeployerSettings, LogDriver};
pub use stop_all::stop_all;
