//! The command line of `appliance`.

use std::path::PathBuf;

use harness::{Firmware, workspace};

/// How to call the program.
pub(crate) const USAGE: &str = "\
usage: appliance run [--cloud yes|no] [--port PORT] [--firmware bios|uefi] [--memory MIB] [--image FILE]
       appliance serve [--port PORT] [--firmware bios|uefi] [--memory MIB] [--image FILE]
       appliance serve-domain|serve-cloud [--firmware bios|uefi] [--memory MIB] [--image FILE]
       appliance demo

  run           boots the image with its console in this terminal; Ctrl-] switches it off; --cloud yes
                starts a control plane beside it, with which it can be registered
  serve         boots the image, writes one line of JSON when it is ready, ends when its input ends
  serve-domain  the same beside a domain controller, in a network namespace; the line `delete NAME` on
                its input deletes a machine account in the domain
  serve-cloud   the same beside a control plane and two proxies
  demo          two appliances in one resource location, of which one loses its power while both are asked";

/// Port of this machine that `run` prefers.
pub(crate) const DEFAULT_PORT: u16 = 8443;

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    /// With the console in view.
    Run,
    /// For another program.
    Serve,
    /// For another program, beside a domain controller.
    ServeDomain,
    /// For another program, beside a control plane.
    ServeCloud,
    /// Two, one of which loses its power.
    Demo,
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
    /// Whether a control plane runs beside it.
    pub(crate) with_cloud: bool,
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
            Some("serve-domain") => (Verb::ServeDomain, 0),
            Some("serve-cloud") => (Verb::ServeCloud, 0),
            Some("demo") => (Verb::Demo, 0),
            Some(other) => return Err(format!("unknown verb {other}")),
            None => return Err("a verb is missing".to_owned()),
        };
        let mut arguments = Self {
            verb,
            firmware: Firmware::Bios,
            port,
            memory_mib: harness::builder::DEFAULT_MEMORY_MIB,
            image: workspace::image(),
            with_cloud: false,
        };
        while let Some(option) = words.next() {
            if verb == Verb::Demo {
                return Err(format!("unknown option {option}"));
            }
            let value = words.next().ok_or_else(|| format!("{option} needs a value"))?;
            let refused = || format!("{option} cannot be {value}");
            match option.as_str() {
                "--firmware" => {
                    arguments.firmware = [Firmware::Bios, Firmware::Uefi]
                        .into_iter()
                        .find(|firmware| firmware.name() == value)
                        .ok_or_else(refused)?;
                }
                // In a namespace the appliance has an address of its own.
                "--port" if matches!(verb, Verb::Run | Verb::Serve) => {
                    arguments.port = value.parse().map_err(|_| refused())?
                }
                "--cloud" if verb == Verb::Run => {
                    arguments.with_cloud = match value.as_str() {
                        "yes" => true,
                        "no" => false,
                        _ => return Err(refused()),
                    }
                }
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
        let arguments =
            parse("run --firmware uefi --port 9000 --memory 512 --cloud yes").expect("valid");
        assert!(arguments.with_cloud && !parse("run").expect("valid").with_cloud);
        assert_eq!((arguments.verb, arguments.firmware), (Verb::Run, Firmware::Uefi));
        assert_eq!((arguments.port, arguments.memory_mib), (9000, 512));
        assert_eq!(parse("serve").expect("valid").port, 0);
        assert_eq!(parse("serve-domain").expect("valid").verb, Verb::ServeDomain);
        assert_eq!(parse("serve-cloud").expect("valid").verb, Verb::ServeCloud);
        assert_eq!(parse("demo").expect("valid").verb, Verb::Demo);
    }

    #[test]
    fn says_what_is_wrong() {
        for (line, message) in [
            ("", "a verb is missing"),
            ("fly", "unknown verb fly"),
            ("run --port", "--port needs a value"),
            ("run --port x", "--port cannot be x"),
            ("serve-domain --port 9000", "unknown option --port"),
            ("serve-cloud --port 9000", "unknown option --port"),
            ("serve --cloud yes", "unknown option --cloud"),
            ("run --cloud maybe", "--cloud cannot be maybe"),
            ("demo --memory 512", "unknown option --memory"),
            ("run --colour red", "unknown option --colour"),
        ] {
            assert_eq!(parse(line).expect_err(line), message);
        }
    }
}
