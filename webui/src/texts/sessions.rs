//! Texts of *Sessions*.

use crate::sessions::{SessionKind, SessionsNotice, SignInOutcome, SignInPlace};

/// Texts of the page.
#[derive(Debug)]
pub(crate) struct SessionsTexts {
    pub(crate) title: &'static str,
    pub(crate) heading: &'static str,
    pub(crate) explanation: &'static str,
    pub(crate) kind: fn(SessionKind) -> &'static str,
    pub(crate) own: &'static str,
    pub(crate) who: &'static str,
    pub(crate) address: &'static str,
    pub(crate) started: &'static str,
    pub(crate) used: &'static str,
    pub(crate) ends: &'static str,
    pub(crate) action: &'static str,
    pub(crate) end: &'static str,
    pub(crate) end_of: fn(source: &str) -> String,
    pub(crate) end_others: &'static str,
    pub(crate) no_others: &'static str,
    pub(crate) notice: fn(SessionsNotice) -> &'static str,
    pub(crate) unknown_agent: &'static str,

    pub(crate) history_heading: &'static str,
    pub(crate) history_explanation: &'static str,
    pub(crate) time: &'static str,
    pub(crate) place_heading: &'static str,
    pub(crate) result: &'static str,
    pub(crate) place: fn(SignInPlace) -> &'static str,
    pub(crate) outcome: fn(SignInOutcome) -> &'static str,
    pub(crate) times: fn(count: u32) -> String,
    pub(crate) older: &'static str,
}

pub(crate) const ENGLISH: SessionsTexts = SessionsTexts {
    title: "Sessions",
    heading: "Signed in now",
    explanation: "A browser is signed out after 15 minutes without use, and after 12 hours in any case. A token of the REST interface ends after 15 minutes.",
    kind: |kind| match kind {
        SessionKind::Browser => "Browser",
        SessionKind::Token => "API token",
    },
    own: "This session",
    who: "Session",
    address: "Address",
    started: "Signed in",
    used: "Last used",
    ends: "Ends",
    action: "Action",
    end: "End",
    end_of: |source| format!("End the session from {source}"),
    end_others: "End all other sessions",
    no_others: "Nobody else is signed in.",
    notice: |notice| match notice {
        SessionsNotice::Ended => "The session has ended. It is refused from now on.",
        SessionsNotice::OthersEnded => {
            "All other sessions have ended. They are refused from now on."
        }
        SessionsNotice::EndedBefore => "This session had already ended.",
    },
    unknown_agent: "unknown program",

    history_heading: "Sign-in history",
    history_explanation: "Who has given the password, right or wrong, since the service started. If an address or a time surprises you, change the password: that ends every session.",
    time: "Time",
    place_heading: "Where",
    result: "Result",
    place: |place| match place {
        SignInPlace::Page => "Sign in",
        SignInPlace::Api => "REST interface",
        SignInPlace::Confirmation => "Confirming a change",
    },
    outcome: |outcome| match outcome {
        SignInOutcome::Accepted => "Successful",
        SignInOutcome::Refused => "Wrong password",
        SignInOutcome::Delayed => "Too soon, not checked",
    },
    times: |count| format!("{count} times"),
    older: "Earlier ones stand in the logs",
};

pub(crate) const JAPANESE: SessionsTexts = SessionsTexts {
    title: "セッション",
    heading: "現在のサインイン",
    explanation: "ブラウザーは 15 分間使用しないとサインアウトされ、いずれの場合も 12 時間で終了します。REST インターフェイスのトークンは 15 分で終了します。",
    kind: |kind| match kind {
        SessionKind::Browser => "ブラウザー",
        SessionKind::Token => "API トークン",
    },
    own: "このセッション",
    who: "種類",
    address: "アドレス",
    started: "サインイン",
    used: "最終使用",
    ends: "終了予定",
    action: "操作",
    end: "終了",
    end_of: |source| format!("{source} からのセッションを終了する"),
    end_others: "他のすべてのセッションを終了する",
    no_others: "他にサインインしているユーザーはいません。",
    notice: |notice| match notice {
        SessionsNotice::Ended => "セッションを終了しました。以後の要求は拒否されます。",
        SessionsNotice::OthersEnded => {
            "他のすべてのセッションを終了しました。以後の要求は拒否されます。"
        }
        SessionsNotice::EndedBefore => "このセッションはすでに終了していました。",
    },
    unknown_agent: "不明なプログラム",

    history_heading: "サインイン履歴",
    history_explanation: "サービスの開始以降にパスワードを入力した記録です (成功と失敗の両方)。アドレスや時刻に心当たりがない場合は、パスワードを変更してください。すべてのセッションが終了します。",
    time: "時刻",
    place_heading: "場所",
    result: "結果",
    place: |place| match place {
        SignInPlace::Page => "サインイン",
        SignInPlace::Api => "REST インターフェイス",
        SignInPlace::Confirmation => "変更の確認",
    },
    outcome: |outcome| match outcome {
        SignInOutcome::Accepted => "成功",
        SignInOutcome::Refused => "パスワードの誤り",
        SignInOutcome::Delayed => "待機時間内のため未確認",
    },
    times: |count| format!("{count} 回"),
    older: "それ以前の記録はログにあります",
};
