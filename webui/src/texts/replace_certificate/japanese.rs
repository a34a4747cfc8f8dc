//! Japanese texts of the page *Certificate of this page*.

use model::certificate::{
    CertificateField as Field, CertificateRefusal as Refusal, CertificateWarning as Warning,
};
use model::settings::RevertReason;

use super::ReplaceCertificateTexts;
use crate::time::{date, date_time};

pub(crate) const TEXTS: ReplaceCertificateTexts = ReplaceCertificateTexts {
    in_use: "現在使用中の証明書",
    issued_to: "発行先",
    self_signed: |subject| format!("{subject} (自己署名)"),
    valid_from: "有効期間の開始",
    open: "証明書を置き換える",

    replace_heading: "証明書の置き換え",
    replace_hint: "組織の証明機関または公的な証明機関がこのアプライアンスに発行した証明書を使用する場合に行います。",
    certificate: "証明書",
    certificate_hint: "PEM 形式で、-----BEGIN CERTIFICATE----- から -----END CERTIFICATE----- までと、発行元の証明書を続けて貼り付けます。順序は問いません。",
    key: "秘密鍵",
    key_hint: "PEM 形式。2048 ビット以上の RSA、または P-256、P-384、P-521 の EC。このアプライアンスに保存され、表示されることはありません。",
    passphrase: "秘密鍵のパスフレーズ",
    passphrase_hint: "鍵が暗号化されている場合だけ入力します。保存されません。",
    optional: "(省略可)",
    choose_file: "ファイルから読み込む:",
    what_happens: "置き換えると:",
    trial: "新しい証明書がすぐに使用されるので、このページを開き直してください。60 秒以内に「この証明書を使い続ける」を選ばなければ、現在の証明書に自動的に戻ります。サインアウトはされません。",
    replace_button: "証明書を置き換える",

    self_signed_heading: "自己署名証明書の再作成",
    self_signed_hint: "新しい鍵で、現在のアドレスと名前に対する 5 年間有効な証明書を作成します。これも 60 秒間の試用になります。自己署名証明書にはブラウザーが警告を出すので、拇印をコンソールの表示と比べてください。",
    self_signed_button: "自己署名証明書を作り直す",

    come_back_heading: "新しい証明書を試用中です",
    come_back: "ブラウザーで使用できることを確かめるため、このページを開き直してください。",
    come_back_compare: "下の拇印を仮想マシンのコンソールの表示と比べてください。両者は一致しなければなりません。",
    come_back_open: "このページを開き直します。未知の証明書についてブラウザーが警告する場合は、そこでも拇印を比べてください。",
    come_back_keep: "「この証明書を使い続ける」を選びます。",
    come_back_otherwise: "ブラウザーでページを開けない場合は、何もしないでください。前の証明書に自動的に戻ります。",
    open_again: "このページを開き直す",

    keep_title: "この証明書を使い続けますか?",
    keep: "新しい証明書でこのページに到達できたので、ここからは使用できます。使い続けることを選ばなければ、前の証明書に戻ります。",
    keep_button: "この証明書を使い続ける",
    revert_button: "今すぐ元に戻す",
    previous: "前の証明書の拇印",
    reverting: |wait| format!("元に戻るまで {wait}"),
    reverting_seconds: "元に戻るまで {} 秒",
    reverted: |reason, at| match reason {
        RevertReason::NotConfirmed => format!(
            "60 秒以内に選択されなかったため、新しい証明書は {at} に取り消されました。以前の証明書を使用しています。"
        ),
        RevertReason::Operator => format!(
            "操作により、新しい証明書は {at} に取り消されました。以前の証明書を使用しています。"
        ),
        RevertReason::Restarted => format!(
            "選択される前にアプライアンスが再起動したため、新しい証明書は {at} に取り消されました。以前の証明書を使用しています。"
        ),
    },

    not_changed: "何も変更されていません。次の点を修正してください。",
    form_expired: "フォームの有効期間が過ぎました。入力し直して送信してください。",
    not_stored: "証明書を保存できませんでした。仮想マシンのディスクを確認し、再起動してからもう一度試してください。",
    no_trial: "試用中の証明書はもうありません。すでに確定されたか、取り消されました。使用中の証明書を下で確認してください。",
    old_connection: "変更前に開かれた接続で送信されたため、新しい証明書をブラウザーで使用できることの確認になりません。このページを開き直し、そこで「この証明書を使い続ける」を選んでください。",
    refusal,
    warning,
};

const fn field(field: Field) -> &'static str {
    match field {
        Field::Certificate => "証明書",
        Field::Key => "秘密鍵",
        Field::Passphrase => "パスフレーズ",
    }
}

fn refusal(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Missing(Field::Certificate) => "証明書がありません。-----BEGIN CERTIFICATE----- から -----END CERTIFICATE----- までを貼り付けてください。".to_owned(),
        Refusal::Missing(which) => format!("{}がありません。BEGIN の行から END の行までを貼り付けてください。", field(*which)),
        Refusal::TooLarge { field: which, limit_bytes } => format!("{}が {limit_bytes} バイトを超えています。関係のない部分を除いてください。", field(*which)),
        Refusal::NotPem(which) => format!("{}に BEGIN の行がないため、PEM 形式ではありません。バイナリ形式のファイルは、先に openssl x509、openssl pkey、または .pfx ファイルなら openssl pkcs12 などで変換してください。", field(*which)),
        Refusal::Truncated(which) => format!("{}に BEGIN の行はありますが、END の行がありません。全体をコピーしてください。", field(*which)),
        Refusal::Damaged { field: which, number } => format!("{}の {number} 番目のブロックが壊れていて、BEGIN の行が示す内容ではありません。元のファイルからコピーし直してください。", field(*which)),
        Refusal::KeyInCertificate => "証明書の欄に秘密鍵があります。秘密鍵は鍵の欄に入れ、ここには証明書だけを入れてください。".to_owned(),
        Refusal::CertificateInKey => "秘密鍵の欄に証明書があります。ここには鍵だけを入れてください。".to_owned(),
        Refusal::WrongBlock { label, .. } if label.ends_with("CERTIFICATE REQUEST") => "これは署名要求で、証明書ではありません。証明機関に送り、返された証明書を貼り付けてください。".to_owned(),
        Refusal::WrongBlock { label, .. } if label == "PKCS7" => "これは PKCS #7 形式です。openssl pkcs7 -print_certs で変換してください。".to_owned(),
        Refusal::WrongBlock { label, .. } if label == "TRUSTED CERTIFICATE" => "これは OpenSSL 独自の形式の証明書です。openssl x509 で変換してください。".to_owned(),
        Refusal::WrongBlock { label, .. } if label == "OPENSSH PRIVATE KEY" => "これは SSH 用の鍵です。ssh-keygen -p -m PKCS8 で変換するか、証明書の要求に使用した鍵を入れてください。".to_owned(),
        Refusal::WrongBlock { field: which, label } => format!("{}に、ここには入れられないブロック {label} があります。除いてください。", field(*which)),
        Refusal::TooManyCertificates { limit } => format!("証明書が {limit} 個を超えています。このアプライアンスの証明書と、その発行元の証明書だけを入れてください。"),
        Refusal::SeveralKeys => "秘密鍵が複数あります。証明書に対応する鍵だけを入れてください。".to_owned(),
        Refusal::PassphraseMissing => "秘密鍵が暗号化されています。パスフレーズを入力してください。".to_owned(),
        Refusal::WrongPassphrase => "このパスフレーズでは秘密鍵を開けません。入力し直してください。".to_owned(),
        Refusal::UnsupportedEncryption { scheme } => format!("秘密鍵が {scheme} で暗号化されており、このアプライアンスでは開けません。openssl pkcs8 -topk8 で変換し、その結果を入れてください。"),
        Refusal::UnsupportedKey { kind } => format!("秘密鍵の種類は {kind} で、ブラウザーがページに使用できません。2048 ビット以上の RSA 鍵、または P-256 か P-384 の EC 鍵の証明書を発行してもらってください。"),
        Refusal::WeakKey { bits } => format!("RSA 鍵が {bits} ビットで、安全には短すぎます。2048 ビット以上の鍵の証明書を発行してもらってください。"),
        Refusal::KeyMismatch { subject } => format!("秘密鍵が証明書 {subject} に対応していません。証明書の要求に使用した鍵を入れてください。"),
        Refusal::SeveralLeaves { subjects } => format!("この秘密鍵に対する証明書が複数あります: {}。最新のものだけを入れてください。", subjects.join("; ")),
        Refusal::Unrelated { subject } => format!("証明書 {subject} は証明書チェーンに属していません。除くか、間をつなぐ証明書を追加してください。"),
        Refusal::BrokenLink { subject, issuer } => format!("証明書 {subject} は {issuer} を発行元としていますが、その署名がありません。対応する発行元の証明書を入れてください。"),
        Refusal::IssuerNotAuthority { subject } => format!("証明書チェーンにある証明書 {subject} は、証明書を発行できません。証明機関の証明書を入れてください。"),
        Refusal::WeakSignature { subject, algorithm } => format!("証明書 {subject} の署名は {algorithm} で、偽造される恐れがあります。SHA-256 で発行し直してもらってください。"),
        Refusal::Expired { subject, not_after } => format!("証明書 {subject} の有効期限は {} に切れました。更新してください。", date_time(*not_after)),
        Refusal::NotYetValid { subject, not_before, now } => format!("証明書 {subject} は {} から有効ですが、アプライアンスの時計は {} です。それまで待つか、時計を合わせてください。", date_time(*not_before), date_time(*now)),
        Refusal::Authority { subject } => format!("証明書 {subject} は証明機関のもの (CA:TRUE) で、サーバー用ではありません。このアプライアンスに発行された証明書を入れるか、自己署名証明書を basicConstraints=critical,CA:FALSE で作成してください。"),
        Refusal::NotForServers { subject } => format!("証明書 {subject} は TLS サーバー用ではありません。拡張キー使用法 serverAuth を付けて発行してもらってください。"),
        Refusal::KeyMayNotSign { subject } => format!("証明書 {subject} のキー使用法に、TLS に必要な digitalSignature がありません。付けて発行し直してもらってください。"),
        Refusal::OldVersion { subject } => format!("証明書 {subject} は、ブラウザーが必要とするバージョン 3 ではありません。少なくとも subjectAltName を付けて発行し直してもらってください。"),
        Refusal::Handshake { reason } => format!("この証明書では TLS 接続ができません ({reason})。発行し直してもらってください。"),
    }
}

fn warning(warning: &Warning) -> String {
    match warning {
        Warning::NotNamed { host, names } if names.is_empty() => format!(
            "この証明書にはアドレスもホスト名もないため、{host} ではブラウザーが警告します。subjectAltName を付けて発行してもらってください。"
        ),
        Warning::NotNamed { host, names } => format!(
            "この証明書は {} に対して有効ですが、{host} に対しては有効でないため、ブラウザーが警告します。これらの名前でアプライアンスを開くか、{host} にも有効な証明書を発行してもらってください。",
            names.join(", ")
        ),
        Warning::ExpiresSoon { not_after, days } => format!(
            "この証明書の有効期限は {} で、あと {days} 日です。早めに更新してください。",
            date(*not_after)
        ),
        Warning::RareCurve { curve } => format!(
            "鍵の曲線 {curve} は Chrome と Edge では使用できず、このページを開けません。P-256 と P-384 はどのブラウザーでも使用できます。"
        ),
    }
}
