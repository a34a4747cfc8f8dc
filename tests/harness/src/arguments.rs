//! The command line of `appliance`.

use std::path::PathBuf;

use harness::{Firmware, workspace};

/// How to call the program.
pub(crate) const USAGE: &str = "\
usage: appliance run|serve [--firmware bios|uefi] [--port PORT] [--memory MIB] [--image FILE]

  run     boots the image with its console in this terminal; Ctrl-] switches it off
  serve   boots the image, writes one line of JSON when it is ready, ends when its input ends";

/// Port of this machine that `run` prefers.
pub(crate) const DEFAULT_PORT: u16 = 8443;

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    /// With the console in view.
    Run,
    /// For another program.
    Serve,
}

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Arguments {
    pub(crate) verb: Verb,
    pub(crate) firmware: Firmware,
    /// 0 = any free port.
    pub(crate) port: u16,
    pub(crate) memory_mib: u32,
    pub(crate) image: PathBuf,
}

impl Arguments {
    /// Reads the arguments after the program's name.
    ///
    /// # Errors
    ///
    /// A sentence that says what is wrong.
    pub(crate) fn parse(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let (verb, port) = match words.next().as_deref() {
            Some("run") => (Verb::Run, DEFAULT_PORT),
            Some("serve") => (Verb::Serve, 0),
            Some(other) => return Err(format!("unknown verb {other}")),
            None => return Err("a verb is missing".to_owned()),
        };
        let mut arguments = Self {
            verb,
            firmware: Firmware::Bios,
            port,
            memory_mib: harness::builder::DEFAULT_MEMORY_MIB,
            image: workspace::image(),
        };
        while let Some(option) = words.next() {
            let value = words.next().ok_or_else(|| format!("{option} needs a value"))?;
            let refused = || format!("{option} cannot be {value}");
            match option.as_str() {
                "--firmware" => {
                    arguments.firmware = [Firmware::Bios, Firmware::Uefi]
                        .into_iter()
                        .find(|firmware| firmware.name() == value)
                        .ok_or_else(refused)?;
                }
                "--port" => arguments.port = value.parse().map_err(|_| refused())?,
                "--memory" => arguments.memory_mib = value.parse().map_err(|_| refused())?,
                "--image" => arguments.image = value.into(),
                _ => return Err(format!("unknown option {option}")),
            }
        }
        Ok(arguments)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Arguments, String> {
        Arguments::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn reads_verb_and_options() {
        let arguments = parse("run --firmware uefi --port 9000 --memory 512").expect("valid");
        assert_eq!((arguments.verb, arguments.firmware), (Verb::Run, Firmware::Uefi));
        assert_eq!((arguments.port, arguments.memory_mib), (9000, 512));
        assert_eq!(parse("serve").expect("valid").port, 0);
    }

    #[test]
    fn says_what_is_wrong() {
        for (line, message) in [
            ("", "a verb is missing"),
            ("fly", "unknown verb fly"),
            ("run --port", "--port needs a value"),
            ("run --port x", "--port cannot be x"),
            ("run --colour red", "unknown option --colour"),
        ] {
            assert_eq!(parse(line).expect_err(line), message);
        }
    }
}
