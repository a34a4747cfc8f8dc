//! `appliance serve-domain`: a fresh appliance beside the domain controller of a forest, for another
//! program, such as the browser tests.

use std::error::Error;
use std::io::BufRead;

use forest::{Controller, Forest, Recipe, fixtures, role};
use harness::namespace::LEASED;
use harness::{HarnessError, Namespace};
use serde_json::{Value, json};

use crate::arguments::Arguments;
use crate::in_namespace;
use crate::say::say;

/// Name of the account that may do everything in the domain.
const ADMINISTRATOR: &str = "administrator";
/// The order that deletes a machine account in the domain, before the name of the account.
const DELETE: &str = "delete ";

/// Boots, says in one line of JSON where, and lives until standard input ends. Each line of the input
/// is an order and is answered with a line of JSON.
///
/// # Errors
///
/// When the forest or the appliance does not come up.
pub(crate) fn serve(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let forest = Forest::start(Recipe::Single)?;
    let controller = forest.controller(role::DC1.name)?;
    let mut namespace = Namespace::new()?;
    namespace.start_dhcp_server()?;
    forest.reach(namespace.name(), &[(namespace.device(), LEASED)])?;
    let _machine = in_namespace::boot(arguments, &namespace)?;
    say(&json!({
        "url": format!("https://{LEASED}"),
        "namespace": namespace.name(),
        "domain": role::DC1.domain,
        "dns": role::DNS_SERVER.to_string(),
        "user": ADMINISTRATOR,
        "password": fixtures::PASSWORD,
    }))?;
    for line in std::io::stdin().lock().lines() {
        let line = line.map_err(HarnessError::io("read standard input"))?;
        say(&carry_out(&line, controller))?;
    }
    Ok(())
}

fn carry_out(order: &str, controller: &Controller) -> Value {
    let Some(account) = order.strip_prefix(DELETE) else {
        return json!({ "error": format!("unknown order {order}") });
    };
    match controller.samba_tool(&["computer", "delete", account]) {
        Ok(_) => json!({ "deleted": account }),
        Err(error) => json!({ "error": error.to_string() }),
    }
}
