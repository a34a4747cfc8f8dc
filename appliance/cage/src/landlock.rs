//! Files, ports and signals: `landlock(7)`.

use std::fs::{self, File};

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible, NetPort, PathBeneath,
    PathFd, RulesetAttr, RulesetCreatedAttr, RulesetStatus, Scope,
};
use model::confinement::{Access, Confinement, Grant, TcpPeers};

use crate::error::CageError;

/// What Linux 6.12 has, the kernel of the appliance. Nothing less will do.
const VERSION: ABI = ABI::V6;
/// Readable by everybody in every view, and granted to nobody.
const PROBE: &str = "/";

/// Denies everything that is not granted.
pub(crate) fn restrict(confinement: &Confinement) -> Result<(), CageError> {
    let (network, peers) = match confinement.tcp_connect {
        TcpPeers::Ports(ports) => (AccessNet::from_all(VERSION), ports),
        TcpPeers::Any => (AccessNet::BindTcp.into(), &[][..]),
    };
    let ruleset = landlock::Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::from_all(VERSION))
        .and_then(|ruleset| ruleset.handle_access(network))
        .and_then(|ruleset| ruleset.scope(Scope::from_all(VERSION)))
        .and_then(landlock::Ruleset::create)
        .map_err(CageError::Landlock)?;
    let mut ruleset = ruleset;
    for grant in confinement.grants.iter().filter(|grant| fs::exists(grant.path).unwrap_or(true)) {
        let path = grant.path;
        let parent = PathFd::new(path).map_err(|source| CageError::Path { path, source })?;
        let rights = rights(grant);
        if !rights.is_empty() {
            ruleset =
                ruleset.add_rule(PathBeneath::new(parent, rights)).map_err(CageError::Landlock)?;
        }
    }
    let ports = confinement.tcp_listen.iter().map(|port| (*port, AccessNet::BindTcp));
    let peers = peers.iter().map(|port| (*port, AccessNet::ConnectTcp));
    for (port, right) in ports.chain(peers) {
        ruleset = ruleset.add_rule(NetPort::new(port, right)).map_err(CageError::Landlock)?;
    }
    let status = ruleset.restrict_self().map_err(CageError::Landlock)?;
    if status.ruleset != RulesetStatus::FullyEnforced || !status.no_new_privs {
        return Err(CageError::Partial);
    }
    // Believed only when tried.
    if File::open(PROBE).is_ok() { Err(CageError::Open(PROBE)) } else { Ok(()) }
}

fn rights(grant: &Grant) -> BitFlags<AccessFs> {
    let is_file = grant.access.is_file(grant.path);
    match grant.access {
        Access::Connect => BitFlags::empty(),
        Access::Read if is_file => AccessFs::ReadFile.into(),
        Access::Read => AccessFs::ReadFile | AccessFs::ReadDir,
        Access::Serve => AccessFs::MakeSock | AccessFs::RemoveFile,
        Access::Store => {
            AccessFs::ReadFile
                | AccessFs::ReadDir
                | AccessFs::WriteFile
                | AccessFs::Truncate
                | AccessFs::MakeReg
                | AccessFs::RemoveFile
        }
        Access::Terminal => AccessFs::WriteFile | AccessFs::IoctlDev,
        Access::Device => AccessFs::ReadFile | AccessFs::WriteFile,
    }
}
