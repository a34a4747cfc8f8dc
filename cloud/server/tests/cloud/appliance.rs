//! An appliance as the program sees it.

use base64ct::{Base64, Encoding};
use protocol::control::{self, About};
use protocol::name::Name;
use protocol::registration::{Application, FromAppliance, FromCloud, Registered};
use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use serde_json::json;
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tunnel::identity::Own;
use tunnel::{Inbox, Link, Pin, Trust, identity, websocket};

use crate::running::{Cloud, HOST};

/// A registered appliance.
pub(crate) struct Appliance {
    key: KeyPair,
    pub(crate) told: Registered,
}

/// A connection that was welcomed.
pub(crate) struct Connection {
    pub(crate) link: Link,
    stream: tunnel::Stream,
}

impl Connection {
    /// What the cloud says next, but for its questions whether the appliance is there.
    pub(crate) async fn hear(&mut self) -> Option<control::FromCloud> {
        loop {
            match self.stream.reader.message().await.ok()? {
                Some(control::FromCloud::Ask) => {
                    self.stream.writer.message(&control::FromAppliance::Here).await.ok()?;
                }
                other => return other,
            }
        }
    }

    /// The link and its control stream.
    pub(crate) fn split(self) -> (Link, tunnel::Stream) {
        (self.link, self.stream)
    }

    /// Asks the cloud whether it is there.
    pub(crate) async fn is_alive(&mut self) -> bool {
        self.stream.writer.message(&control::FromAppliance::Ask).await.unwrap();
        let answer = self.stream.reader.message().await.unwrap();
        matches!(answer, Some(control::FromCloud::Here))
    }
}

fn application(key: &KeyPair, name: &str) -> Application {
    let request = CertificateParams::default().serialize_request(key).unwrap();
    Application {
        name: Name::parse(name).unwrap(),
        location: None,
        certificate_request: Base64::encode_string(request.der()),
        about: About { version: "1.0.0.0".to_owned(), ..About::default() },
    }
}

impl Appliance {
    /// Shows a code, which a script takes to the cloud.
    pub(crate) async fn register(cloud: &Cloud) -> Self {
        Self::register_as(cloud, "ca-1").await
    }

    pub(crate) async fn register_as(cloud: &Cloud, name: &str) -> Self {
        Self::register_between(cloud, cloud, name).await
    }

    /// Shows a code that it got at one node, which a script takes to another one.
    pub(crate) async fn register_between(near: &Cloud, cloud: &Cloud, name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let octets = websocket::connect(near.dial().await, HOST, "test/1").await.unwrap();
        let config = identity::applicant(Trust::FirstUse).unwrap();
        let (stream, pin) = identity::connect(config, octets).await.unwrap();
        let link = Link::dialled(stream);
        let mut stream = link.opener.open().await.unwrap();
        stream.writer.message(&FromAppliance::Begin(application(&key, name))).await.unwrap();
        let mut inbox = Inbox::<FromCloud>::new(stream.reader);
        let Some(FromCloud::Code { code, .. }) = inbox.next().await.unwrap() else {
            panic!("code")
        };
        let body = json!({"code": code});
        let (confirmed, ()) = tokio::join!(cloud.post("/registrations/$confirm", &body), async {
            assert_eq!(inbox.next().await.unwrap(), Some(FromCloud::AreYouThere));
            stream.writer.message(&FromAppliance::Here).await.unwrap();
        });
        let id = confirmed["id"].as_str().unwrap();
        let registered = cloud.post(&format!("/registrations/{id}/$register"), &json!({})).await;
        let told = inbox.next().await.unwrap();
        let Some(FromCloud::Registered(told)) = told else { panic!("{told:?}") };
        assert_eq!(registered["id"], told.connector);
        assert_eq!(told.certified.authorities, [pin.to_base64()]);
        Self { key, told }
    }

    /// Connects with what it got at its registration.
    pub(crate) async fn connect(&self, cloud: &Cloud) -> Connection {
        self.connect_over(cloud.dial().await).await
    }

    /// The same on a connection of the caller's choice.
    pub(crate) async fn connect_over(&self, stream: TlsStream<TcpStream>) -> Connection {
        self.try_to_connect(stream, "test").await.unwrap()
    }

    /// Connects as a machine with a text of its start; gives the refusal, if there was one.
    pub(crate) async fn try_to_connect(
        &self,
        stream: TlsStream<TcpStream>,
        instance: &str,
    ) -> Result<Connection, Option<control::Refusal>> {
        let certificate = Base64::decode_vec(&self.told.certified.certificate).unwrap();
        let own = Own {
            chain: vec![CertificateDer::from(certificate)],
            key: PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.key.serialize_der())),
        };
        let octets = websocket::connect(stream, HOST, "test/1").await.map_err(|_| None)?;
        let pin = Pin::from_base64(&self.told.certified.authorities[0]).unwrap();
        let config = identity::appliance(Trust::Pinned(vec![pin]), own).unwrap();
        let (stream, _) = identity::connect(config, octets).await.map_err(|_| None)?;
        let link = Link::dialled(stream);
        let mut stream = link.opener.open().await.map_err(|_| None)?;
        let hello = control::FromAppliance::Hello {
            version: control::VERSION,
            instance: instance.to_owned(),
            about: About { version: "1.0.0.0".to_owned(), ..About::default() },
            capacity: 8,
        };
        stream.writer.message(&hello).await.map_err(|_| None)?;
        let answer = stream.reader.message::<control::FromCloud>().await.map_err(|_| None)?;
        match answer.ok_or(None)? {
            control::FromCloud::Welcome { renewal_only: false, .. } => {
                Ok(Connection { link, stream })
            }
            control::FromCloud::Refused { reason, .. } => Err(Some(reason)),
            other => panic!("{other:?}"),
        }
    }
}
