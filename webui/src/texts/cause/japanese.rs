//! The causes in Japanese.

use model::boot_parameter::STATIC_EXAMPLE;
use model::health::{Cause, Finding, Subject};
use model::role::Role;
use model::settings::RevertReason;

use super::{CauseText, CauseTexts, cloud, connections, domains, platform, text};
use crate::texts::boot_parameter;

pub(crate) const TEXTS: CauseTexts =
    CauseTexts { text: japanese, boot_parameter: Some(boot_parameter::japanese) };

const WAIT: &str = "数秒待ってください。1 分以上続く場合は、アプライアンスを再起動してください。";

fn japanese(finding: &Finding) -> Option<CauseText> {
    let text = match &finding.cause {
        Cause::Good | Cause::NotRegistered => return None,
        Cause::NetworkStarting => text(
            "開始中",
            "ネットワークを開始しています。",
            "ネットワーク カードとアドレスを確認しています。",
            &[WAIT],
        ),
        Cause::NoInterface => text(
            "カードなし",
            "アプライアンスにネットワーク カードがありません。",
            "ネットワーク経由ではアクセスできません。",
            &[
                "ハイパーバイザーで仮想マシンにネットワーク カードを追加してください。",
                "仮想マシンを再起動してください。",
            ],
        ),
        Cause::NoLink => text(
            "リンクなし",
            "ネットワーク カードのリンクが切れています。",
            "仮想ケーブルが接続されていないため、どこにも到達できません。",
            &[
                "仮想マシンの設定でネットワーク カードを接続してください。",
                "その仮想スイッチが社内ネットワークにつながっているか確認してください。",
            ],
        ),
        Cause::NoLease { .. } => CauseText {
            state: "アドレスなし",
            headline: "DHCP サーバーが応答しません。".to_owned(),
            consequence: "アプライアンスにアドレスがありません。",
            remedies: vec![
                "DHCP サーバーのあるネットワークにネットワーク カードを接続してください。"
                    .to_owned(),
                format!(
                    "または固定アドレスを設定します。{}",
                    at_the_boot_menu(&format!("{STATIC_EXAMPLE} を追加"))
                ),
            ],
        },
        Cause::AddressConflict { address, holder } => CauseText {
            state: "アドレス重複",
            headline: format!("アドレス {address} は別のマシン ({holder}) が使用しています。"),
            consequence: "互いに妨げないよう、アプライアンスはこのアドレスを使用していません。",
            remedies: vec![
                "このハードウェア アドレスのマシンを探し、別のアドレスを割り当ててください。".to_owned(),
                format!(
                    "または別のアドレスを設定します。{}",
                    at_the_boot_menu(&format!("{STATIC_EXAMPLE} を追加"))
                ),
            ],
        },
        Cause::NetworkFailed { .. } => CauseText {
            state: "設定エラー",
            headline: "ネットワーク設定を適用できませんでした。".to_owned(),
            consequence: "ネットワークの一部または全部が動作しない可能性があります。",
            remedies: vec![format!(
                "設定を修正します。{}",
                at_the_boot_menu(&format!("network=dhcp または {STATIC_EXAMPLE} を追加"))
            )],
        },
        Cause::NoDnsServer => CauseText {
            state: "サーバー不明",
            headline: "DNS サーバーがわかりません。".to_owned(),
            consequence: "名前を解決できず、アドレスしか使用できません。",
            remedies: vec![
                "DHCP サーバーが DNS サーバーを通知するようにしてください。".to_owned(),
                format!(
                    "またはサーバーを手動で指定します。{}",
                    at_the_boot_menu(&format!("{STATIC_EXAMPLE} を追加"))
                ),
            ],
        },
        Cause::ClockWaiting => text(
            "待機中",
            "タイム サーバーからまだ応答がありません。",
            "応答があるまで、時計はハイパーバイザーのものです。",
            &["数秒待ってください。"],
        ),
        Cause::ClockUnreachable { .. } => text(
            "応答なし",
            "使用できる応答を返すタイム サーバーがありません。",
            "時計がずれていき、数分ずれると証明書の検証やサインインが失敗します。",
            &[
                "タイム サーバーへの UDP ポート 123 を許可してください。",
                "またはネットワーク設定で別のタイム サーバーを指定してください。",
            ],
        ),
        Cause::ClockBeforeBuild => text(
            "誤り",
            "時計が、このリリースの作成日時より前になっています。",
            "証明書を検証できないため、外部の何も信頼できません。",
            &[
                "ホストの時計を現在の UTC 時刻に合わせてください。",
                "またはネットワーク設定でタイム サーバーを指定してください。",
            ],
        ),
        Cause::NetworkReverted { reason, .. } => CauseText {
            state: "元に戻しました",
            headline: format!(
                "新しいネットワーク設定を元に戻しました: {}。",
                revert_reason(*reason)
            ),
            consequence: "以前の設定を使用しています。",
            remedies: vec![
                "試した値を確認し、正しければもう一度保存してください。".to_owned(),
                "保存後 60 秒以内に新しいアドレスでサインインし、「この設定を保持」を選んでください。"
                    .to_owned(),
            ],
        },
        Cause::CertificateReverted { reason, .. } => CauseText {
            state: "元に戻しました",
            headline: format!("新しい証明書を元に戻しました: {}。", revert_reason(*reason)),
            consequence: "以前の証明書を使用しています。",
            remedies: vec![
                "もう一度試し、その証明書を信頼するブラウザーで 60 秒以内に確定してください。"
                    .to_owned(),
            ],
        },
        Cause::MachineCopied => text(
            "コピー",
            "この仮想マシンは別のアプライアンスのコピーか、移動されたものです。",
            "同じ ID のアプライアンスが 2 台あると互いに妨げるため、選択を待っています。",
            &[
                "元のマシンがまだ動作している場合は、初期状態から始めてください。",
                "移動または復元しただけの場合は、ID を保持してください。",
            ],
        ),
        Cause::SlotFellBack { failure } => CauseText {
            state: "切り替え",
            headline: format!(
                "{} の起動をあきらめ、{} で動作しています。",
                failure.slot.title(),
                failure.slot.other().title()
            ),
            consequence: "アプライアンスは、このスロットのシステムで動作しています。",
            remedies: vec![
                "理由を控えてください。仮想ディスクを復元またはコピーした場合は、ディスクを確認してください。"
                    .to_owned(),
                "次の更新で、使用されていないスロットは置き換えられます。".to_owned(),
            ],
        },
        Cause::SlotsAllFailed => text(
            "すべて失敗",
            "Root A も Root B も最初は起動せず、両方を再試行しました。",
            "現在は動作していますが、次の再起動で動作しない可能性があります。",
            &[
                "ディスクにエラーがないことをハイパーバイザーで確認してください。",
                "繰り返す場合は、イメージから新しいアプライアンスを展開してください。",
            ],
        ),
        Cause::DataUnavailable { .. } => text(
            "使用不可",
            "データ パーティションを使用できません。",
            "設定とパスワードはメモリ内だけにあり、再起動すると失われます。",
            &[
                "ディスクが接続され、書き込み可能で、エラーがないことをハイパーバイザーで確認してください。",
                "アプライアンスを再起動してください。",
                "解決しない場合は、イメージから新しいアプライアンスを展開してください。",
            ],
        ),
        Cause::SettingsTrouble { .. } => text(
            "問題あり",
            "設定の読み取りまたは書き込みに失敗しました。",
            "一部が既定値になっているか、変更が再起動で失われる可能性があります。",
            &[
                "ディスクが書き込み可能で、空きがあり、エラーがないことをハイパーバイザーで確認してください。",
                "このページの値が設定したとおりか確認してください。",
            ],
        ),
        Cause::BootParameterRefused { .. } => CauseText {
            state: "未使用",
            headline: "ブート パラメーターの形式が正しくありません。".to_owned(),
            consequence: "使用されず、以前のネットワーク設定が有効です。",
            remedies: vec![format!(
                "修正します。{}",
                at_the_boot_menu(&format!("network=dhcp または {STATIC_EXAMPLE} を入力"))
            )],
        },
        Cause::BootParameterNotStored { .. } => text(
            "未保存",
            "ブート パラメーターを保存できませんでした。",
            "今回は使用されますが、次の起動では以前のネットワーク設定に戻ります。",
            &[
                "ディスクが書き込み可能で、空きがあり、エラーがないことをハイパーバイザーで確認してください。",
                "同じブート パラメーターで再起動してください。",
            ],
        ),
        Cause::ProxyUnreachable { .. }
        | Cause::NoUsableProxy { .. }
        | Cause::TlsIntercepted { .. }
        | Cause::TlsInterceptionRefused { .. }
        | Cause::RootExpired { .. }
        | Cause::RootExpiresSoon { .. }
        | Cause::CertificateExpired { .. }
        | Cause::CertificateExpiresSoon { .. } => connections::japanese(&finding.cause)?,
        Cause::DomainUnusable { .. }
        | Cause::MachinePasswordNotChanged { .. }
        | Cause::ForestUnreachable { .. } => domains::japanese(&finding.cause)?,
        Cause::RemovedFromCloud { .. }
        | Cause::RegistrationSealed { .. }
        | Cause::RegistrationStuck { .. }
        | Cause::CloudUnreachable { .. }
        | Cause::CloudSingleConnection { .. }
        | Cause::CloneTurnedAway { .. }
        | Cause::CloudCertificateExpired { .. }
        | Cause::CloudCertificateNotRenewed { .. } => cloud::japanese(&finding.cause)?,
        Cause::FirstSettingsRefused { .. }
        | Cause::FirstSettingsNotStored { .. }
        | Cause::FirstSettingsUnreachable { .. }
        | Cause::FirstRegistrationFailed { .. } => platform::japanese(&finding.cause)?,
        Cause::RoleFailed { role, .. } => CauseText {
            state: "停止",
            headline: format!("{}が繰り返し停止しています。", service(*role)),
            consequence: "しばらくすると自動的に再開されます。",
            remedies: vec![
                "1 分ほど待ってください。続く場合はアプライアンスを再起動してください。".to_owned(),
            ],
        },
        Cause::RolesStarting => CauseText {
            state: "開始中",
            headline: match finding.subject {
                Subject::Network => format!("{}を開始しています。", service(Role::Network)),
                Subject::Storage => format!("{}を開始しています。", service(Role::Settings)),
                Subject::Time => format!("{}を開始しています。", service(Role::Time)),
                Subject::Dns
                | Subject::BootParameter
                | Subject::Changes
                | Subject::Identity
                | Subject::Slots
                | Subject::Proxies
                | Subject::Trust
                | Subject::Certificate
                | Subject::Domains
                | Subject::Cloud
                | Subject::Platform
                | Subject::Services => {
                    "一部のサービスを開始しています。".to_owned()
                }
            },
            consequence: "数秒かかります。",
            remedies: vec![WAIT.to_owned()],
        },
        Cause::RoleSilent { role } => CauseText {
            state: "応答なし",
            headline: format!("{}が応答しません。", service(*role)),
            consequence: "状態がわかりません。",
            remedies: vec![
                "1 分ほど待ってください。続く場合はアプライアンスを再起動してください。".to_owned(),
            ],
        },
    };
    Some(text)
}

/// What to do at the boot menu, as a sentence.
fn at_the_boot_menu(change: &str) -> String {
    format!(
        "再起動し、「Welcome to GRUB!」で Esc キー、次に e キーを押し、linux 行の末尾に {change}して Ctrl-x を押してください。"
    )
}

const fn service(role: Role) -> &'static str {
    match role {
        Role::Settings => "設定サービス",
        Role::Network => "ネットワーク サービス",
        Role::Console => "コンソール サービス",
        Role::Web => "Web サービス",
        Role::Time => "時刻サービス",
        Role::Capture => "パケット キャプチャ サービス",
        Role::Diagnostics => "診断サービス",
        Role::Journal => "ログ サービス",
        Role::Directory => "ディレクトリ サービス",
        Role::Channel => "クラウド接続サービス",
        Role::Guest => "プラットフォーム サービス",
    }
}

const fn revert_reason(reason: RevertReason) -> &'static str {
    match reason {
        RevertReason::NotConfirmed => "時間内に確定されませんでした",
        RevertReason::Operator => "管理者の操作によります",
        RevertReason::Restarted => "確定前にアプライアンスが再起動しました",
    }
}
