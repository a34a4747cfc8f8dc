//! Texts of the registration in Japanese.

use model::channel::{CloudAddressError, RegistrationRefusal, SealTrouble};
use protocol::name::{MAX_CHARACTERS, NameError};

use super::{ConnectionWord, OutboundText, RegistrationTexts, text};
use crate::texts::cause::cloud;

pub(crate) const TEXTS: RegistrationTexts = RegistrationTexts {
    title: "コネクタの登録",
    connection_title: "クラウド接続",
    sentences: |first, second| format!("{first}{second}"),
    what_to_do: "対処方法:",
    silent: "クラウドと通信するサービスが応答しません。",
    silent_remedy: "1 分後にページを読み込み直してください。続く場合は、アプライアンスを再起動してください。",

    under_way: "登録中",
    show_code: "登録の状況を表示",
    show_connection: "接続を表示",
    registered_as: |name, customer, location| format!("{name} ({customer}、{location})"),

    form_heading: "名前とクラウド",
    form_intro: "次のページにコードが表示されます。管理者がクラウドのコンソールでコードを入力すると、アプライアンスが登録されます。",
    name: "Connector Appliance の名前",
    name_hint: "文字、数字、スペース、. - _ ( ) を 64 文字まで使用できます。リソースの場所の中で重複しない名前にしてください。登録後は変更できません。",
    cloud: "クラウドのアドレス",
    cloud_hint: "ホスト名、または cloud.example.com:8443 のようなホスト名とポート。ポートを省略すると 443 です。",
    next: "次へ",
    not_begun: "登録は開始されていません。",
    not_changed: "何も変更されていません。",
    ended: |at| format!("登録は完了しませんでした ({at})。"),
    removed: |name, at| {
        format!("このアプライアンス ({name}) はクラウドから削除されました ({at})。")
    },
    removed_remedy: "引き続き使用する場合は、もう一度登録してください。",
    sealed,
    unseal_remedies,
    name_problem,
    cloud_problem,
    cloud_missing: "cloud.example.com のようなクラウドのアドレスを入力してください。",
    refusal,
    trouble: cloud::in_japanese,
    conflict: "アプライアンスは登録済み、または登録中です。ページを読み込み直すと、どちらかがわかります。",
    role_failed: "クラウドと通信するサービスが実行できませんでした。もう一度お試しください。続く場合は、アプライアンスを再起動してください。",
    role_silent: "クラウドと通信するサービスが応答しません。1 分後にもう一度お試しください。続く場合は、アプライアンスを再起動してください。",
    form_expired: "フォームを開いてから時間がたちすぎたか、別のセッションのフォームです。何も変更されていません。もう一度送信してください。",

    registering: |name| format!("{name} を登録しています"),
    enter_code: |cloud| format!("{cloud} のコンソールでこのコードを入力してください。"),
    code: "コード",
    spelled: |code| format!("コード: {code}"),
    copy: "コピー",
    left: |left, at| format!("残り {left}、{at} まで"),
    time_left: "コードの残り時間",
    valid: "コードの有効期限は 15 分で、1 回だけ使用できます。",
    security_number: "セキュリティ番号",
    security_hint: "コンソールにも同じセキュリティ番号が表示される必要があります。異なる場合は、接続が傍受されています。コンソールで「登録」を選択せず、ここで取り下げてください。",
    next_steps: "次の手順",
    steps: |cloud| {
        [
            format!("{cloud} のコンソールを開き、「リソースの場所」に移動します。"),
            "該当する場所で「+ Connector Appliance」を選択します。".to_owned(),
            "ステップ 2 でコードを入力し、「詳細の確認」を選択します。".to_owned(),
            "名前とセキュリティ番号を照合し、「登録」を選択します。".to_owned(),
        ]
    },
    no_inbound: "登録が完了すると、このページは自動的に更新されます。受信ポートは必要ありません。クラウドはアプライアンスからの接続を使用します。",
    connecting: |cloud| format!("{cloud} にコードを要求しています"),
    waiting: "コードが入力されるのを待っています",
    confirming: "管理者が詳細を確認しています",
    proving: "プログラムからの要求により、コードなしで登録しています",
    stuck: "クラウドに到達できません。再試行しています",
    expired: |at| format!("コードは {at} に期限切れになりました"),
    expired_hint: "何も登録されていません。新しいコードを取得し、15 分以内に入力してください。",
    new_code: "新しいコードを取得",
    withdraw: "取り下げる",
    withdraw_question: |name| format!("{name} の登録を取り下げますか?"),
    withdraw_consequence: "コードはすぐに無効になり、何も登録されません。いつでもやり直すことができます。",

    connected: |connected, all| match (connected, all) {
        (1, 1) => "クラウドに接続しています".to_owned(),
        _ => format!("クラウドに接続しています ({all} 本中 {connected} 本)"),
    },
    not_connected: "クラウドに接続していません",
    dialled: "クラウドに接続しようとしています",
    name_fixed: "変更できません",
    customer: "顧客",
    location: "リソースの場所",
    connector: "コネクタ ID",
    registered_at: "登録日時",
    key: "秘密鍵",
    key_is_sealed: "このマシンの TPM で保護されています",
    key_is_on_disk: "ディスク上 (TPM による保護なし)",
    certificate_until: "証明書の有効期限",
    certificate_expired: "期限切れです。クラウドに接続できしだい更新されます。",
    certificate_renewed: "自動的に更新",
    renewal_refused: |at| format!("クラウドが {at} から証明書の更新を拒否しています。"),
    renewal_remedy: "クラウドのログで理由を確認してください。アプライアンスを登録し直すと必ず解決します。",
    connections: "接続",
    connection: "番号",
    state: "状態",
    gateway: "ゲートウェイ",
    way: "経路",
    connection_state: |word| match word {
        ConnectionWord::Connecting => "接続中",
        ConnectionWord::Connected => "接続済み",
        ConnectionWord::Failed => "未接続",
    },
    since: |at| format!("{at} から"),
    direct: "直接",
    via: |proxy| format!("プロキシ {proxy} 経由"),
    unknown: "未確認",
    intercepted: |issuer| {
        format!(
            "{issuer} が外側の TLS を傍受しています。接続があることはわかりますが、内容は独自の鍵による 2 つ目の TLS で保護されているため、読み取れません。"
        )
    },
    clone: |host, addresses, at| {
        format!(
            "クラウドがこのアプライアンスのコピーの接続を拒否しました: {host} ({addresses})、{at}。"
        )
    },
    clone_remedy: "コピーを工場出荷時の状態に戻し、別の名前で登録してください。",

    unregister: "登録を解除",
    unregister_question: |name| format!("{name} の登録を解除しますか?"),
    unregister_consequence: "クラウドに通知し、両方の接続を終了します。クラウドからの要求は、ほかのアプライアンスが処理する必要があります。参加済みのドメインとすべての設定は残ります。クラウドに通知できない場合も、アプライアンスは登録を削除します。その場合は、管理者がコンソールでこのアプライアンスを削除する必要があります。",
    unregistered: "アプライアンスの登録は解除されました",
    told: |name| format!("{name} の登録が解除されたことをクラウドに通知しました。"),
    not_told: |name, cloud| {
        format!(
            "クラウドに通知できませんでした。{cloud} のコンソールには {name} が残っているため、そこで削除してください。"
        )
    },
    back: "コネクタの管理に戻る",
};

fn name_problem(problem: &NameError) -> String {
    match problem {
        NameError::Empty => "アプライアンスの名前を入力してください。".to_owned(),
        NameError::TooLong(count) => {
            format!("名前が {count} 文字あります。{MAX_CHARACTERS} 文字以下にしてください。")
        }
        NameError::WrongCharacter(character) => format!(
            "名前に「{}」は使用できません。文字、数字、スペース、. - _ ( ) を使用してください。",
            character.escape_debug()
        ),
    }
}

fn cloud_problem(problem: &CloudAddressError) -> String {
    match problem {
        CloudAddressError::Host { text } => format!(
            "「{text}」は cloud.example.com のようなホスト名ではありません。https:// とパスを付けずに入力してください。"
        ),
        CloudAddressError::Port { text } => format!(
            "「{text}」はポートではありません。コロンの後に 1 から 65535 の数字を入力してください。"
        ),
    }
}

fn refusal(refusal: &RegistrationRefusal) -> OutboundText {
    match refusal {
        RegistrationRefusal::Rejected => text(
            "管理者がクラウドのコンソールでこのアプライアンスを拒否しました。",
            "理由を確認し、もう一度やり直してください。",
        ),
        RegistrationRefusal::NameTaken => text(
            "リソースの場所に同じ名前のアプライアンスがあります。",
            "別の名前を選択してください。そのアプライアンスをもう使用しない場合は、先にコンソールで削除してください。",
        ),
        RegistrationRefusal::UnknownLocation => text(
            "この顧客には指定されたリソースの場所がありません。",
            "コンソールで ID を確認してください。",
        ),
        RegistrationRefusal::ClientRefused => text(
            "クラウドがこのセキュア クライアントを受け入れません。",
            "コンソールで、クライアントが存在し登録を許可されていることを確認し、そのシークレットを使用してください。",
        ),
        RegistrationRefusal::TooMany => {
            text("ここからの登録が多すぎます。", "1 分後にもう一度お試しください。")
        }
        RegistrationRefusal::Malformed => text(
            "クラウドが要求を理解できません。",
            "アプライアンスとクラウドを同じリリースにそろえてください。",
        ),
        RegistrationRefusal::Unavailable => text(
            "クラウドは現在アプライアンスを登録できません。",
            "数分後にもう一度お試しください。",
        ),
        RegistrationRefusal::CloudNotProven => text(
            "サーバーがセキュア クライアントのシークレットを知りません。シークレットは開示されていません。",
            "シークレットを確認してください。正しい場合は、接続が傍受されています。",
        ),
        RegistrationRefusal::WrongCertificate { .. } => text(
            "クラウドが発行した証明書は、このアプライアンスで使用できません。",
            "アプライアンスの時刻が正しいことを確認し、もう一度やり直してください。詳細はログにあります。",
        ),
        RegistrationRefusal::Unreached { .. } => text(
            "クラウドに到達できませんでした。",
            "クラウドのアドレスを確認し、ネットワーク診断の事前チェックを実行してください。",
        ),
        RegistrationRefusal::NotStored { .. } => text(
            "登録をディスクに保存できません。",
            "仮想マシンのディスクを確認し、アプライアンスを再起動してから、もう一度やり直してください。",
        ),
    }
}

/// That a sealed key cannot be used.
pub(crate) fn sealed(name: &str, trouble: &SealTrouble) -> String {
    let cause = match trouble {
        SealTrouble::NoTpm => {
            "鍵は TPM で保護されていますが、このマシンには TPM がありません。".to_owned()
        }
        SealTrouble::OtherTpm => {
            "鍵は別の TPM で保護されているか、保護した後に TPM が消去されました。".to_owned()
        }
        SealTrouble::Failed { detail } => format!("鍵は TPM で保護されています: {detail}。"),
    };
    format!("このアプライアンスは、クラウドで {name} として動作できません。{cause}")
}

/// What to do then.
pub(crate) fn unseal_remedies() -> Vec<String> {
    vec![
        "ディスクを移動した場合は、元のマシンで、その TPM とともに起動してください。".to_owned(),
        "それ以外の場合は、クラウドでこのアプライアンスを削除し、ここでもう一度登録してください。"
            .to_owned(),
    ]
}
