//! The YooKassa API v3, simulated.
