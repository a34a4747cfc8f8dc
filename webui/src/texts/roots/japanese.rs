//! Japanese texts of the section *Root certificate authorities*.

use model::root_ca::RootCaRefusal as Refusal;

use super::RootTexts;

pub(crate) const TEXTS: RootTexts = RootTexts {
    heading: "ルート証明機関",
    hint: "アプライアンスに付属する公的な証明機関に加えて、外部への接続で信頼されます。",
    empty: "独自の証明機関は追加されていません。",
    empty_remedy: "クラウドまでの経路にあるプロキシやファイアウォールが TLS を検査し、証明書を自ら署名する場合に追加してください。検査がなければ不要です。",
    name: "名前",
    issued_by: |issuer| format!("発行元 {issuer}"),
    self_signed: "自己署名",
    valid_until: "有効期限",
    actions: "操作",
    expires_soon: |date, days| match days {
        0 => format!("{date} (残り 1 日未満)"),
        days => format!("{date} (あと {days} 日)"),
    },
    expires_soon_remedy: "それまでに後継の証明機関を追加してください。",
    expired: |date| format!("{date} に期限切れ"),
    expired_remedy: "もう信頼されません。後継の証明機関を追加してから削除してください。",
    not_yet_valid: |date| format!("{date} から有効"),
    not_yet_valid_remedy: "それまで待つか、アプライアンスの時計を合わせてください。",
    delete: |name| format!("{name} を削除"),
    intercepted: |issuer, host, at| {
        format!(
            "ネットワークで TLS が検査されています。{at} に、{host} への接続がこの一覧の証明機関 {issuer} によって傍受されました。"
        )
    },

    add: "証明書を追加",
    add_title: "ルート証明機関の追加",
    details: "証明書の内容全体",
    details_hint: "PEM 形式の証明書を 1 つ、-----BEGIN CERTIFICATE----- から -----END CERTIFICATE----- まで貼り付けます。秘密鍵は入れないでください。",
    file: "またはファイル",
    file_hint: "証明書が 1 つ入った .pem、.crt、.cer ファイル。",
    effective: "再起動せずに、すぐに信頼されます。",
    add_button: "証明書を追加する",
    not_added: "証明機関は追加されていません。次の点を修正してください。",
    text_and_file: "テキストとファイルの両方があります。どちらか一方にしてください。",
    refusal,
    form_expired: "フォームの有効期間が過ぎました。入力し直して送信してください。",
    not_stored: "変更を保存できませんでした。仮想マシンのディスクを確認し、再起動してからもう一度試してください。",

    delete_title: "ルート証明機関の削除",
    delete_question: |name| format!("{name} を削除しますか?"),
    delete_consequence: "すぐに信頼されなくなります。プロキシやファイアウォールがこの証明機関で TLS を検査している場合、アプライアンスはクラウドに接続できなくなります。",
    delete_button: "証明機関を削除する",
};

fn refusal(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Missing => "証明書がありません。-----BEGIN CERTIFICATE----- から -----END CERTIFICATE----- までを貼り付けるか、ファイルを選んでください。".to_owned(),
        Refusal::TooLarge { limit_bytes } => format!("{} KiB を超えているため、1 つの証明書ではありません。証明機関の証明書だけを指定してください。", limit_bytes / 1024),
        Refusal::Encoding { encoding } => format!("テキストの文字コードが {encoding} です。UTF-8 で保存し直すか (メモ帳では「名前を付けて保存」で文字コード UTF-8)、.crt ファイル自体を選んでください。"),
        Refusal::NotPem => "-----BEGIN CERTIFICATE----- の行がないため、証明書ではありません。「Base-64 encoded X.509」(PEM) でエクスポートし直してください。".to_owned(),
        Refusal::Truncated => "BEGIN の行はありますが、END の行がありません。証明書全体をコピーしてください。".to_owned(),
        Refusal::WrongBase64 => "BEGIN の行と END の行の間が base64 ではありません。文字が欠けているか、変わっています。元のファイルからコピーし直してください。".to_owned(),
        Refusal::Damaged => "BEGIN の行と END の行の間を証明書として読み取れません。元の場所からエクスポートし直してください。".to_owned(),
        Refusal::PrivateKey => "秘密鍵が含まれています。ここに秘密鍵を入れてはいけません。証明書だけを指定し、他人に見られた可能性があれば、その鍵は漏えいしたものと考えてください。".to_owned(),
        Refusal::WrongBlock { label } if label.ends_with("CERTIFICATE REQUEST") => "これは証明書の署名要求で、証明書ではありません。署名する証明機関の証明書を指定してください。".to_owned(),
        Refusal::WrongBlock { label } if label == "PKCS7" => "これは PKCS #7 コンテナー (.p7b) です。ルート証明機関の証明書だけを「Base-64 encoded X.509」で指定してください。".to_owned(),
        Refusal::WrongBlock { label } if label == "PKCS12" => "これは秘密鍵を含む PKCS #12 ファイル (.pfx、.p12) です。ルート証明機関の証明書だけを「Base-64 encoded X.509」で指定してください。".to_owned(),
        Refusal::WrongBlock { label } => format!("これは「{label}」で、証明書ではありません。証明機関の証明書を指定してください。"),
        Refusal::SeveralCertificates { count } => format!("証明書が {count} 個あります。ルート証明機関から順に、1 つずつ追加してください。"),
        Refusal::NotAuthority { subject } => format!("{subject} はサーバーまたは個人の証明書で、証明機関のものではありません (CA:FALSE)。それを発行した証明機関の証明書を指定してください。"),
        Refusal::MayNotSign { subject } => format!("{subject} のキー使用法では証明書に署名できません (keyCertSign がありません)。署名する証明機関の証明書を指定してください。"),
        Refusal::OldVersion { subject } => format!("{subject} はバージョン 3 より前の証明書で、証明機関かどうかがわかりません。バージョン 3 の証明書を発行してもらってください。"),
        Refusal::WrongSignature { subject } => format!("{subject} の署名が内容と一致しません。途中で変更されています。元の場所からエクスポートし直してください。"),
        Refusal::WeakKey { bits } => format!("RSA 鍵が {bits} ビットで、安全には短すぎます。2048 ビット以上の証明機関を使用してください。"),
        Refusal::UnsupportedKey { kind } => format!("鍵の種類 {kind} の署名をアプライアンスは確認できません。2048 ビット以上の RSA、または P-256 か P-384 の EC の証明機関を使用してください。"),
        Refusal::Unusable { reason } => format!("信頼できない証明書です ({reason})。証明機関の別の証明書を指定してください。"),
    }
}
