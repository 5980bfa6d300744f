//! The five things to try, which tick off by themselves.

use super::scene::Scene;

/// A step of the story, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Try,
    Pay,
    Book,
    Clock,
    Break,
}

impl Step {
    pub(super) const ALL: [Self; 5] = [Self::Try, Self::Pay, Self::Book, Self::Clock, Self::Break];

    /// Tells whether it has been done.
    pub(super) fn done(self, scene: &Scene) -> bool {
        match self {
            Self::Try => !scene.facts.orders.is_empty() || !scene.facts.clients.is_empty(),
            Self::Pay => !scene.facts.payments.is_empty(),
            Self::Book => scene.booked,
            Self::Clock => scene.moved,
            Self::Break => scene.broken.healed(),
        }
    }

    /// Returns the first step that is still to do.
    pub(super) fn next(scene: &Scene) -> Option<Self> {
        Self::ALL.into_iter().find(|step| !step.done(scene))
    }
}
