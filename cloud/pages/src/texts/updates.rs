//! Texts of *Updates*.

use crate::updates::{
    PolicyProblem, UpdateNotice, UpdateOrder, UpdatePolicy, UpdateProblem, UpdateState, Weekday,
    clock,
};

/// Texts of the pages. `at` is a time in words.
#[derive(Debug)]
pub(crate) struct UpdateTexts {
    pub(crate) title: &'static str,
    pub(crate) explanation: &'static str,
    pub(crate) empty: &'static str,
    pub(crate) empty_remedy: &'static str,
    pub(crate) no_connectors: &'static str,
    pub(crate) change_policy: &'static str,
    pub(crate) change_policy_of: fn(location: &str) -> String,
    pub(crate) policy_label: &'static str,
    pub(crate) policy: fn(&UpdatePolicy, time_zone: &str) -> String,
    pub(crate) connector: &'static str,
    pub(crate) version: &'static str,
    pub(crate) target: &'static str,
    pub(crate) unknown: &'static str,
    pub(crate) state_label: &'static str,
    pub(crate) state: fn(&UpdateState, at: &str) -> String,
    pub(crate) since: &'static str,
    pub(crate) action: &'static str,
    pub(crate) now: &'static str,
    pub(crate) now_for: fn(connector: &str) -> String,
    pub(crate) what_it_says: &'static str,
    pub(crate) notice: fn(&UpdateNotice) -> String,
    pub(crate) problem: fn(&UpdateProblem) -> String,
    pub(crate) policy_title: &'static str,
    pub(crate) when: &'static str,
    pub(crate) immediately: &'static str,
    pub(crate) immediately_hint: &'static str,
    pub(crate) window: &'static str,
    pub(crate) window_hint: &'static str,
    pub(crate) day: &'static str,
    pub(crate) every_day: &'static str,
    pub(crate) weekday: fn(&Weekday) -> &'static str,
    pub(crate) start: &'static str,
    pub(crate) start_hint: fn(time_zone: &str) -> String,
    pub(crate) order: &'static str,
    pub(crate) order_name: fn(&UpdateOrder) -> &'static str,
    pub(crate) order_hint: &'static str,
    pub(crate) save: &'static str,
    pub(crate) policy_not_saved: fn(usize) -> String,
    pub(crate) policy_problem: fn(PolicyProblem) -> &'static str,
}

pub(crate) const ENGLISH: UpdateTexts = UpdateTexts {
    title: "Updates",
    explanation: "Connectors are updated by themselves, one at a time in each resource location, so that the others carry on.",
    empty: "There is no resource location yet.",
    empty_remedy: "Updates are set for each location. Add one first.",
    no_connectors: "No connector is registered here.",
    change_policy: "Change policy",
    change_policy_of: |location| format!("Change the update policy of {location}"),
    policy_label: "Policy:",
    policy: |policy, zone| match policy {
        UpdatePolicy::Immediately => "As soon as available, one connector at a time".to_owned(),
        UpdatePolicy::Window { day, start, order } => {
            let day = day.map_or("Every day", |day| (ENGLISH.weekday)(&day));
            let order = match order {
                UpdateOrder::Early => ", among the first",
                UpdateOrder::Normal => "",
                UpdateOrder::Late => ", among the last",
            };
            format!("{day} from {}, {zone}{order}", clock(*start))
        }
    },
    connector: "Connector",
    version: "Version",
    target: "Expected",
    unknown: "not known",
    state_label: "State",
    state: |state, at| match state {
        UpdateState::Current => "Up to date".to_owned(),
        UpdateState::Scheduled { at: None } => "Waits for its window".to_owned(),
        UpdateState::Scheduled { at: Some(_) } => format!("Scheduled for {at}"),
        UpdateState::WaitsForSibling => "Waits for another connector".to_owned(),
        UpdateState::WaitsForContact => "Waits for contact".to_owned(),
        UpdateState::Downloading { percent } => format!("Downloading, {percent} %"),
        UpdateState::Installing => "Installing".to_owned(),
        UpdateState::Restarting => "Restarting".to_owned(),
        UpdateState::Failed { .. } => "Failed, the old version is in use".to_owned(),
        UpdateState::RolledBack { .. } => "Went back to the old version".to_owned(),
        UpdateState::Off => "Switched off".to_owned(),
        UpdateState::Unknown => "Not known".to_owned(),
    },
    since: "Since",
    action: "Action",
    now: "Update now",
    now_for: |connector| format!("Update {connector} now"),
    what_it_says: "The connector says:",
    notice: |notice| match notice {
        UpdateNotice::PolicySaved { location } => {
            format!("The update policy of {location} is saved. It holds from the next update on.")
        }
        UpdateNotice::Ordered { connector } => {
            format!("{connector} is updated as soon as no other connector of its location is.")
        }
    },
    problem: |problem| match problem {
        UpdateProblem::NotInContact { connector } => {
            format!(
                "{connector} is not in contact and cannot be updated. Look at its page for the cause."
            )
        }
        UpdateProblem::NothingToDo { connector } => {
            format!("{connector} has the expected version already.")
        }
        UpdateProblem::FormExpired => {
            "This page was open for too long. Look at the states, then order it again.".to_owned()
        }
    },
    policy_title: "Update policy",
    when: "When are updates installed?",
    immediately: "As soon as available",
    immediately_hint: "At any time of day. Other connectors of the location carry on meanwhile.",
    window: "In a window",
    window_hint: "At a time when few people sign in. A window that is missed is made up for.",
    day: "Day",
    every_day: "Every day",
    weekday: |day| day.name(),
    start: "Begins at",
    start_hint: |zone| format!("Hours and minutes, such as 03:30, in the time zone {zone}."),
    order: "Order",
    order_name: |order| match order {
        UpdateOrder::Early => "Early: among the first",
        UpdateOrder::Normal => "Normal: with most others",
        UpdateOrder::Late => "Late: among the last",
    },
    order_hint: "Which locations get a new version first. Late ones profit from what early ones have tried.",
    save: "Save",
    policy_not_saved: |_| "The policy was not saved".to_owned(),
    policy_problem: |problem| match problem {
        PolicyProblem::Start => "Type hours and minutes, such as 03:30.",
        PolicyProblem::Day => "Choose a day of the list.",
        PolicyProblem::Gone => "Somebody has deleted this location meanwhile.",
        PolicyProblem::FormExpired => {
            "This form was open for too long. Check the values and save again."
        }
        PolicyProblem::NotStored => "The policy could not be stored. Try again in a minute.",
    },
};

pub(crate) const JAPANESE: UpdateTexts = UpdateTexts {
    title: "更新",
    explanation: "コネクタは自動的に更新されます。リソースの場所ごとに 1 台ずつ更新されるため、ほかのコネクタは動作を続けます。",
    empty: "リソースの場所はまだありません。",
    empty_remedy: "更新は場所ごとに設定します。先に場所を追加してください。",
    no_connectors: "ここに登録されたコネクタはありません。",
    change_policy: "ポリシーを変更",
    change_policy_of: |location| format!("{location} の更新ポリシーを変更"),
    policy_label: "ポリシー:",
    policy: |policy, zone| match policy {
        UpdatePolicy::Immediately => "提供され次第、1 台ずつ".to_owned(),
        UpdatePolicy::Window { day, start, order } => {
            let day = day.map_or("毎日", |day| (JAPANESE.weekday)(&day));
            let order = match order {
                UpdateOrder::Early => "、早めに適用",
                UpdateOrder::Normal => "",
                UpdateOrder::Late => "、遅めに適用",
            };
            format!("{day} {} から ({zone}){order}", clock(*start))
        }
    },
    connector: "コネクタ",
    version: "バージョン",
    target: "適用予定",
    unknown: "不明",
    state_label: "状態",
    state: |state, at| match state {
        UpdateState::Current => "最新".to_owned(),
        UpdateState::Scheduled { at: None } => "時間帯を待っています".to_owned(),
        UpdateState::Scheduled { at: Some(_) } => format!("{at} に予定"),
        UpdateState::WaitsForSibling => "別のコネクタを待っています".to_owned(),
        UpdateState::WaitsForContact => "接続を待っています".to_owned(),
        UpdateState::Downloading { percent } => format!("ダウンロード中 {percent} %"),
        UpdateState::Installing => "インストール中".to_owned(),
        UpdateState::Restarting => "再起動中".to_owned(),
        UpdateState::Failed { .. } => "失敗、以前のバージョンを使用中".to_owned(),
        UpdateState::RolledBack { .. } => "以前のバージョンに戻りました".to_owned(),
        UpdateState::Off => "無効".to_owned(),
        UpdateState::Unknown => "不明".to_owned(),
    },
    since: "開始",
    action: "操作",
    now: "今すぐ更新",
    now_for: |connector| format!("{connector} を今すぐ更新"),
    what_it_says: "コネクタからの報告:",
    notice: |notice| match notice {
        UpdateNotice::PolicySaved { location } => {
            format!("{location} の更新ポリシーを保存しました。次の更新から適用されます。")
        }
        UpdateNotice::Ordered { connector } => {
            format!("同じ場所の別のコネクタが更新中でなくなり次第、{connector} を更新します。")
        }
    },
    problem: |problem| match problem {
        UpdateProblem::NotInContact { connector } => {
            format!(
                "{connector} は接続していないため更新できません。原因はコネクタのページで確認してください。"
            )
        }
        UpdateProblem::NothingToDo { connector } => {
            format!("{connector} は既に適用予定のバージョンです。")
        }
        UpdateProblem::FormExpired => {
            "ページの有効期間が過ぎました。状態を確認して、もう一度操作してください。".to_owned()
        }
    },
    policy_title: "更新ポリシー",
    when: "更新をいつインストールしますか?",
    immediately: "提供され次第",
    immediately_hint: "時刻を問いません。その間、同じ場所のほかのコネクタは動作を続けます。",
    window: "指定した時間帯",
    window_hint: "サインインするユーザーが少ない時間帯にします。逃した場合は後で適用されます。",
    day: "曜日",
    every_day: "毎日",
    weekday: |day| match day {
        Weekday::Monday => "月曜日",
        Weekday::Tuesday => "火曜日",
        Weekday::Wednesday => "水曜日",
        Weekday::Thursday => "木曜日",
        Weekday::Friday => "金曜日",
        Weekday::Saturday => "土曜日",
        Weekday::Sunday => "日曜日",
    },
    start: "開始時刻",
    start_hint: |zone| format!("03:30 のような時刻です。タイム ゾーンは {zone} です。"),
    order: "順序",
    order_name: |order| match order {
        UpdateOrder::Early => "早め: 最初のほうで適用",
        UpdateOrder::Normal => "標準: 多くの場所と同時に適用",
        UpdateOrder::Late => "遅め: 最後のほうで適用",
    },
    order_hint: "新しいバージョンをどの場所から適用するかを決めます。遅めの場所では、先に試した結果を生かせます。",
    save: "保存",
    policy_not_saved: |_| "ポリシーは保存されませんでした".to_owned(),
    policy_problem: |problem| match problem {
        PolicyProblem::Start => "03:30 のような時刻を入力してください。",
        PolicyProblem::Day => "一覧から曜日を選んでください。",
        PolicyProblem::Gone => "この場所は別の管理者によって削除されました。",
        PolicyProblem::FormExpired => {
            "フォームの有効期間が過ぎました。値を確認して、もう一度保存してください。"
        }
        PolicyProblem::NotStored => {
            "ポリシーを保存できませんでした。1 分後にもう一度試してください。"
        }
    },
};
