//! Texts of requests that cannot be answered.

use crate::error_page::ErrorKind;

/// What an error page says.
#[derive(Debug)]
pub(crate) struct ErrorText {
    pub(crate) heading: &'static str,
    pub(crate) meaning: &'static str,
    pub(crate) remedy: String,
}

/// Texts of the error pages. `wait` is a duration in words.
#[derive(Debug)]
pub(crate) struct ErrorPageTexts {
    pub(crate) home: &'static str,
    pub(crate) status: fn(u16) -> String,
    pub(crate) error: fn(ErrorKind, wait: &str) -> ErrorText,
}

fn text(heading: &'static str, meaning: &'static str, remedy: &str) -> ErrorText {
    ErrorText { heading, meaning, remedy: remedy.to_owned() }
}

pub(crate) const ENGLISH: ErrorPageTexts = ErrorPageTexts {
    home: "Go to the start page",
    status: |status| format!("HTTP status {status}"),
    error: english,
};

fn english(kind: ErrorKind, wait: &str) -> ErrorText {
    match kind {
        ErrorKind::BadRequest => text(
            "The request cannot be read",
            "What the browser has sent is incomplete or malformed. Nothing has been changed.",
            "Go back, fill in the form again and send it.",
        ),
        ErrorKind::Forbidden => text(
            "The request was not accepted",
            "It comes from another site or from a page that is too old. Nothing has been changed.",
            "Open the start page and try again from there.",
        ),
        ErrorKind::NotFound => text(
            "There is no such page",
            "The address is misspelt, or the page belongs to another version.",
            "Check the address, or open the start page.",
        ),
        ErrorKind::MethodNotAllowed => text(
            "The page cannot be used this way",
            "It does not take this kind of request. Nothing has been changed.",
            "Open the start page and try again from there.",
        ),
        ErrorKind::TooLarge => text(
            "The request is too large",
            "It has more data than the page takes. Nothing has been changed.",
            "Shorten what you have typed and send it again.",
        ),
        ErrorKind::UnsupportedMediaType => text(
            "The data has the wrong format",
            "The page takes what its own form sends and nothing else. Nothing has been changed.",
            "Open the start page and use the form there.",
        ),
        ErrorKind::Misdirected => text(
            "This is not an address of the appliance",
            "The appliance answers only under its own addresses and names, so that no other site can speak for it.",
            "Use the address on the console of the virtual machine.",
        ),
        ErrorKind::TooManyRequests { .. } => ErrorText {
            heading: "Too many requests",
            meaning: "More has been asked than the appliance answers at once.",
            remedy: format!("Wait {wait}, then load the page again."),
        },
        ErrorKind::Internal => text(
            "The appliance made a mistake",
            "The request could not be finished because of a fault in the appliance.",
            "Load the page again. If it happens again, restart the appliance.",
        ),
        ErrorKind::StorageUnavailable => text(
            "The settings cannot be read",
            "The data partition of the virtual disk is damaged, full, missing or read-only. A password may be stored there, so nobody can set another one.",
            "Look at the console of the virtual machine: it says what is wrong. Repair or restore the virtual disk in the hypervisor, then restart the virtual machine.",
        ),
        ErrorKind::Unavailable => text(
            "A part of the appliance does not answer",
            "It may still be starting, or be busy.",
            "Wait a few seconds, then load the page again. The console of the virtual machine shows what is wrong.",
        ),
    }
}

pub(crate) const JAPANESE: ErrorPageTexts = ErrorPageTexts {
    home: "開始ページへ移動",
    status: |status| format!("HTTP ステータス {status}"),
    error: japanese,
};

fn japanese(kind: ErrorKind, wait: &str) -> ErrorText {
    match kind {
        ErrorKind::BadRequest => text(
            "要求を読み取れません",
            "ブラウザーから届いたデータが不完全か、形式が正しくありません。何も変更されていません。",
            "前のページに戻り、フォームに入力し直して送信してください。",
        ),
        ErrorKind::Forbidden => text(
            "要求は受け付けられませんでした",
            "別のサイトか、古くなったページから送信されています。何も変更されていません。",
            "開始ページを開いて、もう一度操作してください。",
        ),
        ErrorKind::NotFound => text(
            "ページがありません",
            "アドレスが間違っているか、別のバージョンのページです。",
            "アドレスを確認するか、開始ページを開いてください。",
        ),
        ErrorKind::MethodNotAllowed => text(
            "このページはこの方法では使用できません",
            "この種類の要求は受け付けていません。何も変更されていません。",
            "開始ページを開いて、もう一度操作してください。",
        ),
        ErrorKind::TooLarge => text(
            "要求が大きすぎます",
            "ページが受け付けるデータ量を超えています。何も変更されていません。",
            "入力を短くして、もう一度送信してください。",
        ),
        ErrorKind::UnsupportedMediaType => text(
            "データの形式が違います",
            "このページは専用のフォームのデータだけを受け付けます。何も変更されていません。",
            "開始ページを開き、そのフォームを使用してください。",
        ),
        ErrorKind::Misdirected => text(
            "アプライアンスのアドレスではありません",
            "ほかのサイトになりすまされないように、アプライアンスは自身のアドレスと名前でのみ応答します。",
            "仮想マシンのコンソールに表示されているアドレスを使用してください。",
        ),
        ErrorKind::TooManyRequests { .. } => ErrorText {
            heading: "要求が多すぎます",
            meaning: "アプライアンスが一度に応答できる数を超えています。",
            remedy: format!("{wait}待ってからページを読み込み直してください。"),
        },
        ErrorKind::Internal => text(
            "アプライアンスの内部エラーです",
            "アプライアンスの不具合により、要求を完了できませんでした。",
            "ページを読み込み直してください。繰り返す場合はアプライアンスを再起動してください。",
        ),
        ErrorKind::StorageUnavailable => text(
            "設定を読み取れません",
            "仮想ディスクのデータ パーティションが破損しているか、満杯か、見つからないか、読み取り専用です。パスワードが保存されている可能性があるため、新しいパスワードは設定できません。",
            "仮想マシンのコンソールで問題を確認してください。ハイパーバイザーで仮想ディスクを修復または復元してから、仮想マシンを再起動してください。",
        ),
        ErrorKind::Unavailable => text(
            "アプライアンスの一部が応答しません",
            "起動中か、処理中の可能性があります。",
            "数秒待ってからページを読み込み直してください。問題点は仮想マシンのコンソールに表示されます。",
        ),
    }
}
