//! Columns of a row by name. A column that does not have the expected type is damage.

use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::error::RegistryError;

/// Reads columns.
pub(crate) trait Columns {
    fn text(&self, name: &'static str) -> Result<String, RegistryError>;
    fn optional_text(&self, name: &'static str) -> Result<Option<String>, RegistryError>;
    fn number(&self, name: &'static str) -> Result<i64, RegistryError>;
    fn optional_number(&self, name: &'static str) -> Result<Option<i64>, RegistryError>;

    /// A number that is 0 or 1.
    fn flag(&self, name: &'static str) -> Result<bool, RegistryError> {
        Ok(self.number(name)? != 0)
    }

    /// A text that names one of some values.
    fn named<T>(
        &self,
        name: &'static str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<T, RegistryError> {
        read(&self.text(name)?).ok_or(RegistryError::Damaged(name))
    }
}

impl Columns for AnyRow {
    fn text(&self, name: &'static str) -> Result<String, RegistryError> {
        self.try_get(name).map_err(RegistryError::from)
    }

    fn optional_text(&self, name: &'static str) -> Result<Option<String>, RegistryError> {
        self.try_get(name).map_err(RegistryError::from)
    }

    fn number(&self, name: &'static str) -> Result<i64, RegistryError> {
        self.try_get(name).map_err(RegistryError::from)
    }

    fn optional_number(&self, name: &'static str) -> Result<Option<i64>, RegistryError> {
        self.try_get(name).map_err(RegistryError::from)
    }
}
