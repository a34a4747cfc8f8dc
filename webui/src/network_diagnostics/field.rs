//! A field of a form as the templates see it.

/// A field that is typed into.
#[derive(Debug)]
pub(crate) struct FieldView<'a> {
    /// Its id on the page.
    pub(crate) id: &'static str,
    /// Its name in the form.
    pub(crate) name: &'static str,
    pub(crate) label: &'static str,
    /// `(optional)`, unless it must be filled in.
    pub(crate) optional: Option<&'static str>,
    pub(crate) value: &'a str,
    pub(crate) hint: &'static str,
    pub(crate) error: Option<String>,
    /// Whether the keyboard of a telephone shows digits.
    pub(crate) is_number: bool,
}

impl FieldView<'_> {
    /// Ids of the texts that describe the field.
    pub(crate) fn described_by(&self) -> String {
        match self.error {
            Some(_) => format!("{0}-error {0}-hint", self.id),
            None => format!("{}-hint", self.id),
        }
    }
}

/// An entry of a list to choose from.
#[derive(Debug)]
pub(crate) struct OptionView {
    pub(crate) value: String,
    pub(crate) words: String,
    pub(crate) is_chosen: bool,
}
