//! The causes of failed connections in Japanese.

use model::outbound::{
    CertificateTrouble, DnsTrouble, FailureCause, ProxyTrouble, Refusal, RouteTrouble,
};

use super::{OutboundText, OutboundTexts, text};
use crate::time::date_time;

pub(super) const TEXTS: OutboundTexts = OutboundTexts { text: japanese };

fn japanese(cause: &FailureCause) -> OutboundText {
    match cause {
        FailureCause::NoRoute { address, reason } => {
            let (what, step) = route(*reason);
            text(format!("{address} に到達できません。{what}。"), step)
        }
        FailureCause::DnsFailed { name, reason } => {
            let (what, step) = dns(*reason);
            text(format!("名前 {name} を解決できません。{what}。"), step)
        }
        FailureCause::ProxyUnreachable { proxy, reason } => {
            let (what, step) = proxy_trouble(*reason);
            text(format!("プロキシ {proxy} を使用できません。{what}。"), step)
        }
        FailureCause::ProxyAuthenticationRequired { proxy, schemes, credentials_sent } => {
            authentication(&proxy.to_string(), schemes, *credentials_sent)
        }
        FailureCause::ProxyRefused { proxy, status, detail } => {
            let detail = detail.as_ref().map(|it| format!(" ({it})")).unwrap_or_default();
            let step = match status {
                502..=504 => {
                    "プロキシがサーバーに到達できません。プロキシのログ、DNS サーバー、外部への経路を確認してください。"
                }
                500.. => "プロキシ自体に障害があります。プロキシのログを確認してください。",
                _ => {
                    "プロキシの規則で、このアプライアンスのアドレスからサーバーのポート 443 への CONNECT を許可してください。"
                }
            };
            text(
                format!("プロキシ {proxy} が状態コード {status}{detail} で接続を拒否しました。"),
                step,
            )
        }
        FailureCause::TlsIntercepted { issuer, fingerprint, is_authority: true } => text(
            format!(
                "ネットワークで TLS が検査されています。接続は、アプライアンスが信頼していない {issuer} によって傍受されました。"
            ),
            format!(
                "クラウドを検査の対象から除外してください。または、SHA-256 の拇印 {fingerprint} を運用者に確認したうえで、この証明機関を「ルート証明機関」に追加してください。"
            ),
        ),
        FailureCause::TlsIntercepted { issuer, fingerprint, is_authority: false } => text(
            format!(
                "ネットワークで TLS が検査されています。接続は、アプライアンスが信頼していない {issuer} によって傍受されました。"
            ),
            format!(
                "クラウドを検査の対象から除外してください。または、証明機関 {issuer} の証明書を運用者から入手し、「ルート証明機関」に追加してください。サーバー証明書の SHA-256 の拇印は {fingerprint} でした。"
            ),
        ),
        FailureCause::TlsUntrusted { reason, subject, issuer, .. } => {
            let (what, step) = certificate(reason);
            text(
                format!("{issuer} が発行したサーバーの証明書 {subject} は信頼できません。{what}。"),
                step,
            )
        }
        FailureCause::ClockWrong { now, not_before, not_after } => text(
            format!(
                "アプライアンスの時計が正しくありません。時計は {} ですが、サーバーの証明書の有効期間は {} から {} までです。",
                date_time(*now),
                date_time(*not_before),
                date_time(*not_after)
            ),
            "「ネットワーク設定」で NTP サーバーを設定するか、ハイパーバイザーの時計を合わせてください。",
        ),
        FailureCause::ServerRefused { reason } => {
            let (what, step) = refusal(reason);
            text(format!("サーバーが通信を拒否しました。{what}。"), step)
        }
    }
}

const fn route(reason: RouteTrouble) -> (&'static str, &'static str) {
    match reason {
        RouteTrouble::NoRoute => (
            "アプライアンスからの経路がありません",
            "「ネットワーク設定」でアドレスとデフォルト ゲートウェイを確認してください。",
        ),
        RouteTrouble::Unreachable => (
            "ルーターが存在しないと応答したか、同じネットワークにそのアドレスのマシンがありません",
            "アドレスと、マシンの電源が入っていることを確認してください。途中のルーターも確認してください。",
        ),
        RouteTrouble::NoAnswer => (
            "応答がありません",
            "マシンの電源と、ファイアウォールがアプライアンスの通信を許可していることを確認してください。Web プロキシ経由でしか外部に接続できない場合は、「プロキシ サーバー」に追加してください。",
        ),
        RouteTrouble::UnknownProxy => (
            "選択したプロキシは一覧にありません",
            "別のプロキシを選ぶか、プロキシなしにしてください。",
        ),
        RouteTrouble::PlatformService => (
            "機密情報を返すプラットフォームのサービスのアドレスです",
            "別のサーバーを指定してください。このサービスにはアプライアンス自身だけがアクセスします。",
        ),
        RouteTrouble::Forbidden => (
            "ファイアウォールが禁止しています",
            "このアプライアンスのアドレスからの接続を許可してください。Web プロキシ経由でしか外部に接続できない場合は、「プロキシ サーバー」に追加してください。",
        ),
    }
}

const fn dns(reason: DnsTrouble) -> (&'static str, &'static str) {
    match reason {
        DnsTrouble::NotFound => (
            "存在しない名前だと DNS サーバーが応答しています",
            "つづりと、DNS サーバーにその名前が登録されていることを確認してください。",
        ),
        DnsTrouble::NoAddress => (
            "IPv4 アドレスがありません",
            "その名前に IPv4 アドレス (A レコード) を追加するか、別の名前を使用してください。",
        ),
        DnsTrouble::NoAnswer => (
            "DNS サーバーから回答がありません",
            "「ネットワーク設定」の DNS サーバーと、ファイアウォールでポート 53 が許可されていることを確認してください。",
        ),
    }
}

fn proxy_trouble(reason: ProxyTrouble) -> (String, &'static str) {
    let (what, step) = match reason {
        ProxyTrouble::Dns(reason) => {
            return (
                format!("プロキシの名前を解決できず、{}", dns(reason).0),
                "プロキシの名前と DNS サーバーを確認するか、プロキシをアドレスで入力してください。",
            );
        }
        ProxyTrouble::Route(reason) => {
            return (
                route(reason).0.to_owned(),
                "プロキシのアドレスと電源、ファイアウォールがアプライアンスからプロキシのポートへの通信を許可していることを確認してください。",
            );
        }
        ProxyTrouble::Refused => (
            "このポートへの接続を拒否しています",
            "プロキシのサービスを開始するか、ポートを修正してください。それまで予備がない可能性があります。",
        ),
        ProxyTrouble::Closed => (
            "応答せずに接続を閉じています",
            "その理由をプロキシのログで確認し、このアプライアンスのアドレスからの接続を受け付けることを確認してください。",
        ),
        ProxyTrouble::Slow => (
            "応答が時間内に完了しません",
            "プロキシの負荷と、プロキシ自体がサーバーを待っていないかを確認してください。",
        ),
        ProxyTrouble::NotHttp => (
            "応答が HTTP ではありません",
            "ポートを確認してください。別のサービスか、TLS または SOCKS のプロキシのポートです。HTTP プロキシのポートを入力してください。",
        ),
        ProxyTrouble::TooLong => (
            "応答がプロキシとしては長すぎます",
            "ポートを確認してください。別のサービスのポートの可能性があります。",
        ),
    };
    (what.to_owned(), step)
}

fn authentication(proxy: &str, schemes: &[String], credentials_sent: bool) -> OutboundText {
    let has_basic = schemes.iter().any(|scheme| scheme.eq_ignore_ascii_case("basic"));
    let offered = schemes.join(", ");
    match (has_basic, credentials_sent) {
        (true, true) => text(
            format!("プロキシ {proxy} がユーザー名とパスワードを受け付けません。"),
            "ユーザー名とパスワードを入力し直し、アカウントがロックされたり期限切れになったりしていないことを確認してください。",
        ),
        (true, false) => text(
            format!("プロキシ {proxy} には認証が必要です。"),
            "このプロキシのユーザー名とパスワードを入力してください。",
        ),
        (false, _) if schemes.is_empty() => text(
            format!("プロキシ {proxy} には認証が必要ですが、方式が示されていません。"),
            "プロキシの運用者に、基本認証を許可するか、このアプライアンスのアドレスを認証なしで通すよう依頼してください。",
        ),
        (false, _) => text(
            format!(
                "プロキシ {proxy} には {offered} による認証が必要ですが、アプライアンスは対応していません。"
            ),
            "プロキシの運用者に、このアプライアンスの基本認証を許可するか、アドレスを認証なしで通すよう依頼してください。",
        ),
    }
}

fn certificate(reason: &CertificateTrouble) -> (String, &'static str) {
    match reason {
        CertificateTrouble::WrongName { name, names } if names.is_empty() => (
            format!("{name} に対するものではありません"),
            "サーバーの名前と、途中で別のものが応答していないかを確認してください。",
        ),
        CertificateTrouble::WrongName { name, names } => (
            format!("{} に対するもので、{name} に対するものではありません", names.join(", ")),
            "サーバーの名前と、途中で別のものが応答していないかを確認してください。",
        ),
        CertificateTrouble::Expired { not_after } => (
            format!("{} に有効期限が切れています", date_time(*not_after)),
            "サーバーの証明書を更新してもらってください。",
        ),
        CertificateTrouble::SelfSigned => (
            "自己署名証明書です".to_owned(),
            "サーバーに証明機関の証明書を設定してください。独自の証明機関の場合は、「ルート証明機関」に追加してください。",
        ),
        CertificateTrouble::UnknownAuthority => (
            "発行した証明機関が未知のものです".to_owned(),
            "独自の証明機関の場合は、「ルート証明機関」に追加してください。",
        ),
        CertificateTrouble::IncompleteChain => (
            "サーバーが、自身と公的な証明機関の間の証明書を送信していません".to_owned(),
            "証明書チェーン全体を送信するようにサーバーを構成してください。",
        ),
        CertificateTrouble::Signature => (
            "署名が正しくありません".to_owned(),
            "SHA-256 で発行し直してもらい、途中で変更されていないかを確認してください。",
        ),
        CertificateTrouble::Usage => (
            "サーバーには使用できないか、発行元に発行の権限がありません".to_owned(),
            "権限のある証明機関に、拡張キー使用法 serverAuth を付けて発行し直してもらってください。",
        ),
        CertificateTrouble::Malformed => (
            "読み取れません".to_owned(),
            "発行し直してもらい、途中で別のものがサーバーの代わりに応答していないかを確認してください。",
        ),
    }
}

fn refusal(reason: &Refusal) -> (String, &'static str) {
    let (what, step) = match reason {
        Refusal::Refused => (
            "そのポートでは何も待ち受けていません",
            "ポートと、サーバーのサービスが動作していることを確認してください。",
        ),
        Refusal::Reset => (
            "接続が切断されました",
            "途中のファイアウォールが接続を終了していないかと、サーバーのログを確認してください。",
        ),
        Refusal::Closed => (
            "接続が閉じられました",
            "途中のファイアウォールが接続を終了していないかと、サーバーのログを確認してください。",
        ),
        Refusal::NoAnswer => (
            "TLS ハンドシェイクに時間内に応答しません",
            "ファイアウォールが TLS を止めていないかと、サーバーの負荷を確認してください。",
        ),
        Refusal::Alert { alert } => {
            return (
                format!("TLS ハンドシェイクがアラート {alert} で終了しました"),
                "サーバーが何を必要としているかを、サーバーのログで確認してください。",
            );
        }
        Refusal::OldTls => (
            "TLS 1.1 以前、または安全でない暗号だけに対応しています",
            "サーバー、または途中で代わりに応答する装置を TLS 1.2 か 1.3 に更新してください。",
        ),
        Refusal::NotTls => (
            "応答が TLS ではありません",
            "ポートを確認してください。TLS を使わないサービスのポートです。",
        ),
        Refusal::Status { status } => {
            return (
                format!("HTTP 状態コード {status} が返されました"),
                "クラウドの場合は、しばらく待って稼働状況のページを確認してください。それ以外の場合はサーバーのログを確認してください。",
            );
        }
    };
    (what.to_owned(), step)
}
