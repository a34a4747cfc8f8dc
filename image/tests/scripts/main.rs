//! The scripts that deploy the disk. Those for bash run against stand-ins of `aws`, `az`, `azcopy` and `gcloud`
//! (`stand_in.py`), since no cloud can be reached; those for PowerShell are read by a parser and never run.
#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "a step that fails is a test that fails")]

mod clouds;
mod desk;
mod questions;
mod sources;
