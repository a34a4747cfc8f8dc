//! The description of a machine for VMware: Open Virtualization Format 1.1 (DMTF DSP0243), with VMware's
//! extensions where the standard has no word for a thing.

use std::fmt::Write as _;

use model::product;

use super::{MEMORY_BYTES, PROCESSORS};

const MIB: u64 = 1 << 20;

/// A setting that is asked for when the machine is made. The machine sees it as `connector.KEY` in the
/// environment document (DSP0243, 9.5 and 11).
struct Property {
    key: &'static str,
    /// Restricts the value (DSP0243, table 7).
    qualifiers: &'static str,
    value: &'static str,
    /// It is not shown while it is typed.
    is_secret: bool,
    label: &'static str,
    description: &'static str,
}

/// The settings, in the order in which they are asked for. Their forms are in `docs/platforms.md`.
const PROPERTIES: [Property; 5] = [
    Property {
        key: "name",
        qualifiers: "MaxLen(63)",
        value: "",
        is_secret: false,
        label: "Name",
        description: "Host name. Empty: the name that DHCP gives.",
    },
    Property {
        key: "network",
        qualifiers: "MaxLen(1024)",
        value: "dhcp",
        is_secret: false,
        label: "Network",
        description: "dhcp, or static:ip=<address>;netmask=<mask>;route=<gateway>;\
                      dns=<server>,<server>;ntp=<server>,<server>",
    },
    Property {
        key: "proxies",
        qualifiers: "MaxLen(8192)",
        value: "",
        is_secret: false,
        label: "Web proxies",
        description: "host:port of each, separated by commas, in the order in which they are tried.",
    },
    Property {
        key: "rootcas",
        qualifiers: "MaxLen(65535)",
        value: "",
        is_secret: false,
        label: "Root certificate authorities",
        description: "Certificates to trust in addition, in PEM form, one after another.",
    },
    Property {
        key: "registration",
        qualifiers: "MaxLen(4096)",
        value: "",
        is_secret: true,
        label: "Registration",
        description: "What registers the appliance with the cloud without a person: the JSON object that \
                      POST /unattendedRegistration takes. Empty: registered on the page, with a code.",
    },
];

impl Property {
    fn element(&self) -> String {
        let secret = if self.is_secret { r#" ovf:password="true""# } else { "" };
        format!(
            r#"
      <Property ovf:key="{}" ovf:type="string" ovf:qualifiers="{}" ovf:userConfigurable="true" ovf:value="{}"{secret}>
        <Label>{}</Label>
        <Description>{}</Description>
      </Property>"#,
            self.key,
            self.qualifiers,
            escaped(self.value),
            escaped(self.label),
            escaped(self.description)
        )
    }
}

/// The product and its settings.
fn product_section() -> String {
    let properties: String = PROPERTIES.iter().map(Property::element).collect();
    format!(
        r#"<ProductSection ovf:class="connector" ovf:required="false">
      <Info>The product and its settings</Info>
      <Product>{name}</Product>
      <Vendor>{}</Vendor>
      <Version>{version}</Version>
      <FullVersion>{version}</FullVersion>
      <ProductUrl>{}</ProductUrl>
      <Category>Settings of the first start</Category>{properties}
    </ProductSection>"#,
        escaped(product::VENDOR),
        escaped(product::DOWNLOAD_URL),
        name = escaped(product::NAME),
        version = product::VERSION,
    )
}

/// One thing of the hardware: its properties have to be in alphabetical order.
type Item<'a> = &'a [(&'static str, &'a str)];

fn item(is_required: bool, properties: Item<'_>) -> String {
    let mut text = String::from(if is_required {
        "\n      <Item>"
    } else {
        "\n      <Item ovf:required=\"false\">"
    });
    for (name, value) in properties {
        let _ = write!(text, "\n        <rasd:{name}>{value}</rasd:{name}>");
    }
    text + "\n      </Item>"
}

/// Processors, memory, a disk at a paravirtual controller, a network card, and a drive for the disc on which
/// VMware hands the settings over where it does not do so through its own interface.
fn items() -> String {
    let (processors, memory) = (PROCESSORS.to_string(), (MEMORY_BYTES / MIB).to_string());
    [
        item(
            true,
            &[
                ("AllocationUnits", "hertz * 10^6"),
                ("Description", "Number of virtual CPUs"),
                ("ElementName", &format!("{processors} virtual CPUs")),
                ("InstanceID", "1"),
                ("ResourceType", "3"),
                ("VirtualQuantity", &processors),
            ],
        ),
        item(
            true,
            &[
                ("AllocationUnits", "byte * 2^20"),
                ("Description", "Memory size"),
                ("ElementName", &format!("{memory} MB of memory")),
                ("InstanceID", "2"),
                ("ResourceType", "4"),
                ("VirtualQuantity", &memory),
            ],
        ),
        item(
            true,
            &[
                ("Address", "0"),
                ("Description", "SCSI controller"),
                ("ElementName", "SCSI controller 0"),
                ("InstanceID", "3"),
                ("ResourceSubType", "VirtualSCSI"),
                ("ResourceType", "6"),
            ],
        ),
        item(
            true,
            &[
                ("AddressOnParent", "0"),
                ("ElementName", "Hard disk 1"),
                ("HostResource", "ovf:/disk/disk1"),
                ("InstanceID", "4"),
                ("Parent", "3"),
                ("ResourceType", "17"),
            ],
        ),
        item(
            true,
            &[
                ("AddressOnParent", "7"),
                ("AutomaticAllocation", "true"),
                ("Connection", "Network"),
                ("Description", "Network adapter"),
                ("ElementName", "Network adapter 1"),
                ("InstanceID", "5"),
                ("ResourceSubType", "VmxNet3"),
                ("ResourceType", "10"),
            ],
        ),
        item(
            false,
            &[
                ("Address", "0"),
                ("Description", "IDE controller"),
                ("ElementName", "IDE 0"),
                ("InstanceID", "6"),
                ("ResourceType", "5"),
            ],
        ),
        item(
            false,
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
    <VirtualHardwareSection ovf:transport="com.vmware.guestInfo iso">
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
        name = escaped(product::NAME),
        items = items(),
        product = product_section(),
    )
}

/// A text as it stands in an element or an attribute (XML 1.0, 2.4).
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
