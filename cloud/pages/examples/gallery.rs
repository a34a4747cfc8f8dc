//! Writes every page in every state and language into a folder, to be looked at in a browser.
//!
//! `cargo run -p pages --example gallery <folder>`
#![forbid(unsafe_code)]

use std::error::Error;
use std::fs;
use std::path::PathBuf;

use pages::{ASSET_PATH, Language};

#[expect(dead_code, reason = "the tests use more of it")]
#[path = "../tests/support/states.rs"]
mod states;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os().nth(1).ok_or("name the folder to write to")?;
    let folder = PathBuf::from(folder);
    let assets = folder.join(ASSET_PATH.trim_matches('/'));
    fs::create_dir_all(&assets)?;
    let mut index = String::from(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Pages</title><ul>",
    );
    for language in Language::ALL {
        for page in states::all(language) {
            for (position, _) in page.html.match_indices(ASSET_PATH) {
                let name = &page.html[position + ASSET_PATH.len()..];
                let name = &name[..name.find('"').unwrap_or(0)];
                if let Some(asset) = pages::asset(name) {
                    fs::write(assets.join(name), asset.bytes)?;
                }
            }
            let file = format!("{}.{}.html", page.name, language.tag());
            fs::write(folder.join(&file), page.html)?;
            index.push_str(&format!("<li><a href=\"{file}\">{file}</a>"));
        }
    }
    fs::write(folder.join("index.html"), index)?;
    Ok(())
}
