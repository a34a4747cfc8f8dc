//! An appliance with a password, signed in to, in a network of its own.

use harness::namespace::LEASED;
use harness::rest::{PASSWORD, json};
use harness::{HarnessError, Machine, Namespace, Reply, RestClient, limits};
use serde_json::Value;

use crate::must;

pub(crate) struct InUse {
    // Before the network: the machine ends before its card is removed.
    pub(crate) machine: Machine,
    pub(crate) client: RestClient,
    pub(crate) namespace: Namespace,
}

impl InUse {
    /// Boots a machine in a network with DHCP, creates the password and signs in.
    pub(crate) fn start(namespace: Namespace) -> Self {
        Self::start_with(namespace, &[])
    }

    /// The same with more arguments of QEMU.
    pub(crate) fn start_with(namespace: Namespace, extra: &[String]) -> Self {
        let extra: Vec<_> = extra.iter().map(String::as_str).collect();
        let machine = Machine::builder().attachment(namespace.attachment()).extra(&extra);
        let mut machine = must(machine.start());
        assert_eq!(must(machine.wait_for_landing_page()).address, LEASED);
        let https = must(machine.https(LEASED));
        let client = must(namespace.enter(|| {
            must(https.wait_until_answering(limits::BOOT));
            let mut client = RestClient::new(https);
            must(client.create_password(PASSWORD));
            must(client.sign_in(PASSWORD));
            client
        }));
        Self { machine, client, namespace }
    }

    /// Signs in again, after another start.
    pub(crate) fn sign_in(&mut self) {
        let https = must(self.machine.https(LEASED));
        self.client = must(self.namespace.enter(|| {
            must(https.wait_until_answering(limits::BOOT));
            let mut client = RestClient::new(https);
            must(client.sign_in(PASSWORD));
            client
        }));
    }

    /// Restarts the appliance in order and signs in again.
    pub(crate) fn restart(&mut self) {
        self.machine.qmp().forget_events();
        self.ask(RestClient::restart);
        must(self.machine.wait_for_restart(limits::SHUTDOWN));
        must(self.machine.wait_for_landing_page());
        self.sign_in();
    }

    /// Switches the appliance off in order, and on with other arguments of QEMU; signs in again.
    pub(crate) fn switch_off_and_on(&mut self, extra: Vec<String>) {
        must(self.machine.power_button());
        self.machine.set_extra(extra);
        must(self.machine.switch_on());
        must(self.machine.wait_for_landing_page());
        self.sign_in();
    }

    /// Calls the REST interface from the network.
    pub(crate) fn ask<T: Send>(
        &self,
        call: impl FnOnce(&RestClient) -> Result<T, HarnessError> + Send,
    ) -> T {
        let client = &self.client;
        must(must(self.namespace.enter(|| call(client))))
    }

    /// The answer to a question without body.
    pub(crate) fn download(&self, path: &str) -> Reply {
        self.ask(|client| client.get(path))
    }

    /// The same, read as JSON.
    pub(crate) fn get(&self, path: &str) -> Value {
        must(json(&self.download(path)))
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Reply {
        self.ask(|client| client.post(path, body))
    }

    pub(crate) fn put(&self, path: &str, body: &Value) -> Reply {
        self.ask(|client| client.put(path, body))
    }

    pub(crate) fn delete(&self, path: &str) -> Reply {
        self.ask(|client| client.delete(path))
    }

    /// Asks until the answer is as wanted.
    ///
    /// # Errors
    ///
    /// When it is not in time.
    pub(crate) fn wait_for(
        &self,
        path: &str,
        is_wanted: impl Fn(&Value) -> bool + Send,
    ) -> Result<Value, HarnessError> {
        let client = &self.client;
        must(self.namespace.enter(|| client.wait_for(path, is_wanted)))
    }
}
