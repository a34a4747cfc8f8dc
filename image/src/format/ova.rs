//! OVA: a machine for VMware in the Open Virtualization Format 1.1 (DMTF DSP0243), as one tar archive with the
//! description, the checksums and the disk, in this order (section 5.3).

use std::io::{self, Write};

use model::trailer::hex;
use sha2::{Digest as _, Sha256};

use super::source::Source;
use super::{tar, vmdk};

const DESCRIPTION: &str = "connector-appliance.ovf";
const CHECKSUMS: &str = "connector-appliance.mf";
const DISK: &str = "connector-appliance-disk1.vmdk";

/// Writes the machine.
///
/// # Errors
///
/// The disk cannot be read or the file not written.
pub fn write(source: &Source, mut file: impl Write) -> io::Result<()> {
    // Its length and checksum come before it. Packed, it is a few tens of MiB.
    let mut disk = Vec::new();
    vmdk::write(source, DISK, &mut disk)?;
    let description = description(source.bytes(), disk.len());
    let line =
        |name: &str, octets: &[u8]| format!("SHA256({name})= {}\n", hex(&Sha256::digest(octets)));
    let sums = line(DESCRIPTION, description.as_bytes()) + &line(DISK, &disk);
    let out = &mut file;
    tar::member(out, DESCRIPTION, description.as_bytes())?;
    tar::member(out, CHECKSUMS, sums.as_bytes())?;
    tar::member(out, DISK, &disk)?;
    tar::end(out)?;
    out.flush()
}

/// The machine: 2 processors, 4 GiB, one disk at a paravirtual controller, one network card. It starts from the
/// BIOS; the disk starts from UEFI as well.
fn description(bytes: u64, packed: usize) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1" xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData" xmlns:vssd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData" xmlns:vmw="http://www.vmware.com/schema/ovf">
  <References>
    <File ovf:href="{DISK}" ovf:id="file1" ovf:size="{packed}"/>
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
    <Info>Connector Appliance</Info>
    <Name>Connector Appliance</Name>
    <OperatingSystemSection ovf:id="101" vmw:osType="other5xLinux64Guest">
      <Info>Operating system</Info>
      <Description>Other Linux, 64 bits</Description>
    </OperatingSystemSection>
    <VirtualHardwareSection>
      <Info>Virtual hardware</Info>
      <System>
        <vssd:ElementName>Virtual Hardware Family</vssd:ElementName>
        <vssd:InstanceID>0</vssd:InstanceID>
        <vssd:VirtualSystemIdentifier>Connector Appliance</vssd:VirtualSystemIdentifier>
        <vssd:VirtualSystemType>vmx-14</vssd:VirtualSystemType>
      </System>
      <Item>
        <rasd:AllocationUnits>hertz * 10^6</rasd:AllocationUnits>
        <rasd:Description>Number of virtual CPUs</rasd:Description>
        <rasd:ElementName>2 virtual CPUs</rasd:ElementName>
        <rasd:InstanceID>1</rasd:InstanceID>
        <rasd:ResourceType>3</rasd:ResourceType>
        <rasd:VirtualQuantity>2</rasd:VirtualQuantity>
      </Item>
      <Item>
        <rasd:AllocationUnits>byte * 2^20</rasd:AllocationUnits>
        <rasd:Description>Memory size</rasd:Description>
        <rasd:ElementName>4096 MB of memory</rasd:ElementName>
        <rasd:InstanceID>2</rasd:InstanceID>
        <rasd:ResourceType>4</rasd:ResourceType>
        <rasd:VirtualQuantity>4096</rasd:VirtualQuantity>
      </Item>
      <Item>
        <rasd:Address>0</rasd:Address>
        <rasd:Description>SCSI controller</rasd:Description>
        <rasd:ElementName>SCSI controller 0</rasd:ElementName>
        <rasd:InstanceID>3</rasd:InstanceID>
        <rasd:ResourceSubType>VirtualSCSI</rasd:ResourceSubType>
        <rasd:ResourceType>6</rasd:ResourceType>
      </Item>
      <Item>
        <rasd:AddressOnParent>0</rasd:AddressOnParent>
        <rasd:ElementName>Hard disk 1</rasd:ElementName>
        <rasd:HostResource>ovf:/disk/disk1</rasd:HostResource>
        <rasd:InstanceID>4</rasd:InstanceID>
        <rasd:Parent>3</rasd:Parent>
        <rasd:ResourceType>17</rasd:ResourceType>
      </Item>
      <Item>
        <rasd:AddressOnParent>7</rasd:AddressOnParent>
        <rasd:AutomaticAllocation>true</rasd:AutomaticAllocation>
        <rasd:Connection>Network</rasd:Connection>
        <rasd:Description>Network adapter</rasd:Description>
        <rasd:ElementName>Network adapter 1</rasd:ElementName>
        <rasd:InstanceID>5</rasd:InstanceID>
        <rasd:ResourceSubType>VmxNet3</rasd:ResourceSubType>
        <rasd:ResourceType>10</rasd:ResourceType>
      </Item>
      <vmw:Config ovf:required="false" vmw:key="firmware" vmw:value="bios"/>
    </VirtualHardwareSection>
  </VirtualSystem>
</Envelope>
"#
    )
}
