//! Turns the tables of rules into filters for the kernel. The compiler does it: a role carries nothing
//! but the finished instructions.
//!
//! A filter looks at the processor's calling convention, then compares the number of the call with
//! one rule after the other. The kernel remembers which calls are allowed whatever their arguments, so
//! that those never run the filter.

use model::role::Role;
use sys::seccomp::{Instruction, MAX_INSTRUCTIONS};

use crate::rules::{self, Rule, Width};

/// The filter of a role.
#[must_use]
pub const fn of(role: Role) -> &'static [Instruction] {
    match role {
        Role::Settings => &SETTINGS,
        Role::Network => &NETWORK,
        Role::Console => &CONSOLE,
        Role::Web => &WEB,
        Role::Time => &TIME,
        Role::Capture => &CAPTURE,
        Role::Diagnostics => &DIAGNOSTICS,
        Role::Journal => &JOURNAL,
        Role::Directory => &DIRECTORY,
        Role::Channel => &CHANNEL,
        Role::Guest => &GUEST,
    }
}

/// Assembles the filter of a role at compile time.
macro_rules! filter {
    ($name:ident, $role:expr) => {
        static $name: [Instruction; length(rules::of($role))] = assemble(rules::of($role)).0;
    };
}

filter!(SETTINGS, Role::Settings);
filter!(NETWORK, Role::Network);
filter!(CONSOLE, Role::Console);
filter!(WEB, Role::Web);
filter!(TIME, Role::Time);
filter!(CAPTURE, Role::Capture);
filter!(DIAGNOSTICS, Role::Diagnostics);
filter!(JOURNAL, Role::Journal);
filter!(DIRECTORY, Role::Directory);
filter!(CHANNEL, Role::Channel);
filter!(GUEST, Role::Guest);

/// `AUDIT_ARCH_X86_64`.
const X86_64: u32 = 0xc000_003e;
/// Offsets in `struct seccomp_data`.
const NUMBER: u32 = 0;
const ARCHITECTURE: u32 = 4;
const ARGUMENTS: u32 = 16;

#[expect(clippy::cast_possible_truncation, reason = "codes of classic BPF are below 256")]
const LOAD: u16 = (libc::BPF_LD | libc::BPF_W | libc::BPF_ABS) as u16;
#[expect(clippy::cast_possible_truncation, reason = "codes of classic BPF are below 256")]
const AND: u16 = (libc::BPF_ALU | libc::BPF_AND | libc::BPF_K) as u16;
#[expect(clippy::cast_possible_truncation, reason = "codes of classic BPF are below 256")]
const JUMP_IF_EQUAL: u16 = (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16;
#[expect(clippy::cast_possible_truncation, reason = "codes of classic BPF are below 256")]
const RETURN: u16 = (libc::BPF_RET | libc::BPF_K) as u16;

/// Instructions for one half of a condition: load, mask, compare.
const HALF: usize = 3;

const fn instruction(code: u16, jt: u8, jf: u8, k: u32) -> Instruction {
    Instruction { code, jt, jf, k }
}

const KILL: Instruction = instruction(RETURN, 0, 0, libc::SECCOMP_RET_KILL_PROCESS);
const ALLOW: Instruction = instruction(RETURN, 0, 0, libc::SECCOMP_RET_ALLOW);

const fn length(tables: &[&[Rule]]) -> usize {
    assemble::<MAX_INSTRUCTIONS>(tables).1
}

/// The filter, and its length, which is `N` when `N` is right.
const fn assemble<const N: usize>(tables: &[&[Rule]]) -> ([Instruction; N], usize) {
    let mut out = [KILL; N];
    out[0] = instruction(LOAD, 0, 0, ARCHITECTURE);
    out[1] = instruction(JUMP_IF_EQUAL, 1, 0, X86_64);
    // Position 2 is a KILL, as everything that is not written.
    out[3] = instruction(LOAD, 0, 0, NUMBER);
    let mut end = 4;
    let mut table = 0;
    while table < tables.len() {
        let mut place = 0;
        while place < tables[table].len() {
            let number = tables[table][place].call.number;
            if !is_before(tables, table, place, number) {
                end = write_call(&mut out, end, tables, number);
            }
            place += 1;
        }
        table += 1;
    }
    (out, end + 1)
}

/// Whether a rule before this place is about the same call.
const fn is_before(tables: &[&[Rule]], table: usize, place: usize, number: u32) -> bool {
    let mut t = 0;
    while t <= table {
        let mut p = 0;
        while p < tables[t].len() && !(t == table && p == place) {
            if tables[t][p].call.number == number {
                return true;
            }
            p += 1;
        }
        t += 1;
    }
    false
}

/// Writes all rules of one call and gives the new end. A call whose arguments fit none is killed.
const fn write_call<const N: usize>(
    out: &mut [Instruction; N],
    start: usize,
    tables: &[&[Rule]],
    number: u32,
) -> usize {
    let mut end = start + 1;
    let mut t = 0;
    let mut is_certain = false;
    while t < tables.len() {
        let mut p = 0;
        while p < tables[t].len() {
            let rule = &tables[t][p];
            if rule.call.number == number && !is_certain {
                end = write_rule(out, end, rule);
                is_certain = rule.when.is_empty();
            }
            p += 1;
        }
        t += 1;
    }
    if !is_certain {
        out[end] = KILL;
        end += 1;
    }
    out[start] = instruction(JUMP_IF_EQUAL, 0, distance(end - start - 1), number);
    end
}

/// Writes one rule: all conditions, then the permission.
const fn write_rule<const N: usize>(
    out: &mut [Instruction; N],
    start: usize,
    rule: &Rule,
) -> usize {
    let mut halves = 0;
    let mut c = 0;
    while c < rule.when.len() {
        halves += if matches!(rule.when[c].width, Width::Long) { 2 } else { 1 };
        c += 1;
    }
    let permission = start + halves * HALF;
    let mut end = start;
    let mut c = 0;
    while c < rule.when.len() {
        let condition = &rule.when[c];
        let offset = ARGUMENTS + 8 * condition.argument as u32;
        let (mask, value) = (condition.mask.to_le_bytes(), condition.value.to_le_bytes());
        let mut half = 0;
        let count = if matches!(condition.width, Width::Long) { 2 } else { 1 };
        while half < count {
            // x86 is little-endian: the lower half comes first.
            out[end] = instruction(LOAD, 0, 0, offset + 4 * half as u32);
            out[end + 1] = instruction(AND, 0, 0, half_of(mask, half));
            let to_next = distance(permission - (end + 2));
            out[end + 2] = instruction(JUMP_IF_EQUAL, 0, to_next, half_of(value, half));
            end += HALF;
            half += 1;
        }
        c += 1;
    }
    out[permission] = ALLOW;
    permission + 1
}

const fn half_of(bytes: [u8; 8], half: u8) -> u32 {
    let at = 4 * half as usize;
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

/// A jump over this many instructions. One too far is a mistake that the compiler reports.
#[expect(clippy::cast_possible_truncation, reason = "checked in the line above")]
const fn distance(instructions: usize) -> u8 {
    assert!(instructions <= u8::MAX as usize);
    instructions as u8
}

#[cfg(test)]
mod tests;
