//! First settings with the place where they were found, on their way to the settings role.

use model::guest::{FirstProxy, FirstSource, FirstValues};
use platform::guest::{FirstRegistration, FirstSettings};

/// First settings that are not empty.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) source: FirstSource,
    pub(crate) settings: FirstSettings,
}

impl Found {
    /// `None` when nothing was told.
    pub(crate) fn new(source: FirstSource, settings: FirstSettings) -> Option<Self> {
        (!settings.is_empty()).then_some(Self { source, settings })
    }

    /// What the settings role stores, and what is left to be done by this one.
    pub(crate) fn split(self) -> (FirstValues, Option<FirstRegistration>) {
        let FirstSettings { name, network, proxies, roots, registration, password_hash } =
            self.settings;
        let proxies = proxies.into_iter().map(|proxy| {
            let (user_name, password) = proxy.credentials.unzip();
            FirstProxy { location: proxy.location, user_name, password }
        });
        let values = FirstValues {
            source: self.source,
            host_name: name,
            network,
            proxies: proxies.collect(),
            roots,
            password_hash,
            registers: registration.is_some(),
        };
        (values, registration)
    }
}
