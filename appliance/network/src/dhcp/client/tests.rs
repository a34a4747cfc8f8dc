//! The state machine against servers that behave well and badly, in made-up time.

use super::*;
use crate::dhcp::lease::tests::ack;

const OTHER_SERVER: [u8; 4] = [10, 0, 2, 99];
const START: Duration = Duration::from_secs(1000);

/// A client, its clock and what it did last.
struct Bench {
    client: Client,
    now: Duration,
    actions: Vec<Action>,
}

impl Bench {
    /// A client that has sent its first message.
    fn started() -> Self {
        let client = Client::new([2, 0, 0, 0, 0, 1], 7);
        let mut bench = Self { client, now: START, actions: Vec::new() };
        bench.input(Input::LinkUp);
        bench
    }

    /// A client with a lease of an hour.
    fn bound() -> Self {
        let mut bench = Self::started();
        bench.reply(MessageType::Offer, &[]);
        bench.reply(MessageType::Ack, &[]);
        assert!(matches!(bench.actions[..], [Action::Apply(_)]), "{:?}", bench.actions);
        bench
    }

    fn input(&mut self, input: Input<'_>) {
        self.actions = self.client.handle(self.now, input);
    }

    /// Lets time pass to the deadline.
    fn wait(&mut self) {
        self.now = self.client.deadline().expect("a deadline");
        self.input(Input::Timer);
    }

    fn elapsed(&self) -> u64 {
        (self.now - START).as_secs()
    }

    fn reply(&mut self, kind: MessageType, extra: &[(u8, &[u8])]) {
        let mut message = ack(extra);
        message.transaction = self.client.transaction;
        message.options.set(53, vec![kind.number()]);
        self.input(Input::Received(&message));
    }

    /// The one message that was sent, and to whom.
    fn sent(&self) -> (Option<Ipv4Addr>, &Message) {
        let sent: Vec<_> = self
            .actions
            .iter()
            .filter_map(|action| match action {
                Action::Broadcast { message, .. } => Some((None, message)),
                Action::Unicast { server, message } => Some((Some(*server), message)),
                Action::Apply(_) | Action::Drop => None,
            })
            .collect();
        assert_eq!(sent.len(), 1, "{:?}", self.actions);
        sent[0]
    }

    fn sent_kind(&self) -> Option<MessageType> {
        self.sent().1.options.message_type()
    }
}

#[test]
fn gets_a_lease_in_four_messages() {
    let mut bench = Bench::started();
    let (to, discover) = bench.sent();
    assert_eq!(to, None);
    assert_eq!(discover.options.message_type(), Some(MessageType::Discover));
    let transaction = discover.transaction;
    bench.reply(MessageType::Offer, &[]);
    let (to, request) = bench.sent();
    assert_eq!(to, None);
    assert_eq!(request.transaction, transaction);
    assert_eq!(request.options.message_type(), Some(MessageType::Request));
    assert_eq!(request.options.server(), Some([10, 0, 2, 2].into()));
    assert_eq!(request.options.requested_address(), Some([10, 0, 2, 15].into()));
    assert!(bench.client.waiting_since().is_some());
    bench.reply(MessageType::Ack, &[]);
    let [Action::Apply(lease)] = &bench.actions[..] else {
        panic!("{:?}", bench.actions);
    };
    assert_eq!(lease.address.to_string(), "10.0.2.15/24");
    assert_eq!(bench.client.waiting_since(), None);
    assert_eq!(bench.client.deadline(), Some(START + Duration::from_secs(1800)));
}

#[test]
fn repeats_quickly_first_and_then_every_minute() {
    let mut bench = Bench::started();
    let mut times = Vec::new();
    while bench.elapsed() < 600 {
        bench.wait();
        assert_eq!(bench.sent_kind(), Some(MessageType::Discover));
        times.push(bench.now - START);
    }
    let early = times.iter().filter(|time| **time < Duration::from_secs(4)).count();
    assert_eq!(early, 3, "{times:?}");
    let pauses: Vec<_> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let in_first_minutes = pauses.iter().take(10);
    assert!(in_first_minutes.max() <= Some(&Duration::from_secs(9)), "{pauses:?}");
    let last = *pauses.last().expect("pauses");
    assert!(Duration::from_secs(56) <= last && last <= Duration::from_secs(72), "{pauses:?}");
    assert_eq!(bench.client.waiting_since(), Some(START));
}

#[test]
fn ignores_what_is_not_meant_for_it() {
    let mut bench = Bench::started();
    let mut offer = ack(&[]);
    offer.transaction = bench.client.transaction;
    offer.options.set(53, vec![MessageType::Offer.number()]);
    let change: [fn(&mut Message); 7] = [
        |message| message.transaction ^= 1,
        |message| message.hardware_address[5] ^= 1,
        |message| message.direction = Direction::Request,
        |message| message.options.set(53, vec![MessageType::Ack.number()]),
        |message| message.options.set(53, vec![MessageType::Nak.number()]),
        |message| message.options.set(54, vec![]),
        |message| message.your_address = Ipv4Addr::BROADCAST,
    ];
    for change in change {
        let mut message = offer.clone();
        change(&mut message);
        bench.input(Input::Received(&message));
        assert_eq!(bench.actions, [], "{message:?}");
    }
    bench.input(Input::Received(&offer));
    assert_eq!(bench.sent_kind(), Some(MessageType::Request));
    for kind in [MessageType::Ack, MessageType::Nak] {
        bench.reply(kind, &[(54, &OTHER_SERVER)]);
        assert_eq!(bench.actions, [], "another server than the chosen one");
    }
}

#[test]
fn looks_for_servers_anew_when_the_chosen_one_falls_silent() {
    let mut bench = Bench::started();
    bench.reply(MessageType::Offer, &[]);
    for _ in 1..REQUEST_ATTEMPTS {
        bench.wait();
        assert_eq!(bench.sent_kind(), Some(MessageType::Request));
    }
    bench.wait();
    assert_eq!(bench.sent_kind(), Some(MessageType::Discover));
    assert!(bench.elapsed() < 10);
    assert_eq!(bench.client.waiting_since(), Some(START));
}

#[test]
fn asks_its_server_at_half_time_and_any_server_at_seven_eighths() {
    let mut bench = Bench::bound();
    bench.wait();
    assert_eq!(bench.elapsed(), 1800);
    let (to, request) = bench.sent();
    assert_eq!(to, Some([10, 0, 2, 2].into()));
    assert_eq!(request.client_address, Ipv4Addr::new(10, 0, 2, 15));
    assert_eq!((request.options.server(), request.options.requested_address()), (None, None));
    let mut last = bench.now;
    bench.wait();
    while bench.sent().0.is_some() {
        assert!(bench.now - last >= RENEWAL_PAUSE);
        last = bench.now;
        bench.wait();
    }
    assert_eq!(bench.elapsed(), 3150);
    let Action::Broadcast { source, message } = &bench.actions[0] else {
        panic!("{:?}", bench.actions);
    };
    assert_eq!((*source, message.client_address), ([10, 0, 2, 15].into(), *source));
    assert_eq!((message.options.server(), message.options.requested_address()), (None, None));
    while bench.elapsed() < 3600 {
        bench.wait();
    }
    assert_eq!(bench.elapsed(), 3600);
    assert_eq!(bench.actions[0], Action::Drop);
    assert_eq!(bench.sent_kind(), Some(MessageType::Discover));
    assert_eq!(bench.client.waiting_since(), Some(bench.now));
}

#[test]
fn renewal_counts_from_its_own_request() {
    let mut bench = Bench::bound();
    bench.wait();
    let first = bench.client.transaction;
    bench.wait();
    assert_ne!(bench.client.transaction, first);
    let requested = bench.now;
    bench.now += Duration::from_secs(5);
    bench.reply(MessageType::Ack, &[(54, &OTHER_SERVER)]);
    assert_eq!(bench.actions, [], "another server than its own");
    bench.reply(MessageType::Ack, &[]);
    assert!(matches!(bench.actions[..], [Action::Apply(_)]));
    assert_eq!(bench.client.deadline(), Some(requested + Duration::from_secs(1800)));
}

#[test]
fn any_server_may_extend_a_lease_that_is_about_to_end() {
    let mut bench = Bench::bound();
    while bench.elapsed() < 3150 {
        bench.wait();
    }
    bench.reply(MessageType::Ack, &[(54, &OTHER_SERVER)]);
    let [Action::Apply(lease)] = &bench.actions[..] else {
        panic!("{:?}", bench.actions);
    };
    assert_eq!(lease.server, Ipv4Addr::from(OTHER_SERVER));
}

#[test]
fn a_refused_renewal_drops_the_address_and_starts_over() {
    let mut bench = Bench::bound();
    bench.wait();
    bench.reply(MessageType::Nak, &[]);
    assert_eq!(bench.actions[0], Action::Drop);
    assert_eq!(bench.sent_kind(), Some(MessageType::Discover));
}

#[test]
fn a_server_that_offers_and_refuses_is_asked_ever_more_seldom() {
    let mut bench = Bench::started();
    let mut requests = 0;
    while bench.elapsed() < 60 {
        bench.reply(MessageType::Offer, &[]);
        requests += 1;
        bench.reply(MessageType::Nak, &[]);
        if bench.actions.is_empty() {
            bench.wait();
        }
        assert_eq!(bench.sent_kind(), Some(MessageType::Discover));
    }
    assert!(requests < 15, "{requests} requests in a minute");
    assert_eq!(bench.client.waiting_since(), Some(START));
}

#[test]
fn a_lease_without_end_is_never_renewed() {
    let mut bench = Bench::started();
    bench.reply(MessageType::Offer, &[(51, &[255; 4])]);
    bench.reply(MessageType::Ack, &[(51, &[255; 4])]);
    assert_eq!(bench.client.deadline(), None);
}

#[test]
fn asks_for_the_same_address_when_the_cable_is_back() {
    let mut bench = Bench::bound();
    bench.input(Input::LinkDown);
    assert_eq!(bench.actions, [], "the address stays: the cable may be back in a second");
    bench.now += Duration::from_secs(60);
    bench.input(Input::LinkUp);
    let request = bench.sent().1;
    assert_eq!(request.options.message_type(), Some(MessageType::Request));
    assert_eq!(request.options.requested_address(), Some([10, 0, 2, 15].into()));
    assert_eq!((request.options.server(), request.client_address), (None, [0; 4].into()));
    bench.reply(MessageType::Ack, &[]);
    assert!(matches!(bench.actions[..], [Action::Apply(_)]));
}

#[test]
fn another_network_behind_the_cable_replaces_the_lease() {
    let mut bench = Bench::bound();
    bench.input(Input::LinkDown);
    bench.input(Input::LinkUp);
    for _ in 1..REBOOT_ATTEMPTS {
        bench.wait();
        assert_eq!(bench.sent_kind(), Some(MessageType::Request));
    }
    bench.wait();
    assert_eq!(bench.sent_kind(), Some(MessageType::Discover));
    assert_eq!(bench.actions.len(), 1, "the lease holds until another one comes");
    assert_eq!(bench.client.waiting_since(), None);
    bench.reply(MessageType::Offer, &[(54, &OTHER_SERVER)]);
    bench.reply(MessageType::Ack, &[(54, &OTHER_SERVER)]);
    assert!(matches!(bench.actions[..], [Action::Apply(_)]));
}

#[test]
fn a_lease_ends_while_the_cable_is_out() {
    let mut bench = Bench::bound();
    bench.input(Input::LinkDown);
    bench.wait();
    assert_eq!(bench.elapsed(), 3600);
    assert_eq!(bench.actions, [Action::Drop]);
    assert_eq!(bench.client.deadline(), None);
    bench.input(Input::LinkUp);
    assert_eq!(bench.sent_kind(), Some(MessageType::Discover));
}

#[test]
fn a_clock_that_stood_still_leads_to_the_state_of_now() {
    let mut bench = Bench::bound();
    bench.now += Duration::from_secs(3200);
    bench.input(Input::Timer);
    assert_eq!(bench.sent().0, None, "past T2 any server is asked");
    bench.now += Duration::from_secs(9999);
    bench.input(Input::Timer);
    assert_eq!(bench.actions[0], Action::Drop);
}

#[test]
fn a_taken_address_is_declined_and_others_are_asked_for_after_a_pause() {
    let mut bench = Bench::bound();
    bench.input(Input::Taken);
    let [Action::Broadcast { source, message }, Action::Drop] = &bench.actions[..] else {
        panic!("{:?}", bench.actions);
    };
    // The members that table 5 of RFC 2131 gives it.
    assert_eq!((*source, message.client_address), ([0; 4].into(), [0; 4].into()));
    assert_eq!(message.options.message_type(), Some(MessageType::Decline));
    assert_eq!(message.options.requested_address(), Some([10, 0, 2, 15].into()));
    assert_eq!(message.options.server(), Some([10, 0, 2, 2].into()));
    assert!(!message.options.has(55) && !message.options.has(57));
    bench.wait();
    assert_eq!(bench.elapsed(), 10);
    let (_, discover) = bench.sent();
    assert_eq!(discover.options.message_type(), Some(MessageType::Discover));
    assert_eq!(discover.options.requested_address(), None);
    bench.input(Input::Taken);
    assert_eq!(bench.actions, [], "there is no lease any more");
}

#[test]
fn a_server_whose_addresses_are_all_taken_keeps_some() {
    let mut bench = Bench::started();
    let mut declined = 0;
    while bench.elapsed() < 3600 {
        bench.reply(MessageType::Offer, &[]);
        bench.reply(MessageType::Ack, &[]);
        bench.input(Input::Taken);
        declined += 1;
        bench.wait();
        assert_eq!(bench.sent_kind(), Some(MessageType::Discover));
    }
    assert!(declined < 20, "{declined} addresses in an hour");
}

#[test]
fn an_address_found_taken_while_the_cable_is_out_is_asked_for_no_more() {
    let mut bench = Bench::bound();
    bench.input(Input::LinkDown);
    bench.input(Input::Taken);
    assert_eq!(bench.client.deadline(), None);
    bench.input(Input::LinkUp);
    assert_eq!(bench.sent_kind(), Some(MessageType::Discover));
}

#[test]
fn says_what_is_wrong_with_an_offer_until_a_better_one_comes() {
    let mut bench = Bench::started();
    bench.reply(MessageType::Offer, &[(51, &[0, 0, 0, 1])]);
    assert_eq!(bench.actions, []);
    assert_eq!(bench.client.unusable_offer(), Some(LeaseError::Duration));
    bench.reply(MessageType::Offer, &[]);
    assert_eq!(bench.client.unusable_offer(), None);
}
