//! Requests and latency of a day, as drawings and as a table.

use std::fmt::Write as _;

use crate::amount;
use crate::texts::Texts;
use crate::texts::load::LoadTexts;
use crate::time;

/// Length of a [`LoadPoint`] in seconds.
pub const LOAD_POINT_SECONDS: i64 = 300;
/// How far back the drawings go, in seconds.
pub const LOAD_SECONDS: i64 = 86_400;
/// Points of a whole day.
const POINTS: i64 = LOAD_SECONDS / LOAD_POINT_SECONDS;

/// Edges of the drawing in its own units: 800 wide, 276 high, two planes above each other.
const LEFT: f64 = 64.0;
const RIGHT: f64 = 792.0;
const UPPER: (f64, f64) = (14.0, 112.0);
const LOWER: (f64, f64) = (142.0, 240.0);
/// Marks along each upward axis, the one at zero not counted.
const MARKS: u64 = 2;

/// What a connector did in five minutes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LoadPoint {
    /// When the five minutes began, in seconds since 1970, a multiple of [`LOAD_POINT_SECONDS`].
    pub start: i64,
    /// Requests that were answered.
    pub requests: u64,
    /// Requests that failed.
    pub failures: u64,
    /// Time of all requests together, in milliseconds.
    pub total_milliseconds: u64,
    /// Time of the longest request, in milliseconds.
    pub longest_milliseconds: u64,
}

impl LoadPoint {
    const fn mean(&self) -> u64 {
        match self.requests {
            0 => 0,
            requests => self.total_milliseconds / requests,
        }
    }

    fn add(&mut self, other: &Self) {
        self.requests = self.requests.saturating_add(other.requests);
        self.failures = self.failures.saturating_add(other.failures);
        self.total_milliseconds = self.total_milliseconds.saturating_add(other.total_milliseconds);
        self.longest_milliseconds = self.longest_milliseconds.max(other.longest_milliseconds);
    }
}

/// A mark at an axis.
#[derive(Debug)]
pub(crate) struct MarkView {
    /// Where it is along its axis, in the units of the drawing.
    pub(crate) at: String,
    pub(crate) words: String,
    /// Which end of the text stands there: `start`, `middle` or `end`.
    pub(crate) anchor: &'static str,
}

/// An hour in words.
#[derive(Debug)]
pub(crate) struct HourView {
    pub(crate) time: String,
    pub(crate) requests: String,
    pub(crate) failures: String,
    pub(crate) mean: String,
    pub(crate) longest: String,
}

/// The drawing of a day: requests above, latency below.
#[derive(Debug)]
pub(crate) struct DayView {
    pub(crate) request_marks: Vec<MarkView>,
    pub(crate) latency_marks: Vec<MarkView>,
    pub(crate) time_marks: Vec<MarkView>,
    /// Lines of the requests, a part for each stretch without a hole.
    pub(crate) requests: Vec<String>,
    pub(crate) areas: Vec<String>,
    pub(crate) means: Vec<String>,
    pub(crate) longest: Vec<String>,
    pub(crate) description: String,
    pub(crate) hours: Vec<HourView>,
}

/// The points of the last day in their places; `None` = the connector told nothing for that time.
fn places(points: &[LoadPoint], now: i64) -> Vec<Option<LoadPoint>> {
    let first = now.div_euclid(LOAD_POINT_SECONDS) + 1 - POINTS;
    let mut places = vec![None; usize::try_from(POINTS).unwrap_or_default()];
    for point in points {
        let index = point.start.div_euclid(LOAD_POINT_SECONDS) - first;
        if let Some(place) = usize::try_from(index).ok().and_then(|index| places.get_mut(index)) {
            *place = Some(*point);
        }
    }
    places
}

impl DayView {
    /// The drawing of the points of the last day; `None` when there are none.
    pub(crate) fn new(texts: &Texts, points: &[LoadPoint], now: i64) -> Option<Self> {
        let places = places(points, now);
        let known: Vec<_> = places.iter().flatten().copied().collect();
        if known.is_empty() {
            return None;
        }
        let per_minute =
            |point: &LoadPoint| point.requests * 60 / LOAD_POINT_SECONDS.unsigned_abs();
        let most = known.iter().map(per_minute).max().unwrap_or_default();
        let slowest =
            known.iter().map(|point| point.longest_milliseconds).max().unwrap_or_default();
        let (top, ceiling) = (round_up(most), round_up(slowest));
        let requests = lines(&places, |point| scale(per_minute(point), top, UPPER));
        let latency = |pick: fn(&LoadPoint) -> u64| {
            lines(&places, move |point| scale(pick(point), ceiling, LOWER))
        };
        let text = &texts.load;
        Some(Self {
            request_marks: marks(top, UPPER, amount::count),
            latency_marks: marks(ceiling, LOWER, |number| format!("{} ms", amount::count(number))),
            time_marks: time_marks(now),
            areas: requests.iter().map(|line| area(line)).collect(),
            requests,
            means: latency(LoadPoint::mean),
            longest: latency(|point| point.longest_milliseconds),
            description: description(text, &known, &per_minute),
            hours: hours(&places, now),
        })
    }
}

/// The whole day in a sentence.
fn description(
    text: &LoadTexts,
    known: &[LoadPoint],
    per_minute: &impl Fn(&LoadPoint) -> u64,
) -> String {
    let mut all = LoadPoint::default();
    known.iter().for_each(|point| all.add(point));
    let peak = known.iter().max_by_key(|point| point.requests).copied().unwrap_or_default();
    (text.description)(
        &amount::count(all.requests),
        &amount::count(all.failures),
        &amount::count(per_minute(&peak)),
        &time::clock(peak.start),
        &amount::count(all.mean()),
        &amount::count(all.longest_milliseconds),
    )
}

fn x(index: usize) -> f64 {
    let index = u32::try_from(index).map_or(0.0, f64::from);
    LEFT + (RIGHT - LEFT) * (index + 0.5) / f64::from(u32::try_from(POINTS).unwrap_or(1))
}

fn scale(value: u64, top: u64, (upper, lower): (f64, f64)) -> f64 {
    lower - (lower - upper) * (as_float(value) / as_float(top)).clamp(0.0, 1.0)
}

/// Lines through the points that are there; a hole divides one from the next.
fn lines(places: &[Option<LoadPoint>], height: impl Fn(&LoadPoint) -> f64) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for (index, place) in places.iter().enumerate() {
        match place {
            Some(point) => {
                let _ = write!(line, "{:.1},{:.1} ", x(index), height(point));
            }
            None if !line.is_empty() => lines.push(std::mem::take(&mut line).trim_end().to_owned()),
            None => {}
        }
    }
    if !line.is_empty() {
        lines.push(line.trim_end().to_owned());
    }
    lines
}

/// The plane below a line of requests.
fn area(line: &str) -> String {
    let across = |pair: &str| pair.split(',').next().unwrap_or_default().to_owned();
    let first = line.split(' ').next().map(across).unwrap_or_default();
    let last = line.split(' ').next_back().map(across).unwrap_or_default();
    format!("{first},{0:.1} {line} {last},{0:.1}", UPPER.1)
}

fn marks(top: u64, plane: (f64, f64), words: impl Fn(u64) -> String) -> Vec<MarkView> {
    (0..=MARKS)
        .map(|mark| {
            let value = top / MARKS * mark;
            MarkView {
                at: format!("{:.1}", scale(value, top, plane)),
                words: words(value),
                anchor: "end",
            }
        })
        .collect()
}

/// A mark for every fourth hour.
fn time_marks(now: i64) -> Vec<MarkView> {
    let begin = (now.div_euclid(LOAD_POINT_SECONDS) + 1) * LOAD_POINT_SECONDS - LOAD_SECONDS;
    let first = begin.div_euclid(14_400) + 1;
    (first..first + 6)
        .map(|mark| {
            let share = (mark * 14_400 - begin).unsigned_abs();
            let x = LEFT + (RIGHT - LEFT) * as_float(share) / as_float(LOAD_SECONDS.unsigned_abs());
            let anchor = if x > RIGHT - 30.0 { "end" } else { "middle" };
            let words = time::clock(mark * 14_400);
            let words = words.trim_end_matches(" UTC").to_owned();
            MarkView { at: format!("{x:.1}"), words, anchor }
        })
        .collect()
}

fn hours(places: &[Option<LoadPoint>], now: i64) -> Vec<HourView> {
    let begin = (now.div_euclid(LOAD_POINT_SECONDS) + 1) * LOAD_POINT_SECONDS - LOAD_SECONDS;
    let mut hours: Vec<(i64, Option<LoadPoint>)> = Vec::new();
    for (index, place) in places.iter().enumerate() {
        let start = begin + i64::try_from(index).unwrap_or_default() * LOAD_POINT_SECONDS;
        let hour = start.div_euclid(3600);
        if hours.last().is_none_or(|(last, _)| *last != hour) {
            hours.push((hour, None));
        }
        if let (Some((_, sum)), Some(point)) = (hours.last_mut(), place) {
            sum.get_or_insert_default().add(point);
        }
    }
    let dash = || "-".to_owned();
    hours
        .into_iter()
        .rev()
        .map(|(hour, sum)| HourView {
            time: time::clock(hour * 3600),
            requests: sum.map_or_else(dash, |sum| amount::count(sum.requests)),
            failures: sum.map_or_else(dash, |sum| amount::count(sum.failures)),
            mean: sum.map_or_else(dash, |sum| format!("{} ms", amount::count(sum.mean()))),
            longest: sum
                .map_or_else(dash, |sum| format!("{} ms", amount::count(sum.longest_milliseconds))),
        })
        .collect()
}

/// Requests of a day in a line of a table.
#[derive(Debug)]
pub(crate) struct SparkView {
    pub(crate) lines: Vec<String>,
    pub(crate) areas: Vec<String>,
    pub(crate) words: String,
}

impl SparkView {
    /// Width and height in its own units: 96 by 26, three points of five minutes in a step.
    const WIDTH: usize = 96;

    pub(crate) fn new(texts: &Texts, points: &[LoadPoint], now: i64) -> Self {
        let places = places(points, now);
        let step = places.len() / Self::WIDTH;
        let sums: Vec<Option<u64>> = places
            .chunks(step.max(1))
            .map(|chunk| {
                let mut known = chunk.iter().flatten().map(|point| point.requests).peekable();
                known.peek().is_some().then(|| known.sum())
            })
            .collect();
        let top = sums.iter().flatten().copied().max().unwrap_or_default().max(1);
        let (mut lines, mut areas) = (Vec::new(), Vec::new());
        for run in runs(&sums) {
            let mut line = String::new();
            for (index, sum) in &run {
                let height = 25.0 - 22.0 * as_float(*sum) / as_float(top);
                let _ = write!(line, "{index},{height:.1} ");
            }
            let line = line.trim_end().to_owned();
            let first = run.first().map_or(0, |(index, _)| *index);
            let last = run.last().map_or(0, |(index, _)| *index);
            areas.push(format!("{first},26 {line} {last},26"));
            lines.push(line);
        }
        let all: u64 = sums.iter().flatten().fold(0, |sum, part| sum.saturating_add(*part));
        Self { lines, areas, words: (texts.load.spark)(&amount::count(all)) }
    }
}

/// Stretches without a hole, with the place of each value.
fn runs(values: &[Option<u64>]) -> Vec<Vec<(usize, u64)>> {
    let mut runs: Vec<Vec<(usize, u64)>> = Vec::new();
    let mut is_open = false;
    for (index, value) in values.iter().enumerate() {
        match (value, runs.last_mut()) {
            (Some(value), Some(run)) if is_open => run.push((index, *value)),
            (Some(value), _) => runs.push(vec![(index, *value)]),
            (None, _) => {}
        }
        is_open = value.is_some();
    }
    runs
}

/// The next number that [`MARKS`] divide into round ones.
fn round_up(highest: u64) -> u64 {
    let mut unit = 1_u64;
    loop {
        for step in [1, 2, 5] {
            let top = unit.saturating_mul(step).saturating_mul(MARKS);
            if top >= highest || top > u64::MAX / 10 {
                return top.max(MARKS);
            }
        }
        unit = unit.saturating_mul(10);
    }
}

/// For drawing: exact enough for lines.
#[expect(clippy::cast_precision_loss, reason = "a tenth of a unit of the drawing is enough")]
const fn as_float(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Language;

    const NOW: i64 = 1_795_169_058;

    fn point(ago: i64, requests: u64) -> LoadPoint {
        let start = (NOW.div_euclid(LOAD_POINT_SECONDS) - ago) * LOAD_POINT_SECONDS;
        LoadPoint {
            start,
            requests,
            failures: 1,
            total_milliseconds: requests * 12,
            longest_milliseconds: 40,
        }
    }

    fn day(points: &[LoadPoint]) -> Option<DayView> {
        DayView::new(Texts::of(Language::English), points, NOW)
    }

    #[test]
    fn draws_within_its_edges_whatever_the_numbers() {
        let huge = LoadPoint { requests: u64::MAX / 60, ..point(4, 1) };
        let view = day(&[point(0, 5), huge, point(287, 0)]).expect("a drawing");
        for line in view.requests.iter().chain(&view.means).chain(&view.longest).chain(&view.areas)
        {
            for pair in line.split(' ') {
                let (x, y) = pair.split_once(',').expect("two numbers");
                let (x, y): (f64, f64) = (x.parse().expect("x"), y.parse().expect("y"));
                assert!((LEFT..=RIGHT).contains(&x) && (UPPER.0..=LOWER.1).contains(&y), "{pair}");
            }
        }
    }

    #[test]
    fn a_time_without_report_is_a_hole() {
        let view = day(&[point(9, 1), point(8, 1), point(3, 1)]).expect("a drawing");
        assert_eq!(view.requests.len(), 2);
        assert_eq!(day(&[]).map(|_| ()), None);
        assert_eq!(day(&[point(288, 7), point(-1, 7)]).map(|_| ()), None, "not of this day");
    }

    #[test]
    fn the_table_has_every_hour_and_sums_it_up() {
        let view = day(&[point(0, 60), point(20, 40)]).expect("a drawing");
        assert!((24..=25).contains(&view.hours.len()), "{}", view.hours.len());
        assert_eq!(
            (view.hours[0].time.as_str(), view.hours[0].requests.as_str()),
            ("10:00 UTC", "60")
        );
        assert_eq!(view.hours[0].mean, "12 ms");
        assert!(
            view.description.starts_with("100 requests, 2 of them failed."),
            "{}",
            view.description
        );
    }

    #[test]
    fn a_spark_says_how_many_requests_it_shows() {
        let texts = Texts::of(Language::English);
        let spark = SparkView::new(texts, &[point(0, 1000), point(100, 500)], NOW);
        assert_eq!(spark.words, "1,500 requests in 24 hours");
        assert_eq!(spark.lines.len(), 2);
        assert_eq!(SparkView::new(texts, &[], NOW).lines.len(), 0);
    }
}
