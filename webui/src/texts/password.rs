//! Texts of *Create new password* and *Change password*.

use model::password::{MAX_BYTES, MIN_CHARACTERS, PasswordError};

use crate::password::{PasswordField, PasswordProblem};

/// Texts of the two pages. `wait` is a duration in words.
#[derive(Debug)]
pub(crate) struct PasswordTexts {
    pub(crate) create_title: &'static str,
    pub(crate) first_start: fn(address: &str) -> String,
    pub(crate) first_start_for: fn(address: &str, deployment: &str) -> String,
    pub(crate) create_heading: &'static str,
    pub(crate) one_administrator: &'static str,
    pub(crate) new: &'static str,
    pub(crate) confirmation: &'static str,
    pub(crate) rules: &'static str,
    pub(crate) create_button: &'static str,
    pub(crate) not_created: &'static str,

    pub(crate) compare_heading: &'static str,
    pub(crate) compare: &'static str,
    pub(crate) compare_trust: &'static str,
    pub(crate) compare_where: &'static str,
    pub(crate) compare_path: &'static str,
    pub(crate) differ: &'static str,
    pub(crate) differ_stop: &'static str,

    pub(crate) change_title: &'static str,
    pub(crate) change_heading: &'static str,
    pub(crate) change_consequence: &'static str,
    pub(crate) current: &'static str,
    pub(crate) change_button: &'static str,
    /// The button while a pause after a wrong password runs; the script fills in `{}`.
    pub(crate) change_button_wait: &'static str,
    pub(crate) not_changed: &'static str,
    /// What is wrong and what to do; the wait of the problem comes in words.
    pub(crate) problem: fn(&PasswordProblem, wait: &str) -> String,
}

pub(crate) const ENGLISH: PasswordTexts = PasswordTexts {
    create_title: "Create new password",
    first_start: |address| format!("First start of the appliance at {address}"),
    first_start_for: |address, deployment| {
        format!("First start of the appliance at {address}, for the deployment {deployment}")
    },
    create_heading: "Set a new password",
    one_administrator: "There is one administrator, named admin. The password cannot be reset: if it is lost, deploy a new appliance.",
    new: "Enter new password",
    confirmation: "Confirm password",
    rules: "Password must be at least 8 characters long, have at least 1 upper case, 1 lower case and 1 non-alphabetic character",
    create_button: "Set password",
    not_created: "No password has been set. Please correct:",

    compare_heading: "Is this your appliance?",
    compare: "Before you type a password, open the certificate in your browser and compare its fingerprint with the one on the console of the virtual machine. They must be the same.",
    compare_trust: "Listed here to make reading easier. Trust what the browser and the console show: a false page could list anything.",
    compare_where: "Where do I find it in the browser?",
    compare_path: "Open the site information to the left of the address, then the certificate, then its fingerprint or thumbprint. A warning about a self-signed certificate is expected at this point.",
    differ: "They differ?",
    differ_stop: "Do not go on. Close this page: something answers in place of your appliance.",

    change_title: "Change password",
    change_heading: "Set another password",
    change_consequence: "After the change you are signed out everywhere and sign in with the new password. It must not be the current one.",
    current: "Enter current password",
    change_button: "Change password",
    change_button_wait: "Change password, {} s",
    not_changed: "The password has not been changed. Please correct:",
    problem: english,
};

fn english(problem: &PasswordProblem, wait: &str) -> String {
    match problem {
        PasswordProblem::Missing(PasswordField::Current) => {
            "The current password is missing. Type it.".to_owned()
        }
        PasswordProblem::Missing(PasswordField::New) => {
            "The new password is missing. Type one.".to_owned()
        }
        PasswordProblem::Missing(PasswordField::Confirmation) => {
            "The confirmation is missing. Type the new password once more.".to_owned()
        }
        PasswordProblem::Rule(PasswordError::TooShort) => {
            format!("The new password has fewer than {MIN_CHARACTERS} characters. Add some.")
        }
        PasswordProblem::Rule(PasswordError::TooLong) => {
            format!("The new password is longer than {MAX_BYTES} bytes. Use a shorter one.")
        }
        PasswordProblem::Rule(PasswordError::NoUpperCase) => {
            "The new password has no upper case letter. Add one, such as A.".to_owned()
        }
        PasswordProblem::Rule(PasswordError::NoLowerCase) => {
            "The new password has no lower case letter. Add one, such as a.".to_owned()
        }
        PasswordProblem::Rule(PasswordError::NoNonAlphabetic) => {
            "The new password has only letters. Add a digit or a symbol.".to_owned()
        }
        PasswordProblem::Rule(PasswordError::ControlCharacter) => {
            "The new password has a control character, such as a tab. Remove it.".to_owned()
        }
        PasswordProblem::Mismatch => {
            "The confirmation is not the same as the new password. Type both again.".to_owned()
        }
        PasswordProblem::WrongCurrent { wait_seconds: 0 } => {
            "The current password is not right. Type it again.".to_owned()
        }
        PasswordProblem::WrongCurrent { .. } => {
            format!("The current password is not right. Wait {wait}, then type it again.")
        }
        PasswordProblem::SameAsCurrent => {
            "The new password is the same as the current one. Choose another.".to_owned()
        }
        PasswordProblem::TooSoon { .. } => {
            format!("This try came too early and was not checked. Wait {wait}, then try again.")
        }
        PasswordProblem::FormExpired => {
            "This form was open for too long. Type the passwords again and send it.".to_owned()
        }
        PasswordProblem::NotStored => "The appliance could not store the password. Check the disk of the virtual machine, restart it and try again.".to_owned(),
    }
}

pub(crate) const JAPANESE: PasswordTexts = PasswordTexts {
    create_title: "新しいパスワードの作成",
    first_start: |address| format!("{address} のアプライアンスの初回起動"),
    first_start_for: |address, deployment| {
        format!("{address} のアプライアンスの初回起動、展開先 {deployment}")
    },
    create_heading: "新しいパスワードの設定",
    one_administrator: "管理者は admin の 1 名だけです。パスワードはリセットできません。紛失した場合は、新しいアプライアンスを展開してください。",
    new: "新しいパスワードの入力",
    confirmation: "パスワードの確認",
    rules: "パスワードは 8 文字以上で、大文字、小文字、英字以外の文字をそれぞれ 1 文字以上含む必要があります",
    create_button: "パスワードを設定",
    not_created: "パスワードは設定されていません。次の点を修正してください。",

    compare_heading: "お使いのアプライアンスですか?",
    compare: "パスワードを入力する前に、ブラウザーで証明書を開き、その拇印を仮想マシンのコンソールの表示と比べてください。両者は一致しなければなりません。",
    compare_trust: "ここには読みやすいように表示しています。信頼できるのはブラウザーとコンソールの表示です。偽のページは何でも表示できます。",
    compare_where: "ブラウザーのどこにありますか?",
    compare_path: "アドレスの左側のサイト情報を開き、証明書、拇印 (フィンガープリント) の順に進みます。この時点では自己署名証明書の警告が表示されます。",
    differ: "一致しない場合",
    differ_stop: "先に進まず、このページを閉じてください。アプライアンスの代わりに別のものが応答しています。",

    change_title: "パスワードの変更",
    change_heading: "別のパスワードの設定",
    change_consequence: "変更後はすべての場所でサインアウトされるので、新しいパスワードでサインインします。現在と同じパスワードは使用できません。",
    current: "現在のパスワードの入力",
    change_button: "パスワードを変更",
    change_button_wait: "パスワードを変更 ({} 秒)",
    not_changed: "パスワードは変更されていません。次の点を修正してください。",
    problem: japanese,
};

fn japanese(problem: &PasswordProblem, wait: &str) -> String {
    match problem {
        PasswordProblem::Missing(PasswordField::Current) => {
            "現在のパスワードがありません。入力してください。".to_owned()
        }
        PasswordProblem::Missing(PasswordField::New) => {
            "新しいパスワードがありません。入力してください。".to_owned()
        }
        PasswordProblem::Missing(PasswordField::Confirmation) => {
            "確認のパスワードがありません。新しいパスワードをもう一度入力してください。".to_owned()
        }
        PasswordProblem::Rule(PasswordError::TooShort) => {
            format!("新しいパスワードが {MIN_CHARACTERS} 文字未満です。文字を追加してください。")
        }
        PasswordProblem::Rule(PasswordError::TooLong) => {
            format!("新しいパスワードが {MAX_BYTES} バイトを超えています。短くしてください。")
        }
        PasswordProblem::Rule(PasswordError::NoUpperCase) => {
            "新しいパスワードに大文字がありません。A などの大文字を追加してください。".to_owned()
        }
        PasswordProblem::Rule(PasswordError::NoLowerCase) => {
            "新しいパスワードに小文字がありません。a などの小文字を追加してください。".to_owned()
        }
        PasswordProblem::Rule(PasswordError::NoNonAlphabetic) => {
            "新しいパスワードが英字だけです。数字か記号を追加してください。".to_owned()
        }
        PasswordProblem::Rule(PasswordError::ControlCharacter) => {
            "新しいパスワードにタブなどの制御文字があります。取り除いてください。".to_owned()
        }
        PasswordProblem::Mismatch => {
            "確認のパスワードが新しいパスワードと一致しません。両方とも入力し直してください。"
                .to_owned()
        }
        PasswordProblem::WrongCurrent { wait_seconds: 0 } => {
            "現在のパスワードが正しくありません。入力し直してください。".to_owned()
        }
        PasswordProblem::WrongCurrent { .. } => {
            format!("現在のパスワードが正しくありません。{wait}待ってから入力し直してください。")
        }
        PasswordProblem::SameAsCurrent => {
            "新しいパスワードが現在のパスワードと同じです。別のものを選んでください。".to_owned()
        }
        PasswordProblem::TooSoon { .. } => {
            format!("早すぎたため確認されませんでした。{wait}待ってからもう一度試してください。")
        }
        PasswordProblem::FormExpired => {
            "フォームの有効期間が過ぎました。パスワードを入力し直して送信してください。".to_owned()
        }
        PasswordProblem::NotStored => "パスワードを保存できませんでした。仮想マシンのディスクを確認し、再起動してからもう一度試してください。".to_owned(),
    }
}
