//! The documented REST interface as a script uses it.

use std::time::Instant;

use model::password::ADMINISTRATOR;
use serde_json::{Value, json};

use crate::error::HarnessError;
use crate::https::{HttpsClient, Reply, Request};
use crate::limits;

/// A password that satisfies the rules, for tests that need any.
pub const PASSWORD: &str = "Correct-horse-1";

/// Calls the REST interface.
#[derive(Clone, Debug)]
pub struct RestClient {
    https: HttpsClient,
    token: Option<String>,
}

impl RestClient {
    /// A client that has not signed in.
    #[must_use]
    pub const fn new(https: HttpsClient) -> Self {
        Self { https, token: None }
    }

    /// Sends a request without body.
    ///
    /// # Errors
    ///
    /// When the exchange fails.
    pub fn get(&self, path: &str) -> Result<Reply, HarnessError> {
        self.https.send(&self.authorised(Request::new("GET", path)))
    }

    /// Sends a JSON body.
    ///
    /// # Errors
    ///
    /// When the exchange fails.
    pub fn post(&self, path: &str, body: &Value) -> Result<Reply, HarnessError> {
        let request = Request::new("POST", path).body("application/json", body.to_string());
        self.https.send(&self.authorised(request))
    }

    /// Replaces a resource by a JSON body.
    ///
    /// # Errors
    ///
    /// When the exchange fails.
    pub fn put(&self, path: &str, body: &Value) -> Result<Reply, HarnessError> {
        let request = Request::new("PUT", path).body("application/json", body.to_string());
        self.https.send(&self.authorised(request))
    }

    /// Deletes a resource.
    ///
    /// # Errors
    ///
    /// When the exchange fails.
    pub fn delete(&self, path: &str) -> Result<Reply, HarnessError> {
        self.https.send(&self.authorised(Request::new("DELETE", path)))
    }

    /// Asks for a resource until it is as wanted, and gives it.
    ///
    /// # Errors
    ///
    /// When the exchange fails, or the resource is not so in time.
    pub fn wait_for(
        &self,
        path: &str,
        is_wanted: impl Fn(&Value) -> bool,
    ) -> Result<Value, HarnessError> {
        let deadline = Instant::now() + limits::DIAGNOSIS;
        loop {
            let reply = self.get(path)?;
            let answer = json(&reply)?;
            if is_wanted(&answer) {
                return Ok(answer);
            }
            if Instant::now() >= deadline {
                return Err(unexpected(&reply));
            }
            std::thread::sleep(limits::POLL_INTERVAL);
        }
    }

    /// Waits until PID 1 has marked this start good, some seconds after all roles are ready.
    ///
    /// # Errors
    ///
    /// When the exchange fails, or the start is not marked good in time.
    pub fn wait_until_marked_good(&self) -> Result<(), HarnessError> {
        let deadline = Instant::now() + limits::BOOT;
        loop {
            let reply = self.get("/status")?;
            if json(&reply)?["machine"]["markedGood"] == true {
                return Ok(());
            }
            if Instant::now() >= deadline {
                return Err(unexpected(&reply));
            }
            std::thread::sleep(limits::POLL_INTERVAL);
        }
    }

    /// Whether the administrator's password has been created.
    ///
    /// # Errors
    ///
    /// When the exchange fails or the answer is not the documented one.
    pub fn credentials_are_set_up(&self) -> Result<bool, HarnessError> {
        let reply = self.get("/credentials")?;
        json(&reply)?["credentialsAreSetup"].as_bool().ok_or_else(|| unexpected(&reply))
    }

    /// Creates the administrator's password.
    ///
    /// # Errors
    ///
    /// When the appliance refuses it.
    pub fn create_password(&self, password: &str) -> Result<(), HarnessError> {
        let body = json!({ "username": ADMINISTRATOR, "password": password });
        let reply = self.post("/credentials", &body)?;
        if (200..300).contains(&reply.status) { Ok(()) } else { Err(unexpected(&reply)) }
    }

    /// Signs in and keeps the token for later calls.
    ///
    /// # Errors
    ///
    /// When the appliance refuses the password.
    pub fn sign_in(&mut self, password: &str) -> Result<(), HarnessError> {
        if self.try_sign_in(password)? {
            return Ok(());
        }
        Err(HarnessError::Http("the password is refused".to_owned()))
    }

    /// Signs in if the password is in force; says whether it is.
    ///
    /// # Errors
    ///
    /// When the exchange fails or the answer is neither a token nor a refusal of the password.
    pub fn try_sign_in(&mut self, password: &str) -> Result<bool, HarnessError> {
        let body = json!({ "username": ADMINISTRATOR, "password": password });
        let reply = self.post("/$login", &body)?;
        if reply.status == 401 {
            return Ok(false);
        }
        let token = json(&reply)?["token"].as_str().map(str::to_owned);
        self.token = Some(token.ok_or_else(|| unexpected(&reply))?);
        Ok(true)
    }

    /// The token of the last sign-in, for programs that call the interface themselves.
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// Asks for an orderly restart.
    ///
    /// # Errors
    ///
    /// When the appliance refuses.
    pub fn restart(&self) -> Result<(), HarnessError> {
        let reply = self.post("/$reboot", &json!({}))?;
        if reply.status == 202 { Ok(()) } else { Err(unexpected(&reply)) }
    }

    fn authorised(&self, request: Request) -> Request {
        match &self.token {
            Some(token) => request.field("Authorization", &format!("Bearer {token}")),
            None => request,
        }
    }
}

/// The JSON body of an answer.
///
/// # Errors
///
/// When the body is no JSON.
pub fn json(reply: &Reply) -> Result<Value, HarnessError> {
    serde_json::from_slice(&reply.body).map_err(|_| unexpected(reply))
}

fn unexpected(reply: &Reply) -> HarnessError {
    HarnessError::Http(format!("status {} with {}", reply.status, reply.text()))
}
