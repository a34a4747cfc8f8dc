//! Texts of the pages around a restart.

/// Texts of the pages around a restart.
#[derive(Debug)]
pub(crate) struct RestartTexts {
    pub(crate) title: &'static str,
    pub(crate) heading: &'static str,
    pub(crate) consequence: &'static str,
    pub(crate) kept: &'static str,
    pub(crate) button: &'static str,
    pub(crate) under_way_title: &'static str,
    pub(crate) under_way: &'static str,
    pub(crate) come_back: &'static str,
    pub(crate) come_back_after_reset: &'static str,
    pub(crate) come_back_by_itself: &'static str,
    pub(crate) moved: &'static str,
    pub(crate) open: &'static str,
    pub(crate) refused: &'static str,
    pub(crate) refused_remedy: &'static str,
}

pub(crate) const ENGLISH: RestartTexts = RestartTexts {
    title: "Restart",
    heading: "Restart the appliance?",
    consequence: "It is not reachable for about a minute, and everybody who is signed in is signed out.",
    kept: "Settings and the password are kept.",
    button: "Restart",
    under_way_title: "Restarting",
    under_way: "The appliance restarts. This takes about a minute.",
    come_back: "Wait a minute, then open the page again and sign in.",
    come_back_after_reset: "Wait a minute, then open the page again and set a new password.",
    come_back_by_itself: "This page goes on by itself as soon as the appliance answers.",
    moved: "If it does not answer after a few minutes, look at the console of the virtual machine: it shows the address in use and what is wrong.",
    open: "Open the page",
    refused: "The appliance was not restarted.",
    refused_remedy: "Try again in a few seconds, or restart the virtual machine in the hypervisor.",
};

pub(crate) const JAPANESE: RestartTexts = RestartTexts {
    title: "再起動",
    heading: "アプライアンスを再起動しますか?",
    consequence: "約 1 分間アクセスできなくなり、サインイン中のユーザーは全員サインアウトされます。",
    kept: "設定とパスワードは保持されます。",
    button: "再起動する",
    under_way_title: "再起動中",
    under_way: "アプライアンスを再起動しています。約 1 分かかります。",
    come_back: "1 分ほど待ってからページを開き直し、サインインしてください。",
    come_back_after_reset: "1 分ほど待ってからページを開き直し、新しいパスワードを設定してください。",
    come_back_by_itself: "アプライアンスが応答すると、このページは自動的に先へ進みます。",
    moved: "数分たっても応答しない場合は、仮想マシンのコンソールを確認してください。使用中のアドレスと問題点が表示されます。",
    open: "ページを開く",
    refused: "アプライアンスは再起動されませんでした。",
    refused_remedy: "数秒後にもう一度試すか、ハイパーバイザーで仮想マシンを再起動してください。",
};
