//! The failures in Japanese.

use model::domain::failure::{
    ControllerTrouble, DomainFailure as Failure, PortTrouble, Revocation,
};

use super::{DomainFailureTexts, FailureText, list, text};

pub(crate) const TEXTS: DomainFailureTexts = DomainFailureTexts { text: japanese };

/// What every domain controller has to let in.
pub(in crate::texts) const PORTS: &str = "UDP/TCP ポート 389 と TCP ポート 88、464、3268";

fn japanese(failure: &Failure) -> FailureText {
    match failure {
        Failure::DomainUnknown { domain, servers } if servers.is_empty() => text(
            format!(
                "アプライアンスの DNS サーバーには {domain} のドメイン コントローラーが登録されていません。"
            ),
            "名前を確認してください。corp.example.com のようなドメインの DNS 名を指定します。名前が正しい場合は、このドメインを知っている DNS サーバー (通常はドメイン コントローラー) を入力するか、DNS にこのドメインの転送を設定してください。",
        ),
        Failure::DomainUnknown { domain, servers } => text(
            format!(
                "DNS サーバー {} には {domain} のドメイン コントローラーが登録されていません。",
                list(servers)
            ),
            "名前を確認してください。corp.example.com のようなドメインの DNS 名を指定します。名前が正しい場合は、ドメインの DNS を提供するドメイン コントローラーなど、別の DNS サーバーを入力してください。",
        ),
        Failure::DnsSilent { servers } if servers.is_empty() => text(
            "DNS サーバーが応答していません。".to_owned(),
            "アプライアンスから DNS サーバーへの UDP/TCP ポート 53 を許可してください。サーバーはネットワーク設定で確認できます。",
        ),
        Failure::DnsSilent { servers } => text(
            format!("DNS サーバーが応答していません。問い合わせ先: {}。", list(servers)),
            "アプライアンスからこれらのサーバーへの UDP/TCP ポート 53 を許可し、サーバーが稼働していることを確認してください。",
        ),
        Failure::DnsFailed { reason } => text(
            format!("DNS サーバーから有効な応答を得られません: {reason}。"),
            "DNS サーバーのログを確認するか、ドメイン コントローラーなど、ドメインを知っている別の DNS サーバーを入力してください。",
        ),
        Failure::ControllersUnresolved { domain, hosts } => text(
            format!(
                "DNS に {domain} のドメイン コントローラーの名前はありますが、どの IPv4 アドレスも登録されていません: {}。",
                list(hosts)
            ),
            "ドメインのゾーンにホスト レコード (A) を追加するか、各コントローラーで「ipconfig /registerdns」を実行してください。アプライアンスは IPv4 を使用します。",
        ),
        Failure::NoControllerAnswers { domain, tried } => text(
            format!(
                "{domain} のどのドメイン コントローラーも応答していません{}。",
                controllers(tried)
            ),
            format!("稼働していることを確認し、アプライアンスからの {PORTS} を許可してください。"),
        ),
        Failure::OnlyReadOnly { domain, hosts } => text(
            format!(
                "{domain} の読み取り専用ドメイン コントローラーだけが応答しています: {}。",
                list(hosts)
            ),
            format!(
                "アカウントは書き込み可能なドメイン コントローラーで作成する必要があります。アプライアンスからその 1 台への {PORTS} を許可してください。"
            ),
        ),
        Failure::NotController { host, domain, reason } => text(
            format!("{host} は {domain} のドメイン コントローラーではありません: {reason}。"),
            format!(
                "DNS レコード _ldap._tcp.dc._msdcs.{domain} から廃止したサーバーを削除するか、正しいドメインの DNS サーバーを入力してください。"
            ),
        ),
        Failure::PortClosed { host, port, trouble } => port_closed(host, *port, *trouble),
        Failure::ConnectionLost { host, reason } => text(
            format!("{host} との接続が切れました: {reason}。"),
            "もう一度試してください。別のドメイン コントローラーがあればそちらに問い合わせます。繰り返す場合は、途中の機器が接続を切断していないか確認してください。",
        ),
        Failure::WrongPassword { user } => text(
            format!("{user} のパスワードが違います。"),
            "もう一度入力してください。誤りを繰り返すと、ドメインがアカウントをロックすることがあります。",
        ),
        Failure::UserUnknown { user, domain } => text(
            format!("{domain} にユーザー {user} は存在しません。"),
            format!(
                "つづりを確認してください。表示名ではなくログオン名を、名前、名前@{domain}、DOMAIN\\名前 のいずれかの形式で入力します。"
            ),
        ),
        Failure::ForeignSuffix { user, domain } if user.contains('\\') => text(
            format!("{user} は {domain} ではなく別のドメインのユーザーです。"),
            format!(
                "{domain} のユーザーを入力してください。同じフォレスト内であっても、他のドメインのユーザーは使用できません。"
            ),
        ),
        Failure::ForeignSuffix { user, domain } => text(
            format!("{domain} では、{user} の @ より後ろの部分が認識されません。"),
            format!(
                "{domain} のユーザーの場合は、DOMAIN\\名前 の形式で入力してください。「Active Directory ユーザーとコンピューター」の [アカウント] タブに「ユーザー ログオン名 (Windows 2000 より前)」として表示されます。別のドメインのユーザーの場合は、代わりに {domain} のユーザーを入力してください。同じフォレスト内であっても、他のドメインのユーザーは使用できません。"
            ),
        ),
        Failure::AccountRevoked { user, why } => revoked(user, *why),
        Failure::PasswordExpired { user } => text(
            format!("{user} のパスワードは期限切れか、次回ログオン時に変更が必要です。"),
            "このユーザーで Windows にサインインして新しいパスワードを設定するか、「ユーザーは次回ログオン時にパスワード変更が必要」をオフにしてから、もう一度試してください。",
        ),
        Failure::LogonNotAllowed { user } => text(
            format!(
                "ドメインのポリシーにより、{user} はここから、または現在の時刻にサインインできません。"
            ),
            "アカウントの「ログオン時間」「ログオン先」と認証ポリシーを確認するか、別のユーザーを使用してください。",
        ),
        Failure::NoAesKeys { user } => text(
            format!(
                "アカウント {user} には AES キーがありません。アプライアンスはこれより弱い暗号を使用しません。"
            ),
            "アカウントのパスワードを一度変更してください。ドメインに AES キーが保存されます。アカウントの暗号化の種類 (msDS-SupportedEncryptionTypes) に AES が含まれていることも確認してください。",
        ),
        Failure::ClockDiffers { host, seconds } => clock(host, *seconds),
        Failure::KerberosRefused { host, code, name } => text(
            format!("{host} が Kerberos エラー {code} ({name}) で拒否しました。"),
            "ドメイン コントローラーのログで同じ時刻のイベントを確認してください: [システム] のソース Kerberos-Key-Distribution-Center と、[セキュリティ] のイベント 4768、4769、4771。",
        ),
        Failure::AnswerNotValid { host, reason } => text(
            format!("{host} の応答が正しくありません: {reason}。"),
            "「dcdiag」でドメイン コントローラーの状態を確認し、途中の機器が通信を書き換えていないことを確かめてください。解決しない場合は、診断レポートをダウンロードしてサポートに送付してください。",
        ),
        Failure::NotGenuine { host, reason } => text(
            format!("{host} がドメインに属することを証明できません: {reason}。"),
            "原因が判明するまでパスワードを入力しないでください。このアドレスを使用しているマシンと、ドメイン コントローラーの DNS レコードが正しいかを調べてください。",
        ),
        Failure::Tampered { host, reason } => text(
            format!("{host} との LDAP 接続が改ざんされたため、切断しました: {reason}。"),
            "検査機能を持つファイアウォールなど、通信を書き換える機器を探し、TCP ポート 389 を対象から外してください。該当する機器がない場合は、セキュリティ担当者に調査を依頼してください。",
        ),
        Failure::NoProtection { host, reason } => text(
            format!(
                "{host} は、アプライアンスが使用できる LDAP の署名も封印も提供していません: {reason}。"
            ),
            "ドメイン コントローラーで Kerberos による署名付き LDAP (SASL、GSSAPI) を許可してください。アプライアンスは保護のない LDAP を使用しません。",
        ),
        Failure::NoRight { user, place } => text(
            format!("{user} には {place} でこの操作を行う権限がありません。"),
            "別のユーザーを使用するか、権限を委任してください。新しいアカウントには組織単位への「コンピューター オブジェクトの作成」、引き継ぎには「パスワードのリセット」と「アカウントの制限の書き込み」、削除には「コンピューター オブジェクトの削除」が必要です。",
        ),
        Failure::QuotaUsedUp { user } => text(
            format!(
                "{user} は、ドメインがユーザーに許可する数のマシン アカウント (ms-DS-MachineAccountQuota) をすでに作成しています。"
            ),
            "別のユーザーを使用するか、組織単位への「コンピューター オブジェクトの作成」をこのユーザーに委任して、その組織単位を入力してください。管理者が事前にアカウントを作成し、それを引き継ぐこともできます。",
        ),
        Failure::NameInUse { account, place, is_machine: true } => text(
            format!("マシン アカウント {account} はすでに存在します: {place}。"),
            "別のマシン名を入力してください。このアプライアンスが以前に参加したときのものなど、使われていないアカウントであれば引き継ぐことができます。",
        ),
        Failure::NameInUse { account, place, is_machine: false } => text(
            format!(
                "アカウント {account} はすでに存在し、マシン アカウントではありません: {place}。"
            ),
            "別のマシン名を入力してください。",
        ),
        Failure::UnitMissing { unit } => text(
            format!("ドメインに {unit} は存在しません。"),
            "識別名を確認してください。組織単位の属性エディターに distinguishedName として表示されます。空欄にすると、コンピューター用の既定の場所が使用されます。",
        ),
        Failure::MachineAccountGone { account } => text(
            format!("マシン アカウント {account} がドメインに存在しません。"),
            "Active Directory のごみ箱から復元するか、ここでドメインから離脱して再び参加してください。作成直後の場合は、ドメイン コントローラー間のレプリケーションが終わるまで待ってください。",
        ),
        Failure::MachineAccountDisabled { account } => text(
            format!("マシン アカウント {account} は無効になっています。"),
            "「Active Directory ユーザーとコンピューター」でアカウントを有効にしてください。",
        ),
        Failure::MachinePasswordChanged { account } => text(
            format!("マシン アカウント {account} のパスワードが別の場所で変更されました。"),
            "ここでドメインから離脱し、同じマシン名でアカウントを引き継いで再び参加してください。誰がリセットしたかも調べてください。別のマシンがこの名前で参加した可能性があります。",
        ),
        Failure::DirectoryRefused { host, code, text: words } => text(
            format!("{host} が LDAP エラー {code} で拒否しました: {words}。"),
            "多くの場合、文面が理由を示しています。不明な場合は、ドメイン コントローラーの Directory Service ログで同じ時刻のイベントを確認してください。",
        ),
        Failure::TooLarge { limit } => text(
            format!("応答がアプライアンスの上限 ({limit}) を超えています。"),
            "名前の先頭をより長く指定するなど、検索範囲を狭めてください。",
        ),
        Failure::AlreadyJoined { domain } => text(
            format!("{domain} にはすでに参加しています。"),
            "何もする必要はありません。別のマシン名で参加するには、先に離脱してください。",
        ),
        Failure::NotJoined { domain } => text(
            format!("{domain} には参加していません。"),
            "その間に離脱した可能性があります。先に参加してください。",
        ),
        Failure::TooManyDomains { limit } => text(
            format!("参加できる上限の {limit} ドメインに達しています。"),
            "使用していないドメインから離脱するか、別のアプライアンスから参加してください。",
        ),
        Failure::NotStored { reason } => text(
            format!(
                "マシン アカウントのパスワードをアプライアンスに保存できませんでした: {reason}。"
            ),
            "ドメインには何も変更されていません。仮想マシンのディスクを確認し、再起動してからもう一度試してください。",
        ),
    }
}

fn trouble(trouble: PortTrouble) -> &'static str {
    match trouble {
        PortTrouble::Refused => "接続を拒否",
        PortTrouble::Silent => "応答なし",
        PortTrouble::Unreachable => "ネットワークが到達不可",
        PortTrouble::WrongAnswer => "想定外の応答",
    }
}

/// `: dc1.example.com (192.0.2.1) is silent`; empty when there are none.
pub(in crate::texts) fn controllers(tried: &[ControllerTrouble]) -> String {
    let each: Vec<_> = tried
        .iter()
        .map(|it| format!("{} ({}) は{}", it.host, it.address, trouble(it.trouble)))
        .collect();
    if each.is_empty() { String::new() } else { format!(": {}", each.join("、")) }
}

fn purpose(port: u16) -> &'static str {
    match port {
        53 => "DNS",
        88 => "Kerberos",
        389 => "LDAP",
        464 => "Kerberos パスワード変更",
        3268 => "グローバル カタログ",
        _ => "Active Directory",
    }
}

fn port_closed(host: &str, port: u16, trouble: PortTrouble) -> FailureText {
    let purpose = purpose(port);
    let open = || {
        format!(
            "途中のファイアウォールで、アプライアンスから {host} への TCP ポート {port} を許可し、サービスが稼働していることを確認してください。"
        )
    };
    match trouble {
        PortTrouble::Refused => {
            text(format!("{host} がポート {port} ({purpose}) への接続を拒否しています。"), open())
        }
        PortTrouble::Silent => {
            text(format!("{host} がポート {port} ({purpose}) で応答していません。"), open())
        }
        PortTrouble::Unreachable => text(
            format!("ネットワークが {host} のポート {port} ({purpose}) に到達できません。"),
            "ネットワーク設定のゲートウェイと、途中の経路やファイアウォールを確認してください。",
        ),
        PortTrouble::WrongAnswer => text(
            format!("{host} のポート {port} では {purpose} 以外のものが応答しています。"),
            format!(
                "{host} がドメイン コントローラーであること、別のプログラムや機器が代わりに応答していないことを確認してください。"
            ),
        ),
    }
}

fn revoked(user: &str, why: Revocation) -> FailureText {
    match why {
        Revocation::Disabled => text(
            format!("アカウント {user} は無効になっています。"),
            "「Active Directory ユーザーとコンピューター」で有効にするか、別のユーザーを使用してください。",
        ),
        Revocation::LockedOut => text(
            format!("アカウント {user} は、誤ったパスワードのためロックアウトされています。"),
            "「Active Directory ユーザーとコンピューター」でロックを解除するか、ドメインのロックアウト期間が過ぎるまで待ってください。",
        ),
        Revocation::Expired => text(
            format!("アカウント {user} の有効期限が切れています。"),
            "「Active Directory ユーザーとコンピューター」の「アカウントの期限」を延長するか、別のユーザーを使用してください。",
        ),
        Revocation::Unknown => text(
            format!(
                "アカウント {user} は無効、ロックアウト、期限切れのいずれかです。ドメイン コントローラーはどれであるかを示していません。"
            ),
            "「Active Directory ユーザーとコンピューター」でアカウントを確認するか、別のユーザーを使用してください。",
        ),
    }
}

fn clock(host: &str, seconds: i64) -> FailureText {
    let way = if seconds < 0 { "遅れて" } else { "進んで" };
    text(
        format!(
            "{host} の時計がアプライアンスの時計より {} {way}います。Kerberos が許容する差は最大 5 分です。",
            difference(seconds)
        ),
        "どちらの時計が誤っているかを調べて修正してください。アプライアンス (ネットワーク設定) とドメイン コントローラーで同じタイム サーバーを使用してください。",
    )
}

/// `7 分 2 秒`, without a sign.
pub(in crate::texts) fn difference(seconds: i64) -> String {
    let seconds = seconds.unsigned_abs();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} 秒"),
        (0, minutes, seconds) => format!("{minutes} 分 {seconds} 秒"),
        (hours, minutes, _) => format!("{hours} 時間 {minutes} 分"),
    }
}
