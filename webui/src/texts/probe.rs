//! Texts of *Network probe*.

use model::probe::{
    ProbeFailure, ProbeField, ProbeKind, ProbeProblem, StepDetail, StepKind, TlsFacts,
};
use page::FailureText;

pub(crate) mod english;
pub(crate) mod japanese;

/// What a step found: a sentence, and what more there is to say.
#[derive(Debug)]
pub(crate) struct FoundText {
    pub(crate) headline: String,
    pub(crate) more: Option<String>,
}

/// Texts of the section. `target` is written as a URL; `took` is a duration, `at` a time.
#[derive(Debug)]
pub(crate) struct ProbeTexts {
    pub(crate) heading: &'static str,
    pub(crate) intro: &'static str,
    pub(crate) kind: fn(ProbeKind) -> &'static str,
    pub(crate) kind_label: &'static str,
    pub(crate) label: fn(ProbeField) -> &'static str,
    pub(crate) target_hint: &'static str,
    pub(crate) port_hint: &'static str,
    pub(crate) path_hint: &'static str,
    pub(crate) direct: &'static str,
    pub(crate) automatic: &'static str,
    pub(crate) through: fn(proxy: &str) -> String,
    pub(crate) with_capture: &'static str,
    pub(crate) with_capture_hint: &'static str,
    pub(crate) start: &'static str,
    pub(crate) problem: fn(&ProbeProblem) -> String,
    pub(crate) not_started: fn(fields: usize) -> String,

    /// One is under way: what has happened, and what to do.
    pub(crate) busy: (&'static str, &'static str),
    /// None is under way that could be stopped: what has happened, and what to do.
    pub(crate) nothing_runs: (&'static str, &'static str),
    pub(crate) silent: &'static str,
    pub(crate) task_failed: fn(reason: &str) -> String,
    pub(crate) task_remedy: &'static str,

    pub(crate) running: fn(target: &str) -> String,
    pub(crate) stop: &'static str,
    pub(crate) good: fn(took: &str) -> String,
    pub(crate) failed: fn(number: usize, steps: usize, step: &str) -> String,
    pub(crate) unfinished: &'static str,
    pub(crate) caption: fn(target: &str, way: &str, at: &str) -> String,
    pub(crate) way_direct: &'static str,
    /// The way is not known yet.
    pub(crate) way_unknown: &'static str,
    pub(crate) way_proxy: fn(proxy: &str) -> String,
    pub(crate) column_step: &'static str,
    pub(crate) column_result: &'static str,
    pub(crate) column_when: &'static str,
    pub(crate) column_took: &'static str,
    pub(crate) step: fn(StepKind, is_proxied: bool) -> &'static str,
    pub(crate) waiting: &'static str,
    pub(crate) under_way: &'static str,
    pub(crate) not_reached: &'static str,
    pub(crate) found: fn(&StepDetail) -> FoundText,
    /// `None` = one of the nine causes, whose texts stand elsewhere.
    pub(crate) failure: fn(&ProbeFailure) -> Option<FailureText>,
    pub(crate) what_to_do: &'static str,

    pub(crate) chain: &'static str,
    pub(crate) chain_place: fn(index: usize, count: usize) -> &'static str,
    pub(crate) issuer: &'static str,
    pub(crate) names: &'static str,
    pub(crate) valid: &'static str,
    pub(crate) valid_from_to: fn(from: &str, to: &str) -> String,
    pub(crate) trust: fn(&TlsFacts) -> String,

    pub(crate) trace: &'static str,
    pub(crate) trace_gone: &'static str,
    pub(crate) trace_trouble: &'static str,
}
