//! *Add a Connector Appliance*: where the images are, then the code, the details, the result.

use askama::Template;

use crate::amount;
use crate::form::Problems;
use crate::frame::{Frame, FrameView, Section};
use crate::texts::Texts;
use crate::texts::add_connector::AddConnectorTexts;
use crate::time;

/// What the appliance runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Platform {
    /// XenServer.
    XenServer,
    /// VMware ESXi.
    Esxi,
    /// Microsoft Hyper-V.
    HyperV,
    /// Nutanix AHV.
    Ahv,
    /// Microsoft Azure.
    Azure,
    /// Amazon Web Services.
    Aws,
    /// Google Cloud.
    GoogleCloud,
}

impl Platform {
    /// Every platform, in the order of the page.
    pub const ALL: [Self; 7] = [
        Self::XenServer,
        Self::Esxi,
        Self::HyperV,
        Self::Ahv,
        Self::Azure,
        Self::Aws,
        Self::GoogleCloud,
    ];

    /// Name of the product.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::XenServer => "XenServer",
            Self::Esxi => "VMware ESXi",
            Self::HyperV => "Microsoft Hyper-V",
            Self::Ahv => "Nutanix AHV",
            Self::Azure => "Microsoft Azure",
            Self::Aws => "Amazon Web Services",
            Self::GoogleCloud => "Google Cloud",
        }
    }

    /// Format of its image.
    #[must_use]
    pub const fn format(self) -> &'static str {
        match self {
            Self::XenServer => "XVA",
            Self::Esxi => "OVA",
            Self::HyperV => "ZIP (VHDX, PowerShell)",
            Self::Ahv => "VHDX",
            Self::Azure | Self::Aws => "ZIP (VHD, PowerShell)",
            Self::GoogleCloud => "ZIP (tar.gz, PowerShell)",
        }
    }

    /// Oldest version that is supported; empty where there are no versions.
    const fn versions(self) -> &'static str {
        match self {
            Self::XenServer => "8.2 CU1",
            Self::Esxi => "7 Update 2",
            Self::HyperV => "Windows Server 2016, 2019, 2022",
            _ => "",
        }
    }
}

/// An image that can be downloaded.
#[derive(Clone, Debug)]
pub struct Image {
    /// What it is for.
    pub platform: Platform,
    /// Address of the file: a path of this server or an `https://` address.
    pub url: String,
    /// Name of the file.
    pub file: String,
    /// Its size in bytes; `None` = not known.
    pub bytes: Option<u64>,
    /// Its SHA-256 in hexadecimal digits; empty = not known.
    pub sha256: String,
}

/// A resource location to choose.
#[derive(Clone, Debug)]
pub struct LocationChoice {
    /// The resource location ID.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// Why a code, or the appliance behind it, was not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CodeRefusal {
    /// It is empty or has not 8 characters.
    Malformed,
    /// No appliance shows it.
    Unknown,
    /// Its 15 minutes are over.
    Expired,
    /// It was used before.
    Used,
    /// Somebody has cancelled this appliance.
    Cancelled,
    /// The appliance does not answer over its own connection.
    NotReachable,
    /// Too many wrong codes were typed.
    TooManyAttempts {
        /// Seconds until the next one is looked at.
        wait_seconds: u64,
    },
    /// Another connector of the location has the name.
    NameTaken {
        /// The name.
        name: String,
    },
    /// A connector with the same key is registered: the machine is a copy.
    KeyTaken,
    /// The appliance asks for another location than the one that is chosen.
    OtherLocation,
    /// Its version is too old for this control plane.
    TooOld {
        /// The version of the appliance.
        version: String,
    },
    /// The location was deleted meanwhile, or none was chosen.
    LocationGone,
    /// The form was open for too long or comes from another session.
    FormExpired,
    /// It could not be stored.
    NotStored,
}

impl CodeRefusal {
    /// Id of the field to correct; `None` when it is none of them.
    #[must_use]
    pub const fn field(&self) -> Option<&'static str> {
        match self {
            Self::Malformed | Self::Unknown | Self::Expired | Self::Used | Self::Cancelled => {
                Some("code")
            }
            Self::LocationGone => Some("location"),
            _ => None,
        }
    }
}

/// What an appliance says about itself.
#[derive(Clone, Debug, Default)]
pub struct ApplianceDetails {
    /// What the form *Register* sends back to name the registration.
    pub registration: String,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its own addresses.
    pub addresses: Vec<String>,
    /// The address that its connection comes from.
    pub seen_from: String,
    /// SHA-256 of its key, as the appliance's own page shows it.
    pub key_fingerprint: String,
    /// The number that page and console show alike if nobody stands in between, such as
    /// `7KMD-2Q4T-XW3B-9ACE`.
    pub security_number: String,
    /// How long it took to answer, in milliseconds.
    pub answer_milliseconds: u64,
    /// Seconds until the code expires.
    pub seconds_left: u64,
}

/// How far it is.
#[derive(Clone, Debug, Default)]
pub enum AddStep {
    /// The code is asked for.
    #[default]
    Code,
    /// The appliance has answered, and its details are to be compared.
    Confirm(ApplianceDetails),
    /// It is registered.
    Registered {
        /// ID of the connector.
        id: String,
        /// Its name.
        name: String,
        /// Whether it is the only one of its location.
        is_single: bool,
    },
    /// It was not registered.
    Failed(CodeRefusal),
}

/// The page *Add a Connector Appliance*.
///
/// Shown by GET `/console/connectors/add?location=`. Posts `location`, `code` and `csrf` to
/// `/console/connectors/add` (*Confirm details*); `location`, `registration` and `csrf` to
/// `/console/connectors/add/register` (*Register*) or `/console/connectors/add/cancel` (*Cancel*).
#[derive(Clone, Debug, Default)]
pub struct AddConnector {
    /// Common to all pages.
    pub frame: Frame,
    /// The locations to choose from, in order.
    pub locations: Vec<LocationChoice>,
    /// ID of the location that is chosen; empty = none.
    pub location: String,
    /// What stands in the field for the code.
    pub code: String,
    /// The images that can be downloaded.
    pub images: Vec<Image>,
    /// Address of the terms of use; `None` = there are none.
    pub terms_url: Option<String>,
    /// How far it is.
    pub step: AddStep,
    /// Why the last code was not accepted; for [`AddStep::Code`].
    pub problem: Option<CodeRefusal>,
}

/// A row of the list of platforms.
struct PlatformView<'a> {
    platform: Platform,
    versions: &'static str,
    image: Option<&'a Image>,
    size: String,
}

#[derive(Template)]
#[template(path = "add_connector.html")]
struct AddConnectorView<'a> {
    frame: FrameView<'a>,
    text: &'static AddConnectorTexts,
    page: &'a AddConnector,
    heading: String,
    location_name: &'a str,
    platforms: Vec<PlatformView<'a>>,
    problems: Problems,
    answers: String,
    left: String,
    failure: Option<String>,
}

/// Renders *Add a Connector Appliance*.
#[must_use]
pub fn add_connector(page: &AddConnector) -> String {
    let texts = Texts::of(page.frame.language);
    let text = &texts.add_connector;
    let chosen = page.locations.iter().find(|location| location.id == page.location);
    let location_name = chosen.map(|location| location.name.as_str()).unwrap_or_default();
    let (answers, left) = match &page.step {
        AddStep::Confirm(details) => (
            (text.answers)(details.answer_milliseconds),
            time::duration(texts, details.seconds_left),
        ),
        _ => (String::new(), String::new()),
    };
    let failure = match &page.step {
        AddStep::Failed(refusal) => Some(words(texts, refusal)),
        _ => None,
    };
    let problem = page.problem.iter().map(|refusal| (refusal.field(), words(texts, refusal)));
    crate::render(&AddConnectorView {
        frame: FrameView::new(&page.frame, Some(Section::Connectors), text.title)
            .with_error(page.problem.is_some() || failure.is_some()),
        text,
        page,
        heading: (text.heading)(location_name),
        location_name,
        platforms: Platform::ALL.into_iter().map(|platform| row(page, platform)).collect(),
        problems: Problems::new(text.not_confirmed, problem),
        answers,
        left,
        failure,
    })
}

fn row(page: &AddConnector, platform: Platform) -> PlatformView<'_> {
    let image = page.images.iter().find(|image| image.platform == platform);
    let bytes = image.and_then(|image| image.bytes);
    PlatformView {
        platform,
        versions: platform.versions(),
        image,
        size: bytes.map(amount::bytes).unwrap_or_default(),
    }
}

fn words(texts: &Texts, refusal: &CodeRefusal) -> String {
    let wait = match refusal {
        CodeRefusal::TooManyAttempts { wait_seconds } => time::duration(texts, *wait_seconds),
        _ => String::new(),
    };
    (texts.add_connector.refusal)(refusal, &wait)
}
