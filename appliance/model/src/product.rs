//! Name, vendor and version of the product: the one file to edit when branding it.

/// The name shown on the console and in page titles.
pub const NAME: &str = "Connector Appliance";
/// Who the image was downloaded from; the first line of the console.
pub const VENDOR: &str = "Example Corp";
/// Where the image was downloaded from; shown on the console.
pub const DOWNLOAD_URL: &str = "https://cloud.example.com";
/// Version of the product, four numbers: `major.minor.patch.build`.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), ".0");
