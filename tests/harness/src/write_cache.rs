//! The volatile cache of a disk, and what is left of it after a power cut.
//!
//! A disk may answer a write before it is on the medium. What is in the cache then is written in any
//! order, in part or not at all when the power goes; only a flush, or a write with "force unit
//! access", makes it last. Two things always hold, because real disks promise them and every file
//! system relies on them: what was flushed stays, and a sector holds one of the versions that were
//! written to it, never a mixture.

use std::collections::BTreeMap;

use crate::dice::Dice;

/// What a disk writes as a whole, in bytes.
pub const SECTOR_BYTES: usize = 512;

/// Writes that are not on the medium yet.
#[derive(Debug, Default)]
pub struct WriteCache {
    /// In the order in which they came.
    writes: Vec<Write>,
    /// For each sector in the cache the writes that hold a version of it, oldest first.
    versions: BTreeMap<u64, Vec<usize>>,
    bytes: usize,
}

#[derive(Debug)]
struct Write {
    first_sector: u64,
    content: Content,
}

#[derive(Debug)]
enum Content {
    Bytes(Vec<u8>),
    Zeros(usize),
}

/// Which writes a power cut leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Survival {
    /// Nothing that was not flushed.
    Nothing,
    /// Everything: the disk was just done.
    Everything,
    /// The first writes up to some point, and part of the next.
    Prefix,
    /// Each write whole, in part or not at all, in the right order where they overlap.
    Mixed,
    /// For each sector any version, the oldest over the newest too.
    AnySector,
}

impl Survival {
    const ALL: [Self; 5] =
        [Self::Nothing, Self::Everything, Self::Prefix, Self::Mixed, Self::AnySector];

    /// Chooses one; the plain ones are as likely as the cruel ones.
    pub fn choose(dice: &mut Dice) -> Self {
        let face = dice.below(Self::ALL.len() as u64);
        Self::ALL.into_iter().nth(usize::try_from(face).unwrap_or(0)).unwrap_or(Self::Nothing)
    }
}

/// How much of a write survives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Kept,
    Dropped,
    /// Each of its sectors for itself.
    Torn,
}

/// What became of the writes in the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Remains {
    /// How it was chosen.
    pub survival: Survival,
    /// Writes in the cache.
    pub cached: usize,
    /// Sectors in the cache.
    pub sectors: usize,
    /// Sectors whose newest version survived.
    pub current: usize,
    /// Sectors of which an older version than the newest survived, but a newer than the medium's.
    pub older: usize,
}

impl WriteCache {
    /// Takes a write, which begins at a sector and fills whole sectors.
    pub fn write(&mut self, first_sector: u64, bytes: Vec<u8>) {
        self.bytes += bytes.len();
        self.push(first_sector, Content::Bytes(bytes));
    }

    /// Takes a write of zeros.
    pub fn write_zeros(&mut self, first_sector: u64, sectors: usize) {
        self.push(first_sector, Content::Zeros(sectors));
    }

    fn push(&mut self, first_sector: u64, content: Content) {
        let index = self.writes.len();
        let write = Write { first_sector, content };
        for sector in write.range() {
            self.versions.entry(sector).or_default().push(index);
        }
        self.writes.push(write);
    }

    /// Bytes that the cache holds.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Lays what is cached over what was read from the medium.
    pub fn overlay(&self, first_sector: u64, bytes: &mut [u8]) {
        let sectors = (bytes.len() / SECTOR_BYTES) as u64;
        for (sector, versions) in self.versions.range(first_sector..first_sector + sectors) {
            let place = usize::try_from(sector - first_sector).unwrap_or(usize::MAX);
            let target = bytes.chunks_exact_mut(SECTOR_BYTES).nth(place);
            if let (Some(target), Some(newest)) = (target, versions.last()) {
                target.copy_from_slice(&self.version(*newest, *sector));
            }
        }
    }

    /// Forgets what is cached of sectors that are about to be written to the medium at once.
    pub fn forget(&mut self, first_sector: u64, sectors: u64) {
        let range: Vec<_> =
            self.versions.range(first_sector..first_sector + sectors).map(|(at, _)| *at).collect();
        for sector in range {
            self.versions.remove(&sector);
        }
    }

    /// Empties the cache: the newest version of every sector, to be written to the medium.
    pub fn flush(&mut self) -> Vec<(u64, [u8; SECTOR_BYTES])> {
        let newest = self.pick(|_, versions| versions.last().copied());
        *self = Self::default();
        newest
    }

    /// Empties the cache as a power cut does: the sectors that reach the medium.
    pub fn cut(&mut self, dice: &mut Dice) -> (Vec<(u64, [u8; SECTOR_BYTES])>, Remains) {
        let survival = Survival::choose(dice);
        let fates = self.fates(survival, dice);
        let (mut current, mut older) = (0, 0);
        let left = self.pick(|_, versions| {
            let survives = |write: &&usize, dice: &mut Dice| match fates.get(**write) {
                Some(Fate::Kept) => true,
                Some(Fate::Torn) => dice.one_in(2),
                Some(Fate::Dropped) | None => false,
            };
            let chosen = if survival == Survival::AnySector {
                // One more face than there are versions: what the medium held before.
                let face = usize::try_from(dice.below(versions.len() as u64 + 1)).unwrap_or(0);
                versions.get(face).copied()
            } else {
                versions.iter().rev().find(|write| survives(write, dice)).copied()
            };
            match chosen {
                Some(write) if Some(&write) == versions.last() => current += 1,
                Some(_) => older += 1,
                None => {}
            }
            chosen
        });
        let (cached, sectors) = (self.writes.len(), self.versions.len());
        *self = Self::default();
        (left, Remains { survival, cached, sectors, current, older })
    }

    fn fates(&self, survival: Survival, dice: &mut Dice) -> Vec<Fate> {
        let count = self.writes.len();
        let last = usize::try_from(dice.below(count as u64 + 1)).unwrap_or(0);
        let fate = |index: usize| match survival {
            Survival::Nothing => Fate::Dropped,
            Survival::Everything | Survival::AnySector => Fate::Kept,
            Survival::Prefix if index < last => Fate::Kept,
            Survival::Prefix if index == last => Fate::Torn,
            Survival::Prefix => Fate::Dropped,
            Survival::Mixed => match dice.below(3) {
                0 => Fate::Kept,
                1 => Fate::Torn,
                _ => Fate::Dropped,
            },
        };
        (0..count).map(fate).collect()
    }

    fn pick(
        &self,
        mut choose: impl FnMut(u64, &[usize]) -> Option<usize>,
    ) -> Vec<(u64, [u8; SECTOR_BYTES])> {
        let chosen = self.versions.iter().filter_map(|(sector, versions)| {
            choose(*sector, versions).map(|write| (*sector, self.version(write, *sector)))
        });
        chosen.collect()
    }

    fn version(&self, write: usize, sector: u64) -> [u8; SECTOR_BYTES] {
        let content = self.writes.get(write).and_then(|write| write.sector(sector));
        content.and_then(|bytes| bytes.try_into().ok()).unwrap_or([0; SECTOR_BYTES])
    }
}

impl Write {
    fn range(&self) -> std::ops::Range<u64> {
        let sectors = match &self.content {
            Content::Bytes(bytes) => bytes.len() / SECTOR_BYTES,
            Content::Zeros(sectors) => *sectors,
        };
        self.first_sector..self.first_sector + sectors as u64
    }

    /// The bytes of a sector of this write; `None` = zeros.
    fn sector(&self, sector: u64) -> Option<&[u8]> {
        let place = usize::try_from(sector.checked_sub(self.first_sector)?).ok()?;
        match &self.content {
            Content::Bytes(bytes) => bytes.chunks_exact(SECTOR_BYTES).nth(place),
            Content::Zeros(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DISK_SECTORS: u64 = 24;

    #[derive(Clone, Debug)]
    enum Step {
        Write { first: u64, sectors: usize, mark: u8 },
        Zero { first: u64, sectors: usize },
        Through { first: u64, sectors: usize, mark: u8 },
        Flush,
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let place = || (0..16_u64, 1..8_usize);
        let step = prop_oneof![
            4 => (place(), 1..=255_u8)
                .prop_map(|((first, sectors), mark)| Step::Write { first, sectors, mark }),
            1 => place().prop_map(|(first, sectors)| Step::Zero { first, sectors }),
            1 => (place(), 1..=255_u8)
                .prop_map(|((first, sectors), mark)| Step::Through { first, sectors, mark }),
            1 => Just(Step::Flush),
        ];
        proptest::collection::vec(step, 0..40)
    }

    /// A disk of one byte a sector, its cache, and what each sector may hold after a cut.
    struct Model {
        medium: Vec<u8>,
        cache: WriteCache,
        allowed: Vec<Vec<u8>>,
    }

    impl Model {
        fn run(steps: &[Step]) -> Self {
            let sectors = usize::try_from(DISK_SECTORS).expect("small");
            let cache = WriteCache::default();
            let mut model =
                Self { medium: vec![0; sectors], cache, allowed: vec![vec![0]; sectors] };
            for step in steps {
                model.step(step);
            }
            model
        }

        fn step(&mut self, step: &Step) {
            let filled = |mark: u8, sectors: usize| vec![mark; sectors * SECTOR_BYTES];
            match *step {
                Step::Write { first, sectors, mark } => {
                    self.cache.write(first, filled(mark, sectors));
                    self.each(first, sectors, |allowed| allowed.push(mark));
                }
                Step::Zero { first, sectors } => {
                    self.cache.write_zeros(first, sectors);
                    self.each(first, sectors, |allowed| allowed.push(0));
                }
                Step::Through { first, sectors, mark } => {
                    self.cache.forget(first, sectors as u64);
                    let start = usize::try_from(first).expect("small");
                    self.medium[start..start + sectors].fill(mark);
                    self.each(first, sectors, |allowed| *allowed = vec![mark]);
                }
                Step::Flush => {
                    for (sector, bytes) in self.cache.flush() {
                        self.medium[usize::try_from(sector).expect("small")] = bytes[0];
                    }
                    for allowed in &mut self.allowed {
                        *allowed = vec![*allowed.last().expect("one version at least")];
                    }
                }
            }
        }

        fn each(&mut self, first: u64, sectors: usize, change: impl Fn(&mut Vec<u8>)) {
            let start = usize::try_from(first).expect("small");
            self.allowed[start..start + sectors].iter_mut().for_each(change);
        }
    }

    proptest! {
        #[test]
        fn a_read_sees_the_newest_version_of_every_sector(steps in steps()) {
            let model = Model::run(&steps);
            let mut bytes: Vec<u8> =
                model.medium.iter().flat_map(|mark| [*mark; SECTOR_BYTES]).collect();
            model.cache.overlay(0, &mut bytes);
            for (sector, allowed) in bytes.chunks_exact(SECTOR_BYTES).zip(&model.allowed) {
                prop_assert!(sector.iter().all(|byte| Some(byte) == allowed.last()));
            }
        }

        #[test]
        fn a_cut_never_takes_what_was_flushed_and_never_mixes_versions(steps in steps(), seed: u64) {
            let mut model = Model::run(&steps);
            let (left, _) = model.cache.cut(&mut Dice::new(seed));
            for (sector, bytes) in left {
                prop_assert!(bytes.iter().all(|byte| *byte == bytes[0]));
                model.medium[usize::try_from(sector).expect("small")] = bytes[0];
            }
            for (mark, allowed) in model.medium.iter().zip(&model.allowed) {
                prop_assert!(allowed.contains(mark), "{mark} is not one of {allowed:?}");
            }
        }
    }

    #[test]
    fn every_kind_of_damage_happens() {
        let mut seen = std::collections::BTreeSet::new();
        let (mut dropped, mut torn, mut reordered) = (0, 0, 0);
        for seed in 0..200 {
            let mut cache = WriteCache::default();
            cache.write(0, vec![1; 4 * SECTOR_BYTES]);
            cache.write(2, vec![2; 4 * SECTOR_BYTES]);
            let (left, remains) = cache.cut(&mut Dice::new(seed));
            seen.insert(remains.survival);
            dropped += usize::from(left.is_empty());
            let marks: Vec<_> = left.iter().map(|(sector, bytes)| (*sector, bytes[0])).collect();
            let of_second = marks.iter().filter(|(_, mark)| *mark == 2).count();
            torn += usize::from((1..4).contains(&of_second));
            reordered += usize::from(of_second > 0 && marks.contains(&(2, 1)));
            assert_eq!(remains.cached, 2);
            assert_eq!(remains.current + remains.older, left.len());
        }
        assert_eq!(seen.into_iter().collect::<Vec<_>>(), Survival::ALL);
        assert!(dropped > 10 && torn > 10 && reordered > 10, "{dropped} {torn} {reordered}");
    }
}
