//! A gateway on a fresh database, and appliances that dial it in the same process.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use base64ct::{Base64, Encoding};
use gateway::{Authority, Gateway};
use model::secret::Secret;
use protocol::control::{self, About};
use protocol::name::Name;
use protocol::registration::{Application, FromAppliance, FromCloud, Registered};
use protocol::request::{Answer, Request};
use rcgen::{CertificateParams, KeyPair};
use registry::{
    Access, Change, HashCost, MasterKey, NewAdministrator, NewClient, Registry, TenantId,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream};
use tokio::sync::mpsc;
use tunnel::identity::Own;
use tunnel::stream::Writer;
use tunnel::{Inbox, Link, Pin, SUBPROTOCOL, Stream, Trust, TunnelError, identity, websocket};

/// A gateway with one customer.
pub(crate) struct Site {
    pub(crate) gateway: Gateway,
    pub(crate) registry: Registry,
    pub(crate) tenant: TenantId,
    pub(crate) pin: Pin,
    _directory: TempDir,
}

pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(since.as_secs()).unwrap()
}

pub(crate) fn change() -> Change {
    Change::by_system(now())
}

impl Site {
    pub(crate) async fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("cloud.sqlite");
        let registry =
            Registry::open(file.to_str().unwrap(), &MasterKey::generate()).await.unwrap();
        let registry = registry.with_hash_cost(HashCost::CHEAPEST);
        let tenant = registry.create_tenant("Example Bank", now()).await.unwrap().id;
        let authority = Authority::read(&Authority::generate(now()).unwrap()).unwrap();
        let pin = authority.pin();
        let gateway = Gateway::start("gateway-1", registry.clone(), authority, &[], now).unwrap();
        Self { gateway, registry, tenant, pin, _directory: directory }
    }

    /// The wire to the gateway, after the request for a WebSocket.
    pub(crate) fn dial(&self) -> DuplexStream {
        let (near, far) = tokio::io::duplex(64 * 1024);
        let gateway = self.gateway.clone();
        tokio::spawn(async move {
            let stream = upgraded(far).await;
            gateway.serve(stream, "192.0.2.7").await;
        });
        near
    }

    /// An applicant that has said its first word.
    pub(crate) async fn applicant(&self, first: &FromAppliance) -> Applicant {
        let octets = websocket::connect(self.dial(), "cloud.test", "test/1").await.unwrap();
        let config = identity::applicant(Trust::FirstUse).unwrap();
        let (stream, pin) = identity::connect(config, octets).await.unwrap();
        assert_eq!(pin, self.pin);
        let link = Link::dialled(stream);
        let mut stream = link.opener.open().await.unwrap();
        stream.writer.message(first).await.unwrap();
        Applicant { writer: stream.writer, inbox: Inbox::new(stream.reader), _link: link }
    }

    /// Registers an appliance by code, as an administrator does it.
    pub(crate) async fn register(&self, name: &str) -> Appliance {
        let key = KeyPair::generate().unwrap();
        let mut applicant = self.applicant(&FromAppliance::Begin(application(name, &key))).await;
        let FromCloud::Code { code, .. } = applicant.hear().await else { panic!("no code") };
        let tenant = self.tenant.clone();
        let (gateway, typed) = (self.gateway.clone(), code.clone());
        let confirming =
            tokio::spawn(async move { gateway.confirm(&tenant, &typed, &change()).await });
        assert_eq!(applicant.hear().await, FromCloud::AreYouThere);
        applicant.writer.message(&FromAppliance::Here).await.unwrap();
        let (registration, _) = confirming.await.unwrap().unwrap();
        self.gateway.register(&self.tenant, &registration.id, None, &change()).await.unwrap();
        let FromCloud::Registered(registered) = applicant.hear().await else {
            panic!("not registered")
        };
        Appliance { key: Arc::new(key), registered }
    }

    /// A secure client with full access.
    pub(crate) async fn client(&self) -> NewClient {
        let tenant = self.registry.tenant(&self.tenant);
        let new = NewAdministrator {
            email: "admin@example.com".to_owned(),
            display_name: "Admin".to_owned(),
            access: Access::Full,
        };
        let invitation = tenant.invite(&new, &change()).await.unwrap();
        let password = Secret::new("Correct-horse-1".to_owned());
        self.registry.accept_invitation(&invitation.secret, &password, now()).await.unwrap();
        tenant.create_client("script", &invitation.administrator.id, &change()).await.unwrap()
    }
}

/// What an appliance says when it wants to be registered.
pub(crate) fn application(name: &str, key: &KeyPair) -> Application {
    let request = CertificateParams::default().serialize_request(key).unwrap();
    Application {
        name: Name::parse(name).unwrap(),
        location: None,
        certificate_request: Base64::encode_string(request.der()),
        about: About { version: "1.0.0.0".to_owned(), ..About::default() },
    }
}

/// An appliance that wants to be registered.
pub(crate) struct Applicant {
    pub(crate) writer: Writer,
    inbox: Inbox<FromCloud>,
    _link: Link,
}

impl Applicant {
    pub(crate) async fn hear(&mut self) -> FromCloud {
        self.inbox.next().await.unwrap().expect("the cloud says something")
    }
}

/// A registered appliance.
#[derive(Clone)]
pub(crate) struct Appliance {
    pub(crate) key: Arc<KeyPair>,
    pub(crate) registered: Registered,
}

/// A connection of a registered appliance.
pub(crate) struct Channel {
    pub(crate) writer: Writer,
    inbox: Inbox<control::FromCloud>,
    pub(crate) link: Link,
}

impl Appliance {
    fn own(&self) -> Own {
        let certificate = Base64::decode_vec(&self.registered.certified.certificate).unwrap();
        Own {
            chain: vec![CertificateDer::from(certificate)],
            key: PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.key.serialize_der())),
        }
    }

    /// Dials and says hello.
    pub(crate) async fn hello(&self, site: &Site, instance: &str) -> Channel {
        self.try_hello(site, instance).await.unwrap()
    }

    async fn try_hello(&self, site: &Site, instance: &str) -> Result<Channel, TunnelError> {
        let octets = websocket::connect(site.dial(), "cloud.test", "test/1").await?;
        let config = identity::appliance(Trust::Pinned(vec![site.pin]), self.own())?;
        let (stream, _) = identity::connect(config, octets).await?;
        let link = Link::dialled(stream);
        let mut stream = link.opener.open().await?;
        let hello = control::FromAppliance::Hello {
            version: control::VERSION,
            instance: instance.to_owned(),
            about: About { version: "1.0.0.0".to_owned(), ..About::default() },
            capacity: 8,
        };
        stream.writer.message(&hello).await?;
        Ok(Channel { writer: stream.writer, inbox: Inbox::new(stream.reader), link })
    }

    /// A connection that is welcome.
    pub(crate) async fn connect(&self, site: &Site, instance: &str) -> Channel {
        let mut channel = self.hello(site, instance).await;
        let welcome = channel.hear().await;
        assert!(matches!(welcome, control::FromCloud::Welcome { .. }), "{welcome:?}");
        channel
    }
}

impl Channel {
    pub(crate) async fn hear(&mut self) -> control::FromCloud {
        self.inbox.next().await.unwrap().expect("the cloud says something")
    }

    /// Answers requests until the connection ends; gives what was asked.
    pub(crate) fn answer(
        self,
        answer: impl Fn(&Request) -> Option<Answer> + Send + Sync + 'static,
    ) -> mpsc::UnboundedReceiver<Request> {
        let (sender, asked) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            let Self { writer, inbox, mut link } = self;
            while let Some(mut stream) = link.incoming.accept().await {
                let Ok(Some(request)) = stream.reader.message::<Request>().await else { continue };
                let answer = answer(&request);
                let _ = sender.send(request);
                match answer {
                    Some(answer) => {
                        stream.writer.message(&answer).await.unwrap();
                        stream.writer.close().await.unwrap();
                    }
                    // The appliance dies.
                    None => break,
                }
            }
            drop((writer, inbox, link));
        });
        asked
    }
}

/// Sends data for as long as somebody takes them. It fails once the news has come that nobody does, and
/// waits before that when the window is full.
pub(crate) async fn send_until_given_up(stream: &mut Stream) {
    let piece = vec![0; 64 * 1024];
    while stream.writer.data(&piece).await.is_ok() {}
}

/// Answers a request for a WebSocket, as the cloud's HTTP server does.
async fn upgraded(mut stream: DuplexStream) -> DuplexStream {
    let mut key = None;
    let mut reader = BufReader::with_capacity(1, &mut stream);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).await.unwrap();
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(": ")
            && name.eq_ignore_ascii_case("sec-websocket-key")
        {
            key = Some(websocket::accept_value(value.as_bytes()));
        }
    }
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Accept: {}\r\nSec-WebSocket-Protocol: {SUBPROTOCOL}\r\n\r\n",
        key.unwrap()
    );
    stream.write_all(answer.as_bytes()).await.unwrap();
    stream
}
