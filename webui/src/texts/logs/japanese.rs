//! Texts of *Logs* in Japanese.

use model::journal::Severity;
use model::syslog::{SyslogProblem, SyslogTransport};

use super::LogsTexts;

pub(crate) const TEXTS: LogsTexts = LogsTexts {
    title: "ログ",
    not_done: "修正してください:",
    form_expired: "フォームを開いてから時間がたちすぎました。何も変更されていません。もう一度送信してください。",
    not_saved: "保存できませんでした。何も変更されていません。もう一度試してください。",

    records_heading: "記録",
    bad_filter: "絞り込みの条件を解釈できないため、すべての記録を表示しています。",
    source: "発生元",
    every_source: "すべての発生元",
    severity_label: "重大度 (以上)",
    severity_heading: "重大度",
    every_severity: "すべての重大度",
    severity: |severity| match severity {
        Severity::Emergency => "緊急",
        Severity::Alert => "警報",
        Severity::Critical => "致命的",
        Severity::Error => "エラー",
        Severity::Warning => "警告",
        Severity::Notice => "通知",
        Severity::Informational => "情報",
        Severity::Debug => "デバッグ",
    },
    search: "含まれる文字列",
    show: "表示",
    download: "ダウンロード",
    time: "時刻",
    message: "メッセージ",
    older: "以前の記録",
    newest: "最新の記録",
    none: "該当する記録はありません。別の発生元または重大度を選択してください。",
    none_here: "ここまで調べた範囲に該当する記録はありません。",
    silent: "現在ログを読み取れません。数秒待ってからページを再読み込みしてください。",
    not_stored: "記録はメモリーにのみ保持され、再起動すると失われます。",

    syslog_heading: "リモート syslog サーバー",
    syslog_explanation: "記録は発生と同時に送信されます (RFC 5424)。今回の起動時からの記録も含まれます。アプライアンスにも残ります。",
    server: "サーバー",
    server_hint: "ホスト名または IPv4 アドレス",
    port: "ポート",
    port_hint: "空欄の場合、TLS は 6514、それ以外は 514",
    transport_label: "通信方式",
    transport: |transport| match transport {
        SyslogTransport::Tls => "TLS (暗号化)",
        SyslogTransport::Tcp => "TCP (経路上で読み取り可能)",
        SyslogTransport::Udp => "UDP (経路上で読み取り可能、失われる場合あり)",
    },
    sent_severity: "送信する重大度 (以上)",
    save: "保存",
    stop: "送信を停止する",
    no_server: "記録の送信先サーバーを入力してください。",
    syslog_problem: |problem| {
        match problem {
            SyslogProblem::NotAServer => "IPv4 アドレスでもホスト名でもありません。",
            SyslogProblem::Ipv6 => "IPv6 アドレスです。アプライアンスは IPv6 を使用しません。",
            SyslogProblem::Unusable(_) => "このアドレスはサーバーに使用できません。",
            SyslogProblem::NotAPort => "1 から 65535 までの数値ではありません。",
            SyslogProblem::NotATransport => "tls、tcp、udp のいずれでもありません。",
            SyslogProblem::NotASeverity => "選択肢にない重大度です。",
        }
        .to_owned()
    },
    connecting: "接続中",
    connected: |since, sent, dropped| match dropped {
        0 => format!("{since} から送信中 (送信済み {sent} 件)"),
        _ => format!("{since} から送信中 (送信済み {sent} 件、消失 {dropped} 件)"),
    },
    failing: |since, sent, dropped| match dropped {
        0 => format!("{since} から到達不能 (送信済み {sent} 件、新しい記録は待機中)"),
        _ => format!("{since} から到達不能 (送信済み {sent} 件、消失 {dropped} 件)"),
    },
    failing_remedy: "サーバー、ポート、通信方式、およびファイアウォールの許可を確認してください。自動的に再試行されます。",

    metrics_heading: "メトリック",
    metrics_explanation: "監視システムは、正常性、サービス、時計、証明書、プロキシ、セッション、ログの状態を Prometheus テキスト形式で読み取れます。メトリックの読み取りだけに使えるトークンが必要です。",
    no_token: "トークンがないため、誰もメトリックを読み取れません。",
    has_token: "トークンが使用中です。再表示はできません。紛失した場合は新しく作成してください。",
    make_token: "トークンを作成する",
    make_another: "新しいトークンを作成する",
    remove_token: "トークンを削除する",
    new_token: "新しいトークン",
    new_token_once: "今すぐコピーしてください。再表示はできません。以前のトークンは以後拒否されます。",
    token_name: "トークン",
    metrics_url: "アドレス",
};
