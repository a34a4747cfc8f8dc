//! The figures as JSON and as a table.

use harness::HarnessError;
use model::disk::ROOT_A;
use serde_json::{Value, json};

use crate::debian::{allocated_bytes, compressed_bytes};
use crate::measure::{GRUB_WAIT_SECONDS, Sample, Subject, megabytes, rounded};

/// All figures of a run of the benchmark.
#[derive(Debug)]
pub(crate) struct Figures {
    runs: usize,
    rows: Vec<Row>,
    root_megabytes: f64,
}

/// One figure of both machines.
#[derive(Debug)]
struct Row {
    key: &'static str,
    label: &'static str,
    unit: &'static str,
    appliance: Spread,
    debian: Spread,
}

/// Median, smallest and largest.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Spread {
    median: f64,
    min: f64,
    max: f64,
}

impl Spread {
    fn of(figures: impl Iterator<Item = f64>) -> Self {
        let mut sorted: Vec<_> = figures.collect();
        sorted.sort_by(f64::total_cmp);
        let at = |index: usize| sorted.get(index).copied().unwrap_or(f64::NAN);
        let middle = sorted.len() / 2;
        let median = if sorted.len() % 2 == 1 {
            at(middle)
        } else {
            f64::midpoint(at(middle.saturating_sub(1)), at(middle))
        };
        Self { median, min: at(0), max: at(sorted.len().saturating_sub(1)) }
    }

    fn json(self) -> Value {
        json!({
            "median": rounded(self.median),
            "min": rounded(self.min),
            "max": rounded(self.max),
        })
    }

    fn text(self) -> String {
        if self.min == self.max {
            format!("{:.1}", self.median)
        } else {
            format!("{:.1} ({:.1} to {:.1})", self.median, self.min, self.max)
        }
    }
}

impl Figures {
    /// Collects the samples and looks at the images.
    ///
    /// # Errors
    ///
    /// When an image cannot be read.
    pub(crate) fn new(
        appliance: &Subject,
        ours: &[Sample],
        debian: &Subject,
        theirs: &[Sample],
    ) -> Result<Self, HarnessError> {
        let spread = |figure: fn(&Sample) -> f64| {
            (Spread::of(ours.iter().map(figure)), Spread::of(theirs.iter().map(figure)))
        };
        let sizes = |size: fn(&std::path::Path) -> Result<u64, HarnessError>| {
            let one = |subject: &Subject| {
                size(&subject.image).map(|bytes| Spread::of(std::iter::once(megabytes(bytes))))
            };
            Ok::<_, HarnessError>((one(appliance)?, one(debian)?))
        };
        let rows = [
            ("answer", "power-on to first HTTPS answer", "s", spread(|s| s.answer_seconds)),
            ("memory", "memory in use, idle", "MB", spread(|s| s.used_megabytes)),
            ("allocated", "image on disk, allocated", "MB", sizes(allocated_bytes)?),
            ("compressed", "image as compressed qcow2", "MB", sizes(compressed_bytes)?),
        ];
        let row =
            |(key, label, unit, (appliance, debian))| Row { key, label, unit, appliance, debian };
        let root_megabytes = root_megabytes(appliance)?;
        Ok(Self { runs: ours.len(), rows: rows.map(row).into(), root_megabytes })
    }

    /// The figures for programs.
    pub(crate) fn json(&self) -> String {
        let rows: serde_json::Map<_, _> = self
            .rows
            .iter()
            .map(|row| {
                let figures = json!({
                    "unit": row.unit,
                    "appliance": row.appliance.json(),
                    "debian": row.debian.json(),
                    "ratio": rounded(row.ratio()),
                });
                (row.key.to_owned(), figures)
            })
            .collect();
        let all = json!({
            "runs": self.runs,
            "firmware": "bios",
            "grub_wait_subtracted_seconds": GRUB_WAIT_SECONDS,
            "root_file_system_megabytes": rounded(self.root_megabytes),
            "figures": rows,
        });
        format!("{all:#}\n")
    }

    /// The figures for people.
    pub(crate) fn table(&self) -> String {
        let mut table = format!(
            "\nmedian of {} runs (smallest to largest); GRUB's wait of {GRUB_WAIT_SECONDS} s subtracted\n\n{:<34}{:>24}{:>28}{:>8}\n",
            self.runs, "", "appliance", "Debian + systemd + nginx", "ratio"
        );
        for row in &self.rows {
            let (ours, theirs) = (row.appliance.text(), row.debian.text());
            let label = format!("{}, {}", row.label, row.unit);
            table.push_str(&format!("{label:<34}{ours:>24}{theirs:>28}{:>8.2}\n", row.ratio()));
        }
        let label = "root file system of a slot, MB";
        table.push_str(&format!("{label:<34}{:>24.1}\n", self.root_megabytes));
        table
    }
}

impl Row {
    fn ratio(&self) -> f64 {
        self.appliance.median / self.debian.median
    }
}

/// Size of slot A's squashfs, from its superblock.
fn root_megabytes(appliance: &Subject) -> Result<f64, HarnessError> {
    use std::os::unix::fs::FileExt;
    /// Where a squashfs superblock holds the number of bytes used, little-endian.
    const BYTES_USED_OFFSET: u64 = 40;
    let action = || HarnessError::io(format!("read {}", appliance.image.display()));
    let image = std::fs::File::open(&appliance.image).map_err(action())?;
    let mut bytes = [0; 8];
    image.read_exact_at(&mut bytes, ROOT_A.offset_bytes() + BYTES_USED_OFFSET).map_err(action())?;
    Ok(megabytes(u64::from_le_bytes(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn median_of_even_and_odd_counts() {
        assert_eq!(Spread::of([3.0, 1.0, 2.0].into_iter()).median, 2.0);
        let even = Spread::of([4.0, 1.0, 2.0, 3.0].into_iter());
        assert_eq!((even.median, even.min, even.max), (2.5, 1.0, 4.0));
    }
}
