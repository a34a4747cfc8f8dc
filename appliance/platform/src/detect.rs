//! On which hypervisor or cloud the appliance runs.
//!
//! Several tables speak, and a more specific one wins:
//!
//! 1. what only a cloud writes: Azure's asset tag, "Amazon EC2" and "Google" as firmware or machine;
//! 2. manufacturer and product of the machine (SMBIOS type 1);
//! 3. the signature of the hypervisor (CPUID leaf 0x4000_0000), which hypervisors imitate: KVM, Xen and
//!    AHV say "Microsoft Hv" when they offer Hyper-V's interfaces to a guest.
//!
//! So Azure is not Hyper-V although every other table says so, and a first generation instance of
//! Amazon is not Xen. A signature that fits the winner in no way is told beside it, for the log:
//! somebody has changed the tables, and the platform's services may not be there.

use crate::smbios::MachineTables;

/// Asset tag of the chassis of every machine in Azure, in all its clouds.
const AZURE_ASSET_TAG: &str = "7783-7084-3265-9085-8269-3286-77";

/// A hypervisor or cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Platform {
    /// VMware ESXi, Workstation, Fusion.
    Vmware,
    /// Microsoft Hyper-V outside of Azure.
    HyperV,
    /// Microsoft Azure.
    Azure,
    /// Amazon EC2, on Nitro or Xen.
    Amazon,
    /// Google Compute Engine.
    Google,
    /// Xen with hardware virtualisation: XenServer, XCP-ng.
    Xen,
    /// Nutanix AHV.
    Nutanix,
    /// QEMU with KVM or without: Proxmox, oVirt, libvirt.
    Qemu,
}

impl Platform {
    /// A name for programs.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Vmware => "vmware",
            Self::HyperV => "hyperv",
            Self::Azure => "azure",
            Self::Amazon => "amazon",
            Self::Google => "google",
            Self::Xen => "xen",
            Self::Nutanix => "nutanix",
            Self::Qemu => "qemu",
        }
    }

    /// The name that its maker gives it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Vmware => "VMware",
            Self::HyperV => "Microsoft Hyper-V",
            Self::Azure => "Microsoft Azure",
            Self::Amazon => "Amazon EC2",
            Self::Google => "Google Compute Engine",
            Self::Xen => "Xen",
            Self::Nutanix => "Nutanix AHV",
            Self::Qemu => "QEMU/KVM",
        }
    }
}

/// What a hypervisor calls itself in the registers of CPUID leaf 0x4000_0000.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signature {
    /// `VMwareVMware`.
    Vmware,
    /// `Microsoft Hv`.
    Microsoft,
    /// `XenVMMXenVMM`.
    Xen,
    /// `KVMKVMKVM`.
    Kvm,
    /// `TCGTCGTCGTCG`: QEMU without KVM.
    Tcg,
}

impl Signature {
    /// Reads the twelve bytes of EBX, ECX and EDX; `None` for a hypervisor that is unknown.
    #[must_use]
    pub const fn read(bytes: &[u8; 12]) -> Option<Self> {
        match bytes {
            b"VMwareVMware" => Some(Self::Vmware),
            b"Microsoft Hv" => Some(Self::Microsoft),
            b"XenVMMXenVMM" => Some(Self::Xen),
            b"KVMKVMKVM\0\0\0" => Some(Self::Kvm),
            b"TCGTCGTCGTCG" => Some(Self::Tcg),
            _ => None,
        }
    }

    /// The platform when nothing else is known.
    const fn platform(self) -> Platform {
        match self {
            Self::Vmware => Platform::Vmware,
            Self::Microsoft => Platform::HyperV,
            Self::Xen => Platform::Xen,
            Self::Kvm | Self::Tcg => Platform::Qemu,
        }
    }

    /// Whether a platform can have it.
    const fn fits(self, platform: Platform) -> bool {
        match platform {
            Platform::Vmware => matches!(self, Self::Vmware | Self::Microsoft),
            Platform::HyperV | Platform::Azure => matches!(self, Self::Microsoft),
            Platform::Amazon => matches!(self, Self::Kvm | Self::Xen),
            Platform::Google => matches!(self, Self::Kvm),
            Platform::Xen => matches!(self, Self::Xen | Self::Microsoft),
            Platform::Nutanix => matches!(self, Self::Kvm | Self::Microsoft),
            Platform::Qemu => matches!(self, Self::Kvm | Self::Tcg | Self::Microsoft),
        }
    }
}

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Detection {
    /// The platform.
    pub platform: Platform,
    /// A signature that it cannot have.
    pub contradiction: Option<Signature>,
}

/// Which platform it is; `None` on a physical machine and on a hypervisor that is unknown.
#[must_use]
pub fn detect(tables: &MachineTables, signature: Option<Signature>) -> Option<Detection> {
    let platform =
        cloud(tables).or_else(|| machine(tables)).or_else(|| signature.map(Signature::platform))?;
    Some(Detection { platform, contradiction: signature.filter(|it| !it.fits(platform)) })
}

/// A cloud, by what only it writes.
fn cloud(tables: &MachineTables) -> Option<Platform> {
    let text = |text: &Option<String>| text.as_deref().unwrap_or_default().to_ascii_lowercase();
    let (manufacturer, bios) = (text(&tables.manufacturer), text(&tables.bios_vendor));
    if tables.asset_tag.as_deref() == Some(AZURE_ASSET_TAG) {
        return Some(Platform::Azure);
    }
    // Instances on Xen differ from other Xen in the version of their firmware only: `4.11.amazon`.
    let is_amazon = manufacturer == "amazon ec2"
        || bios == "amazon ec2"
        || text(&tables.bios_version).ends_with(".amazon");
    if is_amazon {
        return Some(Platform::Amazon);
    }
    let is_google = text(&tables.product) == "google compute engine";
    is_google.then_some(Platform::Google)
}

/// A hypervisor, by manufacturer and product of the machine.
fn machine(tables: &MachineTables) -> Option<Platform> {
    let manufacturer = tables.manufacturer.as_deref().unwrap_or_default();
    let product = tables.product.as_deref().unwrap_or_default();
    match (manufacturer, product) {
        ("VMware, Inc.", _) => Some(Platform::Vmware),
        // Microsoft makes physical machines as well.
        ("Microsoft Corporation", "Virtual Machine") => Some(Platform::HyperV),
        ("Xen", "HVM domU") => Some(Platform::Xen),
        ("Nutanix", _) => Some(Platform::Nutanix),
        ("QEMU" | "oVirt" | "KubeVirt", _) | ("Red Hat", "KVM" | "RHEV Hypervisor") => {
            Some(Platform::Qemu)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tables(manufacturer: &str, product: &str) -> MachineTables {
        MachineTables {
            manufacturer: Some(manufacturer.to_owned()),
            product: Some(product.to_owned()),
            ..MachineTables::default()
        }
    }

    fn found(tables: &MachineTables, signature: &[u8; 12]) -> Option<(Platform, bool)> {
        let detection = detect(tables, Signature::read(signature))?;
        Some((detection.platform, detection.contradiction.is_some()))
    }

    #[test]
    fn knows_each_platform_by_its_tables() {
        let azure = MachineTables {
            asset_tag: Some(AZURE_ASSET_TAG.to_owned()),
            ..tables("Microsoft Corporation", "Virtual Machine")
        };
        let xen_amazon = MachineTables {
            bios_version: Some("4.11.amazon".to_owned()),
            ..tables("Xen", "HVM domU")
        };
        for (tables, signature, platform) in [
            (tables("VMware, Inc.", "VMware7,1"), b"VMwareVMware", Platform::Vmware),
            (tables("Microsoft Corporation", "Virtual Machine"), b"Microsoft Hv", Platform::HyperV),
            (azure, b"Microsoft Hv", Platform::Azure),
            (tables("Amazon EC2", "t3.micro"), b"KVMKVMKVM\0\0\0", Platform::Amazon),
            (xen_amazon, b"XenVMMXenVMM", Platform::Amazon),
            (tables("Google", "Google Compute Engine"), b"KVMKVMKVM\0\0\0", Platform::Google),
            (tables("Xen", "HVM domU"), b"XenVMMXenVMM", Platform::Xen),
            (tables("Nutanix", "AHV"), b"KVMKVMKVM\0\0\0", Platform::Nutanix),
            (tables("QEMU", "Standard PC (Q35 + ICH9, 2009)"), b"TCGTCGTCGTCG", Platform::Qemu),
            (tables("Red Hat", "KVM"), b"KVMKVMKVM\0\0\0", Platform::Qemu),
        ] {
            assert_eq!(found(&tables, signature), Some((platform, false)), "{tables:?}");
        }
    }

    #[test]
    fn the_signature_decides_only_when_the_tables_are_silent() {
        let changed = tables("Contoso", "Server");
        assert_eq!(found(&changed, b"XenVMMXenVMM"), Some((Platform::Xen, false)));
        assert_eq!(found(&changed, b"bhyve bhyve "), None);
        assert_eq!(detect(&tables("Dell Inc.", "PowerEdge"), None), None);
        assert_eq!(detect(&tables("Microsoft Corporation", "Surface"), None), None);
    }

    #[test]
    fn imitations_are_no_contradiction_and_real_ones_are_told() {
        let qemu = tables("QEMU", "Standard PC");
        assert_eq!(found(&qemu, b"Microsoft Hv"), Some((Platform::Qemu, false)));
        assert_eq!(found(&qemu, b"XenVMMXenVMM"), Some((Platform::Qemu, true)));
        let vmware = tables("VMware, Inc.", "VMware Virtual Platform");
        assert_eq!(found(&vmware, b"KVMKVMKVM\0\0\0"), Some((Platform::Vmware, true)));
    }
}
