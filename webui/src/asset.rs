//! Files that the pages load: style sheet, script, icon.

use std::sync::LazyLock;

/// Path under which the server offers the files, with a final slash.
pub const ASSET_PATH: &str = "/assets/";

/// A static file. Its name holds a hash of its content, so that a browser may keep it for ever:
/// `Cache-Control: public, max-age=31536000, immutable`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asset {
    /// Value of the `Content-Type` header.
    pub content_type: &'static str,
    /// The content.
    pub bytes: &'static [u8],
}

/// A file and the name under which it is served.
#[derive(Debug)]
struct NamedAsset {
    name: String,
    asset: Asset,
}

impl NamedAsset {
    fn new(stem: &str, extension: &str, content_type: &'static str, bytes: &'static [u8]) -> Self {
        let name = format!("{stem}-{:016x}.{extension}", fnv1a(bytes));
        Self { name, asset: Asset { content_type, bytes } }
    }

    fn path(&self) -> String {
        format!("{ASSET_PATH}{}", self.name)
    }
}

/// All files.
#[derive(Debug)]
struct Assets {
    style: NamedAsset,
    script: NamedAsset,
    icon: NamedAsset,
}

static ASSETS: LazyLock<Assets> = LazyLock::new(|| Assets {
    style: NamedAsset::new(
        "style",
        "css",
        "text/css; charset=utf-8",
        include_bytes!("../assets/style.css"),
    ),
    script: NamedAsset::new(
        "app",
        "js",
        "text/javascript; charset=utf-8",
        include_bytes!("../assets/app.js"),
    ),
    icon: NamedAsset::new("icon", "svg", "image/svg+xml", include_bytes!("../assets/icon.svg")),
});

/// The file of this name, which is the last part of the path `/assets/<name>`.
#[must_use]
pub fn asset(name: &str) -> Option<Asset> {
    let assets = &*ASSETS;
    [&assets.style, &assets.script, &assets.icon]
        .into_iter()
        .find(|named| named.name == name)
        .map(|named| named.asset)
}

/// Path of the style sheet.
pub(crate) fn style_path() -> String {
    ASSETS.style.path()
}

/// Path of the script.
pub(crate) fn script_path() -> String {
    ASSETS.script.path()
}

/// Path of the icon.
pub(crate) fn icon_path() -> String {
    ASSETS.icon.path()
}

/// FNV-1a, 64 bits: tells releases of a file apart; nobody but us writes the files.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_each_file_under_its_path_only() {
        for (path, content_type) in [
            (style_path(), "text/css; charset=utf-8"),
            (script_path(), "text/javascript; charset=utf-8"),
            (icon_path(), "image/svg+xml"),
        ] {
            let name = path.strip_prefix(ASSET_PATH).expect("a path of ours");
            let found = asset(name).expect("the file");
            assert_eq!(found.content_type, content_type);
            assert!(!found.bytes.is_empty());
        }
        for name in ["", "style.css", "../style.css", "style-0000000000000000.css"] {
            assert_eq!(asset(name), None, "{name}");
        }
    }

    #[test]
    fn hashes_as_published() {
        assert_eq!(fnv1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(b"foobar"), 0x8594_4171_f739_67e8);
    }
}
