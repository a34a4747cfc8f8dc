//! The boot loader's variables about the slots: who reads and writes them, and when.
//!
//! GRUB's script and PID 1 share them through [`GrubEnv`]:
//!
//! | variable | meaning | written by |
//! |---|---|---|
//! | `order` | slots in the order in which they are to start, such as `a b` | whoever installs a release |
//! | `a_tries` | starts of the slot since it last came up healthy, 0 to [`MAX_TRIES`] | GRUB adds, PID 1 resets |
//! | `charged` | slot whose start was counted last and has not come up healthy yet, or empty | both |
//! | `previous` | what `charged` was before this start: the start that failed | GRUB |
//! | `a_skip` | why GRUB passed the slot over this time, or empty | GRUB |
//! | `a_reason` | why the last start of the slot failed ([`FailureReason::encode`]), or empty | PID 1 |
//! | `exhausted` | `1` when all tries were used up and counting began anew | GRUB sets, PID 1 clears |
//!
//! Everything is one block that is written whole, so that a power cut falls before or after a step and
//! never into it. A start that ends in any way without [`healthy`] or [`interrupted`] stays counted.

use crate::grubenv::GrubEnv;
use crate::slot::Slot;
use crate::slot_report::{FailureReason, SlotFailure, SlotReport};

/// How often a slot is tried before the next one in the order takes over.
pub const MAX_TRIES: u8 = 3;
/// Variable with the order of the slots, such as `a b`.
pub const ORDER: &str = "order";
/// Variable with the slot whose start was counted.
pub const CHARGED: &str = "charged";
/// Variable with the slot whose start before this one failed.
pub const PREVIOUS: &str = "previous";
/// Variable that says that all tries were used up.
pub const EXHAUSTED: &str = "exhausted";

/// The kernel in a slot, as the boot loader names it.
pub const KERNEL: &str = "/boot/bzImage";
/// The file in a slot with the CRC-32 of the kernel, as `hashsum --check` of GRUB reads it.
pub const KERNEL_CHECKSUM: &str = "/boot/bzImage.crc32";

/// What [`KERNEL_CHECKSUM`] says.
#[must_use]
pub fn checksum_line(crc32: u32) -> String {
    format!("{crc32:08x}  {}\n", KERNEL.trim_start_matches('/'))
}

/// The kernel says this when PID 1 ended, which says why better than the kernel can.
const INIT_ENDED: &str = "Attempted to kill init";

/// Variable that counts the tries of a slot.
#[must_use]
pub const fn tries_variable(slot: Slot) -> &'static str {
    match slot {
        Slot::A => "a_tries",
        Slot::B => "b_tries",
    }
}

/// Variable with the reason for which GRUB passed a slot over.
#[must_use]
pub const fn skip_variable(slot: Slot) -> &'static str {
    match slot {
        Slot::A => "a_skip",
        Slot::B => "b_skip",
    }
}

/// Variable with the reason of the last failed start of a slot.
#[must_use]
pub const fn reason_variable(slot: Slot) -> &'static str {
    match slot {
        Slot::A => "a_reason",
        Slot::B => "b_reason",
    }
}

/// The block of a new disk, or of one whose block was damaged: this slot first, nothing tried. GRUB
/// saves all its variables at each start; they are there from the beginning.
#[must_use]
pub fn new_block(first: Slot) -> GrubEnv {
    let mut block = GrubEnv::default();
    block.set(ORDER, &format!("{} {}", first.letter(), first.other().letter()));
    for slot in Slot::ALL {
        set_tries(&mut block, slot, 0);
    }
    block
}

/// How often a slot was tried since it last came up healthy.
#[must_use]
pub fn tries(block: &GrubEnv, slot: Slot) -> u8 {
    let tries = block.get(tries_variable(slot)).and_then(|tries| tries.parse().ok()).unwrap_or(0);
    if tries > MAX_TRIES { 0 } else { tries }
}

fn set_tries(block: &mut GrubEnv, slot: Slot, tries: u8) {
    block.set(tries_variable(slot), &tries.to_string());
}

/// The slots in their order; a damaged order is completed.
#[must_use]
pub fn order(block: &GrubEnv) -> [Slot; 2] {
    let words = block.get(ORDER).unwrap_or_default().split_ascii_whitespace();
    let first = words.filter_map(Slot::from_letter).next().unwrap_or(Slot::A);
    [first, first.other()]
}

fn slot_in(block: &GrubEnv, variable: &str) -> Option<Slot> {
    Slot::from_letter(block.get(variable).unwrap_or_default())
}

/// What GRUB finds out about the kernel of a slot before it starts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KernelCheck {
    /// Its checksum is right.
    Good,
    /// Its checksum is wrong, or it cannot be read.
    Damaged,
    /// There is none.
    Missing,
}

impl KernelCheck {
    fn skip(self) -> String {
        match self {
            Self::Good => String::new(),
            Self::Damaged => FailureReason::KernelDamaged.encode(),
            Self::Missing => FailureReason::KernelMissing.encode(),
        }
    }
}

/// What GRUB's script does at each start: chooses a slot and counts the try, or finds none that can
/// start. The script itself is compared with this.
pub fn choose(block: &mut GrubEnv, check: impl Fn(Slot) -> KernelCheck) -> Option<Slot> {
    let previous = block.get(CHARGED).unwrap_or_default().to_owned();
    block.set(PREVIOUS, &previous);
    block.set(CHARGED, "");
    for slot in Slot::ALL {
        block.set(skip_variable(slot), "");
    }
    let mut chosen = None;
    for slot in order(block) {
        if chosen.is_none() && tries(block, slot) < MAX_TRIES {
            let skip = check(slot).skip();
            block.set(skip_variable(slot), &skip);
            chosen = skip.is_empty().then_some(slot);
        }
    }
    if chosen.is_none() {
        // No slot has tries left and a kernel: all counters start anew, which beats standing still.
        block.set(EXHAUSTED, "1");
        for slot in Slot::ALL {
            set_tries(block, slot, 0);
        }
        for slot in order(block) {
            if chosen.is_none() && block.get(skip_variable(slot)) == Some("") {
                let skip = check(slot).skip();
                block.set(skip_variable(slot), &skip);
                chosen = skip.is_empty().then_some(slot);
            }
        }
    }
    if let Some(slot) = chosen {
        set_tries(block, slot, tries(block, slot) + 1);
        block.set(CHARGED, slot.letter());
    }
    chosen
}

/// Moves the counted try to the slot that really runs, when a person chose another one in the menu.
pub fn arrived(block: &mut GrubEnv, running: Slot) {
    if slot_in(block, CHARGED) == Some(running.other()) {
        let [own, other] = [running, running.other()].map(|slot| tries(block, slot));
        set_tries(block, running.other(), other.saturating_sub(1));
        set_tries(block, running, (own + 1).min(MAX_TRIES));
        block.set(CHARGED, running.letter());
    }
}

/// Notes what the kernel or the watchdog says about the start before this one, if that one failed.
pub fn explain_previous(block: &mut GrubEnv, reason: &FailureReason) {
    let Some(previous) = slot_in(block, PREVIOUS) else { return };
    let known = FailureReason::decode(block.get(reason_variable(previous)).unwrap_or_default());
    let is_told_better = matches!(known, FailureReason::CouldNotStart { .. })
        && matches!(reason, FailureReason::Panicked { message } if message.contains(INIT_ENDED));
    if !is_told_better {
        block.set(reason_variable(previous), &reason.encode());
    }
}

/// Notes why this start failed. Its try stays counted.
pub fn failed(block: &mut GrubEnv, running: Slot, reason: &FailureReason) {
    arrived(block, running);
    block.set(reason_variable(running), &reason.encode());
}

/// Notes that a slot came up healthy.
pub fn healthy(block: &mut GrubEnv, running: Slot) {
    set_tries(block, running, 0);
    for variable in [CHARGED, PREVIOUS, EXHAUSTED, reason_variable(running), skip_variable(running)]
    {
        block.set(variable, "");
    }
}

/// Takes back the try of a start that was stopped in order before it was healthy: nothing is known
/// against the slot.
pub fn interrupted(block: &mut GrubEnv, running: Slot) {
    if slot_in(block, CHARGED) == Some(running) {
        set_tries(block, running, tries(block, running).saturating_sub(1));
        block.set(CHARGED, "");
    }
}

/// What is known about earlier starts.
#[must_use]
pub fn report(block: &GrubEnv, running: Slot) -> SlotReport {
    let [first, _] = order(block);
    let skip = block.get(skip_variable(first)).unwrap_or_default();
    let is_skipped = first != running && !skip.is_empty();
    let is_used_up = first != running && tries(block, first) >= MAX_TRIES;
    let reason_of =
        |slot| FailureReason::decode(block.get(reason_variable(slot)).unwrap_or_default());
    let fallback = (is_skipped || is_used_up).then(|| SlotFailure {
        slot: first,
        reason: if is_skipped { FailureReason::decode(skip) } else { reason_of(first) },
        tries: tries(block, first),
    });
    let has_failed = slot_in(block, PREVIOUS) == Some(running);
    let retried = has_failed.then(|| SlotFailure {
        slot: running,
        reason: reason_of(running),
        tries: tries(block, running).saturating_sub(1),
    });
    SlotReport { fallback, retried, all_failed: block.get(EXHAUSTED) == Some("1") }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::grubenv::{GRUBENV_BYTES, SECTOR_BYTES};
    use crate::role::Role;

    /// What a slot does when it is started.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    enum Condition {
        Good,
        Panics,
        Hangs,
        Unhealthy,
        CannotStart,
        KernelDamaged,
        KernelMissing,
    }

    /// Where a start is cut off, or what a person does to it.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    enum Interruption {
        None,
        PowerCutInGrub,
        PowerCutBeforeInit,
        PowerCutAfterArrival,
        OrderlyStop,
    }

    struct Machine {
        disk: [u8; GRUBENV_BYTES],
        conditions: [Condition; 2],
    }

    impl Machine {
        fn block(&self) -> GrubEnv {
            GrubEnv::decode(&self.disk).expect("what was written can be read")
        }

        fn write(&mut self, block: &GrubEnv) {
            self.disk = block.encode().expect("fits");
            assert!(self.disk[SECTOR_BYTES..].iter().all(|byte| *byte == b'#'), "one sector");
            for slot in Slot::ALL {
                assert!(tries(block, slot) <= MAX_TRIES);
            }
        }

        fn condition(&self, slot: Slot) -> Condition {
            self.conditions[usize::from(slot == Slot::B)]
        }

        fn check(&self, slot: Slot) -> KernelCheck {
            match self.condition(slot) {
                Condition::KernelDamaged => KernelCheck::Damaged,
                Condition::KernelMissing => KernelCheck::Missing,
                _ => KernelCheck::Good,
            }
        }

        /// One start. Gives the slot that came up healthy.
        fn start(&mut self, by_hand: Option<Slot>, interruption: Interruption) -> Option<Slot> {
            let mut block = self.block();
            let chosen = choose(&mut block, |slot| self.check(slot));
            if interruption == Interruption::PowerCutInGrub {
                return None;
            }
            self.write(&block);
            // Without any kernel there is no menu.
            let running = by_hand.filter(|_| chosen.is_some()).or(chosen)?;
            let condition = self.condition(running);
            let is_lost = matches!(
                condition,
                Condition::Panics
                    | Condition::Hangs
                    | Condition::KernelDamaged
                    | Condition::KernelMissing
            );
            if is_lost || interruption == Interruption::PowerCutBeforeInit {
                return None;
            }
            if condition == Condition::CannotStart {
                let message = "the signature of the root slot is not valid".repeat(9);
                failed(&mut block, running, &FailureReason::CouldNotStart { message });
                self.write(&block);
                return None;
            }
            arrived(&mut block, running);
            let message = "Kernel panic - not syncing: dm-verity device corrupted".repeat(9);
            let previous = slot_in(&block, PREVIOUS).map(|slot| self.condition(slot));
            if previous == Some(Condition::Panics) {
                explain_previous(&mut block, &FailureReason::Panicked { message });
            }
            self.write(&block);
            if interruption == Interruption::PowerCutAfterArrival {
                return None;
            }
            if interruption == Interruption::OrderlyStop {
                interrupted(&mut block, running);
                self.write(&block);
                return None;
            }
            if condition == Condition::Unhealthy {
                let last_exit = Some("exit status 3".repeat(40));
                let reason = FailureReason::NotHealthy { role: Role::Settings, last_exit };
                failed(&mut block, running, &reason);
                self.write(&block);
                return None;
            }
            healthy(&mut block, running);
            self.write(&block);
            Some(running)
        }
    }

    fn any_condition() -> impl Strategy<Value = Condition> {
        proptest::sample::select(vec![
            Condition::Good,
            Condition::Panics,
            Condition::Hangs,
            Condition::Unhealthy,
            Condition::CannotStart,
            Condition::KernelDamaged,
            Condition::KernelMissing,
        ])
    }

    fn any_interruption() -> impl Strategy<Value = Interruption> {
        proptest::sample::select(vec![
            Interruption::None,
            Interruption::PowerCutInGrub,
            Interruption::PowerCutBeforeInit,
            Interruption::PowerCutAfterArrival,
            Interruption::OrderlyStop,
        ])
    }

    fn any_slot() -> impl Strategy<Value = Slot> {
        proptest::sample::select(&Slot::ALL[..])
    }

    /// Starts with conditions of their own: slots are repaired, replaced and broken meanwhile.
    type History = Vec<([Condition; 2], Option<Slot>, Interruption)>;

    fn any_history() -> impl Strategy<Value = History> {
        let conditions = [any_condition(), any_condition()];
        let start = (conditions, proptest::option::of(any_slot()), any_interruption());
        proptest::collection::vec(start, 0..20)
    }

    fn machine_after(first: Slot, history: History, conditions: [Condition; 2]) -> Machine {
        let disk = new_block(first).encode().expect("fits");
        let mut machine = Machine { disk, conditions };
        for (now, by_hand, interruption) in history {
            machine.conditions = now;
            machine.start(by_hand, interruption);
        }
        machine.conditions = conditions;
        machine
    }

    proptest! {
        /// However the machine got here: a slot that works is running after at most six failed starts.
        #[test]
        fn a_good_slot_is_never_left_unused(
            first in any_slot(),
            history in any_history(),
            good in any_slot(),
            other in any_condition(),
        ) {
            let mut conditions = [other; 2];
            conditions[usize::from(good == Slot::B)] = Condition::Good;
            let mut machine = machine_after(first, history, conditions);
            let starts = (0..=2 * MAX_TRIES).find_map(|_| machine.start(None, Interruption::None));
            prop_assert!(starts.is_some(), "{:?}", machine.block());
        }

        /// Whatever was done by hand or cut off before: a good slot that came up is started again.
        #[test]
        fn a_slot_that_came_up_starts_again(
            first in any_slot(),
            history in any_history(),
            other in any_condition(),
        ) {
            let mut conditions = [other; 2];
            conditions[usize::from(first == Slot::B)] = Condition::Good;
            let mut machine = machine_after(first, history, conditions);
            while machine.start(None, Interruption::None) != Some(first) {
                // The other one may be good too and run; a person then starts the first one.
                if machine.start(Some(first), Interruption::None) == Some(first) {
                    break;
                }
            }
            prop_assert_eq!(machine.start(None, Interruption::None), Some(first));
            prop_assert_eq!(report(&machine.block(), first), SlotReport::default());
        }

        /// Two slots that do not work are tried without end.
        #[test]
        fn bad_slots_are_tried_again_and_again(first in any_slot(), history in any_history()) {
            let conditions = [Condition::Panics, Condition::Hangs];
            let mut machine = machine_after(first, history, conditions);
            let mut started = Vec::new();
            for _ in 0..4 * MAX_TRIES {
                machine.start(None, Interruption::None);
                started.extend(slot_in(&machine.block(), CHARGED));
            }
            prop_assert_eq!(started.len(), usize::from(4 * MAX_TRIES));
            prop_assert!(Slot::ALL.iter().all(|slot| started.contains(slot)), "{:?}", started);
        }
    }

    fn after(order: Slot, conditions: [Condition; 2], starts: usize) -> GrubEnv {
        let disk = new_block(order).encode().expect("fits");
        let mut machine = Machine { disk, conditions };
        for _ in 0..starts {
            machine.start(None, Interruption::None);
        }
        machine.block()
    }

    #[test]
    fn falls_back_after_three_tries_and_keeps_the_reason() {
        let block = after(Slot::B, [Condition::Good, Condition::Unhealthy], 4);
        let report = report(&block, Slot::A);
        let failure = report.fallback.expect("slot B did not come up");
        assert_eq!((failure.slot, failure.tries), (Slot::B, MAX_TRIES));
        assert!(matches!(failure.reason, FailureReason::NotHealthy { role: Role::Settings, .. }));
        assert!(!report.all_failed);
        let later = after(Slot::B, [Condition::Good, Condition::Unhealthy], 20);
        let kept = super::report(&later, Slot::A).fallback;
        assert_eq!(kept.expect("still known").reason, failure.reason);
    }

    #[test]
    fn a_damaged_or_missing_kernel_costs_no_start() {
        for (condition, reason) in [
            (Condition::KernelDamaged, FailureReason::KernelDamaged),
            (Condition::KernelMissing, FailureReason::KernelMissing),
        ] {
            let block = after(Slot::B, [Condition::Good, condition], 1);
            let failure = report(&block, Slot::A).fallback.expect("slot B was passed over");
            assert_eq!((failure.slot, failure.reason, failure.tries), (Slot::B, reason, 0));
        }
    }

    #[test]
    fn a_choice_by_hand_is_counted_for_the_slot_that_runs() {
        let mut block = new_block(Slot::A);
        assert_eq!(choose(&mut block, |_| KernelCheck::Good), Some(Slot::A));
        arrived(&mut block, Slot::B);
        assert_eq!((tries(&block, Slot::A), tries(&block, Slot::B)), (0, 1));
        assert_eq!(report(&block, Slot::B), SlotReport::default(), "a choice is no failure");
        arrived(&mut block, Slot::B);
        assert_eq!((tries(&block, Slot::A), tries(&block, Slot::B)), (0, 1), "counted once");
        healthy(&mut block, Slot::B);
        assert_eq!((tries(&block, Slot::A), tries(&block, Slot::B)), (0, 0));
    }

    #[test]
    fn a_stop_in_order_takes_the_try_back() {
        let mut block = new_block(Slot::A);
        choose(&mut block, |_| KernelCheck::Good);
        interrupted(&mut block, Slot::A);
        assert_eq!(tries(&block, Slot::A), 0);
        choose(&mut block, |_| KernelCheck::Good);
        assert_eq!(report(&block, Slot::A), SlotReport::default());
    }

    #[test]
    fn exhausted_slots_are_told_and_counted_anew() {
        let block = after(Slot::A, [Condition::Hangs, Condition::Hangs], 7);
        assert_eq!((tries(&block, Slot::A), tries(&block, Slot::B)), (1, 0));
        assert!(report(&block, Slot::A).all_failed);
    }

    #[test]
    fn what_init_said_is_not_replaced_by_the_panic_that_follows() {
        let mut block = new_block(Slot::A);
        choose(&mut block, |_| KernelCheck::Good);
        let said = FailureReason::CouldNotStart { message: "no root".into() };
        failed(&mut block, Slot::A, &said);
        choose(&mut block, |_| KernelCheck::Good);
        let message = "Attempted to kill init! exitcode=0x00000100".into();
        explain_previous(&mut block, &FailureReason::Panicked { message });
        let retried = report(&block, Slot::A).retried.expect("the first start failed");
        assert_eq!((retried.reason, retried.tries), (said, 1));
        explain_previous(&mut block, &FailureReason::Watchdog);
        let retried = report(&block, Slot::A).retried.expect("the first start failed");
        assert_eq!(retried.reason, FailureReason::Watchdog);
    }

    #[test]
    fn damaged_variables_still_start_something() {
        let mut block = GrubEnv::default();
        for (variable, value) in
            [(ORDER, "x y"), ("a_tries", "9"), ("b_tries", "-"), (CHARGED, "c")]
        {
            block.set(variable, value);
        }
        assert_eq!(choose(&mut block, |_| KernelCheck::Good), Some(Slot::A));
        assert_eq!(tries(&block, Slot::A), 1);
    }
}
