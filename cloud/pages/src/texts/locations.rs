//! Texts of *Resource locations*.

use crate::locations::{LocationNotice, LocationProblem};

/// Texts of the pages.
#[derive(Debug)]
pub(crate) struct LocationTexts {
    pub(crate) title: &'static str,
    pub(crate) add: &'static str,
    pub(crate) empty: &'static str,
    pub(crate) empty_remedy: &'static str,
    pub(crate) default: &'static str,
    pub(crate) read_only: &'static str,
    pub(crate) id: &'static str,
    pub(crate) id_of: fn(name: &str) -> String,
    pub(crate) state: fn(all: u32, contact: u32, updating: u32) -> String,
    pub(crate) single_since: fn(date: &str) -> String,
    pub(crate) created: fn(date: &str) -> String,
    pub(crate) connectors_label: &'static str,
    pub(crate) connectors: fn(count: u32, versions: &str) -> String,
    pub(crate) domains_label: &'static str,
    pub(crate) none: &'static str,
    pub(crate) updates_label: &'static str,
    pub(crate) next_heading: &'static str,
    pub(crate) next: &'static str,
    pub(crate) show_connectors: &'static str,
    pub(crate) show_connectors_of: fn(name: &str) -> String,
    pub(crate) add_connector: &'static str,
    pub(crate) add_connector_to: fn(name: &str) -> String,
    pub(crate) actions: fn(name: &str) -> String,
    pub(crate) edit: &'static str,
    pub(crate) update_policy: &'static str,
    pub(crate) delete: &'static str,
    pub(crate) single_heading: fn(location: &str) -> String,
    pub(crate) single: fn(domains: &[String]) -> String,
    pub(crate) single_button: &'static str,
    pub(crate) notice: fn(&LocationNotice) -> String,
    pub(crate) add_title: &'static str,
    pub(crate) edit_title: &'static str,
    pub(crate) name: &'static str,
    pub(crate) name_hint: &'static str,
    pub(crate) time_zone: &'static str,
    pub(crate) time_zone_hint: &'static str,
    pub(crate) make_default: &'static str,
    pub(crate) make_default_hint: &'static str,
    pub(crate) is_default_hint: &'static str,
    pub(crate) save: &'static str,
    pub(crate) not_saved: fn(usize) -> String,
    pub(crate) problem: fn(LocationProblem) -> String,
    pub(crate) delete_title: &'static str,
    pub(crate) delete_question: fn(name: &str) -> String,
    pub(crate) delete_consequence: &'static str,
    pub(crate) has_connectors: fn(u32) -> String,
    pub(crate) delete_button: &'static str,
}

pub(crate) const ENGLISH: LocationTexts = LocationTexts {
    title: "Resource locations",
    add: "Resource location",
    empty: "There is no resource location yet.",
    empty_remedy: "A resource location is a place whose directories and web servers the cloud reaches through connectors: a data center, a branch. Add one, then add two Connector Appliances to it.",
    default: "Default",
    read_only: "Managed by the platform",
    id: "ID",
    id_of: |name| format!("ID of {name}"),
    state: |all, contact, updating| match (all, contact, updating) {
        (0, ..) => "No connector yet".to_owned(),
        (1, 1, _) => "1 of 1 in contact, no spare".to_owned(),
        (all, contact, 0) => format!("{contact} of {all} in contact"),
        (all, contact, updating) => format!("{contact} of {all} in contact, {updating} updating"),
    },
    single_since: |date| format!("Single connector since {date}"),
    created: |date| format!("Added {date}"),
    connectors_label: "Connectors",
    connectors: |count, versions| match (count, versions) {
        (0, _) => "None".to_owned(),
        (_, "") => count.to_string(),
        _ => format!("{count}, version {versions}"),
    },
    domains_label: "Domains",
    none: "None",
    updates_label: "Updates",
    next_heading: "Next:",
    next: "add two Connector Appliances. Nothing here can be reached until one is registered.",
    show_connectors: "Connectors",
    show_connectors_of: |name| format!("Connectors of {name}"),
    add_connector: "Connector Appliance",
    add_connector_to: |name| format!("Add a Connector Appliance to {name}"),
    actions: |name| format!("Actions for {name}"),
    edit: "Rename or edit",
    update_policy: "Update policy",
    delete: "Delete location",
    single_heading: |location| format!("{location} has a single connector"),
    single: |domains| {
        match domains {
        [] => "While it restarts for an update, or if it fails, nothing there can be reached. Add a second Connector Appliance on another host.".to_owned(),
        _ => format!(
            "While it restarts for an update, or if it fails, users of {} cannot sign in. Add a second Connector Appliance on another host.",
            domains.join(", ")
        ),
    }
    },
    single_button: "Add a connector",
    notice: |notice| match notice {
        LocationNotice::Added { name } => {
            format!("{name} is added. Add two Connector Appliances to it next.")
        }
        LocationNotice::Changed { name } => format!("{name} is saved."),
        LocationNotice::Deleted { name } => format!("{name} is deleted."),
    },
    add_title: "Add a Resource Location",
    edit_title: "Edit resource location",
    name: "Name",
    name_hint: "A name that colleagues know, such as Osaka Branch. At most 64 characters.",
    time_zone: "Time zone",
    time_zone_hint: "The update window of this location is given in this time zone.",
    make_default: "Default location",
    make_default_hint: "Programs that name no location get this one. There is one default location.",
    is_default_hint: "This is the default location. To change that, make another one the default.",
    save: "Save",
    not_saved: |count| match count {
        1 => "The location was not saved".to_owned(),
        _ => format!("The location was not saved: {count} problems"),
    },
    problem: |problem| match problem {
        LocationProblem::NameMissing => "Type a name.".to_owned(),
        LocationProblem::NameTooLong => {
            "The name has more than 64 characters. Shorten it.".to_owned()
        }
        LocationProblem::NameCharacter { character } => {
            format!("The name contains {character:?}, which is not allowed. Leave it out.")
        }
        LocationProblem::NameTaken => {
            "Another location has this name. Choose another one.".to_owned()
        }
        LocationProblem::TimeZone => "Choose a time zone of the list.".to_owned(),
        LocationProblem::ReadOnly => {
            "The platform manages this location. It cannot be changed here.".to_owned()
        }
        LocationProblem::Gone => "Somebody has deleted this location meanwhile.".to_owned(),
        LocationProblem::FormExpired => {
            "This form was open for too long. Check the values and save again.".to_owned()
        }
        LocationProblem::NotStored => {
            "The change could not be stored. Try again in a minute.".to_owned()
        }
    },
    delete_title: "Delete location",
    delete_question: |name| format!("Delete {name}?"),
    delete_consequence: "Its update policy is deleted with it. This cannot be undone: a new location of the same name gets another ID.",
    has_connectors: |count| {
        match count {
        1 => "1 connector is registered in this location. Unregister it on its own page or remove it under Connectors, then delete the location.".to_owned(),
        _ => format!("{count} connectors are registered in this location. Unregister them on their own pages or remove them under Connectors, then delete the location."),
    }
    },
    delete_button: "Delete location",
};

pub(crate) const JAPANESE: LocationTexts = LocationTexts {
    title: "リソースの場所",
    add: "リソースの場所",
    empty: "リソースの場所はまだありません。",
    empty_remedy: "リソースの場所とは、クラウドがコネクタを通じてディレクトリや Web サーバーに到達する場所 (データ センターや支社など) です。1 つ追加してから、Connector Appliance を 2 台追加してください。",
    default: "既定",
    read_only: "プラットフォームが管理",
    id: "ID",
    id_of: |name| format!("{name} の ID"),
    state: |all, contact, updating| match (all, contact, updating) {
        (0, ..) => "コネクタがありません".to_owned(),
        (1, 1, _) => "1 台中 1 台が接続中、予備なし".to_owned(),
        (all, contact, 0) => format!("{all} 台中 {contact} 台が接続中"),
        (all, contact, updating) => {
            format!("{all} 台中 {contact} 台が接続中、{updating} 台が更新中")
        }
    },
    single_since: |date| format!("{date} からコネクタは 1 台のみ"),
    created: |date| format!("追加日 {date}"),
    connectors_label: "コネクタ",
    connectors: |count, versions| match (count, versions) {
        (0, _) => "なし".to_owned(),
        (_, "") => format!("{count} 台"),
        _ => format!("{count} 台、バージョン {versions}"),
    },
    domains_label: "ドメイン",
    none: "なし",
    updates_label: "更新",
    next_heading: "次の手順:",
    next: "Connector Appliance を 2 台追加してください。1 台が登録されるまで、ここには到達できません。",
    show_connectors: "コネクタ",
    show_connectors_of: |name| format!("{name} のコネクタ"),
    add_connector: "Connector Appliance",
    add_connector_to: |name| format!("{name} に Connector Appliance を追加"),
    actions: |name| format!("{name} の操作"),
    edit: "名前の変更と編集",
    update_policy: "更新ポリシー",
    delete: "場所を削除",
    single_heading: |location| format!("{location} のコネクタは 1 台だけです"),
    single: |domains| {
        match domains {
        [] => "更新のための再起動中や障害時には、この場所に到達できません。別のホストに 2 台目の Connector Appliance を追加してください。".to_owned(),
        _ => format!(
            "更新のための再起動中や障害時には、{} のユーザーはサインインできません。別のホストに 2 台目の Connector Appliance を追加してください。",
            domains.join("、")
        ),
    }
    },
    single_button: "コネクタを追加",
    notice: |notice| match notice {
        LocationNotice::Added { name } => {
            format!("{name} を追加しました。次に Connector Appliance を 2 台追加してください。")
        }
        LocationNotice::Changed { name } => format!("{name} を保存しました。"),
        LocationNotice::Deleted { name } => format!("{name} を削除しました。"),
    },
    add_title: "リソースの場所の追加",
    edit_title: "リソースの場所の編集",
    name: "名前",
    name_hint: "「大阪支社」のように、分かりやすい名前にします。64 文字以内です。",
    time_zone: "タイム ゾーン",
    time_zone_hint: "この場所の更新時間帯は、このタイム ゾーンで指定します。",
    make_default: "既定の場所",
    make_default_hint: "場所を指定しないプログラムはこの場所を使用します。既定の場所は 1 つだけです。",
    is_default_hint: "これは既定の場所です。変更するには、別の場所を既定にしてください。",
    save: "保存",
    not_saved: |count| match count {
        1 => "場所は保存されませんでした".to_owned(),
        _ => format!("場所は保存されませんでした: {count} 件の問題"),
    },
    problem: |problem| match problem {
        LocationProblem::NameMissing => "名前を入力してください。".to_owned(),
        LocationProblem::NameTooLong => {
            "名前が 64 文字を超えています。短くしてください。".to_owned()
        }
        LocationProblem::NameCharacter { character } => {
            format!("名前に使用できない文字 {character:?} が含まれています。取り除いてください。")
        }
        LocationProblem::NameTaken => {
            "この名前は別の場所で使用されています。別の名前を選んでください。".to_owned()
        }
        LocationProblem::TimeZone => "一覧からタイム ゾーンを選んでください。".to_owned(),
        LocationProblem::ReadOnly => {
            "この場所はプラットフォームが管理しているため、変更できません。".to_owned()
        }
        LocationProblem::Gone => "この場所は別の管理者によって削除されました。".to_owned(),
        LocationProblem::FormExpired => {
            "フォームの有効期間が過ぎました。値を確認して、もう一度保存してください。".to_owned()
        }
        LocationProblem::NotStored => {
            "変更を保存できませんでした。1 分後にもう一度試してください。".to_owned()
        }
    },
    delete_title: "場所の削除",
    delete_question: |name| format!("{name} を削除しますか?"),
    delete_consequence: "更新ポリシーも削除されます。元に戻すことはできません。同じ名前の場所を作成しても ID は別のものになります。",
    has_connectors: |count| {
        format!(
            "この場所には {count} 台のコネクタが登録されています。コネクタ自身のページで登録を解除するか、「コネクタ」で削除してから、場所を削除してください。"
        )
    },
    delete_button: "場所を削除",
};
