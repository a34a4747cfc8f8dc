//! Texts around every page, and those that several pages share.

/// Texts around every page.
#[derive(Debug)]
pub(crate) struct FrameTexts {
    pub(crate) skip: &'static str,
    pub(crate) language: &'static str,
    pub(crate) account: fn(name: &str) -> String,
    pub(crate) network_diagnostics: &'static str,
    pub(crate) sessions: &'static str,
    pub(crate) logs: &'static str,
    pub(crate) change_password: &'static str,
    pub(crate) restart: &'static str,
    pub(crate) reset: &'static str,
    pub(crate) sign_out: &'static str,
    pub(crate) cancel: &'static str,
    pub(crate) copy: fn(name: &str) -> String,
    pub(crate) copied: &'static str,
    /// The title of a page that reports an error, from the title of the page.
    pub(crate) error_title: fn(title: &str) -> String,
    pub(crate) admin_title: &'static str,
}

pub(crate) const ENGLISH: FrameTexts = FrameTexts {
    skip: "Skip to content",
    language: "Language",
    account: |name| format!("Account: {name}"),
    network_diagnostics: "Network diagnostics",
    sessions: "Sessions",
    logs: "Logs",
    change_password: "Change password",
    restart: "Restart",
    reset: "Factory reset",
    sign_out: "Sign out",
    cancel: "Cancel",
    copy: |name| format!("Copy {name}"),
    copied: "Copied",
    error_title: |title| format!("Error: {title}"),
    admin_title: "Connector administration",
};

pub(crate) const JAPANESE: FrameTexts = FrameTexts {
    skip: "本文へ移動",
    language: "言語",
    account: |name| format!("アカウント: {name}"),
    network_diagnostics: "ネットワーク診断",
    sessions: "セッション",
    logs: "ログ",
    change_password: "パスワードの変更",
    restart: "再起動",
    reset: "出荷時設定へのリセット",
    sign_out: "サインアウト",
    cancel: "キャンセル",
    copy: |name| format!("{name} をコピー"),
    copied: "コピーしました",
    error_title: |title| format!("エラー: {title}"),
    admin_title: "コネクタの管理",
};
