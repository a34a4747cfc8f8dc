//! The cages of the roles: SECURITY.md, the program and the running appliance say the same, and what a
//! role must not be able to do fails when it is tried.

use std::collections::BTreeMap;
use std::fs;

use cage::rules;
use harness::qemu::USER_ADDRESS;
use harness::rest::{PASSWORD, json};
use harness::{Machine, workspace};
use model::confinement::{self, Access, Confinement, SYSTEM_UUID, TcpPeers};
use model::process_facts::capability_names;
use model::role::Role;
use serde_json::Value;

use crate::{answer, must, rest};

/// Heading of the column that names the process.
const PROCESS: &str = "Process";
/// Name of PID 1 in `GET /processes`.
const INIT: &str = "init";

/// A row of the table in SECURITY.md: heading and cell.
type Row = BTreeMap<String, String>;

/// The table of SECURITY.md, by the name of the process.
fn documented() -> BTreeMap<String, Row> {
    let path = workspace::root().join("SECURITY.md");
    let text = fs::read_to_string(path).expect("SECURITY.md");
    let cells = |line: &str| -> Vec<String> {
        let line = line.trim().trim_matches('|');
        line.split('|').map(|cell| cell.trim().replace('`', "")).collect()
    };
    let mut lines = text.lines().skip_while(|line| !line.starts_with("| Process |"));
    let headings = cells(lines.next().expect("the table of processes"));
    assert_eq!(headings[0], PROCESS);
    let rows = lines.skip(1).take_while(|line| line.starts_with('|'));
    rows.map(cells)
        .map(|row| (row[0].clone(), headings.iter().cloned().zip(row).collect()))
        .collect()
}

/// A cell with several words, sorted; `none` is no word.
fn words(cell: &str) -> Vec<String> {
    let mut words: Vec<_> =
        cell.split_whitespace().filter(|word| *word != "none").map(str::to_owned).collect();
    words.sort();
    words
}

fn number(row: &Row, heading: &str) -> u64 {
    row[heading].replace(',', "").parse().unwrap_or_else(|_| panic!("{heading} in {row:?}"))
}

#[test]
fn security_md_says_what_the_tables_of_the_program_say() {
    let documented = documented();
    // For whoever changes the tables: what the document should say.
    Role::ALL.iter().for_each(|role| println!("{}", row_of(*role)));
    assert_eq!(documented.len(), Role::ALL.len());
    for role in Role::ALL {
        let row = &documented[role.name()];
        let Confinement { limits, grants, tcp_listen, tcp_connect } = confinement::of(role);
        let mask = role.capabilities().iter().fold(0, |mask, own| mask | 1 << own.number());
        assert_eq!(number(row, "User"), u64::from(role.uid()));
        assert_eq!(words(&row["Capabilities"]), sorted(capability_names(mask)));
        assert_eq!(number(row, "Memory MiB"), limits.memory_mib);
        assert_eq!(number(row, "Address space MiB"), limits.address_space_mib);
        assert_eq!(number(row, "Open files"), limits.open_files);
        assert_eq!(number(row, "Threads"), limits.threads);
        assert_eq!(number(row, "File KiB"), limits.file_kib);
        assert_eq!(number(row, "Calls"), calls(role));
        let paths = |is_writable: bool| {
            let of_kind = grants.iter().filter(|grant| grant.access.is_writable() == is_writable);
            sorted(of_kind.map(|grant| grant.path))
        };
        assert_eq!(words(&row["Reads"]), paths(false));
        assert_eq!(words(&row["Writes"]), paths(true));
        let ports = tcp_listen.iter().map(|port| format!("listen:{port}"));
        assert_eq!(words(&row["TCP"]), sorted(ports.chain(peers(tcp_connect))));
    }
}

/// The row that the document should have.
fn row_of(role: Role) -> String {
    let Confinement { limits, grants, tcp_listen, tcp_connect } = confinement::of(role);
    let mask = role.capabilities().iter().fold(0, |mask, own| mask | 1 << own.number());
    let list = |words: Vec<String>| {
        if words.is_empty() { "none".to_owned() } else { words.join(" ") }
    };
    let paths = |is_writable: bool| {
        let of_kind = grants.iter().filter(|grant| grant.access.is_writable() == is_writable);
        list(of_kind.map(|grant| format!("`{}`", grant.path)).collect())
    };
    let ports = tcp_listen.iter().map(|port| format!("listen:{port}"));
    format!(
        "| `{}` | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
        role.name(),
        role.uid(),
        list(capability_names(mask).into_iter().map(str::to_owned).collect()),
        limits.memory_mib,
        limits.address_space_mib,
        limits.open_files,
        limits.threads,
        limits.file_kib,
        calls(role),
        paths(false),
        paths(true),
        list(ports.chain(peers(tcp_connect)).collect()),
    )
}

/// Where a role may connect to, a word each.
fn peers(peers: TcpPeers) -> Vec<String> {
    match peers {
        TcpPeers::Ports(ports) => ports.iter().map(|port| format!("connect:{port}")).collect(),
        TcpPeers::Any => vec!["connect:any".to_owned()],
    }
}

/// How many different calls a role may make.
fn calls(role: Role) -> u64 {
    let rules = rules::of(role).iter().flat_map(|table| table.iter());
    let names: std::collections::BTreeSet<_> = rules.map(|rule| rule.call.name).collect();
    names.len() as u64
}

fn sorted(words: impl IntoIterator<Item = impl Into<String>>) -> Vec<String> {
    let mut words: Vec<String> = words.into_iter().map(Into::into).collect();
    words.sort();
    words
}

#[test]
fn processes_are_confined_as_security_md_says() {
    let machine = must(Machine::builder().start());
    answer(&machine, USER_ADDRESS);
    let mut client = rest(&machine, USER_ADDRESS);
    assert_eq!(must(client.get("/processes")).status, 401, "only for the administrator");
    must(client.create_password(PASSWORD));
    must(client.sign_in(PASSWORD));
    must(client.wait_until_marked_good());
    let reply = must(json(&must(client.get("/processes"))));
    let processes = reply["processes"].as_array().expect("processes");
    let names: Vec<_> = processes.iter().map(|process| process["name"].as_str()).collect();
    let expected: Vec<_> =
        std::iter::once(INIT).chain(Role::ALL.map(Role::name)).map(Some).collect();
    assert_eq!(names, expected);

    let documented = documented();
    for process in processes {
        let name = process["name"].as_str().expect("a name");
        println!("{name}: {} KiB resident, {}", process["residentKib"], process["group"]);
        match documented.get(name) {
            Some(row) => compare(process, row),
            None => {
                assert_eq!((name, &process["uid"], &process["pid"]), (INIT, &0.into(), &1.into()));
            }
        }
    }
}

/// Compares the kernel's facts of a role with its row.
fn compare(process: &Value, row: &Row) {
    let name = &row[PROCESS];
    assert_eq!(process["uid"], number(row, "User"), "{name}");
    assert_eq!(process["gid"], number(row, "User"), "{name}");
    assert_eq!(process["groups"], Value::Array(Vec::new()), "{name}");
    assert_eq!(process["noNewPrivileges"], true, "{name}");
    assert_eq!(process["seccomp"], "filter", "{name}");
    assert_eq!(process["seccompFilters"], 1, "{name}");
    for set in ["effective", "permitted", "inheritable", "bounding", "ambient"] {
        let set = process["capabilities"][set].as_array().expect("a set");
        let names = sorted(set.iter().filter_map(Value::as_str));
        assert_eq!(names, words(&row["Capabilities"]), "{name}");
    }
    let mib = |heading| number(row, heading) << 20;
    let limits = [
        ("Max open files", number(row, "Open files")),
        ("Max processes", number(row, "Threads")),
        ("Max address space", mib("Address space MiB")),
        ("Max file size", number(row, "File KiB") << 10),
        ("Max core file size", 0),
        ("Max locked memory", 0),
    ];
    for (limit, value) in limits {
        let all = process["limits"].as_array().expect("limits");
        let own = all.iter().find(|own| own["name"] == limit).expect("the limit");
        assert_eq!((&own["soft"], &own["hard"]), (&value.into(), &value.into()), "{name}: {limit}");
    }
    assert_eq!(process["group"]["memoryMaxBytes"], mib("Memory MiB"), "{name}");
    assert_eq!(process["group"]["threadsMax"], number(row, "Threads"), "{name}");
    compare_mounts(process, row);
}

/// The mounts are the root, what the row names, and the directories that hold it.
fn compare_mounts(process: &Value, row: &Row) {
    let name = &row[PROCESS];
    let has = |mount: &Value, option: &str| {
        mount["options"].as_array().expect("options").iter().any(|own| own == option)
    };
    let (reads, writes) = (words(&row["Reads"]), words(&row["Writes"]));
    let holds = |target: &str| {
        let inside = |path: &String| path.starts_with(&format!("{target}/"));
        target.matches('/').count() == 1 && (reads.iter().any(inside) || writes.iter().any(inside))
    };
    let mounts = process["mounts"].as_array().expect("mounts");
    let mut seen = Vec::new();
    for mount in mounts {
        let target = mount["target"].as_str().expect("a target");
        let is_root = target == "/";
        let is_writable = writes.iter().any(|path| path == target);
        let is_known = is_root || is_writable || reads.iter().any(|path| path == target);
        assert!(is_known || holds(target), "{name} sees {target}");
        assert_eq!(has(mount, "rw"), is_writable, "{name}: {mount}");
        assert!(has(mount, "nosuid"), "{name}: {mount}");
        assert_eq!(has(mount, "noexec"), !is_root, "{name}: {mount}");
        assert_eq!(has(mount, "nodev"), !target.starts_with("/dev/"), "{name}: {mount}");
        seen.push(target.to_owned());
    }
    for path in reads.iter().chain(&writes) {
        // Machines may lack a UUID and a terminal.
        let is_optional = path == SYSTEM_UUID || path.starts_with("/dev/");
        assert!(is_optional || seen.contains(path), "{name} does not see {path}");
    }
}

#[test]
fn terminals_and_the_tpm_are_the_only_devices() {
    for role in Role::ALL {
        for grant in confinement::of(role).grants {
            assert_eq!(grant.access.is_device(), grant.path.starts_with("/dev/"));
            assert_eq!(grant.access == Access::Device, grant.path == confinement::TPM);
        }
    }
}
