use std::sync::Mutex;

use model::outbound::{FailureCause, ProxyTrouble};
use model::proxy::ProxyLocation;
use model::secret::Secret;
use tokio::time::{Instant, timeout};

use super::*;

const SILENCE: Duration = Duration::from_secs(30);

/// Proxies that answer at once, except those whose host begins with `dead`: they are silent for
/// [`SILENCE`].
struct Fake {
    list: Vec<ProxyAccess>,
    checks: Mutex<Vec<(String, Instant)>>,
}

impl Proxies for Fake {
    fn list(&self) -> &[ProxyAccess] {
        &self.list
    }

    async fn check(&self, id: &str) -> ProxyState {
        self.checks.lock().expect("no panic").push((id.to_owned(), Instant::now()));
        let proxy = self.list.iter().find(|proxy| proxy.id == id).expect("listed").location.clone();
        if proxy.host().starts_with("dead") {
            tokio::time::sleep(SILENCE).await;
            let cause = FailureCause::ProxyUnreachable { proxy, reason: ProxyTrouble::Slow };
            return ProxyState::Unreachable { cause };
        }
        ProxyState::Reachable { milliseconds: 1, beyond: None }
    }
}

fn access(id: &str, location: &str) -> ProxyAccess {
    let location = ProxyLocation::parse(location).expect("right");
    ProxyAccess { id: id.to_owned(), location, user_name: None, password: None }
}

fn fake(list: Vec<ProxyAccess>) -> Option<Arc<Fake>> {
    Some(Arc::new(Fake { list, checks: Mutex::default() }))
}

struct Watch {
    settings: watch::Sender<Option<Arc<Fake>>>,
    again: watch::Sender<u64>,
    board: Board,
}

fn start(list: Vec<ProxyAccess>) -> Watch {
    let (settings, receiver) = watch::channel(fake(list));
    let (again, asked) = watch::channel(0);
    let board = Board::new();
    tokio::spawn(watch_all(receiver, asked, board.clone()));
    Watch { settings, again, board }
}

impl Watch {
    /// Waits for a state of the board, for two minutes at most.
    async fn until(&self, is_wanted: impl Fn(&[ProxyHealth]) -> bool) -> Vec<ProxyHealth> {
        let mut follower = self.board.subscribe();
        let seen = follower.wait_for(|(_, status)| is_wanted(&status.proxies));
        let status = timeout(Duration::from_secs(120), seen).await.expect("in time");
        status.expect("the board lives").1.proxies.clone()
    }

    fn checks(&self) -> Vec<(String, Instant)> {
        let settings = self.settings.borrow();
        settings.as_ref().expect("set").checks.lock().expect("no panic").clone()
    }
}

fn is_reachable(proxy: &ProxyHealth) -> bool {
    matches!(proxy.state, ProxyState::Reachable { .. })
}

fn is_unreachable(proxy: &ProxyHealth) -> bool {
    matches!(proxy.state, ProxyState::Unreachable { .. })
}

#[tokio::test(start_paused = true)]
async fn dead_proxies_hold_up_no_other() {
    let mut list: Vec<_> = (1..MAX_PROXIES)
        .map(|number| access(&number.to_string(), &format!("dead{number}:3128")))
        .collect();
    list.push(access("alive", "alive:3128"));
    let begin = Instant::now();
    let watch = start(list);
    watch.until(|proxies| proxies.iter().any(is_reachable)).await;
    assert_eq!(begin.elapsed(), Duration::ZERO);
    let proxies =
        watch.until(|proxies| proxies[..MAX_PROXIES - 1].iter().all(is_unreachable)).await;
    assert_eq!(begin.elapsed(), SILENCE);
    assert!(is_reachable(&proxies[MAX_PROXIES - 1]), "the order of the list stays");
}

#[tokio::test(start_paused = true)]
async fn each_proxy_is_checked_every_minute() {
    let begin = Instant::now();
    let watch = start(vec![access("1", "alive:3128")]);
    while watch.checks().len() < 3 {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let times: Vec<_> = watch.checks().iter().map(|(_, at)| (*at - begin).as_secs()).collect();
    assert_eq!(times, [0, 60, 120]);
}

#[tokio::test(start_paused = true)]
async fn a_new_or_changed_proxy_is_checked_at_once_and_the_others_are_not() {
    let watch = start(vec![access("1", "one:1")]);
    watch.until(|proxies| proxies.iter().any(is_reachable)).await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    watch.settings.send_replace(fake(vec![access("2", "two:1"), access("1", "one:1")]));
    let proxies =
        watch.until(|proxies| proxies.len() == 2 && proxies.iter().all(is_reachable)).await;
    assert_eq!(proxies[0].id, "2");
    assert_eq!(watch.checks().len(), 1, "only the new one");

    let mut changed = access("1", "one:1");
    changed.password = Some(Secret::new("other".to_owned()));
    watch.settings.send_replace(fake(vec![access("2", "two:1"), changed]));
    tokio::time::sleep(Duration::from_secs(1)).await;
    let ids: Vec<_> = watch.checks().into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids, ["1"], "a new password is tried at once");
}

#[tokio::test(start_paused = true)]
async fn a_deleted_proxy_is_forgotten_while_it_is_asked() {
    let watch = start(vec![access("1", "dead:1"), access("2", "alive:1")]);
    watch.until(|proxies| proxies.iter().any(is_reachable)).await;
    watch.settings.send_replace(fake(vec![access("2", "alive:1")]));
    let proxies = watch.until(|proxies| proxies.len() == 1).await;
    assert!(is_reachable(&proxies[0]));
    tokio::time::sleep(SILENCE * 2).await;
    assert_eq!(watch.board.status().proxies.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn all_are_checked_again_when_somebody_says_so() {
    let watch = start(vec![access("1", "one:1"), access("2", "two:1")]);
    watch.until(|proxies| proxies.iter().filter(|proxy| is_reachable(proxy)).count() == 2).await;
    watch.again.send_replace(1);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(watch.checks().len(), 4);
}

#[test]
fn since_stays_while_the_cause_is_the_same() {
    let board = Board::new();
    let access = access("1", "one:1");
    let mut entry = unknown(&access);
    entry.since = 5;
    entry.state = ProxyState::Reachable { milliseconds: 9, beyond: None };
    board.change(|status| status.proxies.push(entry));
    note(&board, &access, ProxyState::Reachable { milliseconds: 3, beyond: None });
    assert_eq!(board.status().proxies[0].since, 5);
    let proxy = access.location.clone();
    let cause = FailureCause::ProxyUnreachable { proxy, reason: ProxyTrouble::Refused };
    note(&board, &access, ProxyState::Unreachable { cause });
    assert!(board.status().proxies[0].since > 5);
}
