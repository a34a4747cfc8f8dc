//! Texts around every page.

use crate::frame::Section;

/// Texts around every page.
#[derive(Debug)]
pub(crate) struct FrameTexts {
    pub(crate) product: &'static str,
    pub(crate) skip: &'static str,
    pub(crate) menu: &'static str,
    pub(crate) language: &'static str,
    pub(crate) section: fn(Section) -> &'static str,
    pub(crate) single_locations: fn(u32) -> String,
    pub(crate) silent_connectors: fn(u32) -> String,
    pub(crate) failed_updates: fn(u32) -> String,
    pub(crate) notifications: fn(u32) -> String,
    pub(crate) account: fn(name: &str) -> String,
    pub(crate) my_account: &'static str,
    pub(crate) switch_customer: &'static str,
    pub(crate) sign_out: &'static str,
    pub(crate) cancel: &'static str,
    pub(crate) back: &'static str,
    pub(crate) copy: fn(name: &str) -> String,
    pub(crate) copied: &'static str,
    /// What the script shows when the page cannot be refreshed.
    pub(crate) stale: &'static str,
    /// The title of a page that reports an error, from the title of the page.
    pub(crate) error_title: fn(title: &str) -> String,
}

pub(crate) const ENGLISH: FrameTexts = FrameTexts {
    product: "Cloud console",
    skip: "Skip to content",
    menu: "Menu",
    language: "Language",
    section: |section| match section {
        Section::Locations => "Resource locations",
        Section::Connectors => "Connectors",
        Section::Updates => "Updates",
        Section::Domains => "Domains",
        Section::ApiAccess => "API access",
        Section::Administrators => "Administrators",
        Section::SystemLog => "System log",
        Section::Notifications => "Notifications",
    },
    single_locations: |count| match count {
        1 => "1 location with a single connector".to_owned(),
        _ => format!("{count} locations with a single connector"),
    },
    silent_connectors: |count| match count {
        1 => "1 connector not in contact".to_owned(),
        _ => format!("{count} connectors not in contact"),
    },
    failed_updates: |count| match count {
        1 => "1 update failed".to_owned(),
        _ => format!("{count} updates failed"),
    },
    notifications: |count| match count {
        1 => "1 notification".to_owned(),
        _ => format!("{count} notifications"),
    },
    account: |name| format!("Account: {name}"),
    my_account: "My account",
    switch_customer: "Switch customer",
    sign_out: "Sign out",
    cancel: "Cancel",
    back: "Back",
    copy: |name| format!("Copy {name}"),
    copied: "Copied",
    stale: "The console does not answer. What you see may be out of date; the page goes on trying.",
    error_title: |title| format!("Error: {title}"),
};

pub(crate) const JAPANESE: FrameTexts = FrameTexts {
    product: "クラウド コンソール",
    skip: "本文へ移動",
    menu: "メニュー",
    language: "言語",
    section: |section| match section {
        Section::Locations => "リソースの場所",
        Section::Connectors => "コネクタ",
        Section::Updates => "更新",
        Section::Domains => "ドメイン",
        Section::ApiAccess => "API アクセス",
        Section::Administrators => "管理者",
        Section::SystemLog => "システム ログ",
        Section::Notifications => "通知",
    },
    single_locations: |count| format!("コネクタが 1 台だけの場所が {count} か所"),
    silent_connectors: |count| format!("未接続のコネクタが {count} 台"),
    failed_updates: |count| format!("失敗した更新が {count} 件"),
    notifications: |count| format!("通知 {count} 件"),
    account: |name| format!("アカウント: {name}"),
    my_account: "マイ アカウント",
    switch_customer: "顧客を切り替え",
    sign_out: "サインアウト",
    cancel: "キャンセル",
    back: "戻る",
    copy: |name| format!("{name} をコピー"),
    copied: "コピーしました",
    stale: "コンソールが応答しません。表示内容は古い可能性があります。再試行を続けます。",
    error_title: |title| format!("エラー: {title}"),
};
