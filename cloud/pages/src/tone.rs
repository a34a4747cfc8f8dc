//! How something is: picks icon and colour beside the words.

use model::health::Severity;

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Good,
    Attention,
    Failing,
    /// There is nothing to be good or bad.
    Off,
    /// Waits for something else.
    Waiting,
    /// Under way.
    Busy,
}

impl Tone {
    /// Class in the style sheet.
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Good => "is-ok",
            Self::Attention => "is-warn",
            Self::Failing => "is-bad",
            Self::Off => "is-off",
            Self::Waiting | Self::Busy => "is-info",
        }
    }

    /// Name of the icon.
    pub(crate) const fn icon(self) -> &'static str {
        match self {
            Self::Good => "ok",
            Self::Attention => "warn",
            Self::Failing => "bad",
            Self::Off => "off",
            Self::Waiting => "wait",
            Self::Busy => "busy",
        }
    }
}

impl From<Severity> for Tone {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Good => Self::Good,
            Severity::Attention => Self::Attention,
            Severity::Failing => Self::Failing,
        }
    }
}
