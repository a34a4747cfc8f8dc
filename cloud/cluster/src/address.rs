//! Where the NATS servers are, and what to tell them.

use std::path::PathBuf;

use async_nats::ServerAddr;
use model::secret::Secret;
use thiserror::Error;

/// Where the NATS servers are, and what to tell them.
#[derive(Clone, Debug)]
pub struct Address {
    pub(crate) servers: Vec<ServerAddr>,
    pub(crate) is_tls: bool,
    /// User and password.
    pub(crate) credentials: Option<(String, Secret)>,
    /// File of the authorities that vouch for the servers, in PEM.
    pub(crate) authorities: Option<PathBuf>,
}

/// Why an address cannot be used. The address is not part of it, because it may hold a password.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AddressError {
    /// It has another form.
    #[error(
        "it is not of the form nats://HOST:4222 or tls://HOST:4222, several with commas between them"
    )]
    Form,
    /// A user without a password or the other way round.
    #[error("user and password belong together")]
    Credentials,
    /// TLS without anybody who vouches for the server.
    #[error("tls:// needs a file of authorities in PEM")]
    Authorities,
}

impl Address {
    /// Reads `nats://[USER:PASSWORD@]HOST[:PORT]`, where a comma separates several hosts of one cluster
    /// of NATS, and `tls://` in place of `nats://` asks for TLS. The password is taken literally, and
    /// ends at the last `@`. `credentials`, if they are given, take the place of those in the address.
    ///
    /// # Errors
    ///
    /// [`AddressError`].
    pub fn parse(
        text: &str,
        credentials: (Option<String>, Option<Secret>),
        authorities: Option<PathBuf>,
    ) -> Result<Self, AddressError> {
        let (scheme, rest) = text.split_once("://").ok_or(AddressError::Form)?;
        let is_tls = match scheme {
            "nats" => false,
            "tls" => true,
            _ => return Err(AddressError::Form),
        };
        let (inside, hosts) = match rest.rsplit_once('@') {
            Some((inside, hosts)) => (Some(inside), hosts),
            None => (None, rest),
        };
        let inside = match inside.map(|inside| inside.split_once(':')) {
            Some(Some((user, password))) if !user.is_empty() && !password.is_empty() => {
                Some((user.to_owned(), Secret::new(password.to_owned())))
            }
            Some(_) => return Err(AddressError::Credentials),
            None => None,
        };
        let credentials = match credentials {
            (Some(user), Some(password)) => Some((user, password)),
            (None, None) => inside,
            _ => return Err(AddressError::Credentials),
        };
        if is_tls && authorities.is_none() {
            return Err(AddressError::Authorities);
        }
        let server = |host: &str| {
            let is_plain = !host.is_empty() && !host.contains(['/', '?', '#', ' ']);
            let parsed = format!("{scheme}://{host}").parse::<ServerAddr>();
            parsed.ok().filter(|it| is_plain && !it.host().is_empty()).ok_or(AddressError::Form)
        };
        let servers = hosts.split(',').map(server).collect::<Result<_, _>>()?;
        Ok(Self { servers, is_tls, credentials, authorities })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Address, AddressError> {
        Address::parse(text, (None, None), None)
    }

    #[test]
    fn reads_hosts_and_credentials_and_hides_the_password() {
        let address = parse("nats://cloud:p@ss@one.example.com:4333,two.example.com").unwrap();
        assert_eq!(address.servers.len(), 2);
        assert_eq!(
            (address.servers[0].host(), address.servers[0].port()),
            ("one.example.com", 4333)
        );
        assert_eq!(address.servers[1].port(), 4222);
        let (user, password) = address.credentials.as_ref().unwrap();
        assert_eq!((user.as_str(), password.expose()), ("cloud", "p@ss"));
        assert!(!format!("{address:?}").contains("p@ss"));
        let given = (Some("other".to_owned()), Some(Secret::new("word".to_owned())));
        let address = Address::parse("nats://cloud:pass@one", given, None).unwrap();
        assert_eq!(address.credentials.unwrap().0, "other");
    }

    #[test]
    fn refuses_what_is_no_address_of_nats() {
        for (text, error) in [
            ("", AddressError::Form),
            ("one:4222", AddressError::Form),
            ("http://one", AddressError::Form),
            ("nats://", AddressError::Form),
            ("nats://one,", AddressError::Form),
            ("nats://one:port", AddressError::Form),
            ("nats://one/path", AddressError::Form),
            ("nats://user@one", AddressError::Credentials),
            ("nats://:word@one", AddressError::Credentials),
            ("tls://one", AddressError::Authorities),
        ] {
            assert_eq!(parse(text).unwrap_err(), error, "{text}");
        }
        let half = Address::parse("nats://one", (Some("user".to_owned()), None), None);
        assert_eq!(half.unwrap_err(), AddressError::Credentials);
    }
}
