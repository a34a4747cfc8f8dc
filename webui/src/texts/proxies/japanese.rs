//! Japanese texts of the section *Proxy servers*.

use model::bypass::{BypassListError, BypassRuleError as Rule, MAX_BYPASS_RULES};
use model::network_form::NetworkProblem;
use model::proxy::{
    MAX_CREDENTIAL_BYTES, ProxyCredentialError as Credential, ProxyLocationError as Location,
};

use super::ProxyTexts;
use crate::texts::network_settings::japanese::TEXTS as NETWORK;

pub(crate) const TEXTS: ProxyTexts = ProxyTexts {
    heading: "プロキシ サーバー",
    hint: "社内ネットワークの外への接続に、この順で使用されます。保存したときと 1 分ごとに確認されます。",
    empty: "プロキシ サーバーは設定されていません。アプライアンスはクラウドに直接接続します。",
    empty_remedy: "Web プロキシ経由でしか外部に接続できないネットワークでは追加してください。",
    order: "順序",
    location: "アドレスとポート",
    sign_in: "認証",
    no_sign_in: "なし",
    basic: |user_name| format!("基本認証、ユーザー {user_name}"),
    state: "状態",
    actions: "操作",
    checking: "確認中",
    checking_detail: "数秒後に結果が表示されます。",
    reachable: "接続可能",
    reachable_detail: |milliseconds, at| format!("{milliseconds} ミリ秒で応答 (確認 {at})"),
    unreachable: "接続不可",
    unreachable_detail: |at| format!("確認 {at}"),
    unknown: "不明",
    unknown_detail: "プロキシを確認するサービスが応答しません。",
    what_to_do: "対処方法:",
    move_up: |location| format!("{location} を上へ移動"),
    move_down: |location| format!("{location} を下へ移動"),
    edit: |location| format!("{location} を編集"),
    delete: |location| format!("{location} を削除"),
    add: "プロキシ サーバーを追加",
    edit_title: "プロキシ サーバーの編集",
    location_label: "プロキシの IP アドレスとポート",
    location_hint: "例: 10.71.0.80:3128、proxy.example.com:8080",
    user_name: "ユーザー名",
    password: "パスワード",
    optional: "(省略可)",
    password_hint: "アプライアンスに保存され、表示されることはありません。",
    password_kept: "空のままにすると、現在のパスワードが維持されます。表示されることはありません。",
    user_name_hint: "認証なしで使用する場合は空にします。",
    basic_only: "基本認証のみに対応しています。NTLM、Kerberos、Digest には対応していません。",
    save: "保存",
    not_saved: |problems| {
        format!("{problems} 個の項目を修正してください。まだ何も変更されていません。")
    },
    location_problem,
    credential_problem,
    form_expired: "フォームの有効期間が過ぎました。入力し直して送信してください。",
    not_stored: "変更を保存できませんでした。仮想マシンのディスクを確認し、再起動してからもう一度試してください。",

    delete_title: "プロキシ サーバーの削除",
    delete_question: |location| format!("プロキシ サーバー {location} を削除しますか?"),
    delete_consequence: "新しい接続には、残りのプロキシ サーバーが使用されます。保存されたパスワードも消去されます。",
    delete_last: "これが唯一のプロキシ サーバーです。削除するとアプライアンスはクラウドに直接接続します。ネットワークで許可されている場合にだけ接続できます。",
    delete_button: "プロキシ サーバーを削除する",

    bypass: "プロキシを使わずに直接接続する宛先",
    bypass_always: "常時",
    bypass_own: "追加",
    bypass_none: "ほかにはありません",
    bypass_edit: "例外を編集",
    bypass_title: "プロキシ サーバーの例外",
    bypass_label: "直接接続する名前とアドレス",
    bypass_hint: "1 行に 1 つ入力します。10.0.0.0/8、172.16.0.0/12、192.168.0.0/16 のアドレスには常に直接接続するため、入力は不要です。",
    bypass_written: "書き方",
    bypass_covers: "対象",
    bypass_rules: &[
        ("host.example.com", "この名前だけ (その下の名前は含まない)"),
        (".example.com", "example.com より下のすべての名前 (example.com 自体は含まない)"),
        ("192.0.2.7", "このアドレス"),
        ("192.0.2.0/24", "このネットワークのアドレス"),
        ("*", "すべて (プロキシ サーバーを使用しない)"),
    ],
    bypass_names: "アドレスの規則は、解決されたアドレスがすべて対象に含まれる名前にも適用されます。大文字と小文字、末尾のドット、ポートは区別されません。",
    bypass_effective: "次の接続から有効になります。",
    bypass_not_saved: "まだ何も変更されていません。次の点を修正してください。",
    bypass_changed: |now| {
        format!(
            "例外がほかで次のように変更されました: {now}。入力した内容は下に残っています。保存すると置き換わります。"
        )
    },
    bypass_emptied: "例外がほかで削除されました。入力した内容は下に残っています。保存すると改めて設定されます。",
    bypass_problem,
};

fn location_problem(problem: &Location) -> String {
    match problem {
        Location::Empty => "プロキシのアドレスとポートを入力してください。例: 10.71.0.80:3128".to_owned(),
        Location::Scheme { scheme } => format!("{scheme}:// を除き、アドレスとポートだけを入力してください。例: 10.71.0.80:3128"),
        Location::Credentials => "@ より前の部分を除いてください。ユーザー名とパスワードには専用の欄があります。".to_owned(),
        Location::Path => "ポートより後の部分を除き、アドレスとポートだけを入力してください。例: 10.71.0.80:3128".to_owned(),
        Location::Spaces => "空白が含まれています。空白なしで入力してください。例: 10.71.0.80:3128".to_owned(),
        Location::Ipv6 => "IPv6 アドレスですが、アプライアンスは IPv4 だけを使用します。プロキシの IPv4 アドレスか名前を入力してください。".to_owned(),
        Location::NoPort => "ポートがありません。コロンに続けて入力してください。例: :3128".to_owned(),
        Location::PortNotNumber { port } => format!("ポート「{port}」は数字ではありません。3128 のように数字で入力してください。"),
        Location::PortRange { port } => format!("ポート {port} は存在しません。ポートは 1 から 65535 までです。"),
        Location::NoHost => "コロンの前にアドレスがありません。入力してください。例: 10.71.0.80:3128".to_owned(),
        Location::NotAnAddress { host } => format!("「{host}」は IPv4 アドレスではありません。10.71.0.80 のように、0 から 255 までの 4 つの数字で入力してください。"),
        Location::Address { address, reason } => format!("プロキシのアドレスに {address} は使用できません。{}", (NETWORK.problem)(&NetworkProblem::Unusable(*reason))),
        Location::NotAHost { host } => format!("「{host}」はアドレスでもホスト名でもありません。名前に使えるのは英数字、ハイフン、ドットです。"),
    }
}

fn credential_problem(problem: Credential) -> String {
    match problem {
        Credential::UserNameTooLong => format!("ユーザー名が {MAX_CREDENTIAL_BYTES} バイトを超えています。短くしてください。"),
        Credential::UserNameColon => "コロンを含むユーザー名は基本認証では送信できません。プロキシの別のアカウントを使用してください。".to_owned(),
        Credential::UserNameControl => "ユーザー名に見えない制御文字が含まれています。貼り付けずに入力してください。".to_owned(),
        Credential::PasswordTooLong => format!("パスワードが {MAX_CREDENTIAL_BYTES} バイトを超えています。短いものを使用してください。"),
        Credential::PasswordControl => "パスワードに見えない制御文字が含まれています。貼り付けずに入力してください。".to_owned(),
        Credential::PasswordWithoutUserName => "パスワードだけがあり、ユーザー名がありません。ユーザー名も入力するか、両方を空にしてください。".to_owned(),
    }
}

fn bypass_problem(problem: &BypassListError) -> String {
    let BypassListError::Rule { text, reason } = problem else {
        return format!(
            "規則が {MAX_BYPASS_RULES} 個を超えています。192.0.2.0/24 のようなネットワークなどでまとめてください。"
        );
    };
    let what = match reason {
        Rule::Empty => "内容がありません。除いてください。".to_owned(),
        Rule::Scheme { scheme } => format!("{scheme}:// を除いてください。"),
        Rule::Port => "ポートを除いてください。規則はすべてのポートに適用されます。".to_owned(),
        Rule::Ipv6 => "IPv6 アドレスですが、アプライアンスは IPv4 だけを使用します。".to_owned(),
        Rule::Wildcard => "* は単独か、*.example.com のように先頭にだけ使えます。".to_owned(),
        Rule::NotAnAddress { .. } => {
            "IPv4 アドレスではありません。0 から 255 までの 4 つの数字で入力してください。"
                .to_owned()
        }
        Rule::Mask(reason) => (NETWORK.problem)(&NetworkProblem::Mask(*reason)),
        Rule::HostBits { network } => format!(
            "ネットワーク内のアドレスです。ネットワークなら {network}、アドレス自体なら / を付けずに入力してください。"
        ),
        Rule::NotAName { .. } => {
            "ホスト名でもアドレスでもありません。名前に使えるのは英数字、ハイフン、ドットです。"
                .to_owned()
        }
    };
    format!("「{text}」は使用できません。{what}")
}
