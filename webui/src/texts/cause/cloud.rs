//! Causes of registration and of the connections to the cloud.
//!
//! What a failed connection means stands with the nine causes of failed connections; its first step is
//! put before the ones here.

use model::channel::{ConnectionRefusal, ConnectionTrouble};
use model::health::Cause;
use page::outbound::OutboundText;

use super::CauseText;
use crate::texts::registration;

/// The text in English; `None` for causes of another kind.
pub(super) fn english(cause: &Cause) -> Option<CauseText> {
    let text = match cause {
        Cause::RemovedFromCloud { name, .. } => CauseText {
            state: "Removed",
            headline: format!("The appliance was removed in the cloud, where it was called {name}."),
            consequence: "The cloud cannot reach it any more.",
            remedies: vec!["If it is still needed, register it again.".to_owned()],
        },
        Cause::RegistrationSealed { name, trouble } => CauseText {
            state: "Key sealed",
            headline: registration::english::sealed(name, trouble),
            consequence: "The cloud does not reach the appliance.",
            remedies: registration::english::unseal_remedies(),
        },
        Cause::RegistrationStuck { trouble } => CauseText {
            state: "Waiting",
            headline: format!("The registration waits: {}.", trouble_in_english(trouble)),
            consequence: "A code that is shown stays good until its time is over.",
            remedies: steps_in_english(trouble),
        },
        Cause::CloudUnreachable { trouble, .. } => CauseText {
            state: "Not connected",
            headline: format!("The cloud is not connected: {}.", trouble_in_english(trouble)),
            consequence: "What the cloud asks for has to be done by other appliances.",
            remedies: steps_in_english(trouble),
        },
        Cause::CloudSingleConnection { trouble, .. } => CauseText {
            state: "One connection",
            headline: format!(
                "One of two connections to the cloud does not work: {}.",
                trouble_in_english(trouble)
            ),
            consequence: "The appliance works; if the other connection is cut as well, it does not.",
            remedies: steps_in_english(trouble),
        },
        Cause::CloneTurnedAway { host_name, addresses, .. } => CauseText {
            state: "Copy seen",
            headline: format!(
                "A copy of this appliance wanted to connect with the cloud: {host_name} {}.",
                in_parentheses(addresses)
            ),
            consequence: "The cloud turned it away; only one machine can use a registration.",
            remedies: vec![
                "Reset the copy to its factory settings, and register it under a name of its own."
                    .to_owned(),
            ],
        },
        Cause::CloudCertificateExpired { .. } => CauseText {
            state: "Expired",
            headline: "The certificate that the cloud gave to this appliance has expired."
                .to_owned(),
            consequence: "It is renewed as soon as the cloud is reached.",
            remedies: vec![
                "Check that the clock of the appliance is right and that the cloud is reached."
                    .to_owned(),
            ],
        },
        Cause::CloudCertificateNotRenewed { .. } => CauseText {
            state: "Not renewed",
            headline: "The cloud does not renew the certificate of this appliance.".to_owned(),
            consequence: "The present one works until it expires; the appliance asks every hour.",
            remedies: vec![
                "Look for the reason in the log of the cloud. Registering the appliance again helps in any case."
                    .to_owned(),
            ],
        },
        _ => return None,
    };
    Some(text)
}

/// The text in Japanese; `None` for causes of another kind.
pub(super) fn japanese(cause: &Cause) -> Option<CauseText> {
    let text = match cause {
        Cause::RemovedFromCloud { name, .. } => CauseText {
            state: "削除済み",
            headline: format!("このアプライアンス ({name}) はクラウドから削除されました。"),
            consequence: "クラウドからはアクセスできません。",
            remedies: vec!["引き続き使用する場合は、もう一度登録してください。".to_owned()],
        },
        Cause::RegistrationSealed { name, trouble } => CauseText {
            state: "鍵が使用不可",
            headline: registration::japanese::sealed(name, trouble),
            consequence: "クラウドからアプライアンスにアクセスできません。",
            remedies: registration::japanese::unseal_remedies(),
        },
        Cause::RegistrationStuck { trouble } => CauseText {
            state: "待機中",
            headline: format!("登録が進んでいません: {}。", trouble_in_japanese(trouble)),
            consequence: "表示されているコードは、期限まで有効です。",
            remedies: steps_in_japanese(trouble),
        },
        Cause::CloudUnreachable { trouble, .. } => CauseText {
            state: "未接続",
            headline: format!("クラウドに接続していません: {}。", trouble_in_japanese(trouble)),
            consequence: "クラウドからの要求は、ほかのアプライアンスが処理する必要があります。",
            remedies: steps_in_japanese(trouble),
        },
        Cause::CloudSingleConnection { trouble, .. } => CauseText {
            state: "接続 1 本",
            headline: format!(
                "クラウドへの 2 本の接続のうち 1 本が使用できません: {}。",
                trouble_in_japanese(trouble)
            ),
            consequence: "アプライアンスは動作していますが、もう 1 本も切れると動作しません。",
            remedies: steps_in_japanese(trouble),
        },
        Cause::CloneTurnedAway { host_name, addresses, .. } => CauseText {
            state: "コピーあり",
            headline: format!(
                "このアプライアンスのコピーがクラウドに接続しようとしました: {host_name} {}。",
                in_parentheses(addresses)
            ),
            consequence: "クラウドはこれを拒否しました。1 つの登録を使用できるのは 1 台だけです。",
            remedies: vec![
                "コピーを工場出荷時の状態に戻し、別の名前で登録してください。".to_owned(),
            ],
        },
        Cause::CloudCertificateExpired { .. } => CauseText {
            state: "期限切れ",
            headline: "クラウドが発行したこのアプライアンスの証明書の期限が切れています。".to_owned(),
            consequence: "クラウドに接続できしだい更新されます。",
            remedies: vec![
                "アプライアンスの時刻が正しいこと、クラウドに接続できることを確認してください。"
                    .to_owned(),
            ],
        },
        Cause::CloudCertificateNotRenewed { .. } => CauseText {
            state: "更新不可",
            headline: "クラウドがこのアプライアンスの証明書を更新しません。".to_owned(),
            consequence: "現在の証明書は期限まで有効です。アプライアンスは 1 時間ごとに要求します。",
            remedies: vec![
                "クラウドのログで理由を確認してください。アプライアンスを登録し直すと必ず解決します。"
                    .to_owned(),
            ],
        },
        _ => return None,
    };
    Some(text)
}

/// Trouble with a connection, in English. What a failed one means stands with the nine causes.
pub(crate) fn in_english(trouble: &ConnectionTrouble) -> OutboundText {
    OutboundText {
        headline: format!("The cloud is not connected: {}.", trouble_in_english(trouble)),
        next_step: steps_in_english(trouble).join(" "),
    }
}

/// Trouble with a connection, in Japanese. What a failed one means stands with the nine causes.
pub(crate) fn in_japanese(trouble: &ConnectionTrouble) -> OutboundText {
    OutboundText {
        headline: format!("クラウドに接続していません: {}。", trouble_in_japanese(trouble)),
        next_step: steps_in_japanese(trouble).concat(),
    }
}

/// Why there is no connection, as part of a sentence. For failed connections that is told beside it.
const fn trouble_in_english(trouble: &ConnectionTrouble) -> &'static str {
    match trouble {
        ConnectionTrouble::SettingsUnknown => "the settings of the appliance are not known yet",
        ConnectionTrouble::Outbound { .. } => "it cannot be reached",
        ConnectionTrouble::NotCloud { .. } => "the server that answers is no cloud of connectors",
        ConnectionTrouble::WrongIdentity => {
            "the server cannot prove that it is the cloud of this appliance"
        }
        ConnectionTrouble::Refused { reason } => match reason {
            ConnectionRefusal::Clone => "another machine with the key of this one is connected",
            ConnectionRefusal::Unregistered => "the cloud does not know this appliance any more",
            ConnectionRefusal::VersionTooOld => "this version of the appliance is too old",
            ConnectionRefusal::VersionTooNew => "this version of the appliance is too new",
            ConnectionRefusal::Busy => "the cloud has too much to do",
        },
        ConnectionTrouble::Lost { .. } => "the connection was lost",
        ConnectionTrouble::Silent => "the cloud was silent for too long",
        ConnectionTrouble::NotRenewed => "the certificate ran out and the cloud does not renew it",
        ConnectionTrouble::Protocol { .. } => "the cloud speaks another version",
    }
}

const fn trouble_in_japanese(trouble: &ConnectionTrouble) -> &'static str {
    match trouble {
        ConnectionTrouble::SettingsUnknown => "アプライアンスの設定がまだ読み込まれていません",
        ConnectionTrouble::Outbound { .. } => "到達できません",
        ConnectionTrouble::NotCloud { .. } => "応答したサーバーはコネクタのクラウドではありません",
        ConnectionTrouble::WrongIdentity => {
            "サーバーが、このアプライアンスのクラウドであることを証明できません"
        }
        ConnectionTrouble::Refused { reason } => match reason {
            ConnectionRefusal::Clone => "同じ鍵を持つ別のマシンが接続しています",
            ConnectionRefusal::Unregistered => "クラウドにこのアプライアンスの登録がありません",
            ConnectionRefusal::VersionTooOld => "このアプライアンスのバージョンは古すぎます",
            ConnectionRefusal::VersionTooNew => "このアプライアンスのバージョンは新しすぎます",
            ConnectionRefusal::Busy => "クラウドが混み合っています",
        },
        ConnectionTrouble::Lost { .. } => "接続が切れました",
        ConnectionTrouble::Silent => "クラウドからの応答が長時間ありません",
        ConnectionTrouble::NotRenewed => "証明書の期限が切れ、クラウドが更新しません",
        ConnectionTrouble::Protocol { .. } => "クラウドのバージョンが異なります",
    }
}

/// What to do; empty for failed connections, whose step stands with their cause.
fn steps_in_english(trouble: &ConnectionTrouble) -> Vec<String> {
    let step = match trouble {
        ConnectionTrouble::Outbound { .. } => return Vec::new(),
        ConnectionTrouble::NotCloud { .. } => {
            "Check the address of the cloud, and that no proxy or load balancer answers in its place. WebSockets have to pass."
        }
        ConnectionTrouble::WrongIdentity => {
            "Find out from the operator of the cloud whether it was set up anew. If so, unregister the appliance and register it again."
        }
        ConnectionTrouble::Refused { reason } => match reason {
            ConnectionRefusal::Clone => {
                "If this machine is the copy, reset it to its factory settings. Otherwise switch the other one off."
            }
            ConnectionRefusal::Unregistered => "Register the appliance again.",
            ConnectionRefusal::VersionTooOld => "Update the appliance.",
            ConnectionRefusal::VersionTooNew => "Update the cloud.",
            ConnectionRefusal::Busy => "Wait: the appliance tries again by itself.",
        },
        ConnectionTrouble::SettingsUnknown
        | ConnectionTrouble::Lost { .. }
        | ConnectionTrouble::Silent => {
            "Wait: the appliance connects again by itself. If this lasts, let connections to port 443 stand for longer in firewall and proxy."
        }
        ConnectionTrouble::NotRenewed => "Unregister the appliance and register it again.",
        ConnectionTrouble::Protocol { .. } => "Bring appliance and cloud to the same release.",
    };
    vec![step.to_owned()]
}

fn steps_in_japanese(trouble: &ConnectionTrouble) -> Vec<String> {
    let step = match trouble {
        ConnectionTrouble::Outbound { .. } => return Vec::new(),
        ConnectionTrouble::NotCloud { .. } => {
            "クラウドのアドレスを確認し、プロキシやロード バランサーが代わりに応答していないか確認してください。WebSocket を通す必要があります。"
        }
        ConnectionTrouble::WrongIdentity => {
            "クラウドが新しく構築されたかどうかを運用者に確認してください。その場合は、アプライアンスの登録を解除し、もう一度登録してください。"
        }
        ConnectionTrouble::Refused { reason } => match reason {
            ConnectionRefusal::Clone => {
                "このマシンがコピーの場合は、工場出荷時の状態に戻してください。そうでない場合は、もう一方の電源を切ってください。"
            }
            ConnectionRefusal::Unregistered => "アプライアンスをもう一度登録してください。",
            ConnectionRefusal::VersionTooOld => "アプライアンスを更新してください。",
            ConnectionRefusal::VersionTooNew => "クラウドを更新してください。",
            ConnectionRefusal::Busy => "お待ちください。アプライアンスが自動的に再試行します。",
        },
        ConnectionTrouble::SettingsUnknown
        | ConnectionTrouble::Lost { .. }
        | ConnectionTrouble::Silent => {
            "お待ちください。アプライアンスが自動的に再接続します。続く場合は、ファイアウォールとプロキシでポート 443 への接続をより長く維持するようにしてください。"
        }
        ConnectionTrouble::NotRenewed => "アプライアンスの登録を解除し、もう一度登録してください。",
        ConnectionTrouble::Protocol { .. } => {
            "アプライアンスとクラウドを同じリリースにそろえてください。"
        }
    };
    vec![step.to_owned()]
}

fn in_parentheses(addresses: &[String]) -> String {
    format!("({})", addresses.join(", "))
}
