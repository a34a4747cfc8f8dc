//! `appliance demo`: two appliances of one resource location look users up for a crowd of clients; one loses its
//! power, and nobody misses an answer.

use std::io::{IsTerminal, Write, stdout};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use harness::failure::{self, OFFERED};
use harness::load::{Asked, CLIENTS, Load};
use harness::{HarnessError, ResourceLocation, limits};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

/// Between two lines of figures.
const TICK: Duration = Duration::from_secs(1);
/// Lines of figures before the power fails, and after both are there again.
const QUIET_TICKS: usize = 5;
/// Lines of figures between the power's failure and its return: more than it takes to notice.
const DARK_TICKS: usize = 9;
/// Lookups a second while an appliance starts, which under emulation needs the processor.
const RECOVERY: u32 = 40;
/// Columns of a bar at the highest rate.
const BAR: usize = 24;
/// The appliance that loses its power, and the one that stays.
const VICTIM: usize = 0;

/// Colours of ECMA-48, 8.3.117.
const BARS: [&str; 2] = ["\u{1b}[32m", "\u{1b}[36m"];
const BAD: &str = "\u{1b}[1;31m";
const GOOD: &str = "\u{1b}[1;32m";
const BOLD: &str = "\u{1b}[1m";
const PLAIN: &str = "\u{1b}[0m";

/// What is shown, and what is summed up at the end.
struct Show {
    begin: Instant,
    has_colours: bool,
    is_interrupted: Arc<AtomicBool>,
    names: Vec<String>,
    connectors: Vec<String>,
    all: Vec<Asked>,
    most: usize,
}

/// Shows it, and ends by itself.
///
/// # Errors
///
/// When a part does not come up, or a request is lost.
pub(crate) fn show() -> Result<(), HarnessError> {
    let mut show = Show::new()?;
    show.line(BOLD, "Two Connector Appliances stand in for each other");
    let mut location = ResourceLocation::start(&mut |step| show.step(PLAIN, step))?;
    show.names = location.members().iter().map(|member| member.name.clone()).collect();
    show.connectors = location.members().iter().map(|member| member.connector.clone()).collect();
    let (victim, other) = (show.names[VICTIM].clone(), show.names[1 - VICTIM].clone());
    show.step(
        PLAIN,
        &format!("{CLIENTS} clients look users up through the cloud, without a pause"),
    );
    let load = location.load(OFFERED)?;
    show.head();
    show.ticks(&load, QUIET_TICKS);

    let failed = Instant::now();
    let under_way = load.under_way(failed);
    location.member(VICTIM).machine.pull_plug();
    show.step(BAD, &format!("{victim} LOSES ITS POWER, with {under_way} requests under way"));
    let mut is_noticed = false;
    for _ in 0..DARK_TICKS {
        show.tick(&load);
        if !is_noticed && let Some(after) = failure::noticed(&location, VICTIM, failed) {
            is_noticed = true;
            let after = after.as_secs_f64();
            show.step(
                GOOD,
                &format!("the cloud noticed after {after:.1} s; {other} gets all there is to do"),
            );
        }
    }
    let moved = show.longest_of(failed);

    let on = Instant::now();
    location.member(VICTIM).machine.switch_on()?;
    load.offer(RECOVERY);
    let why = "while it starts under emulation, the clients ask less";
    show.step(BOLD, &format!("{victim} has power again; {why}"));
    let back = show.until_back(&load)?;
    load.offer(OFFERED);
    if let Some(back) = back {
        show.step(GOOD, &format!("{victim} answers again"));
        show.ticks(&load, QUIET_TICKS);
        show.note(load.finish());
        show.sum_up();
        show.line(PLAIN, &format!(
            "When {victim} lost its power, {under_way} requests were under way. The last of them was answered \
             after {:.1} s, by {other}.",
            moved.as_secs_f64(),
        ));
        let after = back.saturating_duration_since(on).as_secs_f64();
        show.line(PLAIN, &format!("{victim} worked again {after:.1} s after it was switched on."));
    }
    match show.all.iter().find_map(|asked| asked.answer.as_ref().err()) {
        None => Ok(()),
        Some(first) => Err(HarnessError::Damage(format!("the first lost request heard {first}"))),
    }
}

impl Show {
    fn new() -> Result<Self, HarnessError> {
        let is_interrupted = Arc::new(AtomicBool::new(false));
        for signal in [SIGHUP, SIGINT, SIGTERM] {
            signal_hook::flag::register(signal, Arc::clone(&is_interrupted))
                .map_err(HarnessError::io("listen for signals"))?;
        }
        Ok(Self {
            begin: Instant::now(),
            has_colours: stdout().is_terminal(),
            is_interrupted,
            names: Vec::new(),
            connectors: Vec::new(),
            all: Vec::new(),
            most: 1,
        })
    }

    fn head(&self) {
        let width = BAR + 6;
        let bars: String = self.names.iter().map(|name| format!("{name:<width$}")).collect();
        self.line(
            BOLD,
            &format!("\n{:>9}  {:>9}  {bars}{:>8}{:>6}", "", "answers/s", "waiting", "lost"),
        );
    }

    /// So many lines of figures.
    fn ticks(&mut self, load: &Load, count: usize) {
        for _ in 0..count {
            self.tick(load);
        }
    }

    /// Lines of figures until the appliance that was lost has answered; `None` = the person does not want to see
    /// it any more.
    fn until_back(&mut self, load: &Load) -> Result<Option<Instant>, HarnessError> {
        let since = Instant::now();
        while !self.is_interrupted() {
            self.tick(load);
            let mut later = self.all.iter().filter(|asked| asked.sent >= since);
            if let Some(answer) = later.find(|asked| asked.is_from(&self.connectors[VICTIM])) {
                return Ok(Some(answer.ended));
            }
            if since.elapsed() > limits::BOOT {
                let what = format!("an answer of {}", self.names[VICTIM]);
                return Err(HarnessError::Timeout {
                    what,
                    limit: limits::BOOT,
                    console: String::new(),
                });
            }
        }
        Ok(None)
    }

    /// A second, and a line about it.
    fn tick(&mut self, load: &Load) {
        if self.is_interrupted() {
            return;
        }
        thread::sleep(TICK);
        let asked = load.take();
        let counts: Vec<_> = self
            .connectors
            .iter()
            .map(|connector| asked.iter().filter(|it| it.is_from(connector)).count())
            .collect();
        self.note(asked);
        let sum: usize = counts.iter().sum();
        self.most = counts.iter().copied().fold(self.most, usize::max);
        let bars: String =
            counts.iter().zip(BARS).map(|(count, colour)| self.bar(*count, colour)).collect();
        let (waiting, lost) = (load.under_way(Instant::now()), self.lost());
        let figures = format!("{sum:>9}  {bars}{waiting:>8}{lost:>6}");
        self.step(PLAIN, &figures);
    }

    fn bar(&self, count: usize, colour: &str) -> String {
        let length = (count * BAR).div_ceil(self.most);
        let bar = self.paint(colour, &"█".repeat(length));
        let text = format!(" {count}");
        format!("{bar}{text:<width$}", width = BAR + 6 - length)
    }

    fn note(&mut self, asked: Vec<Asked>) {
        self.all.extend(asked);
    }

    fn lost(&self) -> usize {
        self.all.iter().filter(|asked| asked.answer.is_err()).count()
    }

    /// Longest time from a moment to the answer of a request that was under way then.
    fn longest_of(&self, moment: Instant) -> Duration {
        let under_way = self.all.iter().filter(|it| it.sent < moment && it.ended > moment);
        under_way.map(|it| it.ended.saturating_duration_since(moment)).max().unwrap_or_default()
    }

    fn sum_up(&self) {
        let asked = self.all.len();
        let (lost, answered) = (self.lost(), asked - self.lost());
        let colour = if lost == 0 { GOOD } else { BAD };
        let text = format!("\nAsked {asked} times, answered {answered} times, lost {lost}.");
        self.line(colour, &text);
        let mut times: Vec<_> = self.all.iter().map(Asked::took).collect();
        times.sort_unstable();
        let median = times.get(asked / 2).copied().unwrap_or_default();
        let longest = times.last().copied().unwrap_or_default();
        self.line(
            PLAIN,
            &format!(
                "Half of all answers came within {:.0} ms; the longest took {:.1} s.",
                median.as_secs_f64() * 1000.0,
                longest.as_secs_f64(),
            ),
        );
    }

    /// A line with the time since the beginning.
    fn step(&self, colour: &str, text: &str) {
        let seconds = self.begin.elapsed().as_secs_f64();
        self.line(PLAIN, &format!("{seconds:>7.1} s  {}", self.paint(colour, text)));
    }

    fn line(&self, colour: &str, text: &str) {
        let _ = writeln!(stdout(), "{}", self.paint(colour, text));
    }

    fn paint(&self, colour: &str, text: &str) -> String {
        if !self.has_colours || colour == PLAIN {
            return text.to_owned();
        }
        format!("{colour}{text}{PLAIN}")
    }

    fn is_interrupted(&self) -> bool {
        self.is_interrupted.load(Ordering::Relaxed)
    }
}
