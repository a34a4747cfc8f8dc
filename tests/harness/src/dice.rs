//! Chance that can be repeated: the same seed gives the same throws.

/// A generator of pseudo-random numbers (`SplitMix64`), good enough to choose where to cut.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// A generator that gives the same numbers for the same seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub const fn throw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`; 0 when there is none below.
    pub const fn below(&mut self, bound: u64) -> u64 {
        let throw = self.throw();
        if bound == 0 { 0 } else { throw % bound }
    }

    /// True once in so many throws.
    pub const fn one_in(&mut self, throws: u64) -> bool {
        self.below(throws) == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeats_itself_and_fills_its_range() {
        let throws = |seed| {
            let mut dice = Dice::new(seed);
            (0..64).map(|_| dice.below(8)).collect::<Vec<_>>()
        };
        assert_eq!(throws(7), throws(7));
        assert_ne!(throws(7), throws(8));
        assert!((0..8).all(|face| throws(7).contains(&face)));
        assert_eq!(Dice::new(1).below(0), 0);
    }
}
