//! The product, and its properties: what the wizard of vSphere asks for. The machine gets them as its OVF environment,
//! in which a key has the class in front: `connector.name`. `platform::guest` reads them.

use std::fmt::Write as _;

use model::network_form::MAX_HOST_NAME_BYTES;
use model::product;

use super::escaped;

/// Something to be asked for.
struct Property {
    key: &'static str,
    label: &'static str,
    description: &'static str,
    /// Most characters; the standard has no other rule that allows an empty text.
    max_length: Option<usize>,
    /// It is not shown while it is typed, nor afterwards.
    is_hidden: bool,
}

/// There is none for a password: what a property holds is readable for administrators of the hypervisor and in the
/// machine, so it has to be a hash. The appliance refuses anything else.
const PROPERTIES: [Property; 6] = [
    Property {
        key: "name",
        label: "Host name",
        description: "Letters, digits and inner hyphens. May be left empty.",
        max_length: Some(MAX_HOST_NAME_BYTES),
        is_hidden: false,
    },
    Property {
        key: "network",
        label: "Network",
        description: "dhcp, or static:ip=10.0.0.5;netmask=255.255.255.0;route=10.0.0.1;dns=10.0.0.2,10.0.0.3;ntp=10.0.0.4 \
                      with addresses of your own. Empty: dhcp.",
        max_length: None,
        is_hidden: false,
    },
    Property {
        key: "proxies",
        label: "Web proxies",
        description: "host:port, several with commas between them, tried in this order; or a JSON list such as \
                      [{\"location\": \"proxy.example.com:8080\", \"userName\": \"...\", \"password\": \"...\"}], which whoever may see \
                      the properties of the machine can read. Empty: none.",
        max_length: None,
        is_hidden: false,
    },
    Property {
        key: "rootcas",
        label: "Root certificate authorities",
        description: "To be trusted besides the public ones: a file with certificates in PEM, encoded in Base64 without line breaks. \
                      Empty: none.",
        max_length: None,
        is_hidden: false,
    },
    Property {
        key: "registration",
        label: "Registration with the cloud",
        description: "A JSON object such as {\"applianceName\": \"...\", \"cloud\": \"cloud.example.com\", \
                      \"clientId\": \"...\", \"clientSecret\": \"...\", \"resourceLocationId\": \"...\"}, as it is or encoded in \
                      Base64. Empty: an administrator registers the appliance on its page.",
        max_length: None,
        is_hidden: true,
    },
    Property {
        key: "password-hash",
        label: "Hash of the administrator's password",
        description: "An argon2id hash such as $argon2id$v=19$m=19456,t=2,p=1$..., never the password itself, which the appliance \
                      refuses. Empty: whoever opens the page first sets the password.",
        max_length: Some(1024),
        is_hidden: true,
    },
];

/// The section of the description.
pub(super) fn section() -> String {
    format!(
        r#"<ProductSection ovf:class="connector" ovf:required="false">
      <Info>The product</Info>
      <Product>{name}</Product>
      <Vendor>{}</Vendor>
      <Version>{version}</Version>
      <FullVersion>{version}</FullVersion>
      <ProductUrl>{}</ProductUrl>
      <Category>First settings: read when the appliance starts for the first time</Category>{properties}
    </ProductSection>"#,
        escaped(product::VENDOR),
        escaped(product::DOWNLOAD_URL),
        name = escaped(product::NAME),
        version = product::VERSION,
        properties = PROPERTIES.iter().map(property).collect::<String>(),
    )
}

fn property(property: &Property) -> String {
    let Property { key, label, description, max_length, is_hidden } = property;
    let mut attributes = format!(r#"ovf:key="{key}" ovf:type="string""#);
    if let Some(length) = max_length {
        let _ = write!(attributes, r#" ovf:qualifiers="MaxLen({length})""#);
    }
    attributes += r#" ovf:userConfigurable="true""#;
    if *is_hidden {
        attributes += r#" ovf:password="true""#;
    }
    format!(
        "\n      <Property {attributes}>\n        <Label>{}</Label>\n        \
         <Description>{}</Description>\n      </Property>",
        escaped(label),
        escaped(description),
    )
}
