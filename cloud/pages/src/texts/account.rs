//! Texts of *My account*.

use crate::account::{AccountNotice, AccountProblem};

/// Texts of the page. `wait` is a duration in words.
#[derive(Debug)]
pub(crate) struct AccountTexts {
    pub(crate) title: &'static str,
    pub(crate) person: &'static str,
    pub(crate) name: &'static str,
    pub(crate) email: &'static str,
    pub(crate) access: &'static str,
    pub(crate) customer_id: &'static str,
    pub(crate) organization_id: &'static str,
    pub(crate) password_changed: &'static str,
    pub(crate) session_ends: &'static str,
    pub(crate) change_password: &'static str,
    pub(crate) second_heading: &'static str,
    pub(crate) second_explanation: &'static str,
    pub(crate) backup_left: fn(u32) -> String,
    pub(crate) password: &'static str,
    pub(crate) password_hint: &'static str,
    pub(crate) new_backup_codes: &'static str,
    pub(crate) change_device: &'static str,
    pub(crate) not_done: fn(usize) -> String,
    pub(crate) problem: fn(AccountProblem, wait: &str) -> String,
    pub(crate) notice: fn(AccountNotice) -> &'static str,
}

pub(crate) const ENGLISH: AccountTexts = AccountTexts {
    title: "My account",
    person: "Administrator",
    name: "Name",
    email: "E-mail address",
    access: "Access",
    customer_id: "Customer ID",
    organization_id: "Organization ID",
    password_changed: "Password set",
    session_ends: "Session ends at",
    change_password: "Change password",
    second_heading: "Second step of signing in",
    second_explanation: "The second step cannot be switched off. One authenticator app is in use at a time; a new one replaces it.",
    backup_left: |count| match count {
        0 => "No backup code is left. Make new ones now: without them, a lost app locks you out."
            .to_owned(),
        1 => "1 backup code is left. Make new ones.".to_owned(),
        2 => "2 backup codes are left. Make new ones.".to_owned(),
        _ => format!("{count} backup codes are left."),
    },
    password: "Current password",
    password_hint: "To be sure that it is you.",
    new_backup_codes: "Make new backup codes",
    change_device: "Set up another app",
    not_done: |_| "Nothing was changed".to_owned(),
    problem: |problem, wait| match problem {
        AccountProblem::WrongPassword => "The password is wrong. Type it again.".to_owned(),
        AccountProblem::TooSoon { .. } => {
            format!("After wrong passwords there is a pause. Wait {wait}, then try again.")
        }
        AccountProblem::FormExpired => {
            "This form was open for too long. Type the password again.".to_owned()
        }
    },
    notice: |notice| match notice {
        AccountNotice::DeviceChanged => "The new authenticator app is in use. The old one is not.",
    },
};

pub(crate) const JAPANESE: AccountTexts = AccountTexts {
    title: "マイ アカウント",
    person: "管理者",
    name: "名前",
    email: "メール アドレス",
    access: "アクセス権",
    customer_id: "顧客 ID",
    organization_id: "組織 ID",
    password_changed: "パスワードの設定日",
    session_ends: "セッションの終了",
    change_password: "パスワードを変更",
    second_heading: "サインインの 2 段階目",
    second_explanation: "2 段階目を無効にすることはできません。認証アプリは一度に 1 つだけ使用でき、新しく設定すると置き換わります。",
    backup_left: |count| {
        match count {
        0 => "バックアップ コードが残っていません。アプリを失うとサインインできなくなるため、今すぐ作成してください。".to_owned(),
        1 | 2 => format!("バックアップ コードの残りは {count} 個です。新しく作成してください。"),
        _ => format!("バックアップ コードの残りは {count} 個です。"),
    }
    },
    password: "現在のパスワード",
    password_hint: "本人であることを確認するためです。",
    new_backup_codes: "バックアップ コードを作成",
    change_device: "別のアプリを設定",
    not_done: |_| "何も変更されませんでした".to_owned(),
    problem: |problem, wait| match problem {
        AccountProblem::WrongPassword => {
            "パスワードが正しくありません。入力し直してください。".to_owned()
        }
        AccountProblem::TooSoon { .. } => format!(
            "パスワードを間違えると待ち時間が発生します。{wait}待ってからもう一度試してください。"
        ),
        AccountProblem::FormExpired => {
            "フォームの有効期間が過ぎました。パスワードを入力し直してください。".to_owned()
        }
    },
    notice: |notice| match notice {
        AccountNotice::DeviceChanged => {
            "新しい認証アプリを使用しています。以前のアプリは使用できません。"
        }
    },
};
