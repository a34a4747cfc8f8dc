//! The formats, read back by programs that others wrote: the disk in each is the same, octet by octet.
#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "a step that fails is a test that fails")]

mod support;

use std::fs::{self, File};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::process::Command;

use image::format::{Identity, Source, gcp, ova, qcow2, vhd, vhdx, vmdk, xva};
use tempfile::TempDir;

use support::run;

const MIB: u64 = 1 << 20;
/// More than one table of each format takes but of VHDX, and no multiple of anything but a MiB.
const DISK: u64 = 515 * MIB;
/// The same for VHDX.
const LARGE_DISK: u64 = 4099 * MIB;

/// Reads a description as XML-RPC: says how many objects it has, and the size of the disk.
const PARSE: &str = "
import sys, xmlrpc.client
text = open(sys.argv[1]).read()
((told,), _) = xmlrpc.client.loads('<params><param>' + text + '</param></params>')
objects = {it['class']: it['snapshot'] for it in told['objects']}
print(len(objects), objects['VDI']['virtual_size'])
";

/// Reads a description as XML: says what it has of files and disks.
const PARSE_OVF: &str = "
import sys, xml.etree.ElementTree as tree
root = tree.parse(sys.argv[1]).getroot()
ovf = '{http://schemas.dmtf.org/ovf/envelope/1}'
file, disk = next(root.iter(ovf + 'File')), next(root.iter(ovf + 'Disk'))
print(file.get(ovf + 'href'), file.get(ovf + 'size'), disk.get(ovf + 'capacity'))
";

/// A disk with data here and there.
struct Disk {
    directory: TempDir,
    raw: PathBuf,
    bytes: u64,
}

impl Disk {
    /// With pieces at these places.
    fn with(pieces: &[(u64, usize)]) -> Self {
        Self::of(DISK, pieces)
    }

    fn of(bytes: u64, pieces: &[(u64, usize)]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let raw = directory.path().join("disk.raw");
        let file = File::create(&raw).unwrap();
        file.set_len(bytes).unwrap();
        for (number, (place, length)) in pieces.iter().enumerate() {
            let octets: Vec<u8> = (0..*length)
                .map(|index| u8::try_from((index * 7 + number) % 251).unwrap() + 1)
                .collect();
            file.write_all_at(&octets, *place).unwrap();
        }
        Self { directory, raw, bytes }
    }

    /// Something in the first and the last sector, across borders of blocks, and a lonely octet.
    fn varied(bytes: u64) -> Self {
        let pieces = [
            (0, 512),
            (3 * MIB - 5_000, 10_000),
            (64 * MIB, 3_000_000),
            (400 * MIB + 77, 1),
            (bytes - 2 * MIB - 1, 2),
            (bytes - 512, 512),
        ];
        Self::of(bytes, &pieces)
    }

    fn source(&self) -> Source {
        Source::open(&self.raw).unwrap()
    }

    fn identity(&self) -> Identity {
        Identity::of(&self.source()).unwrap()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Writes a file of this name.
    fn write(&self, name: &str, write: impl FnOnce(&File) -> std::io::Result<()>) -> PathBuf {
        let path = self.path(name);
        write(&File::create_new(&path).unwrap()).unwrap();
        path
    }

    /// Has QEMU check a file and compare it with the disk.
    fn is_in(&self, path: &Path, format: &str) {
        if ["qcow2", "vhdx", "vmdk"].contains(&format) {
            run(Command::new("qemu-img").args(["check", "-f", format]).arg(path));
        }
        let mut compare = Command::new("qemu-img");
        compare.args(["compare", "-f", "raw", "-F", format]).arg(&self.raw).arg(path);
        run(&mut compare);
        // Zeros beyond the end are no difference to it.
        let info = run(Command::new("qemu-img").args(["info", "-f", format]).arg(path));
        assert!(info.contains(&format!("({} bytes)", self.bytes)), "{info}");
    }
}

fn allocated(path: &Path) -> u64 {
    fs::metadata(path).unwrap().blocks() * 512
}

#[test]
fn qemu_reads_every_format_of_a_disk_with_data_here_and_there() {
    let disk = Disk::varied(DISK);
    let (source, identity) = (disk.source(), disk.identity());
    let file = disk.write("a.qcow2", |file| qcow2::write(&source, file));
    disk.is_in(&file, "qcow2");
    let file = disk.write("a.vhdx", |file| vhdx::write(&source, &identity, file));
    disk.is_in(&file, "vhdx");
    let file = disk.write("a.vmdk", |file| vmdk::write(&source, "a.vmdk", file));
    disk.is_in(&file, "vmdk");
    let file = disk.write("dynamic.vhd", |file| vhd::write_dynamic(&source, &identity, file));
    disk.is_in(&file, "vpc");
    let file = disk.write("fixed.vhd", |file| vhd::write_fixed(&source, &identity, file));
    disk.is_in(&file, "vpc");
    assert_eq!(fs::metadata(&file).unwrap().len(), DISK + 512);
    assert!(allocated(&file) < 32 * MIB, "holes are filled");
}

#[test]
fn qemu_reads_a_vhdx_beyond_the_first_bitmap() {
    let disk = Disk::of(LARGE_DISK, &[(0, 512), (4095 * MIB, 512), (4096 * MIB, 512)]);
    let (source, identity) = (disk.source(), disk.identity());
    let file = disk.write("a.vhdx", |file| vhdx::write(&source, &identity, file));
    assert!(allocated(&file) < 32 * MIB, "it has what is empty");
    // To compare all of it takes half a minute.
    let mut one = vec![0; 512];
    for place in [0, 4095 * MIB, 4096 * MIB, 4097 * MIB] {
        let read = |file: &Path, format: &str| {
            let command = format!("read -v {place} 512");
            let mut read = Command::new("qemu-io");
            let said = run(read.args(["-f", format, "-r", "-c", &command]).arg(file));
            said.lines().take(32).map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(read(&file, "vhdx"), read(&disk.raw, "raw"), "{place}");
        File::open(&disk.raw).unwrap().read_exact_at(&mut one, place).unwrap();
        assert_eq!(one.iter().any(|octet| *octet != 0), place < 4097 * MIB);
    }
}

#[test]
fn qemu_reads_every_format_of_an_empty_disk() {
    let disk = Disk::with(&[]);
    let (source, identity) = (disk.source(), disk.identity());
    disk.is_in(&disk.write("a.qcow2", |file| qcow2::write(&source, file)), "qcow2");
    disk.is_in(&disk.write("a.vhdx", |file| vhdx::write(&source, &identity, file)), "vhdx");
    disk.is_in(&disk.write("a.vmdk", |file| vmdk::write(&source, "a.vmdk", file)), "vmdk");
    let file = disk.write("a.vhd", |file| vhd::write_dynamic(&source, &identity, file));
    disk.is_in(&file, "vpc");
}

#[test]
fn xva_img_exports_the_disk_of_an_xva() {
    for disk in [Disk::varied(DISK), Disk::with(&[(7 * MIB, 10)]), Disk::with(&[])] {
        let (source, identity) = (disk.source(), disk.identity());
        let file = disk.write("a.xva", |file| xva::write(&source, &identity, file));
        let compressed = disk.path("a.xva.gz");
        xva::write_compressed(&source, &identity, File::create_new(&compressed).unwrap()).unwrap();
        let unpacked = Command::new("gzip").args(["-dc"]).arg(&compressed).output().unwrap();
        assert!(unpacked.status.success() && unpacked.stdout == fs::read(&file).unwrap());
        let inside = disk.path("inside");
        fs::create_dir(&inside).unwrap();
        run(Command::new("tar").arg("-xf").arg(&file).arg("-C").arg(&inside));
        let exported = disk.path("exported.raw");
        let mut export = Command::new("xva-img");
        export.args(["-s", "disk-export"]).arg(inside.join("Ref:2")).arg(&exported);
        run(&mut export);
        disk.is_in(&exported, "raw");
        let last = DISK / MIB - 1;
        for name in ["ova.xml", "Ref:2/00000000.checksum", &format!("Ref:2/{last:08}")] {
            assert!(inside.join(name).exists(), "{name}");
        }
        let mut parse = Command::new("python3");
        parse.args(["-c", PARSE]).arg(inside.join("ova.xml"));
        assert_eq!(
            run(&mut parse),
            format!(
                "4 {DISK}
"
            )
        );
    }
}

#[test]
fn an_ova_has_a_description_right_checksums_and_the_disk_in_this_order() {
    let disk = Disk::varied(DISK);
    let file = disk.write("a.ova", |file| ova::write(&disk.source(), file));
    let listed = run(Command::new("tar").arg("-tf").arg(&file));
    let names: Vec<_> = listed.lines().collect();
    let [description, sums, packed] = names.as_slice() else { panic!("{listed}") };
    assert!(description.ends_with(".ovf") && sums.ends_with(".mf") && packed.ends_with(".vmdk"));
    run(Command::new("tar").arg("-xf").arg(&file).arg("-C").arg(disk.directory.path()));
    disk.is_in(&disk.path(packed), "vmdk");
    for line in fs::read_to_string(disk.path(sums)).unwrap().lines() {
        let (name, sum) = line.strip_prefix("SHA256(").unwrap().split_once(")= ").unwrap();
        let said = run(Command::new("sha256sum").arg(disk.path(name)));
        assert!(said.starts_with(sum), "{line}: {said}");
    }
    let mut parse = Command::new("python3");
    parse.args(["-c", PARSE_OVF]).arg(disk.path(description));
    let length = fs::metadata(disk.path(packed)).unwrap().len();
    assert_eq!(run(&mut parse), format!("{packed} {length} {DISK}\n"));
}

#[test]
fn tar_unpacks_the_disk_for_google_cloud() {
    for disk in [Disk::varied(DISK), Disk::with(&[(7 * MIB, 10)]), Disk::with(&[])] {
        let file = disk.write("a.tar.gz", |file| gcp::write(&disk.source(), file));
        let listed = run(Command::new("tar").arg("-tvzf").arg(&file));
        assert!(listed.trim_end().ends_with("disk.raw") && listed.contains(&DISK.to_string()));
        let inside = disk.path("inside");
        fs::create_dir(&inside).unwrap();
        run(Command::new("tar").arg("-xzf").arg(&file).arg("-C").arg(&inside));
        disk.is_in(&inside.join("disk.raw"), "raw");
    }
}

#[test]
fn tar_unpacks_a_disk_beyond_eight_gib() {
    // Its places and its length have no room in octal digits.
    let bytes = 9 * 1024 * MIB;
    let disk = Disk::of(bytes, &[(MIB, 10), (bytes - MIB, 10)]);
    let file = disk.write("a.tar.gz", |file| gcp::write(&disk.source(), file));
    let inside = disk.path("inside");
    fs::create_dir(&inside).unwrap();
    run(Command::new("tar").arg("-xzf").arg(&file).arg("-C").arg(&inside));
    disk.is_in(&inside.join("disk.raw"), "raw");
}

#[test]
fn tar_unpacks_a_disk_with_more_pieces_than_a_header_lists() {
    let pieces: Vec<_> = (0..30).map(|number| (number * 16 * MIB, 100)).collect();
    let disk = Disk::with(&pieces);
    let file = disk.write("a.tar.gz", |file| gcp::write(&disk.source(), file));
    run(Command::new("tar").arg("-xzf").arg(&file).arg("-C").arg(disk.directory.path()));
    // It has the name of the disk itself, which is replaced.
    let again = Disk::with(&pieces);
    again.is_in(&disk.raw, "raw");
}

#[test]
fn the_same_disk_gives_the_same_files_and_another_one_others() {
    let files = |disk: &Disk| {
        let (source, identity) = (disk.source(), disk.identity());
        [
            disk.write("a.qcow2", |file| qcow2::write(&source, file)),
            disk.write("a.vhdx", |file| vhdx::write(&source, &identity, file)),
            disk.write("a.ova", |file| ova::write(&source, file)),
            disk.write("a.vhd", |file| vhd::write_dynamic(&source, &identity, file)),
            disk.write("a.xva", |file| xva::write(&source, &identity, file)),
            disk.write("a.tar.gz", |file| gcp::write(&source, file)),
        ]
        .map(|path| fs::read(path).unwrap())
    };
    let few = [(64 * MIB, 5)];
    let (one, same, other) =
        (files(&Disk::with(&few)), files(&Disk::with(&few)), files(&Disk::with(&[(64 * MIB, 6)])));
    for ((one, same), other) in one.iter().zip(&same).zip(&other) {
        assert!(one == same && one != other);
    }
}

#[test]
fn a_disk_that_is_no_whole_number_of_mib_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("disk.raw");
    for (length, is_ok) in [(0, false), (MIB + 512, false), (2 * MIB, true)] {
        File::create(&path).unwrap().set_len(length).unwrap();
        assert_eq!(Source::open(&path).is_ok(), is_ok, "{length}");
    }
}
