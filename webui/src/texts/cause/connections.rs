//! Causes that stand between the appliance and the outside: proxies, interception, expiry.
//!
//! The first step for a proxy depends on why it cannot be used; it stands with the nine causes of
//! failed connections and is put before the ones here.

use model::health::Cause;

use super::CauseText;
use crate::time;

/// The text in English; `None` for causes of another kind.
pub(super) fn english(cause: &Cause) -> Option<CauseText> {
    let text = match cause {
        Cause::ProxyUnreachable { location, .. } => CauseText {
            state: "One not usable",
            headline: format!("The proxy {location} cannot be used."),
            consequence: "Another proxy of the list is used instead.",
            remedies: vec!["Delete the proxy if it is gone for good.".to_owned()],
        },
        Cause::NoUsableProxy { count, location, .. } => CauseText {
            state: "None usable",
            headline: match count {
                1 => format!("The only proxy, {location}, cannot be used."),
                _ => format!("None of the {count} proxies can be used; the first is {location}."),
            },
            consequence: "Nothing outside your network is reached.",
            remedies: vec!["If the appliance needs no proxy, delete all of them.".to_owned()],
        },
        Cause::TlsIntercepted { issuer, server, .. } => CauseText {
            state: "Intercepted",
            headline: format!("TLS to {server} is intercepted by {issuer}."),
            consequence: "The connection works, because this authority was added. Whoever holds its key can read along.",
            remedies: vec![
                "Nothing, if your organisation inspects TLS on purpose.".to_owned(),
                "Otherwise find out who this is, and delete the authority.".to_owned(),
            ],
        },
        Cause::TlsInterceptionRefused { issuer, server, .. } => CauseText {
            state: "Intercepted",
            headline: format!(
                "TLS to {server} is intercepted by {issuer}, which this appliance does not trust."
            ),
            consequence: "No connection is made, so that nobody can read along.",
            remedies: vec![
                "Exempt the appliance from inspection in the proxy or the firewall.".to_owned(),
                "Or add the certificate of this authority, if it belongs to your organisation."
                    .to_owned(),
            ],
        },
        Cause::RootExpired { authority, at } => CauseText {
            state: "Expired",
            headline: format!("The added authority {authority} expired on {}.", time::date(*at)),
            consequence: "Servers and interceptors with its certificates are not trusted any more.",
            remedies: vec!["Add its successor, then delete it.".to_owned()],
        },
        Cause::RootExpiresSoon { authority, days } => CauseText {
            state: "Expires soon",
            headline: format!("The added authority {authority} expires {}.", in_days(*days)),
            consequence: "From then on, servers and interceptors with its certificates are not trusted.",
            remedies: vec!["Add its successor in good time.".to_owned()],
        },
        Cause::CertificateExpired { at } => CauseText {
            state: "Expired",
            headline: format!("The certificate of this page expired on {}.", time::date(*at)),
            consequence: "Browsers and scripts refuse the page, or warn of it.",
            remedies: vec!["Replace the certificate.".to_owned()],
        },
        Cause::CertificateExpiresSoon { days } => CauseText {
            state: "Expires soon",
            headline: format!("The certificate of this page expires {}.", in_days(*days)),
            consequence: "From then on, browsers and scripts refuse the page, or warn of it.",
            remedies: vec!["Replace the certificate in good time.".to_owned()],
        },
        _ => return None,
    };
    Some(text)
}

fn in_days(days: i64) -> String {
    match days {
        0 => "in less than a day".to_owned(),
        1 => "in 1 day".to_owned(),
        _ => format!("in {days} days"),
    }
}

/// The text in Japanese; `None` for causes of another kind.
pub(super) fn japanese(cause: &Cause) -> Option<CauseText> {
    let text = match cause {
        Cause::ProxyUnreachable { location, .. } => CauseText {
            state: "一部使用不可",
            headline: format!("プロキシ {location} を使用できません。"),
            consequence: "一覧の別のプロキシを使用しています。",
            remedies: vec!["プロキシを廃止した場合は、一覧から削除してください。".to_owned()],
        },
        Cause::NoUsableProxy { count, location, .. } => CauseText {
            state: "使用不可",
            headline: match count {
                1 => format!("唯一のプロキシ {location} を使用できません。"),
                _ => format!("{count} 台のプロキシをどれも使用できません (先頭は {location})。"),
            },
            consequence: "社内ネットワークの外には到達できません。",
            remedies: vec!["プロキシが不要な場合は、すべて削除してください。".to_owned()],
        },
        Cause::TlsIntercepted { issuer, server, .. } => CauseText {
            state: "傍受あり",
            headline: format!("{server} への TLS は {issuer} によって傍受されています。"),
            consequence: "この証明機関が追加されているため接続できますが、その鍵の持ち主は内容を読めます。",
            remedies: vec![
                "組織が意図して TLS を検査している場合は、何もする必要はありません。".to_owned(),
                "そうでない場合は、相手を調べ、この証明機関を削除してください。".to_owned(),
            ],
        },
        Cause::TlsInterceptionRefused { issuer, server, .. } => CauseText {
            state: "傍受あり",
            headline: format!(
                "{server} への TLS は {issuer} によって傍受されており、このアプライアンスはこれを信頼していません。"
            ),
            consequence: "内容を読まれないよう、接続していません。",
            remedies: vec![
                "プロキシまたはファイアウォールで、アプライアンスを検査の対象から外してください。"
                    .to_owned(),
                "または、組織の証明機関であれば、その証明書を追加してください。".to_owned(),
            ],
        },
        Cause::RootExpired { authority, at } => CauseText {
            state: "期限切れ",
            headline: format!(
                "追加した証明機関 {authority} の有効期限が {} に切れました。",
                time::date(*at)
            ),
            consequence: "この証明機関の証明書を持つサーバーや検査装置は信頼されません。",
            remedies: vec!["後継の証明機関を追加してから、削除してください。".to_owned()],
        },
        Cause::RootExpiresSoon { authority, days } => CauseText {
            state: "まもなく期限切れ",
            headline: format!(
                "追加した証明機関 {authority} の有効期限が{}に切れます。",
                after_days(*days)
            ),
            consequence: "期限後は、この証明機関の証明書を持つサーバーや検査装置は信頼されません。",
            remedies: vec!["期限までに後継の証明機関を追加してください。".to_owned()],
        },
        Cause::CertificateExpired { at } => CauseText {
            state: "期限切れ",
            headline: format!("このページの証明書の有効期限が {} に切れました。", time::date(*at)),
            consequence: "ブラウザーやスクリプトがページを拒否するか、警告を表示します。",
            remedies: vec!["証明書を置き換えてください。".to_owned()],
        },
        Cause::CertificateExpiresSoon { days } => CauseText {
            state: "まもなく期限切れ",
            headline: format!("このページの証明書の有効期限が{}に切れます。", after_days(*days)),
            consequence: "期限後は、ブラウザーやスクリプトがページを拒否するか、警告を表示します。",
            remedies: vec!["期限までに証明書を置き換えてください。".to_owned()],
        },
        _ => return None,
    };
    Some(text)
}

fn after_days(days: i64) -> String {
    match days {
        0 => " 1 日以内".to_owned(),
        _ => format!(" {days} 日後"),
    }
}
