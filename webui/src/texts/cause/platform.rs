//! Causes of the platform: first settings that are not used. Where they stand and what is wrong with them is
//! told beside it.

use model::health::Cause;

use super::{CauseText, text};

/// The text in English; `None` for causes of another kind.
pub(super) fn english(cause: &Cause) -> Option<CauseText> {
    Some(match cause {
        Cause::FirstSettingsRefused { .. } => text(
            "Not used",
            "The first settings that the platform hands over are not used.",
            "Nothing of them is in use: a mistake in one refuses all.",
            &[
                "Correct what is named here where the platform keeps it, and restart the appliance.",
                "Or set the appliance up on this page. They do not matter any more then, and this note goes with the next restart.",
            ],
        ),
        Cause::FirstSettingsNotStored { .. } => text(
            "Not stored",
            "The first settings that the platform hands over cannot be stored.",
            "Some of them may be in use until the next start.",
            &["Check the virtual disk, and restart the appliance to try again."],
        ),
        Cause::FirstSettingsUnreachable { .. } => text(
            "No answer",
            "The metadata service of the platform does not answer.",
            "If it holds first settings, they are not in use.",
            &[
                "If there are some, let the machine reach the metadata service, and restart the appliance.",
                "Otherwise set the appliance up on this page. This note goes with the next restart.",
            ],
        ),
        Cause::FirstRegistrationFailed { .. } => text(
            "Not registered",
            "The registration that the platform asked for has failed.",
            "It is tried again by itself, at least every ten minutes.",
            &[
                "Check the secure client in the cloud and the name of the appliance.",
                "Or register the appliance on the page Register connector.",
            ],
        ),
        _ => return None,
    })
}

/// The text in Japanese; `None` for causes of another kind.
pub(super) fn japanese(cause: &Cause) -> Option<CauseText> {
    Some(match cause {
        Cause::FirstSettingsRefused { .. } => text(
            "未使用",
            "プラットフォームから渡された初期設定は使用されていません。",
            "1 つでも誤りがあると、すべてが使用されません。",
            &[
                "プラットフォーム側で、ここに示された箇所を修正し、アプライアンスを再起動してください。",
                "または、このページで設定してください。その後、初期設定は使用されず、この通知は次の再起動で消えます。",
            ],
        ),
        Cause::FirstSettingsNotStored { .. } => text(
            "保存不可",
            "プラットフォームから渡された初期設定を保存できません。",
            "一部は次の起動まで使用されることがあります。",
            &["仮想ディスクを確認し、アプライアンスを再起動してもう一度お試しください。"],
        ),
        Cause::FirstSettingsUnreachable { .. } => text(
            "応答なし",
            "プラットフォームのメタデータ サービスが応答しません。",
            "そこに初期設定がある場合、使用されていません。",
            &[
                "初期設定がある場合は、マシンからメタデータ サービスに到達できるようにし、アプライアンスを再起動してください。",
                "ない場合は、このページで設定してください。この通知は次の再起動で消えます。",
            ],
        ),
        Cause::FirstRegistrationFailed { .. } => text(
            "未登録",
            "プラットフォームが求めた登録に失敗しました。",
            "少なくとも 10 分ごとに自動的に再試行されます。",
            &[
                "クラウドのセキュア クライアントと、アプライアンスの名前を確認してください。",
                "または、「コネクタの登録」ページで登録してください。",
            ],
        ),
        _ => return None,
    })
}
