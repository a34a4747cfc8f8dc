//! Texts of requests that cannot be answered.

use crate::error_page::ErrorKind;

/// What an error page says.
#[derive(Debug)]
pub(crate) struct ErrorText {
    pub(crate) heading: &'static str,
    pub(crate) meaning: String,
    pub(crate) remedy: String,
}

/// Texts of the error pages. `detail` is a duration in words, or the name of a right.
#[derive(Debug)]
pub(crate) struct ErrorPageTexts {
    pub(crate) home: &'static str,
    pub(crate) what_to_do: &'static str,
    pub(crate) transaction: &'static str,
    pub(crate) status: fn(u16) -> String,
    pub(crate) error: fn(ErrorKind, detail: &str) -> ErrorText,
}

fn text(heading: &'static str, meaning: &str, remedy: &str) -> ErrorText {
    ErrorText { heading, meaning: meaning.to_owned(), remedy: remedy.to_owned() }
}

pub(crate) const ENGLISH: ErrorPageTexts = ErrorPageTexts {
    home: "Go to the start page",
    what_to_do: "What to do:",
    transaction: "Request:",
    status: |status| format!("HTTP status {status}"),
    error: english,
};

fn english(kind: ErrorKind, detail: &str) -> ErrorText {
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
        ErrorKind::MissingRight(_) => text(
            "You lack a right",
            &format!("Your access is custom, and this page needs the right {detail}."),
            "Ask an administrator with full access to give it to you under Administrators.",
        ),
        ErrorKind::FullAccessNeeded => text(
            "Full access is needed",
            "Only administrators with full access may open this page.",
            "Ask an administrator with full access to do it, or to give you full access.",
        ),
        ErrorKind::NotFound => text(
            "There is no such page",
            "The address is misspelt, or what it names was deleted.",
            "Check the address, or look in the lists.",
        ),
        ErrorKind::MethodNotAllowed => text(
            "The page cannot be used this way",
            "It does not take this kind of request. Nothing has been changed.",
            "Open the start page and try again from there.",
        ),
        ErrorKind::InvalidInvitation => text(
            "The invitation is not valid",
            "It was accepted already, has expired after five days, or was withdrawn.",
            "Sign in if you have accepted it. Otherwise ask the administrator who invited you for a new one.",
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
        ErrorKind::TooManyRequests { .. } => text(
            "Too many requests",
            "More has been asked than the console answers at once.",
            &format!("Wait {detail}, then load the page again."),
        ),
        ErrorKind::Internal => text(
            "The control plane made a mistake",
            "The request could not be finished because of a fault in the control plane.",
            "Load the page again. If it happens again, tell who runs this control plane, with the request below.",
        ),
        ErrorKind::Unavailable => text(
            "The control plane cannot answer now",
            "Its database does not answer, or it is starting. Connectors go on working meanwhile.",
            "Wait a minute, then load the page again.",
        ),
    }
}

pub(crate) const JAPANESE: ErrorPageTexts = ErrorPageTexts {
    home: "開始ページへ移動",
    what_to_do: "対処方法:",
    transaction: "要求:",
    status: |status| format!("HTTP ステータス {status}"),
    error: japanese,
};

fn japanese(kind: ErrorKind, detail: &str) -> ErrorText {
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
        ErrorKind::MissingRight(_) => text(
            "権限がありません",
            &format!(
                "あなたのアクセス権はカスタムで、このページには「{detail}」の権限が必要です。"
            ),
            "フル アクセス権を持つ管理者に、「管理者」ページで権限を付与するよう依頼してください。",
        ),
        ErrorKind::FullAccessNeeded => text(
            "フル アクセス権が必要です",
            "このページを開くことができるのは、フル アクセス権を持つ管理者だけです。",
            "フル アクセス権を持つ管理者に、操作またはフル アクセス権の付与を依頼してください。",
        ),
        ErrorKind::NotFound => text(
            "ページがありません",
            "アドレスが間違っているか、対象が削除されています。",
            "アドレスを確認するか、一覧で探してください。",
        ),
        ErrorKind::MethodNotAllowed => text(
            "このページはこの方法では使用できません",
            "この種類の要求は受け付けていません。何も変更されていません。",
            "開始ページを開いて、もう一度操作してください。",
        ),
        ErrorKind::InvalidInvitation => text(
            "招待は無効です",
            "既に承諾されているか、5 日間の有効期限が切れているか、取り消されています。",
            "承諾済みの場合はサインインしてください。それ以外の場合は、招待した管理者に新しい招待を依頼してください。",
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
        ErrorKind::TooManyRequests { .. } => text(
            "要求が多すぎます",
            "コンソールが一度に応答できる数を超えています。",
            &format!("{detail}待ってからページを読み込み直してください。"),
        ),
        ErrorKind::Internal => text(
            "コントロール プレーンの内部エラーです",
            "コントロール プレーンの不具合により、要求を完了できませんでした。",
            "ページを読み込み直してください。繰り返す場合は、下の要求の番号を添えて、コントロール プレーンの運用者に連絡してください。",
        ),
        ErrorKind::Unavailable => text(
            "コントロール プレーンは現在応答できません",
            "データベースが応答しないか、起動中です。その間もコネクタは動作を続けます。",
            "1 分待ってからページを読み込み直してください。",
        ),
    }
}
