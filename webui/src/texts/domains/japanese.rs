//! Japanese texts of the section *Active Directory domains*.

use model::domain::check::{CheckFact, CheckItem};
use model::domain::lookup::{LookupError, LookupKey, MAX_TEXT, MIN_PREFIX, ObjectKind};
use model::domain::status::{JoinStep, TrustDirection, TrustKind};
use model::domain::{
    DomainNameError, MAX_MACHINE_NAME, MachineNameError, OrganizationalUnitError, UserNameError,
};

use super::DomainsTexts;
use crate::texts::domain_failure::japanese::{PORTS, controllers, difference};

pub(crate) const TEXTS: DomainsTexts = DomainsTexts {
    heading: "Active Directory ドメイン",
    hint: "アプライアンスは、各ドメインに専用のマシン アカウントを持ち、ユーザーとグループを検索します。",
    joined: "参加済みドメイン",
    trusted: "信頼されたドメイン",
    empty: "参加しているドメインはありません。",
    empty_remedy: "このリソースの場所を通じてサインインするユーザーのドメインを追加してください。",
    silent: "ディレクトリ サービスが応答していません。",
    silent_remedy: "自動的に再起動します。数秒後に一覧が表示されます。",
    domain: "ドメイン",
    forest: |forest| format!("フォレスト {forest}"),
    machine: "マシン アカウント",
    controller: "ドメイン コントローラー",
    no_controller: "なし",
    site: |site, latency| match site {
        "" => latency.to_owned(),
        site => format!("サイト {site}、{latency}"),
    },
    validated: "Kerberos の検証",
    never: "未実施",
    state: "状態",
    actions: "操作",
    healthy: "正常",
    unusable: "使用不可",
    with_problem: "要確認",
    not_checked: "確認中",
    since: |at| format!("{at} から"),
    passed: "合格",
    failed: "不合格",
    password_problem: "マシン アカウントのパスワードの変更時期ですが、変更できませんでした。",
    forest_problem: |forest| format!("フォレストのルート ドメイン {forest} に到達できません。"),
    what_to_do: "対処方法:",
    menu: |domain| format!("{domain} のその他の操作"),
    validate: "Kerberos を検証",
    show_account: "マシン アカウントを表示",
    change_password: "パスワードを今すぐ変更",
    leave: |domain| format!("{domain} から離脱"),

    trusts_hint: "参加済みドメインに設定されている信頼関係です。アプライアンスは各ドメインに個別に参加するため、信頼関係を必要としません。",
    trusts_empty: "参加済みドメインに、他のドメインとの信頼関係はありません。",
    trust_name: "信頼されたドメイン",
    trust_of: "参加済みドメイン",
    trust_direction: "方向",
    trust_kind: "種類",
    direction: |direction| match direction {
        TrustDirection::Disabled => "無効",
        TrustDirection::Inbound => "相手が参加済みドメインを信頼",
        TrustDirection::Outbound => "参加済みドメインが相手を信頼",
        TrustDirection::Bidirectional => "双方向",
    },
    kind: |kind| match kind {
        TrustKind::WithinForest => "フォレスト内",
        TrustKind::Forest => "フォレストの信頼",
        TrustKind::External => "外部の信頼",
        TrustKind::Realm => "Kerberos 領域",
    },
    reachable: |reachable| match reachable {
        Some(true) => "到達可能",
        Some(false) => "到達不可",
        None => "未確認",
    },

    add: "Active Directory ドメインの追加",
    add_button: "追加",
    optional: "(省略可)",
    name: "ドメイン名",
    name_hint: "corp.example.com のような、ドメインの DNS 名です。何かを尋ねたり作成したりする前に、ドメインを確認します。",
    dns: "ドメインを知っている DNS サーバー",
    dns_hint: "アプライアンスの DNS サーバーがドメインを解決できない場合にのみ必要です。IPv4 アドレスをコンマで区切って入力します。",
    not_added: |problems| {
        format!("{problems} 個の項目を修正してください。まだ何も確認されていません。")
    },
    name_problem,
    dns_problem: |text| {
        format!(
            "「{text}」は IPv4 アドレスではありません。10.71.0.10 のように、0 から 255 までの 4 つの数値を入力してください。"
        )
    },
    too_many_dns: |limit| format!("DNS サーバーは {limit} 台までです。減らしてください。"),
    form_expired: "フォームを開いてから時間がたちすぎました。もう一度入力して送信してください。",
    role_silent: "ディレクトリ サービスが応答していません。自動的に再起動します。数秒後にもう一度試してください。",
    role_failed: "ディレクトリ サービスで実行できませんでした。もう一度試してください。解決しない場合は、診断レポートをダウンロードしてサポートに送付してください。",

    join_title: "Active Directory への参加",
    of_forest: |domain, forest| format!("{domain} (フォレスト {forest})"),
    check: "ドメインの確認",
    checking: |done, all| format!("{all} 項目中 {done} 項目を確認済み"),
    check_passed: |passed, noted| match noted {
        0 => format!("{passed} 項目すべて合格"),
        noted => format!("{passed} 項目合格、{noted} 項目に注意"),
    },
    check_failed: |failed, all| format!("{all} 項目中 {failed} 項目が不合格"),
    cannot_join: |domain| format!("{domain} にはまだ参加できません。"),
    nothing_created: "ドメインには何も作成されていません。不合格の項目に示された対処を行ってから、もう一度確認してください。",
    item: |item| match item {
        CheckItem::Dns => "DNS のドメイン コントローラー",
        CheckItem::Controllers => "応答するドメイン コントローラー",
        CheckItem::Kerberos => "Kerberos",
        CheckItem::Ldap => "LDAP",
        CheckItem::PasswordChange => "パスワード変更",
        CheckItem::GlobalCatalog => "グローバル カタログ",
        CheckItem::Clock => "時計",
        CheckItem::FunctionalLevel => "機能レベル",
    },
    fact,
    fact_advice,
    item_waiting: "待機中",
    item_left_out: "未確認",
    item_failed: "不合格",
    check_again: "もう一度確認",
    other_domain: "別のドメイン",

    account_and_name: "アカウントとマシン名",
    user: "ユーザー名",
    user_hint: "ドメインにコンピューターを追加できるユーザー: 名前、名前@ドメイン、DOMAIN\\名前 のいずれか。",
    password: "パスワード",
    password_hint: "参加時に一度だけ使用し、保存しません。",
    machine_name: "マシン名",
    machine_hint: "このアプライアンスの名前から提案しています。15 文字までの英字、数字、ハイフン。この名前のアカウントが Active Directory に作成されます。",
    place: "ディレクトリ内の場所",
    unit: "組織単位",
    unit_hint: "例: OU=Connectors,DC=example,DC=com。空欄にすると、コンピューター用の既定の場所が使用されます。",
    availability: "可用性のために、",
    availability_more: "リソースの場所の少なくとも 2 台のアプライアンスから各ドメインに参加してください。",
    join: "参加",
    joining: "参加しています...",
    step: |step| match step {
        JoinStep::Finding => "書き込み可能なドメイン コントローラーを探しています",
        JoinStep::SigningIn => "サインインしています",
        JoinStep::MakingAccount => "マシン アカウントを準備しています",
        JoinStep::Proving => "アカウントが使用できることを確認しています",
    },
    not_joined: "ドメインに参加していません。",
    user_problem,
    machine_problem,
    unit_problem: |problem| match problem {
        OrganizationalUnitError::TooLong => {
            "組織単位が長すぎます。貼り付けた内容を確認してください。".to_owned()
        }
        OrganizationalUnitError::NotDistinguished { text } => format!(
            "「{text}」は識別名ではありません。OU=Connectors,DC=example,DC=com のように、すべて入力してください。"
        ),
    },
    password_missing: "ユーザーのパスワードを入力してください。",
    password_too_long: "パスワードが 1024 バイトを超えています。貼り付けた内容を確認してください。",
    busy: "別のドメインへの参加処理が実行中です。終わってからもう一度試してください。",
    take_over: |account| format!("{account} を引き継ぐ"),
    take_over_hint: "アカウントのパスワードがリセットされます。現在このアカウントを使用しているマシンは、ドメインに接続できなくなります。ユーザーのパスワードをもう一度入力してください。",

    account: "マシン アカウント",
    account_place: "ディレクトリ内の場所",
    unknown: "不明",
    password_changed: "パスワードの変更日時",
    password_age: |at, days| match days {
        0 => format!("{at} (今日)"),
        days => format!("{at} ({days} 日前)"),
    },
    password_rule: |days| format!("アプライアンスが {days} 日ごとに自動で変更します。"),
    joined_at: "参加日時",
    netbios: "NetBIOS 名",
    forest_root: "フォレスト",
    client_site: "アプライアンスのサイト",
    no_site: "なし (サブネットがどのサイトにも属していません)",
    dns_servers: "DNS サーバー",
    own_dns: "アプライアンスの DNS サーバー",
    kerberos: "Kerberos",
    kerberos_hint: "マシンとして新しいチケットを取得し、封印された接続でディレクトリを読み取り、ドメインが本物であることを確認します。",
    validation_passed: |at, host, took| format!("{at} に {host} で合格 (所要時間 {took})"),
    validation_failed: |at, why| format!("{at} に不合格: {why}"),
    not_done: "実行されませんでした。",

    lookup: "ディレクトリの検索",
    lookup_hint: "クラウドからの問い合わせを試験します。マシン アカウントから見えるユーザー、グループ、コンピューターを検索します。何も変更されません。",
    object: "対象",
    object_kind: |kind| match kind {
        ObjectKind::User => "ユーザー",
        ObjectKind::Group => "グループ",
        ObjectKind::Computer => "コンピューター",
    },
    by: "検索項目",
    key: |key| match key {
        LookupKey::AccountName => "ログオン名 (sAMAccountName)",
        LookupKey::UserPrincipalName => "ユーザー プリンシパル名",
        LookupKey::Mail => "メール アドレス",
        LookupKey::DisplayName => "表示名の先頭",
        LookupKey::Sid => "セキュリティ識別子 (SID)",
        LookupKey::Guid => "GUID",
    },
    value: "値",
    with_groups: "所属も取得する: ユーザーとコンピューターは入れ子とユニバーサルを含むすべてのグループ、グループはそのメンバー",
    look_up: "検索",
    lookup_problem,
    found: |count, host, took| format!("{host} から {count} 件 (所要時間 {took})"),
    found_nothing: "何も見つかりませんでした。値と、ドメインが正しいかを確認してください。",
    more: "次のページ",
    column_name: "名前",
    column_account: "アカウント",
    column_ids: "識別子",
    column_groups: "所属",
    groups: |count| format!("{count} グループ"),
    members: |count| format!("{count} メンバー"),
    disabled: "無効",

    leave_title: "Active Directory ドメインからの離脱",
    leave_question: |domain| format!("{domain} から離脱しますか?"),
    leave_consequence: "アプライアンスはマシン アカウントのパスワードを破棄し、このドメインのユーザーはこのアプライアンスから検索できなくなります。",
    leave_note: |account, domain| {
        format!(
            "ここで削除しない場合、マシン アカウント {account} は {domain} に残ります。名前を控えて、ドメインで削除してください。"
        )
    },
    leave_delete: "マシン アカウントを今すぐ削除",
    leave_delete_hint: "コンピューター アカウントを削除できるユーザーを入力してください。空欄にすると、アカウントは残ります。",
    leave_button: "続ける",
    not_left: "ドメインから離脱していません。",
    left: |domain| format!("{domain} から離脱しました"),
    left_deleted: |account| {
        format!(
            "マシン アカウント {account} はドメインから削除されました。ほかに必要な操作はありません。"
        )
    },
    left_by_hand: |account, domain| {
        format!(
            "{domain} にマシン アカウント {account} が残っている場合は、「Active Directory ユーザーとコンピューター」などで手動で削除してください。"
        )
    },
    back: "コネクタの管理に戻る",
};

fn name_problem(problem: &DomainNameError) -> String {
    match problem {
        DomainNameError::Empty => {
            "corp.example.com のような、ドメインの DNS 名を入力してください。".to_owned()
        }
        DomainNameError::TooLong { length } => format!(
            "名前が {length} 文字あります。DNS 名は 253 文字までです。貼り付けた内容を確認してください。"
        ),
        DomainNameError::Address { address } => format!(
            "{address} はアドレスです。ドメインの DNS 名を入力してください。DNS サーバーには別の項目があります。"
        ),
        DomainNameError::SingleLabel { name } => format!(
            "「{name}」にドットがないため、NetBIOS 名の可能性があります。{}.example.com のような DNS 名を入力してください。",
            name.to_ascii_lowercase()
        ),
        DomainNameError::Label { label } if label.is_empty() => {
            "ドットが連続しているか、先頭にあります。1 つ取り除いてください。".to_owned()
        }
        DomainNameError::Label { label } => format!(
            "「{label}」はドメイン名に使用できません。各部分は 63 文字までの英字、数字、ハイフンです。"
        ),
    }
}

fn user_problem(problem: &UserNameError) -> String {
    match problem {
        UserNameError::Empty => {
            "ドメインにコンピューターを追加できるユーザーを入力してください。".to_owned()
        }
        UserNameError::TooLong => {
            "ユーザー名が長すぎます。貼り付けた内容を確認してください。".to_owned()
        }
        UserNameError::Character { character } => format!(
            "ユーザー名に、ログオン名では使用できない文字 {character:?} が含まれています。表示名ではなくログオン名を入力してください。"
        ),
        UserNameError::Part => {
            "ユーザー名の一部が欠けています。名前、名前@ドメイン、DOMAIN\\名前 のいずれかを入力してください。".to_owned()
        }
    }
}

fn machine_problem(problem: &MachineNameError) -> String {
    match problem {
        MachineNameError::Empty => "マシン名を入力してください。".to_owned(),
        MachineNameError::TooLong { length } => {
            format!("マシン名が {length} 文字あります。{MAX_MACHINE_NAME} 文字以内にしてください。")
        }
        MachineNameError::Character { character } => format!(
            "マシン名に {character:?} が含まれています。A から Z までの英字、数字、ハイフンだけを使用してください。"
        ),
        MachineNameError::Hyphen => {
            "マシン名の先頭または末尾がハイフンです。そのハイフンを取り除いてください。".to_owned()
        }
        MachineNameError::OnlyDigits => "マシン名が数字だけです。英字を加えてください。".to_owned(),
    }
}

fn lookup_problem(problem: &LookupError) -> String {
    match problem {
        LookupError::Empty => "検索する値を入力してください。".to_owned(),
        LookupError::TooLong => format!("値が {MAX_TEXT} バイトを超えています。短くしてください。"),
        LookupError::PrefixTooShort => format!(
            "表示名の先頭を {MIN_PREFIX} 文字以上入力してください。短すぎるとディレクトリの大半が該当します。"
        ),
        LookupError::NotSid { value } => format!(
            "「{value}」はセキュリティ識別子ではありません。S-1-5-21-1004336348-1177238915-682003330-512 のような形式です。"
        ),
        LookupError::NotGuid { value } => format!(
            "「{value}」は GUID ではありません。6f1b0c1e-7a52-4c0e-9d35-0d2f6c1f3b77 のような形式です。"
        ),
    }
}

fn fact(fact: &CheckFact) -> (String, Option<String>) {
    match fact {
        CheckFact::Controllers { hosts, count } => (format!("{count} 台"), Some(hosts.join("、"))),
        CheckFact::Answering { answering, count, host, site, .. } => (
            format!("{count} 台中 {answering} 台"),
            Some(match site.as_str() {
                "" => format!("使用中: {host}"),
                site => format!("使用中: {host}、サイト {site}"),
            }),
        ),
        CheckFact::Port { host, milliseconds } => {
            ("接続可能".to_owned(), Some(format!("{host} が {milliseconds} ms で応答")))
        }
        CheckFact::PortClosed { host, port } => {
            ("接続不可".to_owned(), Some(format!("{host} が TCP ポート {port} で応答していません")))
        }
        CheckFact::Clock { seconds } => (
            format!("差は {}", difference(*seconds)),
            Some("Kerberos が許容する差は最大 5 分".to_owned()),
        ),
        CheckFact::Level { level } => (level_name(*level), None),
    }
}

fn fact_advice(fact: &CheckFact) -> String {
    match fact {
        CheckFact::Controllers { .. } => "参加は可能です。".to_owned(),
        CheckFact::Answering { silent, .. } => format!(
            "参加は可能ですが、応答するものがすべて停止するとドメインを使用できなくなります。正常に応答していないもの{}。稼働していることを確認し、アプライアンスからの {PORTS} を許可してください。撤去したものは DNS から削除してください。",
            controllers(silent)
        ),
        CheckFact::Port { .. } => "応答に時間がかかっています。途中のネットワークを確認してください。".to_owned(),
        CheckFact::PortClosed { host, port: 464 } => format!(
            "参加は可能です。マシン パスワードの変更に必要となることがあるため、{host} への TCP ポート 464 を許可してください。"
        ),
        CheckFact::PortClosed { host, port } => format!(
            "参加は可能です。{host} への TCP ポート {port} を許可してください。グローバル カタログがないと、フォレスト内の他のドメインのユニバーサル グループへの所属を検索できません。"
        ),
        CheckFact::Clock { .. } => {
            "参加は可能です。差が 5 分を超える前に、両方で同じタイム サーバーを使用してください。".to_owned()
        }
        CheckFact::Level { .. } => {
            "Windows Server 2008 より前のレベルのドメインには、アプライアンスが必要とする AES キーがありません。そのために参加できない場合は、機能レベルを上げてください。".to_owned()
        }
    }
}

/// `msDS-Behavior-Version` (MS-ADTS 6.1.4.3).
fn level_name(level: u32) -> String {
    let year = match level {
        0 => "2000",
        1 => "2003 混在モード",
        2 => "2003",
        3 => "2008",
        4 => "2008 R2",
        5 => "2012",
        6 => "2012 R2",
        7 => "2016",
        10 => "2025",
        other => return format!("レベル {other}"),
    };
    format!("Windows Server {year}")
}
