//! Comparing this clock with those of the servers, and whom to believe. Pure.

use crate::packet::ServerTime;

/// What one exchange with a server showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sample {
    /// How far this clock is behind the server's, in nanoseconds.
    pub(crate) offset: i128,
    /// How wrong that may be, in either direction, in nanoseconds.
    pub(crate) error: i128,
}

impl Sample {
    /// From the times of this clock at which the request left and the reply arrived, in nanoseconds
    /// since 1970 (RFC 5905, section 8).
    pub(crate) fn new(left: i128, server: ServerTime, arrived: i128) -> Self {
        let offset = ((server.received - left) + (server.sent - arrived)) / 2;
        let delay = ((arrived - left) - (server.sent - server.received)).max(0);
        Self { offset, error: delay / 2 + server.root_distance }
    }

    fn has(&self, offset: i128) -> bool {
        (offset - self.offset).abs() <= self.error
    }
}

/// The sample to follow: the most exact one of the largest group that agrees on a time, provided
/// that it is more than half of all (after Marzullo; RFC 5905, section 11.2.1).
pub(crate) fn select<K: Copy>(samples: &[(K, Sample)]) -> Option<(K, Sample)> {
    // If any point lies in all intervals of a group, so does the lower end of one of them.
    let group = |point: i128| samples.iter().filter(move |(_, sample)| sample.has(point));
    let points = samples.iter().map(|(_, sample)| sample.offset - sample.error);
    let point = points.max_by_key(|point| group(*point).count())?;
    if group(point).count() * 2 <= samples.len() {
        return None;
    }
    group(point).min_by_key(|(_, sample)| sample.error).copied()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MS: i128 = 1_000_000;

    fn sample(offset_ms: i128, error_ms: i128) -> Sample {
        Sample { offset: offset_ms * MS, error: error_ms * MS }
    }

    fn selected(samples: &[Sample]) -> Option<usize> {
        let samples: Vec<_> = samples.iter().copied().enumerate().collect();
        select(&samples).map(|(index, _)| index)
    }

    #[test]
    fn offset_leaves_a_symmetric_delay_out() {
        let server = ServerTime { received: 1070, sent: 1080, root_distance: 5 };
        // 20 on the way in each direction, 10 at the server; this clock is 50 behind.
        let sample = Sample::new(1000, server, 1050);
        assert_eq!(sample, Sample { offset: 50, error: 25 });
    }

    #[test]
    fn one_server_is_believed() {
        assert_eq!(selected(&[sample(70_000, 3)]), Some(0));
        assert_eq!(selected(&[]), None);
    }

    #[test]
    fn two_servers_that_disagree_are_not_believed() {
        assert_eq!(selected(&[sample(0, 3), sample(5_000, 3)]), None);
        assert_eq!(selected(&[sample(0, 3), sample(4, 4)]), Some(0));
    }

    #[test]
    fn two_outvote_one_that_lies() {
        assert_eq!(selected(&[sample(90_000, 1), sample(2, 5), sample(4, 3)]), Some(2));
    }

    #[test]
    fn the_most_exact_of_the_majority_is_followed() {
        assert_eq!(selected(&[sample(0, 9), sample(1, 2), sample(3, 5)]), Some(1));
    }

    proptest! {
        #[test]
        fn liars_in_the_minority_never_decide(
            truth in -1_000_000_i128..1_000_000,
            good in proptest::collection::vec((1_i128..500, -100_i128..=100), 3..6),
            lies in proptest::collection::vec(2_000_i128..1_000_000, 0..3),
        ) {
            let good = good.into_iter().map(|(error, percent)| {
                Sample { offset: truth + error * percent / 100, error }
            });
            let liars = lies.into_iter().map(|lie| Sample { offset: truth + lie, error: 1 });
            let samples: Vec<_> = good.chain(liars).enumerate().collect();
            let (_, chosen) = select(&samples).expect("there is a majority");
            prop_assert!(chosen.has(truth), "{chosen:?}");
        }
    }
}
