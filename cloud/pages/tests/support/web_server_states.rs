//! Web servers of a location.

use pages::{
    RemoveWebServer, WebServer, WebServerProblem, WebServers, WebServersNotice, remove_web_server,
    web_servers,
};
use protocol::web::{ForbiddenAddress, WebAddressError};

use super::{DAY, NOW, World};

pub(crate) fn add(world: World, list: &mut Vec<(String, String)>) {
    let server = |id: &str, name: &str, address: &str| WebServer {
        id: world.name(id),
        name: world.name(name),
        address: world.name(address),
        added: NOW - 12 * DAY,
    };
    let all = || {
        vec![
            server(
                "8d1c2f9e-3a3e-4e0e-9d0f-6a0b7f6f2c14",
                "Intranet",
                "http://intranet.datacenter-1.corp.example.com:8080",
            ),
            server("9e1c2f9e-3a3e-4e0e-9d0f-6a0b7f6f2c15", "Wiki", "https://10.73.4.20:443"),
        ]
    };
    let base = || WebServers {
        frame: world.frame("/console/resource-locations/web-servers?id=6b1c"),
        location_id: world.name("6b1c2f9e-3a3e-4e0e-9d0f-6a0b7f6f2c12"),
        location: world.name("Osaka Branch"),
        servers: all(),
        limit: 100,
        ..WebServers::default()
    };
    let mut push = |name: &str, page: WebServers| {
        list.push((format!("web-servers{name}"), web_servers(&page)));
    };
    push("", base());
    push("-none", WebServers { servers: Vec::new(), ..base() });
    push("-full", WebServers { limit: 2, ..base() });
    let name = || world.name("Wiki");
    for (word, notice) in [
        ("-added", WebServersNotice::Added { name: name() }),
        ("-removed", WebServersNotice::Removed { name: name() }),
    ] {
        push(word, WebServers { notice: Some(notice), ..base() });
    }
    for (word, problem) in problems() {
        let (name, address) = (name(), world.name("https://wiki.corp.example.com/start"));
        // Who may add no more sees no form.
        let limit = if problem == WebServerProblem::TooMany { 2 } else { 100 };
        push(word, WebServers { name, address, limit, problem: Some(problem), ..base() });
    }
    let html = remove_web_server(&RemoveWebServer {
        frame: base().frame,
        location_id: base().location_id,
        location: base().location,
        server: all().remove(0),
    });
    list.push(("web-server-remove".into(), html));
}

fn problems() -> Vec<(&'static str, WebServerProblem)> {
    let address = WebServerProblem::Address;
    let forbidden = |why| address(WebAddressError::Forbidden(why));
    vec![
        ("-name-missing", WebServerProblem::NameMissing),
        ("-name-too-long", WebServerProblem::NameTooLong),
        ("-name-character", WebServerProblem::NameCharacter { character: '<' }),
        ("-name-taken", WebServerProblem::NameTaken),
        ("-too-many", WebServerProblem::TooMany),
        ("-scheme", address(WebAddressError::Scheme)),
        ("-credentials", address(WebAddressError::Credentials)),
        ("-path", address(WebAddressError::Path)),
        ("-host", address(WebAddressError::Host)),
        ("-port", address(WebAddressError::Port)),
        ("-loopback", forbidden(ForbiddenAddress::Loopback)),
        ("-link-local", forbidden(ForbiddenAddress::LinkLocal)),
        ("-multicast", forbidden(ForbiddenAddress::Multicast)),
    ]
}
