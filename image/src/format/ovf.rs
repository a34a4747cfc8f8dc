//! The description of a machine for VMware: Open Virtualization Format 1.1 (DMTF DSP0243), with VMware's
//! extensions where the standard has no word for a thing.

mod product;

use std::fmt::Write as _;

use model::product::NAME;

use super::{MEMORY_BYTES, PROCESSORS};

const MIB: u64 = 1 << 20;
/// How the machine may get the properties of the product: from the hypervisor, or on a virtual CD, for which it needs a
/// drive (DSP0243, 9.5; the first name is VMware's).
const TRANSPORT: &str = "com.vmware.guestInfo iso";

/// One thing of the hardware: its properties have to be in alphabetical order.
type Item<'a> = &'a [(&'static str, &'a str)];

fn item(properties: Item<'_>) -> String {
    item_with("", properties)
}

fn item_with(attributes: &str, properties: Item<'_>) -> String {
    let mut text = format!("\n      <Item{attributes}>");
    for (name, value) in properties {
        let _ = write!(text, "\n        <rasd:{name}>{value}</rasd:{name}>");
    }
    text + "\n      </Item>"
}

/// Processors, memory, a disk at a paravirtual controller, a network card, and a drive for the CD with the properties.
fn items() -> String {
    let (processors, memory) = (PROCESSORS.to_string(), (MEMORY_BYTES / MIB).to_string());
    [
        item(&[
            ("AllocationUnits", "hertz * 10^6"),
            ("Description", "Number of virtual CPUs"),
            ("ElementName", &format!("{processors} virtual CPUs")),
            ("InstanceID", "1"),
            ("ResourceType", "3"),
            ("VirtualQuantity", &processors),
        ]),
        item(&[
            ("AllocationUnits", "byte * 2^20"),
            ("Description", "Memory size"),
            ("ElementName", &format!("{memory} MB of memory")),
            ("InstanceID", "2"),
            ("ResourceType", "4"),
            ("VirtualQuantity", &memory),
        ]),
        item(&[
            ("Address", "0"),
            ("Description", "SCSI controller"),
            ("ElementName", "SCSI controller 0"),
            ("InstanceID", "3"),
            ("ResourceSubType", "VirtualSCSI"),
            ("ResourceType", "6"),
        ]),
        item(&[
            ("AddressOnParent", "0"),
            ("ElementName", "Hard disk 1"),
            ("HostResource", "ovf:/disk/disk1"),
            ("InstanceID", "4"),
            ("Parent", "3"),
            ("ResourceType", "17"),
        ]),
        item(&[
            ("AddressOnParent", "7"),
            ("AutomaticAllocation", "true"),
            ("Connection", "Network"),
            ("Description", "Network adapter"),
            ("ElementName", "Network adapter 1"),
            ("InstanceID", "5"),
            ("ResourceSubType", "VmxNet3"),
            ("ResourceType", "10"),
        ]),
        item(&[
            ("Address", "0"),
            ("Description", "IDE controller"),
            ("ElementName", "IDE controller 0"),
            ("InstanceID", "6"),
            ("ResourceType", "5"),
        ]),
        item_with(
            r#" ovf:required="false""#,
            &[
                ("AddressOnParent", "0"),
                ("AutomaticAllocation", "false"),
                ("ElementName", "CD/DVD drive 1"),
                ("InstanceID", "7"),
                ("Parent", "6"),
                ("ResourceSubType", "vmware.cdrom.remotepassthrough"),
                ("ResourceType", "15"),
            ],
        ),
    ]
    .concat()
}

/// Describes the machine: the disk of this many bytes is in the file `disk`, which is `packed` bytes long. It
/// starts from the BIOS. VMware's word for the firmware holds for every configuration of a description, so
/// there is no second one for UEFI.
pub(super) fn description(disk: &str, bytes: u64, packed: usize) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1" xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData" xmlns:vssd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData" xmlns:vmw="http://www.vmware.com/schema/ovf">
  <References>
    <File ovf:href="{disk}" ovf:id="file1" ovf:size="{packed}"/>
  </References>
  <DiskSection>
    <Info>Virtual disks</Info>
    <Disk ovf:capacity="{bytes}" ovf:capacityAllocationUnits="byte" ovf:diskId="disk1" ovf:fileRef="file1" ovf:format="http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized"/>
  </DiskSection>
  <NetworkSection>
    <Info>Networks</Info>
    <Network ovf:name="Network">
      <Description>The network with the domain controllers and web servers; it needs a way to the cloud on TCP port 443.</Description>
    </Network>
  </NetworkSection>
  <VirtualSystem ovf:id="connector-appliance">
    <Info>A machine</Info>
    <Name>{name}</Name>
    <OperatingSystemSection ovf:id="101" vmw:osType="other5xLinux64Guest">
      <Info>Operating system</Info>
      <Description>Other Linux, 64 bits</Description>
    </OperatingSystemSection>
    <VirtualHardwareSection ovf:transport="{TRANSPORT}">
      <Info>Virtual hardware</Info>
      <System>
        <vssd:ElementName>Virtual Hardware Family</vssd:ElementName>
        <vssd:InstanceID>0</vssd:InstanceID>
        <vssd:VirtualSystemIdentifier>{name}</vssd:VirtualSystemIdentifier>
        <vssd:VirtualSystemType>vmx-14</vssd:VirtualSystemType>
      </System>{items}
      <vmw:Config ovf:required="false" vmw:key="firmware" vmw:value="bios"/>
    </VirtualHardwareSection>
    {product}
  </VirtualSystem>
</Envelope>
"#,
        name = escaped(NAME),
        items = items(),
        product = product::section(),
    )
}

/// A text as it stands in an element or an attribute (XML 1.0, 2.4).
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
