//! In Japanese.

use model::ipv4::{HostAddressError, MaskError};
use model::network::MAX_SERVERS;
use model::network_form::{MAX_HOST_NAME_BYTES, NetworkField, NetworkProblem};
use model::settings::RevertReason;

use super::NetworkSettingsTexts;

pub(crate) const TEXTS: NetworkSettingsTexts = NetworkSettingsTexts {
    open: "ネットワーク設定の編集",
    title: "ネットワーク設定",
    method: "アプライアンスのアドレスの取得方法",
    automatic: "IP アドレスを自動的に取得する",
    automatic_hint: "DHCP から取得します。",
    automatic_offer: |server, address| {
        format!("DHCP から取得します。{server} のサーバーが {address} を割り当てています。")
    },
    own: "独自のネットワーク設定を構成する",
    own_hint: "以下の値を入力します。DHCP の内容にかかわらず使用されます。",
    label: |field| match field {
        NetworkField::Address => "IP アドレス".to_owned(),
        NetworkField::Mask => "サブネット マスク".to_owned(),
        NetworkField::Gateway => "デフォルト ゲートウェイ".to_owned(),
        NetworkField::Dns(row) => format!("DNS サーバー {}", row + 1),
        NetworkField::Ntp(row) => format!("NTP サーバー {}", row + 1),
        NetworkField::HostName => "ホスト名".to_owned(),
    },
    dns: "DNS サーバー",
    ntp: "NTP サーバー",
    add_dns: "DNS サーバーを追加",
    add_ntp: "NTP サーバーを追加",
    remove: |label| format!("{label} を削除"),
    now: |value, origin| format!("現在 {value} ({origin})"),
    now_none: "現在は未設定",
    mask_hint: "24 のようなプレフィックス長でも入力できます",
    host_name_hint: |now| format!("{now}。空欄の場合は DHCP の名前、または connector になります。"),
    save_silent: "応答しないサーバーがあっても保存する",
    what_happens: "保存すると:",
    consequence: "アプライアンスが再起動し (約 1 分)、サインアウトされ、このページは新しいアドレスに移ります。応答が戻ってから 60 秒以内に新しいアドレスでサインインして確定しないと、現在の設定に自動的に戻ります。",
    consequence_at: |url| {
        format!(
            "アプライアンスが再起動し (約 1 分)、サインアウトされ、このページは {url} に移ります。応答が戻ってから 60 秒以内にそこでサインインして確定しないと、現在の設定に自動的に戻ります。"
        )
    },
    password: "確認のためのパスワード",
    save: "保存",
    not_changed: |fields| {
        format!("{fields} 個の項目を修正してください。まだ何も変更されていません。")
    },
    problem,
    problem_of: |label, problem| format!("{label}: {problem}"),

    saved_title: "新しいネットワーク設定で再起動中",
    saved: "新しい設定を試用として保存し、アプライアンスを再起動しています。約 1 分かかります。",
    saved_steps: [
        "新しいアドレスでページを開きます。",
        "サインインします。これまでのセッションは終了しました。",
        "応答が戻ってから 60 秒以内に「この設定を保持する」を選択します。",
    ],
    saved_otherwise: "保持しない場合は、以前の設定に自動的に戻ります。",
    saved_open: |url| format!("{url} を開く"),
    saved_elsewhere: "新しいアドレスは仮想マシンのコンソールとハイパーバイザーで確認できます。",

    keep_title: "このネットワーク設定を保持しますか?",
    keep_waiting: "新しい設定でネットワークを開始しています。確定までの時間はまだ始まっていません。",
    keep: "新しい設定のアプライアンスにアクセスできたので、ここからは正しく動作しています。",
    keep_button: "この設定を保持する",
    revert_button: "今すぐ元に戻す",
    reverting: |wait| format!("保持しない場合、{wait}後に元に戻ります。"),
    reverting_seconds: "保持しない場合、{} 秒後に元に戻ります。",
    time_left: "設定を保持できる残り時間",
    returns_at: |at| format!("{at} に以前の設定に戻ります。"),
    changes: "変更内容",
    setting: "設定",
    before: "変更前",
    after: "現在",
    from_dhcp: "自動 (DHCP から)",
    in_your_use: "使用中です",
    too_late: "間に合いませんでした。試用中の設定はもうありません。",
    reverted_title: "ネットワーク設定を元に戻しました",
    reverted: |reason, at| match reason {
        RevertReason::NotConfirmed => {
            format!("60 秒以内に確定されなかったため、{at} に以前の設定に戻りました。")
        }
        RevertReason::Operator => format!("操作により、{at} に以前の設定に戻りました。"),
        RevertReason::Restarted => {
            format!("確定される前にアプライアンスが再起動したため、{at} に以前の設定に戻りました。")
        }
    },
    tried: "試した設定",
    dismiss: "通知を閉じる",
    what_was_tried: "試した設定を確認",
};

fn problem(problem: &NetworkProblem) -> String {
    match problem {
        NetworkProblem::Missing => "入力されていません。".to_owned(),
        NetworkProblem::NotAnAddress => {
            "IPv4 アドレスではありません。10.0.0.5 のように入力してください。".to_owned()
        }
        NetworkProblem::Unusable(HostAddressError::Unspecified) => {
            "0.x.x.x はどのマシンも表しません。マシンのアドレスを入力してください。".to_owned()
        }
        NetworkProblem::Unusable(HostAddressError::Loopback) => {
            "127.x.x.x はアプライアンス自身です。ネットワーク上のアドレスを入力してください。".to_owned()
        }
        NetworkProblem::Unusable(HostAddressError::NotUnicast) => {
            "224.0.0.0 以降はマルチキャスト、予約済み、またはブロードキャストです。1 台のマシンのアドレスを入力してください。".to_owned()
        }
        NetworkProblem::Unusable(HostAddressError::Reserved(network)) => format!(
            "アプライアンスが内部で使用する {network} に含まれます。別のネットワークを使用してください。"
        ),
        NetworkProblem::Mask(MaskError::Unreadable) => {
            "マスクではありません。255.255.255.0 のように、または 1 から 32 のプレフィックス長で入力してください。".to_owned()
        }
        NetworkProblem::Mask(MaskError::Hole) => {
            "マスクが連続していません。255.255.255.0 のように、1 のビットがすべて先頭に並ぶ必要があります。".to_owned()
        }
        NetworkProblem::NetworkAddress(network) => format!(
            "ネットワーク {network} 自体のアドレスです。その中のマシンのアドレスを入力してください。"
        ),
        NetworkProblem::BroadcastAddress(network) => format!(
            "ネットワーク {network} のブロードキャスト アドレスです。その中のマシンのアドレスを入力してください。"
        ),
        NetworkProblem::OffSubnet { network, suggestion: Some(meant) } => format!(
            "IP アドレスのネットワーク {network} に含まれません。{meant} ではありませんか?"
        ),
        NetworkProblem::OffSubnet { network, suggestion: None } => {
            format!("IP アドレスのネットワーク {network} に含まれません。")
        }
        NetworkProblem::IsOwnAddress => {
            "アプライアンス自身の IP アドレスです。ルーターのアドレスを入力してください。".to_owned()
        }
        NetworkProblem::NotAServer => "IPv4 アドレスでもホスト名でもありません。".to_owned(),
        NetworkProblem::Duplicate => "すでに一覧にあります。こちらを削除してください。".to_owned(),
        NetworkProblem::TooMany => {
            format!("保持できるサーバーは {MAX_SERVERS} 台までです。削除してください。")
        }
        NetworkProblem::NotAHostName => format!(
            "ホスト名ではありません。使用できるのは英字、数字、途中のハイフンで、{MAX_HOST_NAME_BYTES} 文字までです。数字だけの名前は使用できません。"
        ),
        NetworkProblem::Taken { holder } => format!(
            "別のマシン ({holder}) がこのアドレスを使用しています。空いているアドレスを入力するか、そのマシンを停止してください。"
        ),
        NetworkProblem::NoTime { reason } => format!(
            "UDP 123 で使用できる応答がありません ({reason})。修正または削除するか、下の項目を選択してこのまま保存してください。"
        ),
    }
}
