//! Japanese texts of the page *Signing request*, and of a PKCS #12 file.

use model::pkcs12::Pkcs12Refusal as File;
use model::signing_request::{RequestField as Field, RequestKey, SigningRequestRefusal as Refusal};

use super::SigningRequestTexts;
use crate::texts::replace_certificate::japanese::TEXTS as CERTIFICATE;

pub(crate) const TEXTS: SigningRequestTexts = SigningRequestTexts {
    title: "署名要求",
    section: "証明書への署名を依頼する",
    section_hint: "アプライアンスが鍵とその署名要求を作成し、証明機関が署名します。鍵がアプライアンスの外に出ることはありません。",
    section_pending: |at| format!("{at} に作成した署名要求が証明書を待っています。"),
    create: "署名要求を作成",
    go_on: "署名要求の続きへ",

    make_heading: "署名要求の作成",
    make_hint: "署名された証明書をインストールするまで、現在の証明書が使用されます。",
    label,
    optional: "(省略可)",
    common_name_hint: "空の場合は、名前の最初のものになります。",
    names_hint: "1 行に 1 つ、ブラウザーでこのページを開くときのすべての名前とアドレスを入力します。ブラウザーが照合するのは共通名ではなくこれらです。",
    more: "組織と所在地",
    country_hint: "JP のような 2 文字。",
    key: "鍵の種類",
    key_name: |key| match key {
        RequestKey::P256 => "EC P-256: すべてのブラウザーで使用可能",
        RequestKey::P384 => "EC P-384: 規則で求められる場合",
    },
    make_button: "署名要求を作成する",
    not_made: "署名要求は作成されていません。次の点を修正してください。",

    pending: "署名要求が証明書を待っています",
    steps: [
        "署名要求をダウンロードするか、そのテキストをコピーします。",
        "証明機関に、Web サーバーの証明書として署名してもらいます。",
        "返された証明書を下でインストールします。",
    ],
    made: "作成日時",
    subject: "対象",
    names: "有効な宛先",
    text: "署名要求のテキスト",
    copy: "署名要求のテキスト",
    download: "署名要求をダウンロード (.csr)",

    install_heading: "署名された証明書のインストール",
    signed: "署名された証明書",
    signed_hint: "PEM 形式で、-----BEGIN CERTIFICATE----- から -----END CERTIFICATE----- までと、発行元の証明書を続けて貼り付けます。順序は問いません。",
    file: "またはファイル",
    install_button: "証明書をインストール",
    not_installed: "証明書はインストールされていません。次の点を修正してください。",
    other_request: |subject| {
        format!(
            "証明書 {subject} は別の署名要求に対するもので、ここで待っている鍵のものではありません。現在の署名要求に署名してもらうか、その証明書を鍵とともに「証明書の置き換え」でインストールしてください。"
        )
    },
    text_and_file: "テキストとファイルの両方があります。どちらか一方にしてください。",
    too_large: "証明書とその発行元にしては大きすぎます。それらだけを指定してください。",

    drop_heading: "署名要求の破棄",
    drop_hint: "鍵が削除され、この署名要求に対する証明書はインストールできなくなります。現在の証明書はそのまま使用されます。",
    drop_title: "署名要求の破棄",
    drop_question: "署名要求とその鍵を破棄しますか?",
    drop_button: "署名要求を破棄する",

    form_expired: "フォームの有効期間が過ぎました。入力し直して送信してください。",
    not_stored: "変更を保存できませんでした。仮想マシンのディスクを確認し、再起動してからもう一度試してください。",
    nothing_pending: "証明書を待っている署名要求はもうありません。破棄されたか、証明書がインストールされました。必要なら作成し直してください。",
    refusal,

    pkcs12_heading: "PKCS #12 ファイルによる証明書の置き換え",
    pkcs12_hint: "Windows からエクスポートした .pfx など、証明書、発行元、秘密鍵が入った .pfx または .p12 ファイルを使用する場合に行います。",
    pkcs12_file: "PKCS #12 ファイル",
    pkcs12_passphrase: "ファイルのパスワード",
    pkcs12_button: "ファイルから置き換える",
    pkcs12_refusal,

    serial: "シリアル番号",
    key_kind: "鍵",
    signature: "署名",
    issuers: "発行元",
    issuer: |subject, until| format!("{subject} (有効期限 {until})"),
};

const fn label(field: Field) -> &'static str {
    match field {
        Field::CommonName => "共通名",
        Field::Organization => "組織",
        Field::OrganizationalUnit => "部署",
        Field::Locality => "市区町村",
        Field::State => "都道府県",
        Field::Country => "国",
        Field::Names => "名前とアドレス",
    }
}

fn refusal(refusal: &Refusal) -> String {
    match refusal {
        Refusal::NoNames => "名前もアドレスもありません。少なくとも 1 つ入力してください。ブラウザーは共通名を照合しません。".to_owned(),
        Refusal::TooManyNames { limit } => format!("名前とアドレスが {limit} 個を超えています。このページを開くのに使わないものを除いてください。"),
        Refusal::NotAName { name } => format!("「{name}」はホスト名でもアドレスでもありません。名前に使えるのは英数字、ハイフン、ドットです。"),
        Refusal::TooLong { field, limit_bytes } => format!("{}が {limit_bytes} バイトを超えています。短くしてください。", label(*field)),
        Refusal::ControlCharacter { field } => format!("{}に見えない制御文字が含まれています。貼り付けずに入力してください。", label(*field)),
        Refusal::Country { country } => format!("「{country}」は国コードではありません。JP のような 2 文字で入力してください。"),
        Refusal::Failed { reason } => format!("署名要求を作成できませんでした ({reason})。もう一度試すか、アプライアンスを再起動してください。"),
    }
}

fn pkcs12_refusal(refusal: &File) -> String {
    match refusal {
        File::Missing => "ファイルが選択されていません。.pfx または .p12 ファイルを選んでください。".to_owned(),
        File::TooLarge { limit_bytes } => format!("ファイルが {} KiB を超えているため、証明書とその発行元だけではありません。エクスポートし直してください。", limit_bytes / 1024),
        File::IsPem => "PEM 形式のファイルです。「証明書の置き換え」に内容を貼り付けてください。".to_owned(),
        File::NotPkcs12 => "PKCS #12 ファイルではありません。.pfx または .p12 ファイルを選んでください。".to_owned(),
        File::Damaged => "ファイルが壊れています。元の場所からエクスポートし直してください。".to_owned(),
        File::PublicKeyMode => "パスワードではなく、特定のアカウントの証明書で保護されたファイルです。パスワードを付けてエクスポートし直してください。".to_owned(),
        File::MacMissing => "完全性コードがないため、変更されていないことを確認できません。パスワードを付けてエクスポートし直してください。".to_owned(),
        File::PassphraseTooLong { limit_bytes } => format!("パスワードが {limit_bytes} バイトを超えています。短いものでエクスポートし直してください。"),
        File::PassphraseMissing => "ファイルは保護されています。パスワードを入力してください。".to_owned(),
        File::WrongPassphrase => "このパスワードではファイルを開けません。入力し直してください。".to_owned(),
        File::UnsupportedEncryption { scheme } => format!("ファイルは {scheme} で保護されていて、アプライアンスでは開けません。AES-256 と SHA-256 でエクスポートし直してください。"),
        File::NoKey => "ファイルに秘密鍵がありません。秘密鍵を含めてエクスポートし直してください。".to_owned(),
        File::SeveralKeys { count } => format!("ファイルに秘密鍵が {count} 個あります。このアプライアンスの証明書だけをエクスポートしてください。"),
        File::NoCertificate => "ファイルに証明書がありません。証明書と発行元を含めてエクスポートし直してください。".to_owned(),
        File::Content(refusal) => (CERTIFICATE.refusal)(refusal),
    }
}
