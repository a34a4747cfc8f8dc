//! Japanese.

use super::PrecheckTexts;

pub(crate) const TEXTS: PrecheckTexts = PrecheckTexts {
    heading: "事前チェック",
    intro: "リンク、アドレス、ゲートウェイ、DNS、時刻、プロキシ、クラウドのアドレスなど、アプライアンスが周囲に必要とするものをすべて確認します。",
    run: "事前チェックを実行",
    run_again: "もう一度実行",
    none: "前回の起動以降、事前チェックは実行されていません。登録の前と、ネットワークを変更するたびに実行してください。",
    busy: ("事前チェックはすでに実行中です。", "結果は下に表示されています。"),
    running: |done, checks| format!("{checks} 件中 {done} 件のチェックが完了"),
    progress: "事前チェックの進行状況",
    caption_running: |at| format!("開始日時 {at}"),
};
