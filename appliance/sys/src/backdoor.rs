//! The port by which VMware speaks with a guest ("backdoor").
//!
//! Its hypervisor takes the instruction in user mode, whatever the kernel allows. Everywhere else, and where an
//! administrator of VMware has restricted it, the processor faults: that is an answer here, not the end of the
//! process.

use std::arch::global_asm;
use std::ffi::{c_int, c_void};
use std::io;
use std::ptr;

/// The registers that go to the hypervisor and come back: EAX, EBX, ECX, EDX, ESI, EDI.
pub type Registers = [u32; 6];

global_asm!(
    ".pushsection .text.connector_backdoor, \"ax\", @progbits",
    ".globl connector_backdoor_call, connector_backdoor_instruction, connector_backdoor_fault",
    ".hidden connector_backdoor_call, connector_backdoor_instruction, connector_backdoor_fault",
    "connector_backdoor_call:",
    "push rbx",
    "mov r8, rdi",
    "mov eax, [r8]",
    "mov ebx, [r8 + 4]",
    "mov ecx, [r8 + 8]",
    "mov edx, [r8 + 12]",
    "mov esi, [r8 + 16]",
    "mov edi, [r8 + 20]",
    "connector_backdoor_instruction:",
    "in eax, dx",
    "mov [r8], eax",
    "mov [r8 + 4], ebx",
    "mov [r8 + 8], ecx",
    "mov [r8 + 12], edx",
    "mov [r8 + 16], esi",
    "mov [r8 + 20], edi",
    "mov eax, 1",
    "pop rbx",
    "ret",
    "connector_backdoor_fault:",
    "xor eax, eax",
    "pop rbx",
    "ret",
    ".popsection",
);

unsafe extern "C" {
    /// Exchanges registers with the hypervisor; 0 when the instruction faulted.
    fn connector_backdoor_call(registers: *mut Registers) -> u32;
    /// The instruction that may fault.
    fn connector_backdoor_instruction();
    /// Where the process goes on then.
    fn connector_backdoor_fault();
}

/// Exchanges registers with the hypervisor; `None` where the port does not answer in user mode.
///
/// # Errors
///
/// As `sigaction(2)`. To be called by one thread at a time: what the process does about a fault is another
/// thing meanwhile.
pub fn call(mut registers: Registers) -> io::Result<Option<Registers>> {
    let _handler = Handler::install()?;
    // SAFETY: the function reads and writes the six words and keeps to the calling convention. A fault of its
    // instruction leads to its own end by the handler that is installed.
    let answered = unsafe { connector_backdoor_call(&raw mut registers) };
    Ok((answered != 0).then_some(registers))
}

/// What the process does about a fault, until it is dropped.
struct Handler {
    previous: libc::sigaction,
}

impl Handler {
    fn install() -> io::Result<Self> {
        // SAFETY: all fields of the structure may be zero.
        let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
        let handler: extern "C" fn(c_int, *mut libc::siginfo_t, *mut c_void) = on_fault;
        action.sa_sigaction = handler as *const () as libc::sighandler_t;
        action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
        // SAFETY: as above.
        let mut previous: libc::sigaction = unsafe { std::mem::zeroed() };
        // SAFETY: both point to live structures, and the handler makes no call.
        let result =
            unsafe { libc::sigaction(libc::SIGSEGV, &raw const action, &raw mut previous) };
        if result == 0 { Ok(Self { previous }) } else { Err(io::Error::last_os_error()) }
    }
}

impl Drop for Handler {
    fn drop(&mut self) {
        // SAFETY: the structure is the one that the kernel filled in.
        unsafe { libc::sigaction(libc::SIGSEGV, &raw const self.previous, ptr::null_mut()) };
    }
}

/// Goes on behind the instruction if it is the one that faulted. Any other fault ends the process as ever: the
/// default takes over, and the instruction faults again.
extern "C" fn on_fault(signal: c_int, _: *mut libc::siginfo_t, context: *mut c_void) {
    let context = context.cast::<libc::ucontext_t>();
    let place = libc::REG_RIP.cast_unsigned() as usize;
    // SAFETY: the kernel hands a valid context to a handler with SA_SIGINFO, and nobody else has it.
    let instruction = unsafe { &mut (*context).uc_mcontext.gregs[place] };
    if *instruction == (connector_backdoor_instruction as *const () as libc::greg_t) {
        *instruction = connector_backdoor_fault as *const () as libc::greg_t;
    } else {
        // SAFETY: a signal's default may be set at any time.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_faults_is_no_port_and_the_process_goes_on() {
        let is_vmware = crate::hypervisor::signature() == Some(*b"VMwareVMware");
        for _ in 0..3 {
            // The version, which changes nothing.
            let answer = call([0x564d_5868, 0, 10, 0x5658, 0, 0]).expect("a handler");
            assert_eq!(answer.is_some(), is_vmware);
        }
    }
}
