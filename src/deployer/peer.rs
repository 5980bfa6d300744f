//! Who may speak: one user of this host, by name or number, and root.

use std::fs;
use std::io;

/// Why a user is not known.
#[derive(Debug, thiserror::Error)]
pub enum UnknownUser {
    /// The users of this host cannot be read.
    #[error("cannot read {USERS}")]
    Unreadable(#[from] io::Error),
    /// There is no such user.
    #[error("this host has no user {0}")]
    Missing(String),
}

const USERS: &str = "/etc/passwd";
const ROOT: u32 = 0;

/// A user of this host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct User {
    /// The user's number.
    pub uid: u32,
    /// The number of the user's own group, if the host names one.
    pub gid: Option<u32>,
}

impl User {
    /// Returns the user of this process.
    pub fn this() -> Self {
        Self { uid: rustix::process::geteuid().as_raw(), gid: None }
    }

    /// Tells whether a process of the user `uid` may speak for this one.
    pub(super) const fn admits(self, uid: u32) -> bool {
        uid == self.uid || uid == ROOT
    }
}

/// Finds a user of this host by name or number; a number that the host does not name stands for
/// itself.
///
/// # Errors
///
/// Returns [`UnknownUser`].
pub fn user(name: &str) -> Result<User, UnknownUser> {
    let users = fs::read_to_string(USERS)?;
    let unnamed = || Some(User { uid: name.parse().ok()?, gid: None });
    let found = named(&users, name).or_else(unnamed);
    found.ok_or_else(|| UnknownUser::Missing(name.to_owned()))
}

/// Finds the user in the host's list, where each line is `name:password:number:group:..`.
fn named(users: &str, name: &str) -> Option<User> {
    users.lines().find_map(|line| {
        let mut parts = line.split(':');
        let (user, uid) = (parts.next()?, parts.nth(1)?);
        if user != name && uid != name {
            return None;
        }
        Some(User { uid: uid.parse().ok()?, gid: parts.next()?.parse().ok() })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_found_by_its_whole_name() {
        let users = "root:x:0:0:root:/root:/bin/bash\nslotbox2:x:7:8::/:\nslotbox:x:998:997::/:\n";
        assert_eq!(named(users, "slotbox"), Some(User { uid: 998, gid: Some(997) }));
        assert_eq!(named(users, "slot"), None);
        assert_eq!(named(users, "998"), Some(User { uid: 998, gid: Some(997) }));
        assert_eq!(user("4294967294").unwrap(), User { uid: 4_294_967_294, gid: None });
        assert!(user("nobody-of-this-name").is_err());
    }

    #[test]
    fn only_that_user_and_root_may_speak() {
        let user = User { uid: 998, gid: None };
        assert!(user.admits(998) && user.admits(0) && !user.admits(999));
    }
}
