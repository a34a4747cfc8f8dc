//! The page *Network settings*, and the page after saving.

use askama::Template;
use model::network::{MAX_SERVERS, NetworkStatus, Origin};
use model::network_form::{FieldProblem, Method, NetworkField, NetworkForm};

use crate::frame::{Frame, FrameView};
use crate::password::{PasswordField, PasswordProblem};
use crate::texts::Texts;
use crate::texts::network_settings::NetworkSettingsTexts;
use crate::time;

/// The page. Posts `method` (`automatic` or `static`), `address`, `mask`, `gateway`, `dns1` to `dns8`,
/// `ntp1` to `ntp8`, `hostName`, `force`, `current` (the password), `csrf` and `action` to `/network-settings`;
/// `action` is `save`, or `add-dns`, `remove-ntp-2` and the like, which bring the form back with
/// another number of rows.
#[derive(Clone, Debug)]
pub struct EditNetwork {
    /// Common to all pages.
    pub frame: Frame,
    /// What stands in the fields; every row of a list is shown.
    pub form: NetworkForm,
    /// Whether servers that do not answer are to be saved.
    pub saves_silent_servers: bool,
    /// Fields to correct.
    pub problems: Vec<FieldProblem>,
    /// What is wrong with the password or with the form as a whole.
    pub refusal: Option<PasswordProblem>,
    /// The values in use.
    pub in_use: Option<NetworkStatus>,
}

/// The page after saving.
#[derive(Clone, Debug)]
pub struct NetworkSaved {
    /// Common to all pages; nobody is signed in any more.
    pub frame: Frame,
    /// Where the page will be; `None` when only the console knows.
    pub url: Option<String>,
}

/// Name of a field in the form, and its id on the page.
#[must_use]
pub fn network_field_name(field: NetworkField) -> String {
    match field {
        NetworkField::Address => "address".to_owned(),
        NetworkField::Mask => "mask".to_owned(),
        NetworkField::Gateway => "gateway".to_owned(),
        NetworkField::Dns(row) => format!("dns{}", row + 1),
        NetworkField::Ntp(row) => format!("ntp{}", row + 1),
        NetworkField::HostName => "hostName".to_owned(),
    }
}

/// One field as the template sees it.
#[derive(Debug)]
struct InputView<'a> {
    id: String,
    label: String,
    value: &'a str,
    hint: Option<String>,
    error: Option<String>,
}

impl InputView<'_> {
    /// Ids of the texts that describe the field.
    fn described_by(&self) -> String {
        let error = self.error.as_ref().map(|_| format!("{}-error", self.id));
        let hint = self.hint.as_ref().map(|_| format!("{}-hint", self.id));
        [error, hint].into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

/// A list of servers.
#[derive(Debug)]
struct ListView<'a> {
    name: &'static str,
    heading: &'static str,
    rows: Vec<(InputView<'a>, String)>,
    hint: Option<String>,
    /// Text of the button that adds a row, unless there are as many as are kept.
    add: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "network_settings.html")]
struct EditNetworkView<'a> {
    frame: FrameView<'a>,
    text: &'static NetworkSettingsTexts,
    is_static: bool,
    automatic_hint: String,
    address: InputView<'a>,
    mask: InputView<'a>,
    gateway: InputView<'a>,
    host_name: InputView<'a>,
    lists: Vec<ListView<'a>>,
    saves_silent_servers: bool,
    consequence: String,
    heading: Option<String>,
    problems: Vec<(Option<String>, String)>,
    password_error: Option<String>,
}

#[derive(Template)]
#[template(path = "network_saved.html")]
struct NetworkSavedView<'a> {
    frame: FrameView<'a>,
    text: &'static NetworkSettingsTexts,
    url: Option<&'a str>,
}

/// Renders *Network settings*.
#[must_use]
pub fn edit_network(page: &EditNetwork) -> String {
    let texts = Texts::of(page.frame.language);
    let text = &texts.network_settings;
    let frame = FrameView::new(&page.frame, text.title);
    let problems = problems(page, texts);
    let in_use = page.in_use.as_ref();
    let now = |value: Option<(String, Origin)>| {
        let now = value.map(|(value, origin)| (text.now)(&value, (texts.summary.origin)(origin)));
        Some(now.unwrap_or_else(|| text.now_none.to_owned()))
    };
    let of_address =
        in_use.and_then(|it| it.address.as_ref()).map(|it| (it.value.to_string(), it.origin));
    let of_gateway =
        in_use.and_then(|it| it.gateway.as_ref()).map(|it| (it.value.to_string(), it.origin));
    let of_name = in_use.map(|it| (it.host_name.value.clone(), it.host_name.origin));
    let form = &page.form;
    let input = |field, value, hint| input(page, text, field, value, hint);
    let host_name_hint = now(of_name).map(|now| (text.host_name_hint)(&now));
    crate::render(&EditNetworkView {
        frame: if problems.is_empty() { frame } else { frame.with_error() },
        text,
        is_static: form.method == Method::Static,
        automatic_hint: offer(in_use, text),
        address: input(NetworkField::Address, &form.address, now(of_address)),
        mask: input(NetworkField::Mask, &form.mask, Some(text.mask_hint.to_owned())),
        gateway: input(NetworkField::Gateway, &form.gateway, now(of_gateway)),
        host_name: input(NetworkField::HostName, &form.host_name, host_name_hint),
        lists: lists(page, texts, now),
        saves_silent_servers: page.saves_silent_servers,
        consequence: consequence(form, text),
        heading: (!page.problems.is_empty()).then(|| (text.not_changed)(page.problems.len())),
        problems,
        password_error: page
            .refusal
            .as_ref()
            .filter(|refusal| refusal.field() == Some(PasswordField::Current))
            .map(|refusal| words(texts, refusal)),
    })
}

/// Renders the page after saving.
#[must_use]
pub fn network_saved(page: &NetworkSaved) -> String {
    let text = &Texts::of(page.frame.language).network_settings;
    let frame = FrameView::new(&page.frame, text.saved_title);
    crate::render(&NetworkSavedView { frame, text, url: page.url.as_deref() })
}

fn words(texts: &Texts, refusal: &PasswordProblem) -> String {
    (texts.password.problem)(refusal, &time::duration(texts, refusal.wait_seconds()))
}

fn problems(page: &EditNetwork, texts: &Texts) -> Vec<(Option<String>, String)> {
    let text = &texts.network_settings;
    let refusal = page.refusal.as_ref().map(|refusal| {
        let field = refusal.field().map(|field| field.name().to_owned());
        (field, words(texts, refusal))
    });
    let fields = page.problems.iter().map(|FieldProblem { field, problem }| {
        let label = (text.label)(*field);
        let words = (text.problem_of)(&label, &(text.problem)(problem));
        (Some(network_field_name(*field)), words)
    });
    refusal.into_iter().chain(fields).collect()
}

fn input<'a>(
    page: &EditNetwork,
    text: &NetworkSettingsTexts,
    field: NetworkField,
    value: &'a str,
    hint: Option<String>,
) -> InputView<'a> {
    let problem = page.problems.iter().find(|problem| problem.field == field);
    InputView {
        id: network_field_name(field),
        label: (text.label)(field),
        value,
        hint,
        error: problem.map(|problem| (text.problem)(&problem.problem)),
    }
}

fn lists<'a>(
    page: &'a EditNetwork,
    texts: &Texts,
    now: impl Fn(Option<(String, Origin)>) -> Option<String>,
) -> Vec<ListView<'a>> {
    let text = &texts.network_settings;
    let list =
        |name, heading, add, rows: &'a [String], field: fn(usize) -> NetworkField, values| {
            let rows: Vec<_> = rows
                .iter()
                .enumerate()
                .map(|(row, value)| {
                    let view = input(page, text, field(row), value, None);
                    let remove = (text.remove)(&view.label);
                    (view, remove)
                })
                .collect();
            let add = (rows.len() < MAX_SERVERS).then_some(add);
            ListView { name, heading, rows, hint: now(values), add }
        };
    let in_use = page.in_use.as_ref();
    let dns = in_use.map(|it| {
        let servers: Vec<_> = it.dns.value.iter().map(ToString::to_string).collect();
        (servers, it.dns.origin)
    });
    let ntp = in_use.map(|it| (it.ntp.value.clone(), it.ntp.origin));
    let joined = |values: Option<(Vec<String>, Origin)>| {
        let values = values.filter(|(servers, _)| !servers.is_empty());
        values.map(|(servers, origin)| (servers.join(", "), origin))
    };
    let form = &page.form;
    vec![
        list("dns", text.dns, text.add_dns, &form.dns, NetworkField::Dns, joined(dns)),
        list("ntp", text.ntp, text.add_ntp, &form.ntp, NetworkField::Ntp, joined(ntp)),
    ]
}

/// What DHCP has given, when it has.
fn offer(in_use: Option<&NetworkStatus>, text: &NetworkSettingsTexts) -> String {
    let offer = in_use.and_then(|status| {
        let lease = status.lease.as_ref()?;
        let address = status.address.as_ref().filter(|it| it.origin == Origin::Dhcp)?;
        Some((text.automatic_offer)(&lease.server.to_string(), &address.value.to_string()))
    });
    offer.unwrap_or_else(|| text.automatic_hint.to_owned())
}

fn consequence(form: &NetworkForm, text: &NetworkSettingsTexts) -> String {
    let address = form.address.trim().parse::<std::net::Ipv4Addr>().ok();
    match address.filter(|_| form.method == Method::Static) {
        Some(address) => (text.consequence_at)(&format!("https://{address}")),
        None => text.consequence.to_owned(),
    }
}
