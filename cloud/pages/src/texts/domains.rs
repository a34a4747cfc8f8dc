//! Texts of *Domains*.

use crate::domains::DomainProblem;

/// Texts of the pages.
#[derive(Debug)]
pub(crate) struct DomainTexts {
    pub(crate) title: &'static str,
    pub(crate) explanation: &'static str,
    pub(crate) empty: &'static str,
    pub(crate) empty_remedy: &'static str,
    pub(crate) domain: &'static str,
    pub(crate) forest: fn(forest: &str) -> String,
    pub(crate) locations: &'static str,
    pub(crate) location_state: fn(healthy: u32, all: u32) -> String,
    pub(crate) primary: &'static str,
    pub(crate) served_by: &'static str,
    pub(crate) state_label: &'static str,
    pub(crate) state: fn(enabled: bool, healthy: u32) -> String,
    pub(crate) action: &'static str,
    pub(crate) edit: &'static str,
    pub(crate) edit_of: fn(domain: &str) -> String,
    pub(crate) saved: fn(domain: &str) -> String,
    pub(crate) enabled: &'static str,
    pub(crate) enabled_hint: &'static str,
    pub(crate) served_by_hint: &'static str,
    pub(crate) primary_label: &'static str,
    pub(crate) primary_hint: &'static str,
    pub(crate) any: &'static str,
    pub(crate) save: &'static str,
    pub(crate) not_saved: fn(usize) -> String,
    pub(crate) problem: fn(DomainProblem) -> &'static str,
}

pub(crate) const ENGLISH: DomainTexts = DomainTexts {
    title: "Domains",
    explanation: "Active Directory domains that connectors are joined to.",
    empty: "No domain is known yet.",
    empty_remedy: "Join a Connector Appliance to a domain on its own page, under Active Directory domains. The domain appears here by itself.",
    domain: "Domain",
    forest: |forest| format!("Forest {forest}"),
    locations: "Resource locations",
    location_state: |healthy, all| format!("{healthy} of {all} connectors"),
    primary: "Primary",
    served_by: "Served by",
    state_label: "State",
    state: |enabled, healthy| match (enabled, healthy) {
        (false, _) => "Disabled".to_owned(),
        (true, 0) => "Cannot be reached".to_owned(),
        (true, 1) => "Enabled, one connector only".to_owned(),
        (true, _) => "Enabled".to_owned(),
    },
    action: "Action",
    edit: "Edit",
    edit_of: |domain| format!("Edit {domain}"),
    saved: |domain| format!("{domain} is saved."),
    enabled: "New identities of this domain may be used",
    enabled_hint: "Without it, identities that are in use already go on working.",
    served_by_hint: "Which kind of connector answers requests about this domain.",
    primary_label: "Primary resource location",
    primary_hint: "It is asked first; the others when it cannot answer.",
    any: "None: whichever answers fastest",
    save: "Save",
    not_saved: |_| "The domain was not saved".to_owned(),
    problem: |problem| match problem {
        DomainProblem::PrimaryLocation => {
            "Choose a resource location from which the domain can be reached."
        }
        DomainProblem::ServedBy => {
            "No connector of this kind is joined to the domain. Choose the other kind."
        }
        DomainProblem::Gone => "The domain is not known any more: no connector is joined to it.",
        DomainProblem::FormExpired => {
            "This form was open for too long. Check the values and save again."
        }
        DomainProblem::NotStored => "The change could not be stored. Try again in a minute.",
    },
};

pub(crate) const JAPANESE: DomainTexts = DomainTexts {
    title: "ドメイン",
    explanation: "コネクタが参加している Active Directory ドメインです。",
    empty: "ドメインはまだありません。",
    empty_remedy: "Connector Appliance のページの「Active Directory ドメイン」でドメインに参加してください。参加したドメインは自動的に表示されます。",
    domain: "ドメイン",
    forest: |forest| format!("フォレスト {forest}"),
    locations: "リソースの場所",
    location_state: |healthy, all| format!("コネクタ {all} 台中 {healthy} 台"),
    primary: "プライマリ",
    served_by: "担当するコネクタ",
    state_label: "状態",
    state: |enabled, healthy| match (enabled, healthy) {
        (false, _) => "無効".to_owned(),
        (true, 0) => "到達できません".to_owned(),
        (true, 1) => "有効、コネクタ 1 台のみ".to_owned(),
        (true, _) => "有効".to_owned(),
    },
    action: "操作",
    edit: "編集",
    edit_of: |domain| format!("{domain} を編集"),
    saved: |domain| format!("{domain} を保存しました。"),
    enabled: "このドメインの新しい ID の使用を許可する",
    enabled_hint: "許可しない場合も、使用中の ID は引き続き使用できます。",
    served_by_hint: "このドメインに関する要求に応答するコネクタの種類です。",
    primary_label: "プライマリのリソースの場所",
    primary_hint: "最初に使用される場所です。応答できない場合はほかの場所が使用されます。",
    any: "なし: 最も早く応答する場所",
    save: "保存",
    not_saved: |_| "ドメインは保存されませんでした".to_owned(),
    problem: |problem| match problem {
        DomainProblem::PrimaryLocation => "このドメインに到達できる場所を選んでください。",
        DomainProblem::ServedBy => {
            "この種類のコネクタはドメインに参加していません。別の種類を選んでください。"
        }
        DomainProblem::Gone => "参加しているコネクタがないため、このドメインはなくなりました。",
        DomainProblem::FormExpired => {
            "フォームの有効期間が過ぎました。値を確認して、もう一度保存してください。"
        }
        DomainProblem::NotStored => "変更を保存できませんでした。1 分後にもう一度試してください。",
    },
};
