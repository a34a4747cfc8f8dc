//! Ways on which a request was sent in vain.

/// What the next attempt has to know of those before.
#[derive(Debug, Default)]
pub(crate) struct Tried {
    /// Numbers of connections, and of connectors at other gateways.
    ways: Vec<u64>,
    /// Connectors that were lost in the middle of the request.
    lost: Vec<String>,
}

impl Tried {
    pub(crate) fn add(&mut self, way: u64) {
        self.ways.push(way);
    }

    /// Notes that a connection of this connector was lost with the request on it.
    pub(crate) fn lose(&mut self, connector: &str) {
        self.lost.push(connector.to_owned());
    }

    /// Lets these be tried again.
    pub(crate) fn forget(&mut self, ways: &[u64]) {
        self.ways.retain(|way| !ways.contains(way));
    }

    pub(crate) fn contains(&self, way: u64) -> bool {
        self.ways.contains(&way)
    }

    /// Leaves only ways to connectors of which none was lost, if there are any. An appliance without power
    /// is silent on all its connections, and on each of them that is noticed only after seconds.
    pub(crate) fn prefer_others<W>(&self, ways: &mut Vec<W>, connector: impl Fn(&W) -> &str) {
        let is_other = |way: &W| !self.lost.iter().any(|lost| lost == connector(way));
        if ways.iter().any(is_other) {
            ways.retain(is_other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_connector_comes_after_all_others() {
        let mut tried = Tried::default();
        tried.add(1);
        tried.add(2);
        tried.lose("one");
        let left = |ways: &[&'static str]| {
            let mut ways = ways.to_vec();
            tried.prefer_others(&mut ways, |way| way);
            ways
        };
        assert_eq!(left(&["one", "two", "one", "three"]), ["two", "three"]);
        assert_eq!(left(&["one", "one"]), ["one", "one"], "better than nobody");
        assert!(tried.contains(1) && tried.contains(2) && !tried.contains(3));
    }
}
