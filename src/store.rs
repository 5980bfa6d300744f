//! All that names redb.
