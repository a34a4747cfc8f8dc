use proptest::prelude::*;

use super::*;
use crate::rules::{is, is_long, number, only};

/// Runs a filter as the kernel does, for the instructions that are used.
fn run(filter: &[Instruction], architecture: u32, call: u32, arguments: &[u64; 6]) -> u32 {
    let mut data = vec![call, architecture, 0, 0];
    for argument in arguments {
        let bytes = argument.to_le_bytes();
        data.extend([half_of(bytes, 0), half_of(bytes, 1)]);
    }
    let (mut at, mut accumulator) = (0, 0);
    loop {
        let Instruction { code, jt, jf, k } = filter[at];
        at += 1;
        match code {
            LOAD => accumulator = data[k as usize / 4],
            AND => accumulator &= k,
            JUMP_IF_EQUAL => at += usize::from(if accumulator == k { jt } else { jf }),
            RETURN => return k,
            other => panic!("instruction {other:#x}"),
        }
    }
}

fn allows(role: Role, call: u32, arguments: &[u64; 6]) -> bool {
    match run(of(role), X86_64, call, arguments) {
        libc::SECCOMP_RET_ALLOW => true,
        libc::SECCOMP_RET_KILL_PROCESS => false,
        other => panic!("action {other:#x}"),
    }
}

fn allows_plain(role: Role, call: libc::c_long) -> bool {
    allows(role, number(call), &[0; 6])
}

#[test]
fn no_role_makes_the_calls_by_which_a_program_takes_over_a_machine() {
    let calls = [
        libc::SYS_execve,
        libc::SYS_execveat,
        libc::SYS_fork,
        libc::SYS_vfork,
        libc::SYS_clone3,
        libc::SYS_ptrace,
        libc::SYS_process_vm_readv,
        libc::SYS_process_vm_writev,
        libc::SYS_mount,
        libc::SYS_umount2,
        libc::SYS_pivot_root,
        libc::SYS_unshare,
        libc::SYS_setns,
        libc::SYS_bpf,
        libc::SYS_io_uring_setup,
        libc::SYS_kexec_load,
        libc::SYS_init_module,
        libc::SYS_userfaultfd,
        libc::SYS_perf_event_open,
        libc::SYS_keyctl,
        libc::SYS_setuid,
        libc::SYS_setresuid,
        libc::SYS_capset,
        libc::SYS_kill,
        libc::SYS_tgkill,
        libc::SYS_memfd_create,
        libc::SYS_open_by_handle_at,
        libc::SYS_reboot,
    ];
    for role in Role::ALL {
        for call in calls {
            assert!(!allows_plain(role, call), "{call} of {role:?}");
        }
    }
}

#[test]
fn memory_is_never_executable_and_clone_makes_threads_only() {
    let anonymous = 0x22;
    let data = [0, 4096, 3, anonymous, u64::MAX, 0];
    let code = [0, 4096, 7, anonymous, u64::MAX, 0];
    for role in Role::ALL {
        assert!(allows(role, number(libc::SYS_mmap), &data), "{role:?}");
        assert!(!allows(role, number(libc::SYS_mmap), &code), "{role:?}");
        assert!(!allows(role, number(libc::SYS_mprotect), &[0, 4096, 5, 0, 0, 0]), "{role:?}");
        // SIGCHLD alone is a fork.
        assert!(!allows(role, number(libc::SYS_clone), &[17, 0, 0, 0, 0, 0]), "{role:?}");
    }
    assert!(allows(Role::Web, number(libc::SYS_clone), &[0x7d_0f00, 0, 0, 0, 0, 0]));
    let namespace_too = [0x7d_0f00 | 0x1000_0000, 0, 0, 0, 0, 0];
    assert!(!allows(Role::Web, number(libc::SYS_clone), &namespace_too));
}

#[test]
fn each_role_opens_its_own_kinds_of_socket_only() {
    let socket = |domain: i32, kind: i32, protocol: u64| {
        let arguments = [domain, kind].map(|value| u64::from(value.cast_unsigned()));
        [arguments[0], arguments[1], protocol, 0, 0, 0]
    };
    let flags = libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK;
    let kinds = [
        // The clock asks name servers, by TCP too; guest asks metadata services.
        (
            socket(libc::AF_INET, libc::SOCK_STREAM | flags, 0),
            vec![
                Role::Web,
                Role::Time,
                Role::Capture,
                Role::Diagnostics,
                Role::Journal,
                Role::Directory,
                Role::Channel,
                Role::Guest,
            ],
        ),
        (
            socket(libc::AF_INET, libc::SOCK_DGRAM | flags, 0),
            vec![
                Role::Network,
                Role::Time,
                Role::Capture,
                Role::Diagnostics,
                Role::Journal,
                Role::Directory,
                Role::Channel,
            ],
        ),
        (socket(libc::AF_INET, libc::SOCK_DGRAM | flags, 1), vec![Role::Diagnostics]),
        (socket(libc::AF_PACKET, libc::SOCK_DGRAM | flags, 0), vec![Role::Network]),
        (socket(libc::AF_NETLINK, libc::SOCK_RAW | flags, 0), vec![Role::Network]),
        (socket(libc::AF_UNIX, libc::SOCK_STREAM | flags, 0), Role::ALL.to_vec()),
        (socket(libc::AF_UNIX, libc::SOCK_DGRAM | flags, 0), vec![]),
        (socket(libc::AF_INET, libc::SOCK_RAW, 1), vec![]),
        (socket(libc::AF_INET6, libc::SOCK_STREAM | flags, 0), vec![]),
        (socket(libc::AF_INET6, libc::SOCK_RAW, 58), vec![]),
        (socket(libc::AF_NETLINK, libc::SOCK_RAW | flags, 12), vec![]),
        (socket(libc::AF_ALG, libc::SOCK_STREAM | flags, 0), vec![]),
        (socket(libc::AF_VSOCK, libc::SOCK_STREAM | flags, 0), vec![]),
    ];
    for (arguments, roles) in kinds {
        for role in Role::ALL {
            let is_allowed = allows(role, number(libc::SYS_socket), &arguments);
            assert_eq!(is_allowed, roles.contains(&role), "{role:?} {arguments:?}");
        }
    }
}

#[test]
fn other_calling_conventions_are_refused_whole() {
    const I386: u32 = 0x4000_0003;
    const X32_BIT: u32 = 0x4000_0000;
    for role in Role::ALL {
        let filter = of(role);
        let read = number(libc::SYS_read);
        assert_eq!(run(filter, I386, read, &[0; 6]), libc::SECCOMP_RET_KILL_PROCESS);
        assert!(!allows(role, read | X32_BIT, &[0; 6]));
        assert!(allows(role, read, &[0; 6]));
    }
}

#[test]
fn filters_have_no_instruction_to_spare() {
    for role in Role::ALL {
        let filter = of(role);
        assert_eq!(filter.last(), Some(&KILL));
        assert_ne!(filter.get(filter.len() - 2).map(|last| last.code), Some(0));
        println!("{}: {} instructions", role.name(), filter.len());
    }
}

#[test]
fn every_rule_names_its_caller_and_no_rule_stands_twice() {
    for role in Role::ALL {
        let rules: Vec<_> = rules::of(role).iter().flat_map(|table| table.iter()).collect();
        for (place, rule) in rules.iter().enumerate() {
            assert!(rule.caller.len() > 5 && rule.rare.is_none_or(|reason| reason.len() > 5));
            let same = |other: &&&Rule| other.call == rule.call && other.when == rule.when;
            let twice = rules.iter().skip(place + 1).find(same);
            assert_eq!(twice, None, "{}", rule.call.name);
            let wider = rules.iter().find(|other| other.call == rule.call && other.when.is_empty());
            assert!(
                rule.when.is_empty() || wider.is_none(),
                "{} is allowed anyway",
                rule.call.name
            );
        }
    }
}

#[test]
fn the_upper_half_counts_for_long_arguments_only() {
    assert!(!holds(is_long(0, 5), 5 | 1 << 40));
    assert!(holds(is(0, 5), 5 | 1 << 40));
    assert!(holds(only(0, 6), 4) && !holds(only(0, 6), 12));
}

fn holds(condition: rules::Condition, argument: u64) -> bool {
    let when = Box::leak(Box::new([condition]));
    let call = rules::Call { name: "test", number: 1 };
    let rule = Rule { call, when, caller: "test", rare: None };
    rule.allows(1, &[argument, 0, 0, 0, 0, 0])
}

proptest! {
    /// The filter, which the compiler made, and the tables, which people read, say the same.
    #[test]
    fn filter_does_what_the_tables_say(
        role in proptest::sample::select(&Role::ALL[..]),
        call in prop_oneof![0_u32..500, any::<u32>()],
        arguments in proptest::array::uniform6(prop_oneof![0_u64..64, any::<u64>()]),
        chosen in any::<proptest::sample::Index>(),
    ) {
        let rules: Vec<_> = rules::of(role).iter().flat_map(|table| table.iter()).collect();
        let allowed = |call, arguments: &[u64; 6]| rules.iter().any(|rule| rule.allows(call, arguments));
        prop_assert_eq!(allows(role, call, &arguments), allowed(call, &arguments));
        // Arguments that fit a rule, with one bit that may spoil them.
        let rule = rules[chosen.index(rules.len())];
        let mut fitting = arguments;
        for condition in rule.when {
            fitting[usize::from(condition.argument)] = condition.value;
        }
        prop_assert!(allows(role, rule.call.number, &fitting), "{}", rule.call.name);
        for argument in 0..6 {
            let mut spoiled = fitting;
            spoiled[argument] ^= 1 << (call % 64);
            let is_allowed = allows(role, rule.call.number, &spoiled);
            prop_assert_eq!(is_allowed, allowed(rule.call.number, &spoiled));
        }
    }
}
