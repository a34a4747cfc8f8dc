//! Why a boot parameter is refused, in Japanese. The English text is the error's own.

use model::boot_parameter::BootParameterError;
use model::ipv4::{HostAddressError, MaskError};
use model::network::MAX_SERVERS;

pub(crate) fn japanese(error: &BootParameterError) -> String {
    match error {
        BootParameterError::Repeated(times) => {
            format!("network= が {times} 回あります。1 回だけ指定してください")
        }
        BootParameterError::UnknownMethod => {
            "network=dhcp または network=static:ip=...;netmask=... の形式で指定します".to_owned()
        }
        BootParameterError::NotAPair(part) => format!("「{part}」が 名前=値 の形式ではありません"),
        BootParameterError::UnknownKey(key) => {
            format!("「{key}」は不明です。名前は ip、netmask、route、dns、ntp です")
        }
        BootParameterError::DuplicateKey(key) => format!("{key} が 2 回あります"),
        BootParameterError::MissingKey(key) => format!("{key} がありません"),
        BootParameterError::NotAnAddress { key, value } => {
            format!("{key}: 「{value}」は 10.0.0.5 のような IPv4 アドレスではありません")
        }
        BootParameterError::NotAServer(value) => {
            format!("ntp: 「{value}」は IPv4 アドレスでもホスト名でもありません")
        }
        BootParameterError::UnusableAddress { key, address, reason } => {
            let reason = host_address(*reason);
            format!("{key}: {address} は使用できません。{reason}")
        }
        BootParameterError::Mask(MaskError::Unreadable) => {
            "netmask: マスクは 255.255.255.0 のような形式か、0 から 32 の長さで指定します".to_owned()
        }
        BootParameterError::Mask(MaskError::Hole) => {
            "netmask: マスクの 1 のビットは 255.255.255.0 のように先頭から連続している必要があります"
                .to_owned()
        }
        BootParameterError::NotAHost(address) => {
            format!("ip: {address} はサブネットのネットワーク アドレスかブロードキャスト アドレスです")
        }
        BootParameterError::GatewayOffSubnet { gateway, address } => {
            format!("route: {gateway} は {address} のサブネットにありません")
        }
        BootParameterError::GatewayIsSelf(gateway) => {
            format!("route: {gateway} はアプライアンス自身のアドレスです")
        }
        BootParameterError::TooManyServers(key) => {
            format!("{key}: サーバーが {MAX_SERVERS} 台を超えています")
        }
    }
}

fn host_address(error: HostAddressError) -> String {
    match error {
        HostAddressError::Unspecified => "0.x.x.x はホストを表しません".to_owned(),
        HostAddressError::Loopback => "127.x.x.x は自分自身を表します".to_owned(),
        HostAddressError::NotUnicast => {
            "224.0.0.0 以降はマルチキャスト、予約済み、またはブロードキャストです".to_owned()
        }
        HostAddressError::Reserved(network) => {
            format!("アプライアンスが内部で使用する {network} に含まれます")
        }
    }
}
