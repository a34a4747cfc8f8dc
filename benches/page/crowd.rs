//! Everybody who has signed in, and what they ask.

use std::net::Ipv4Addr;
use std::thread;
use std::time::{Duration, Instant};

use harness::rest::{PASSWORD, json};
use harness::{HarnessError, RestClient, limits};
use serde_json::json;

use crate::session::{Question, Session, Visitor};
use crate::site::Place;

/// Sessions at the same time; half of them browsers, half scripts.
const SESSIONS: usize = 100;
/// Addresses that they come from: one address may hold 64 connections.
const SOURCES: usize = 10;
/// Rounds of questions of the one session, one after the other.
const QUESTIONS_OF_ONE: usize = 40;
/// How often each of the hundred asks, and how often in all.
const PAUSE: Duration = Duration::from_secs(5);
const QUESTIONS_OF_EACH: u32 = 4;

/// What was measured: how many sessions there were, what was asked, and how many milliseconds the
/// answer took.
pub(crate) type Measured = Vec<(usize, Question, f64)>;

/// The sessions.
#[derive(Debug)]
pub(crate) struct Crowd<'place> {
    place: &'place Place,
    rest: RestClient,
    sessions: Vec<Session>,
    recorded: Recorded,
}

/// What the traces held in all.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Recorded {
    pub(crate) packets: u64,
    pub(crate) lost: u64,
}

impl<'place> Crowd<'place> {
    /// Signs everybody in, in the namespace of this thread.
    pub(crate) fn sign_in(place: &'place Place) -> Result<Self, HarnessError> {
        let https = &place.https;
        https.wait_until_answering(limits::BOOT)?;
        place.namespace.add_addresses((0..SOURCES).map(source))?;
        let mut rest = RestClient::new(https.clone());
        rest.create_password(PASSWORD)?;
        rest.sign_in(PASSWORD)?;
        let sessions = (0..SESSIONS)
            .map(
                |index| {
                    if index % 2 == 0 { Session::browser(https) } else { Session::script(https) }
                },
            )
            .collect::<Result<_, _>>()?;
        Ok(Self { place, rest, sessions, recorded: Recorded::default() })
    }

    pub(crate) const fn recorded(&self) -> Recorded {
        self.recorded
    }

    /// One session asks, then all of them; with or without a trace of whole packets.
    pub(crate) fn ask(&mut self, is_tracing: bool) -> Result<Measured, HarnessError> {
        if is_tracing {
            let order = json!({ "duration": 600, "packetTracing": true });
            self.expect(&self.rest.post("/capture/$start", &order)?, 202)?;
        }
        let mut measured = self.ask_alone()?;
        measured.extend(self.ask_together()?);
        if is_tracing {
            self.stop_trace()?;
        }
        Ok(measured)
    }

    /// A trace that ended before it was told to has not slowed anything down.
    fn stop_trace(&mut self) -> Result<(), HarnessError> {
        let stopped = self.rest.post("/capture/$stop", &json!({}))?;
        let trace = json(&self.rest.get("/capture")?)?;
        let count = |name: &str| trace["trace"][name].as_u64().filter(|_| stopped.status == 200);
        let (Some(packets @ 1..), Some(lost)) = (count("packets"), count("lost")) else {
            return Err(HarnessError::Http(format!("a trace that ended: {trace}")));
        };
        self.recorded.packets += packets;
        self.recorded.lost += lost;
        Ok(())
    }

    fn expect(&self, reply: &harness::Reply, status: u16) -> Result<(), HarnessError> {
        if reply.status == status {
            return Ok(());
        }
        Err(HarnessError::Http(format!("{}: {reply:?}", self.place.name)))
    }

    fn ask_alone(&self) -> Result<Measured, HarnessError> {
        let https = &self.place.https;
        let mut visitors = self
            .sessions
            .iter()
            .take(2)
            .map(|session| Visitor::connect(session, https, source(0)))
            .collect::<Result<Vec<_>, _>>()?;
        let mut measured = Vec::new();
        for _ in 0..QUESTIONS_OF_ONE {
            for visitor in &mut visitors {
                measured.push((1, visitor.question, visitor.ask()?));
            }
            measured.push((1, Question::PageAnew, self.sessions[0].ask_anew(https)?));
        }
        Ok(measured)
    }

    /// Each asks on a connection that stays, at its own moment.
    fn ask_together(&self) -> Result<Measured, HarnessError> {
        let https = &self.place.https;
        let connected = self
            .sessions
            .iter()
            .enumerate()
            .map(|(index, session)| Visitor::connect(session, https, source(index)))
            .collect::<Result<Vec<_>, _>>()?;
        let begin = Instant::now();
        let count = u32::try_from(connected.len()).unwrap_or(u32::MAX);
        thread::scope(|scope| {
            let asking: Vec<_> = (0..count)
                .zip(connected)
                .map(|(place, visitor)| {
                    let moment = begin + PAUSE * place / count;
                    scope.spawn(move || ask_again_and_again(visitor, moment))
                })
                .collect();
            let mut measured = Vec::new();
            for visitor in asking {
                let ended = visitor.join();
                measured.extend(ended.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
            }
            Ok(measured)
        })
    }
}

fn ask_again_and_again(mut visitor: Visitor, moment: Instant) -> Result<Measured, HarnessError> {
    (0..QUESTIONS_OF_EACH)
        .map(|time| {
            thread::sleep((moment + PAUSE * time).saturating_duration_since(Instant::now()));
            Ok((SESSIONS, visitor.question, visitor.ask()?))
        })
        .collect()
}

fn source(index: usize) -> Ipv4Addr {
    let last = u8::try_from(index % SOURCES).unwrap_or_default();
    Ipv4Addr::new(10, 99, 0, 100 + last)
}
