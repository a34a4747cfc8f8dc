//! Texts of *Web servers*.

use protocol::web::{ForbiddenAddress, WebAddressError};

use crate::web_servers::{WebServerProblem, WebServersNotice};

/// Texts of the pages.
#[derive(Debug)]
pub(crate) struct WebServerTexts {
    pub(crate) title: &'static str,
    pub(crate) add_heading: &'static str,
    pub(crate) explanation: &'static str,
    pub(crate) name: &'static str,
    pub(crate) name_hint: &'static str,
    pub(crate) address: &'static str,
    pub(crate) address_hint: &'static str,
    pub(crate) add: &'static str,
    pub(crate) full: fn(limit: usize) -> String,
    pub(crate) list_heading: &'static str,
    pub(crate) list_explanation: &'static str,
    pub(crate) empty: &'static str,
    pub(crate) empty_remedy: &'static str,
    pub(crate) added: fn(date: &str) -> String,
    pub(crate) path: &'static str,
    pub(crate) path_of: fn(name: &str) -> String,
    pub(crate) action: &'static str,
    pub(crate) remove: &'static str,
    pub(crate) remove_of: fn(name: &str) -> String,
    pub(crate) notice: fn(&WebServersNotice) -> String,
    pub(crate) not_added: fn(usize) -> String,
    pub(crate) problem: fn(&WebServerProblem, limit: usize) -> String,
    pub(crate) remove_title: &'static str,
    pub(crate) remove_question: fn(name: &str, location: &str) -> String,
    pub(crate) remove_consequence: fn(address: &str) -> String,
}

pub(crate) const ENGLISH: WebServerTexts = WebServerTexts {
    title: "Web servers",
    add_heading: "Add a web server",
    explanation: "Programs can then send requests to it through the connectors of this location, with a secure client whose maker has the right Requests. What is not listed is not reached.",
    name: "Name",
    name_hint: "A name that colleagues know, such as Wiki. At most 64 characters.",
    address: "Address",
    address_hint: "As the appliances reach it, without a path, such as https://wiki.corp.example.com or http://10.73.4.20:8080. With https they check its certificate.",
    add: "Add web server",
    full: |limit| {
        format!(
            "This location has {limit} web servers, which is the limit. Remove one to add another one."
        )
    },
    list_heading: "Listed web servers",
    list_explanation: "A program puts the path of its request behind the path for programs.",
    empty: "No web server is listed.",
    empty_remedy: "Through this location no web server is reached. Add one above.",
    added: |date| format!("Added {date}"),
    path: "Path for programs",
    path_of: |name| format!("the path of {name}"),
    action: "Action",
    remove: "Remove",
    remove_of: |name| format!("Remove {name}"),
    notice: |notice| match notice {
        WebServersNotice::Added { name } => format!("{name} is added and can be reached at once."),
        WebServersNotice::Removed { name } => format!("{name} is removed."),
    },
    not_added: |_| "The web server was not added".to_owned(),
    problem: |problem, limit| match problem {
        WebServerProblem::NameMissing => "Type a name.".to_owned(),
        WebServerProblem::NameTooLong => {
            "The name has more than 64 characters. Shorten it.".to_owned()
        }
        WebServerProblem::NameCharacter { character } => {
            format!("The name contains {character:?}, which is not allowed. Leave it out.")
        }
        WebServerProblem::NameTaken => {
            "Another web server of this location has this name. Choose another one.".to_owned()
        }
        WebServerProblem::Address(error) => in_english(error).to_owned(),
        WebServerProblem::TooMany => {
            format!("The location has {limit} web servers already. Remove one first.")
        }
    },
    remove_title: "Remove web server",
    remove_question: |name, location| format!("Remove {name} from {location}?"),
    remove_consequence: |address| {
        format!(
            "Programs do not reach {address} through this location any more. Requests that are on their way end as they would; other nodes of the cloud follow within 30 seconds."
        )
    },
};

const fn in_english(error: &WebAddressError) -> &'static str {
    match error {
        WebAddressError::Scheme => {
            "Type an address that begins with http:// or https://, such as https://wiki.corp.example.com."
        }
        WebAddressError::Credentials => {
            "Leave user name and password out of the address. Programs send them with each request."
        }
        WebAddressError::Path => {
            "Leave out what comes after host and port. Programs send the path with each request."
        }
        WebAddressError::Host => "The host must be a DNS name or an IPv4 address. Correct it.",
        WebAddressError::Port => "The port must be a number from 1 to 65535. Correct it.",
        WebAddressError::Forbidden(ForbiddenAddress::Loopback | ForbiddenAddress::Own) => {
            "This address leads to the appliance itself. Type that of the web server."
        }
        WebAddressError::Forbidden(ForbiddenAddress::LinkLocal) => {
            "Link-local addresses lead to the platform that the appliance runs on. Type that of the web server."
        }
        WebAddressError::Forbidden(ForbiddenAddress::Unspecified | ForbiddenAddress::Multicast) => {
            "This address belongs to no single machine. Type that of the web server."
        }
    }
}

pub(crate) const JAPANESE: WebServerTexts = WebServerTexts {
    title: "Web サーバー",
    add_heading: "Web サーバーの追加",
    explanation: "追加すると、「要求」の権限を持つ管理者が作成したセキュア クライアントを使用するプログラムが、この場所のコネクタを通じて要求を送信できます。一覧にないサーバーには到達できません。",
    name: "名前",
    name_hint: "「Wiki」のように、分かりやすい名前にします。64 文字以内です。",
    address: "アドレス",
    address_hint: "アプライアンスから到達できるアドレスを、パスを付けずに入力します。例: https://wiki.corp.example.com、http://10.73.4.20:8080。https の場合は証明書を検証します。",
    add: "Web サーバーを追加",
    full: |limit| {
        format!(
            "この場所の Web サーバーは上限の {limit} 台です。追加するには 1 台を削除してください。"
        )
    },
    list_heading: "登録済みの Web サーバー",
    list_explanation: "プログラムは、プログラム用のパスの後に要求のパスを付けます。",
    empty: "Web サーバーは登録されていません。",
    empty_remedy: "この場所を通じて到達できる Web サーバーはありません。上で追加してください。",
    added: |date| format!("追加日 {date}"),
    path: "プログラム用のパス",
    path_of: |name| format!("{name} のパス"),
    action: "操作",
    remove: "削除",
    remove_of: |name| format!("{name} を削除"),
    notice: |notice| match notice {
        WebServersNotice::Added { name } => {
            format!("{name} を追加しました。すぐに使用できます。")
        }
        WebServersNotice::Removed { name } => format!("{name} を削除しました。"),
    },
    not_added: |_| "Web サーバーは追加されませんでした".to_owned(),
    problem: |problem, limit| match problem {
        WebServerProblem::NameMissing => "名前を入力してください。".to_owned(),
        WebServerProblem::NameTooLong => {
            "名前が 64 文字を超えています。短くしてください。".to_owned()
        }
        WebServerProblem::NameCharacter { character } => {
            format!("名前に使用できない文字 {character:?} が含まれています。取り除いてください。")
        }
        WebServerProblem::NameTaken => {
            "この名前はこの場所の別の Web サーバーで使用されています。別の名前を選んでください。"
                .to_owned()
        }
        WebServerProblem::Address(error) => in_japanese(error).to_owned(),
        WebServerProblem::TooMany => {
            format!(
                "この場所にはすでに {limit} 台の Web サーバーがあります。先に 1 台を削除してください。"
            )
        }
    },
    remove_title: "Web サーバーの削除",
    remove_question: |name, location| format!("{location} から {name} を削除しますか?"),
    remove_consequence: |address| {
        format!(
            "プログラムはこの場所を通じて {address} に到達できなくなります。処理中の要求はそのまま完了します。クラウドの他のノードには 30 秒以内に反映されます。"
        )
    },
};

const fn in_japanese(error: &WebAddressError) -> &'static str {
    match error {
        WebAddressError::Scheme => {
            "https://wiki.corp.example.com のように、http:// または https:// で始まるアドレスを入力してください。"
        }
        WebAddressError::Credentials => {
            "アドレスからユーザー名とパスワードを取り除いてください。プログラムが要求ごとに送信します。"
        }
        WebAddressError::Path => {
            "ホストとポートより後の部分を取り除いてください。パスはプログラムが要求ごとに送信します。"
        }
        WebAddressError::Host => "ホストは DNS 名か IPv4 アドレスにしてください。",
        WebAddressError::Port => "ポートは 1 から 65535 までの数にしてください。",
        WebAddressError::Forbidden(ForbiddenAddress::Loopback | ForbiddenAddress::Own) => {
            "このアドレスはアプライアンス自体を指しています。Web サーバーのアドレスを入力してください。"
        }
        WebAddressError::Forbidden(ForbiddenAddress::LinkLocal) => {
            "リンクローカル アドレスは、アプライアンスが動作するプラットフォームを指しています。Web サーバーのアドレスを入力してください。"
        }
        WebAddressError::Forbidden(ForbiddenAddress::Unspecified | ForbiddenAddress::Multicast) => {
            "このアドレスは 1 台のマシンを指すものではありません。Web サーバーのアドレスを入力してください。"
        }
    }
}
