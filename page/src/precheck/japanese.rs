//! Japanese.

use model::precheck::{
    Check, CheckCause, CheckDetail, CheckResult, PRECHECKS_LIMIT_SECONDS, SkipReason,
};

use super::CheckTexts;
use crate::FailureText;

pub(super) const TEXTS: CheckTexts = CheckTexts {
    good: |checks| format!("{checks} 件のチェックすべてに合格しました"),
    attention: |checks| format!("{checks} 件のチェックに注意が必要です"),
    failing: |checks| format!("{checks} 件のチェックに失敗しました"),
    caption: |at, took| format!("実行日時 {at}、所要時間 {took}"),
    column_check: "チェック",
    column_result: "結果",
    column_took: "所要時間",
    check: |check| match check {
        Check::Link => "リンク".to_owned(),
        Check::Address => "アドレス".to_owned(),
        Check::Gateway => "ゲートウェイ".to_owned(),
        Check::Dns { server: Some(server) } => format!("DNS サーバー {server}"),
        Check::Dns { server: None } => "DNS サーバー".to_owned(),
        Check::TimeServer { server } => format!("タイム サーバー {server}"),
        Check::Clock => "時計".to_owned(),
        Check::Proxy { location, .. } => format!("プロキシ {location}"),
        Check::Cloud { address } => format!("クラウド {address}"),
    },
    result: |result| match result {
        CheckResult::Waiting => "待機中",
        CheckResult::Running => "確認中",
        CheckResult::Good { .. } => "合格",
        CheckResult::Attention { .. } => "要注意",
        CheckResult::Failing { .. } => "失敗",
        CheckResult::Skipped { .. } => "省略",
    },
    found,
    cause,
    skipped: |reason| match reason {
        SkipReason::NoAddress => "アドレスが必要ですが、アプライアンスにありません。",
        SkipReason::NoDnsServer => "DNS サーバーが必要ですが、設定されていません。",
        SkipReason::NoGateway => "確認するゲートウェイがありません。",
    },
};

fn found(detail: &CheckDetail) -> String {
    match detail {
        CheckDetail::Interface { name } => name.clone(),
        CheckDetail::Address { address } => {
            format!("{address}、他のマシンは使用していません")
        }
        CheckDetail::Gateway { address, hardware_address } => {
            format!("{address} が {hardware_address} から応答")
        }
        CheckDetail::Resolved { name, addresses } if addresses.is_empty() => {
            format!("応答あり、{name} は存在しません")
        }
        CheckDetail::Resolved { name, addresses } => {
            let addresses: Vec<_> = addresses.iter().map(ToString::to_string).collect();
            format!("{name} は {}", addresses.join(", "))
        }
        CheckDetail::ClockFollows { server, offset_ms } => {
            let server = match server {
                Some(server) => format!("{server} "),
                None => "ハイパーバイザーの時計".to_owned(),
            };
            match offset_ms {
                Some(offset) => format!("{server}と同期、差は {} ミリ秒", offset.unsigned_abs()),
                None => format!("{server}と同期"),
            }
        }
        CheckDetail::Way { proxy, intercepted_by } => {
            let way = match proxy {
                Some(proxy) => format!("{proxy} 経由で到達"),
                None => "直接到達".to_owned(),
            };
            match intercepted_by {
                Some(issuer) => format!("{way}、{issuer} が傍受"),
                None => format!("{way}、傍受なし"),
            }
        }
    }
}

fn cause(cause: &CheckCause) -> Option<FailureText> {
    let text = |headline: &str, remedy: &str| (headline.to_owned(), remedy.to_owned(), None);
    let said = |headline: &str, remedy: &str, words: &str| {
        (headline.to_owned(), remedy.to_owned(), Some(words.to_owned()))
    };
    let (headline, remedy, words) = match cause {
        CheckCause::Connection { .. } => return None,
        CheckCause::NoInterface => text(
            "仮想マシンにネットワーク カードがありません。",
            "ハイパーバイザーで追加し、仮想マシンを再起動してください。",
        ),
        CheckCause::NoLink => text(
            "ネットワーク カードのケーブルが外れています。",
            "ハイパーバイザーでネットワーク カードをネットワークに接続してください。",
        ),
        CheckCause::NoAddress => text(
            "アドレスがありません。DHCP サーバーが応答していません。",
            "このネットワークに DHCP サーバーがあることを確認するか、「ネットワーク設定」またはコンソールで固定アドレスを設定してください。",
        ),
        CheckCause::AddressConflict { address, holder } => (
            format!("別のマシン {holder} も {address} を使用しています。"),
            "どちらかに別のアドレスを割り当ててください。".to_owned(),
            None,
        ),
        CheckCause::NoGateway => text(
            "ゲートウェイがないため、同じネットワークにしか到達できません。",
            "アプライアンスに必要なものがすべて同じネットワークにある場合を除き、「ネットワーク設定」で設定するか、DHCP サーバーから配布してください。",
        ),
        CheckCause::GatewaySilent { address } => (
            format!("ゲートウェイ {address} が応答していません。"),
            "このネットワークのゲートウェイであること、仮想マシンが正しいネットワークに接続されていることを確認してください。".to_owned(),
            None,
        ),
        CheckCause::NoDnsServer => text(
            "DNS サーバーが設定されていません。",
            "「ネットワーク設定」で設定するか、DHCP サーバーから配布してください。",
        ),
        CheckCause::DnsSilent { limit_seconds } => (
            format!("DNS サーバーが {limit_seconds} 秒以内に応答しません。"),
            "アドレス、電源、ファイアウォールが UDP ポート 53 を許可していることを確認してください。".to_owned(),
            None,
        ),
        CheckCause::DnsRefuses { code } => said(
            "DNS サーバーは応答しますが、アプライアンスの名前解決を行いません。",
            "DNS サーバーでアプライアンスのアドレスを許可するか、別の DNS サーバーを選択してください。",
            code,
        ),
        CheckCause::NoTime { reason } => said(
            "タイム サーバーから使用できる応答がありません。",
            "名前、動作状況、ファイアウォールが UDP ポート 123 を許可していることを確認してください。",
            reason,
        ),
        CheckCause::ClockWaiting => text(
            "まだどのタイム サーバーも応答していません。",
            "1 分待ってから、事前チェックをもう一度実行してください。",
        ),
        CheckCause::ClockUnreachable { reason } => said(
            "どのタイム サーバーからも使用できる応答がありません。時計が正しくない可能性があります。",
            "アプライアンスから到達できるタイム サーバーを設定するか、ハイパーバイザーの時計を同期してください。",
            reason,
        ),
        CheckCause::ClockWrong => text(
            "時計がこのリリースより前の日時のため、証明書を検証できません。",
            "ハイパーバイザーの時計を合わせるか、「ネットワーク設定」でタイム サーバーを設定してください。",
        ),
        CheckCause::TimedOut => (
            format!("{PRECHECKS_LIMIT_SECONDS} 秒以内に終わりませんでした。"),
            "失敗したチェックを解決してから、事前チェックをもう一度実行してください。".to_owned(),
            None,
        ),
        CheckCause::Unknown { reason } => said(
            "この情報を管理するアプライアンスの機能が応答していません。",
            "1 分後にもう一度試してください。解決しない場合は、診断レポートをダウンロードしてサポートに送付してください。",
            reason,
        ),
    };
    Some(FailureText { headline, remedy, words })
}
