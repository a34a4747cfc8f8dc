//! Texts of *Sign in*.

use crate::sign_in::{SignInError, SignInNotice};

/// Texts of the page. `wait` and `limit` are durations in words, `since` is a time.
#[derive(Debug)]
pub(crate) struct SignInTexts {
    pub(crate) title: &'static str,
    pub(crate) administration_at: fn(address: &str) -> String,
    pub(crate) password: &'static str,
    pub(crate) button: &'static str,
    /// The button while a pause after a wrong password runs; the script fills in `{}`.
    pub(crate) button_wait: &'static str,
    pub(crate) ends_after: fn(limit: &str) -> String,
    pub(crate) forgotten: &'static str,
    pub(crate) forgotten_remedy: &'static str,
    /// What went wrong in a few words.
    pub(crate) error_heading: fn(SignInError) -> &'static str,
    /// What follows from it and what to do.
    pub(crate) error: fn(SignInError, wait: &str, since: &str) -> String,
    pub(crate) notice_heading: fn(SignInNotice) -> &'static str,
    pub(crate) notice: fn(SignInNotice) -> &'static str,
}

pub(crate) const ENGLISH: SignInTexts = SignInTexts {
    title: "Sign in",
    administration_at: |address| format!("Connector administration at {address}"),
    password: "Password",
    button: "Sign in",
    button_wait: "Sign in, {} s",
    ends_after: |limit| format!("Ends after {limit} without use"),
    forgotten: "Forgot the password?",
    forgotten_remedy: "It cannot be reset. Deploy a new appliance from the image, then delete this one.",
    error_heading: |error| match error {
        SignInError::MissingPassword => "The password is missing.",
        SignInError::WrongPassword { .. } => "That password is not right.",
        SignInError::TooSoon { .. } => "That was too early.",
        SignInError::SessionEnded => "Your session has ended.",
        SignInError::FormExpired => "This form was open for too long.",
    },
    error: |error, wait, since| match error {
        SignInError::MissingPassword => "Type it and sign in.".to_owned(),
        SignInError::WrongPassword { wait_seconds: 0, .. } => {
            "Type it again. The account is never locked.".to_owned()
        }
        SignInError::WrongPassword { failures: 0 | 1, .. } => {
            format!("Wait {wait} before the next try. The account is never locked.")
        }
        SignInError::WrongPassword { failures, .. } => format!(
            "Wait {wait} before the next try. {failures} tries from your address have failed since {since}. The account is never locked."
        ),
        SignInError::TooSoon { .. } => format!(
            "This try was not checked. Wait {wait}, then try again. The account is never locked."
        ),
        SignInError::SessionEnded => "Sign in again to go on.".to_owned(),
        SignInError::FormExpired => "Type the password again and sign in.".to_owned(),
    },
    notice_heading: |notice| match notice {
        SignInNotice::PasswordSet => "The password is set.",
        SignInNotice::PasswordChanged => "The password is changed.",
        SignInNotice::SignedOut => "You are signed out.",
    },
    notice: |notice| match notice {
        SignInNotice::PasswordSet => "Sign in with it.",
        SignInNotice::PasswordChanged => "Every session has ended. Sign in with the new password.",
        SignInNotice::SignedOut => "Close this page, or sign in again.",
    },
};

pub(crate) const JAPANESE: SignInTexts = SignInTexts {
    title: "サインイン",
    administration_at: |address| format!("{address} のコネクタの管理"),
    password: "パスワード",
    button: "サインイン",
    button_wait: "サインイン ({} 秒)",
    ends_after: |limit| format!("{limit}使用しないと終了します"),
    forgotten: "パスワードを忘れた場合",
    forgotten_remedy: "リセットはできません。イメージから新しいアプライアンスを展開し、このアプライアンスを削除してください。",
    error_heading: |error| match error {
        SignInError::MissingPassword => "パスワードがありません。",
        SignInError::WrongPassword { .. } => "パスワードが正しくありません。",
        SignInError::TooSoon { .. } => "まだ再試行できません。",
        SignInError::SessionEnded => "セッションが終了しました。",
        SignInError::FormExpired => "フォームの有効期間が過ぎました。",
    },
    error: |error, wait, since| match error {
        SignInError::MissingPassword => "入力してサインインしてください。".to_owned(),
        SignInError::WrongPassword { wait_seconds: 0, .. } => {
            "入力し直してください。アカウントがロックされることはありません。".to_owned()
        }
        SignInError::WrongPassword { failures: 0 | 1, .. } => {
            format!("次に試すまで {wait}待ってください。アカウントがロックされることはありません。")
        }
        SignInError::WrongPassword { failures, .. } => format!(
            "次に試すまで {wait}待ってください。このアドレスからは {since} 以降 {failures} 回失敗しています。アカウントがロックされることはありません。"
        ),
        SignInError::TooSoon { .. } => format!(
            "今回の入力は確認されませんでした。{wait}待ってからもう一度試してください。アカウントがロックされることはありません。"
        ),
        SignInError::SessionEnded => "続けるにはもう一度サインインしてください。".to_owned(),
        SignInError::FormExpired => "パスワードを入力し直してサインインしてください。".to_owned(),
    },
    notice_heading: |notice| match notice {
        SignInNotice::PasswordSet => "パスワードを設定しました。",
        SignInNotice::PasswordChanged => "パスワードを変更しました。",
        SignInNotice::SignedOut => "サインアウトしました。",
    },
    notice: |notice| match notice {
        SignInNotice::PasswordSet => "そのパスワードでサインインしてください。",
        SignInNotice::PasswordChanged => {
            "すべてのセッションが終了しました。新しいパスワードでサインインしてください。"
        }
        SignInNotice::SignedOut => "このページを閉じるか、もう一度サインインしてください。",
    },
};
