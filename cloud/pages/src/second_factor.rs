//! Setting up the authenticator app, and the backup codes, which are shown once.

use std::fmt;

use askama::Template;

use crate::download::data_url;
use crate::form::Problems;
use crate::frame::{Frame, FrameView};
use crate::qr::QrView;
use crate::sign_in::{CodeProblem, Factor};
use crate::texts::Texts;
use crate::texts::second_factor::SecondFactorTexts;

/// The page that sets up an authenticator app.
///
/// Posts `code` and `csrf` to `/console/set-up-totp`.
#[derive(Clone, Default)]
pub struct SetUpTotp {
    /// Common to all pages.
    pub frame: Frame,
    /// Whose app.
    pub email: String,
    /// The `otpauth://` address, which the QR code holds.
    pub uri: String,
    /// The key in base 32, for apps that scan nothing.
    pub key: String,
    /// Why the last code was not accepted.
    pub problem: Option<CodeProblem>,
}

impl fmt::Debug for SetUpTotp {
    /// Leaves the key out, for it is a secret.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SetUpTotp")
            .field("frame", &self.frame)
            .field("email", &self.email)
            .field("problem", &self.problem)
            .finish_non_exhaustive()
    }
}

#[derive(Template)]
#[template(path = "set_up_totp.html")]
struct SetUpTotpView<'a> {
    frame: FrameView<'a>,
    text: &'static SecondFactorTexts,
    page: &'a SetUpTotp,
    qr: QrView,
    key_groups: Vec<String>,
    problems: Problems,
}

/// Renders the page that sets up an authenticator app.
#[must_use]
pub fn set_up_totp(page: &SetUpTotp) -> String {
    let texts = Texts::of(page.frame.language);
    let text = &texts.second_factor;
    let characters: Vec<_> = page.key.chars().collect();
    crate::render(&SetUpTotpView {
        frame: FrameView::new(&page.frame, None, text.totp_title)
            .with_error(page.problem.is_some()),
        text,
        page,
        qr: QrView::new(&page.uri),
        key_groups: characters.chunks(4).map(|group| group.iter().collect()).collect(),
        problems: CodeProblem::problems(page.problem, &Factor::App, texts),
    })
}

/// Where the backup codes are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BackupOccasion {
    /// At the end of the first sign-in.
    #[default]
    First,
    /// On the page *My account*, where they replace older ones.
    Replaced,
}

/// The backup codes, which this page shows and nothing shows again. Send it with
/// `Cache-Control: no-store`.
#[derive(Clone, Default)]
pub struct BackupCodes {
    /// Common to all pages.
    pub frame: Frame,
    /// The codes.
    pub codes: Vec<String>,
    /// Where they are shown.
    pub occasion: BackupOccasion,
}

impl fmt::Debug for BackupCodes {
    /// Leaves the codes out, for they are secrets.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("BackupCodes")
            .field("frame", &self.frame)
            .field("occasion", &self.occasion)
            .finish_non_exhaustive()
    }
}

#[derive(Template)]
#[template(path = "backup_codes.html")]
struct BackupCodesView<'a> {
    frame: FrameView<'a>,
    text: &'static SecondFactorTexts,
    page: &'a BackupCodes,
    download: String,
    next: &'static str,
}

/// Renders the backup codes.
#[must_use]
pub fn backup_codes(page: &BackupCodes) -> String {
    let text = &Texts::of(page.frame.language).second_factor;
    let file: String = page.codes.iter().map(|code| format!("{code}\r\n")).collect();
    crate::render(&BackupCodesView {
        frame: FrameView::new(&page.frame, None, text.backup_title),
        text,
        page,
        download: data_url("text/plain", &file),
        next: match page.occasion {
            BackupOccasion::First => "/console",
            BackupOccasion::Replaced => "/console/account",
        },
    })
}
