//! `appliance run`: the appliance with its console in this terminal, and a control plane beside it.

use std::io::{Read, stdin};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

use harness::cloud::ADMINISTRATOR;
use harness::qemu::HOST_ADDRESS;
use harness::{Cloud, HarnessError, Machine, limits};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::arguments::Arguments;
use crate::ready;
use crate::terminal::{RawMode, View};

/// Ctrl-], which no program on the appliance's console needs.
const QUIT: u8 = 0x1d;
/// Port of this machine that the cloud prefers.
const CLOUD_PORT: u16 = 8444;

/// What happens while the appliance runs.
enum Event {
    /// Keys to pass on.
    Keys(Vec<u8>),
    /// The person at the terminal, or a signal, ends the program.
    Quit,
}

/// Boots and relays the console until Ctrl-], a signal, or the appliance is switched off.
///
/// # Errors
///
/// When the appliance does not come up.
pub(crate) fn run(arguments: &Arguments) -> Result<(), HarnessError> {
    let view = View::new();
    let cloud = start_cloud(arguments)?;
    let mut machine = Machine::builder()
        .image(&arguments.image)
        .firmware(arguments.firmware)
        .memory_mib(arguments.memory_mib)
        .host_port(arguments.port)
        .console_copy(Box::new(view.clone()))
        .start()?;
    let raw_mode = RawMode::enter()?;
    let events = listen(raw_mode.is_some())?;
    let mut is_announced = false;
    while machine.is_running() {
        match events.recv_timeout(limits::POLL_INTERVAL) {
            Ok(Event::Keys(keys)) => machine.serial().send(&keys)?,
            Ok(Event::Quit) | Err(mpsc::RecvTimeoutError::Disconnected) => break,
            Err(mpsc::RecvTimeoutError::Timeout) => {}
        }
        if !is_announced && let Some(ready) = ready::look(&mut machine)? {
            is_announced = true;
            // In two halves, so that nothing is wider than 80 columns.
            let sha256 = &ready.console.sha256;
            let (first, second) = sha256.split_at_checked(48).unwrap_or((sha256, ""));
            let mut lines = vec![
                format!("Administration page:  {}", ready.url),
                format!("SHA-1 fingerprint:    {}", ready.console.sha1),
                format!("SHA-256 fingerprint:  {first}"),
                format!("                      {second}"),
                "The certificate is the one that the console shows.".to_owned(),
            ];
            lines.extend(cloud.as_ref().into_iter().flat_map(about_cloud));
            if raw_mode.is_some() {
                lines.push("Press Ctrl-] to switch the appliance off.".to_owned());
            }
            view.show(lines);
        }
    }
    view.show(vec!["The appliance is off.".to_owned()]);
    Ok(())
}

/// A control plane with a customer, for as long as the appliance runs.
fn start_cloud(arguments: &Arguments) -> Result<Option<Cloud>, HarnessError> {
    if !arguments.with_cloud {
        return Ok(None);
    }
    // Another program may have the port.
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, CLOUD_PORT)).map_or(0, |_| CLOUD_PORT);
    Cloud::start_here(port, &HOST_ADDRESS.to_string()).map(Some)
}

/// What a person needs to register the appliance.
fn about_cloud(cloud: &Cloud) -> [String; 5] {
    let address = cloud.address();
    [
        format!("Console of the cloud: https://{address}"),
        format!("  sign in as          {ADMINISTRATOR}"),
        format!("  with the password   {}", cloud.first().password),
        format!("  cloud address       {HOST_ADDRESS}:{} for Register connector", address.port()),
        format!("  root CA to add      {}", cloud.root_ca_file().display()),
    ]
}

fn listen(has_keyboard: bool) -> Result<Receiver<Event>, HarnessError> {
    let (sender, receiver) = mpsc::channel();
    let mut signals =
        Signals::new([SIGHUP, SIGINT, SIGTERM]).map_err(HarnessError::io("listen for signals"))?;
    let of_signals = sender.clone();
    thread::spawn(move || {
        if signals.forever().next().is_some() {
            let _ = of_signals.send(Event::Quit);
        }
    });
    if has_keyboard {
        thread::spawn(move || read_keys(&sender));
    }
    Ok(receiver)
}

fn read_keys(events: &Sender<Event>) {
    let mut buffer = [0; 64];
    while let Ok(length) = stdin().lock().read(&mut buffer) {
        let keys = buffer.get(..length).unwrap_or_default();
        if keys.is_empty() || keys.contains(&QUIT) {
            let _ = events.send(Event::Quit);
            return;
        }
        let _ = events.send(Event::Keys(keys.to_vec()));
    }
}
