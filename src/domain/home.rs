//! Where a client's data lies, and what must happen before its bot may start.

/// Where a client's bot has its database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In a directory of the host, for a process.
    Process,
    /// In a container's volume.
    Container,
}

impl Place {
    /// Names the place for logs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Process => "process",
            Self::Container => "container",
        }
    }
}

/// What is on record of where a client's data lies. A seed that is there comes before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Home {
    /// Where the bot has its database.
    pub place: Place,
    /// Its container is to give the data away and serves nobody any more.
    pub is_leaving: bool,
    /// A container or a volume of the client may exist.
    pub has_container: bool,
}

impl Home {
    /// In a directory of the host, and nowhere else.
    pub const PROCESS: Self =
        Self { place: Place::Process, is_leaving: false, has_container: false };
    /// In a container's volume.
    pub const CONTAINER: Self =
        Self { place: Place::Container, is_leaving: false, has_container: true };
}

/// What can be seen of a client's data without asking anybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// What is on record; nothing of a client of an earlier release, or of one that never ran.
    pub home: Option<Home>,
    /// Whether the host holds a seed for it.
    pub has_seed: bool,
    /// Whether there is a database in its directories on the host.
    pub has_files: bool,
}

/// What must happen before a client's bot may start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Nothing: its data is where it starts, or it has none.
    Nothing,
    /// This must be on record.
    Note(Home),
    /// It has no data here: is there a container that has?
    Ask,
    /// Its data lies in a container and must come to the host.
    Leave,
    /// It begins with a seed, and no container may do so.
    Silence,
    /// Its data lies on the host and must come to the container.
    Enter,
    /// It begins with a seed; the older data on the host is not deleted. This must be on record.
    SetAside(Home),
    /// There is data on the host, and the record says that it is in a container.
    Compare,
}

/// Tells what must happen before a bot may start `here`.
pub fn need(here: Place, seen: Seen) -> Need {
    match here {
        Place::Process => need_of_process(seen),
        Place::Container => need_of_container(seen),
    }
}

fn need_of_process(Seen { home, has_seed, has_files }: Seen) -> Need {
    if has_seed {
        let may_run = home.is_some_and(|home| home.has_container);
        return if may_run { Need::Silence } else { Need::Nothing };
    }
    let in_container = home.is_some_and(|home| home.place == Place::Container);
    match (in_container, has_files) {
        (false, true) if home.is_none() => Need::Note(Home::PROCESS),
        (false, true) => Need::Nothing,
        (false, false) => Need::Ask,
        (true, true) => Need::Compare,
        (true, false) => Need::Leave,
    }
}

fn need_of_container(Seen { home, has_seed, has_files }: Seen) -> Need {
    let place = home.map_or(Place::Container, |home| home.place);
    let with_seed = Home { place, ..Home::CONTAINER };
    let noted = |wanted| if home == Some(wanted) { Need::Nothing } else { Need::Note(wanted) };
    match (has_seed, has_files) {
        (true, true) => Need::SetAside(with_seed),
        (true, false) => noted(with_seed),
        (false, true) => Need::Enter,
        (false, false) => noted(Home::CONTAINER),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn homes() -> impl Strategy<Value = Option<Home>> {
        let place = prop_oneof![Just(Place::Process), Just(Place::Container)];
        let home = (place, any::<bool>(), any::<bool>()).prop_map(|(place, leaving, container)| {
            let has_container = container || leaving || place == Place::Container;
            Home { place, is_leaving: leaving && place == Place::Container, has_container }
        });
        prop::option::of(home)
    }

    proptest! {
        /// Data that may lie elsewhere is never passed over.
        #[test]
        fn nothing_starts_empty_while_there_may_be_data(home in homes(), has_seed: bool, has_files: bool) {
            let seen = Seen { home, has_seed, has_files };
            let starts = |here| matches!(need(here, seen), Need::Nothing | Need::Note(_));
            if !has_seed && home.is_some_and(|home| home.place == Place::Container) {
                prop_assert!(!starts(Place::Process));
            }
            if has_files {
                prop_assert!(!starts(Place::Container));
            }
        }

        /// What was noted needs nothing more, and no container runs that is not on record.
        #[test]
        fn a_note_is_enough(home in homes(), has_seed: bool, has_files: bool) {
            for here in [Place::Process, Place::Container] {
                let seen = Seen { home, has_seed, has_files };
                let Need::Note(noted) = need(here, seen) else { continue };
                let seen = Seen { home: Some(noted), ..seen };
                prop_assert_eq!(need(here, seen), Need::Nothing);
                prop_assert_eq!(noted.has_container, here == Place::Container);
                prop_assert!(!noted.is_leaving);
            }
        }

        /// Two bots never begin with one seed.
        #[test]
        fn a_seed_is_taken_at_one_place(home in homes(), has_files: bool) {
            let seen = Seen { home, has_seed: true, has_files };
            if home.is_some_and(|home| home.has_container) {
                prop_assert_eq!(need(Place::Process, seen), Need::Silence);
            }
        }
    }
}
