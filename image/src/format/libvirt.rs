//! A machine for libvirt (KVM) around the qcow2 disk, as `virsh define` takes it.
//!
//! It has what the kernel drives without emulation, a channel for the guest agent, a source of randomness and
//! the console on the serial port. It has no UUID and no hardware address: libvirt gives each machine its own.

use std::io::{self, Write};

use super::{MEMORY_BYTES, PROCESSORS};

const KIB: u64 = 1 << 10;
/// Where libvirt keeps disks; it takes no relative path.
const DISK: &str = "/var/lib/libvirt/images/connector-appliance.qcow2";

/// Writes the description.
///
/// # Errors
///
/// The file cannot be written.
pub fn write(mut file: impl Write) -> io::Result<()> {
    file.write_all(description().as_bytes())
}

fn description() -> String {
    format!(
        r#"<domain type="kvm">
  <name>connector-appliance</name>
  <memory unit="KiB">{memory}</memory>
  <vcpu>{PROCESSORS}</vcpu>
  <os>
    <!-- With firmware="efi" at <os> it starts from UEFI; Secure Boot stays off. -->
    <type arch="x86_64" machine="q35">hvm</type>
    <boot dev="hd"/>
  </os>
  <features>
    <acpi/>
    <apic/>
  </features>
  <cpu mode="host-model"/>
  <clock offset="utc"/>
  <on_poweroff>destroy</on_poweroff>
  <on_reboot>restart</on_reboot>
  <on_crash>restart</on_crash>
  <devices>
    <disk type="file" device="disk">
      <driver name="qemu" type="qcow2" discard="unmap"/>
      <source file="{DISK}"/>
      <target dev="sda" bus="scsi"/>
    </disk>
    <controller type="scsi" index="0" model="virtio-scsi"/>
    <interface type="network">
      <source network="default"/>
      <model type="virtio"/>
    </interface>
    <channel type="unix">
      <target type="virtio" name="org.qemu.guest_agent.0"/>
    </channel>
    <serial type="pty">
      <target port="0"/>
    </serial>
    <console type="pty">
      <target type="serial" port="0"/>
    </console>
    <video>
      <model type="vga"/>
    </video>
    <graphics type="vnc" autoport="yes" listen="127.0.0.1"/>
    <rng model="virtio">
      <backend model="random">/dev/urandom</backend>
    </rng>
  </devices>
</domain>
"#,
        memory = MEMORY_BYTES / KIB,
    )
}
