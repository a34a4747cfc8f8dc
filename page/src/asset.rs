//! Files that the pages load: style sheet, script, icon.

/// A static file. Its name holds a hash of its content, so that a browser may keep it for ever:
/// `Cache-Control: public, max-age=31536000, immutable`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asset {
    /// Value of the `Content-Type` header.
    pub content_type: &'static str,
    /// The content.
    pub bytes: &'static [u8],
}

/// The files of a site, each under a name of its own.
#[derive(Debug)]
pub struct Assets {
    path: &'static str,
    style: NamedAsset,
    script: NamedAsset,
    icon: NamedAsset,
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
}

impl Assets {
    /// Names the contents of style sheet, script and icon (SVG), which the server offers under a path
    /// with a final slash.
    #[must_use]
    pub fn new(
        path: &'static str,
        style: &'static [u8],
        script: &'static [u8],
        icon: &'static [u8],
    ) -> Self {
        Self {
            path,
            style: NamedAsset::new("style", "css", "text/css; charset=utf-8", style),
            script: NamedAsset::new("app", "js", "text/javascript; charset=utf-8", script),
            icon: NamedAsset::new("icon", "svg", "image/svg+xml", icon),
        }
    }

    /// The file of this name, which is what follows the path.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Asset> {
        [&self.style, &self.script, &self.icon]
            .into_iter()
            .find(|named| named.name == name)
            .map(|named| named.asset)
    }

    /// Path of the style sheet.
    #[must_use]
    pub fn style_path(&self) -> String {
        self.path_of(&self.style)
    }

    /// Path of the script.
    #[must_use]
    pub fn script_path(&self) -> String {
        self.path_of(&self.script)
    }

    /// Path of the icon.
    #[must_use]
    pub fn icon_path(&self) -> String {
        self.path_of(&self.icon)
    }

    fn path_of(&self, named: &NamedAsset) -> String {
        format!("{}{}", self.path, named.name)
    }
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
    fn hashes_as_published() {
        assert_eq!(fnv1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(b"foobar"), 0x8594_4171_f739_67e8);
    }
}
