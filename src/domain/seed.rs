//! Seeds: databases that clients' bots are to begin with.

/// Why a client's bot does not take its seed. It serves nobody until it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeedRefusal {
    /// The file is no sound database.
    Damaged,
    /// A later version of the program wrote it.
    TooNew,
    /// There is no room for it where the bot has its data.
    NoRoom,
    /// It could not be written or put in its place.
    Failed,
}

impl SeedRefusal {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Damaged, Self::TooNew, Self::NoRoom, Self::Failed];

    /// Names the reason for programs and logs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Damaged => "damaged",
            Self::TooNew => "too_new",
            Self::NoRoom => "no_room",
            Self::Failed => "failed",
        }
    }

    /// Returns the reason that has this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }
}
