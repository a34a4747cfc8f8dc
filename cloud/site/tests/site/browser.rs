//! A browser without script.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::Request;
use totp_rs::{Builder, Secret as TotpSecret};

use crate::bench::{Bench, PASSWORD, Reply};

/// A browser that keeps cookies and fills forms.
pub(crate) struct Browser<'a> {
    bench: &'a Bench,
    cookies: BTreeMap<String, String>,
    /// The token of the last page with a form.
    pub(crate) csrf: String,
}

impl<'a> Browser<'a> {
    pub(crate) fn new(bench: &'a Bench) -> Self {
        Self { bench, cookies: BTreeMap::new(), csrf: String::new() }
    }

    pub(crate) async fn send(
        &mut self,
        method: &str,
        path: &str,
        body: String,
        site: &str,
    ) -> Reply {
        self.send_as(method, path, body, site, "").await
    }

    /// Asks as the script of a page does that brings itself up to date.
    pub(crate) async fn refresh(&mut self, path: &str) -> Reply {
        self.send_as("GET", path, String::new(), "same-origin", "fetch").await
    }

    async fn send_as(
        &mut self,
        method: &str,
        path: &str,
        body: String,
        site: &str,
        requested_with: &str,
    ) -> Reply {
        let cookies: Vec<_> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("Host", "cloud.example.com")
            .header("Sec-Fetch-Site", site)
            .header("X-Requested-With", requested_with)
            .header("Cookie", cookies.join("; "));
        if method == "POST" {
            request = request.header("Content-Type", "application/x-www-form-urlencoded");
        }
        let reply = self.bench.send(request.body(Body::from(body)).unwrap()).await;
        for cookie in reply.headers.get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            assert!(cookie.contains("; Secure; HttpOnly; SameSite=Lax"), "{cookie}");
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            assert!(name.starts_with("__Host-"), "{cookie}");
            if cookie.ends_with("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        if let Some(found) = reply.text.split("name=\"csrf\" value=\"").nth(1) {
            self.csrf = found.split('"').next().unwrap().to_owned();
        }
        reply
    }

    pub(crate) async fn get(&mut self, path: &str) -> Reply {
        self.send("GET", path, String::new(), "none").await
    }

    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let csrf = self.csrf.clone();
        let mut body = format!("csrf={csrf}");
        for (name, value) in fields {
            let value: String = value.bytes().map(|byte| format!("%{byte:02X}")).collect();
            body.push_str(&format!("&{name}={value}"));
        }
        self.send("POST", path, body, "same-origin").await
    }

    /// Follows redirects and gives the page that they lead to.
    pub(crate) async fn follow(&mut self, mut reply: Reply) -> (String, Reply) {
        let mut path = String::new();
        while reply.status == 303 {
            path = reply.headers["location"].to_str().unwrap().to_owned();
            reply = self.get(&path).await;
        }
        (path, reply)
    }

    /// Signs in with e-mail address and password, and gives the page that follows.
    pub(crate) async fn enter(&mut self, email: &str, password: &str) -> (String, Reply) {
        self.get("/console/sign-in").await;
        let reply =
            self.post("/console/sign-in", &[("email", email), ("password", password)]).await;
        self.follow(reply).await
    }

    /// Signs in somebody who has to set up one-time passwords, and gives the shared secret.
    pub(crate) async fn enrol(&mut self, email: &str) -> String {
        let (path, page) = self.enter(email, PASSWORD).await;
        assert_eq!(path, "/console/set-up-totp", "{page:?}");
        let uri = page.text.split("secret=").nth(1);
        let shared = match uri {
            Some(rest) => rest.split(['&', '"']).next().unwrap().to_owned(),
            None => key_of(&page.text),
        };
        let code = code(&shared, self.bench.now());
        let reply = self.post("/console/set-up-totp", &[("code", &code)]).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        shared
    }
}

/// The key that the page shows for typing: groups of four characters of base 32.
fn key_of(page: &str) -> String {
    let mut longest = String::new();
    let mut run = String::new();
    let text: String = page
        .split('<')
        .filter_map(|part| part.split_once('>').map(|(_, text)| text.to_owned()))
        .collect::<Vec<_>>()
        .join(" ");
    for word in text.split_whitespace() {
        let is_group =
            word.len() == 4 && word.bytes().all(|byte| matches!(byte, b'A'..=b'Z' | b'2'..=b'7'));
        if is_group {
            run.push_str(word);
        } else {
            run.clear();
        }
        if run.len() > longest.len() {
            longest.clone_from(&run);
        }
    }
    assert_eq!(longest.len(), 32, "{page}");
    longest
}

/// The one-time password of now.
pub(crate) fn code(shared: &str, now: i64) -> String {
    let secret = TotpSecret::try_from_base32(shared).unwrap();
    let totp = Builder::new().with_secret(secret).build().unwrap();
    totp.generate(u64::try_from(now).unwrap()).to_string()
}
