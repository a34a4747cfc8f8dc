//! Who reads along: what the last connections to servers outside showed.

use std::time::Duration;

use model::diagnostics::InterceptionSeen;
use model::outbound::{FailureCause, Interception, Route, RouteTaken};
use outbound::{Target, TlsPlan};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use crate::dialing::{Dialing, Settings};
use crate::status::{Board, now};

/// How often it is looked for while there are proxies: interceptors come and go with them.
const PAUSE: Duration = Duration::from_secs(60);
/// How long one look may take.
const LIMIT: Duration = Duration::from_secs(50);

/// What a handshake with a server showed.
pub(crate) enum Sight<'seen> {
    /// It was made; perhaps with somebody between.
    Made(Option<&'seen Interception>),
    /// It failed.
    Failed(&'seen FailureCause),
}

/// Writes down what a handshake with a server showed.
pub(crate) fn note(board: &Board, server: &str, way: Option<&RouteTaken>, sight: &Sight<'_>) {
    let proxy = match way {
        Some(RouteTaken::Proxy { location, .. }) => Some(location.clone()),
        Some(RouteTaken::Direct { .. }) | None => None,
    };
    let seen = |issuer: &String, fingerprint, is_trusted| InterceptionSeen {
        issuer: issuer.clone(),
        fingerprint,
        is_trusted,
        server: server.to_owned(),
        proxy: proxy.clone(),
        at: now(),
    };
    let seen = match sight {
        Sight::Made(Some(by)) => Some(seen(&by.issuer, by.fingerprint.clone(), true)),
        Sight::Failed(FailureCause::TlsIntercepted { issuer, fingerprint, .. }) => {
            Some(seen(issuer, fingerprint.clone(), false))
        }
        Sight::Made(None) => None,
        // Nothing was seen of the server.
        Sight::Failed(_) => return,
    };
    board.change(|status| {
        let is_known = status.interception.as_ref().is_some_and(|known| known.server == server);
        // What was seen at one server is not undone by another one.
        if seen.is_some() || is_known {
            status.interception = seen;
        }
    });
}

/// Looks every minute, as long as there are proxies and the settings are there. A number in `again`
/// has it look at once.
pub(crate) async fn watch(settings: Settings, mut again: watch::Receiver<u64>, board: Board) {
    let mut settings = settings.followed;
    loop {
        let current = settings.borrow_and_update().clone();
        if let Some(dialing) = current.filter(|dialing| !dialing.proxies.is_empty()) {
            // Longer than a minute says nothing about interception.
            let _ = timeout(LIMIT, look(&dialing, &board)).await;
        } else {
            board.change(|status| status.interception = None);
        }
        tokio::select! {
            () = sleep(PAUSE) => {}
            Ok(()) = again.changed() => {}
            changed = settings.changed() => {
                if changed.is_err() {
                    return;
                }
            }
        }
    }
}

async fn look(dialing: &Dialing, board: &Board) {
    let Some((host, port)) = dialing.cloud.first() else { return };
    let target = Target { host: host.clone(), port: *port, tls: Some(TlsPlan::default()) };
    let server = format!("{host}:{port}");
    match dialing.dialer.dial(&target, &Route::Automatic).await {
        Ok(connection) => {
            let sight = Sight::Made(connection.interception.as_ref());
            note(board, &server, Some(&connection.route), &sight);
        }
        Err(error) => note(board, &server, error.route.as_ref(), &Sight::Failed(&error.cause)),
    }
}

#[cfg(test)]
mod tests {
    use model::fingerprint::Fingerprint;
    use model::outbound::Refusal;

    use super::*;

    #[test]
    fn it_is_forgotten_when_the_same_server_is_reached_without() {
        let board = Board::new();
        let by = Interception {
            issuer: "CN=Inspection".to_owned(),
            fingerprint: Fingerprint::new(&[1]),
        };
        let seen = || board.status().interception.map(|seen| (seen.server, seen.is_trusted));
        note(&board, "a:443", None, &Sight::Made(Some(&by)));
        assert_eq!(seen(), Some(("a:443".to_owned(), true)));
        let refused = FailureCause::ServerRefused { reason: Refusal::Refused };
        note(&board, "a:443", None, &Sight::Failed(&refused));
        note(&board, "b:443", None, &Sight::Made(None));
        assert!(seen().is_some(), "neither says anything about a");
        note(&board, "a:443", None, &Sight::Made(None));
        assert_eq!(seen(), None);
    }

    #[test]
    fn an_interceptor_that_is_not_trusted_is_told_apart() {
        let board = Board::new();
        let cause = FailureCause::TlsIntercepted {
            issuer: "CN=Inspection".to_owned(),
            fingerprint: Fingerprint::new(&[1]),
            is_authority: true,
        };
        note(&board, "a:443", None, &Sight::Failed(&cause));
        assert!(!board.status().interception.expect("seen").is_trusted);
    }
}
