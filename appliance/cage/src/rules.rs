//! The system calls that each role makes: one table for what all roles have in common, and one a role.
//!
//! Every rule names its caller. Calls through which a program could gain something are allowed with
//! the arguments that are needed only. Calls that a test run does not make stand with the word
//! `rarely` and the reason; a test finds the others that are never made.
//!
//! Of arguments that the kernel takes as `int`, the lower half counts; it ignores the other.

/// A rule: `permit!(SYS_call, [conditions], "caller")`, with a fourth argument for calls that a test run
/// does not make: why.
macro_rules! permit {
    ($call:ident, [$($when:expr),*], $caller:literal) => {
        permit!(@ $call, [$($when),*], $caller, None)
    };
    ($call:ident, [$($when:expr),*], $caller:literal, rarely $reason:literal) => {
        permit!(@ $call, [$($when),*], $caller, Some($reason))
    };
    (@ $call:ident, [$($when:expr),*], $caller:literal, $rare:expr) => {
        $crate::rules::Rule {
            call: $crate::rules::Call {
                name: $crate::rules::name(stringify!($call)),
                number: $crate::rules::number(libc::$call),
            },
            when: &[$($when),*],
            caller: $caller,
            rare: $rare,
        }
    };
}

mod capture;
mod channel;
mod console;
mod diagnostics;
mod directory;
mod guest;
mod journal;
mod network;
mod outbound;
mod resolver;
mod runtime;
mod settings;
mod store;
mod time;
mod web;

use model::role::Role;

/// A call that is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Which.
    pub call: Call,
    /// What holds for its arguments, all of it; empty = whatever they are.
    pub when: &'static [Condition],
    /// Who makes it.
    pub caller: &'static str,
    /// Why a test run does not make it; `None` when it does.
    pub rare: Option<&'static str>,
}

/// A system call of x86-64.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    /// Its name.
    pub name: &'static str,
    /// Its number.
    pub number: u32,
}

/// A condition on one argument: what is left of it under the mask is this value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Condition {
    /// Place of the argument, from 0.
    pub argument: u8,
    /// How the kernel takes it.
    pub width: Width,
    /// Bits that count.
    pub mask: u64,
    /// Their value.
    pub value: u64,
}

/// How the kernel takes an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// As 32 bits.
    Int,
    /// As 64 bits.
    Long,
}

/// The tables of a role.
#[must_use]
pub const fn of(role: Role) -> &'static [&'static [Rule]] {
    match role {
        Role::Settings => &[runtime::RULES, runtime::SERVER, settings::RULES],
        Role::Network => &[runtime::RULES, runtime::SERVER, network::RULES],
        Role::Time => &[
            runtime::RULES,
            runtime::SERVER,
            runtime::THREADS,
            resolver::RULES,
            resolver::MESSAGES,
            resolver::TCP,
            resolver::FILES,
            time::RULES,
        ],
        Role::Capture => &[
            runtime::RULES,
            runtime::SERVER,
            runtime::THREADS,
            resolver::RULES,
            resolver::TCP,
            store::RULES,
            capture::RULES,
        ],
        Role::Diagnostics => &[
            runtime::RULES,
            runtime::SERVER,
            runtime::THREADS,
            resolver::RULES,
            outbound::RULES,
            store::RULES,
            diagnostics::RULES,
        ],
        Role::Journal => &[
            runtime::RULES,
            runtime::SERVER,
            runtime::THREADS,
            resolver::RULES,
            resolver::MESSAGES,
            outbound::RULES,
            store::RULES,
            journal::RULES,
        ],
        Role::Directory => &[
            runtime::RULES,
            runtime::SERVER,
            runtime::THREADS,
            resolver::RULES,
            resolver::MESSAGES,
            resolver::TCP,
            store::RULES,
            directory::RULES,
        ],
        Role::Channel => &[
            runtime::RULES,
            runtime::SERVER,
            runtime::THREADS,
            resolver::RULES,
            resolver::MESSAGES,
            outbound::RULES,
            store::RULES,
            channel::RULES,
        ],
        Role::Guest => &[runtime::RULES, runtime::SERVER, guest::RULES],
        Role::Web => &[runtime::RULES, runtime::THREADS, web::RULES],
        Role::Console => &[runtime::RULES, runtime::THREADS, console::RULES],
    }
}

impl Rule {
    /// Whether the rule allows a call with these arguments.
    #[must_use]
    pub fn allows(&self, number: u32, arguments: &[u64; 6]) -> bool {
        let holds = |condition: &Condition| {
            let argument = arguments.get(usize::from(condition.argument)).copied();
            let kept = match condition.width {
                Width::Int => condition.mask & u64::from(u32::MAX),
                Width::Long => condition.mask,
            };
            argument.is_some_and(|argument| argument & kept == condition.value & kept)
        };
        self.call.number == number && self.when.iter().all(holds)
    }
}

/// An `int` argument with this value.
pub(crate) const fn is(argument: u8, value: i32) -> Condition {
    Condition { argument, width: Width::Int, mask: u64::MAX, value: bits(value) }
}

/// An `int` argument without other bits than these.
pub(crate) const fn only(argument: u8, bits_: i32) -> Condition {
    Condition { argument, width: Width::Int, mask: !bits(bits_), value: 0 }
}

/// A `long` argument with this value.
pub(crate) const fn is_long(argument: u8, value: i32) -> Condition {
    Condition { argument, width: Width::Long, mask: u64::MAX, value: bits(value) }
}

/// A `long` argument without other bits than these.
pub(crate) const fn only_long(argument: u8, bits_: i32) -> Condition {
    Condition { argument, width: Width::Long, mask: !bits(bits_), value: 0 }
}

/// An argument that has all of these bits.
pub(crate) const fn has(argument: u8, bits_: i32) -> Condition {
    Condition { argument, width: Width::Int, mask: bits(bits_), value: bits(bits_) }
}

const fn bits(value: i32) -> u64 {
    value.cast_unsigned() as u64
}

/// Number of a call as the filter compares it.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "numbers of calls are small and positive"
)]
pub(crate) const fn number(call: libc::c_long) -> u32 {
    call as u32
}

/// Name of a constant of `libc` without `SYS_`.
pub(crate) const fn name(constant: &'static str) -> &'static str {
    constant.split_at("SYS_".len()).1
}
