//! Waiting until the administration page answers, and comparing its certificate with the console.

use std::net::Ipv4Addr;

use harness::qemu::USER_ADDRESS;
use harness::{HarnessError, LandingPage, Machine, Reply, Request, limits};

/// Where and how the administration page answers.
#[derive(Debug)]
pub(crate) struct Ready {
    /// Link that works on this machine.
    pub(crate) url: String,
    /// What the console shows.
    pub(crate) console: LandingPage,
}

/// Waits until the administration page answers with the certificate that the console shows.
///
/// # Errors
///
/// When it does not in time.
pub(crate) fn wait(machine: &mut Machine) -> Result<Ready, HarnessError> {
    machine.wait_for_landing_page()?;
    let reply = machine.https(USER_ADDRESS)?.wait_until_answering(limits::BOOT)?;
    let what = format!("the certificate's fingerprint {} on the console", reply.sha1());
    machine
        .serial()
        .wait_for_screen(&what, limits::CONSOLE, |screen| matching(screen, &reply).map(drop))?;
    look(machine)?.ok_or(HarnessError::Console("the certificate's fingerprint"))
}

/// Looks once whether the administration page answers with the certificate that the console shows;
/// `None` = not yet.
///
/// # Errors
///
/// When no port leads to the page.
pub(crate) fn look(machine: &mut Machine) -> Result<Option<Ready>, HarnessError> {
    if LandingPage::read(&machine.serial().screen()).is_err() {
        return Ok(None);
    }
    let Ok(reply) = machine.https(USER_ADDRESS)?.send(&Request::new("GET", "/")) else {
        return Ok(None);
    };
    let port = machine.host_port(USER_ADDRESS)?;
    Ok(matching(&machine.serial().screen(), &reply)
        .map(|console| Ready { url: format!("https://{}:{port}", Ipv4Addr::LOCALHOST), console }))
}

/// The landing page, if it shows the certificate of this answer.
fn matching(screen: &str, reply: &Reply) -> Option<LandingPage> {
    LandingPage::read(screen).ok().filter(|page| {
        page.sha1 == reply.sha1().to_string() && page.sha256 == reply.sha256().to_string()
    })
}
