//! Files that the pages load: style sheet, script, icon.

use std::sync::LazyLock;

use page::{Asset, Assets};

/// Path under which the server offers the files, with a final slash.
pub const ASSET_PATH: &str = "/assets/";

/// All files.
pub(crate) static ASSETS: LazyLock<Assets> = LazyLock::new(|| {
    Assets::new(
        ASSET_PATH,
        include_bytes!("../assets/style.css"),
        include_bytes!("../assets/app.js"),
        include_bytes!("../assets/icon.svg"),
    )
});

/// The file of this name, which is the last part of the path `/assets/<name>`.
#[must_use]
pub fn asset(name: &str) -> Option<Asset> {
    ASSETS.get(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_each_file_under_its_path_only() {
        for (path, content_type) in [
            (ASSETS.style_path(), "text/css; charset=utf-8"),
            (ASSETS.script_path(), "text/javascript; charset=utf-8"),
            (ASSETS.icon_path(), "image/svg+xml"),
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
}
