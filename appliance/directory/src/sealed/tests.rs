//! A relay between us and a real domain controller that changes, repeats, drops, reorders and cuts
//! tokens.

use std::net::Ipv4Addr;

use forest::fixtures::{LARGE, PASSWORD};
use forest::{Forest, Recipe, role};
use model::domain::failure::DomainFailure;
use model::domain::{DomainName, UserName};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::{TcpListener, TcpStream};

use crate::ber;
use crate::clock::Clock;
use crate::connection::{Connection, OperationError};
use crate::controller::Controller;
use crate::kdc::{Client, Kdc};
use crate::netlogon::Netlogon;

/// What a relay does with the tokens of the domain controller.
#[derive(Clone, Copy, Debug)]
enum Relay {
    /// Hands each byte on by itself.
    Drip,
    /// Changes one bit of the second token.
    Flip,
    /// Sends the first token twice.
    Repeat,
    /// Leaves out the second token.
    Drop,
    /// Sends the third token before the second.
    Swap,
    /// Ends in the middle of the second token.
    Cut,
    /// Announces a token of 3 GiB.
    Announce,
}

/// Steps of a bind before tokens begin.
const BIND_STEPS: usize = 3;

impl Relay {
    /// Listens; one connection is handed on to the domain controller.
    async fn start(self) -> u16 {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            let (client, _) = listener.accept().await.unwrap();
            let server = TcpStream::connect((role::DC1.address, 389)).await.unwrap();
            let (mut from_client, to_client) = client.into_split();
            let (from_server, mut to_server) = server.into_split();
            tokio::spawn(async move { copy(&mut from_client, &mut to_server).await });
            // Either side may end it.
            let _ = self.carry(from_server, to_client).await;
        });
        port
    }

    async fn carry(
        self,
        mut server: impl AsyncReadExt + Unpin,
        mut client: impl AsyncWriteExt + Unpin,
    ) -> std::io::Result<()> {
        for _ in 0..BIND_STEPS {
            let mut message = Vec::new();
            while ber::length(&message).is_none_or(|length| length.unwrap() > message.len()) {
                message.push(server.read_u8().await?);
            }
            client.write_all(&message).await?;
        }
        let mut held = None;
        for number in 1.. {
            let length = server.read_u32().await?;
            let mut token = length.to_be_bytes().to_vec();
            (&mut server).take(u64::from(length)).read_to_end(&mut token).await?;
            match (self, number) {
                (Self::Drip, _) => {
                    for byte in token {
                        client.write_u8(byte).await?;
                        client.flush().await?;
                    }
                    continue;
                }
                (Self::Flip, 2) => {
                    let middle = token.len() / 2;
                    token[middle] ^= 1;
                }
                (Self::Repeat, 1) => client.write_all(&token).await?,
                (Self::Drop, 2) => continue,
                (Self::Swap, 2) => {
                    held = Some(token);
                    continue;
                }
                (Self::Cut, 2) => return client.write_all(&token[..token.len() / 2]).await,
                (Self::Announce, 2) => {
                    client.write_all(&[0xc0, 0, 0, 0]).await?;
                    continue;
                }
                _ => {}
            }
            client.write_all(&token).await?;
            if let Some(held) = held.take() {
                client.write_all(&held).await?;
            }
        }
        Ok(())
    }
}

/// Reads the whole directory a page at a time, through a relay.
async fn read_through(relay: Relay) -> Result<usize, OperationError> {
    let clock = Clock::default();
    let controller = Controller {
        host: role::DC1.host_name(),
        address: role::DC1.address,
        netlogon: Netlogon::default(),
        latency: std::time::Duration::ZERO,
    };
    let domain = DomainName::parse("corp.example.com").unwrap();
    let user = UserName::parse("administrator").unwrap();
    let (kdc, client) = (Kdc::new(&controller, &domain, clock), Client::User(&user));
    let (granting, _) = kdc.sign_in(&client, PASSWORD).await.unwrap();
    let ticket = kdc.ticket(&granting, "ldap", &controller.host, &client).await.unwrap();
    let port = relay.start().await;
    let opened =
        Connection::open(&controller.host, Ipv4Addr::LOCALHOST, port, &ticket, clock).await;
    let connection = opened.unwrap();
    let base = domain.distinguished_name();
    // Both at once, so that tokens follow each other whatever becomes of one.
    let search = || connection.search(&base, "(objectClass=contact)", &["cn", "objectGUID"], 5000);
    let (one, other) = tokio::try_join!(search(), search())?;
    assert_eq!(one.len(), other.len());
    Ok(one.len())
}

#[test]
fn tokens_that_were_touched_on_the_way_end_the_connection_and_say_so() {
    let forest = Forest::start(Recipe::Single).unwrap();
    let run = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let all = read_through(Relay::Drip).await.unwrap();
            assert_eq!(all, LARGE);
            for relay in
                [Relay::Flip, Relay::Repeat, Relay::Drop, Relay::Swap, Relay::Cut, Relay::Announce]
            {
                let found = read_through(relay).await;
                let Err(OperationError::Connection(failure)) = found else {
                    panic!("{relay:?}: {found:?}")
                };
                let is_cut = matches!(relay, Relay::Cut);
                match failure {
                    DomainFailure::ConnectionLost { reason, .. } if is_cut => {
                        assert!(reason.contains("in the middle of a token"), "{reason}");
                    }
                    DomainFailure::Tampered { .. } if !is_cut => {}
                    other => panic!("{relay:?}: {other:?}"),
                }
            }
        });
    };
    forest.appliance().enter(run).unwrap();
}
