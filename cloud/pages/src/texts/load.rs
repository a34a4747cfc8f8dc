//! Texts of requests and latency.

/// Texts of the drawings.
#[derive(Debug)]
pub(crate) struct LoadTexts {
    pub(crate) heading: &'static str,
    pub(crate) requests: &'static str,
    pub(crate) mean: &'static str,
    pub(crate) longest: &'static str,
    pub(crate) failures: &'static str,
    pub(crate) description: fn(
        requests: &str,
        failures: &str,
        peak: &str,
        at: &str,
        mean: &str,
        longest: &str,
    ) -> String,
    pub(crate) spark: fn(requests: &str) -> String,
    pub(crate) none: &'static str,
    pub(crate) scrolls: &'static str,
    pub(crate) values: &'static str,
    pub(crate) hour: &'static str,
    pub(crate) request_column: &'static str,
}

pub(crate) const ENGLISH: LoadTexts = LoadTexts {
    heading: "Requests and latency, last 24 hours",
    requests: "Requests per minute",
    mean: "Mean latency",
    longest: "Longest",
    failures: "Failed",
    description: |requests, failures, peak, at, mean, longest| {
        format!(
            "{requests} requests, {failures} of them failed. Most at {at}: {peak} per minute. Mean latency {mean} ms, longest {longest} ms."
        )
    },
    spark: |requests| format!("{requests} requests in 24 hours"),
    none: "The connector has reported no requests in the last 24 hours.",
    scrolls: "Drawing, scrolls sideways on narrow screens",
    values: "Show as a table",
    hour: "Hour from",
    request_column: "Requests",
};

pub(crate) const JAPANESE: LoadTexts = LoadTexts {
    heading: "要求とレイテンシ、過去 24 時間",
    requests: "1 分あたりの要求",
    mean: "平均レイテンシ",
    longest: "最長",
    failures: "失敗",
    description: |requests, failures, peak, at, mean, longest| {
        format!(
            "要求 {requests} 件、うち失敗 {failures} 件。最多は {at} の 1 分あたり {peak} 件。平均レイテンシ {mean} ミリ秒、最長 {longest} ミリ秒。"
        )
    },
    spark: |requests| format!("24 時間で {requests} 件の要求"),
    none: "過去 24 時間に要求の報告はありません。",
    scrolls: "グラフ。狭い画面では横にスクロールできます",
    values: "表で表示",
    hour: "時刻",
    request_column: "要求",
};
