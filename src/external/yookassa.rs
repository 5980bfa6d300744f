//! YooKassa API v3.
