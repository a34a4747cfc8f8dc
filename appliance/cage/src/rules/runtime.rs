//! What every role does: memory, threads' business, tokio's reactor, asking other roles, its end.

use super::{Rule, has, is, is_long, only, only_long};

/// `SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK`.
const STREAM: i32 = libc::SOCK_STREAM | libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK;
/// Reading and writing, and never executing.
const DATA: i32 = libc::PROT_READ | libc::PROT_WRITE;
/// The flags with which musl's `pthread_create` makes a thread, `CLONE_DETACHED` included; no process, no
/// namespace.
const THREAD: i32 = libc::CLONE_VM
    | libc::CLONE_FS
    | libc::CLONE_FILES
    | libc::CLONE_SIGHAND
    | libc::CLONE_THREAD
    | libc::CLONE_SYSVSEM
    | libc::CLONE_SETTLS
    | libc::CLONE_PARENT_SETTID
    | libc::CLONE_CHILD_CLEARTID
    | 0x40_0000;

/// For every role.
pub(super) const RULES: &[Rule] = &[
    permit!(SYS_read, [], "std and tokio: files, eventfd, sockets"),
    permit!(SYS_write, [], "std and tokio: files, eventfd, sockets, the log on standard error"),
    permit!(SYS_close, [], "std: every descriptor"),
    permit!(SYS_epoll_create1, [], "mio: the reactor of tokio"),
    permit!(SYS_epoll_ctl, [], "mio: each descriptor that is waited for"),
    permit!(SYS_epoll_pwait, [], "mio: the wait of the reactor"),
    permit!(SYS_eventfd2, [], "mio: waking the reactor"),
    permit!(
        SYS_fcntl,
        [is(1, libc::F_DUPFD_CLOEXEC)],
        "mio and tokio: the reactor's second handle"
    ),
    permit!(SYS_fcntl, [is(1, libc::F_SETFD)], "musl: F_DUPFD_CLOEXEC sets the flag again"),
    permit!(
        SYS_socketpair,
        [is(0, libc::AF_UNIX)],
        "tokio: signals arrive in the reactor by a pair"
    ),
    permit!(
        SYS_socket,
        [is(0, libc::AF_UNIX), only(1, STREAM), is(2, 0)],
        "bus: asking another role"
    ),
    permit!(SYS_connect, [], "bus: asking another role"),
    permit!(
        SYS_getsockopt,
        [is(1, libc::SOL_SOCKET), is(2, libc::SO_ERROR)],
        "tokio: how a connection began"
    ),
    permit!(SYS_sendto, [], "tokio: sending on sockets"),
    permit!(SYS_recvfrom, [], "tokio: receiving on sockets"),
    permit!(SYS_getrandom, [], "std: keys of hash maps; aws-lc and DHCP: random numbers"),
    permit!(SYS_brk, [], "musl: the heap"),
    permit!(SYS_mmap, [only_long(2, DATA), has(3, libc::MAP_ANONYMOUS)], "musl: memory and stacks"),
    permit!(
        SYS_mprotect,
        [only_long(2, DATA)],
        "musl: stack of a thread with its guard page; the heap where it cannot grow in one piece"
    ),
    permit!(SYS_munmap, [], "musl: memory and stacks"),
    permit!(
        SYS_mremap,
        [],
        "musl: realloc of large buffers",
        rarely "few buffers grow beyond 128 KiB, and not in each run"
    ),
    permit!(SYS_madvise, [is(2, libc::MADV_DONTNEED)], "musl: memory given back",
        rarely "depends on the order in which memory is freed"),
    permit!(SYS_madvise, [is(2, libc::MADV_FREE)], "musl: memory given back",
        rarely "depends on the order in which memory is freed"),
    permit!(
        SYS_clock_gettime,
        [],
        "std: the time",
        rarely "the vDSO answers, but not with the clocks of some hypervisors"
    ),
    permit!(
        SYS_restart_syscall,
        [],
        "kernel: a wait goes on after the machine was paused",
        rarely "the hypervisor must stop the machine in a wait"
    ),
    permit!(SYS_gettid, [], "std: the thread in the message of a panic", rarely "nothing panics"),
    permit!(
        SYS_rt_sigprocmask,
        [],
        "musl: signals wait while a thread begins, ends or aborts",
        rarely "roles without threads make it only at a panic"
    ),
    permit!(SYS_tkill, [is(1, libc::SIGABRT)], "musl: abort after a panic", rarely "nothing panics"),
    permit!(
        SYS_rt_sigaction,
        [is(0, libc::SIGABRT)],
        "musl: abort makes sure that it ends the process",
        rarely "nothing panics"
    ),
    permit!(
        SYS_rt_sigaction,
        [is(0, libc::SIGSEGV)],
        "std: a stack overflow is reported, then ends the process",
        rarely "no stack overflows"
    ),
    permit!(
        SYS_rt_sigaction,
        [is(0, libc::SIGBUS)],
        "std: a stack overflow is reported, then ends the process",
        rarely "no stack overflows"
    ),
    permit!(
        SYS_rt_sigreturn,
        [],
        "kernel: back from the handler of a signal",
        rarely "only web handles a signal, and ends by it"
    ),
    permit!(SYS_sigaltstack, [], "std: the stack for signals goes with its thread",
        rarely "roles without threads make it only at their end"),
    permit!(SYS_exit_group, [], "std: the end of the process", rarely "only web ends by itself"),
];

/// For roles that answer on the bus.
pub(super) const SERVER: &[Rule] = &[
    permit!(SYS_unlink, [], "bus: bind removes the socket of an ended process"),
    permit!(SYS_bind, [], "bus: bind"),
    permit!(SYS_listen, [], "bus: bind"),
    permit!(SYS_chmod, [], "bus: every role may connect to a socket"),
    permit!(SYS_accept4, [only(3, libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK)], "bus: serve"),
    permit!(SYS_getsockopt, [is(1, libc::SOL_SOCKET), is(2, libc::SO_PEERCRED)], "bus: who asks"),
];

/// For roles with threads: those that wait for a slow file, terminal or password check.
pub(super) const THREADS: &[Rule] = &[
    permit!(SYS_clone, [is_long(0, THREAD)], "tokio: spawn_blocking"),
    permit!(SYS_futex, [], "std: threads wait for each other"),
    permit!(
        SYS_prctl,
        [is(0, libc::PR_SET_NAME)],
        "std: name of a thread",
        rarely "musl has another way for threads that name themselves"
    ),
    permit!(
        SYS_exit,
        [],
        "musl: end of a thread",
        rarely "a thread ends after ten seconds without work"
    ),
    permit!(
        SYS_sched_yield,
        [],
        "std and tokio: contended locks",
        rarely "needs two threads at the same place"
    ),
];
