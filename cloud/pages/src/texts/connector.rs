//! Texts of the page of a connector.

use crate::connector::{ConnectorNotice, ConnectorProblem, DisconnectCause};

/// Texts of the page. `at` is a time, `left` a duration in words.
#[derive(Debug)]
pub(crate) struct ConnectorPageTexts {
    pub(crate) state_heading: &'static str,
    pub(crate) not_there: &'static str,
    pub(crate) prechecks_heading: &'static str,
    pub(crate) prechecks_explanation: &'static str,
    pub(crate) prechecks_run: &'static str,
    pub(crate) prechecks_again: &'static str,
    pub(crate) prechecks_meanwhile: &'static str,
    pub(crate) reports: &'static str,
    pub(crate) copy_refused: fn(at: &str) -> String,
    pub(crate) name: &'static str,
    pub(crate) name_fixed: &'static str,
    pub(crate) id: &'static str,
    pub(crate) copy_id: &'static str,
    pub(crate) addresses: &'static str,
    pub(crate) seen_from: &'static str,
    pub(crate) platform: &'static str,
    pub(crate) domains: &'static str,
    pub(crate) none: &'static str,
    pub(crate) registered: &'static str,
    pub(crate) connections_heading: &'static str,
    pub(crate) connections_state: fn(usize) -> &'static str,
    pub(crate) gateway: &'static str,
    pub(crate) since: &'static str,
    pub(crate) source: &'static str,
    pub(crate) round_trip: &'static str,
    pub(crate) intercepted: fn(issuer: &str) -> String,
    pub(crate) disconnects_heading: &'static str,
    pub(crate) no_disconnects: &'static str,
    pub(crate) at: &'static str,
    pub(crate) cause_label: &'static str,
    pub(crate) cause: fn(&DisconnectCause) -> (String, &'static str),
    pub(crate) away: &'static str,
    pub(crate) still_away: &'static str,
    pub(crate) certificate_heading: &'static str,
    pub(crate) certificate_explanation: &'static str,
    pub(crate) certificate_expires: &'static str,
    pub(crate) certificate_left: fn(left: &str) -> String,
    pub(crate) certificate_ended: &'static str,
    pub(crate) certificate_old: &'static str,
    pub(crate) fingerprint: &'static str,
    pub(crate) copy_fingerprint: &'static str,
    pub(crate) serial: &'static str,
    pub(crate) update_heading: &'static str,
    pub(crate) expected: &'static str,
    pub(crate) report_heading: &'static str,
    pub(crate) report_explanation: &'static str,
    pub(crate) report_download: &'static str,
    pub(crate) report_meanwhile: &'static str,
    pub(crate) remove_heading: &'static str,
    pub(crate) remove_explanation: &'static str,
    pub(crate) remove: &'static str,
    pub(crate) notice: fn(ConnectorNotice) -> &'static str,
    pub(crate) problem: fn(&ConnectorProblem) -> &'static str,
    pub(crate) remove_title: &'static str,
    pub(crate) remove_question: fn(name: &str, location: &str) -> String,
    pub(crate) remove_working: &'static str,
    pub(crate) remove_orphan: &'static str,
    pub(crate) remove_last: fn(location: &str) -> String,
    pub(crate) not_removed: &'static str,
    pub(crate) remove_button: &'static str,
}

pub(crate) const ENGLISH: ConnectorPageTexts = ConnectorPageTexts {
    state_heading: "State",
    not_there: "The connector is not in contact, so it cannot be asked. See on the console of the machine that it runs and reaches the cloud.",
    prechecks_heading: "Prechecks",
    prechecks_explanation: "The appliance looks at everything that it needs from its surroundings: link, address, gateway, DNS, time, proxies, and the addresses of the cloud. Settings that a remedy names stand on the appliance's own page.",
    prechecks_run: "Run prechecks",
    prechecks_again: "Run again",
    prechecks_meanwhile: "The appliance is checking. This takes up to a minute; the results appear here.",
    reports: "It reports:",
    copy_refused: |at| {
        format!(
            "Another machine with the key of this connector was refused at {at}. One of the two is a copy: shut it down, or start it afresh on its page."
        )
    },
    name: "Name",
    name_fixed: "The name stands in the certificate and cannot be changed. To rename it, unregister the appliance on its own page and register it again under the new name.",
    id: "ID",
    copy_id: "the ID",
    addresses: "Own addresses",
    seen_from: "Seen from",
    platform: "Runs on",
    domains: "Domains",
    none: "None",
    registered: "Registered",
    connections_heading: "Connections",
    connections_state: |count| match count {
        0 => "No connection",
        1 => "One connection only: a second one follows by itself, usually within a minute",
        _ => "Connected by two connections",
    },
    gateway: "Gateway",
    since: "Since",
    source: "From",
    round_trip: "Round trip",
    intercepted: |issuer| {
        format!("TLS is intercepted by {issuer}; requests stay unreadable to it.")
    },
    disconnects_heading: "Interruptions",
    no_disconnects: "No connection has ended unasked lately.",
    at: "Time",
    cause_label: "Cause and next step",
    cause: |cause| match cause {
        DisconnectCause::Restart => ("The appliance restarted.".to_owned(), ""),
        DisconnectCause::Update => ("The appliance restarted with an update.".to_owned(), ""),
        DisconnectCause::Reset => (
            "The connection was reset on the way.".to_owned(),
            "If it repeats, look at idle time-outs of firewalls and proxies.",
        ),
        DisconnectCause::Closed => ("The appliance closed the connection.".to_owned(), ""),
        DisconnectCause::NoAnswer => (
            "Nothing was heard from the appliance.".to_owned(),
            "Look at the console of the machine, and at its network.",
        ),
        DisconnectCause::GatewayDrained => {
            ("The gateway moved its connections elsewhere.".to_owned(), "")
        }
        DisconnectCause::GatewayLost => {
            ("The gateway failed.".to_owned(), "If it repeats, tell who runs this control plane.")
        }
        DisconnectCause::Copy => (
            "Another machine with the same key connected.".to_owned(),
            "One of them is a copy. Shut it down, or start it afresh on its page.",
        ),
        DisconnectCause::Revoked => (
            "The certificate was revoked.".to_owned(),
            "Reset the appliance and register it again.",
        ),
        DisconnectCause::Unregistered => {
            ("The appliance was unregistered on its own page.".to_owned(), "Remove the entry here.")
        }
        DisconnectCause::VersionTooOld => (
            "The version of the appliance is too old for this control plane.".to_owned(),
            "Install a newer image and register it.",
        ),
        DisconnectCause::CertificateExpired => (
            "The certificate had ended and was not renewed.".to_owned(),
            "Check the clock of the appliance, then restart it.",
        ),
        DisconnectCause::Protocol { detail } => (
            format!("The appliance broke the rules of the protocol: {detail}"),
            "Update the appliance. If it repeats, ask for its diagnostic report.",
        ),
    },
    away: "Away for",
    still_away: "Still away",
    certificate_heading: "Certificate",
    certificate_explanation: "It is valid for 30 days and renewed over the connection after two thirds of them.",
    certificate_expires: "Valid until",
    certificate_left: |left| format!("{left} left"),
    certificate_ended: "over",
    certificate_old: "The renewal is overdue. It happens by itself as soon as the appliance connects, even after the end.",
    fingerprint: "Key (SHA-256)",
    copy_fingerprint: "the fingerprint of the key",
    serial: "Serial number",
    update_heading: "Update",
    expected: "Expected version",
    report_heading: "Diagnostic report",
    report_explanation: "A zip file with logs and settings of the appliance, without secrets. It comes over the connection of the appliance.",
    report_download: "Make and download a report",
    report_meanwhile: "Asked for. This takes up to a minute and a half; the browser saves the file when it is there.",
    remove_heading: "Remove",
    remove_explanation: "Unregister a working appliance on its own page. Remove it here when the machine is gone for good.",
    remove: "Remove this connector",
    notice: |notice| match notice {
        ConnectorNotice::PrechecksDone => "The prechecks are done. Their results are below.",
        ConnectorNotice::UpdateOrdered => {
            "The update is ordered. It starts when no other connector of the location is updated."
        }
    },
    problem: |problem| match problem {
        ConnectorProblem::NotInContact => {
            "The connector is not connected, so nothing was asked of it. See on the console of the machine that it runs and reaches the cloud, then try again."
        }
        ConnectorProblem::Busy => {
            "The connector has as much to do as it can. Try again in a minute."
        }
        ConnectorProblem::TooManyRequests => {
            "Too many requests to your connectors are under way. Wait for the answer to one of them, then try again."
        }
        ConnectorProblem::TooLate => {
            "The connector did not answer in time. Look at its state below, then try again."
        }
        ConnectorProblem::TooOld => {
            "This version of the appliance cannot do it. Install a newer image and register it."
        }
        ConnectorProblem::Refused { .. } => {
            "The connector answered that it cannot. Try again in a minute. If it stays so, look into the logs on its own page. It says:"
        }
        ConnectorProblem::Strange => {
            "The connector answers what this control plane does not understand. Update whichever of both is older."
        }
        ConnectorProblem::Lost => {
            "The connection to the connector was lost on the way. Wait until it is in contact, then try again."
        }
        ConnectorProblem::NoGateway => {
            "No gateway could take the request. Try again in a minute. If it stays so, tell who runs this control plane."
        }
        ConnectorProblem::FormExpired => {
            "This page was open for too long. Look at the state, then try again."
        }
    },
    remove_title: "Remove connector",
    remove_question: |name, location| format!("Remove {name} from {location}?"),
    remove_working: "This connector works. Its certificate is revoked at once and it can serve nothing any more. To use the machine again, reset it and register it anew.",
    remove_orphan: "Its certificate is revoked. Should the machine come back, it is refused and has to be registered anew.",
    remove_last: |location| {
        format!("It is the last connector of {location}: nothing there can be reached without it.")
    },
    not_removed: "The connector was not removed. Try again in a minute.",
    remove_button: "Remove",
};

pub(crate) const JAPANESE: ConnectorPageTexts = ConnectorPageTexts {
    state_heading: "状態",
    not_there: "コネクタが接続していないため、要求できません。マシンが動作してクラウドに到達していることをそのコンソールで確認してください。",
    prechecks_heading: "事前チェック",
    prechecks_explanation: "リンク、アドレス、ゲートウェイ、DNS、時刻、プロキシ、クラウドのアドレスなど、アプライアンスが周囲に必要とするものをすべて確認します。対処方法に示される設定は、アプライアンス自身のページにあります。",
    prechecks_run: "事前チェックを実行",
    prechecks_again: "もう一度実行",
    prechecks_meanwhile: "アプライアンスが確認しています。最大 1 分かかります。結果はここに表示されます。",
    reports: "コネクタからの報告:",
    copy_refused: |at| {
        format!(
            "このコネクタと同じキーを持つ別のマシンを {at} に拒否しました。どちらかが複製です。シャットダウンするか、そのページで新しいアプライアンスとして開始してください。"
        )
    },
    name: "名前",
    name_fixed: "名前は証明書に含まれるため変更できません。変更するには、アプライアンスのページで登録を解除し、新しい名前で登録し直してください。",
    id: "ID",
    copy_id: "ID",
    addresses: "自身のアドレス",
    seen_from: "接続元",
    platform: "動作環境",
    domains: "ドメイン",
    none: "なし",
    registered: "登録日時",
    connections_heading: "接続",
    connections_state: |count| match count {
        0 => "接続がありません",
        1 => "接続は 1 本だけです。通常は 1 分以内に 2 本目が自動的に接続されます",
        _ => "2 本の接続で接続しています",
    },
    gateway: "ゲートウェイ",
    since: "開始",
    source: "接続元",
    round_trip: "往復時間",
    intercepted: |issuer| {
        format!("TLS は {issuer} に傍受されていますが、要求を読み取られることはありません。")
    },
    disconnects_heading: "切断の履歴",
    no_disconnects: "最近、意図しない切断はありません。",
    at: "日時",
    cause_label: "原因と対処",
    cause: |cause| match cause {
        DisconnectCause::Restart => ("アプライアンスが再起動しました。".to_owned(), ""),
        DisconnectCause::Update => ("アプライアンスが更新のため再起動しました。".to_owned(), ""),
        DisconnectCause::Reset => (
            "接続が経路上でリセットされました。".to_owned(),
            "繰り返す場合は、ファイアウォールやプロキシのアイドル タイムアウトを確認してください。",
        ),
        DisconnectCause::Closed => ("アプライアンスが接続を閉じました。".to_owned(), ""),
        DisconnectCause::NoAnswer => (
            "アプライアンスからの応答がなくなりました。".to_owned(),
            "マシンのコンソールとネットワークを確認してください。",
        ),
        DisconnectCause::GatewayDrained => {
            ("ゲートウェイが接続を別のゲートウェイに移しました。".to_owned(), "")
        }
        DisconnectCause::GatewayLost => (
            "ゲートウェイに障害が発生しました。".to_owned(),
            "繰り返す場合は、コントロール プレーンの運用者に連絡してください。",
        ),
        DisconnectCause::Copy => (
            "同じキーを持つ別のマシンが接続しました。".to_owned(),
            "どちらかが複製です。シャットダウンするか、そのページで新しいアプライアンスとして開始してください。",
        ),
        DisconnectCause::Revoked => (
            "証明書が失効しました。".to_owned(),
            "アプライアンスをリセットして、登録し直してください。",
        ),
        DisconnectCause::Unregistered => (
            "アプライアンスのページで登録が解除されました。".to_owned(),
            "ここで項目を削除してください。",
        ),
        DisconnectCause::VersionTooOld => (
            "アプライアンスのバージョンが古く、このコントロール プレーンでは使用できません。"
                .to_owned(),
            "新しいイメージをインストールして登録してください。",
        ),
        DisconnectCause::CertificateExpired => (
            "証明書の期限が切れ、更新されませんでした。".to_owned(),
            "アプライアンスの時計を確認してから再起動してください。",
        ),
        DisconnectCause::Protocol { detail } => (
            format!("アプライアンスがプロトコルに違反しました: {detail}"),
            "アプライアンスを更新してください。繰り返す場合は診断レポートを要求してください。",
        ),
    },
    away: "切断時間",
    still_away: "切断中",
    certificate_heading: "証明書",
    certificate_explanation: "有効期間は 30 日で、その 3 分の 2 が過ぎると接続を通じて更新されます。",
    certificate_expires: "有効期限",
    certificate_left: |left| format!("残り {left}"),
    certificate_ended: "期限切れ",
    certificate_old: "更新が遅れています。期限切れの後でも、アプライアンスが接続すると自動的に更新されます。",
    fingerprint: "キー (SHA-256)",
    copy_fingerprint: "キーのフィンガープリント",
    serial: "シリアル番号",
    update_heading: "更新",
    expected: "適用予定のバージョン",
    report_heading: "診断レポート",
    report_explanation: "アプライアンスのログと設定を含む zip ファイルです。秘密情報は含まれません。アプライアンスの接続を通じて届きます。",
    report_download: "レポートを作成してダウンロード",
    report_meanwhile: "要求しました。最大 1 分半かかります。届くとブラウザーがファイルを保存します。",
    remove_heading: "削除",
    remove_explanation: "動作中のアプライアンスは、そのページで登録を解除してください。マシンが完全になくなった場合は、ここで削除します。",
    remove: "このコネクタを削除",
    notice: |notice| match notice {
        ConnectorNotice::PrechecksDone => {
            "事前チェックが完了しました。結果は下に表示されています。"
        }
        ConnectorNotice::UpdateOrdered => {
            "更新を指示しました。同じ場所の別のコネクタが更新中でなくなると開始します。"
        }
    },
    problem: |problem| match problem {
        ConnectorProblem::NotInContact => {
            "コネクタが接続していないため、要求できませんでした。マシンが動作してクラウドに到達していることをそのコンソールで確認し、もう一度試してください。"
        }
        ConnectorProblem::Busy => {
            "コネクタの処理能力が上限に達しています。1 分後にもう一度試してください。"
        }
        ConnectorProblem::TooManyRequests => {
            "コネクタへの要求が多すぎます。どれかが完了するのを待ってから、もう一度試してください。"
        }
        ConnectorProblem::TooLate => {
            "コネクタが時間内に応答しませんでした。下の状態を確認して、もう一度試してください。"
        }
        ConnectorProblem::TooOld => {
            "アプライアンスのこのバージョンは対応していません。新しいイメージをインストールして登録してください。"
        }
        ConnectorProblem::Refused { .. } => {
            "コネクタは実行できないと応答しました。1 分後にもう一度試してください。解決しない場合は、アプライアンスのページでログを確認してください。コネクタからの応答:"
        }
        ConnectorProblem::Strange => {
            "コネクタの応答をこのコントロール プレーンで解釈できません。どちらか古い方を更新してください。"
        }
        ConnectorProblem::Lost => {
            "コネクタとの接続が途中で失われました。接続が回復するのを待ってから、もう一度試してください。"
        }
        ConnectorProblem::NoGateway => {
            "要求を受け付けるゲートウェイがありません。1 分後にもう一度試してください。解決しない場合は、コントロール プレーンの運用者に連絡してください。"
        }
        ConnectorProblem::FormExpired => {
            "ページの有効期間が過ぎました。状態を確認して、もう一度操作してください。"
        }
    },
    remove_title: "コネクタの削除",
    remove_question: |name, location| format!("{location} から {name} を削除しますか?"),
    remove_working: "このコネクタは動作中です。証明書がすぐに失効し、何も処理できなくなります。マシンを再び使用するには、リセットして登録し直してください。",
    remove_orphan: "証明書が失効します。マシンが復帰しても拒否され、登録し直す必要があります。",
    remove_last: |location| {
        format!("{location} の最後のコネクタです。削除すると、この場所に到達できなくなります。")
    },
    not_removed: "コネクタは削除されませんでした。1 分後にもう一度試してください。",
    remove_button: "削除",
};
