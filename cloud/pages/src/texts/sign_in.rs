//! Texts of *Sign in*.

use crate::sign_in::{CodeProblem, Factor, SignInError, SignInNotice};

/// Texts of the pages. `wait` is a duration in words.
#[derive(Debug)]
pub(crate) struct SignInTexts {
    pub(crate) title: &'static str,
    pub(crate) heading: &'static str,
    pub(crate) email: &'static str,
    pub(crate) password: &'static str,
    pub(crate) button: &'static str,
    pub(crate) second_step_follows: &'static str,
    pub(crate) forgotten: &'static str,
    pub(crate) forgotten_remedy: &'static str,
    pub(crate) error_heading: fn(SignInError) -> &'static str,
    pub(crate) error: fn(SignInError, wait: &str) -> String,
    pub(crate) notice: fn(SignInNotice) -> &'static str,
    pub(crate) second_title: &'static str,
    pub(crate) second_heading: fn(&Factor) -> &'static str,
    pub(crate) code: fn(&Factor) -> &'static str,
    pub(crate) code_hint: fn(&Factor) -> &'static str,
    pub(crate) verify: &'static str,
    pub(crate) use_factor: fn(&Factor) -> &'static str,
    pub(crate) start_over: &'static str,
    pub(crate) code_problem_heading: fn(usize) -> String,
    pub(crate) code_problem: fn(CodeProblem, &Factor, wait: &str) -> String,
    pub(crate) customer_title: &'static str,
    pub(crate) customer_heading: &'static str,
    pub(crate) customer_hint: &'static str,
}

pub(crate) const ENGLISH: SignInTexts = SignInTexts {
    title: "Sign in",
    heading: "E-mail address and password",
    email: "E-mail address",
    password: "Password",
    button: "Sign in",
    second_step_follows: "A code is asked for next",
    forgotten: "Forgot the password?",
    forgotten_remedy: "Ask another administrator with full access to delete your entry and to invite you again.",
    error_heading: |error| match error {
        SignInError::Missing => "Something is missing.",
        SignInError::Wrong => "That did not match.",
        SignInError::TooSoon { .. } => "That was too early.",
        SignInError::SessionIdle | SignInError::SessionTooLong | SignInError::SessionEnded => {
            "Your session has ended."
        }
        SignInError::FormExpired => "This form was open for too long.",
    },
    error: |error, wait| match error {
        SignInError::Missing => "Type the e-mail address and the password.".to_owned(),
        SignInError::Wrong => {
            "The e-mail address or the password is wrong. Check both and type them again."
                .to_owned()
        }
        SignInError::TooSoon { .. } => {
            format!("After wrong passwords there is a pause. Wait {wait}, then try again.")
        }
        SignInError::SessionIdle => {
            "It was not used for as long as your organization allows. Sign in to go on.".to_owned()
        }
        SignInError::SessionTooLong => {
            "A session lasts 72 hours at most. Sign in to go on.".to_owned()
        }
        SignInError::SessionEnded => "Sign in to go on.".to_owned(),
        SignInError::FormExpired => "Type the password again and sign in.".to_owned(),
    },
    notice: |notice| match notice {
        SignInNotice::SignedOut => "You are signed out. Close this page, or sign in again.",
        SignInNotice::PasswordChanged => {
            "The password is set and every session has ended. Sign in with it."
        }
    },
    second_title: "Confirm that it is you",
    second_heading: |factor| match factor {
        Factor::App => "Code of your authenticator app",
        Factor::BackupCode => "One of your backup codes",
    },
    code: |factor| match factor {
        Factor::App => "Code of 6 digits",
        Factor::BackupCode => "Backup code",
    },
    code_hint: |factor| match factor {
        Factor::App => "The app shows a new code every 30 seconds.",
        Factor::BackupCode => {
            "Each backup code works once. Blanks, hyphens and case do not matter."
        }
    },
    verify: "Verify",
    use_factor: |factor| match factor {
        Factor::App => "Use the authenticator app",
        Factor::BackupCode => "Use a backup code",
    },
    start_over: "Start over",
    code_problem_heading: |_| "The code was not accepted".to_owned(),
    code_problem: |problem, factor, wait| {
        match problem {
        CodeProblem::Missing => "Type the code.".to_owned(),
        CodeProblem::Wrong => match factor {
            Factor::App => "The code is wrong, too old or used already. Type the next one that the app shows, and check that the clock of the device is right.",
            Factor::BackupCode => "The backup code is wrong or used already; each works once. Type another one.",
        }.to_owned(),
        CodeProblem::TooSoon { .. } => {
            format!("After wrong codes there is a pause. Wait {wait}, then try again.")
        }
        CodeProblem::FormExpired => {
            "This form was open for too long. Type the newest code.".to_owned()
        }
    }
    },
    customer_title: "Choose a customer",
    customer_heading: "Which customer do you want to manage?",
    customer_hint: "You can switch later in the account menu.",
};

pub(crate) const JAPANESE: SignInTexts = SignInTexts {
    title: "サインイン",
    heading: "メール アドレスとパスワード",
    email: "メール アドレス",
    password: "パスワード",
    button: "サインイン",
    second_step_follows: "次にコードを入力します",
    forgotten: "パスワードを忘れた場合",
    forgotten_remedy: "フル アクセス権を持つ別の管理者に、登録の削除と再招待を依頼してください。",
    error_heading: |error| match error {
        SignInError::Missing => "入力が不足しています。",
        SignInError::Wrong => "一致しませんでした。",
        SignInError::TooSoon { .. } => "まだ再試行できません。",
        SignInError::SessionIdle | SignInError::SessionTooLong | SignInError::SessionEnded => {
            "セッションが終了しました。"
        }
        SignInError::FormExpired => "フォームの有効期間が過ぎました。",
    },
    error: |error, wait| {
        match error {
        SignInError::Missing => "メール アドレスとパスワードを入力してください。".to_owned(),
        SignInError::Wrong => {
            "メール アドレスまたはパスワードが正しくありません。両方を確認して入力し直してください。".to_owned()
        }
        SignInError::TooSoon { .. } => format!(
            "パスワードを間違えると待ち時間が発生します。{wait}待ってからもう一度試してください。"
        ),
        SignInError::SessionIdle => {
            "組織が許可する時間を超えて使用されませんでした。続けるにはサインインしてください。".to_owned()
        }
        SignInError::SessionTooLong => {
            "セッションは最長 72 時間です。続けるにはサインインしてください。".to_owned()
        }
        SignInError::SessionEnded => "続けるにはサインインしてください。".to_owned(),
        SignInError::FormExpired => "パスワードを入力し直してサインインしてください。".to_owned(),
    }
    },
    notice: |notice| match notice {
        SignInNotice::SignedOut => {
            "サインアウトしました。このページを閉じるか、もう一度サインインしてください。"
        }
        SignInNotice::PasswordChanged => {
            "パスワードを設定し、すべてのセッションを終了しました。新しいパスワードでサインインしてください。"
        }
    },
    second_title: "本人確認",
    second_heading: |factor| match factor {
        Factor::App => "認証アプリのコード",
        Factor::BackupCode => "バックアップ コード",
    },
    code: |factor| match factor {
        Factor::App => "6 桁のコード",
        Factor::BackupCode => "バックアップ コード",
    },
    code_hint: |factor| match factor {
        Factor::App => "アプリには 30 秒ごとに新しいコードが表示されます。",
        Factor::BackupCode => {
            "各バックアップ コードは 1 回だけ使用できます。空白、ハイフン、大文字と小文字は区別されません。"
        }
    },
    verify: "確認",
    use_factor: |factor| match factor {
        Factor::App => "認証アプリを使用する",
        Factor::BackupCode => "バックアップ コードを使用する",
    },
    start_over: "最初からやり直す",
    code_problem_heading: |_| "コードは受け付けられませんでした".to_owned(),
    code_problem: |problem, factor, wait| {
        match problem {
        CodeProblem::Missing => "コードを入力してください。".to_owned(),
        CodeProblem::Wrong => match factor {
            Factor::App => "コードが間違っているか、古いか、使用済みです。アプリに次に表示されるコードを入力し、デバイスの時計が正しいことを確認してください。",
            Factor::BackupCode => "バックアップ コードが間違っているか、使用済みです。各コードは 1 回だけ使用できます。別のコードを入力してください。",
        }.to_owned(),
        CodeProblem::TooSoon { .. } => format!(
            "コードを間違えると待ち時間が発生します。{wait}待ってからもう一度試してください。"
        ),
        CodeProblem::FormExpired => {
            "フォームの有効期間が過ぎました。最新のコードを入力してください。".to_owned()
        }
    }
    },
    customer_title: "顧客の選択",
    customer_heading: "どの顧客を管理しますか?",
    customer_hint: "後でアカウント メニューから切り替えることができます。",
};
