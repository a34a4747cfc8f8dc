//! The causes in Japanese.

use model::boot_parameter::STATIC_EXAMPLE;
use model::health::{Cause, Finding, Subject};
use model::role::Role;

use super::{CauseText, CauseTexts, text};
use crate::texts::boot_parameter;

pub(crate) const TEXTS: CauseTexts =
    CauseTexts { text: japanese, boot_parameter: Some(boot_parameter::japanese) };

const WAIT: &str = "数秒待ってください。1 分以上続く場合は、アプライアンスを再起動してください。";

fn japanese(finding: &Finding) -> Option<CauseText> {
    let text = match &finding.cause {
        Cause::Good => return None,
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
                Subject::Dns | Subject::BootParameter | Subject::Services => {
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
    }
}
