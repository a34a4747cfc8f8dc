//! Errors as people read them.

use std::error::Error;

/// An error and its causes in one line.
#[must_use]
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use thiserror::Error;

    use super::*;

    #[derive(Debug, Error)]
    #[error("cannot read the file")]
    struct Outer(#[source] Inner);

    #[derive(Debug, Error)]
    #[error("the disk is gone")]
    struct Inner;

    #[test]
    fn every_cause_is_named_once() {
        assert_eq!(chain(&Outer(Inner)), "cannot read the file: the disk is gone");
        assert_eq!(chain(&Inner), "the disk is gone");
    }
}
