//! The operator's own certificate of the HTTPS port, and another one in its place.

use std::fs;
use std::path::{Path, PathBuf};

use nix::sys::signal::Signal;
use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use rustls::pki_types::CertificateDer;
use tempfile::TempDir;
use tokio_rustls::client::TlsStream;

use crate::appliance::Appliance;
use crate::running::{Cloud, HOST};

/// Files of a certificate and its key, which are replaced.
struct Files {
    directory: TempDir,
}

impl Files {
    fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Puts a new certificate into the files, which vouches for itself.
    fn replace(&self, change: impl FnOnce(&mut CertificateParams)) -> Vec<u8> {
        let mut parameters = CertificateParams::new(vec![HOST.to_owned()]).unwrap();
        change(&mut parameters);
        let key = KeyPair::generate().unwrap();
        let certificate = parameters.self_signed(&key).unwrap();
        fs::write(self.path("chain.pem"), certificate.pem()).unwrap();
        fs::write(self.path("key.pem"), key.serialize_pem()).unwrap();
        certificate.der().to_vec()
    }

    fn start(&self) -> Cloud {
        let (chain, key) = (self.path("chain.pem"), self.path("key.pem"));
        let text = |path: &Path| path.to_str().unwrap().to_owned();
        let options = ["--certificate", &text(&chain), "--key", &text(&key)];
        let mut cloud = Cloud::start_with(&[], &options);
        cloud.root = chain;
        cloud
    }
}

fn shown<S>(stream: &TlsStream<S>) -> CertificateDer<'static> {
    stream.get_ref().1.peer_certificates().unwrap()[0].clone()
}

#[tokio::test]
async fn another_certificate_is_shown_after_a_signal_and_connections_stay() {
    let files = Files::new();
    let first = files.replace(|_| ());
    let cloud = files.start();
    assert_eq!(shown(&cloud.dial().await).as_ref(), first);
    let appliance = Appliance::register(&cloud).await;
    let mut connection = appliance.connect(&cloud).await;

    let second = files.replace(|_| ());
    cloud.server.signal(Signal::SIGHUP);
    cloud.server.says("is in use");
    assert_eq!(shown(&cloud.dial().await).as_ref(), second);
    assert!(connection.is_alive().await);
    assert!(!cloud.data().join("https.key").exists(), "a certificate was made for nothing");
}

#[tokio::test]
async fn files_that_cannot_be_used_change_nothing_and_the_log_says_why() {
    let files = Files::new();
    let first = files.replace(|_| ());
    let mut cloud = files.start();
    // The client goes on trusting the first one.
    cloud.root = files.path("first.pem");
    fs::copy(files.path("chain.pem"), &cloud.root).unwrap();
    let chain = fs::read(&cloud.root).unwrap();
    let spoil: [(&str, &dyn Fn()); 5] = [
        ("No such file", &|| fs::remove_file(files.path("chain.pem")).unwrap()),
        ("no certificate in PEM", &|| fs::write(files.path("chain.pem"), "gone").unwrap()),
        ("keys", &|| {
            files.replace(|_| ());
            fs::write(files.path("chain.pem"), &chain).unwrap();
        }),
        ("no private key in PEM", &|| fs::write(files.path("key.pem"), "gone").unwrap()),
        ("expired at 2020-01-01", &|| {
            files.replace(|parameters| parameters.not_after = date_time_ymd(2020, 1, 1));
        }),
    ];
    for (why, spoil) in spoil {
        spoil();
        cloud.server.signal(Signal::SIGHUP);
        let line = cloud.server.says("stays the same");
        assert!(line.contains(why), "{why}: {line}");
        assert_eq!(shown(&cloud.dial().await).as_ref(), first);
    }
}
