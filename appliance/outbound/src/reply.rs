//! The answer of a proxy to CONNECT, read to its last byte and no further: what follows a success
//! belongs to the server behind the tunnel (RFC 9110, section 9.3.6).

use thiserror::Error;

/// Longest head of an answer, in bytes, interim answers included. Proxies send tickets and policies
/// in theirs.
pub const MAX_REPLY_BYTES: usize = 32 * 1024;
/// Most characters of a text of the proxy that are kept for people.
const MAX_TEXT_CHARACTERS: usize = 160;
/// What every answer begins with; the last digit of the version does not matter.
const BEGINNING: &[u8] = b"HTTP/1.";

/// Why an answer is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ReplyError {
    /// It is no HTTP/1.
    #[error("the proxy does not speak HTTP/1")]
    NotHttp,
    /// It is longer than [`MAX_REPLY_BYTES`].
    #[error("the answer of the proxy is longer than {MAX_REPLY_BYTES} bytes")]
    TooLong,
}

/// The head of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplyHead {
    /// Status, 200 to 999: interim answers are skipped.
    pub status: u16,
    /// Reason phrase as far as it is readable.
    pub reason: String,
    is_version_1_0: bool,
    /// Names in lower case.
    fields: Vec<(String, String)>,
}

impl ReplyHead {
    /// Whether the tunnel stands.
    #[must_use]
    pub const fn is_success(&self) -> bool {
        self.status >= 200 && self.status <= 299
    }

    /// The values of a header field, in order; `name` is in lower case.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// What the proxy says about a refusal, for people: the field `Proxy-Status` (RFC 9209), Squid's
    /// own field, or the reason phrase.
    #[must_use]
    pub fn detail(&self) -> Option<String> {
        let said = self.values("proxy-status").chain(self.values("x-squid-error")).next();
        let text = readable(said.unwrap_or(&self.reason));
        if text.is_empty() { None } else { Some(text) }
    }

    /// How many bytes of body follow when the connection can be used for another request after it;
    /// `None` when it cannot.
    #[must_use]
    pub fn body_before_next(&self) -> Option<usize> {
        let says = |name, word: &str| {
            let mut options = self.values(name).flat_map(|value| value.split(','));
            options.any(|option| option.trim().eq_ignore_ascii_case(word))
        };
        let closes = says("connection", "close") || says("proxy-connection", "close");
        let keeps = says("connection", "keep-alive") || says("proxy-connection", "keep-alive");
        if closes || (self.is_version_1_0 && !keeps) {
            return None;
        }
        if self.values("transfer-encoding").next().is_some() {
            return None;
        }
        let mut lengths = self.values("content-length");
        match (lengths.next(), lengths.next()) {
            (Some(length), None) if length.bytes().all(|byte| byte.is_ascii_digit()) => {
                length.parse().ok()
            }
            _ => None,
        }
    }
}

/// Takes an answer in pieces as they arrive.
#[derive(Debug, Default)]
pub struct ReplyReader {
    head: Vec<u8>,
    /// Bytes of interim answers before.
    skipped: usize,
}

impl ReplyReader {
    /// Takes the next bytes. Returns how many of them belong to the head of the answer, and the head
    /// when it is complete; bytes behind it are not looked at.
    ///
    /// # Errors
    ///
    /// [`ReplyError`], as soon as it is clear.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(usize, Option<ReplyHead>), ReplyError> {
        for (index, &byte) in bytes.iter().enumerate() {
            self.head.push(byte);
            if self.skipped + self.head.len() > MAX_REPLY_BYTES {
                return Err(ReplyError::TooLong);
            }
            self.check_beginning()?;
            // A line may end with LF alone (RFC 9112, section 2.2).
            let is_complete = self.head.ends_with(b"\n\n") || self.head.ends_with(b"\n\r\n");
            if !is_complete {
                continue;
            }
            let head = parse(&self.head)?;
            if head.status >= 200 {
                return Ok((index + 1, Some(head)));
            }
            self.skipped += self.head.len();
            self.head.clear();
        }
        Ok((bytes.len(), None))
    }

    fn check_beginning(&self) -> Result<(), ReplyError> {
        let length = self.head.len().min(BEGINNING.len());
        if self.head[..length] == BEGINNING[..length] { Ok(()) } else { Err(ReplyError::NotHttp) }
    }
}

fn parse(head: &[u8]) -> Result<ReplyHead, ReplyError> {
    let text = String::from_utf8_lossy(head);
    let mut lines = text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
    let status_line = lines.next().unwrap_or_default();
    let (is_version_1_0, status, reason) = status_of(status_line).ok_or(ReplyError::NotHttp)?;
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in lines.take_while(|line| !line.is_empty()) {
        // A line that begins with white space goes on with the one before it (RFC 9112, section 5.2).
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = fields.last_mut() {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            fields.push((name.trim_end().to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    Ok(ReplyHead { status, reason: readable(reason), is_version_1_0, fields })
}

/// Takes a status line apart (RFC 9112, section 4); the reason may be missing with its space.
fn status_of(line: &str) -> Option<(bool, u16, &str)> {
    let (version, rest) = line.strip_prefix("HTTP/1.")?.split_once(' ')?;
    if version.len() != 1 || !version.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (status, reason) = rest.split_once(' ').unwrap_or((rest, ""));
    if status.len() != 3 || !status.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let status = status.parse().ok().filter(|status| *status >= 100)?;
    Some((version == "0", status, reason))
}

/// A text of somebody else in one short line without control characters.
pub(crate) fn readable(text: &str) -> String {
    let plain = text.chars().filter(|character| !character.is_control());
    plain.take(MAX_TEXT_CHARACTERS).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Result<(usize, Option<ReplyHead>), ReplyError> {
        ReplyReader::default().push(text.as_bytes())
    }

    fn head(text: &str) -> ReplyHead {
        read(text).expect("readable").1.expect("complete")
    }

    #[test]
    fn stops_at_the_end_of_the_head() {
        for reply in [
            "HTTP/1.1 200 Connection established\r\n\r\n",
            "HTTP/1.0 200 OK\nVia: x\n\n",
            "HTTP/1.1 299 \r\nContent-Length: 5\r\n\r\n",
            "HTTP/1.1 204\r\n\n",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
        ] {
            let (length, head) = read(&format!("{reply}SSH-2.0-server\r\n\r\n")).expect(reply);
            assert_eq!(length, reply.len(), "{reply}");
            assert!(head.expect(reply).is_success(), "{reply}");
        }
    }

    #[test]
    fn takes_an_answer_byte_by_byte() {
        let reply = "HTTP/1.1 407 Authenticate\r\nProxy-Authenticate: NTLM\r\n\r\n";
        let mut reader = ReplyReader::default();
        for byte in &reply.as_bytes()[..reply.len() - 1] {
            assert_eq!(reader.push(&[*byte]), Ok((1, None)));
        }
        let (length, head) = reader.push(b"\nrest").expect("readable");
        let head = head.expect("complete");
        assert_eq!((length, head.status, head.is_success()), (1, 407, false));
        assert_eq!(head.values("proxy-authenticate").collect::<Vec<_>>(), ["NTLM"]);
    }

    #[test]
    fn says_at_the_first_byte_that_it_is_no_http() {
        let others =
            ["\x15\x03", "SSH-2.0", "<html>", "HTTP/2 200 OK\r\n", "HTTP/1.x 200 OK\r\n\r\n"];
        for text in others.iter().chain(&["HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 099 OK\r\n\r\n"]) {
            assert_eq!(read(text), Err(ReplyError::NotHttp), "{text}");
        }
    }

    #[test]
    fn ends_reading_at_the_limit() {
        let long = format!("HTTP/1.1 200 OK\r\nX: {}", "a".repeat(MAX_REPLY_BYTES));
        assert_eq!(read(&long), Err(ReplyError::TooLong));
        let interim = "HTTP/1.1 100 Continue\r\n\r\n".repeat(MAX_REPLY_BYTES / 20);
        assert_eq!(read(&interim), Err(ReplyError::TooLong));
    }

    #[test]
    fn knows_whether_another_request_can_follow() {
        for (fields, expected) in [
            ("Content-Length: 12", Some(12)),
            ("Content-Length: 0\r\nConnection: keep-alive", Some(0)),
            ("Content-Length: 12\r\nConnection: Keep-Alive, close", None),
            ("Content-Length: 12\r\nProxy-Connection: close", None),
            ("Transfer-Encoding: chunked", None),
            ("Content-Length: 12\r\nContent-Length: 13", None),
            ("Content-Length: +12", None),
            ("X: y", None),
        ] {
            let head = head(&format!("HTTP/1.1 407 No\r\n{fields}\r\n\r\n"));
            assert_eq!(head.body_before_next(), expected, "{fields}");
        }
        let head = head("HTTP/1.0 407 No\r\nContent-Length: 12\r\n\r\n");
        assert_eq!(head.body_before_next(), None, "HTTP/1.0 closes unless it says otherwise");
    }

    #[test]
    fn keeps_what_the_proxy_says_in_one_short_line() {
        let head = head(&format!("HTTP/1.1 503 a\x1b[2J\u{7}b{}\r\n\r\n", "c".repeat(1000)));
        let detail = head.detail().expect("a reason");
        assert!(detail.starts_with("a[2Jb") && detail.chars().count() == MAX_TEXT_CHARACTERS);
        let squid = "HTTP/1.1 503 Service Unavailable\r\nX-Squid-Error: ERR_DNS_FAIL 0\r\n\r\n";
        assert_eq!(self::head(squid).detail().as_deref(), Some("ERR_DNS_FAIL 0"));
        let standard = "HTTP/1.1 502 Bad\r\nProxy-Status: p; error=dns_error\r\n\r\n";
        assert_eq!(self::head(standard).detail().as_deref(), Some("p; error=dns_error"));
        assert_eq!(self::head("HTTP/1.1 502\r\n\r\n").detail(), None);
    }

    #[test]
    fn joins_folded_lines() {
        let folded = "HTTP/1.1 407 No\r\nProxy-Authenticate: NTLM,\r\n\tNegotiate\r\n\r\n";
        let head = head(folded);
        assert_eq!(head.values("proxy-authenticate").collect::<Vec<_>>(), ["NTLM, Negotiate"]);
    }

    proptest! {
        #[test]
        fn pieces_do_not_matter(
            text in "HTTP/1\\.[01] [1-5][0-9]{2}( [a-z]{0,9})?\r?\n([A-Za-z-]{1,9}:? ?[ -~]{0,9}\r?\n){0,4}\r?\n.{0,30}",
            cut in 0..100_usize,
        ) {
            let bytes = text.as_bytes();
            let whole = ReplyReader::default().push(bytes);
            let mut reader = ReplyReader::default();
            let (first, second) = bytes.split_at(cut.min(bytes.len()));
            let pieces = match reader.push(first) {
                Ok((length, None)) => {
                    prop_assert_eq!(length, first.len());
                    reader.push(second).map(|(more, head)| (length + more, head))
                }
                other => other,
            };
            prop_assert_eq!(pieces, whole);
        }
    }
}
