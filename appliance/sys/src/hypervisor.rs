//! What the hypervisor calls itself.

use std::arch::x86_64::__cpuid;

/// Leaf with "a hypervisor is present" in bit 31 of ECX (Intel SDM 2A, CPUID; AMD APM 3, E.3).
const FEATURES: u32 = 1;
const PRESENT: u32 = 1 << 31;
/// First leaf of the hypervisor.
const HYPERVISOR: u32 = 0x4000_0000;

/// The twelve bytes by which a hypervisor names itself; `None` on a machine without one.
#[must_use]
pub fn signature() -> Option<[u8; 12]> {
    if __cpuid(FEATURES).ecx & PRESENT == 0 {
        return None;
    }
    let leaf = __cpuid(HYPERVISOR);
    let mut bytes = [0; 12];
    for (place, register) in bytes.chunks_exact_mut(4).zip([leaf.ebx, leaf.ecx, leaf.edx]) {
        place.copy_from_slice(&register.to_le_bytes());
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_there_exactly_when_the_kernel_sees_a_hypervisor() {
        let flags = std::fs::read_to_string("/proc/cpuinfo").expect("cpuinfo");
        let is_seen = flags.split_whitespace().any(|flag| flag == "hypervisor");
        assert_eq!(signature().is_some(), is_seen);
    }
}
