//! Why the settings role refuses a change, in words: what is stored by now does not allow it.

use model::settings::SettingsRefusal as Refusal;

pub(crate) fn english(refusal: &Refusal) -> String {
    match refusal {
        Refusal::TooManyProxies { limit } => format!("There are {limit} proxy servers already, and no more are kept. Delete one that is no longer used."),
        Refusal::DuplicateProxy { location } => format!("{location} is in the list already. Edit that entry instead."),
        Refusal::UnknownProxy => "This proxy server is not in the list any more: it was deleted meanwhile.".to_owned(),
        Refusal::ProxyOrder => "The list has changed meanwhile. Look at it and try again.".to_owned(),
        Refusal::ProxyPasswordNeeded => "Type the password again: the one that is kept was entered for another address or user name.".to_owned(),
        Refusal::TooManyBypassRules { limit } => format!("There are more than {limit} rules. Combine them, for example by a network such as 192.0.2.0/24."),
        Refusal::DuplicateRoot { subject } => format!("{subject} is in the list already. There is nothing to add."),
        Refusal::TooManyRoots { limit } => format!("There are {limit} authorities already, and no more are kept. Delete one that is no longer needed."),
        Refusal::RootsTooLarge { limit_bytes } => format!("The certificates of all authorities together would be larger than {} KiB. Delete one that is no longer needed.", limit_bytes / 1024),
        Refusal::UnknownRoot => "This authority is not in the list any more: it was deleted meanwhile.".to_owned(),
    }
}

pub(crate) fn japanese(refusal: &Refusal) -> String {
    match refusal {
        Refusal::TooManyProxies { limit } => format!("すでに {limit} 個のプロキシ サーバーがあり、これ以上は保存できません。使用していないものを削除してください。"),
        Refusal::DuplicateProxy { location } => format!("{location} はすでに一覧にあります。その項目を編集してください。"),
        Refusal::UnknownProxy => "このプロキシ サーバーはすでに削除され、一覧にありません。".to_owned(),
        Refusal::ProxyOrder => "一覧が変更されています。確認してからもう一度試してください。".to_owned(),
        Refusal::ProxyPasswordNeeded => "パスワードを入力し直してください。保存されているパスワードは、別のアドレスまたはユーザー名に対するものです。".to_owned(),
        Refusal::TooManyBypassRules { limit } => format!("規則が {limit} 個を超えています。192.0.2.0/24 のようなネットワークなどでまとめてください。"),
        Refusal::DuplicateRoot { subject } => format!("{subject} はすでに一覧にあります。追加する必要はありません。"),
        Refusal::TooManyRoots { limit } => format!("すでに {limit} 個の証明機関があり、これ以上は保存できません。不要なものを削除してください。"),
        Refusal::RootsTooLarge { limit_bytes } => format!("すべての証明機関の証明書の合計が {} KiB を超えます。不要なものを削除してください。", limit_bytes / 1024),
        Refusal::UnknownRoot => "この証明機関はすでに削除され、一覧にありません。".to_owned(),
    }
}
