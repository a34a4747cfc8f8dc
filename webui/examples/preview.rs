//! Writes every page in every state to a directory, to be looked at in a browser.
//!
//! `cargo run -p webui --example preview [directory]`, otherwise `target/webui-preview`
#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, reason = "the example tells where the pages are")]

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use webui::{ASSET_PATH, Language};

#[expect(dead_code, reason = "the tests use more of it")]
#[path = "../tests/support/states.rs"]
mod states;

fn main() -> io::Result<()> {
    let usual = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/webui-preview");
    let directory = std::env::args_os().nth(1).map_or_else(usual, PathBuf::from);
    let assets = directory.join(ASSET_PATH.trim_matches('/'));
    fs::create_dir_all(&assets)?;
    let mut index = String::from("<!doctype html><meta charset=utf-8><title>Pages</title><ul>");
    for language in Language::ALL {
        for page in states::all(language) {
            for (position, _) in page.html.match_indices(ASSET_PATH) {
                let name = &page.html[position + ASSET_PATH.len()..];
                let name = &name[..name.find('"').unwrap_or(0)];
                if let Some(asset) = webui::asset(name) {
                    fs::write(assets.join(name), asset.bytes)?;
                }
            }
            let file = format!("{}.{}.html", page.name, language.tag());
            let html = page.html.replace(&format!("\"{ASSET_PATH}"), "\"assets/");
            fs::write(directory.join(&file), html)?;
            index.push_str(&format!("<li><a href=\"{file}\">{file}</a>"));
        }
    }
    fs::write(directory.join("index.html"), index)?;
    println!("{}", directory.join("index.html").display());
    Ok(())
}
