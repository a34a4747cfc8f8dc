//! The disk, built from stand-ins for kernel and programs, in the eyes of the programs that others use.
#![forbid(unsafe_code)]

use std::fs::{self, File};
use std::ops::Range;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use boot::grub::{CONFIGURATION_PATH, EFI_PATH, ENVIRONMENT_PATH};
use boot::keys::SlotKey;
use boot::tool::{self, Tool};
use image::disk;
use image::root::Contents;
use model::boot_slots;
use model::disk::{DATA, DISK_BYTES, ESP, Partition, ROOT_A, ROOT_B};
use model::grubenv::GrubEnv;
use model::slot::Slot;
use model::trailer::{SIGNED_BYTES, TRAILER_BYTES, VerityFacts, hex};
use nix::unistd::{Whence, lseek};
use tempfile::TempDir;

/// Bytes of the stand-in for the kernel: enough for two levels of the hash tree.
const KERNEL_BYTES: usize = 2 << 20;

struct Built {
    directory: TempDir,
    disk: PathBuf,
}

/// One disk for all tests that only look.
static DISK: LazyLock<Built> = LazyLock::new(build);

fn build() -> Built {
    let directory = tempfile::tempdir().expect("directory");
    let path = directory.path();
    let work = path.join("work");
    fs::create_dir(&work).expect("created");
    let contents = Contents {
        kernel: path.join("kernel"),
        init: path.join("init"),
        connector: path.join("connector"),
    };
    fs::write(&contents.kernel, incompressible(KERNEL_BYTES)).expect("written");
    fs::write(&contents.init, "stand-in for init").expect("written");
    fs::write(&contents.connector, "stand-in for connector").expect("written");
    let output = path.join("disk.raw");
    let key = SlotKey::from_seed(&[7; 32]);
    disk::build(&contents, &key, &work, &output, &|_| {}).expect("built");
    Built { disk: output, directory }
}

fn incompressible(length: usize) -> Vec<u8> {
    let mut state: u32 = 1;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    (0..length).map(|_| next()).collect()
}

fn run(program: &'static str, arguments: &[&str]) -> String {
    let mut command = Tool { program, package: program }.command().expect("installed");
    tool::run(command.args(arguments)).expect("succeeds")
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

/// Where a sparse file has data.
fn data_ranges(file: &File) -> Vec<Range<u64>> {
    let seek = |offset: u64, whence| {
        let offset = i64::try_from(offset).expect("fits");
        lseek(file, offset, whence).ok().map(|found| u64::try_from(found).expect("not negative"))
    };
    let mut ranges = Vec::new();
    let mut position = 0;
    while let Some(start) = seek(position, Whence::SeekData) {
        position = seek(start, Whence::SeekHole).expect("a hole follows, at the latest the end");
        ranges.push(start..position);
    }
    ranges
}

fn read(file: &File, range: &Range<u64>) -> Vec<u8> {
    let mut bytes = vec![0; usize::try_from(range.end - range.start).expect("fits")];
    file.read_exact_at(&mut bytes, range.start).expect("read");
    bytes
}

/// A partition as a file of its own.
fn extract(partition: &Partition, to: &Path) {
    let disk = File::open(&DISK.disk).expect("opened");
    let copy = File::create(to).expect("created");
    copy.set_len(partition.size_bytes()).expect("sized");
    let start = partition.offset_bytes();
    let end = start + partition.size_bytes();
    for range in data_ranges(&disk) {
        let part = range.start.max(start)..range.end.min(end);
        if part.start < part.end {
            copy.write_all_at(&read(&disk, &part), part.start - start).expect("written");
        }
    }
}

fn esp_file(path: &str) -> Vec<u8> {
    let partition = format!("{}@@{}", text(&DISK.disk), ESP.offset_bytes());
    let directory = tempfile::tempdir().expect("directory");
    let copy = directory.path().join("copy");
    run("mcopy", &["-i", &partition, &format!("::/{path}"), text(&copy)]);
    fs::read(copy).expect("read")
}

#[test]
fn two_builds_are_equal_byte_for_byte() {
    let other = build();
    let [first, second] = [&DISK.disk, &other.disk].map(|path| File::open(path).expect("opened"));
    for range in [data_ranges(&first), data_ranges(&second)].concat() {
        assert!(read(&first, &range) == read(&second, &range), "bytes {range:?} differ");
    }
}

#[test]
fn the_file_is_sparse_and_20_gib_long() {
    let metadata = fs::metadata(&DISK.disk).expect("metadata");
    assert_eq!(metadata.len(), DISK_BYTES);
    assert!(metadata.blocks() * 512 < 32 << 20, "{} blocks", metadata.blocks());
}

#[test]
fn sfdisk_finds_the_partition_table_whole_and_as_the_model_has_it() {
    let said = run("sfdisk", &["--verify", text(&DISK.disk)]);
    assert!(said.contains("No errors detected"), "{said}");
    let dump = run("sfdisk", &["--dump", text(&DISK.disk)]).to_lowercase();
    assert!(dump.contains("label: gpt"), "{dump}");
    for partition in model::disk::PARTITIONS {
        let Partition { first_sector, sectors, guid, type_guid, name, .. } = partition;
        let line = dump.lines().find(|line| line.contains(guid)).expect("the partition");
        let words: String = line.split_whitespace().collect();
        let expected = format!(
            "start={first_sector},size={sectors},type={type_guid},uuid={guid},name=\"{name}\""
        );
        assert!(words.ends_with(&expected), "{line}");
    }
}

#[test]
fn the_efi_partition_is_clean_and_holds_grub() {
    let copy = DISK.directory.path().join("esp");
    extract(&ESP, &copy);
    run("fsck.fat", &["-n", "-v", text(&copy)]);
    assert!(esp_file(EFI_PATH).starts_with(b"MZ"));
    assert_eq!(esp_file(CONFIGURATION_PATH), boot::grub::configuration().into_bytes());
    assert_eq!(GrubEnv::decode(&esp_file(ENVIRONMENT_PATH)), Ok(boot_slots::new_block(Slot::A)));
}

#[test]
fn the_data_partition_is_a_clean_ext4_of_root() {
    let partition = format!("{}?offset={}", text(&DISK.disk), DATA.offset_bytes());
    let said = run("e2fsck", &["-f", "-n", &partition]);
    assert!(said.contains("data:"), "{said}");
    let root = run("debugfs", &["-R", "stat /", &partition]);
    assert!(root.contains("Mode:  0755") && root.contains("User:     0"), "{root}");
}

#[test]
fn veritysetup_accepts_both_slots_and_refuses_a_flipped_bit() {
    for partition in [ROOT_A, ROOT_B] {
        let directory = tempfile::tempdir().expect("directory");
        let slot = directory.path().join("slot");
        extract(&partition, &slot);
        let facts = facts(&slot);
        verify(&slot, &facts).expect("whole");
        let file = File::options().read(true).write(true).open(&slot).expect("opened");
        for offset in [4711, facts.data_blocks * 4096 + 5] {
            flip(&file, offset);
            assert!(verify(&slot, &facts).is_err(), "offset {offset}");
            flip(&file, offset);
        }
    }
}

fn facts(slot: &Path) -> VerityFacts {
    let file = File::open(slot).expect("opened");
    let length = file.metadata().expect("metadata").len();
    let trailer = read(&file, &(length - TRAILER_BYTES as u64..length));
    VerityFacts::decode(trailer.first_chunk::<SIGNED_BYTES>().expect("long enough")).expect("valid")
}

fn verify(slot: &Path, facts: &VerityFacts) -> Result<String, tool::ToolError> {
    let tool = Tool { program: "veritysetup", package: "cryptsetup-bin" };
    let mut command = tool.command().expect("installed");
    command.args(["verify", "--no-superblock", "--format=1", "--hash=sha256"]);
    command.args(["--data-block-size=4096", "--hash-block-size=4096"]);
    command.arg(format!("--data-blocks={}", facts.data_blocks));
    command.arg(format!("--hash-offset={}", facts.data_blocks * 4096));
    command.arg(format!("--salt={}", hex(&facts.salt)));
    tool::run(command.arg(slot).arg(slot).arg(hex(&facts.root_hash)))
}

fn flip(file: &File, offset: u64) {
    let mut byte = [0];
    file.read_exact_at(&mut byte, offset).expect("read");
    file.write_all_at(&[byte[0] ^ 1], offset).expect("written");
}

#[test]
fn the_root_holds_two_programs_and_no_shell() {
    let directory = tempfile::tempdir().expect("directory");
    let slot = directory.path().join("slot");
    extract(&ROOT_A, &slot);
    let listing = run("unsquashfs", &["-lln", text(&slot)]);
    let mut found: Vec<_> = listing
        .lines()
        .filter_map(|line| {
            let words: Vec<_> = line.split_whitespace().collect();
            let path = words.get(5)?.strip_prefix("squashfs-root")?;
            Some(format!("{} {} {path}", words[0], words[1]))
        })
        .collect();
    found.sort();
    let expected = [
        "-rw-r--r-- 0/0 /boot/bzImage",
        "-rw-r--r-- 0/0 /boot/bzImage.crc32",
        "-rw-r--r-- 0/0 /etc/hosts",
        "-rw-r--r-- 0/0 /etc/os-release",
        "-rwxr-xr-x 0/0 /sbin/connector",
        "-rwxr-xr-x 0/0 /sbin/init",
        "drwxr-xr-x 0/0 ",
        "drwxr-xr-x 0/0 /boot",
        "drwxr-xr-x 0/0 /data",
        "drwxr-xr-x 0/0 /dev",
        "drwxr-xr-x 0/0 /etc",
        "drwxr-xr-x 0/0 /proc",
        "drwxr-xr-x 0/0 /run",
        "drwxr-xr-x 0/0 /sbin",
        "drwxr-xr-x 0/0 /sys",
        "drwxr-xr-x 0/0 /tmp",
        "lrwxrwxrwx 0/0 /etc/resolv.conf",
    ];
    assert_eq!(found, expected, "{listing}");
    assert!(listing.contains("/etc/resolv.conf -> /run/network/resolv.conf"));
}
