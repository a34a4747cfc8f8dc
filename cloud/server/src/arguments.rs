//! What the person at the command line wants.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use cluster::Address;
use model::secret::Secret;

/// What can be typed.
pub(crate) const USAGE: &str = "\
usage: cloud serve [options]        run the control plane
       cloud set-up [options]       make the first customer, its administrator and a secure client
       cloud backup [options]       copy the state to a new directory, while it is served
       cloud restore [options]      put a backup into a directory without state

options of all:
  --data DIRECTORY                  keys, certificates and the database   [/var/lib/cloud]
  --database ADDRESS                postgres://user@host/name             [a file in the directory]
options of serve:
  --listen ADDRESS:PORT             where to serve HTTPS                  [0.0.0.0:443]
  --host NAME                       under which name it is reached        [localhost]
  --certificate FILE --key FILE     certificate chain and key, in PEM     [made for the name]
  --drain SECONDS                   time for appliances to leave          [30]
  --node NAME                       name of this node in pages and logs   [the name of --host]
  --nats nats://HOST:PORT           where nodes meet; needs --database    [one node]
  --nats-authorities FILE           who vouches for tls://HOST:PORT, PEM
options of set-up:
  --customer NAME                   name of the customer
  --email ADDRESS                   of the first administrator
options of backup:
  --to DIRECTORY                    is made
options of restore:
  --from DIRECTORY                  a backup";

/// Environment variable with the user for NATS.
const NATS_USER: &str = "NATS_USER";
/// Environment variable with the password for NATS.
const NATS_PASSWORD: &str = "NATS_PASSWORD";

/// What to do.
#[derive(Debug)]
pub(crate) struct Arguments {
    pub(crate) verb: Verb,
}

/// What to do.
#[derive(Debug)]
pub(crate) enum Verb {
    Serve(ServeOptions),
    SetUp(SetUpOptions),
    Backup(BackupOptions),
    Restore(RestoreOptions),
}

/// Where the state is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct State {
    pub(crate) directory: PathBuf,
    pub(crate) database: Option<String>,
}

/// Options of `serve`.
#[derive(Debug)]
pub(crate) struct ServeOptions {
    pub(crate) state: State,
    pub(crate) listen: SocketAddr,
    pub(crate) host: String,
    /// Files of certificate and key.
    pub(crate) certificate: Option<(PathBuf, PathBuf)>,
    pub(crate) drain: Duration,
    /// Name of this node.
    pub(crate) node: String,
    /// Where the nodes meet.
    pub(crate) nats: Option<Address>,
}

/// Options of `set-up`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SetUpOptions {
    pub(crate) state: State,
    pub(crate) customer: String,
    pub(crate) email: String,
}

/// Options of `backup`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BackupOptions {
    pub(crate) state: State,
    pub(crate) to: PathBuf,
}

/// Options of `restore`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct RestoreOptions {
    pub(crate) state: State,
    pub(crate) from: PathBuf,
}

impl Arguments {
    /// Reads the arguments after the program's name.
    ///
    /// # Errors
    ///
    /// A sentence that says what cannot be understood.
    pub(crate) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, String> {
        let mut arguments = arguments.into_iter();
        let verb = arguments.next().ok_or("say what to do")?;
        let options = Options::read(arguments)?;
        let verb = match verb.to_str() {
            Some("serve") => Verb::Serve(options.serve()?),
            Some("set-up") => Verb::SetUp(options.set_up()?),
            Some("backup") => Verb::Backup(options.backup()?),
            Some("restore") => Verb::Restore(options.restore()?),
            _ => return Err(format!("`{}` is no command", verb.display())),
        };
        Ok(Self { verb })
    }
}

/// Options with their values, each at most once.
struct Options(Vec<(String, OsString)>);

impl Options {
    fn read(mut arguments: impl Iterator<Item = OsString>) -> Result<Self, String> {
        let mut options: Vec<(String, OsString)> = Vec::new();
        while let Some(name) = arguments.next() {
            let name = name
                .to_str()
                .and_then(|name| name.strip_prefix("--"))
                .ok_or_else(|| format!("`{}` is no option", name.display()))?;
            if options.iter().any(|(other, _)| other == name) {
                return Err(format!("--{name} is given twice"));
            }
            let value = arguments.next().ok_or_else(|| format!("--{name} needs a value"))?;
            options.push((name.to_owned(), value));
        }
        Ok(Self(options))
    }

    fn take(&mut self, name: &str) -> Option<OsString> {
        let index = self.0.iter().position(|(other, _)| other == name)?;
        Some(self.0.swap_remove(index).1)
    }

    fn text(&mut self, name: &str) -> Result<Option<String>, String> {
        let text = self.take(name).map(OsString::into_string).transpose();
        text.map_err(|_| format!("--{name} is not UTF-8"))
    }

    fn state(&mut self) -> Result<State, String> {
        let directory = self.take("data").unwrap_or_else(|| "/var/lib/cloud".into()).into();
        Ok(State { directory, database: self.text("database")? })
    }

    fn serve(mut self) -> Result<ServeOptions, String> {
        let state = self.state()?;
        let listen = self.text("listen")?.unwrap_or_else(|| "0.0.0.0:443".to_owned());
        let listen = listen
            .parse()
            .map_err(|_| format!("--listen {listen} is no address with a port: try 0.0.0.0:443"))?;
        let certificate = match (self.take("certificate"), self.take("key")) {
            (Some(certificate), Some(key)) => Some((certificate.into(), key.into())),
            (None, None) => None,
            _ => return Err("--certificate and --key belong together".to_owned()),
        };
        let host = self.text("host")?.unwrap_or_else(|| "localhost".to_owned());
        let nats = self.nats(&state)?;
        let drain = self.text("drain")?.unwrap_or_else(|| "30".to_owned());
        let drain = drain.parse().ok().filter(|seconds| *seconds <= 3600);
        let options = ServeOptions {
            state,
            listen,
            node: self.text("node")?.unwrap_or_else(|| host.clone()),
            host,
            certificate,
            drain: Duration::from_secs(drain.ok_or("--drain takes 0 to 3600 seconds")?),
            nats,
        };
        self.finish(options)
    }

    fn nats(&mut self, state: &State) -> Result<Option<Address>, String> {
        let authorities = self.take("nats-authorities").map(PathBuf::from);
        let Some(text) = self.text("nats")? else {
            return match authorities {
                Some(_) => Err("--nats-authorities belongs to --nats".to_owned()),
                None => Ok(None),
            };
        };
        if !state.database.as_ref().is_some_and(|it| it.starts_with("postgres")) {
            return Err("--nats needs --database postgres://…: nodes share it".to_owned());
        }
        // Arguments are seen by every user of the machine.
        let variable = |name| std::env::var(name).ok().filter(|it| !it.is_empty());
        let credentials = (variable(NATS_USER), variable(NATS_PASSWORD).map(Secret::new));
        Address::parse(&text, credentials, authorities)
            .map(Some)
            .map_err(|error| format!("--nats cannot be used: {error}"))
    }

    fn set_up(mut self) -> Result<SetUpOptions, String> {
        let options = SetUpOptions {
            state: self.state()?,
            customer: self.text("customer")?.ok_or("--customer is missing")?,
            email: self.text("email")?.ok_or("--email is missing")?,
        };
        self.finish(options)
    }

    fn backup(mut self) -> Result<BackupOptions, String> {
        let to = self.take("to").ok_or("--to is missing")?.into();
        let options = BackupOptions { state: self.state()?, to };
        self.finish(options)
    }

    fn restore(mut self) -> Result<RestoreOptions, String> {
        let from = self.take("from").ok_or("--from is missing")?.into();
        let options = RestoreOptions { state: self.state()?, from };
        self.finish(options)
    }

    fn finish<T>(self, options: T) -> Result<T, String> {
        match self.0.first() {
            Some((name, _)) => Err(format!("--{name} is no option of this command")),
            None => Ok(options),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Verb, String> {
        let parsed = Arguments::parse(line.split_whitespace().map(OsString::from));
        parsed.map(|arguments| arguments.verb)
    }

    #[test]
    fn serve_needs_no_options() {
        let Ok(Verb::Serve(options)) = parse("serve") else { panic!("serve") };
        assert_eq!(options.listen.port(), 443);
        assert_eq!(options.state.directory, PathBuf::from("/var/lib/cloud"));
        assert_eq!((options.state.database, options.certificate), (None, None));
    }

    #[test]
    fn a_password_for_nats_is_not_shown() {
        let parsed = parse("serve --database postgres://a --nats nats://user:hunter2@a");
        assert!(!format!("{parsed:?}").contains("hunter2"));
        let refused = parse("serve --database postgres://a --nats nats://user:hunter2@a/b");
        assert!(!refused.unwrap_err().contains("hunter2"));
    }

    #[test]
    fn what_cannot_be_understood_is_named() {
        for (line, complaint) in [
            ("", "say what to do"),
            ("start", "`start` is no command"),
            ("serve --listen", "--listen needs a value"),
            ("serve --listen 443", "is no address with a port"),
            ("serve --key a", "belong together"),
            ("serve --drain -1", "0 to 3600"),
            ("serve --data a --data b", "given twice"),
            ("serve --customer a", "no option of this command"),
            ("serve --nats nats://a", "--nats needs --database"),
            ("serve --database postgres://a --nats http://a", "nats://HOST"),
            ("serve --database postgres://a --nats tls://a", "file of authorities"),
            ("serve --nats-authorities a", "belongs to --nats"),
            ("set-up --customer a", "--email is missing"),
            ("backup --data a", "--to is missing"),
            ("restore --to a", "--from is missing"),
            ("backup --to a --from b", "--from is no option of this command"),
            ("serve now", "`now` is no option"),
        ] {
            let error = parse(line).unwrap_err();
            assert!(error.contains(complaint), "{line}: {error}");
        }
    }
}
