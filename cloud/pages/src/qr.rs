//! QR codes as the path of an inline SVG.

use qrcode::{Color, EcLevel, QrCode};

/// Blank modules around the code, as the standard asks for.
const QUIET: usize = 4;

/// A QR code as the templates see it.
#[derive(Debug)]
pub(crate) struct QrView {
    /// Width and height of the drawing, in modules.
    pub(crate) size: usize,
    /// Commands of the path that fills the dark modules.
    pub(crate) path: String,
}

impl QrView {
    /// The code of a text; a blank drawing when the text is too long for one, which the key beside it
    /// makes up for.
    pub(crate) fn new(text: &str) -> Self {
        let Ok(code) = QrCode::with_error_correction_level(text, EcLevel::M) else {
            return Self { size: 2 * QUIET, path: String::new() };
        };
        let width = code.width();
        let mut path = String::new();
        for (y, row) in code.to_colors().chunks(width).enumerate() {
            let mut x = 0;
            while x < width {
                let run = row[x..].iter().take_while(|color| **color == Color::Dark).count();
                if run > 0 {
                    path.push_str(&format!("M{} {}h{run}v1h-{run}z", x + QUIET, y + QUIET));
                }
                x += run.max(1);
            }
        }
        Self { size: width + 2 * QUIET, path }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_the_finder_patterns_within_a_quiet_zone() {
        let view = QrView::new("otpauth://totp/Example:a@example.com?secret=JBSWY3DPEHPK3PXP");
        assert!(view.path.starts_with("M4 4h7v1h-7z"), "{}", view.path);
        assert!(view.size >= 21 + 8);
    }

    #[test]
    fn a_text_that_is_too_long_draws_nothing() {
        assert_eq!(QrView::new(&"x".repeat(5000)).path, "");
    }
}
