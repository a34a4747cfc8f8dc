//! Texts of *Connector administration*.

use model::health::Subject;
use model::network::Origin;

/// Texts of the page. `since`, `at` and `end` are times.
#[derive(Debug)]
pub(crate) struct SummaryTexts {
    pub(crate) on_this_page: &'static str,
    pub(crate) heading: &'static str,
    pub(crate) heading_prefix: &'static str,
    pub(crate) checked: fn(at: &str) -> String,
    pub(crate) stale: &'static str,
    pub(crate) stale_remedy: &'static str,

    pub(crate) healthy: &'static str,
    pub(crate) all_passed: fn(checks: usize) -> String,
    pub(crate) starting: &'static str,
    pub(crate) check_again: &'static str,
    pub(crate) attention: fn(causes: usize) -> String,
    pub(crate) failing: fn(causes: usize) -> String,
    pub(crate) some_passed: fn(passed: usize, checks: usize) -> String,
    /// The words for the state of a section: working, attention, failing.
    pub(crate) tone_ok: &'static str,
    pub(crate) tone_warn: &'static str,
    pub(crate) tone_bad: &'static str,

    pub(crate) checks: &'static str,
    pub(crate) subject: fn(Subject) -> &'static str,
    pub(crate) since: fn(since: &str) -> String,
    pub(crate) connected: &'static str,
    pub(crate) connected_detail: fn(address: &str, interface: &str) -> String,
    pub(crate) connected_detail_gateway:
        fn(address: &str, interface: &str, gateway: &str) -> String,
    pub(crate) dns_known: &'static str,
    pub(crate) dns_waits: &'static str,
    pub(crate) storage_good: &'static str,
    pub(crate) storage_detail: &'static str,
    pub(crate) services_good: &'static str,
    pub(crate) services_detail: fn(count: usize) -> String,
    pub(crate) services_unknown: &'static str,
    pub(crate) boot_parameter_good: &'static str,
    pub(crate) what_to_do: &'static str,
    pub(crate) what_to_do_one: &'static str,

    pub(crate) values: &'static str,
    pub(crate) name: &'static str,
    pub(crate) network_card: &'static str,
    pub(crate) address: &'static str,
    pub(crate) gateway: &'static str,
    pub(crate) dns: &'static str,
    pub(crate) search_domain: &'static str,
    pub(crate) time_servers: &'static str,
    pub(crate) lease: &'static str,
    pub(crate) lease_until: fn(server: &str, end: &str) -> String,
    pub(crate) lease_for_ever: fn(server: &str) -> String,
    pub(crate) deployment: &'static str,
    pub(crate) version: &'static str,
    pub(crate) version_in_slot: fn(version: &str, slot: &str) -> String,
    pub(crate) running_for: &'static str,
    pub(crate) none: &'static str,
    pub(crate) origin: fn(Origin) -> &'static str,
    pub(crate) from_link: &'static str,

    pub(crate) certificate: &'static str,
    pub(crate) issued_by: &'static str,
    pub(crate) self_signed: &'static str,
    pub(crate) valid_until: &'static str,
    pub(crate) not_yet_valid: fn(from: &str) -> String,
    pub(crate) expired: fn(at: &str) -> String,
    pub(crate) valid_for: &'static str,
    pub(crate) same_on_console: &'static str,
    pub(crate) no_certificate: &'static str,
}

pub(crate) const ENGLISH: SummaryTexts = SummaryTexts {
    on_this_page: "On this page",
    heading: "Connector summary",
    heading_prefix: "Connector summary: ",
    checked: |at| format!("Checked at {at}"),
    stale: "The appliance does not answer.",
    stale_remedy: "The values below are old. They are renewed as soon as it answers again.",

    healthy: "Healthy - ready to register",
    all_passed: |checks| format!("All {checks} checks passed."),
    starting: "Starting",
    check_again: "Check again",
    attention: |causes| match causes {
        1 => "Working - 1 cause needs attention".to_owned(),
        _ => format!("Working - {causes} causes need attention"),
    },
    failing: |causes| match causes {
        1 => "Not working - 1 cause to fix".to_owned(),
        _ => format!("Not working - {causes} causes to fix"),
    },
    some_passed: |passed, checks| format!("{passed} of {checks} checks passed."),
    tone_ok: "working",
    tone_warn: "attention",
    tone_bad: "failing",

    checks: "Checks",
    subject: |subject| match subject {
        Subject::Network => "Network",
        Subject::Dns => "DNS",
        Subject::Storage => "Storage",
        Subject::BootParameter => "Boot parameter",
        Subject::Services => "Services",
    },
    since: |since| format!("since {since}"),
    connected: "Connected",
    connected_detail: |address, interface| format!("{address} on {interface}, no gateway"),
    connected_detail_gateway: |address, interface, gateway| {
        format!("{address} on {interface}, gateway {gateway}")
    },
    dns_known: "Known",
    dns_waits: "Waiting for the network",
    storage_good: "Writable",
    storage_detail: "Settings are stored on the data partition and survive a restart.",
    services_good: "Running",
    services_detail: |count| format!("All {count} services are ready."),
    services_unknown: "State unknown",
    boot_parameter_good: "Used and stored",
    what_to_do: "What to do",
    what_to_do_one: "What to do:",

    values: "Values in use and where they come from",
    name: "Name",
    network_card: "Network card",
    address: "Address",
    gateway: "Gateway",
    dns: "DNS",
    search_domain: "Search domain",
    time_servers: "Time servers",
    lease: "DHCP lease",
    lease_until: |server, end| format!("from {server}, ends {end}"),
    lease_for_ever: |server| format!("from {server}, without end"),
    deployment: "Deployment",
    version: "Version",
    version_in_slot: |version, slot| format!("{version}, {slot}"),
    running_for: "Running for",
    none: "none",
    origin: |origin| match origin {
        Origin::Default => "default",
        Origin::BootParameter => "from the boot parameter",
        Origin::Dhcp => "from DHCP",
        Origin::Operator => "set by you",
    },
    from_link: "from the link",

    certificate: "Certificate of this page",
    issued_by: "Issued by",
    self_signed: "This appliance (self-signed)",
    valid_until: "Valid until",
    not_yet_valid: |from| {
        format!("Valid only from {from} on. Correct the clock of the hypervisor.")
    },
    expired: |at| {
        format!("Expired {at}. If that is in the future, correct the clock of the hypervisor.")
    },
    valid_for: "Valid for",
    same_on_console: "The console of the virtual machine shows the same fingerprints.",
    no_certificate: "The certificate is not known yet. Load the page again in a few seconds.",
};

pub(crate) const JAPANESE: SummaryTexts = SummaryTexts {
    on_this_page: "このページの内容",
    heading: "コネクタの概要",
    heading_prefix: "コネクタの概要: ",
    checked: |at| format!("{at} に確認"),
    stale: "アプライアンスが応答しません。",
    stale_remedy: "以下の値は古くなっています。応答が戻ると更新されます。",

    healthy: "正常 - 登録できます",
    all_passed: |checks| format!("{checks} 項目すべてが正常です。"),
    starting: "開始中",
    check_again: "再確認",
    attention: |causes| format!("動作中 - {causes} 件に注意が必要です"),
    failing: |causes| format!("動作していません - {causes} 件の原因を解決してください"),
    some_passed: |passed, checks| format!("{checks} 項目中 {passed} 項目が正常です。"),
    tone_ok: "正常",
    tone_warn: "注意",
    tone_bad: "異常",

    checks: "チェック項目",
    subject: |subject| match subject {
        Subject::Network => "ネットワーク",
        Subject::Dns => "DNS",
        Subject::Storage => "ストレージ",
        Subject::BootParameter => "ブート パラメーター",
        Subject::Services => "サービス",
    },
    since: |since| format!("{since} から"),
    connected: "接続済み",
    connected_detail: |address, interface| format!("{interface} に {address}、ゲートウェイなし"),
    connected_detail_gateway: |address, interface, gateway| {
        format!("{interface} に {address}、ゲートウェイ {gateway}")
    },
    dns_known: "設定済み",
    dns_waits: "ネットワークを待っています",
    storage_good: "書き込み可能",
    storage_detail: "設定はデータ パーティションに保存され、再起動後も保持されます。",
    services_good: "実行中",
    services_detail: |count| format!("{count} 個のサービスすべてが準備完了です。"),
    services_unknown: "状態不明",
    boot_parameter_good: "使用中、保存済み",
    what_to_do: "対処方法",
    what_to_do_one: "対処方法:",

    values: "使用中の値とその取得元",
    name: "名前",
    network_card: "ネットワーク カード",
    address: "アドレス",
    gateway: "ゲートウェイ",
    dns: "DNS",
    search_domain: "検索ドメイン",
    time_servers: "時刻サーバー",
    lease: "DHCP リース",
    lease_until: |server, end| format!("{server} から取得、{end} まで"),
    lease_for_ever: |server| format!("{server} から取得、無期限"),
    deployment: "展開先",
    version: "バージョン",
    version_in_slot: |version, slot| format!("{version}, {slot}"),
    running_for: "稼働時間",
    none: "なし",
    origin: |origin| match origin {
        Origin::Default => "既定値",
        Origin::BootParameter => "ブート パラメーターから",
        Origin::Dhcp => "DHCP から",
        Origin::Operator => "手動設定",
    },
    from_link: "リンクから",

    certificate: "このページの証明書",
    issued_by: "発行元",
    self_signed: "このアプライアンス (自己署名)",
    valid_until: "有効期限",
    not_yet_valid: |from| {
        format!("{from} から有効です。ハイパーバイザーの時計を修正してください。")
    },
    expired: |at| {
        format!(
            "{at} に失効しました。これが未来の日付の場合は、ハイパーバイザーの時計を修正してください。"
        )
    },
    valid_for: "有効な名前",
    same_on_console: "仮想マシンのコンソールにも同じ拇印が表示されます。",
    no_certificate: "証明書がまだわかりません。数秒後にページを読み込み直してください。",
};
