//! Texts of the page that asks for the password once more.

use crate::reenter_password::Dangerous;

/// Texts of the page.
#[derive(Debug)]
pub(crate) struct ReenterPasswordTexts {
    pub(crate) title: &'static str,
    /// What is about to happen, as the heading.
    pub(crate) change: fn(Dangerous) -> &'static str,
    pub(crate) why: &'static str,
    pub(crate) kept: &'static str,
    pub(crate) button: &'static str,
    /// The button while a pause after a wrong password runs; the script fills in `{}`.
    pub(crate) button_wait: &'static str,
    pub(crate) not_done: &'static str,
}

pub(crate) const ENGLISH: ReenterPasswordTexts = ReenterPasswordTexts {
    title: "Enter the password again",
    change: |change| match change {
        Dangerous::ReplaceCertificate => "Replace the certificate of this page",
        Dangerous::DeleteAuthority => "Delete a root certificate authority",
        Dangerous::EndSessions => "End sessions",
        Dangerous::MetricsToken => "Change the token for metrics",
        Dangerous::LogDestination => "Change where the logs are sent to",
        Dangerous::LeaveDomain => "Leave an Active Directory domain",
        Dangerous::Unregister => "Unregister the appliance",
    },
    why: "You gave the password more than 10 minutes ago. Enter it once more, so that nobody else makes this change at your open browser.",
    kept: "What you have entered is kept for 5 minutes.",
    button: "Continue",
    button_wait: "Continue (in {} s)",
    not_done: "Nothing has been changed yet.",
};

pub(crate) const JAPANESE: ReenterPasswordTexts = ReenterPasswordTexts {
    title: "パスワードの再入力",
    change: |change| match change {
        Dangerous::ReplaceCertificate => "このページの証明書を置き換える",
        Dangerous::DeleteAuthority => "ルート証明機関を削除する",
        Dangerous::EndSessions => "セッションを終了する",
        Dangerous::MetricsToken => "メトリック用トークンを変更する",
        Dangerous::LogDestination => "ログの送信先を変更する",
        Dangerous::LeaveDomain => "Active Directory ドメインから離脱する",
        Dangerous::Unregister => "アプライアンスの登録を解除する",
    },
    why: "パスワードを入力してから 10 分以上たっています。開いたままのブラウザーで他の人がこの変更を行えないように、もう一度入力してください。",
    kept: "入力した内容は 5 分間保持されます。",
    button: "続ける",
    button_wait: "続ける (あと {} 秒)",
    not_done: "まだ何も変更されていません。",
};
