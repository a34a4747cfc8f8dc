//! Which interface is used.

use sys::netlink::Link;

/// The interface to use: the one in use while it has a link, otherwise the first that has one. When
/// none has, the one in use stays, and otherwise it is the first.
pub(crate) fn choose(links: &[Link], in_use: Option<u32>) -> Option<&Link> {
    let is_in_use = |link: &&Link| Some(link.index) == in_use;
    links.iter().min_by_key(|link| (!link.has_carrier, !is_in_use(link), link.index))
}

/// A hardware address as it is usually written.
pub(crate) fn format_hardware_address(address: [u8; 6]) -> String {
    address.map(|byte| format!("{byte:02x}")).join(":")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(index: u32, has_carrier: bool) -> Link {
        Link {
            index,
            name: format!("eth{index}"),
            hardware_address: [2; 6],
            mtu: 1500,
            is_up: true,
            is_running: has_carrier,
            has_carrier,
        }
    }

    fn chosen(links: &[(u32, bool)], in_use: Option<u32>) -> Option<u32> {
        let links: Vec<_> = links.iter().map(|(index, carrier)| link(*index, *carrier)).collect();
        choose(&links, in_use).map(|link| link.index)
    }

    #[test]
    fn takes_the_first_with_a_link_and_stays_with_it() {
        assert_eq!(chosen(&[], None), None);
        assert_eq!(chosen(&[(3, false), (2, false)], None), Some(2));
        assert_eq!(chosen(&[(2, false), (4, true), (3, true)], None), Some(3));
        assert_eq!(chosen(&[(2, true), (3, true)], Some(3)), Some(3));
        assert_eq!(chosen(&[(2, true), (3, false)], Some(3)), Some(2));
        assert_eq!(chosen(&[(2, false), (3, false)], Some(3)), Some(3));
        assert_eq!(chosen(&[(2, false)], Some(3)), Some(2), "the one in use was taken out");
    }

    #[test]
    fn writes_hardware_addresses_with_colons() {
        assert_eq!(format_hardware_address([0x52, 0x54, 0, 0x12, 0xab, 1]), "52:54:00:12:ab:01");
    }
}
