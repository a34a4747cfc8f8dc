//! The members of the document, each through the validator of its kind.

use certificate::check_root;
use model::boot_parameter;
use model::channel::CloudAddress;
use model::network::NetworkSettings;
use model::network_form::is_name_of_host;
use model::proxy::{MAX_PROXIES, ProxyLocation, check_credentials};
use model::root_ca::{MAX_ROOTS, RootCa, RootCaRefusal};
use model::secret::Secret;
use protocol::name::Name;

use super::tree::Tree;
use super::{
    FirstProxy, FirstRegistration, FirstSettings, FirstSettingsError, MemberFault, MemberProblem,
    password_hash, properties,
};

/// The one member of the document.
const ROOT: &str = "connector";
/// Its members.
const MEMBERS: [&str; 6] =
    ["name", "network", "proxies", "rootCas", "registration", "passwordHash"];
const PROXY_MEMBERS: [&str; 3] = ["location", "userName", "password"];
const REGISTRATION_MEMBERS: [&str; 5] =
    ["applianceName", "cloud", "clientId", "clientSecret", "resourceLocationId"];
/// Longest identifier or secret of a secure client, and identifier of a location, in bytes.
const MAX_IDENTIFIER_BYTES: usize = 2048;
/// Most bytes of an unknown member's name that a message repeats.
const MAX_SHOWN_BYTES: usize = 64;

/// The problems so far, and how members are named in them.
#[derive(Default)]
pub(super) struct Reading {
    problems: Vec<MemberProblem>,
    is_of_properties: bool,
}

/// Members of one object, taken out one by one.
struct Members(Vec<(String, Tree)>);

impl Members {
    fn take(&mut self, name: &str) -> Option<Tree> {
        let index = self.0.iter().position(|(known, _)| known == name)?;
        Some(self.0.swap_remove(index).1)
    }
}

impl Reading {
    /// For keys of properties in place of a document.
    pub(super) const fn of_properties() -> Self {
        Self { problems: Vec::new(), is_of_properties: true }
    }

    /// The settings, if nothing is wrong.
    pub(super) fn finish(
        self,
        settings: FirstSettings,
    ) -> Result<FirstSettings, FirstSettingsError> {
        if self.problems.is_empty() {
            Ok(settings)
        } else {
            Err(FirstSettingsError::Members(self.problems))
        }
    }

    fn note(&mut self, member: &str, fault: MemberFault) {
        self.problems.push(MemberProblem { member: member.to_owned(), fault });
    }

    /// The value of a result; its error becomes a problem of the member.
    pub(super) fn take<T, E: Into<MemberFault>>(
        &mut self,
        member: &str,
        result: Result<T, E>,
    ) -> Option<T> {
        result.map_err(|error| self.note(member, error.into())).ok()
    }

    /// Reads the whole document.
    pub(super) fn document(&mut self, tree: Tree) -> FirstSettings {
        let Some(mut members) = self.object("the document", "", tree, &[ROOT]) else {
            return FirstSettings::default();
        };
        match members.take(ROOT) {
            Some(tree) => self.settings(tree),
            None => {
                self.note(ROOT, MemberFault::Missing);
                FirstSettings::default()
            }
        }
    }

    /// Reads what stands within `connector`.
    pub(super) fn settings(&mut self, tree: Tree) -> FirstSettings {
        let Some(mut members) = self.object(ROOT, "connector.", tree, &MEMBERS) else {
            return FirstSettings::default();
        };
        let name = members.take("name").and_then(|tree| self.host_name(tree));
        FirstSettings {
            network: members.take("network").and_then(|tree| self.network(tree)),
            proxies: members.take("proxies").map(|tree| self.proxies(tree)).unwrap_or_default(),
            roots: members.take("rootCas").map(|tree| self.roots(tree)).unwrap_or_default(),
            registration: members
                .take("registration")
                .and_then(|tree| self.registration(tree, name.as_deref())),
            password_hash: members.take("passwordHash").and_then(|tree| self.password_hash(tree)),
            name,
        }
    }

    /// The path of a member of `connector`.
    fn path(&self, member: &str) -> String {
        let name = if self.is_of_properties { properties::key(member) } else { member };
        format!("{ROOT}.{name}")
    }

    /// The members of an object; unknown and repeated ones are noted.
    fn object(&mut self, path: &str, prefix: &str, tree: Tree, known: &[&str]) -> Option<Members> {
        let Tree::Object(members) = tree else {
            self.note(path, MemberFault::WrongKind { expected: "an object", found: tree.kind() });
            return None;
        };
        for (index, (name, _)) in members.iter().enumerate() {
            let member = format!("{prefix}{}", beginning(name));
            if !known.contains(&name.as_str()) {
                let fault = self.unknown(name, known, prefix);
                self.note(&member, fault);
            } else if members.iter().take(index).any(|(earlier, _)| earlier == name) {
                let member = if prefix == "connector." { self.path(name) } else { member };
                self.note(&member, MemberFault::Duplicate);
            }
        }
        Some(Members(members))
    }

    fn unknown(&self, name: &str, known: &[&str], prefix: &str) -> MemberFault {
        let lower = name.to_ascii_lowercase();
        let is_password = lower.contains("password") && !lower.contains("hash");
        if prefix == "connector." && is_password {
            return MemberFault::ClearText { hash: self.hash_member() };
        }
        let name = |member| if self.is_of_properties { properties::key(member) } else { member };
        let known: Vec<_> = known.iter().copied().map(name).collect();
        MemberFault::Unknown { known: known.join(", ") }
    }

    /// Notes a key of a property that is none of ours.
    pub(super) fn unknown_key(&mut self, key: &str) {
        let fault = self.unknown(key, &MEMBERS, "connector.");
        self.note(&format!("{ROOT}.{}", beginning(key)), fault);
    }

    const fn hash_member(&self) -> &'static str {
        if self.is_of_properties { "connector.password-hash" } else { "connector.passwordHash" }
    }

    fn text(&mut self, path: &str, tree: Tree) -> Option<Secret> {
        match tree {
            Tree::Text(text) => Some(text),
            other => {
                self.note(path, MemberFault::WrongKind { expected: "a text", found: other.kind() });
                None
            }
        }
    }

    fn list(&mut self, path: &str, tree: Tree, expected: &'static str) -> Vec<Tree> {
        match tree {
            Tree::List(entries) => entries,
            other => {
                self.note(path, MemberFault::WrongKind { expected, found: other.kind() });
                Vec::new()
            }
        }
    }

    fn host_name(&mut self, tree: Tree) -> Option<String> {
        let path = self.path("name");
        let name = self.text(&path, tree)?.expose().trim().to_ascii_lowercase();
        if is_name_of_host(&name) {
            return Some(name);
        }
        self.note(&path, MemberFault::HostName);
        None
    }

    /// The value of the boot parameter `network=`; the parameter as a whole is taken as well.
    fn network(&mut self, tree: Tree) -> Option<NetworkSettings> {
        let path = self.path("network");
        let text = self.text(&path, tree)?;
        let value = text.expose().trim();
        let value = value.strip_prefix("network=").unwrap_or(value);
        self.take(&path, boot_parameter::parse(value))
    }

    fn proxies(&mut self, tree: Tree) -> Vec<FirstProxy> {
        let path = self.path("proxies");
        let entries = self.list(&path, tree, "a list of host:port, or of objects with location");
        if entries.len() > MAX_PROXIES {
            self.note(&path, MemberFault::TooManyProxies);
            return Vec::new();
        }
        let mut proxies = Vec::<FirstProxy>::new();
        for (index, entry) in entries.into_iter().enumerate() {
            let path = format!("{path}[{index}]");
            let Some(proxy) = self.proxy(&path, entry) else { continue };
            if proxies.iter().any(|earlier| earlier.location == proxy.location) {
                self.note(&path, MemberFault::Repeated);
            }
            proxies.push(proxy);
        }
        proxies
    }

    fn proxy(&mut self, path: &str, tree: Tree) -> Option<FirstProxy> {
        if let Tree::Text(location) = tree {
            let location = self.take(path, ProxyLocation::parse(location.expose()))?;
            return Some(FirstProxy { location, credentials: None });
        }
        let mut members = self.object(path, &format!("{path}."), tree, &PROXY_MEMBERS)?;
        let user = self.optional(&mut members, path, "userName");
        let password = self.optional(&mut members, path, "password");
        let location = self.required(&mut members, path, "location");
        let user = user.map(|text| text.expose().to_owned()).unwrap_or_default();
        let password = password.unwrap_or_else(|| Secret::new(String::new()));
        self.take(path, check_credentials(&user, password.expose()))?;
        let location =
            self.take(&format!("{path}.location"), ProxyLocation::parse(location?.expose()))?;
        let credentials = (!user.is_empty()).then_some((user, password));
        Some(FirstProxy { location, credentials })
    }

    fn optional(&mut self, members: &mut Members, path: &str, name: &str) -> Option<Secret> {
        let tree = members.take(name)?;
        self.text(&format!("{path}.{name}"), tree)
    }

    fn required(&mut self, members: &mut Members, path: &str, name: &str) -> Option<Secret> {
        let member = format!("{path}.{name}");
        match members.take(name) {
            Some(tree) => self.text(&member, tree),
            None => {
                self.note(&member, MemberFault::Missing);
                None
            }
        }
    }

    fn roots(&mut self, tree: Tree) -> Vec<RootCa> {
        let path = self.path("rootCas");
        let mut roots = Vec::new();
        for (index, entry) in
            self.list(&path, tree, "a list of certificates in PEM").into_iter().enumerate()
        {
            let path = format!("{path}[{index}]");
            let Some(text) = self.text(&path, entry) else { continue };
            for certificate in split_certificates(text.expose()) {
                let checked = check_root(certificate.as_bytes());
                roots.extend(self.take::<_, RootCaRefusal>(&path, checked));
            }
        }
        let is_repeated = |(index, root): (usize, &RootCa)| {
            roots.iter().take(index).any(|earlier| earlier.facts.id == root.facts.id)
        };
        if roots.iter().enumerate().any(is_repeated) {
            self.note(&path, MemberFault::Repeated);
        }
        if roots.len() > MAX_ROOTS {
            self.note(&path, MemberFault::TooManyRoots);
        }
        roots
    }

    fn registration(&mut self, tree: Tree, host_name: Option<&str>) -> Option<FirstRegistration> {
        let path = self.path("registration");
        let mut members = self.object(&path, &format!("{path}."), tree, &REGISTRATION_MEMBERS)?;
        let name = self.optional(&mut members, &path, "applianceName");
        let cloud = self.optional(&mut members, &path, "cloud");
        let client = self.required(&mut members, &path, "clientId");
        let secret = self.required(&mut members, &path, "clientSecret");
        let location = self.optional(&mut members, &path, "resourceLocationId");
        let client = self.identifier(&path, "clientId", client);
        let secret = self.identifier(&path, "clientSecret", secret);
        let location = self.identifier(&path, "resourceLocationId", location);
        let name = self.appliance_name(&path, name, host_name);
        let cloud = cloud
            .map(|text| self.take(&format!("{path}.cloud"), CloudAddress::parse(text.expose())));
        Some(FirstRegistration {
            name: name?,
            cloud: cloud.flatten(),
            client: client?.expose().to_owned(),
            secret: secret?,
            location: location.map(|text| text.expose().to_owned()),
        })
    }

    fn appliance_name(
        &mut self,
        path: &str,
        name: Option<Secret>,
        host_name: Option<&str>,
    ) -> Option<Name> {
        let member = format!("{path}.applianceName");
        match name.as_ref().map(Secret::expose).or(host_name) {
            Some(text) => self.take(&member, Name::parse(text)),
            None => {
                self.note(&member, MemberFault::NoName);
                None
            }
        }
    }

    /// A text that a cloud has given and that is handed back as it is.
    fn identifier(&mut self, path: &str, name: &str, text: Option<Secret>) -> Option<Secret> {
        let text = text?;
        let plain = text.expose();
        let is_identifier = (1..=MAX_IDENTIFIER_BYTES).contains(&plain.len())
            && plain.trim() == plain
            && !plain.contains(char::is_control);
        if is_identifier {
            return Some(text);
        }
        let fault = MemberFault::NotAnIdentifier { limit: MAX_IDENTIFIER_BYTES };
        self.note(&format!("{path}.{name}"), fault);
        None
    }

    fn password_hash(&mut self, tree: Tree) -> Option<Secret> {
        let path = self.path("passwordHash");
        let hash = self.text(&path, tree)?;
        self.take(&path, password_hash::check(hash, self.hash_member()))
    }
}

/// The certificates of a PEM text, each with what stands in front of it.
fn split_certificates(text: &str) -> impl Iterator<Item = &str> {
    const END: &str = "-----END CERTIFICATE-----";
    let mut parts: Vec<_> = text.split_inclusive(END).collect();
    // What follows the last certificate is a line feed or a comment, unless a block begins there.
    if parts.len() > 1 && parts.last().is_some_and(|last| !last.contains("-----")) {
        parts.pop();
    }
    parts.into_iter()
}

/// The beginning of a name that came from outside, without control characters.
fn beginning(name: &str) -> String {
    let mut end = name.len().min(MAX_SHOWN_BYTES);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    name[..end].escape_debug().to_string()
}
