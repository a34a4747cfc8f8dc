//! Texts of *Diagnostic report*.

use crate::diagnostic_report::ReportRefusal;

/// Texts of the section and of its page.
#[derive(Debug)]
pub(crate) struct DiagnosticReportTexts {
    pub(crate) heading: &'static str,
    pub(crate) intro: &'static str,
    pub(crate) mask: &'static str,
    pub(crate) mask_hint: &'static str,
    pub(crate) button: &'static str,
    /// For the script: while the report is made, while it is transferred, and afterwards.
    pub(crate) making: &'static str,
    pub(crate) receiving: &'static str,
    pub(crate) done: &'static str,
    pub(crate) lost: &'static str,
    pub(crate) progress: &'static str,
    pub(crate) refusal: fn(&ReportRefusal) -> (String, &'static str),
}

pub(crate) const ENGLISH: DiagnosticReportTexts = DiagnosticReportTexts {
    heading: "Diagnostic report",
    intro: "One .zip file with settings, states, prechecks and the last logs of every part, to look into yourself or to send to support. Passwords, keys and tokens are left out.",
    mask: "Mask addresses and names",
    mask_hint: "The same address or name gets the same pseudonym everywhere in the report. Good for passing the file on; keep an unmasked one to compare.",
    button: "Download Report",
    making: "The report is being made. This takes up to 30 s.",
    receiving: "The report is being transferred.",
    done: "The report is downloaded.",
    lost: "The connection was lost. Try again.",
    progress: "Progress of the report",
    refusal: |refusal| match refusal {
        ReportRefusal::Busy => (
            "Another report is being made at this moment.".to_owned(),
            "Wait half a minute, then try again.",
        ),
        ReportRefusal::Silent => (
            "The diagnostics service does not answer.".to_owned(),
            "It restarts by itself. Try again in a few seconds.",
        ),
        ReportRefusal::Failed { reason } => (
            format!("The report could not be made: {reason}."),
            "Try again. If it stays so, restart the appliance; the console shows what is wrong.",
        ),
    },
};

pub(crate) const JAPANESE: DiagnosticReportTexts = DiagnosticReportTexts {
    heading: "診断レポート",
    intro: "設定、状態、事前チェック、各機能の最新のログを 1 つの .zip ファイルにまとめます。自分で調べることも、サポートに送付することもできます。パスワード、キー、トークンは含まれません。",
    mask: "アドレスと名前をマスクする",
    mask_hint: "同じアドレスや名前は、レポート全体で同じ仮名に置き換えられます。ファイルを渡す場合に適しています。照合のため、マスクしないレポートも保管してください。",
    button: "レポートをダウンロード",
    making: "レポートを作成しています。最大 30 秒かかります。",
    receiving: "レポートを転送しています。",
    done: "レポートをダウンロードしました。",
    lost: "接続が切れました。もう一度試してください。",
    progress: "レポートの進行状況",
    refusal: |refusal| match refusal {
        ReportRefusal::Busy => (
            "別のレポートが作成されているところです。".to_owned(),
            "30 秒ほど待ってから、もう一度試してください。",
        ),
        ReportRefusal::Silent => (
            "診断サービスが応答していません。".to_owned(),
            "自動的に再起動します。数秒後にもう一度試してください。",
        ),
        ReportRefusal::Failed { reason } => (
            format!("レポートを作成できませんでした: {reason}"),
            "もう一度試してください。解決しない場合は、アプライアンスを再起動してください。コンソールに問題点が表示されます。",
        ),
    },
};
