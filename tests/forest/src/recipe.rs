//! Which forests there are.

use std::fmt;

use crate::role::{BRANCH1, DC1, DC2, PARTNER1, Role};

/// A set of forests that tests can start.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Recipe {
    /// `corp.example.com` with the controller `dc1` and all fixtures.
    Single,
    /// The same with a second controller, `dc2`.
    TwoControllers,
    /// `partner.example.net` alone, with the controller `partner1`.
    OtherForest,
    /// `corp.example.com` (`dc1`) and the other forest (`partner1`), which trust each other.
    TrustedForests,
    /// [`Recipe::Single`] with a read-only controller, `branch1`, in the site "Branch".
    ReadOnly,
    /// [`Recipe::Single`] with 5,000 users more, for the benchmark.
    Crowd,
}

impl fmt::Display for Recipe {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Single => "single",
            Self::TwoControllers => "two-controllers",
            Self::OtherForest => "other-forest",
            Self::TrustedForests => "trusted-forests",
            Self::ReadOnly => "read-only",
            Self::Crowd => "crowd",
        })
    }
}

impl Recipe {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Single,
        Self::TwoControllers,
        Self::OtherForest,
        Self::TrustedForests,
        Self::ReadOnly,
        Self::Crowd,
    ];

    /// The controllers, in the order in which they start.
    #[must_use]
    pub fn roles(self) -> &'static [Role] {
        match self {
            Self::Single | Self::Crowd => &[DC1],
            Self::TwoControllers => &[DC1, DC2],
            Self::OtherForest => &[PARTNER1],
            Self::TrustedForests => &[DC1, PARTNER1],
            Self::ReadOnly => &[DC1, BRANCH1],
        }
    }

    /// Recipes whose controllers this one goes on with.
    pub(crate) fn bases(self) -> &'static [Self] {
        match self {
            Self::Single | Self::OtherForest => &[],
            Self::TwoControllers | Self::ReadOnly | Self::Crowd => &[Self::Single],
            Self::TrustedForests => &[Self::Single, Self::OtherForest],
        }
    }
}
