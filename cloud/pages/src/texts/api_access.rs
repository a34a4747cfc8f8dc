//! Texts of *API access*.

use crate::api_access::ClientProblem;

/// Texts of the pages.
#[derive(Debug)]
pub(crate) struct ApiAccessTexts {
    pub(crate) title: &'static str,
    pub(crate) customer_id: &'static str,
    pub(crate) copy_customer_id: &'static str,
    pub(crate) customer_id_hint: &'static str,
    pub(crate) tabs: &'static str,
    pub(crate) clients: &'static str,
    pub(crate) registrations: &'static str,
    pub(crate) create_heading: &'static str,
    pub(crate) create_explanation: &'static str,
    pub(crate) name: &'static str,
    pub(crate) name_hint: &'static str,
    pub(crate) create: &'static str,
    pub(crate) created_heading: &'static str,
    pub(crate) created_once: &'static str,
    pub(crate) id: &'static str,
    pub(crate) copy_id: &'static str,
    pub(crate) secret: &'static str,
    pub(crate) copy_secret: &'static str,
    pub(crate) download: &'static str,
    pub(crate) file: &'static str,
    pub(crate) close: &'static str,
    pub(crate) empty: &'static str,
    pub(crate) maker: &'static str,
    pub(crate) made: &'static str,
    pub(crate) last_used: &'static str,
    pub(crate) never: &'static str,
    pub(crate) action: &'static str,
    pub(crate) delete: &'static str,
    pub(crate) delete_of: fn(name: &str) -> String,
    pub(crate) deleted: fn(name: &str) -> String,
    pub(crate) not_created: fn(usize) -> String,
    pub(crate) problem: fn(ClientProblem) -> String,
    pub(crate) delete_title: &'static str,
    pub(crate) delete_question: fn(name: &str) -> String,
    pub(crate) delete_consequence: &'static str,
    pub(crate) delete_button: &'static str,
    pub(crate) not_done: &'static str,
    pub(crate) registrations_explanation: &'static str,
    pub(crate) registrations_empty: &'static str,
    pub(crate) product: &'static str,
    pub(crate) location: &'static str,
    pub(crate) registered_by: &'static str,
    pub(crate) registered: &'static str,
    pub(crate) state_label: &'static str,
    pub(crate) in_use: fn(&bool) -> &'static str,
    pub(crate) remove: &'static str,
    pub(crate) remove_of: fn(name: &str) -> String,
    pub(crate) registration_removed: fn(name: &str) -> String,
    pub(crate) remove_title: &'static str,
    pub(crate) remove_question: fn(name: &str) -> String,
    pub(crate) remove_consequence: fn(in_use: bool) -> &'static str,
    pub(crate) remove_button: &'static str,
}

pub(crate) const ENGLISH: ApiAccessTexts = ApiAccessTexts {
    title: "API access",
    customer_id: "Customer ID",
    copy_customer_id: "the customer ID",
    customer_id_hint: "Programs send it with every request, in the header Citrix-CustomerId.",
    tabs: "Kinds of access",
    clients: "Secure clients",
    registrations: "Product registrations",
    create_heading: "Create a secure client",
    create_explanation: "A program signs in with ID and secret of a secure client. It may do what you may do, and never more.",
    name: "Name",
    name_hint: "Name the program and where it runs. At most 64 characters.",
    create: "Create Client",
    created_heading: "ID and secret have been created",
    created_once: "The secret is shown now and never again. Download or copy it before you close this.",
    id: "Client ID",
    copy_id: "the client ID",
    secret: "Secret",
    copy_secret: "the secret",
    download: "Download CSV",
    file: "secureclient.csv",
    close: "Close",
    empty: "There is no secure client yet.",
    maker: "Created by",
    made: "Created",
    last_used: "Last used",
    never: "Never",
    action: "Action",
    delete: "Delete",
    delete_of: |name| format!("Delete {name}"),
    deleted: |name| format!("{name} is deleted. Its tokens are refused from now on."),
    not_created: |_| "The client was not created".to_owned(),
    problem: |problem| match problem {
        ClientProblem::NameMissing => "Type a name.".to_owned(),
        ClientProblem::NameTooLong => {
            "The name has more than 64 characters. Shorten it.".to_owned()
        }
        ClientProblem::NameCharacter { character } => {
            format!("The name contains {character:?}, which is not allowed. Leave it out.")
        }
        ClientProblem::NameTaken => "Another client has this name. Choose another one.".to_owned(),
        ClientProblem::TooMany => {
            "There are as many secure clients as there may be. Delete one that is not used."
                .to_owned()
        }
        ClientProblem::FormExpired => {
            "This form was open for too long. Check the name and send it again.".to_owned()
        }
        ClientProblem::NotStored => {
            "The client could not be stored. Try again in a minute.".to_owned()
        }
    },
    delete_title: "Delete secure client",
    delete_question: |name| format!("Delete {name}?"),
    delete_consequence: "Programs that use it are refused at once. The secret cannot be restored; a new client gets a new one.",
    delete_button: "Delete",
    not_done: "Nothing was changed. Try again in a minute.",
    registrations_explanation: "Appliances that were registered with a code or by a program. An entry stays until somebody removes it, even when the machine is gone.",
    registrations_empty: "No product is registered yet. Register a Connector Appliance under Connectors.",
    product: "Product",
    location: "Resource location",
    registered_by: "Registered by",
    registered: "Registered",
    state_label: "Connector",
    in_use: |in_use| if *in_use { "Exists" } else { "Gone" },
    remove: "Remove",
    remove_of: |name| format!("Remove the registration of {name}"),
    registration_removed: |name| format!("The registration of {name} is removed."),
    remove_title: "Remove product registration",
    remove_question: |name| format!("Remove the registration of {name}?"),
    remove_consequence: |in_use| {
        if in_use {
            "The connector still exists. Its certificate is revoked at once, and the machine has to be registered anew."
        } else {
            "The connector is gone already. Only the entry of this list is removed."
        }
    },
    remove_button: "Remove",
};

pub(crate) const JAPANESE: ApiAccessTexts = ApiAccessTexts {
    title: "API アクセス",
    customer_id: "顧客 ID",
    copy_customer_id: "顧客 ID",
    customer_id_hint: "プログラムはすべての要求で、ヘッダー Citrix-CustomerId としてこの ID を送信します。",
    tabs: "アクセスの種類",
    clients: "セキュア クライアント",
    registrations: "製品の登録",
    create_heading: "セキュア クライアントの作成",
    create_explanation: "プログラムはセキュア クライアントの ID とシークレットでサインインします。あなたと同じ操作ができ、それ以上のことはできません。",
    name: "名前",
    name_hint: "プログラムの名前と実行場所が分かるようにします。64 文字以内です。",
    create: "クライアントを作成",
    created_heading: "ID とシークレットを作成しました",
    created_once: "シークレットが表示されるのは今回だけです。閉じる前にダウンロードまたはコピーしてください。",
    id: "クライアント ID",
    copy_id: "クライアント ID",
    secret: "シークレット",
    copy_secret: "シークレット",
    download: "CSV をダウンロード",
    file: "secureclient.csv",
    close: "閉じる",
    empty: "セキュア クライアントはまだありません。",
    maker: "作成者",
    made: "作成日",
    last_used: "最終使用",
    never: "なし",
    action: "操作",
    delete: "削除",
    delete_of: |name| format!("{name} を削除"),
    deleted: |name| format!("{name} を削除しました。以後、そのトークンは拒否されます。"),
    not_created: |_| "クライアントは作成されませんでした".to_owned(),
    problem: |problem| match problem {
        ClientProblem::NameMissing => "名前を入力してください。".to_owned(),
        ClientProblem::NameTooLong => "名前が 64 文字を超えています。短くしてください。".to_owned(),
        ClientProblem::NameCharacter { character } => {
            format!("名前に使用できない文字 {character:?} が含まれています。取り除いてください。")
        }
        ClientProblem::NameTaken => {
            "この名前は別のクライアントで使用されています。別の名前を選んでください。".to_owned()
        }
        ClientProblem::TooMany => {
            "セキュア クライアントの数が上限に達しました。使用していないものを削除してください。"
                .to_owned()
        }
        ClientProblem::FormExpired => {
            "フォームの有効期間が過ぎました。名前を確認して、もう一度送信してください。".to_owned()
        }
        ClientProblem::NotStored => {
            "クライアントを保存できませんでした。1 分後にもう一度試してください。".to_owned()
        }
    },
    delete_title: "セキュア クライアントの削除",
    delete_question: |name| format!("{name} を削除しますか?"),
    delete_consequence: "使用しているプログラムはすぐに拒否されます。シークレットは復元できません。新しいクライアントには新しいシークレットが作成されます。",
    delete_button: "削除",
    not_done: "何も変更されませんでした。1 分後にもう一度試してください。",
    registrations_explanation: "コードまたはプログラムによって登録されたアプライアンスです。マシンがなくなっても、削除するまで一覧に残ります。",
    registrations_empty: "登録された製品はまだありません。「コネクタ」で Connector Appliance を登録してください。",
    product: "製品",
    location: "リソースの場所",
    registered_by: "登録者",
    registered: "登録日時",
    state_label: "コネクタ",
    in_use: |in_use| if *in_use { "あり" } else { "なし" },
    remove: "削除",
    remove_of: |name| format!("{name} の登録を削除"),
    registration_removed: |name| format!("{name} の登録を削除しました。"),
    remove_title: "製品の登録の削除",
    remove_question: |name| format!("{name} の登録を削除しますか?"),
    remove_consequence: |in_use| {
        if in_use {
            "コネクタはまだ存在します。証明書がすぐに失効し、マシンを登録し直す必要があります。"
        } else {
            "コネクタは既にありません。この一覧の項目だけが削除されます。"
        }
    },
    remove_button: "削除",
};
