//! XML of platforms: small, in UTF-8, without a document type.

use roxmltree::{Document, Node, ParsingOptions};
use thiserror::Error;

/// Most elements, attributes apart, and texts of a document.
const MAX_NODES: u32 = 20_000;
/// Most bytes in which an XML declaration stands.
const MAX_DECLARATION_BYTES: usize = 200;

/// Why a document is not read. Quotes nothing of it, since it may hold secrets.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum XmlError {
    /// Longer than documents of this kind are.
    #[error("longer than {limit_bytes} bytes")]
    TooLarge {
        /// The limit.
        limit_bytes: usize,
    },
    /// Not UTF-8, or says that it is something else.
    #[error("not in UTF-8")]
    Encoding,
    /// It has a document type, with which entities are defined.
    #[error("has a document type (<!DOCTYPE>), which no document of a platform has")]
    DocumentType,
    /// More elements than documents of this kind have.
    #[error("has more than {MAX_NODES} elements")]
    TooManyNodes,
    /// Not well-formed.
    #[error("not well-formed in line {line}, column {column}")]
    Malformed {
        /// From 1.
        line: u32,
        /// From 1, in characters.
        column: u32,
    },
    /// Another document than was asked for.
    #[error("its outermost element is not {expected}")]
    WrongRoot {
        /// Name of the element that was to come.
        expected: &'static str,
    },
    /// An element lacks, or holds what it cannot.
    #[error("has no usable {element}")]
    Missing {
        /// Name of the element.
        element: &'static str,
    },
}

/// Checks what can be checked before parsing, and takes a byte order mark away.
pub(crate) fn text(bytes: &[u8], limit_bytes: usize) -> Result<&str, XmlError> {
    if bytes.len() > limit_bytes {
        return Err(XmlError::TooLarge { limit_bytes });
    }
    let text = str::from_utf8(bytes).map_err(|_| XmlError::Encoding)?;
    // VMware ends texts of RPCI with a zero at times.
    let text = text.trim_start_matches('\u{feff}').trim_end_matches('\0').trim();
    if is_declared_utf8(text) { Ok(text) } else { Err(XmlError::Encoding) }
}

/// Whether the XML declaration names UTF-8, or no encoding.
fn is_declared_utf8(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("<?xml") else { return true };
    let declaration = rest.split_once("?>").map_or("", |(declaration, _)| declaration);
    if declaration.len() > MAX_DECLARATION_BYTES {
        return false;
    }
    let Some((_, encoding)) = declaration.split_once("encoding") else { return true };
    let name = encoding.trim_matches(|it: char| it.is_whitespace() || "='\"".contains(it));
    let name: String = name.chars().take_while(|it| !"'\"".contains(*it)).collect();
    name.eq_ignore_ascii_case("utf-8") || name.eq_ignore_ascii_case("us-ascii")
}

/// Parses a text of [`text`] whose outermost element has this name, in whatever name space.
pub(crate) fn parse<'a>(text: &'a str, root: &'static str) -> Result<Document<'a>, XmlError> {
    let options = ParsingOptions { allow_dtd: false, nodes_limit: MAX_NODES, ..Default::default() };
    let document = Document::parse_with_options(text, options).map_err(|error| match error {
        roxmltree::Error::DtdDetected => XmlError::DocumentType,
        roxmltree::Error::NodesLimitReached => XmlError::TooManyNodes,
        error => {
            let position = error.pos();
            XmlError::Malformed { line: position.row, column: position.col }
        }
    })?;
    if document.root_element().tag_name().name() == root {
        Ok(document)
    } else {
        Err(XmlError::WrongRoot { expected: root })
    }
}

/// The first child element with a name.
pub(crate) fn child<'a, 'input>(
    node: Node<'a, 'input>,
    name: &'static str,
) -> Result<Node<'a, 'input>, XmlError> {
    node.children()
        .find(|child| child.is_element() && child.tag_name().name() == name)
        .ok_or(XmlError::Missing { element: name })
}

/// A text as content of an element or of an attribute: XML's own characters are escaped, those that XML
/// cannot hold are left out.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            '\t' | '\n' => escaped.push(character),
            '\u{fffe}' | '\u{ffff}' => {}
            other if other.is_control() => {}
            other => escaped.push(other),
        }
    }
    escaped
}
