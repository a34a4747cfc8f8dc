//! Texts of *Administrators*.

use crate::administrators::{
    Access, AccessProblem, AdministratorStatus, AdministratorsProblem, Right,
};

/// Texts of the pages. `ends` is a time in words.
#[derive(Debug)]
pub(crate) struct AdministratorTexts {
    pub(crate) title: &'static str,
    pub(crate) invite: &'static str,
    pub(crate) kind_label: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) name: &'static str,
    pub(crate) email: &'static str,
    pub(crate) status_label: &'static str,
    pub(crate) status: fn(&AdministratorStatus) -> &'static str,
    pub(crate) valid_until: fn(ends: &str) -> String,
    pub(crate) invite_again: &'static str,
    pub(crate) access_label: &'static str,
    pub(crate) access: fn(&Access) -> &'static str,
    pub(crate) provider_label: &'static str,
    pub(crate) provider: &'static str,
    pub(crate) actions: fn(name: &str) -> String,
    pub(crate) action: &'static str,
    pub(crate) you: &'static str,
    pub(crate) copy_email: &'static str,
    pub(crate) edit_access: &'static str,
    pub(crate) resend: &'static str,
    pub(crate) delete: &'static str,
    pub(crate) link_heading: &'static str,
    pub(crate) link: fn(email: &str, ends: &str, mailed: bool) -> String,
    pub(crate) link_once: &'static str,
    pub(crate) copy_link: &'static str,
    pub(crate) access_changed: &'static str,
    pub(crate) deleted: &'static str,
    pub(crate) timeout_saved: &'static str,
    pub(crate) not_done: fn(usize) -> String,
    pub(crate) list_problem: fn(AdministratorsProblem) -> &'static str,
    pub(crate) timeout_heading: &'static str,
    pub(crate) timeout_explanation: &'static str,
    pub(crate) timeout_on: &'static str,
    pub(crate) timeout_minutes: &'static str,
    pub(crate) timeout_hint: &'static str,
    pub(crate) save: &'static str,
    pub(crate) invite_title: &'static str,
    pub(crate) access_title: &'static str,
    pub(crate) invite_button: &'static str,
    pub(crate) email_hint: &'static str,
    pub(crate) name_hint: &'static str,
    pub(crate) set_access: &'static str,
    pub(crate) full: &'static str,
    pub(crate) full_hint: &'static str,
    pub(crate) custom: &'static str,
    pub(crate) custom_hint: &'static str,
    pub(crate) rights: &'static str,
    pub(crate) right: fn(&Right) -> &'static str,
    pub(crate) right_hint: fn(&Right) -> &'static str,
    pub(crate) not_saved: fn(usize) -> String,
    pub(crate) access_problem: fn(AccessProblem) -> &'static str,
    pub(crate) delete_title: &'static str,
    pub(crate) delete_question: fn(name: &str) -> String,
    pub(crate) delete_consequence: &'static str,
    pub(crate) delete_self: &'static str,
}

pub(crate) const ENGLISH: AdministratorTexts = AdministratorTexts {
    title: "Administrators",
    invite: "Add administrator",
    kind_label: "Type",
    kind: "User",
    name: "Display name",
    email: "E-mail",
    status_label: "Status",
    status: |status| match status {
        AdministratorStatus::Active => "Active",
        AdministratorStatus::InviteSent => "Invite Sent",
        AdministratorStatus::Expired => "Expired",
    },
    valid_until: |ends| format!("Until {ends}"),
    invite_again: "Delete the entry and invite again",
    access_label: "Access",
    access: |access| match access {
        Access::Full => "Full",
        Access::Custom(_) => "Custom",
    },
    provider_label: "Identity provider",
    provider: "This console",
    actions: |name| format!("Actions for {name}"),
    action: "Actions",
    you: "You",
    copy_email: "Copy e-mail address",
    edit_access: "Edit access",
    resend: "Resend invitation",
    delete: "Delete administrator",
    link_heading: "Invitation link",
    link: |email, ends, mailed| match mailed {
        true => format!("It was sent to {email} and can be accepted until {ends}."),
        false => format!(
            "No mail server is set up: give this link to {email} yourself. It can be accepted until {ends}."
        ),
    },
    link_once: "The link is shown now and never again. Whoever opens it becomes the administrator.",
    copy_link: "the invitation link",
    access_changed: "Access is changed. It holds within one minute.",
    deleted: "The administrator is deleted and signed out within one minute.",
    timeout_saved: "The time-out is saved.",
    not_done: |_| "Nothing was changed".to_owned(),
    list_problem: |problem| match problem {
        AdministratorsProblem::Timeout => "Type a whole number of minutes from 10 to 720.",
        AdministratorsProblem::Accepted => "The invitation has been accepted already.",
        AdministratorsProblem::InvitationExpired => {
            "The invitation has expired. Delete the entry and invite again."
        }
        AdministratorsProblem::Gone => "Somebody has deleted this administrator meanwhile.",
        AdministratorsProblem::FormExpired => {
            "This page was open for too long. Look at it, then try again."
        }
        AdministratorsProblem::NotStored => {
            "The change could not be stored. Try again in a minute."
        }
    },
    timeout_heading: "Inactivity time-out",
    timeout_explanation: "Sessions of all administrators end after 72 hours. They can also end when nobody has used them for a while.",
    timeout_on: "End sessions that are not used",
    timeout_minutes: "Minutes without use",
    timeout_hint: "10 to 720 minutes, which is 12 hours.",
    save: "Save",
    invite_title: "Add administrator",
    access_title: "Edit access",
    invite_button: "Send invitation",
    email_hint: "The invitation holds for this address, for 5 days.",
    name_hint: "As it appears in lists and in the system log.",
    set_access: "Set access",
    full: "Full access",
    full_hint: "Everything, administrators and product registrations included.",
    custom: "Custom access",
    custom_hint: "Only what is chosen below.",
    rights: "Rights of custom access",
    right: |right| match right {
        Right::Dashboard => "Overview",
        Right::Domains => "Domains",
        Right::Notifications => "Notifications",
        Right::ResourceLocations => "Resource locations",
        Right::SecureClients => "Secure clients",
        Right::SystemLog => "System log",
        Right::Requests => "Requests",
    },
    right_hint: |right| match right {
        Right::Dashboard => "See resource locations and connectors, change nothing.",
        Right::Domains => "See domains, choose who serves them, enable and disable them.",
        Right::Notifications => "See and dismiss notifications.",
        Right::ResourceLocations => "Add and change locations, connectors and their updates.",
        Right::SecureClients => "Create and delete secure clients of one's own.",
        Right::SystemLog => "Read and export the system log.",
        Right::Requests => "Ask directories and web servers through the connectors.",
    },
    not_saved: |count| match count {
        1 => "Nothing was changed".to_owned(),
        _ => format!("Nothing was changed: {count} problems"),
    },
    access_problem: |problem| match problem {
        AccessProblem::Email => "Type an e-mail address, such as name@example.com.",
        AccessProblem::EmailTaken => {
            "An administrator or an open invitation has this address. Look in the list."
        }
        AccessProblem::Name => {
            "Type a name of 1 to 64 characters, without / \\ # ? % | [ ] { } < > $ ^ & +"
        }
        AccessProblem::NoRights => "Choose one right at least, or full access.",
        AccessProblem::LastFull => {
            "This is the last administrator with full access. Give another one full access first."
        }
        AccessProblem::Gone => "Somebody has deleted this administrator meanwhile.",
        AccessProblem::FormExpired => {
            "This form was open for too long. Check the values and send it again."
        }
        AccessProblem::NotStored => "The change could not be stored. Try again in a minute.",
    },
    delete_title: "Delete administrator",
    delete_question: |name| format!("Delete {name}?"),
    delete_consequence: "The administrator is signed out within one minute. Connectors keep working; secure clients of the administrator are refused.",
    delete_self: "This is your own entry: you are signed out within one minute and cannot come back by yourself. Connectors keep working; your secure clients are refused.",
};

pub(crate) const JAPANESE: AdministratorTexts = AdministratorTexts {
    title: "管理者",
    invite: "管理者を追加",
    kind_label: "種類",
    kind: "ユーザー",
    name: "表示名",
    email: "メール アドレス",
    status_label: "状態",
    status: |status| match status {
        AdministratorStatus::Active => "アクティブ",
        AdministratorStatus::InviteSent => "招待送信済み",
        AdministratorStatus::Expired => "期限切れ",
    },
    valid_until: |ends| format!("{ends} まで"),
    invite_again: "項目を削除して招待し直してください",
    access_label: "アクセス権",
    access: |access| match access {
        Access::Full => "フル",
        Access::Custom(_) => "カスタム",
    },
    provider_label: "ID プロバイダー",
    provider: "このコンソール",
    actions: |name| format!("{name} の操作"),
    action: "操作",
    you: "あなた",
    copy_email: "メール アドレスをコピー",
    edit_access: "アクセス権を編集",
    resend: "招待を再送信",
    delete: "管理者を削除",
    link_heading: "招待リンク",
    link: |email, ends, mailed| match mailed {
        true => format!("{email} に送信しました。{ends} まで承諾できます。"),
        false => format!(
            "メール サーバーが設定されていません。このリンクを {email} に直接渡してください。{ends} まで承諾できます。"
        ),
    },
    link_once: "リンクが表示されるのは今回だけです。リンクを開いた人が管理者になります。",
    copy_link: "招待リンク",
    access_changed: "アクセス権を変更しました。1 分以内に有効になります。",
    deleted: "管理者を削除しました。1 分以内にサインアウトされます。",
    timeout_saved: "タイムアウトを保存しました。",
    not_done: |_| "何も変更されませんでした".to_owned(),
    list_problem: |problem| match problem {
        AdministratorsProblem::Timeout => "10 ～ 720 の整数で分数を入力してください。",
        AdministratorsProblem::Accepted => "招待は既に承諾されています。",
        AdministratorsProblem::InvitationExpired => {
            "招待の有効期限が切れています。項目を削除して招待し直してください。"
        }
        AdministratorsProblem::Gone => "この管理者は別の管理者によって削除されました。",
        AdministratorsProblem::FormExpired => {
            "ページの有効期間が過ぎました。内容を確認して、もう一度操作してください。"
        }
        AdministratorsProblem::NotStored => {
            "変更を保存できませんでした。1 分後にもう一度試してください。"
        }
    },
    timeout_heading: "非アクティブ タイムアウト",
    timeout_explanation: "すべての管理者のセッションは 72 時間で終了します。一定時間使用しない場合に終了させることもできます。",
    timeout_on: "使用していないセッションを終了する",
    timeout_minutes: "使用しない時間 (分)",
    timeout_hint: "10 ～ 720 分 (12 時間) です。",
    save: "保存",
    invite_title: "管理者の追加",
    access_title: "アクセス権の編集",
    invite_button: "招待を送信",
    email_hint: "招待はこのアドレスに対して 5 日間有効です。",
    name_hint: "一覧やシステム ログに表示されます。",
    set_access: "アクセス権の設定",
    full: "フル アクセス",
    full_hint: "管理者と製品の登録を含む、すべての操作ができます。",
    custom: "カスタム アクセス",
    custom_hint: "下で選んだ操作だけができます。",
    rights: "カスタム アクセスの権限",
    right: |right| match right {
        Right::Dashboard => "概要",
        Right::Domains => "ドメイン",
        Right::Notifications => "通知",
        Right::ResourceLocations => "リソースの場所",
        Right::SecureClients => "セキュア クライアント",
        Right::SystemLog => "システム ログ",
        Right::Requests => "要求",
    },
    right_hint: |right| match right {
        Right::Dashboard => "リソースの場所とコネクタを表示します。変更はできません。",
        Right::Domains => "ドメインの表示、担当するコネクタの選択、有効化と無効化を行います。",
        Right::Notifications => "通知を表示して消去します。",
        Right::ResourceLocations => "場所、コネクタ、更新の追加と変更を行います。",
        Right::SecureClients => "自分のセキュア クライアントを作成して削除します。",
        Right::SystemLog => "システム ログを表示してエクスポートします。",
        Right::Requests => "コネクタを通じてディレクトリや Web サーバーに要求を送信します。",
    },
    not_saved: |count| match count {
        1 => "何も変更されませんでした".to_owned(),
        _ => format!("何も変更されませんでした: {count} 件の問題"),
    },
    access_problem: |problem| match problem {
        AccessProblem::Email => "name@example.com のようなメール アドレスを入力してください。",
        AccessProblem::EmailTaken => {
            "このアドレスの管理者または招待が既にあります。一覧を確認してください。"
        }
        AccessProblem::Name => {
            "名前を 1 ～ 64 文字で入力してください。/ \\ # ? % | [ ] { } < > $ ^ & + は使用できません"
        }
        AccessProblem::NoRights => "権限を 1 つ以上選ぶか、フル アクセスを選んでください。",
        AccessProblem::LastFull => {
            "フル アクセス権を持つ最後の管理者です。先に別の管理者にフル アクセス権を与えてください。"
        }
        AccessProblem::Gone => "この管理者は別の管理者によって削除されました。",
        AccessProblem::FormExpired => {
            "フォームの有効期間が過ぎました。値を確認して、もう一度送信してください。"
        }
        AccessProblem::NotStored => "変更を保存できませんでした。1 分後にもう一度試してください。",
    },
    delete_title: "管理者の削除",
    delete_question: |name| format!("{name} を削除しますか?"),
    delete_consequence: "管理者は 1 分以内にサインアウトされます。コネクタは動作を続けますが、この管理者のセキュア クライアントは拒否されます。",
    delete_self: "これはあなた自身の項目です。1 分以内にサインアウトされ、自分で戻ることはできません。コネクタは動作を続けますが、あなたのセキュア クライアントは拒否されます。",
};
