//! Texts of setting a password.

use crate::password::{PasswordOccasion, PasswordProblem};

/// Texts of the page.
#[derive(Debug)]
pub(crate) struct PasswordTexts {
    pub(crate) invited_title: &'static str,
    pub(crate) change_title: &'static str,
    pub(crate) heading: &'static str,
    pub(crate) explanation: fn(&PasswordOccasion) -> String,
    pub(crate) name: &'static str,
    pub(crate) current: &'static str,
    pub(crate) password: &'static str,
    pub(crate) confirmation: &'static str,
    pub(crate) rules: &'static str,
    pub(crate) set: &'static str,
    pub(crate) change: &'static str,
    pub(crate) not_set: fn(usize) -> String,
    pub(crate) problem: fn(PasswordProblem) -> String,
}

pub(crate) const ENGLISH: PasswordTexts = PasswordTexts {
    invited_title: "Accept the invitation",
    change_title: "Change password",
    heading: "Set a new password",
    explanation: |occasion| match occasion {
        PasswordOccasion::Invitation { customer, .. } => format!(
            "You are invited to manage {customer}. Set a password, then set up an authenticator app."
        ),
        PasswordOccasion::Unused => {
            "You have not signed in for more than 60 days. Set a new password to go on.".to_owned()
        }
        PasswordOccasion::Leaked => {
            "Your password stands in a list of leaked passwords. Set a new one to go on.".to_owned()
        }
        PasswordOccasion::Wish => {
            "All your sessions end, and you sign in with the new password.".to_owned()
        }
    },
    name: "Your name",
    current: "Current password",
    password: "New password",
    confirmation: "Confirm new password",
    rules: "8 to 128 characters with at least one upper-case letter, one lower-case letter, one digit and one of ! @ # $ % ^ * ? + = -",
    set: "Set password",
    change: "Change password",
    not_set: |count| match count {
        1 => "The password was not set".to_owned(),
        _ => format!("The password was not set: {count} problems"),
    },
    problem: |problem| {
        match problem {
            PasswordProblem::Name => {
                "Type your name: 1 to 64 characters, without / \\ # ? % | [ ] { } < > $ ^ & +"
            }
            PasswordProblem::TooShort => "Use at least 8 characters.",
            PasswordProblem::TooLong => "Use at most 128 characters.",
            PasswordProblem::NoUpperCase => "Add an upper-case letter.",
            PasswordProblem::NoLowerCase => "Add a lower-case letter.",
            PasswordProblem::NoDigit => "Add a digit.",
            PasswordProblem::NoSymbol => "Add one of ! @ # $ % ^ * ? + = -",
            PasswordProblem::IsCurrent => "This is the current password. Choose another one.",
            PasswordProblem::IsRecent => {
                "This is one of your last five passwords. Choose another one."
            }
            PasswordProblem::LikeUserName => {
                "It is too similar to your e-mail address. Choose another one."
            }
            PasswordProblem::IsLeaked => {
                "It stands in a list of leaked passwords. Choose another one."
            }
            PasswordProblem::Mismatch => "The two passwords differ. Type both again.",
            PasswordProblem::WrongCurrent => "The current password is wrong. Type it again.",
            PasswordProblem::FormExpired => {
                "This form was open for too long. Type the passwords again."
            }
            PasswordProblem::NotStored => {
                "The password could not be stored. Try again in a minute."
            }
        }
        .to_owned()
    },
};

pub(crate) const JAPANESE: PasswordTexts = PasswordTexts {
    invited_title: "招待の承諾",
    change_title: "パスワードの変更",
    heading: "新しいパスワードの設定",
    explanation: |occasion| {
        match occasion {
        PasswordOccasion::Invitation { customer, .. } => format!(
            "{customer} の管理者として招待されています。パスワードを設定してから、認証アプリを設定します。"
        ),
        PasswordOccasion::Unused => {
            "60 日以上サインインしていません。続けるには新しいパスワードを設定してください。".to_owned()
        }
        PasswordOccasion::Leaked => {
            "パスワードが漏えいリストに含まれています。続けるには新しいパスワードを設定してください。".to_owned()
        }
        PasswordOccasion::Wish => {
            "すべてのセッションが終了し、新しいパスワードでサインインします。".to_owned()
        }
    }
    },
    name: "名前",
    current: "現在のパスワード",
    password: "新しいパスワード",
    confirmation: "新しいパスワードの確認",
    rules: "8 ～ 128 文字で、大文字、小文字、数字、記号 (! @ # $ % ^ * ? + = -) をそれぞれ 1 文字以上使用します",
    set: "パスワードを設定",
    change: "パスワードを変更",
    not_set: |count| match count {
        1 => "パスワードは設定されませんでした".to_owned(),
        _ => format!("パスワードは設定されませんでした: {count} 件の問題"),
    },
    problem: |problem| {
        match problem {
            PasswordProblem::Name => {
                "名前を 1 ～ 64 文字で入力してください。/ \\ # ? % | [ ] { } < > $ ^ & + は使用できません"
            }
            PasswordProblem::TooShort => "8 文字以上にしてください。",
            PasswordProblem::TooLong => "128 文字以内にしてください。",
            PasswordProblem::NoUpperCase => "大文字を追加してください。",
            PasswordProblem::NoLowerCase => "小文字を追加してください。",
            PasswordProblem::NoDigit => "数字を追加してください。",
            PasswordProblem::NoSymbol => "! @ # $ % ^ * ? + = - のいずれかを追加してください",
            PasswordProblem::IsCurrent => {
                "現在のパスワードと同じです。別のパスワードを選んでください。"
            }
            PasswordProblem::IsRecent => {
                "過去 5 回のパスワードのいずれかと同じです。別のパスワードを選んでください。"
            }
            PasswordProblem::LikeUserName => {
                "メール アドレスに似すぎています。別のパスワードを選んでください。"
            }
            PasswordProblem::IsLeaked => {
                "漏えいしたパスワードのリストに含まれています。別のパスワードを選んでください。"
            }
            PasswordProblem::Mismatch => {
                "2 つのパスワードが異なります。両方を入力し直してください。"
            }
            PasswordProblem::WrongCurrent => {
                "現在のパスワードが正しくありません。入力し直してください。"
            }
            PasswordProblem::FormExpired => {
                "フォームの有効期間が過ぎました。パスワードを入力し直してください。"
            }
            PasswordProblem::NotStored => {
                "パスワードを保存できませんでした。1 分後にもう一度試してください。"
            }
        }
        .to_owned()
    },
};
