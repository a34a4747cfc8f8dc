//! `appliance serve-cloud`: a fresh appliance and a control plane for another program, such as the
//! browser tests, with proxies of the kinds that networks have on the way.

use std::error::Error;
use std::io::Read;
use std::net::{Ipv4Addr, SocketAddr};

use harness::cloud::ADMINISTRATOR;
use harness::namespace::{GATEWAY, LEASED};
use harness::{Cloud, Daemon, HarnessError, Namespace};
use serde_json::json;

use crate::arguments::Arguments;
use crate::in_namespace;
use crate::say::say;

/// An address that is not private: connections to it take the proxies.
const OUTSIDE: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 10);
const HTTPS: u16 = 443;
/// Squid, which asks for user name and password.
const PROXY: u16 = 3128;
const PROXY_USER: &str = "connector";
const PROXY_PASSWORD: &str = "Proxy-Secret-4711";
/// Mitmproxy, which inspects TLS.
const INTERCEPTOR: u16 = 8080;

/// Boots, says in one line of JSON where everything is, and lives until standard input ends.
///
/// # Errors
///
/// When the appliance or a server does not come up.
pub(crate) fn serve(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let mut namespace = Namespace::new()?;
    namespace.start_dhcp_server()?;
    namespace.add_addresses([OUTSIDE].into_iter())?;
    let at = |port: u16| SocketAddr::from((GATEWAY, port));
    let _squid = Daemon::squid(&namespace, at(PROXY), Some((PROXY_USER, PROXY_PASSWORD)))?;
    let interceptor = Daemon::interceptor(&namespace, at(INTERCEPTOR))?;
    let cloud = Cloud::start(&namespace, SocketAddr::from((OUTSIDE, HTTPS)))?;
    let _machine = in_namespace::boot(arguments, &namespace)?;
    say(&json!({
        "url": format!("https://{LEASED}"),
        "namespace": namespace.name(),
        "cloud": {
            "address": OUTSIDE,
            "url": format!("https://{OUTSIDE}"),
            "user": ADMINISTRATOR,
            "password": cloud.first().password,
            "rootCa": cloud.root_ca_file(),
        },
        "proxy": {
            "location": at(PROXY).to_string(),
            "user": PROXY_USER,
            "password": PROXY_PASSWORD,
        },
        "interceptor": {
            "location": at(INTERCEPTOR).to_string(),
            "rootCa": interceptor.path("mitmproxy-ca-cert.pem"),
        },
    }))?;
    std::io::stdin()
        .read_to_end(&mut Vec::new())
        .map_err(HarnessError::io("read standard input"))?;
    Ok(())
}
