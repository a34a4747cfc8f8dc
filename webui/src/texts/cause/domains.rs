//! Causes in joined Active Directory domains.
//!
//! The first step depends on why; it stands with the failures of domains and is put before the ones
//! here.

use model::health::Cause;

use super::CauseText;

/// The text in English; `None` for causes of another kind.
pub(super) fn english(cause: &Cause) -> Option<CauseText> {
    let text = match cause {
        Cause::DomainUnusable { domain, .. } => CauseText {
            state: "One not usable",
            headline: format!("The domain {domain} cannot be used."),
            consequence: "Its users and groups are not found through this appliance.",
            remedies: vec!["Then validate Kerberos in the menu of the domain.".to_owned()],
        },
        Cause::MachinePasswordNotChanged { domain, .. } => CauseText {
            state: "Password due",
            headline: format!(
                "The password of the machine account in {domain} is due and could not be changed."
            ),
            consequence: "The present one still works, and the appliance tries again by itself.",
            remedies: vec!["Then change the password in the menu of the domain.".to_owned()],
        },
        Cause::ForestUnreachable { domain, forest, .. } => CauseText {
            state: "Forest not reachable",
            headline: format!("{forest}, the root of the forest of {domain}, cannot be reached."),
            consequence: "The domain works; memberships in groups of other domains of the forest may be missing.",
            remedies: Vec::new(),
        },
        _ => return None,
    };
    Some(text)
}

/// The text in Japanese; `None` for causes of another kind.
pub(super) fn japanese(cause: &Cause) -> Option<CauseText> {
    let text = match cause {
        Cause::DomainUnusable { domain, .. } => CauseText {
            state: "一部使用不可",
            headline: format!("ドメイン {domain} を使用できません。"),
            consequence: "このアプライアンスからは、そのユーザーとグループを検索できません。",
            remedies: vec!["その後、ドメインのメニューで Kerberos を検証してください。".to_owned()],
        },
        Cause::MachinePasswordNotChanged { domain, .. } => CauseText {
            state: "パスワード変更待ち",
            headline: format!(
                "{domain} のマシン アカウントのパスワードの変更時期ですが、変更できませんでした。"
            ),
            consequence: "現在のパスワードは引き続き使用でき、アプライアンスが自動的に再試行します。",
            remedies: vec!["その後、ドメインのメニューでパスワードを変更してください。".to_owned()],
        },
        Cause::ForestUnreachable { domain, forest, .. } => CauseText {
            state: "フォレスト到達不可",
            headline: format!("{domain} のフォレストのルート {forest} に到達できません。"),
            consequence: "ドメインは使用できますが、フォレスト内の他のドメインのグループへの所属を取得できないことがあります。",
            remedies: Vec::new(),
        },
        _ => return None,
    };
    Some(text)
}
