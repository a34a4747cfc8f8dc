//! Asking a proxy for a tunnel: CONNECT (RFC 9110, section 9.3.6).

use std::io;
use std::net::SocketAddr;

use base64ct::{Base64, Encoding};
use model::outbound::{FailureCause, ProxyAccess, ProxyTrouble};
use model::product;
use model::secret::Secret;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::challenge::{offers_basic, schemes};
use crate::connect::{ConnectTrouble, connect};
use crate::limits::Limits;
use crate::reply::{ReplyError, ReplyHead, ReplyReader};

/// Most of the body of a refusal that is read away in order to use the connection again, in bytes.
const MAX_BODY_BYTES: usize = 64 * 1024;
/// How much of an answer is looked at in one go, in bytes.
const CHUNK_BYTES: usize = 1024;

const AUTHENTICATION_REQUIRED: u16 = 407;

/// The value of `Proxy-Authorization` for a proxy with a user name (RFC 7617).
pub(crate) fn authorization(proxy: &ProxyAccess) -> Option<Secret> {
    let user_name = proxy.user_name.as_ref()?;
    let password = proxy.password.as_ref().map_or("", Secret::expose);
    let pair = Secret::new(format!("{user_name}:{password}"));
    let encoded = Secret::new(Base64::encode_string(pair.expose().as_bytes()));
    Some(Secret::new(format!("Basic {}", encoded.expose())))
}

/// A proxy that was reached.
pub(crate) struct Tunnel<'a> {
    pub(crate) proxy: &'a ProxyAccess,
    pub(crate) limits: &'a Limits,
}

impl Tunnel<'_> {
    /// Makes a tunnel to a server on a connection to the proxy. The connection that comes back may
    /// be another one.
    pub(crate) async fn open(
        &self,
        stream: TcpStream,
        host: &str,
        port: u16,
    ) -> Result<TcpStream, FailureCause> {
        let authorization = authorization(self.proxy);
        let request = request(host, port, authorization.as_ref());
        let asking = self.ask_twice(stream, &request, authorization.is_some());
        let answer = match timeout(self.limits.proxy, asking).await {
            Ok(answer) => answer,
            Err(_) => Err(ProxyTrouble::Slow),
        };
        let (stream, head) = answer.map_err(|reason| self.unreachable(reason))?;
        if head.is_success() {
            return Ok(stream);
        }
        let proxy = self.proxy.location.clone();
        if head.status == AUTHENTICATION_REQUIRED {
            let schemes = offered(&head);
            let credentials_sent = authorization.is_some();
            return Err(FailureCause::ProxyAuthenticationRequired {
                proxy,
                schemes,
                credentials_sent,
            });
        }
        let (status, detail) = (head.status, head.detail());
        Err(FailureCause::ProxyRefused { proxy, status, detail })
    }

    fn unreachable(&self, reason: ProxyTrouble) -> FailureCause {
        FailureCause::ProxyUnreachable { proxy: self.proxy.location.clone(), reason }
    }

    /// Asks, and asks once more when the proxy wants what was sent already: some take credentials
    /// only after they have asked for them.
    async fn ask_twice(
        &self,
        mut stream: TcpStream,
        request: &Secret,
        has_credentials: bool,
    ) -> Result<(TcpStream, ReplyHead), ProxyTrouble> {
        // Asked for now: a connection that was broken off has no peer any more.
        let Ok(SocketAddr::V4(peer)) = stream.peer_addr() else {
            return Err(ProxyTrouble::Closed);
        };
        let head = ask(&mut stream, request).await?;
        let is_basic = || offers_basic(&offered(&head));
        if head.status != AUTHENTICATION_REQUIRED || !has_credentials || !is_basic() {
            return Ok((stream, head));
        }
        let body = head.body_before_next().filter(|length| *length <= MAX_BODY_BYTES);
        if let Some(length) = body
            && skip(&mut stream, length).await.is_ok()
        {
            match ask(&mut stream, request).await {
                // It said that it would keep the connection, and did not.
                Err(ProxyTrouble::Closed) => {}
                answer => return answer.map(|head| (stream, head)),
            }
        }
        drop(stream);
        let again = connect(&[*peer.ip()], peer.port(), self.limits.connect).await;
        let mut stream = again.map_err(|(_, trouble)| proxy_trouble(trouble))?;
        let head = ask(&mut stream, request).await?;
        Ok((stream, head))
    }
}

/// The schemes that an answer offers.
fn offered(head: &ReplyHead) -> Vec<String> {
    schemes(&head.values("proxy-authenticate").collect::<Vec<_>>())
}

/// What a failed connection says of a proxy.
pub(crate) const fn proxy_trouble(trouble: ConnectTrouble) -> ProxyTrouble {
    match trouble {
        ConnectTrouble::Refused => ProxyTrouble::Refused,
        ConnectTrouble::Route(reason) => ProxyTrouble::Route(reason),
    }
}

fn request(host: &str, port: u16, authorization: Option<&Secret>) -> Secret {
    let product: String = product::NAME.split(' ').collect();
    let version = product::VERSION;
    let mut request = format!(
        "CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\nUser-Agent: {product}/{version}\r\n"
    );
    // Room for all of it, so that no copy of the secret is left where the text was before.
    request.reserve_exact(authorization.map_or(0, |value| value.expose().len()) + 64);
    if let Some(value) = authorization {
        request.push_str("Proxy-Authorization: ");
        request.push_str(value.expose());
        request.push_str("\r\n");
    }
    request.push_str("\r\n");
    Secret::new(request)
}

/// Sends the request and reads the head of the answer, and nothing behind it.
async fn ask(stream: &mut TcpStream, request: &Secret) -> Result<ReplyHead, ProxyTrouble> {
    let is_sent = stream.write_all(request.expose().as_bytes()).await.is_ok();
    // A proxy may answer and close before it has read everything.
    let answer = read_head(stream).await;
    if is_sent { answer } else { answer.map_err(|_| ProxyTrouble::Closed) }
}

async fn read_head(stream: &mut TcpStream) -> Result<ReplyHead, ProxyTrouble> {
    let mut reader = ReplyReader::default();
    let mut chunk = [0; CHUNK_BYTES];
    loop {
        // Looked at first, and then read as far as it belongs to the answer.
        let length = stream.peek(&mut chunk).await.map_err(|_| ProxyTrouble::Closed)?;
        if length == 0 {
            return Err(ProxyTrouble::Closed);
        }
        let (used, head) = reader.push(&chunk[..length]).map_err(|error| match error {
            ReplyError::NotHttp => ProxyTrouble::NotHttp,
            ReplyError::TooLong => ProxyTrouble::TooLong,
        })?;
        let read = stream.read_exact(&mut chunk[..used]).await;
        read.map_err(|_| ProxyTrouble::Closed)?;
        if let Some(head) = head {
            return Ok(head);
        }
    }
}

/// Reads bytes away.
async fn skip(stream: &mut TcpStream, length: usize) -> io::Result<()> {
    let mut chunk = [0; CHUNK_BYTES];
    let mut left = length;
    while left > 0 {
        let part = left.min(CHUNK_BYTES);
        stream.read_exact(&mut chunk[..part]).await?;
        left -= part;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use model::proxy::ProxyLocation;

    use super::*;

    #[test]
    fn basic_is_the_pair_in_base64() {
        let location = ProxyLocation::parse("proxy:80").expect("valid");
        let access = |user_name: Option<&str>, password: Option<&str>| ProxyAccess {
            id: "1".into(),
            location: location.clone(),
            user_name: user_name.map(Into::into),
            password: password.map(|text| Secret::new(text.into())),
        };
        let value = |access| authorization(&access).map(|secret| secret.expose().to_owned());
        // The examples of RFC 7617, sections 2 and 2.1.
        let aladdin = access(Some("Aladdin"), Some("open sesame"));
        assert_eq!(value(aladdin).as_deref(), Some("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="));
        assert_eq!(
            value(access(Some("test"), Some("123£"))).as_deref(),
            Some("Basic dGVzdDoxMjPCow==")
        );
        assert_eq!(value(access(Some("a"), None)).as_deref(), Some("Basic YTo="));
        assert_eq!(value(access(None, None)), None);
    }

    #[test]
    fn the_request_names_the_server_twice() {
        let request = request("cloud.example", 443, Some(&Secret::new("Basic YTpi".into())));
        assert_eq!(
            request.expose(),
            format!(
                "CONNECT cloud.example:443 HTTP/1.1\r\nHost: cloud.example:443\r\n\
                 User-Agent: ConnectorAppliance/{}\r\nProxy-Authorization: Basic YTpi\r\n\r\n",
                product::VERSION
            )
        );
    }
}
