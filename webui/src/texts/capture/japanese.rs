//! Japanese.

use model::capture::{TraceField, TraceProblem};
use model::capture_status::{Conversation, EndReason, Handshake, TraceOrigin};

use super::{CaptureTexts, FindingTone};
use crate::amount;
use crate::network_diagnostics::CaptureRefusal;

pub(crate) const TEXTS: CaptureTexts = CaptureTexts {
    page: "ネットワーク診断",
    heading: "TCP キャプチャ",
    intro: "このアプライアンスの TCP トラフィックを、一般的なネットワーク アナライザーで開ける .pcap ファイルに記録します。",
    label: |field| match field {
        TraceField::Target => "対象",
        TraceField::Port => "ポート",
        TraceField::Duration => "トレース時間",
    },
    optional: "(省略可)",
    target_hint: "IP アドレスまたはホスト名。空欄の場合はすべて",
    port_hint: "1 から 65535。空欄の場合はすべて",
    duration: |duration| match duration.seconds() {
        seconds if seconds < 60 => format!("{seconds} 秒"),
        seconds => format!("{} 分", seconds / 60),
    },
    duration_hint: |size| format!("{size} に達するか空き容量が少なくなった場合も停止します"),
    packet_tracing: "パケット トレース",
    packet_tracing_hint: "パケット全体を記録します。オフの場合は各パケットの先頭 94 バイト、つまりヘッダーのみを記録し、内容は記録しません。",
    packet_tracing_warning: "パケット全体には、ユーザーの名前、データ、パスワードが含まれる可能性があります。規則で求められている場合は関係者に通知し、不要になったファイルは削除してください。",
    start: "トレースを開始",
    free: |size| format!("ファイル用の空き容量 {size}"),
    replaces: "新しいトレースを開始すると、現在のトレースは削除されます。必要な場合は先にダウンロードしてください。",
    keep: "現在のトレースを保持",
    problem: |problem| match problem {
        TraceProblem::NotATarget => {
            "10.0.0.5 のような IPv4 アドレスでも dc1.corp.example.com のようなホスト名でもありません。"
        }
        TraceProblem::Ipv6 => {
            "これは IPv6 アドレスですが、アプライアンスは IPv4 を使用します。IPv4 アドレスまたは名前を入力してください。"
        }
        TraceProblem::Loopback => {
            "これはアプライアンス自身です。内部のトラフィックは記録されません。別のマシンを入力するか、空欄にしてください。"
        }
        TraceProblem::Network => {
            "これはネットワークです。アドレスを 1 つ入力するか、空欄にしてください。"
        }
        TraceProblem::Url => "これは URL です。ホスト名だけを入力してください。",
        TraceProblem::TargetWithPort => {
            "ポートは「ポート」の項目に、ここにはホストだけを入力してください。"
        }
        TraceProblem::Several => "対象が複数あります。1 つ入力するか、空欄にしてください。",
        TraceProblem::Expression => {
            "フィルター式やコマンドは使用できません。アドレスまたはホスト名を 1 つ入力してください。"
        }
        TraceProblem::NotAPort => {
            "ポートではありません。1 から 65535 までの数字を 1 つ入力するか、空欄にしてください。"
        }
        TraceProblem::PortOutOfRange => "ポートは 1 から 65535 までです。",
        TraceProblem::SeveralPorts => "ポートが複数あります。1 つ入力するか、空欄にしてください。",
        TraceProblem::NotADuration => "一覧から時間を選択してください。",
    },
    not_started: |fields| {
        format!("{fields} 個の項目を修正してください。トレースはまだ開始されていません。")
    },
    refusal: |refusal, at| {
        let (headline, remedy) = match refusal {
            CaptureRefusal::Running { .. } => {
                return (
                    format!("{at} から別のトレースが実行中です。新しいトレースは開始されませんでした。"),
                    "トレースは一度に 1 つです。下に表示されているトレースが終わるまで待つか、停止してください。".to_owned(),
                );
            }
            CaptureRefusal::Starting => (
                "別のユーザーがトレースを開始しているところです。新しいトレースは開始されませんでした。",
                "開始されたトレースを確認するか、数秒後にもう一度試してください。",
            ),
            CaptureRefusal::UnknownHost { host } => {
                return (
                    format!("名前 {host} は存在しません。トレースは開始されませんでした。"),
                    "名前を修正するか、アドレスを入力してください。".to_owned(),
                );
            }
            CaptureRefusal::NotResolved { host, reason } => {
                return (
                    format!(
                        "名前 {host} を解決できませんでした ({reason})。トレースは開始されませんでした。"
                    ),
                    "代わりにアドレスを入力するか、「ネットワーク設定」で DNS サーバーを確認してください。".to_owned(),
                );
            }
            CaptureRefusal::NoSpace { free_bytes, needed_bytes } => {
                return (
                    format!(
                        "データ ディスクにトレースの空き容量がありません (空き {}、必要 {})。",
                        amount::bytes(*free_bytes),
                        amount::bytes(*needed_bytes),
                    ),
                    "現在のトレースがあれば削除するか、仮想マシンのディスクを拡張して再起動してください。".to_owned(),
                );
            }
            CaptureRefusal::NothingRuns => (
                "実行中のトレースはありません。すでに終了しています。",
                "結果は下に表示されています。",
            ),
            CaptureRefusal::StillRunning => {
                ("トレースはまだ実行中です。", "停止するか終了を待つと、ダウンロードできます。")
            }
            CaptureRefusal::Gone => (
                "トレースはもうありません。24 時間が経過したか、新しいトレースのために削除されました。",
                "新しいトレースを開始してください。",
            ),
            CaptureRefusal::Failed { reason } => {
                return (
                    format!("トレースを処理できませんでした: {reason}"),
                    "もう一度試してください。解決しない場合は、診断レポートをダウンロードしてサポートに送付してください。".to_owned(),
                );
            }
            CaptureRefusal::Silent => (
                "キャプチャ サービスが応答していません。",
                "自動的に再起動します。数秒後にもう一度試してください。",
            ),
        };
        (headline.to_owned(), remedy.to_owned())
    },
    silent: "キャプチャ サービスが応答していません。自動的に再起動します。数秒後にこのページを再読み込みしてください。",

    recording: |what| format!("{what}を記録しています"),
    what: |filter, is_full| {
        let traffic = match (&filter.target, filter.port) {
            (None, None) => "すべての TCP トラフィック".to_owned(),
            (Some(target), None) => format!("{target} のトラフィック"),
            (None, Some(port)) => format!("ポート {port} のトラフィック"),
            (Some(target), Some(port)) => format!("{target} のポート {port} のトラフィック"),
        };
        let depth = if is_full { "パケット全体" } else { "ヘッダーのみ" };
        format!("{traffic} ({depth}) ")
    },
    by_probe: |origin| match origin {
        TraceOrigin::Operator => None,
        TraceOrigin::Probe => Some("このトレースはネットワーク プローブのものです。"),
    },
    stop: "トレースを停止",
    progress: "トレースの進行状況",
    elapsed: |elapsed, duration| format!("{duration} 中 {elapsed} 経過"),
    ends_in: |left| format!("残り {left}"),
    packets: "パケット",
    bytes: "観測バイト数",
    file_size: "ファイル サイズ",
    of_size: |size| format!("上限 {size}"),
    lost: "損失",
    lost_of: |packets| format!("全 {packets} 件中"),
    leave: "このページを離れてもかまいません。トレースは続行され、結果はここに残ります。",
    refresh: "更新",

    end: |end, at, elapsed| match end {
        EndReason::TimeUp => format!("{at} に終了しました ({elapsed})"),
        EndReason::Stopped => format!("{at} に停止されました ({elapsed})"),
        EndReason::SizeLimit => {
            format!("{at} に終了しました ({elapsed}): ファイルが上限に達しました")
        }
        EndReason::DiskFull => {
            format!("{at} に終了しました ({elapsed}): データ ディスクがいっぱいです")
        }
        EndReason::Failed { message } => format!("{at} に中断しました ({elapsed}): {message}"),
    },
    end_remedy: |end| match end {
        EndReason::TimeUp | EndReason::Stopped => None,
        EndReason::SizeLimit => Some(
            "それまでの内容はすべてファイルにあります。より長く記録するには、対象やポートを絞るか、パケット トレースをオフにしてください。",
        ),
        EndReason::DiskFull => Some(
            "それまでの内容はすべてファイルにあります。より多く記録するには、仮想マシンのディスクを拡張してください。",
        ),
        EndReason::Failed { .. } => Some("それまでに記録された内容は保持されています。"),
    },
    lost_remedy: "これらのパケットは速すぎて書き込めず、ファイルに含まれていません。対象やポートを絞るか、パケット トレースをオフにしてください。",
    download: "ダウンロード",
    download_hint: |size| format!("トレースをダウンロード ({size}、.pcap)"),
    start_new: "新しいトレースを開始",
    delete: "トレースを削除",
    delete_question: |at| format!("{at} のトレースを削除しますか?"),
    delete_consequence: "ファイルと結果は完全に削除されます。ファイルがまだ必要な場合は、先にダウンロードしてください。",
    delete_button: "トレースを削除する",
    kept_until: |at| {
        format!("ファイルは {at} まで、または新しいトレースが開始されるまで保持されます。")
    },
    full_warning: "ファイルにはパケット全体が含まれています。取り扱いに注意してください。",

    conversations: "通信",
    retransmissions: "再送",
    resets: "リセット",
    unanswered: "応答なし",
    nothing: "TCP パケットは通過しませんでした。",
    nothing_remedy: "対象とポートを確認し、トレースの実行中に通信を発生させてください。トレースにはアプライアンスのネットワーク カードを通過したものが記録されます。",
    plot: "1 秒あたりのバイト数",
    plot_description: |peak, at, received, sent| {
        format!("最大は {at} 後の毎秒 {peak}。合計で受信 {received}、送信 {sent}。")
    },
    received: "受信",
    sent: "送信",
    values: "値を表で表示",
    column_time: "時間",
    scrolls: "グラフ (狭い画面では横にスクロールします)",
    largest: |shown, all| format!("{all} 件の通信のうち最大の {shown} 件"),
    column_from_to: "送信元、宛先",
    to: |server| format!("宛先 {server}"),
    column_purpose: "用途",
    column_duration: "時間の長さ",
    column_finding: "所見",
    finding,
};

fn finding(conversation: &Conversation) -> (FindingTone, String, Option<String>) {
    let resent = conversation.retransmissions;
    let share = (resent > 0 && conversation.packets > 0).then(|| {
        let tenths = u128::from(resent) * 1000 / u128::from(conversation.packets);
        format!("パケットの {}.{} %", tenths / 10, tenths % 10)
    });
    match conversation.handshake {
        Handshake::Unanswered => (
            FindingTone::Failing,
            "応答なし".to_owned(),
            Some(format!("接続の試行 {} 回", amount::count(resent.saturating_add(1)))),
        ),
        Handshake::Refused => (
            FindingTone::Failing,
            "拒否".to_owned(),
            Some("ポートで待ち受けていないか、ファイアウォールが禁止しています".to_owned()),
        ),
        Handshake::NotSeen | Handshake::Answered if resent > 0 => {
            (FindingTone::Attention, format!("再送 {} 件", amount::count(resent)), share)
        }
        Handshake::NotSeen | Handshake::Answered if conversation.resets > 0 => (
            FindingTone::Attention,
            "リセット".to_owned(),
            Some("一方が接続を切断しました".to_owned()),
        ),
        Handshake::NotSeen => {
            (FindingTone::Good, "問題なし".to_owned(), Some("トレースの開始前から接続".to_owned()))
        }
        Handshake::Answered => (FindingTone::Good, "問題なし".to_owned(), None),
    }
}
