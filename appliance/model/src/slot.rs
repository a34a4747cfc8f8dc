//! The two root slots.

use serde::{Deserialize, Serialize};

/// One of the two root partitions that can hold a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Slot {
    /// Partition 3, menu entry `Root A`.
    A,
    /// Partition 4, menu entry `Root B`.
    B,
}

impl Slot {
    /// Both slots.
    pub const ALL: [Self; 2] = [Self::A, Self::B];

    /// The letter in `grubenv`: `a` or `b`.
    #[must_use]
    pub const fn letter(self) -> &'static str {
        match self {
            Self::A => "a",
            Self::B => "b",
        }
    }

    /// The slot of a letter in `grubenv`.
    #[must_use]
    pub fn from_letter(letter: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|slot| slot.letter() == letter)
    }

    /// Title of the menu entry, as documented.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::A => "Root A",
            Self::B => "Root B",
        }
    }

    /// The other slot.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }
}
