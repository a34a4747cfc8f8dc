//! Texts of setting up the authenticator app and of the backup codes.

/// Texts of the pages.
#[derive(Debug)]
pub(crate) struct SecondFactorTexts {
    pub(crate) totp_title: &'static str,
    pub(crate) totp_heading: &'static str,
    pub(crate) totp_scan: &'static str,
    pub(crate) totp_picture: &'static str,
    pub(crate) totp_key_hint: &'static str,
    pub(crate) totp_key: &'static str,
    pub(crate) totp_code: &'static str,
    pub(crate) totp_code_hint: &'static str,
    pub(crate) totp_button: &'static str,
    pub(crate) backup_title: &'static str,
    pub(crate) backup_heading: &'static str,
    pub(crate) backup_once: &'static str,
    pub(crate) backup_explanation: &'static str,
    /// Name of the file that they are saved in.
    pub(crate) backup_file: &'static str,
    pub(crate) backup_download: &'static str,
    pub(crate) backup_copy: &'static str,
    pub(crate) backup_done: &'static str,
}

pub(crate) const ENGLISH: SecondFactorTexts = SecondFactorTexts {
    totp_title: "Set up an authenticator app",
    totp_heading: "Add this account to the app",
    totp_scan: "Scan the picture with an authenticator app on your telephone.",
    totp_picture: "QR code with the key of this account. The key stands below as text.",
    totp_key_hint: "If the app cannot scan, type this key (time-based, 6 digits, 30 seconds):",
    totp_key: "the key",
    totp_code: "Code that the app shows now",
    totp_code_hint: "6 digits. This proves that app and clock are right.",
    totp_button: "Verify and go on",
    backup_title: "Backup codes",
    backup_heading: "Keep these codes in a safe place",
    backup_once: "They are shown now and never again. Download, print or copy them before you go on.",
    backup_explanation: "Each code signs you in once when the authenticator app is lost. Older codes do not work any more.",
    backup_file: "backup-codes.txt",
    backup_download: "Download as text",
    backup_copy: "Copy all",
    backup_done: "I have kept them",
};

pub(crate) const JAPANESE: SecondFactorTexts = SecondFactorTexts {
    totp_title: "認証アプリの設定",
    totp_heading: "アプリにこのアカウントを追加",
    totp_scan: "携帯電話の認証アプリで画像を読み取ります。",
    totp_picture: "このアカウントのキーを含む QR コード。キーは下に文字で表示されています。",
    totp_key_hint: "読み取れない場合は、次のキーを入力します (時間ベース、6 桁、30 秒):",
    totp_key: "キー",
    totp_code: "アプリに現在表示されているコード",
    totp_code_hint: "6 桁です。アプリと時計が正しいことを確認します。",
    totp_button: "確認して次へ",
    backup_title: "バックアップ コード",
    backup_heading: "コードを安全な場所に保管してください",
    backup_once: "コードが表示されるのは今回だけです。次に進む前に、ダウンロード、印刷、またはコピーしてください。",
    backup_explanation: "認証アプリを失った場合に、各コードで 1 回だけサインインできます。以前のコードは使用できなくなります。",
    backup_file: "backup-codes.txt",
    backup_download: "テキストでダウンロード",
    backup_copy: "すべてコピー",
    backup_done: "保管しました",
};
