//! The version of the C library that comes with the compiler: nothing but the library itself knows it.

/// The member of the archive that holds the version and nothing else.
const MEMBER: &str = "version.lo/";
/// Octets of a member's header, where its length is, and what an archive begins with (ar(5)).
const HEADER: usize = 60;
const LENGTH: std::ops::Range<usize> = 48..58;
const MAGIC: &[u8] = b"!<arch>\n";

/// The version in `libc.a` of musl, such as `1.2.5`; `None` = there is none.
pub(super) fn version(archive: &[u8]) -> Option<String> {
    let mut rest = archive.strip_prefix(MAGIC)?;
    loop {
        let (header, body) = rest.split_at_checked(HEADER)?;
        let length: usize = str::from_utf8(header.get(LENGTH)?).ok()?.trim().parse().ok()?;
        if header.starts_with(MEMBER.as_bytes()) {
            let texts = body.get(..length)?.split(|octet| *octet == 0);
            return texts.filter_map(|text| str::from_utf8(text).ok()).find_map(three_numbers);
        }
        // Members begin at even places.
        rest = body.get(length.checked_next_multiple_of(2)?..)?;
    }
}

fn three_numbers(text: &str) -> Option<String> {
    let numbers: Vec<_> = text.split('.').collect();
    let is_version = numbers.len() == 3 && numbers.iter().all(|it| it.parse::<u16>().is_ok());
    is_version.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(name: &str, body: &[u8]) -> Vec<u8> {
        let header = format!("{name:<16}{:<32}{:<10}`\n", "0", body.len());
        let end = if body.len().is_multiple_of(2) { &b""[..] } else { b"\n" };
        [header.as_bytes(), body, end].concat()
    }

    #[test]
    fn finds_the_version_behind_other_members() {
        let other = member("versionsort.lo/", b"9.9.9");
        let version_member = member(MEMBER, b"\x7fELF\0\x01\x02\x001.2.5\0.text\0");
        let archive = [MAGIC, &other, &version_member].concat();
        assert_eq!(version(&archive).as_deref(), Some("1.2.5"));
    }

    #[test]
    fn an_archive_without_it_or_cut_off_has_none() {
        let whole = [MAGIC, &member("a.lo/", b"1.2.5"), &member(MEMBER, b"\x001.2.5\0")].concat();
        for length in 0..whole.len() - 1 {
            assert_eq!(version(&whole[..length]), None, "{length}");
        }
        let huge = whole.iter().map(|octet| if *octet == b' ' { b'9' } else { *octet });
        assert_eq!(version(&huge.collect::<Vec<_>>()), None);
    }
}
