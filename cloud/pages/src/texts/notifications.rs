//! Texts of *Notifications*.

use crate::notifications::Severity;

/// Texts of the page.
#[derive(Debug)]
pub(crate) struct NotificationTexts {
    pub(crate) title: &'static str,
    pub(crate) empty: &'static str,
    pub(crate) empty_remark: &'static str,
    pub(crate) severity: fn(&Severity) -> &'static str,
    pub(crate) dismiss: &'static str,
    pub(crate) dismiss_of: fn(title: &str) -> String,
    pub(crate) dismiss_all: &'static str,
    pub(crate) dismissed: fn(u32) -> String,
    pub(crate) form_expired: &'static str,
}

pub(crate) const ENGLISH: NotificationTexts = NotificationTexts {
    title: "Notifications",
    empty: "There is nothing to report.",
    empty_remark: "Problems of connectors, updates and certificates appear here.",
    severity: |severity| match severity {
        Severity::Information => "Information",
        Severity::Warning => "Warning",
        Severity::Error => "Error",
    },
    dismiss: "Dismiss",
    dismiss_of: |title| format!("Dismiss: {title}"),
    dismiss_all: "Dismiss all",
    dismissed: |count| match count {
        0 => "Somebody had dismissed it before.".to_owned(),
        1 => "1 notification is dismissed for all administrators.".to_owned(),
        _ => format!("{count} notifications are dismissed for all administrators."),
    },
    form_expired: "This page was open for too long, and nothing was dismissed. Look at it, then try again.",
};

pub(crate) const JAPANESE: NotificationTexts = NotificationTexts {
    title: "通知",
    empty: "通知はありません。",
    empty_remark: "コネクタ、更新、証明書の問題がここに表示されます。",
    severity: |severity| match severity {
        Severity::Information => "情報",
        Severity::Warning => "警告",
        Severity::Error => "エラー",
    },
    dismiss: "消去",
    dismiss_of: |title| format!("消去: {title}"),
    dismiss_all: "すべて消去",
    dismissed: |count| match count {
        0 => "この通知は既に消去されていました。".to_owned(),
        _ => format!("すべての管理者に対して {count} 件の通知を消去しました。"),
    },
    form_expired: "ページの有効期間が過ぎたため、何も消去されませんでした。内容を確認して、もう一度操作してください。",
};
