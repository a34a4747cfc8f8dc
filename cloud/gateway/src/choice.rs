//! Which of several connections gets a request: the better one of two that are picked by chance.
//!
//! Always taking the best would send everything to the one that looked best a moment ago; picking two
//! spreads the load nearly as well as knowing everything would (M. Mitzenmacher, "The Power of Two
//! Choices in Randomized Load Balancing", 1996).

/// The index of the connection to use, out of the costs of all; `None` if there are none.
///
/// `random` is any number; each of its values is as likely as the others.
pub(crate) fn choose(costs: &[u64], random: u64) -> Option<usize> {
    let count = u64::try_from(costs.len()).ok().filter(|count| *count > 0)?;
    let index = |number: u64| usize::try_from(number).ok();
    let first = index(random % count)?;
    if count == 1 {
        return Some(first);
    }
    // The second one is another one, and each other one is as likely.
    let second = index((random % count + 1 + (random / count) % (count - 1)) % count)?;
    Some(if costs[second] < costs[first] { second } else { first })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_better_of_two_different_ones_is_taken() {
        assert_eq!(choose(&[], 7), None);
        assert_eq!(choose(&[9], 7), Some(0));
        for random in 0..100 {
            assert_eq!(choose(&[9, 1], random), Some(1), "{random}");
        }
    }

    #[test]
    fn the_worst_gets_nothing_and_the_others_share() {
        let mut counts = [0; 3];
        for random in 0..6_000 {
            counts[choose(&[5, 5, 9], random).unwrap()] += 1;
        }
        assert_eq!(counts[2], 0);
        assert!(counts[0].min(counts[1]) > 2_000, "{counts:?}");
    }
}
