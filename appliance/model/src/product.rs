//! Name, vendor and version of the product: the one file to edit when branding it.

/// The name shown on the console and in page titles.
pub const NAME: &str = "Connector Appliance";
/// Who the image was downloaded from; the first line of the console.
pub const VENDOR: &str = "Example Corp";
/// Where the image was downloaded from; shown on the console.
pub const DOWNLOAD_URL: &str = "https://cloud.example.com";
/// What the appliance must reach outside: host and port, over TLS. The prechecks try each, and proxies
/// are asked for a tunnel to the first.
pub const CLOUD_ADDRESSES: [(&str, u16); 1] = [("cloud.example.com", 443)];
/// Cloud deployments and the address of each. The first is meant where none is named; whoever runs a
/// cloud of their own names its address when registering.
pub const DEPLOYMENTS: [(&str, (&str, u16)); 2] =
    [("production", CLOUD_ADDRESSES[0]), ("productionjp", ("cloud.jp.example.com", 443))];
/// Version of the product, four numbers: `major.minor.patch.build`.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), ".0");
/// When this release was made, in seconds since 1970; moves with the version. No clock that is
/// earlier is right, so it is the floor below which the appliance never sets its clock.
pub const RELEASED: i64 = 1_795_219_200; // 2026-11-21
