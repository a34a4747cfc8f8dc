//! Japanese.

use model::outbound::{DirectReason, RouteTaken, TrustAnchor};
use model::probe::{
    Echoes, ProbeFailure, ProbeField, ProbeKind, ProbeProblem, StepDetail, StepKind, TargetError,
    TlsFacts,
};
use page::FailureText;

use super::{FoundText, ProbeTexts};
use crate::amount;

pub(crate) const TEXTS: ProbeTexts = ProbeTexts {
    heading: "ネットワーク プローブ",
    intro: "1 つの接続を段階ごとにたどり、どこで止まるかを示します。",
    kind: |kind| match kind {
        ProbeKind::Icmp => "ICMP (ping)",
        ProbeKind::Tcp => "TCP",
        ProbeKind::Tls => "TLS",
        ProbeKind::Http => "HTTP",
        ProbeKind::Https => "HTTPS",
    },
    kind_label: "プローブの種類",
    label: |field| match field {
        ProbeField::Target => "宛先",
        ProbeField::Port => "ポート",
        ProbeField::Path => "パス",
        ProbeField::Route => "経路",
    },
    target_hint: "ホスト名または IPv4 アドレス。",
    port_hint: "空欄の場合、HTTP は 80、TLS と HTTPS は 443 を使用します。ICMP では使用しません。",
    path_hint: "HTTP と HTTPS で使用します。空欄の場合は / です。",
    direct: "直接",
    automatic: "設定に従う",
    through: |proxy| format!("プロキシ {proxy}"),
    with_capture: "プローブのパケットをキャプチャする",
    with_capture_hint: "プローブの実行中、アプライアンスのすべての TCP トラフィックを記録します (各パケットの先頭 94 バイト)。上のトレースは置き換えられます。",
    start: "プローブを開始",
    problem,
    not_started: |fields| {
        format!("{fields} 個の項目を修正してください。プローブはまだ開始されていません。")
    },

    busy: (
        "別のプローブが実行中です。新しいプローブは開始されませんでした。",
        "その段階は下に表示されています。終わるまで待つか、停止してください。",
    ),
    nothing_runs: (
        "実行中のプローブはありません。すでに終了しています。",
        "結果は下に表示されています。",
    ),
    silent: "診断サービスが応答していません。自動的に再起動します。数秒後にもう一度試してください。",
    task_failed: |reason| format!("アプライアンスで開始できませんでした: {reason}"),
    task_remedy: "もう一度試してください。解決しない場合は、診断レポートをダウンロードしてサポートに送付してください。",

    running: |target| format!("{target} をプローブしています"),
    stop: "プローブを停止",
    good: |took| format!("すべての段階が成功しました (所要時間 {took})"),
    failed: |number, steps, step| format!("段階 {number}/{steps} で停止: {step}"),
    unfinished: "プローブは終了前に停止されました。",
    caption: |target, way, at| format!("{target} ({way})、{at}"),
    way_direct: "直接",
    way_unknown: "設定に従う",
    way_proxy: |proxy| format!("{proxy} 経由"),
    column_step: "段階",
    column_result: "結果",
    column_when: "タイミング",
    column_took: "所要時間",
    step: |step, is_proxied| match (step, is_proxied) {
        (StepKind::Way, _) => "経路の選択",
        (StepKind::Resolve, false) => "名前の解決",
        (StepKind::Resolve, true) => "プロキシ名の解決",
        (StepKind::Connect, false) => "接続",
        (StepKind::Connect, true) => "プロキシへの接続",
        (StepKind::Tunnel, _) => "プロキシへの要求 (CONNECT)",
        (StepKind::Tls, _) => "TLS ハンドシェイク",
        (StepKind::FirstByte, _) => "要求と応答",
        (StepKind::Echo, _) => "エコー",
    },
    waiting: "待機中",
    under_way: "実行中",
    not_reached: "未到達",
    found,
    failure,
    what_to_do: "対処方法:",

    chain: "サーバーが送信した証明書",
    chain_place: |index, count| match index {
        0 => "サーバー",
        _ if index + 1 == count => "チェーンの最後",
        _ => "中間",
    },
    issuer: "発行者",
    names: "有効な名前",
    valid: "有効期間",
    valid_from_to: |from, to| format!("{from} から {to}"),
    trust,

    trace: "このプローブのパケットをダウンロード",
    trace_gone: "このプローブのパケットは、新しいトレースのため、または 24 時間が経過したため削除されました。",
    trace_trouble: "パケットを記録できませんでした:",
};

fn problem(problem: &ProbeProblem) -> String {
    match problem {
        ProbeProblem::Missing => "この項目を入力してください。".to_owned(),
        ProbeProblem::Target(error) => match error {
            TargetError::Url { host } if host.is_empty() => {
                "これは URL です。ホストだけを入力してください。".to_owned()
            }
            TargetError::Url { host } => {
                format!("これは URL です。ホストだけを入力してください: {host}")
            }
            TargetError::WithPort { port } => {
                format!("ポート {port} は「ポート」の項目に、ここにはホストだけを入力してください。")
            }
            TargetError::Space => {
                "途中に空白があります。ホストを 1 つだけ入力してください。".to_owned()
            }
            TargetError::Ipv6 => {
                "これは IPv6 アドレスですが、アプライアンスは IPv4 を使用します。IPv4 アドレスまたは名前を入力してください。".to_owned()
            }
            TargetError::BrokenAddress => {
                "10.0.0.5 のような IPv4 アドレスではありません。0 から 255 までの 4 つの数字です。".to_owned()
            }
            TargetError::NoMachine => {
                "このアドレスを持つ単一のマシンはありません。".to_owned()
            }
            TargetError::TooLong => "253 文字を超えています。".to_owned(),
            TargetError::NotAHost => {
                "IPv4 アドレスでも dc1.corp.example.com のようなホスト名でもありません。".to_owned()
            }
        },
        ProbeProblem::NotAPort => {
            "ポートではありません。1 から 65535 までの数字を 1 つ入力してください。".to_owned()
        }
        ProbeProblem::NoSlash => "/status のように、/ で始まるパスを入力してください。".to_owned(),
        ProbeProblem::PathCharacter => {
            "パスには空白、#、ASCII 以外の文字を使用できません。空白は %20 と入力してください。".to_owned()
        }
        ProbeProblem::PathTooLong => "1024 文字を超えています。".to_owned(),
        ProbeProblem::IcmpThroughProxy => {
            "ICMP はプロキシを経由できません。「直接」または別の種類のプローブを選択してください。".to_owned()
        }
        ProbeProblem::UnknownProxy => {
            "このプロキシは一覧にありません。別の経路を選択してください。".to_owned()
        }
    }
}

fn found(detail: &StepDetail) -> FoundText {
    let (headline, more) = match detail {
        StepDetail::Chosen { way } => chosen(way),
        StepDetail::Resolved { addresses } => {
            let addresses: Vec<_> = addresses.iter().map(ToString::to_string).collect();
            (addresses.join(", "), None)
        }
        StepDetail::Connected { peer, local } => {
            (format!("{peer} に接続しました"), Some(format!("送信元 {local}")))
        }
        StepDetail::Tunnelled {} => ("プロキシがトンネルを開きました".to_owned(), None),
        StepDetail::Tls(facts) => {
            let TlsFacts { version, cipher, .. } = facts;
            let version = version.as_deref().unwrap_or("合意したバージョンなし");
            let headline = match cipher {
                Some(cipher) => format!("{version}、{cipher}"),
                None => version.to_owned(),
            };
            (headline, (!facts.chain.is_empty()).then(|| trust(facts)))
        }
        StepDetail::Answered { status } => (format!("HTTP ステータス {status}"), None),
        StepDetail::Echoes(Echoes { sent, received, fastest_us, mean_us, slowest_us }) => {
            let times = (*received > 0).then(|| {
                format!(
                    "平均 {}、{} から {}",
                    amount::milliseconds(*mean_us),
                    amount::milliseconds(*fastest_us),
                    amount::milliseconds(*slowest_us),
                )
            });
            (format!("{sent} 件中 {received} 件に応答"), times)
        }
    };
    FoundText { headline, more }
}

fn failure(failure: &ProbeFailure) -> Option<FailureText> {
    let said = |headline: &str, remedy: &str, words: &str| {
        (headline.to_owned(), remedy.to_owned(), Some(words.to_owned()))
    };
    let (headline, remedy, words) = match failure {
        ProbeFailure::Connection { .. } => return None,
        ProbeFailure::NoEcho { limit_seconds } => (
            format!("{limit_seconds} 秒以内にエコー要求への応答がありませんでした。"),
            "宛先の電源が入っていることを確認してください。多くのマシンやファイアウォールは ICMP を意図的に破棄します。使用中のポートへの TCP プローブの方が確実です。".to_owned(),
            None,
        ),
        ProbeFailure::Unreachable { reason } => said(
            "宛先に到達できません。途中のマシンがそう応答したか、アプライアンスに経路がありません。",
            "宛先のネットワークへの経路と、アプライアンスのゲートウェイを確認してください。",
            reason,
        ),
        ProbeFailure::NoAnswer { reason } => said(
            "要求への応答の前に接続が閉じられました。",
            "サーバーのログを確認してください。途中のファイアウォールや負荷分散装置が接続を切断している可能性もあります。TLS サーバーは HTTP で要求されると接続を閉じます。",
            reason,
        ),
        ProbeFailure::SlowAnswer { limit_seconds } => (
            format!("サーバーは要求を受け取りましたが、{limit_seconds} 秒以内に応答しませんでした。"),
            "サーバーのログと負荷を確認するか、別のパスをプローブしてください。".to_owned(),
            None,
        ),
        ProbeFailure::NotHttp { beginning } => said(
            "応答は HTTP ではありません。",
            "ポートを修正するか、TCP または TLS でプローブしてください。",
            beginning,
        ),
        ProbeFailure::TimedOut { limit_seconds } => (
            format!("プローブ全体に {limit_seconds} 秒以上かかりました。"),
            "まず TCP でプローブしてください。経路とサーバーのどちらが遅いかわかります。".to_owned(),
            None,
        ),
        ProbeFailure::Internal { reason } => said(
            "アプライアンス自体で実行できませんでした。",
            "もう一度試してください。解決しない場合は、診断レポートをダウンロードしてサポートに送付してください。",
            reason,
        ),
    };
    Some(FailureText { headline, remedy, words })
}

fn chosen(way: &RouteTaken) -> (String, Option<String>) {
    match way {
        RouteTaken::Proxy { location, .. } => (
            format!("プロキシ {location}"),
            Some("一覧のうち、使用できないとわかっていない最初のプロキシ".to_owned()),
        ),
        RouteTaken::Direct { reason } => {
            let reason = match reason {
                DirectReason::Chosen => "フォームで選択".to_owned(),
                DirectReason::NoProxies => "プロキシは設定されていません".to_owned(),
                DirectReason::Loopback => "アプライアンス自身".to_owned(),
                DirectReason::LinkLocal => {
                    "リンクローカル アドレスのため、プロキシからは到達できません".to_owned()
                }
                DirectReason::Private => {
                    "プライベート アドレスのため、プロキシは使用しません".to_owned()
                }
                DirectReason::Bypass { rule } => format!("バイパス リストの規則 {rule}"),
            };
            ("直接".to_owned(), Some(reason))
        }
    }
}

fn trust(facts: &TlsFacts) -> String {
    match &facts.anchor {
        Some(TrustAnchor::Public) => {
            "チェーンはアプライアンスに組み込みの公的な証明機関で終わっています。".to_owned()
        }
        Some(TrustAnchor::Added { subject, .. }) if facts.is_intercepted => {
            format!("接続は、管理者が追加した {subject} によって傍受されています。")
        }
        Some(TrustAnchor::Added { subject, .. }) => {
            format!("チェーンは管理者が追加した {subject} で終わっています。")
        }
        None => "チェーンはアプライアンスが信頼する証明機関で終わっていません。".to_owned(),
    }
}
