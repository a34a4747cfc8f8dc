//! The forests themselves: that they start, answer, can be disturbed and leave nothing behind.
#![forbid(unsafe_code)]
#![cfg(test)]

use std::fs;
use std::io::ErrorKind;
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::Duration;

use forest::fixtures::{JAPANESE, LARGE, PASSWORD, SPECIAL};
use forest::{Block, Forest, Host, Recipe};

/// Without root there are no namespaces, and nothing to test.
fn start(recipe: Recipe) -> Option<Forest> {
    let is_root = nix::unistd::geteuid().is_root();
    if !is_root {
        println!("skipped: only root can make namespaces");
    }
    is_root.then(|| Forest::start(recipe).expect("started"))
}

/// Gets a ticket as Kerberos' own programs do.
fn log_in(appliance: &Host, user: &str) -> Result<(), String> {
    let result = appliance.run_with_input("kinit", &[user], &format!("{PASSWORD}\n"));
    result.map(drop).map_err(|error| error.to_string())
}

#[test]
fn a_copy_of_a_forest_has_its_users() {
    let Some(forest) = start(Recipe::Single) else { return };
    let appliance = forest.appliance();
    for user in ["administrator", "alice", "yamada", "special", "suffix", "delegate", "old-keys"] {
        log_in(appliance, user).expect(user);
    }
    for (user, reason) in [
        ("disabled", "credentials have been revoked"),
        ("expired", "credentials have been revoked"),
        ("locked", "credentials have been revoked"),
        ("must-change", "Password expired"),
        ("nobody", "not found in Kerberos database"),
    ] {
        let words = log_in(appliance, user).expect_err(user);
        assert!(words.contains(reason), "{user}: {words}");
    }
    let dc1 = forest.controller("dc1").expect("there");
    let found = dc1.ldbsearch(r"(displayName=Star \2a \28paren\29 \5c back)", &["cn"]);
    assert_eq!(found.expect("searched")[0].text("cn").as_deref(), Some(SPECIAL));
    let found = dc1.ldbsearch("(sAMAccountName=yamada)", &["displayName"]).expect("searched");
    assert_eq!(found[0].text("displayName").as_deref(), Some(JAPANESE));
    let found = dc1.ldbsearch("(cn=large)", &["member"]).expect("searched");
    assert_eq!(found[0].values("member").len(), LARGE);
    let wrong = dc1.samba_tool(&["user", "show", "nobody"]).expect_err("unknown");
    assert!(wrong.to_string().contains("Unable to find user"), "{wrong}");
}

#[test]
fn other_programs_join_from_the_place_of_the_appliance() {
    let Some(forest) = start(Recipe::Single) else { return };
    let appliance = forest.appliance();
    let adcli = ["join", "corp.example.com", "--stdin-password", "--computer-name=BY-ADCLI"];
    let more = ["-U", "delegate", "-O", "OU=Delegated,DC=corp,DC=example,DC=com"];
    let name = ["--host-fqdn=by-adcli.corp.example.com"];
    let all = [&adcli[..], &more, &name].concat();
    appliance.run_with_input("adcli", &all, PASSWORD).expect("joined");
    let user = format!("administrator%{PASSWORD}");
    appliance.run("net", &["ads", "join", "-U", &user, "--no-dns-updates"]).expect("joined");
    let dc1 = forest.controller("dc1").expect("there");
    let list = dc1.samba_tool(&["computer", "list"]).expect("listed");
    assert!(list.contains("BY-ADCLI$") && list.contains("APPLIANCE$"), "{list}");
    // The one that may create computers in one place may not elsewhere.
    let name = ["--host-fqdn=elsewhere.corp.example.com", "-U", "delegate"];
    let elsewhere = [&adcli[..3], &name, &["--computer-name=ELSEWHERE"]].concat();
    let refused = appliance.run_with_input("adcli", &elsewhere, PASSWORD).expect_err("refused");
    assert!(refused.to_string().contains("Insufficient permissions"), "{refused}");
}

#[test]
fn a_controller_can_be_disturbed_and_recorded() {
    let Some(forest) = start(Recipe::Single) else { return };
    let dc1 = forest.controller("dc1").expect("there");
    let connect = |port| {
        let address = (dc1.address(), port).into();
        let limit = Duration::from_millis(500);
        let stream = forest.appliance().enter(|| TcpStream::connect_timeout(&address, limit));
        stream.expect("entered").map(drop).map_err(|error| error.kind())
    };
    let recording = dc1.host().record().expect("recorded");
    dc1.host().block(88, Block::Refused).expect("blocked");
    dc1.host().block(389, Block::Silent).expect("blocked");
    assert_eq!(connect(88), Err(ErrorKind::ConnectionRefused));
    assert_eq!(connect(389), Err(ErrorKind::TimedOut));
    assert_eq!(connect(464), Ok(()));
    dc1.host().unblock().expect("open");
    assert_eq!(connect(389), Ok(()));
    let capture = recording.finish().expect("complete");
    assert_eq!(capture.count("tcp.dstport == 88 && tcp.flags.syn == 1").expect("read"), 1);
    let resets = capture.fields("tcp.flags.reset == 1 && tcp.srcport == 88", &["ip.src", "ip.dst"]);
    assert_eq!(resets.expect("read"), [["10.99.0.11", "10.99.0.100"]]);
    assert!(!capture.contains(PASSWORD.as_bytes()).expect("read"));
    dc1.stop().expect("stopped");
    assert_eq!(connect(389), Err(ErrorKind::ConnectionRefused));
    dc1.start().expect("started");
    dc1.pause();
    let ask = ["3", "ldapsearch", "-x", "-H", "ldap://10.99.0.11", "-s", "base", "-b", ""];
    forest.appliance().run("timeout", &ask).expect_err("paused");
    dc1.resume();
    forest.appliance().run("timeout", &ask).expect("answers");
}

#[test]
fn two_controllers_of_a_domain_tell_each_other() {
    let Some(forest) = start(Recipe::TwoControllers) else { return };
    let [dc1, dc2] = forest.controllers() else { panic!("{:?}", forest.controllers()) };
    let question = ["+short", "SRV", "_ldap._tcp.dc._msdcs.corp.example.com"];
    let answer = forest.appliance().run("dig", &question).expect("answered");
    assert!(answer.contains("dc1.") && answer.contains("dc2."), "{answer}");
    dc1.samba_tool(&["user", "disable", "alice"]).expect("disabled");
    dc1.samba_tool(&[
        "drs",
        "replicate",
        "dc2.corp.example.com",
        "dc1.corp.example.com",
        "DC=corp,DC=example,DC=com",
        "-P",
    ])
    .expect("replicated");
    let found = dc2.ldbsearch("(sAMAccountName=alice)", &["userAccountControl"]).expect("searched");
    assert_eq!(found[0].text("userAccountControl").as_deref(), Some("514"));
}

#[test]
fn forests_trust_each_other() {
    let Some(forest) = start(Recipe::TrustedForests) else { return };
    let trusts = forest.controllers()[0].samba_tool(&["domain", "trust", "list"]).expect("listed");
    assert!(trusts.contains("partner.example.net") && trusts.contains("BOTH"), "{trusts}");
    log_in(forest.appliance(), "alice").expect("a ticket");
    let search = ["-Q", "-Y", "GSSAPI", "-H", "ldap://partner1.partner.example.net"];
    let what = ["-b", "DC=partner,DC=example,DC=net", "(sAMAccountName=carol)", "cn"];
    let found = forest.appliance().run("ldapsearch", &[&search[..], &what].concat());
    assert!(found.expect("searched").contains("cn: carol"));
}

#[test]
fn a_read_only_controller_serves_its_site() {
    let Some(forest) = start(Recipe::ReadOnly) else { return };
    let question = ["+short", "SRV", "_ldap._tcp.Branch._sites.dc._msdcs.corp.example.com"];
    let answer = forest.appliance().run("dig", &question).expect("answered");
    assert_eq!(answer.trim(), "0 100 389 branch1.corp.example.com.");
    let branch1 = forest.controller("branch1").expect("there");
    let secret = branch1.ldbsearch("(sAMAccountName=alice)", &["cn", "unicodePwd"]);
    let secret = secret.expect("searched");
    assert_eq!(secret[0].text("cn").as_deref(), Some("alice"));
    assert!(secret[0].values("unicodePwd").is_empty());
}

#[test]
fn a_program_that_is_killed_is_gone() {
    let Some(forest) = start(Recipe::OtherForest) else { return };
    let file = tempfile::NamedTempFile::new().expect("a file");
    let path = file.path().display().to_string();
    let script = format!("exec 9>>{path}; flock 9; echo locked >&9; read -r _");
    let mut command = forest.appliance().command("bash");
    command.args(["-c", &script]).stdin(Stdio::piped());
    let mut child = command.spawn().expect("started");
    while fs::read_to_string(&path).expect("readable").is_empty() {
        assert!(child.try_wait().expect("a child").is_none());
    }
    // As long as it is open, the program has no other reason to end.
    let pipe = child.stdin.take();
    child.kill().expect("killed");
    child.wait().expect("ended");
    // The lock goes with its owner.
    file.as_file().lock().expect("free");
    drop(pipe);
}

#[test]
fn nothing_remains() {
    let Some(forest) = start(Recipe::OtherForest) else { return };
    let mark = |host: &Host| fs::read_link(format!("/proc/{}/ns/net", host.pid())).expect("lives");
    let marks: Vec<_> = [forest.appliance(), forest.switch(), forest.controllers()[0].host()]
        .map(mark)
        .into_iter()
        .collect();
    // A second one beside it does not disturb the first, though all addresses are the same.
    let second = start(Recipe::OtherForest).expect("as the first");
    let partner = |forest: &Forest| forest.controllers()[0].ldbsearch("(cn=dave)", &["cn"]);
    second.controllers()[0].samba_tool(&["user", "create", "dave", PASSWORD]).expect("created");
    assert_eq!(partner(&forest).expect("searched").len(), 0);
    assert_eq!(partner(&second).expect("searched").len(), 1);
    drop(second);
    drop(forest);
    let of_processes = fs::read_dir("/proc").expect("proc").flatten();
    let left: Vec<_> = of_processes
        .filter(|entry| {
            let namespace = fs::read_link(entry.path().join("ns/net"));
            namespace.is_ok_and(|namespace| marks.contains(&namespace))
        })
        .collect();
    assert!(left.is_empty(), "{left:?}");
    let mounts = fs::read_to_string("/proc/self/mountinfo").expect("mounts");
    assert!(!mounts.contains("/samba"), "{mounts}");
    let names = Command::new("ip").args(["netns", "list"]).output().expect("iproute2");
    assert!(!String::from_utf8_lossy(&names.stdout).contains("partner1"));
}
