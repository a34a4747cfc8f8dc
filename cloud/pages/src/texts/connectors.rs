//! Texts of *Connectors*.

use crate::connectors::{ConnectorKind, ConnectorState, ConnectorsNotice};

/// Texts of the page. `since` is a time in words.
#[derive(Debug)]
pub(crate) struct ConnectorTexts {
    pub(crate) title: &'static str,
    pub(crate) add: &'static str,
    pub(crate) add_name: &'static str,
    pub(crate) in_contact: &'static str,
    pub(crate) of_all: fn(&u32) -> String,
    pub(crate) updating: &'static str,
    pub(crate) failing: &'static str,
    pub(crate) last_hour: &'static str,
    pub(crate) failed: fn(count: &str) -> String,
    pub(crate) filter_text: &'static str,
    pub(crate) location: &'static str,
    pub(crate) location_column: &'static str,
    pub(crate) state_label: &'static str,
    pub(crate) all: &'static str,
    pub(crate) filter: &'static str,
    pub(crate) caption: fn(shown: usize, total: &u32) -> String,
    pub(crate) empty: &'static str,
    pub(crate) empty_remedy: &'static str,
    pub(crate) nothing_found: &'static str,
    pub(crate) show_all: &'static str,
    pub(crate) connector: &'static str,
    pub(crate) kind: fn(&ConnectorKind) -> &'static str,
    pub(crate) state: fn(&ConnectorState) -> &'static str,
    pub(crate) remark: fn(ConnectorState, is_single: bool, since: Option<&str>) -> String,
    pub(crate) version: &'static str,
    pub(crate) expected: fn(version: &str) -> String,
    pub(crate) unknown: &'static str,
    pub(crate) last_contact: &'static str,
    pub(crate) never: &'static str,
    pub(crate) ago: fn(duration: &str) -> String,
    pub(crate) load: &'static str,
    pub(crate) requests: &'static str,
    pub(crate) notice: fn(&ConnectorsNotice) -> String,
}

pub(crate) const ENGLISH: ConnectorTexts = ConnectorTexts {
    title: "Connectors",
    add: "Connector Appliance",
    add_name: "Add a Connector Appliance",
    in_contact: "In contact",
    of_all: |total| format!("of {total}"),
    updating: "Updating",
    failing: "Not in contact or failing",
    last_hour: "Requests, last hour",
    failed: |count| format!("{count} failed"),
    filter_text: "Name or address",
    location: "Resource location",
    location_column: "Location",
    state_label: "State",
    all: "All",
    filter: "Filter",
    caption: |shown, total| match (shown, total) {
        (1, 1) => "1 connector".to_owned(),
        (shown, total) if u32::try_from(shown) == Ok(*total) => {
            format!("{total} connectors, worst first")
        }
        _ => format!("{shown} of {total} connectors, worst first"),
    },
    empty: "No connector is registered yet.",
    empty_remedy: "Connectors reach the directories and web servers of a resource location. Two in each location keep it reachable while one is updated.",
    nothing_found: "No connector matches the filter.",
    show_all: "Show all",
    connector: "Connector",
    kind: |kind| match kind {
        ConnectorKind::Appliance => "Connector Appliance",
        ConnectorKind::Windows => "Windows connector",
    },
    state: |state| match state {
        ConnectorState::InContact => "In contact",
        ConnectorState::Updating => "Updating",
        ConnectorState::NotInContact => "Not in contact",
        ConnectorState::Error => "Error",
        ConnectorState::Waiting => "Waiting for first contact",
        ConnectorState::Revoked => "Revoked",
    },
    remark: |state, is_single, since| match (state, is_single, since) {
        (ConnectorState::InContact, true, _) => "Single connector, no spare".to_owned(),
        (_, _, Some(since)) => format!("Since {since}"),
        (_, _, None) => String::new(),
    },
    version: "Version",
    expected: |version| format!("{version} expected"),
    unknown: "not known",
    last_contact: "Last contact",
    never: "Never",
    ago: |duration| format!("{duration} ago"),
    load: "Load",
    requests: "Requests, 24 h",
    notice: |notice| match notice {
        ConnectorsNotice::Removed { name } => {
            format!("{name} is removed. It is refused from now on.")
        }
        ConnectorsNotice::RegistrationCancelled => {
            "The registration is cancelled. Nothing was registered.".to_owned()
        }
    },
};

pub(crate) const JAPANESE: ConnectorTexts = ConnectorTexts {
    title: "コネクタ",
    add: "Connector Appliance",
    add_name: "Connector Appliance を追加",
    in_contact: "接続中",
    of_all: |total| format!("/ {total} 台"),
    updating: "更新中",
    failing: "未接続または障害",
    last_hour: "過去 1 時間の要求",
    failed: |count| format!("失敗 {count} 件"),
    filter_text: "名前またはアドレス",
    location: "リソースの場所",
    location_column: "場所",
    state_label: "状態",
    all: "すべて",
    filter: "絞り込み",
    caption: |shown, total| match u32::try_from(shown) == Ok(*total) {
        true => format!("コネクタ {total} 台、問題のあるものから表示"),
        false => format!("コネクタ {total} 台中 {shown} 台、問題のあるものから表示"),
    },
    empty: "登録されたコネクタはまだありません。",
    empty_remedy: "コネクタは、リソースの場所のディレクトリや Web サーバーに到達します。場所ごとに 2 台あれば、1 台の更新中も到達できます。",
    nothing_found: "条件に一致するコネクタはありません。",
    show_all: "すべて表示",
    connector: "コネクタ",
    kind: |kind| match kind {
        ConnectorKind::Appliance => "Connector Appliance",
        ConnectorKind::Windows => "Windows コネクタ",
    },
    state: |state| match state {
        ConnectorState::InContact => "接続中",
        ConnectorState::Updating => "更新中",
        ConnectorState::NotInContact => "未接続",
        ConnectorState::Error => "エラー",
        ConnectorState::Waiting => "最初の接続を待っています",
        ConnectorState::Revoked => "失効",
    },
    remark: |state, is_single, since| match (state, is_single, since) {
        (ConnectorState::InContact, true, _) => "1 台のみ、予備なし".to_owned(),
        (_, _, Some(since)) => format!("{since} から"),
        (_, _, None) => String::new(),
    },
    version: "バージョン",
    expected: |version| format!("適用予定 {version}"),
    unknown: "不明",
    last_contact: "最終接続",
    never: "なし",
    ago: |duration| format!("{duration}前"),
    load: "負荷",
    requests: "要求、24 時間",
    notice: |notice| match notice {
        ConnectorsNotice::Removed { name } => {
            format!("{name} を削除しました。以後の接続は拒否されます。")
        }
        ConnectorsNotice::RegistrationCancelled => {
            "登録をキャンセルしました。何も登録されていません。".to_owned()
        }
    },
};
