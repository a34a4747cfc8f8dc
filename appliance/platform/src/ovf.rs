//! The OVF environment (DMTF DSP0243, section 9): what vSphere hands over as `guestinfo.ovfEnv`, and on
//! a CD as `ovf-env.xml`.

use model::secret::Secret;
use roxmltree::Node;

use crate::guest::{FirstSettings, FirstSettingsError};
use crate::xml::{self, XmlError};

/// Longest environment in bytes; one of ours has a few kilobytes.
pub const MAX_BYTES: usize = 1024 * 1024;

/// An environment.
#[derive(Clone, Debug)]
pub struct Environment {
    /// What has made it, such as `VMware ESXi`.
    pub kind: Option<String>,
    properties: Vec<(String, Secret)>,
}

impl Environment {
    /// Reads the XML. Properties of other machines of the same vApp are left out.
    ///
    /// # Errors
    ///
    /// [`XmlError`] says what it is not.
    pub fn parse(bytes: &[u8]) -> Result<Self, XmlError> {
        let document = xml::parse(xml::text(bytes, MAX_BYTES)?, "Environment")?;
        let root = document.root_element();
        let kind = xml::child(root, "PlatformSection")
            .and_then(|section| xml::child(section, "Kind"))
            .ok()
            .and_then(|kind| kind.text())
            .map(|kind| kind.trim().to_owned());
        let sections = root.children().filter(|child| child.tag_name().name() == "PropertySection");
        let properties = sections.flat_map(|section| section.children()).filter_map(property);
        Ok(Self { kind, properties: properties.collect() })
    }

    /// The properties of this machine, in order: key and value.
    pub fn properties(&self) -> impl Iterator<Item = (&str, &Secret)> {
        self.properties.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// The first settings in the properties.
    ///
    /// # Errors
    ///
    /// As [`FirstSettings::from_properties`].
    pub fn first_settings(&self) -> Result<FirstSettings, FirstSettingsError> {
        let properties = self.properties().map(|(key, value)| (key, value.expose()));
        FirstSettings::from_properties(properties)
    }
}

fn property(node: Node<'_, '_>) -> Option<(String, Secret)> {
    if node.tag_name().name() != "Property" {
        return None;
    }
    // The attributes are in the name space of the environment; older tools leave it out.
    let attribute = |name: &str| {
        let found = node.attributes().find(|attribute| attribute.name() == name);
        found.map(|attribute| attribute.value().to_owned())
    };
    Some((attribute("key")?, Secret::new(attribute("value")?)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// After the form that vCenter 6.7 gives it; written by hand.
    const VSPHERE: &str = include_str!("ovf/samples/vsphere.xml");

    #[test]
    fn reads_the_properties_of_this_machine_only() {
        let environment = Environment::parse(VSPHERE.as_bytes()).unwrap();
        assert_eq!(environment.kind.as_deref(), Some("VMware ESXi"));
        let keys: Vec<_> = environment.properties().map(|(key, _)| key).collect();
        assert_eq!(
            keys,
            ["connector.name", "connector.network", "connector.registration", "connector.rootcas"]
        );
        let settings = environment.first_settings().unwrap();
        assert_eq!(settings.name.as_deref(), Some("tokyo-1"));
        assert_eq!(settings.registration.unwrap().secret.expose(), "hunter2 & \"more\"");
        assert!(!format!("{environment:?}").contains("hunter2"));
    }

    #[test]
    fn refuses_document_types_and_what_they_could_expand() {
        let bomb = r#"<?xml version="1.0"?><!DOCTYPE e [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>
            <Environment><PropertySection>&b;</PropertySection></Environment>"#;
        assert_eq!(Environment::parse(bomb.as_bytes()).unwrap_err(), XmlError::DocumentType);
        let entity = "<Environment>&a;</Environment>";
        let error = Environment::parse(entity.as_bytes()).unwrap_err();
        assert!(matches!(error, XmlError::Malformed { .. }), "{error:?}");
    }

    #[test]
    fn refuses_what_is_too_long_too_deep_or_too_much() {
        let long = vec![b' '; 10 * 1024 * 1024];
        let limit_bytes = MAX_BYTES;
        assert_eq!(Environment::parse(&long).unwrap_err(), XmlError::TooLarge { limit_bytes });
        let many = format!("<Environment>{}</Environment>", "<a/>".repeat(25_000));
        assert_eq!(Environment::parse(many.as_bytes()).unwrap_err(), XmlError::TooManyNodes);
        // Deeper than a stack would be; it ends in an error or an answer, not in an overflow.
        let deep = "<a>".repeat(300_000);
        assert!(Environment::parse(deep.as_bytes()).is_err());
        let deep =
            format!("<Environment>{}{}</Environment>", "<a>".repeat(9_000), "</a>".repeat(9_000));
        let _ = Environment::parse(deep.as_bytes());
    }

    #[test]
    fn refuses_other_encodings() {
        let utf16: Vec<u8> = VSPHERE.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let declared = VSPHERE.replace("UTF-8", "ISO-8859-1");
        let latin1 = [VSPHERE.as_bytes(), b"<!-- \xe9 -->"].concat();
        for bytes in [utf16.as_slice(), declared.as_bytes(), &latin1] {
            let error = Environment::parse(bytes).unwrap_err();
            assert!(matches!(error, XmlError::Encoding | XmlError::Malformed { .. }), "{error:?}");
        }
        let marked = format!("\u{feff}{VSPHERE}\0");
        assert!(Environment::parse(marked.as_bytes()).is_ok());
    }

    #[test]
    fn says_what_is_wrong_without_quoting_it() {
        let error = Environment::parse(b"<Environment>\n</hunter2>").unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
        assert!(error.to_string().contains("line 2"), "{error}");
        let error = Environment::parse(b"<Envelope/>").unwrap_err();
        assert_eq!(error, XmlError::WrongRoot { expected: "Environment" });
    }

    proptest! {
        #[test]
        fn whatever_comes_is_read_or_refused(at in 0..2000_usize, byte: u8, text in "\\PC{0,100}") {
            let mut changed = VSPHERE.as_bytes().to_vec();
            let at = at % changed.len();
            changed[at] = byte;
            let _ = Environment::parse(&changed);
            let _ = Environment::parse(&VSPHERE.as_bytes()[..at]);
            let _ = Environment::parse(text.as_bytes());
        }

        #[test]
        fn every_value_survives_escaping(value in "[ -~\u{a0}-\u{d7ff}]{0,60}") {
            let document = format!(
                r#"<Environment><PropertySection><Property key="k" value="{}"/></PropertySection></Environment>"#,
                xml::escape(&value)
            );
            let environment = Environment::parse(document.as_bytes()).unwrap();
            let (_, read) = environment.properties().next().unwrap();
            prop_assert_eq!(read.expose(), value);
        }
    }
}
