//! A reader of HTML that is strict where browsers are forgiving, and knows only what our pages use.
#![forbid(unsafe_code)]

/// Elements without an end tag.
const VOID: [&str; 5] = ["br", "input", "link", "meta", "wbr"];

/// A start tag.
#[derive(Debug)]
pub struct Element {
    /// Name of the element.
    pub name: String,
    /// Attributes in order; one without value has an empty one.
    pub attributes: Vec<(String, String)>,
}

impl Element {
    /// The value of an attribute.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// A page taken apart.
#[derive(Debug, Default)]
pub struct Document {
    /// Every start tag in order.
    pub elements: Vec<Element>,
    /// Every text that is not only white space, with the language it is marked with.
    pub texts: Vec<(String, String)>,
}

impl Document {
    /// All elements of a name.
    #[must_use]
    pub fn named(&self, name: &str) -> Vec<&Element> {
        self.elements.iter().filter(|element| element.name == name).collect()
    }
}

/// Takes a page apart.
///
/// # Errors
///
/// Says what is malformed: unknown end tags, unclosed elements, attributes without quotes, bare `<`
/// or `&`.
pub fn parse(html: &str) -> Result<Document, String> {
    let mut document = Document::default();
    let mut open: Vec<(String, String)> = Vec::new();
    let mut rest = html.trim_start();
    rest = rest.strip_prefix("<!doctype html>").unwrap_or(rest);
    while !rest.is_empty() {
        let (text, after) = rest.split_at(rest.find('<').unwrap_or(rest.len()));
        if !text.trim().is_empty() {
            check_references(text)?;
            let language = open.last().map(|(_, language)| language.clone()).unwrap_or_default();
            document.texts.push((text.trim().to_owned(), language));
        }
        let Some(after) = after.strip_prefix('<') else { break };
        let (tag, following) = tag(after)?;
        rest = following;
        if let Some(name) = tag.strip_prefix('/') {
            match open.pop() {
                Some((expected, _)) if expected == name => {}
                other => return Err(format!("</{name}> closes {other:?}")),
            }
            continue;
        }
        let is_closed = tag.ends_with('/');
        let element = element(tag.trim_end_matches('/'))?;
        if !is_closed && !VOID.contains(&element.name.as_str()) {
            let inherited = open.last().map(|(_, language)| language.clone()).unwrap_or_default();
            let language = element.attribute("lang").map_or(inherited, str::to_owned);
            open.push((element.name.clone(), language));
        }
        document.elements.push(element);
    }
    if open.is_empty() { Ok(document) } else { Err(format!("left open: {open:?}")) }
}

/// The text of a tag and what follows it; a `>` in quotes does not end the tag.
fn tag(text: &str) -> Result<(&str, &str), String> {
    let mut is_quoted = false;
    for (index, character) in text.char_indices() {
        match character {
            '"' => is_quoted = !is_quoted,
            '<' if !is_quoted => break,
            '>' if !is_quoted => return Ok((&text[..index], &text[index + 1..])),
            _ => {}
        }
    }
    Err(format!("a tag without end: {:.60}", text))
}

fn element(tag: &str) -> Result<Element, String> {
    let name_end = tag.find(char::is_whitespace).unwrap_or(tag.len());
    let (name, mut rest) = tag.split_at(name_end);
    if name.is_empty()
        || !name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    {
        return Err(format!("no element name: {tag:.60}"));
    }
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return Ok(Element { name: name.to_owned(), attributes });
        }
        let key_end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
        let (key, after) = rest.split_at(key_end);
        let value = match after.strip_prefix("=\"") {
            Some(quoted) => {
                let end = quoted.find('"').ok_or_else(|| format!("quote left open: {tag:.60}"))?;
                rest = &quoted[end + 1..];
                &quoted[..end]
            }
            None if after.starts_with('=') => {
                return Err(format!("{key} has no quotes: {tag:.60}"));
            }
            None => {
                rest = after;
                ""
            }
        };
        check_references(value)?;
        if attributes.iter().any(|(known, _)| known == key) {
            return Err(format!("{key} stands twice: {tag:.60}"));
        }
        attributes.push((key.to_owned(), value.to_owned()));
    }
}

/// Every `&` must begin a character reference.
fn check_references(text: &str) -> Result<(), String> {
    for (index, _) in text.match_indices('&') {
        let reference = &text[index + 1..];
        let end = reference.find(';').ok_or_else(|| format!("a bare & in {text:.60}"))?;
        if !reference[..end].bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'#') {
            return Err(format!("a bare & in {text:.60}"));
        }
    }
    Ok(())
}
