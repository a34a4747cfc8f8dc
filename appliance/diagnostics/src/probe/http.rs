//! One `GET` over an open connection, up to the first line of the answer.

use std::io;
use std::time::Duration;

use model::probe::{ProbeFailure, ProbeRequest};
use model::secret::Secret;
use outbound::challenge::schemes;
use outbound::reply::ReplyReader;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

/// How long the first line of the answer may take.
const LIMIT: Duration = Duration::from_secs(15);
/// Longest first line that is read, in bytes.
const MAX_LINE_BYTES: usize = 1024;
/// How much of an answer that is not HTTP is shown, in characters.
const SHOWN: usize = 40;

/// The beginning of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    /// Its status.
    pub(super) status: u16,
    /// The schemes by which a proxy wants to know who asks; only with status 407.
    pub(super) schemes: Vec<String>,
}

/// How the request names its target.
pub(super) enum Form<'request> {
    /// To the server itself: the path alone (RFC 9112, section 3.2.1).
    Origin,
    /// To a proxy: the whole URL (section 3.2.2), with what the proxy wants to know.
    Absolute {
        /// Value of `Proxy-Authorization`.
        authorization: Option<&'request Secret>,
    },
}

/// Sends the request and reads the status of the answer. The time until then is that of the step.
pub(super) async fn get<Stream: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut Stream,
    request: &ProbeRequest,
    form: &Form<'_>,
) -> Result<Answer, ProbeFailure> {
    let exchange = async {
        stream.write_all(head(request, form).expose().as_bytes()).await?;
        stream.flush().await?;
        let beginning = beginning(stream).await?;
        let schemes = match status(&beginning) {
            Some(407) => offered(stream, &beginning).await,
            _ => Vec::new(),
        };
        Ok((beginning, schemes))
    };
    match timeout(LIMIT, exchange).await {
        Err(_) => Err(ProbeFailure::SlowAnswer { limit_seconds: LIMIT.as_secs() }),
        Ok(Err(error)) => Err(no_answer(&error)),
        Ok(Ok((beginning, schemes))) => match status(&beginning) {
            Some(status) => Ok(Answer { status, schemes }),
            None => Err(ProbeFailure::NotHttp { beginning: shown(&beginning) }),
        },
    }
}

fn no_answer(error: &io::Error) -> ProbeFailure {
    ProbeFailure::NoAnswer { reason: error.to_string() }
}

/// The request. It holds the credentials of the proxy, so it is a secret.
fn head(request: &ProbeRequest, form: &Form<'_>) -> Secret {
    let port = request.port.filter(|port| request.kind.default_port() != Some(*port));
    let host = match port {
        Some(port) => format!("{}:{port}", request.target),
        None => request.target.to_string(),
    };
    let (target, authorization) = match form {
        Form::Origin => (request.path.clone(), None),
        Form::Absolute { authorization } => {
            (format!("http://{host}{}", request.path), *authorization)
        }
    };
    let authorization = authorization
        .map(|value| format!("Proxy-Authorization: {}\r\n", value.expose()))
        .unwrap_or_default();
    Secret::new(format!(
        "GET {target} HTTP/1.1\r\nHost: {host}\r\n{authorization}User-Agent: network-probe\r\n\
         Accept: */*\r\nConnection: close\r\n\r\n"
    ))
}

/// Reads until there is an end of a line, which need not be there in an answer that is not HTTP.
async fn beginning(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    let mut buffer = [0; 256];
    while line.len() < MAX_LINE_BYTES {
        let length = stream.read(&mut buffer).await?;
        if length == 0 && line.is_empty() {
            return Err(io::Error::other("the connection was closed without an answer"));
        }
        line.extend_from_slice(&buffer[..length]);
        if line.contains(&b'\n') {
            break;
        }
        // What cannot become HTTP any more is not waited for.
        let beginning = b"HTTP/";
        let compared = line.len().min(beginning.len());
        if length == 0 || line[..compared] != beginning[..compared] {
            break;
        }
    }
    Ok(line)
}

/// The schemes that a proxy offers in an answer that begins so; none when the rest does not come.
async fn offered(stream: &mut (impl AsyncRead + Unpin), beginning: &[u8]) -> Vec<String> {
    let mut reader = ReplyReader::default();
    let mut chunk = beginning.to_vec();
    loop {
        match reader.push(&chunk) {
            Ok((_, Some(head))) => {
                let values: Vec<_> = head.values("proxy-authenticate").collect();
                return schemes(&values);
            }
            Ok((_, None)) => {}
            Err(_) => return Vec::new(),
        }
        let mut buffer = [0; 256];
        let Ok(length @ 1..) = stream.read(&mut buffer).await else { return Vec::new() };
        chunk = buffer[..length].to_vec();
    }
}

/// The status in a status line (RFC 9112, section 4).
fn status(beginning: &[u8]) -> Option<u16> {
    let line = beginning.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = std::str::from_utf8(line).ok()?.trim_end_matches('\r');
    let (version, rest) = line.split_once(' ')?;
    let digits = rest.split(' ').next()?;
    let is_status = version.starts_with("HTTP/1.")
        && digits.len() == 3
        && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|status| is_status && (100..1000).contains(status))
}

/// The beginning of an answer as it can be shown.
fn shown(beginning: &[u8]) -> String {
    let line = beginning.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let text = String::from_utf8_lossy(line);
    let printable = |character: char| if character.is_control() { '\u{fffd}' } else { character };
    text.chars().take(SHOWN).map(printable).collect()
}

#[cfg(test)]
mod tests {
    use model::outbound::Route;
    use model::probe::{ProbeKind, ProbeTarget};
    use proptest::prelude::*;

    use super::*;

    fn request(port: u16) -> ProbeRequest {
        ProbeRequest {
            kind: ProbeKind::Http,
            target: ProbeTarget::Name("a.example".to_owned()),
            port: Some(port),
            path: "/x?y".to_owned(),
            route: Route::Direct,
            with_capture: false,
        }
    }

    #[test]
    fn a_proxy_gets_the_whole_url_and_its_credentials() {
        let value = Secret::new("Basic dTpw".to_owned());
        let form = Form::Absolute { authorization: Some(&value) };
        let head = head(&request(8080), &form);
        assert!(head.expose().starts_with(
            "GET http://a.example:8080/x?y HTTP/1.1\r\nHost: a.example:8080\r\n\
             Proxy-Authorization: Basic dTpw\r\n"
        ));
        let head = super::head(&request(80), &Form::Origin);
        assert!(head.expose().starts_with("GET /x?y HTTP/1.1\r\nHost: a.example\r\nUser-Agent"));
    }

    async fn answer(bytes: &[u8]) -> Result<Answer, ProbeFailure> {
        let (mut near, mut far) = tokio::io::duplex(4096);
        far.write_all(bytes).await.expect("room");
        far.shutdown().await.expect("open");
        get(&mut near, &request(80), &Form::Origin).await
    }

    #[tokio::test]
    async fn reads_the_status_whatever_follows() {
        for (bytes, status) in [
            (&b"HTTP/1.1 204 No Content\r\n\r\n"[..], 204),
            (b"HTTP/1.0 503\r\nx", 503),
            (b"HTTP/1.1 200 OK", 200),
        ] {
            assert_eq!(answer(bytes).await.expect("HTTP").status, status);
        }
    }

    #[tokio::test]
    async fn tells_the_schemes_of_a_proxy() {
        let bytes = b"HTTP/1.1 407 Who\r\nProxy-Authenticate: NTLM\r\n\
                      Proxy-Authenticate: Negotiate\r\n\r\n";
        assert_eq!(answer(bytes).await.expect("HTTP").schemes, ["NTLM", "Negotiate"]);
        let cut = answer(b"HTTP/1.1 407 Who\r\nProxy-Authenticate: NTLM\r\n").await;
        assert_eq!(cut.expect("HTTP").status, 407);
    }

    #[tokio::test]
    async fn says_what_came_instead_of_http() {
        for (bytes, beginning) in [
            (&b"SSH-2.0-OpenSSH_9.2\r\n"[..], "SSH-2.0-OpenSSH_9.2\u{fffd}"),
            (b"\x15\x03\x01\x00\x02", "\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}"),
            (b"HTTP/2 abc\r\n", "HTTP/2 abc\u{fffd}"),
        ] {
            let failure = answer(bytes).await.expect_err("not HTTP");
            assert_eq!(failure, ProbeFailure::NotHttp { beginning: beginning.to_owned() });
        }
        assert_eq!(answer(b"").await.expect_err("closed").id(), "probe.no-answer");
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_server_is_given_up() {
        let (mut near, _far) = tokio::io::duplex(4096);
        let failure = get(&mut near, &request(80), &Form::Origin).await.expect_err("silent");
        assert_eq!(failure, ProbeFailure::SlowAnswer { limit_seconds: 15 });
    }

    proptest! {
        #[test]
        fn any_line_is_read_without_panic(line in prop::collection::vec(any::<u8>(), 0..64)) {
            if let Some(status) = status(&line) {
                prop_assert!((100..1000).contains(&status));
            }
            prop_assert!(shown(&line).chars().count() <= SHOWN);
        }
    }
}
