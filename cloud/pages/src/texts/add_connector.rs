//! Texts of *Add a Connector Appliance*.

use crate::add_connector::CodeRefusal;

/// Texts of the page. `wait` is a duration in words.
#[derive(Debug)]
pub(crate) struct AddConnectorTexts {
    pub(crate) title: &'static str,
    pub(crate) heading: fn(location: &str) -> String,
    pub(crate) connectors: &'static str,
    pub(crate) step_1: &'static str,
    pub(crate) recommendation: &'static str,
    pub(crate) requirements: &'static str,
    pub(crate) requirements_text: &'static str,
    pub(crate) platform: &'static str,
    pub(crate) format: &'static str,
    pub(crate) image: &'static str,
    pub(crate) download: &'static str,
    pub(crate) download_for: fn(platform: &str) -> String,
    pub(crate) no_image: &'static str,
    pub(crate) checksum: &'static str,
    pub(crate) terms: &'static str,
    pub(crate) terms_link: &'static str,
    pub(crate) then_import: &'static str,
    pub(crate) then_open: &'static str,
    pub(crate) then_register: &'static str,
    pub(crate) step_2: &'static str,
    pub(crate) keep_open: &'static str,
    pub(crate) location: &'static str,
    pub(crate) choose_location: &'static str,
    pub(crate) first_location: &'static str,
    pub(crate) code: &'static str,
    pub(crate) code_hint: &'static str,
    pub(crate) confirm: &'static str,
    pub(crate) answers_heading: &'static str,
    pub(crate) answers: fn(milliseconds: u64) -> String,
    pub(crate) name: &'static str,
    pub(crate) name_remark: &'static str,
    pub(crate) version: &'static str,
    pub(crate) address: &'static str,
    pub(crate) seen_from: &'static str,
    pub(crate) fingerprint: &'static str,
    pub(crate) fingerprint_name: &'static str,
    pub(crate) fingerprint_remark: &'static str,
    pub(crate) security_number: &'static str,
    pub(crate) security_number_remark: &'static str,
    pub(crate) code_left: &'static str,
    pub(crate) register: &'static str,
    pub(crate) cancel: &'static str,
    pub(crate) logged: &'static str,
    pub(crate) registered_heading: &'static str,
    pub(crate) registered: fn(name: &str, location: &str) -> String,
    pub(crate) registered_single: &'static str,
    pub(crate) failed_heading: &'static str,
    pub(crate) try_again: &'static str,
    pub(crate) add_another: &'static str,
    pub(crate) close: &'static str,
    pub(crate) not_confirmed: fn(usize) -> String,
    pub(crate) refusal: fn(&CodeRefusal, wait: &str) -> String,
}

pub(crate) const ENGLISH: AddConnectorTexts = AddConnectorTexts {
    title: "Add a Connector Appliance",
    heading: |location| match location {
        "" => "Add a Connector Appliance".to_owned(),
        _ => format!("Add a Connector Appliance to {location}"),
    },
    connectors: "Connectors",
    step_1: "Step 1. Install Connector Appliance",
    recommendation: "We recommend two Connector Appliances per resource location for high availability.",
    requirements: "View minimum requirements",
    requirements_text: "2 virtual processors, 4 GB of memory, a root disk of 20 GB, one IPv4 network. Outbound TCP 443 to the cloud; DNS and NTP to your own servers. Do not clone, suspend or snapshot the machine.",
    platform: "Hypervisor or cloud",
    format: "Image format",
    image: "Image",
    download: "Download",
    download_for: |platform| format!("Download the image for {platform}"),
    no_image: "Ask who runs this control plane",
    checksum: "SHA-256",
    terms: "By downloading you agree to the",
    terms_link: "terms of use",
    then_import: "Import the image and start the machine.",
    then_open: "Open the address that its console shows, and set the password.",
    then_register: "Choose Register connector there, type a name, and copy the code.",
    step_2: "Step 2. Enter your 8-digit code to confirm connector details and then register as a product in the cloud.",
    keep_open: "Keep this page open and the appliance running meanwhile.",
    location: "Resource location",
    choose_location: "Choose one",
    first_location: "The first one, which is made when the appliance is registered",
    code: "Code",
    code_hint: "8 letters and digits, as the appliance shows them; none is 0, 1, I or O. Blanks, hyphens and case do not matter.",
    confirm: "Confirm details",
    answers_heading: "The appliance answers",
    answers: |milliseconds| {
        format!(
            "over its own connection, in {milliseconds} ms. Compare the values with its page, then register it."
        )
    },
    name: "Name",
    name_remark: "Cannot be changed after registering",
    version: "Version",
    address: "Address",
    seen_from: "Seen from",
    fingerprint: "Key (SHA-256)",
    fingerprint_name: "the fingerprint of the key",
    fingerprint_remark: "Made on the appliance, which keeps it. The security number depends on it.",
    security_number: "Security number",
    security_number_remark: "The page of the appliance must show the same number. If it shows another one, somebody stands in between: cancel, and check proxies and network.",
    code_left: "Code valid for",
    register: "Register",
    cancel: "Cancel",
    logged: "Registering is written to the system log.",
    registered_heading: "Registered",
    registered: |name, location| match location {
        "" => format!("{name} is registered. It connects within a minute."),
        _ => format!("{name} is registered in {location}. It connects within a minute."),
    },
    registered_single: "It is the only connector of this location. Add a second one on another host, so that an update or a failure cuts nobody off.",
    failed_heading: "Not registered",
    try_again: "Try again",
    add_another: "Add another one",
    close: "Close",
    not_confirmed: |_| "The details could not be confirmed".to_owned(),
    refusal: |refusal, wait| {
        match refusal {
        CodeRefusal::Malformed => {
            "Type the 8 letters and digits that the appliance shows. None of them is 0, 1, I or O.".to_owned()
        }
        CodeRefusal::Unknown => {
            "No appliance shows this code. Compare it with the page of the appliance, and check that the appliance is set up for this cloud.".to_owned()
        }
        CodeRefusal::Expired => {
            "The code has expired: it is valid for 15 minutes. Generate a new code on the page of the appliance and type it here.".to_owned()
        }
        CodeRefusal::Used => {
            "The code was used already; each works once. Generate a new code on the page of the appliance.".to_owned()
        }
        CodeRefusal::Cancelled => {
            "The registration with this code was cancelled. Generate a new code on the page of the appliance.".to_owned()
        }
        CodeRefusal::NotReachable => {
            "The appliance cannot be contacted over its own connection. Check that it is running and that its page shows a connection to the cloud, then try again with the same code.".to_owned()
        }
        CodeRefusal::TooManyAttempts { .. } => {
            format!("Too many wrong codes were typed. Wait {wait}, then try again.")
        }
        CodeRefusal::NameTaken { name } => format!(
            "Another connector of this resource location is named {name}. Register the appliance under another name on its page, or remove the other connector first."
        ),
        CodeRefusal::KeyTaken => {
            "A connector with the same key is registered. If this machine is a copy, start it afresh on its page; if it was registered before, remove the old connector first.".to_owned()
        }
        CodeRefusal::OtherLocation => {
            "The appliance asks for another resource location. Choose that one, or register the appliance again on its page.".to_owned()
        }
        CodeRefusal::TooOld { version } => format!(
            "The appliance has version {version}, which this control plane does not take any more. Install a newer image."
        ),
        CodeRefusal::LocationGone => "Choose a resource location of the list.".to_owned(),
        CodeRefusal::FormExpired => {
            "This form was open for too long. Type the code again.".to_owned()
        }
        CodeRefusal::NotStored => {
            "The registration could not be stored. Try again in a minute with the same code.".to_owned()
        }
    }
    },
};

pub(crate) const JAPANESE: AddConnectorTexts = AddConnectorTexts {
    title: "Connector Appliance の追加",
    heading: |location| match location {
        "" => "Connector Appliance の追加".to_owned(),
        _ => format!("{location} に Connector Appliance を追加"),
    },
    connectors: "コネクタ",
    step_1: "手順 1. Connector Appliance のインストール",
    recommendation: "高可用性のため、リソースの場所ごとに 2 台の Connector Appliance を推奨します。",
    requirements: "最小要件を表示",
    requirements_text: "仮想プロセッサ 2 個、メモリ 4 GB、ルート ディスク 20 GB、IPv4 ネットワーク 1 つ。クラウドへの送信 TCP 443、自社サーバーへの DNS と NTP。マシンの複製、一時停止、スナップショットは行わないでください。",
    platform: "ハイパーバイザーまたはクラウド",
    format: "イメージの形式",
    image: "イメージ",
    download: "ダウンロード",
    download_for: |platform| format!("{platform} 用のイメージをダウンロード"),
    no_image: "コントロール プレーンの運用者に問い合わせてください",
    checksum: "SHA-256",
    terms: "ダウンロードすると次に同意したことになります:",
    terms_link: "利用規約",
    then_import: "イメージをインポートしてマシンを起動します。",
    then_open: "コンソールに表示されるアドレスを開き、パスワードを設定します。",
    then_register: "そのページで「コネクタの登録」を選び、名前を入力してコードをコピーします。",
    step_2: "手順 2. 8 桁のコードを入力してコネクタの詳細を確認し、クラウドに製品として登録します。",
    keep_open: "その間、このページを開いたまま、アプライアンスを動作させておいてください。",
    location: "リソースの場所",
    choose_location: "選択してください",
    first_location: "最初のリソースの場所 (登録時に作成されます)",
    code: "コード",
    code_hint: "アプライアンスに表示される 8 文字の英数字です。0、1、I、O は含まれません。空白、ハイフン、大文字と小文字は区別されません。",
    confirm: "詳細を確認",
    answers_heading: "アプライアンスが応答しました",
    answers: |milliseconds| {
        format!(
            "自身の接続を通じて {milliseconds} ミリ秒で応答しました。アプライアンスのページと値を比べてから登録してください。"
        )
    },
    name: "名前",
    name_remark: "登録後は変更できません",
    version: "バージョン",
    address: "アドレス",
    seen_from: "接続元",
    fingerprint: "キー (SHA-256)",
    fingerprint_name: "キーのフィンガープリント",
    fingerprint_remark: "アプライアンスで生成され、外部には出ません。セキュリティ番号はこのキーに基づきます。",
    security_number: "セキュリティ番号",
    security_number_remark: "アプライアンスのページに同じ番号が表示されている必要があります。異なる場合は通信が傍受されています。キャンセルして、プロキシとネットワークを確認してください。",
    code_left: "コードの残り時間",
    register: "登録",
    cancel: "キャンセル",
    logged: "登録はシステム ログに記録されます。",
    registered_heading: "登録しました",
    registered: |name, location| match location {
        "" => format!("{name} を登録しました。1 分以内に接続します。"),
        _ => format!("{name} を {location} に登録しました。1 分以内に接続します。"),
    },
    registered_single: "この場所のコネクタはこの 1 台だけです。更新や障害で利用できなくならないように、別のホストに 2 台目を追加してください。",
    failed_heading: "登録されませんでした",
    try_again: "もう一度試す",
    add_another: "さらに追加",
    close: "閉じる",
    not_confirmed: |_| "詳細を確認できませんでした".to_owned(),
    refusal: |refusal, wait| {
        match refusal {
        CodeRefusal::Malformed => {
            "アプライアンスに表示される 8 文字の英数字を入力してください。0、1、I、O は含まれません。".to_owned()
        }
        CodeRefusal::Unknown => {
            "このコードを表示しているアプライアンスはありません。アプライアンスのページと比べ、アプライアンスがこのクラウド用に設定されていることを確認してください。".to_owned()
        }
        CodeRefusal::Expired => {
            "コードの有効期限 (15 分) が切れました。アプライアンスのページで新しいコードを生成し、ここに入力してください。".to_owned()
        }
        CodeRefusal::Used => {
            "コードは使用済みです。コードは 1 回だけ使用できます。アプライアンスのページで新しいコードを生成してください。".to_owned()
        }
        CodeRefusal::Cancelled => {
            "このコードによる登録はキャンセルされました。アプライアンスのページで新しいコードを生成してください。".to_owned()
        }
        CodeRefusal::NotReachable => {
            "アプライアンスに、それ自身の接続を通じて到達できません。アプライアンスが動作しており、そのページにクラウドへの接続が表示されていることを確認してから、同じコードでもう一度試してください。".to_owned()
        }
        CodeRefusal::TooManyAttempts { .. } => {
            format!("間違ったコードの入力が多すぎます。{wait}待ってからもう一度試してください。")
        }
        CodeRefusal::NameTaken { name } => format!(
            "{name} という名前は、この場所の別のコネクタで使用されています。アプライアンスのページで別の名前で登録するか、先にもう一方のコネクタを削除してください。"
        ),
        CodeRefusal::KeyTaken => {
            "同じキーを持つコネクタが登録されています。このマシンが複製の場合は、そのページで新しいアプライアンスとして開始してください。以前に登録したマシンの場合は、先に古いコネクタを削除してください。".to_owned()
        }
        CodeRefusal::OtherLocation => {
            "アプライアンスは別のリソースの場所を要求しています。その場所を選ぶか、アプライアンスのページで登録し直してください。".to_owned()
        }
        CodeRefusal::TooOld { version } => format!(
            "アプライアンスのバージョン {version} には対応していません。新しいイメージをインストールしてください。"
        ),
        CodeRefusal::LocationGone => "一覧からリソースの場所を選んでください。".to_owned(),
        CodeRefusal::FormExpired => {
            "フォームの有効期間が過ぎました。コードを入力し直してください。".to_owned()
        }
        CodeRefusal::NotStored => {
            "登録を保存できませんでした。1 分後に同じコードでもう一度試してください。".to_owned()
        }
    }
    },
};
