//! Every page in every state, for the tests and the gallery.

use pages::{Access, Frame, Language, Menu, Right, SignedIn};

#[path = "access_states.rs"]
mod access_states;
#[path = "connector_states.rs"]
mod connector_states;
#[path = "location_states.rs"]
mod location_states;
#[path = "operation_states.rs"]
mod operation_states;
#[path = "precheck_states.rs"]
mod precheck_states;
#[path = "sign_in_states.rs"]
mod sign_in_states;
#[path = "web_server_states.rs"]
mod web_server_states;

/// 2026-11-20 10:04:18 UTC.
pub(crate) const NOW: i64 = 1_795_169_058;
pub(crate) const HOUR: i64 = 3600;
pub(crate) const DAY: i64 = 86_400;

/// A page that has been rendered.
pub(crate) struct Page {
    /// A name for files and messages.
    pub(crate) name: String,
    /// Its language.
    pub(crate) language: Language,
    /// The HTML.
    pub(crate) html: String,
}

/// Names and texts that pages show: sound ones, or hostile ones for every one of them.
#[derive(Clone, Copy)]
pub(crate) struct World {
    pub(crate) language: Language,
    pub(crate) hostile: Option<&'static str>,
}

impl World {
    /// A name, unless hostile ones are wanted.
    pub(crate) fn name(self, sound: &str) -> String {
        self.hostile.unwrap_or(sound).to_owned()
    }

    pub(crate) fn frame(self, path: &str) -> Frame {
        Frame {
            language: self.language,
            customer: self.name("Example Corp"),
            administrator: Some(SignedIn {
                name: self.name("Yuki Tanaka"),
                email: self.name("y.tanaka@example.com"),
                has_other_customers: true,
            }),
            csrf_token: Some(self.name("4fVq0Yl8mWk")),
            path: path.to_owned(),
            menu: Menu {
                single_locations: 1,
                silent_connectors: 1,
                failed_updates: 0,
                notifications: 3,
                ..Menu::default()
            },
        }
    }

    /// The frame before signing in.
    pub(crate) fn outside(self, path: &str) -> Frame {
        Frame { customer: String::new(), administrator: None, ..self.frame(path) }
    }
}

/// Two rights of custom access.
pub(crate) fn custom() -> Access {
    Access::Custom(vec![Right::ResourceLocations, Right::SystemLog])
}

/// Every page in every state, in one language.
pub(crate) fn all(language: Language) -> Vec<Page> {
    of(World { language, hostile: None })
}

/// Every page with the same hostile text wherever a person or a machine may put one.
pub(crate) fn hostile(language: Language, text: &'static str) -> Vec<Page> {
    of(World { language, hostile: Some(text) })
}

fn of(world: World) -> Vec<Page> {
    let mut list: Vec<(String, String)> = Vec::new();
    sign_in_states::add(world, &mut list);
    location_states::add(world, &mut list);
    web_server_states::add(world, &mut list);
    connector_states::add(world, &mut list);
    access_states::add(world, &mut list);
    operation_states::add(world, &mut list);
    let page = |(name, html)| Page { name, language: world.language, html };
    list.into_iter().map(page).collect()
}
